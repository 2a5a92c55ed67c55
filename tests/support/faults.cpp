#include "tests/support/faults.hpp"

#include "core/db/connection.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tests {
namespace {

using core::db::read_view;

constexpr std::array<std::string_view, 7> reference = {"region",         "catalogue_version", "catalogue_row",
                                                       "holiday",        "schema_version",    "sqlite_stat1",
                                                       "sqlite_sequence"};

std::vector<std::string> texts(read_view& view, const std::string& sql) {
    std::vector<std::string> all;
    for (const auto r : view.query(sql))
        all.push_back(r.text(0));
    return all;
}

// Put together inside SQLite: a row at a time through here would take most of a test's time.
std::string rows_of(read_view& view, const std::string& table) {
    std::string columns;
    for (const auto& name : texts(view, "SELECT name FROM pragma_table_info('" + table + "')"))
        columns += (columns.empty() ? "quote(" : " || ',' || quote(") + name + ")";
    return texts(view, "SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT " + columns +
                           " AS line FROM " + table + ")")
        .front();
}

} // namespace

std::map<std::string, std::string> content_of(world& w) {
    return w.read([](read_view& view) {
        std::map<std::string, std::string> all;
        for (const auto& table : texts(view, "SELECT name FROM sqlite_master WHERE type = 'table'"
                                             " AND sql NOT LIKE 'CREATE VIRTUAL%'"))
            if (std::find(reference.begin(), reference.end(), table) == reference.end())
                all[table] = rows_of(view, table);
        return all;
    });
}

int for_every_fault(world& w, const attempt& verb) {
    const auto before = content_of(w);
    for (int k = 1;; ++k) {
        REQUIRE_MESSAGE(k < 20'000, "the verb never gets through");
        w.db().fail_after(k);
        bool failed = false;
        core::result<> answer;
        try {
            answer = w.write(verb);
        } catch (const core::db::db_error&) {
            failed = true;
        }
        const bool in_time = w.db().is_fault_pending();
        w.db().fail_after(0);
        if (failed) {
            const bool unchanged = content_of(w) == before;
            CHECK_MESSAGE(unchanged, "statement " << k << " failed, and something was changed");
            continue;
        }
        CHECK_MESSAGE(in_time, "statement " << k << " failed, and the verb went on");
        REQUIRE_MESSAGE(answer.has_value(), "refused: " << answer.error().detail);
        return k - 1;
    }
}

core::result<> run_committing(world& w, const attempt& verb) {
    core::result<> answer;
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         answer = verb(tx);
         return {};
     }).value();
    return answer;
}

} // namespace tests
