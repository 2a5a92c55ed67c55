// The audit chain of 1,000,000 rows: how long appending takes, and how long until `audit verify` names a bad
// row at its very end (guarantees S13: at most 10 s). One more list as the log page asks for it.
#include "core/journal/audit.hpp"
#include "core/db/database.hpp"
#include "core/db/migrate.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point begun) {
    return std::chrono::duration<double>(clock_type::now() - begun).count();
}

core::actor person(int n) {
    core::actor who;
    who.kind = core::actor_kind::staff;
    who.login_id = 1000 + n % 200;
    who.institution_id = 1 + n % 40;
    who.name = "郭鹏";
    who.source = "203.0.113.5";
    who.request_id = "f3a9c1d2";
    return who;
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const int rows = argc > 2 ? std::atoi(argv[2]) : 1'000'000;
    const auto file = folder / "bench-audit.db";
    const core::machine_clock time;
    core::db::migrate(file, time);
    core::db::database db({.file = file}, time);
    auto begun = clock_type::now();
    for (int done = 0; done < rows; done += 10'000)
        (void)db.write([&](core::db::write_tx& tx) -> core::result<> {
            for (int n = done; n < std::min(rows, done + 10'000); ++n)
                core::audit::append(tx, person(n),
                                    {.verb = "confirm",
                                     .subject_kind = "order",
                                     .subject_id = n,
                                     .before = core::value::object().set("status", "pending"),
                                     .after = core::value::object().set("status", "confirmed"),
                                     .applicant_id = 1 + n % 5000,
                                     .institution_id = 1 + n % 40});
            return {};
        });
    std::printf("%-44s %8.1f s\n", "append", seconds_since(begun));
    begun = clock_type::now();
    const bool sound = !db.read([](core::db::read_view& v) { return core::audit::find_broken(v); });
    std::printf("%-44s %8.1f s\n", sound ? "verify, sound" : "verify: BROKEN", seconds_since(begun));
    (void)db.write([](core::db::write_tx& tx) -> core::result<> {
        tx.exec(R"sql(DROP TRIGGER audit_keeps_rows)sql");
        tx.exec(R"sql(UPDATE audit SET note = 'x' WHERE id = (SELECT max(id) FROM audit))sql");
        return {};
    });
    begun = clock_type::now();
    const auto bad = db.read([](core::db::read_view& v) { return core::audit::find_broken(v); });
    std::printf("%-44s %8.1f s\n", bad ? "verify, the last row altered: named" : "NOT FOUND",
                seconds_since(begun));
    const core::actor admin = [] {
        core::actor who = person(0);
        who.roles = {core::role::institution_admin};
        return who;
    }();
    double worst = 0;
    std::optional<core::audit::entry_key> key;
    for (int page = 0; page < 200; ++page) {
        begun = clock_type::now();
        const auto some =
            db.read([&](core::db::read_view& v) { return core::audit::list_entries(v, admin, {}, key, 50); });
        worst = std::max(worst, seconds_since(begun));
        if (some.empty()) break;
        key = core::audit::entry_key{core::to_ms(some.back().at), some.back().id};
    }
    std::printf("%-44s %8.2f ms\n", "log page of an institution, worst of 200", worst * 1000);
    return sound && bad ? 0 : 1;
}
