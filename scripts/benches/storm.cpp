// The booking storm: 64 callers at once on one period of 10 orders, in a base of 50,000 instruments, again
// and again. Exactly 10 win each time, else it says so and fails; how long the last caller waited for an
// answer.
#include "core/account/demo.hpp"
#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "scripts/benches/scale_data.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>
#include <vector>

namespace {

using namespace bench;
namespace appointment = core::appointment;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t callers = 64;
constexpr int places = 10, rounds = 20;

struct caller {
    core::actor who;
    std::int64_t instrument = 0;
};

// Of each company one instrument that is in no order; no company twice.
std::vector<caller> find_callers(read_view& view, std::int64_t institution) {
    std::map<std::int64_t, std::int64_t> of;
    for (const auto r :
         view.query("SELECT applicant_id, id FROM instrument_with_names WHERE institution_id = $1 "
                    "AND filing_status = 'filed' AND method = 'deliver' AND line_status = '' AND "
                    "instrument_status NOT IN ('stopped', 'scrapped')",
                    institution))
        of.emplace(r.number(0), r.number(1));
    std::vector<caller> all;
    for (const auto& [company, instrument] : of) {
        caller c;
        c.who.kind = core::actor_kind::applicant;
        c.who.applicant_id = company;
        c.who.roles.add(core::role::owner);
        c.instrument = instrument;
        all.push_back(c);
    }
    return all;
}

int storm(core::db::database& db, const caller* from, core::date day, int starts) {
    std::atomic<int> won = 0;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < callers; ++i)
        threads.emplace_back([&, i] {
            const auto made = db.write([&](write_tx& tx) {
                return appointment::book_order(tx, from[i].who,
                                               {.instruments = {from[i].instrument},
                                                .day = day,
                                                .starts = starts,
                                                .contact_name = "陈志明",
                                                .contact_phone = "13800001234",
                                                .note = ""});
            });
            if (made) ++won;
        });
    threads.clear();
    return won;
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const auto file = folder / "storm.db";
    std::filesystem::copy_file(scaled_database(folder.parent_path() / "scale", 50'000), file);
    const core::machine_clock time;
    int wrong = 0;
    {
        core::db::database db(options_of(file), time);
        const auto scheduler =
            db.read([](read_view& v) { return core::account::acting_as(v, "linxiaomin"); });
        const auto all = db.read([&](read_view& v) { return find_callers(v, scheduler.institution_id); });
        std::vector<double> lengths;
        for (int round = 0; round < rounds && (static_cast<std::size_t>(round) + 1) * callers <= all.size();
             ++round) {
            const core::date day = core::add_days(db.read([](read_view& v) { return v.today(); }), 7 + round);
            const std::array<appointment::period, 1> offered = {{{600, 660, 1000, places}}};
            db.write([&](write_tx& tx) {
                  return appointment::set_special(tx, scheduler, scheduler.institution_id, "deliver", day,
                                                  offered);
              }).value();
            const auto begun = clock_type::now();
            const int won = storm(db, &all[static_cast<std::size_t>(round) * callers], day, 600);
            lengths.push_back(std::chrono::duration<double, std::milli>(clock_type::now() - begun).count());
            if (won != places) std::printf("round %d: %d won, not %d\n", round, won, places);
            wrong += won != places ? 1 : 0;
        }
        std::sort(lengths.begin(), lengths.end());
        std::printf("%zu storms of %zu callers on %d places: %d wrong; all answered after %.1f ms (median), "
                    "%.1f ms at most\n",
                    lengths.size(), callers, places, wrong, lengths.at(lengths.size() / 2), lengths.back());
    }
    for (const char* tail : {"", "-wal", "-shm", ".lock"})
        std::filesystem::remove(file.string() + tail);
    return wrong == 0 ? 0 : 1;
}
