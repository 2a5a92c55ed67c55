#include "core/db/connection.hpp"

#include <sqlite3.h>

namespace core::db {

bool db_error::is_constraint() const {
    return (code_ & 0xff) == SQLITE_CONSTRAINT;
}
bool db_error::is_full() const {
    return (code_ & 0xff) == SQLITE_FULL;
}

connection::connection(const std::filesystem::path& file, access a) {
    const int flags =
        (a == access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE) |
        SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        const std::string why = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
        sqlite3_close(handle_);
        throw db_error(code, "cannot open " + file.string() + ": " + why);
    }
    sqlite3_extended_result_codes(handle_, 1);
    try {
        run("PRAGMA busy_timeout = 5000");
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = FULL");
        run("PRAGMA foreign_keys = ON");
        run("PRAGMA trusted_schema = OFF");
        if (a == access::read_only) run("PRAGMA query_only = ON");
    } catch (...) {
        sqlite3_close(handle_);
        throw;
    }
}

connection::~connection() {
    statements_.clear();
    sqlite3_close(handle_);
}

statement& connection::prepared(std::string_view sql) {
    if (fail_after_ > 0 && --fail_after_ == 0)
        throw db_error(SQLITE_IOERR, "a fault asked for, before: " + std::string(sql));
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return *found->second;
    auto made = std::make_unique<statement>(handle_, sql);
    return *statements_.emplace(std::string(sql), std::move(made)).first->second;
}

void connection::run(std::string_view sql) {
    char* message = nullptr;
    const std::string text(sql);
    const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, &message);
    if (code == SQLITE_OK) return;
    std::string why = message == nullptr ? sqlite3_errstr(code) : message;
    sqlite3_free(message);
    throw db_error(sqlite3_extended_errcode(handle_), why);
}

int connection::changes() const {
    return sqlite3_changes(handle_);
}
bool connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

} // namespace core::db
