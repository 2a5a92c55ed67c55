// The schedule over a whole leap year, on a clock of its own: what falls due is told once, in waking hours,
// to the people it is for, across restarts, downtime, a clock that jumps, holidays and a typhoon (U9, N12,
// N13).
#include "core/account/binding.hpp"
#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "core/instrument/instrument.hpp"
#include "core/reminder/reminder.hpp"
#include "notify/hub/schedule.hpp"
#include "notify/hub/wishes.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace core;
using namespace std::chrono_literals;
using db::read_view;
using db::write_tx;

date day(std::string_view text) {
    return *parse_date(text);
}

struct year_world : tests::order_world {
    explicit year_world(date first) : order_world(local_instant(first, 6 * 60)), wechat(time) {
        widen();
        bind(company, "oCompany");
        do_now([&](write_tx& tx) -> result<> {
            for (const auto& [who, openid] :
                 {std::pair{&scheduler, "oScheduler"}, std::pair{&regulator, "oRegulator"}})
                if (auto b = account::bind_staff_wechat(tx, *who, openid); !b) return b.error();
            tx.exec("DELETE FROM outbox_pending"); // what made this world is told to nobody
            return {};
        });
        restart();
    }

    void bind(const actor& who, std::string_view openid) {
        do_now([&](write_tx& tx) -> result<> {
            if (auto b = account::bind_wechat(tx, who, openid, ""); !b) return b.error();
            return {};
        });
    }
    void restart() {
        hub.reset();
        reopen();
        hub = std::make_unique<notify::hub>(db(), tests::hub_world::book(),
                                            std::vector<notify::channel*>{&wechat}, notify::hub_settings{},
                                            notify::wishes_of_people());
        hub->recover();
    }
    // What the program does when it wakes at this moment.
    void wake(date d, int minute) {
        time.set(local_instant(d, minute));
        notify::run_reminders(db(), [] {});
        drain();
    }
    void drain() {
        while (hub->run_once() > 0) {
        }
    }
    std::int64_t ending(date ends) {
        const auto id = filed(company);
        do_now([&](write_tx& tx) -> result<> {
            instrument::outcome o;
            o.passed = true;
            o.certificate_no = "C" + std::to_string(id);
            o.verified_on = add_days(ends, -364);
            o.valid_until = ends;
            instrument::record_outcome(tx, id, o);
            tx.exec("DELETE FROM outbox_pending"); // filing it is not what is looked at here
            return {};
        });
        return id;
    }
    std::int64_t appointment_on(date d) {
        const auto id = book(company, filed(company, 1), d);
        do_now([&](write_tx& tx) { return appointment::confirm_order(tx, scheduler, id); });
        do_now([&](write_tx& tx) -> result<> {
            tx.exec("DELETE FROM outbox_pending");
            return {};
        });
        return id;
    }
    void holiday(date first, date last) {
        do_now([&](write_tx& tx) -> result<> {
            for (date d = first; d <= last; d = add_days(d, 1))
                tx.exec(R"sql(INSERT INTO holiday (day, is_working, name, source) VALUES ($1, 0, '假日', '')
                              ON CONFLICT (day) DO UPDATE SET is_working = 0)sql",
                        d);
            return {};
        });
    }
    // Messages of this kind, by the local day they left on.
    std::map<date, int> sent(std::string_view kind) const {
        std::map<date, int> all;
        for (const auto& c : wechat.calls)
            if (c.what.kind == kind) ++all[local_date(c.at)];
        return all;
    }
    int count_sent(std::string_view kind) const {
        int n = 0;
        for (const auto& [d, times] : sent(kind))
            n += times;
        return n;
    }

    tests::scripted_channel wechat;
    std::unique_ptr<notify::hub> hub;
};

} // namespace

TEST_CASE(
    "U9 N12 N13 a leap year of the schedule: every milestone once, one message a day, in waking hours") {
    const date first = day("2027-09-01"), last = day("2028-08-31");
    year_world w(first);
    w.holiday(day("2027-10-01"), day("2027-10-07"));
    w.holiday(day("2028-01-24"), day("2028-01-30"));
    std::map<date, std::set<std::string>> expected; // day of the reminder -> ends it must name
    for (const auto* end :
         {"2027-12-31", "2028-01-26", "2028-02-29", "2028-03-01", "2028-03-30", "2028-06-30"}) {
        w.ending(day(end));
        for (const int before : {60, 30, 15, 7, 1})
            expected[add_days(day(end), -before)].insert(end);
    }
    w.ending(day("2028-03-01")); // two on one day: one message

    std::set<date> visits; // appointments: the eve of each is reminded of
    int days = 0;
    for (date d = first; d <= last; d = add_days(d, 1), ++days) {
        if (days % 17 == 5) w.restart(); // as after kill -9 at night
        w.wake(d, 7 * 60);
        w.wake(d, 8 * 60 + 30);
        if (days % 29 == 3) { // a booking for the day after tomorrow, where the institution works
            const date on = add_days(d, 2);
            const bool open = w.read(
                [&](read_view& v) { return iso_weekday(on) <= 5 && catalogue::is_working_day(v, on); });
            if (open) {
                w.appointment_on(on);
                visits.insert(on);
            }
        }
        w.wake(d, 9 * 60);
        w.wake(d, 9 * 60); // again at once: nothing
        w.wake(d, 18 * 60);
        w.wake(d, 23 * 60 + 30);
    }

    std::map<date, int> wanted;
    for (const auto& [on, ends] : expected)
        if (on >= first && on <= last) wanted[on] = 1;
    CHECK(w.sent("certificates_due") == wanted);
    std::map<date, int> eves;
    for (const date on : visits)
        eves[add_days(on, -1)] = 1;
    CHECK(visits.size() >= 5);
    CHECK(w.sent("order_tomorrow") == eves);
    CHECK(w.sent("staff_summary").size() >= visits.size()); // each leaves something to do
    for (const auto& [d, n] : w.sent("staff_summary")) {
        CAPTURE(to_text(d));
        CHECK(n == 1);
        CHECK(w.read([&, on = d](read_view& v) { return catalogue::is_working_day(v, on); }));
    }
    auto mondays = w.sent("region_summary");
    mondays.erase(first); // a program that starts on a Wednesday makes up for Monday's
    CHECK(mondays.size() == 52);
    for (const auto& [d, n] : mondays) {
        CHECK(n == 1);
        CHECK(iso_weekday(d) == 1);
    }
    for (const auto& c : w.wechat.calls) {
        const int minute = local_minute_of_day(c.at);
        CHECK((minute >= 8 * 60 && minute < 22 * 60));
    }
    std::set<std::string> ids;
    for (const auto& c : w.wechat.calls)
        CHECK(ids.insert(c.what.client_msg_id).second); // nothing twice, across all restarts
}

TEST_CASE("U9 N12 D5 days of downtime and a jumping clock: caught up in one message each, nothing stale, no "
          "flood") {
    year_world w(day("2027-11-01"));
    for (const int n : {3, 4, 5, 6})
        w.ending(add_days(day("2027-11-01"), n + 29)); // thirty days before: the 3rd to the 6th
    const auto missed = w.appointment_on(day("2027-11-05"));
    const auto coming = w.appointment_on(day("2027-11-10"));
    CHECK(missed != coming);
    w.wake(day("2027-11-02"), 18 * 60);
    w.wechat.calls.clear();
    // Down from the 2nd in the evening to the 9th at noon.
    w.restart();
    w.wake(day("2027-11-09"), 12 * 60);
    CHECK(w.count_sent("certificates_due") == 1);
    CHECK(w.count_sent("order_tomorrow") == 0); // the 5th is past; the 10th is due at 18:00
    CHECK(w.count_sent("staff_summary") <= 1);
    CHECK(w.count_sent("region_summary") == 1);
    w.wake(day("2027-11-09"), 18 * 60);
    CHECK(w.count_sent("order_tomorrow") == 1);
    const auto told = w.wechat.calls.size();
    // The clock jumps five days ahead, what is due there is told, and is set right again.
    w.wake(day("2027-11-14"), 10 * 60);
    const auto ahead = w.wechat.calls.size();
    for (int n = 9; n <= 14; ++n)
        for (const int minute : {8 * 60 + 30, 9 * 60, 18 * 60})
            w.wake(add_days(day("2027-11-01"), n - 1), minute);
    CHECK(w.wechat.calls.size() == ahead);
    CHECK(ahead - told <= 3);                              // one round each, not one a day
    w.time.set(local_instant(day("2029-11-14"), 10 * 60)); // two years ahead: again one round each
    w.restart();
    w.wake(day("2029-11-14"), 10 * 60);
    CHECK(w.wechat.calls.size() - ahead <= 3);
}

TEST_CASE("U9 N12 a typhoon: what is called off is not reminded of, before or after the round; what is moved "
          "is, once") {
    year_world w(day("2027-09-06")); // Monday
    const auto wednesday_ = day("2027-09-08"), thursday = day("2027-09-09"), friday = day("2027-09-10");
    const auto off = w.appointment_on(wednesday_), late = w.appointment_on(wednesday_);
    const auto moved = w.appointment_on(wednesday_);
    w.time.set(local_instant(day("2027-09-07"), 17 * 60));
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.scheduler, off, "台风停检"); });
    w.do_now([&](write_tx& tx) {
        return appointment::move_order(tx, w.scheduler, moved,
                                       {.day = friday, .starts = 600, .reason = "台风"});
    });
    w.drain();
    w.wechat.calls.clear();
    // The round has run, the message waits its turn, the day is closed: it is dropped.
    w.time.set(local_instant(day("2027-09-07"), 18 * 60));
    notify::run_reminders(w.db(), [] {});
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.scheduler, late, "台风停检"); });
    w.drain();
    CHECK(w.count_sent("order_tomorrow") == 0);
    CHECK(w.count("SELECT count(*) FROM delivery WHERE kind = 'order_tomorrow' AND status = 'dropped'") == 1);
    w.wake(thursday, 18 * 60);
    CHECK(w.sent("order_tomorrow") == std::map<date, int>{{thursday, 1}});
    w.wake(friday, 18 * 60);
    CHECK(w.count_sent("order_tomorrow") == 1);
}

TEST_CASE("U9 N13 a round in somebody's own quiet hours waits for their end, and is dropped when it is past "
          "by then") {
    year_world w(day("2027-09-06"));
    w.do_now([&](write_tx& tx) {
        return notify::set_quiet_hours(tx, w.company, notify::quiet_hours{17 * 60, 9 * 60 + 30, true});
    });
    w.ending(day("2027-10-07")); // thirty days after Tuesday
    w.appointment_on(day("2027-09-08"));
    w.wechat.calls.clear();
    w.wake(day("2027-09-07"), 9 * 60);
    CHECK(w.count_sent("certificates_due") == 0);
    w.wake(day("2027-09-07"), 9 * 60 + 30);
    CHECK(w.count_sent("certificates_due") == 1);
    w.wake(day("2027-09-07"), 18 * 60); // tomorrow at 08:30: over before the quiet hours end
    w.wake(day("2027-09-08"), 9 * 60 + 30);
    CHECK(w.count_sent("order_tomorrow") == 0);
    CHECK(w.count("SELECT count(*) FROM delivery WHERE kind = 'order_tomorrow' AND status = 'dropped'") == 1);
}
