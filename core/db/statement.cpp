#include "core/db/statement.hpp"

#include "core/db/connection.hpp"

#include <sqlite3.h>

namespace core::db {

bool row::is_null(int c) const {
    return sqlite3_column_type(statement_, c) == SQLITE_NULL;
}
std::int64_t row::number(int c) const {
    return sqlite3_column_int64(statement_, c);
}

std::string_view row::view(int c) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, c));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, c))};
}

std::string row::text(int c) const {
    return std::string(view(c));
}

std::string row::blob(int c) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, c));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, c))};
}

std::optional<std::int64_t> row::maybe_number(int c) const {
    if (is_null(c)) return std::nullopt;
    return number(c);
}

std::optional<std::string> row::maybe_text(int c) const {
    if (is_null(c)) return std::nullopt;
    return text(c);
}

std::optional<instant> row::maybe_time(int c) const {
    if (is_null(c)) return std::nullopt;
    return time(c);
}

std::optional<date> row::maybe_date(int c) const {
    return is_null(c) ? std::nullopt : parse_date(view(c));
}

statement::statement(sqlite3* connection, std::string_view sql) : connection_(connection) {
    check(sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &statement_, nullptr));
    if (statement_ == nullptr) throw db_error(SQLITE_MISUSE, "empty SQL statement");
    parameters_ = sqlite3_bind_parameter_count(statement_);
    read_only_ = sqlite3_stmt_readonly(statement_) != 0;
    // $1, $2 … are names to SQLite, numbered by first appearance: insist that they appear in order.
    for (int i = 1; i <= parameters_; ++i)
        if (std::string_view(sqlite3_bind_parameter_name(statement_, i)) != "$" + std::to_string(i))
            throw db_error(SQLITE_MISUSE, "parameters out of order in: " + std::string(sql));
}

statement::~statement() {
    sqlite3_finalize(statement_);
}

bool statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    check(code);
    return false;
}

void statement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

void statement::bind(int n, std::int64_t v) {
    check(sqlite3_bind_int64(statement_, n, v));
}

void statement::bind(int n, std::string_view v) {
    static constexpr char nothing[] = "";
    const char* data = v.data() == nullptr ? nothing : v.data();
    check(sqlite3_bind_text64(statement_, n, data, v.size(), copies_text_ ? SQLITE_TRANSIENT : SQLITE_STATIC,
                              SQLITE_UTF8));
}

void statement::bind(int n, blob_view v) {
    check(sqlite3_bind_blob64(statement_, n, v.bytes.data() == nullptr ? "" : v.bytes.data(), v.bytes.size(),
                              copies_text_ ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void statement::bind(int n, date v) {
    const std::string s = to_text(v);
    check(sqlite3_bind_text64(statement_, n, s.data(), s.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void statement::bind(int n, std::nullopt_t) {
    check(sqlite3_bind_null(statement_, n));
}

void statement::expect_parameters(int n) const {
    if (n != parameters_)
        throw db_error(SQLITE_MISUSE, "bound " + std::to_string(n) + " of " + std::to_string(parameters_) +
                                          " parameters in: " + sqlite3_sql(statement_));
}

void statement::check(int code) const {
    if (code == SQLITE_OK) return;
    std::string what = sqlite3_errmsg(connection_);
    if (statement_ != nullptr) what.append(" in: ").append(sqlite3_sql(statement_));
    throw db_error(sqlite3_extended_errcode(connection_), what);
}

} // namespace core::db
