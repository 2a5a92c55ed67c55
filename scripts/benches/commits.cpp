// Commits per second: one transaction each, against write() with 64 waiting callers (group commit).
#include "core/db/database.hpp"
#include "core/db/migrate.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

double run(core::db::database& db, int callers, std::chrono::milliseconds length) {
    std::atomic<bool> stop = false;
    std::atomic<long> done = 0;
    const auto begun = clock_type::now();
    std::vector<std::jthread> threads;
    for (int i = 0; i < callers; ++i)
        threads.emplace_back([&] {
            while (!stop) {
                (void)db.write([](core::db::write_tx& tx) -> core::result<> {
                    const auto id = tx.new_id();
                    tx.exec(
                        R"sql(INSERT INTO outbox (id, at, kind, subject_kind, subject_id, applicant_id, institution_id, login_id,
                                    to_company, to_staff, urgency, facts)
                                  VALUES ($1, $2, 'bench', 'order', $3, 0, 0, 0, 1, 0, 1, '{}'))sql",
                        id, tx.now(), id);
                    tx.exec(R"sql(INSERT INTO outbox_pending (outbox_id, urgency) VALUES ($1, 1))sql", id);
                    return {};
                });
                ++done;
            }
        });
    std::this_thread::sleep_for(length);
    stop = true;
    threads.clear();
    return static_cast<double>(done) / std::chrono::duration<double>(clock_type::now() - begun).count();
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const auto file = folder / "bench-commits.db";
    const core::machine_clock time;
    core::db::migrate(file, time);
    {
        core::db::database db({.file = file}, time);
        const std::chrono::milliseconds length(3000);
        run(db, 1, std::chrono::milliseconds(500));
        const double alone = run(db, 1, length);
        std::printf("%-26s %8.0f commits/s\n", "one caller", alone);
        for (const int callers : {4, 16, 64}) {
            const double many = run(db, callers, length);
            std::printf("%2d %-23s %8.0f commits/s   %.1f times one caller\n", callers, "waiting callers",
                        many, many / alone);
        }
    }
    for (const char* tail : {"", "-wal", "-shm", ".lock"})
        std::filesystem::remove(file.string() + tail);
}
