// U9, N12: reminders run on schedule, once each, across restarts, downtime and clock jumps.
#include "core/appointment/appointment.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/outbox.hpp"
#include "core/reminder/reminder.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

date day(std::string_view text) {
    return *parse_date(text);
}

const reminder::job& job(std::string_view name) {
    for (const auto& j : reminder::jobs)
        if (j.name == name) return j;
    throw std::logic_error("no such job");
}

struct calendar_world : order_world {
    explicit calendar_world(instant start = tests::tuesday_morning) : order_world(start) {}

    // Everything that is due now, in small steps; gives how many steps there were.
    int run(std::string_view name, int most = 2) {
        int steps = 0;
        for (bool more = true; more; ++steps)
            more = write([&](write_tx& tx) -> result<bool> {
                       return reminder::run_some(tx, job(name), most);
                   }).value();
        return steps;
    }
    int told(std::string_view kind) {
        return read([&](read_view& v) {
            return static_cast<int>(
                v.query_number(R"sql(SELECT count(*) FROM outbox WHERE kind = $1)sql", kind));
        });
    }
    value last(std::string_view kind) {
        return read([&](read_view& v) {
            const auto id =
                v.query_number(R"sql(SELECT coalesce(max(id), 0) FROM outbox WHERE kind = $1)sql", kind);
            return outbox::find(v, id)->facts;
        });
    }
    // An instrument of the company whose certificate ends that day.
    std::int64_t ending(const actor& who, date ends) {
        const auto id = filed(who);
        write([&](write_tx& tx) -> result<> {
            instrument::outcome o;
            o.passed = true;
            o.certificate_no = "C" + std::to_string(id);
            o.verified_on = add_days(ends, -364);
            o.valid_until = ends;
            instrument::record_outcome(tx, id, o);
            return {};
        }).value();
        return id;
    }
    void go_to(date d, int minute) { time.set(local_instant(d, minute)); }
};

} // namespace

TEST_CASE(
    "U9 each certificate is told of 60, 30, 15, 7 and 1 days before its end, once each, over a leap year") {
    calendar_world w;
    const std::vector<date> ends = {day("2028-02-29"), day("2028-03-01"), day("2027-12-31"),
                                    day("2028-06-30")};
    for (const auto e : ends)
        w.ending(w.company, e);
    std::multiset<std::pair<std::string, std::int64_t>> seen; // end, days left
    for (date d = day("2027-09-01"); d <= day("2028-08-01"); d = add_days(d, 1)) {
        w.go_to(d, 8 * 60 + 59);
        CHECK(w.run("certificates") == 1); // nothing yet
        const int before = w.told("certificates_due");
        w.go_to(d, 9 * 60);
        w.run("certificates");
        w.run("certificates"); // again: nothing
        const int now = w.told("certificates_due");
        REQUIRE(now - before <= 1);
        if (now > before) {
            const auto facts = w.last("certificates_due");
            seen.emplace(facts.text("due"), facts.number("days"));
            CHECK(facts.number("pieces") == 1);
        }
    }
    std::multiset<std::pair<std::string, std::int64_t>> expected;
    for (const auto e : ends)
        for (const int n : {60, 30, 15, 7, 1})
            expected.emplace(to_text(e), n);
    CHECK(seen == expected);
}

TEST_CASE("U9 one message a company and day for many instruments; booked and barred ones are not in it") {
    calendar_world w;
    w.go_to(day("2026-11-25"), 9 * 60);
    for (int i = 0; i < 3; ++i)
        w.ending(w.company, day("2026-12-25"));
    w.ending(w.company, day("2026-12-02"));
    w.ending(w.other_company, day("2026-12-25"));
    const auto booked = w.ending(w.company, day("2026-12-25"));
    w.book(w.company, {booked}, day("2026-11-27"));
    w.run("certificates");
    CHECK(w.told("certificates_due") == 2);
    std::map<std::int64_t, std::int64_t> pieces;
    w.read([&](read_view& v) {
        for (const auto& e : outbox::list_pending(v, 1000))
            if (e.kind == "certificates_due") pieces[e.applicant_id] = e.facts.number("pieces");
        return 0;
    });
    CHECK(pieces[w.company.applicant_id] == 4);
    CHECK(pieces[w.other_company.applicant_id] == 1);
}

TEST_CASE(
    "N12 after downtime what was missed comes in one message; after a year only a week is made up for") {
    calendar_world w;
    w.go_to(day("2026-11-25"), 9 * 60);
    w.run("certificates");
    for (const int n : {26, 27, 28})
        w.ending(w.company,
                 add_days(day("2026-11-01"), n - 1 + 30)); // thirty days after the 26th, 27th, 28th
    w.go_to(day("2026-11-28"), 10 * 60);                   // down for three days
    w.run("certificates");
    CHECK(w.told("certificates_due") == 1);
    CHECK(w.last("certificates_due").number("pieces") == 3);
    w.go_to(day("2027-11-28"), 10 * 60);
    w.ending(w.company, add_days(day("2027-11-20"), 30)); // eight days ago: not any more
    w.ending(w.company, add_days(day("2027-11-22"), 30));
    w.run("certificates");
    CHECK(w.told("certificates_due") == 2);
    CHECK(w.last("certificates_due").number("pieces") == 1);
}

TEST_CASE("N12 D5 a clock set back repeats nothing, a restart in the middle loses and doubles nothing") {
    calendar_world w;
    w.go_to(day("2026-11-25"), 9 * 60);
    for (const auto& who : {w.company, w.other_company})
        w.ending(who, day("2026-12-25"));
    const bool more = w.write([&](write_tx& tx) -> result<bool> {
                           return reminder::run_some(tx, job("certificates"), 1);
                       }).value();
    CHECK(more);
    CHECK(w.told("certificates_due") == 1);
    w.reopen(); // as after kill -9 between two transactions
    w.run("certificates");
    CHECK(w.told("certificates_due") == 2);
    w.go_to(day("2026-11-20"), 9 * 60);
    w.run("certificates");
    w.go_to(day("2026-11-25"), 12 * 60);
    w.run("certificates");
    CHECK(w.told("certificates_due") == 2);
}

TEST_CASE(
    "U9 tomorrow's confirmed appointments are told of at six in the evening, each once, while they stand") {
    calendar_world w; // Tuesday
    const auto order = w.in_state(appointment::order_status::confirmed);
    const auto pending = w.in_state(appointment::order_status::pending);
    const date before = add_days(w.wednesday, -1);
    w.go_to(before, 17 * 60 + 59);
    w.run("tomorrow");
    CHECK(w.told("order_tomorrow") == 0);
    w.go_to(before, 18 * 60);
    w.run("tomorrow");
    w.run("tomorrow");
    CHECK(w.told("order_tomorrow") == 1);
    CHECK(pending != order);
    const auto facts = w.last("order_tomorrow");
    CHECK(facts.text("order_id") == std::to_string(order));
    const auto event = w.read([](read_view& v) {
        return v.query_number(R"sql(SELECT max(id) FROM outbox WHERE kind = 'order_tomorrow')sql");
    });
    const auto is_true = [&] {
        return w.read([&](read_view& v) { return reminder::is_still_true(v, event); });
    };
    CHECK(is_true());
    w.write([&](write_tx& tx) {
         return appointment::cancel_order(tx, w.scheduler, order, "台风停检");
     }).value();
    CHECK_FALSE(is_true()); // a thing cancelled a second ago is not reminded of
}

TEST_CASE("U9 staff get tomorrow's list at five, once, while somebody comes, and never on the day itself") {
    calendar_world w; // Tuesday
    const auto one = w.in_state(appointment::order_status::confirmed);
    const auto two = w.in_state(appointment::order_status::confirmed);
    w.in_state(appointment::order_status::pending);
    const date before = add_days(w.wednesday, -1);
    w.go_to(before, 16 * 60 + 59);
    w.run("staff_tomorrow");
    CHECK(w.told("staff_tomorrow") == 0);
    w.go_to(before, 17 * 60);
    w.run("staff_tomorrow");
    w.run("staff_tomorrow");
    CHECK(w.told("staff_tomorrow") == 1);
    const auto facts = w.last("staff_tomorrow");
    CHECK(facts.text("date") == to_text(w.wednesday));
    CHECK(facts.number("orders") == 2);
    CHECK(facts.number("pieces") >= 2);
    CHECK(parse_minute(facts.text("first")).has_value());
    const auto event = w.read([](read_view& v) {
        return v.query_number(R"sql(SELECT max(id) FROM outbox WHERE kind = 'staff_tomorrow')sql");
    });
    const auto is_true = [&] {
        return w.read([&](read_view& v) { return reminder::is_still_true(v, event); });
    };
    const auto call_off = [&](std::int64_t order) {
        w.write([&](write_tx& tx) {
             return appointment::cancel_order(tx, w.scheduler, order, "台风停检");
         }).value();
    };
    call_off(one);
    CHECK(is_true());
    call_off(two);
    CHECK_FALSE(is_true()); // the whole day is called off
    calendar_world late;    // down over the evening: the morning's summary has it
    late.in_state(appointment::order_status::confirmed);
    late.go_to(late.wednesday, 7 * 60);
    late.run("staff_tomorrow");
    CHECK(late.told("staff_tomorrow") == 0);
}

TEST_CASE("U9 staff get the day's work on working days only, regulators their region's on Mondays") {
    calendar_world w;
    w.book(1);
    w.go_to(day("2026-11-28"), 9 * 60); // Saturday: Friday's round is still to be run, once
    w.run("staff");
    const int friday = w.told("staff_summary");
    CHECK(friday >= 1);
    w.go_to(day("2026-11-29"), 9 * 60);
    w.run("staff");
    CHECK(w.told("staff_summary") == friday);
    w.go_to(day("2026-11-30"), 9 * 60);
    w.run("staff");
    CHECK(w.told("staff_summary") == 2 * friday);
    CHECK(w.last("staff_summary").number("orders") >= 1);
    w.go_to(day("2026-11-30"), 8 * 60);
    w.run("regions");
    const int last_week = w.told("region_summary");
    w.go_to(day("2026-11-30"), 9 * 60);
    w.run("regions");
    const int this_week = w.told("region_summary");
    CHECK(this_week > last_week);
    w.go_to(day("2026-12-04"), 9 * 60);
    w.run("regions");
    CHECK(w.told("region_summary") == this_week);
}

TEST_CASE("U9 the days are a setting; nonsense in it is left out") {
    calendar_world w;
    const auto set = [&](std::string_view text) {
        w.write([&](write_tx& tx) -> result<> {
             tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ('reminders.days', $1)
                           ON CONFLICT (name) DO UPDATE SET value = excluded.value)sql",
                     text);
             return {};
         }).value();
        return w.read([](read_view& v) { return reminder::milestones(v); });
    };
    CHECK(w.read([](read_view& v) { return reminder::milestones(v); }) == std::vector{60, 30, 15, 7, 1});
    CHECK(set("3 90 x -1 90 400") == std::vector{90, 3});
    CHECK(set("1 2 3 4 5 6 7").size() == 5);
}

TEST_CASE("the next moment at which any reminder falls due") {
    calendar_world w;
    w.go_to(day("2026-11-24"), 10 * 60); // Tuesday
    const auto next = w.read([&](read_view& v) { return reminder::next_due(v, v.now()); });
    CHECK(next == local_instant(day("2026-11-24"), 17 * 60));
    w.go_to(day("2026-11-24"), 17 * 60);
    CHECK(w.read([&](read_view& v) { return reminder::next_due(v, v.now()); }) ==
          local_instant(day("2026-11-24"), 18 * 60));
    w.go_to(day("2026-11-24"), 18 * 60);
    CHECK(w.read([&](read_view& v) { return reminder::next_due(v, v.now()); }) ==
          local_instant(day("2026-11-25"), 8 * 60 + 30));
}
