#include "core/db/migrate.hpp"

#include "core/base/embedded.hpp"
#include "core/db/backup.hpp"
#include "core/db/connection.hpp"
#include "core/db/transaction.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace core::db {
namespace {

int version_of(connection& c, const clock& time) {
    read_view view(c, time);
    if (view.query_number(
            R"sql(SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version')sql") ==
        0) {
        if (view.query_number(R"sql(SELECT count(*) FROM sqlite_master)sql") != 0)
            throw db_error(SQLITE_NOTADB, "this database was not made by qiangjian");
        return 0;
    }
    return static_cast<int>(view.query_number("SELECT coalesce(max(version), 0) FROM schema_version"));
}

void apply(connection& c, const migration& m, const clock& time) {
    c.run("BEGIN IMMEDIATE");
    try {
        c.run(m.sql);
        statement insert(c.handle(),
                         "INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3)");
        insert.bind_all(m.version, m.name, time.now());
        insert.step();
        insert.reset();
        c.run("COMMIT");
    } catch (const db_error& e) {
        if (c.in_transaction()) c.run("ROLLBACK");
        throw db_error(e.code(), std::string(m.name) + ": " + e.what());
    }
}

std::string four_digits(int n) {
    std::string s = std::to_string(n);
    return std::string(4 - std::min<std::size_t>(4, s.size()), '0') + s;
}

} // namespace

std::vector<migration> known_migrations() {
    std::vector<migration> found;
    for (const auto& file : embedded_files()) {
        constexpr std::string_view folder = "schema/";
        if (!file.name.starts_with(folder) || !file.name.ends_with(".sql")) continue;
        const std::string_view name = file.name.substr(folder.size());
        int version = 0;
        const auto [end, failed] = std::from_chars(name.data(), name.data() + 4, version);
        if (failed != std::errc() || end != name.data() + 4 || name.find('/') != std::string_view::npos)
            continue;
        found.push_back({version, name, file.bytes});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i].version != static_cast<int>(i) + 1)
            throw std::logic_error("migrations have a gap before " + std::string(found[i].name));
    return found;
}

schema_state inspect_schema(const std::filesystem::path& file) {
    schema_state state;
    state.newest = known_migrations().back().version;
    if (!std::filesystem::exists(file)) return state;
    connection c(file, access::read_only);
    state.version = version_of(c, machine_clock());
    return state;
}

std::vector<std::string> migrate(const std::filesystem::path& file, const clock& time) {
    const auto state = inspect_schema(file);
    if (state.is_newer())
        throw db_error(SQLITE_SCHEMA, "the database is of version " + std::to_string(state.version) +
                                          ", this program knows " + std::to_string(state.newest) +
                                          ": use the newer program");
    std::vector<std::string> applied;
    if (state.is_current()) return applied;
    if (state.version > 0) backup_to(file, file.string() + ".before-" + four_digits(state.newest));
    connection c(file, access::read_write);
    for (const auto& m : known_migrations()) {
        if (m.version <= state.version) continue;
        apply(c, m, time);
        applied.emplace_back(m.name);
    }
    return applied;
}

} // namespace core::db
