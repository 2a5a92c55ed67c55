// The plans of the statements in a store's source, as SQLite makes them over the real schema.
#pragma once
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace tests {

// `see(sql, step)` for every step of every SELECT in `source` (a path in the repository); how many
// statements.
template<typename F>
int walk_query_plans(const std::string& database, const char* source, F see) {
    std::ifstream in(std::filesystem::path(SOURCE_DIR) / source, std::ios::binary);
    std::ostringstream read;
    read << in.rdbuf();
    const auto text = read.str();
    sqlite3* base = nullptr;
    REQUIRE(sqlite3_open_v2(database.c_str(), &base, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    int looked_at = 0;
    for (auto at = text.find("R\"sql("); at != std::string::npos; at = text.find("R\"sql(", at + 1)) {
        const auto sql = text.substr(at + 6, text.find(")sql\"", at) - at - 6);
        if (!sql.starts_with("SELECT")) continue;
        CAPTURE(sql);
        sqlite3_stmt* plan = nullptr;
        const auto asked = "EXPLAIN QUERY PLAN " + sql;
        REQUIRE(sqlite3_prepare_v2(base, asked.c_str(), -1, &plan, nullptr) == SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const std::string step(reinterpret_cast<const char*>(sqlite3_column_text(plan, 3)));
            CAPTURE(step);
            see(sql, step);
        }
        sqlite3_finalize(plan);
        ++looked_at;
    }
    sqlite3_close(base);
    return looked_at;
}

} // namespace tests
