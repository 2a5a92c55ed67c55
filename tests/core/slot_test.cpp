// Capacity: what is offered, what is taken, and that no more is taken than offered whoever comes at once.
#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/groups.hpp"
#include "core/catalogue/version.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace core;
using appointment::day_state;
using appointment::order_status;
using appointment::period;
using appointment::slot_state;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

appointment::slot_day day_of(order_world& w, date day, const appointment::load& what = appointment::load(1)) {
    const date monday = add_days(day, 1 - iso_weekday(day));
    return w.read([&](read_view& v) {
        for (const auto& d : appointment::list_week(v, w.institution, "deliver", monday, what))
            if (d.day == day) return d;
        throw std::logic_error("a week has seven days");
    });
}

int left_at(order_world& w, date day, int starts) {
    for (const auto& s : day_of(w, day).slots)
        if (s.starts == starts) return s.left();
    return -1;
}

void set_pattern(order_world& w, int weekday, const std::vector<period>& periods) {
    w.do_now([&](write_tx& tx) -> result<> {
        const auto done =
            appointment::set_pattern(tx, w.scheduler, w.institution, "deliver", weekday, periods);
        if (!done) return done.error();
        return {};
    });
}

// `callers` threads book at once, each an order of its own; gives how many won. Others must be refused as
// full.
int storm(order_world& w, int callers, const std::vector<int>& sizes) {
    std::vector<appointment::booking> wishes;
    for (int i = 0; i < callers; ++i)
        wishes.push_back(w.wish(w.filed(i % 2 == 0 ? w.company : w.other_company,
                                        sizes[static_cast<std::size_t>(i) % sizes.size()]),
                                w.wednesday));
    std::atomic<int> won = 0;
    std::atomic<int> full = 0;
    {
        std::vector<std::jthread> all;
        for (int i = 0; i < callers; ++i)
            all.emplace_back([&, i] {
                const auto& who = i % 2 == 0 ? w.company : w.other_company;
                const auto done = w.write([&](write_tx& tx) {
                    return appointment::book_order(tx, who, wishes[static_cast<std::size_t>(i)]);
                });
                if (done)
                    ++won;
                else if (done.error().detail == "slot.full")
                    ++full;
            });
    }
    CHECK(won + full == callers);
    CHECK(w.broken_invariant() == "");
    return won;
}

} // namespace

TEST_CASE("M28, S16 64 callers on a period of 10 orders: exactly 10 win") {
    order_world w;
    set_pattern(w, 3, {{510, 600, 1000, 10}});
    CHECK(storm(w, 64, {1}) == 10);
    CHECK(w.count("SELECT orders FROM slot_usage") == 10);
}

TEST_CASE("M28, S16 64 callers on a period of 10 instruments: exactly 10 win") {
    order_world w;
    set_pattern(w, 3, {{510, 600, 10, 1000}});
    CHECK(storm(w, 64, {1}) == 10);
    CHECK(w.count("SELECT instruments FROM slot_usage") == 10);
}

TEST_CASE("M28, S16 mixed sizes at once never pass the capacity, and no place is left that somebody wanted") {
    order_world w;
    set_pattern(w, 3, {{510, 600, 20, 1000}});
    storm(w, 30, {1, 3, 7});
    CHECK(w.count("SELECT instruments FROM slot_usage") == 20);
}

TEST_CASE("M28 capacity is held by pending orders and given back exactly once") {
    order_world w;
    const auto day = w.wednesday;
    CHECK(left_at(w, day, 510) == 10);
    const auto id = w.book(4);
    CHECK(left_at(w, day, 510) == 6); // pending
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, id); });
    CHECK(left_at(w, day, 510) == 6);
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.company, id, ""); });
    CHECK(left_at(w, day, 510) == 10);
    CHECK(w.refusal([&](write_tx& tx) { return appointment::cancel_order(tx, w.company, id, ""); }) ==
          "order.state");
    CHECK(left_at(w, day, 510) == 10);
    w.widen();
    for (const auto s : appointment::order_states) {
        const auto before = left_at(w, day, 510);
        w.in_state(s, 1);
        const bool frees =
            s == order_status::rejected || s == order_status::cancelled || s == order_status::expired;
        CHECK(left_at(w, day, 510) == before - (frees ? 0 : 1));
        CHECK(w.broken_invariant() == "");
    }
}

TEST_CASE("A13 a move takes the new period before it frees the old one") {
    order_world w;
    const auto id = w.book(6);
    const auto fuller = w.book(w.other_company, w.filed(w.other_company, 6), w.wednesday, 600);
    // No room: nothing changes, the old place is kept.
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::move_order(tx, w.company, id, {w.wednesday, 600});
    }) == "slot.full");
    CHECK(left_at(w, w.wednesday, 510) == 4);
    // Within one day both are held for a moment: a period that would only fit after freeing is no obstacle.
    w.do_now([&](write_tx& tx) { return appointment::move_order(tx, w.company, id, {w.wednesday, 870}); });
    CHECK(left_at(w, w.wednesday, 510) == 10);
    CHECK(left_at(w, w.wednesday, 870) == 4);
    CHECK(w.order(fuller).starts == 600);
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::move_order(tx, w.company, id, {w.wednesday, 870});
    }) == "order.same_time");
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("capacity of a catalogue group is kept beside that of the period") {
    order_world w;
    using appointment::group_limit;
    const auto limit = [&](const std::vector<group_limit>& limits) {
        return w.write([&](write_tx& tx) {
            return appointment::set_group_limits(tx, w.scheduler, w.institution, "deliver", 3, 510, limits);
        });
    };
    CHECK(limit({{"压力仪表", "", 3}}).value().empty());
    appointment::load gauges;
    for (int i = 0; i < 4; ++i)
        gauges.add("压力仪表", tests::gauge);
    CHECK(day_of(w, w.wednesday, gauges).slots.at(0).state == slot_state::short_of);
    CHECK(day_of(w, w.wednesday, gauges).slots.at(1).state == slot_state::ample);
    const auto book = [&](int n, std::string_view kind) {
        const auto wish = w.wish(w.filed(w.company, n, "deliver", kind), w.wednesday);
        return w.refusal([&](write_tx& tx) -> result<> {
            const auto made = appointment::book_order(tx, w.company, wish);
            if (!made) return made.error();
            return {};
        });
    };
    CHECK(book(4, tests::gauge) == "slot.group_full");
    CHECK(book(2, tests::gauge) == "");
    CHECK(book(2, tests::gauge) == "slot.group_full");
    CHECK(book(2, tests::transformer) == ""); // another bench
    CHECK(book(1, tests::gauge) == "");
    CHECK(w.broken_invariant() == "");
    // A narrower limit is reported where more is booked, and the groups are checked.
    const auto passed = limit({{"压力仪表", std::string(tests::gauge), 1}}).value();
    REQUIRE(passed.size() == 1);
    CHECK(passed[0].group == tests::gauge);
    CHECK(passed[0].taken == 3);
    CHECK(passed[0].capacity == 1);
    CHECK(limit({{"没有这一类", "", 1}}).error().detail == "slot.group");
    CHECK(limit({{"压力仪表", "", 1}, {"压力仪表", "", 2}}).error().detail == "slot.group");
}

TEST_CASE(
    "limits of catalogue groups hold under either name of a renamed row, also for what is booked already") {
    order_world w;
    const auto limit = [&](std::string_view l1, std::string_view l2, int n) {
        const std::vector<appointment::group_limit> limits = {{std::string(l1), std::string(l2), n}};
        w.write([&](write_tx& tx) {
             return appointment::set_group_limits(tx, w.scheduler, w.institution, "deliver", 3, 510, limits);
         }).value();
    };
    const auto book = [&](const std::vector<std::int64_t>& ids) {
        return w.refusal([&](write_tx& tx) -> result<> {
            const auto made = appointment::book_order(tx, w.company, w.wish(ids, w.wednesday));
            if (!made) return made.error();
            return {};
        });
    };
    limit("压力仪表", tests::gauge, 3);
    CHECK(book(w.filed(w.company, 2, "deliver", tests::gauge)) == "");
    const auto waiting = w.filed(w.company, 2, "deliver", tests::gauge); // filed under the old words
    const std::string next = "一级目录,二级目录,监管方式,强检方式,强检范围及说明,replaces\n"
                             "压力计量器具,指示类压力表,强制检定,周期检定,安全防护：锅炉,压力仪表/" +
                             std::string(tests::gauge) + "\n";
    w.write([&](write_tx& tx) -> result<> {
         const auto made = catalogue::import_catalogue(tx, w.platform, "2027 年目录", next);
         if (!made) return made.error();
         const auto done = catalogue::activate_version(tx, w.platform, made->id);
         if (!done) return done.error();
         return {};
     }).value();
    const auto names = w.read([](read_view& v) { return catalogue::groups(v); });
    CHECK(names.any_renamed());
    CHECK(names.holds("压力仪表", tests::gauge, "压力计量器具", "指示类压力表"));
    CHECK(names.holds("压力仪表", "", "压力计量器具", "指示类压力表"));
    CHECK(names.holds("压力计量器具", "", "压力仪表", tests::gauge));
    CHECK_FALSE(names.holds("压力仪表", tests::gauge, "压力计量器具", "电接点压力表"));
    CHECK_FALSE(names.holds("加油机", "", "压力计量器具", "指示类压力表"));
    appointment::load renamed;
    renamed.add("压力计量器具", "指示类压力表");
    const auto state = [&](const appointment::load& what) {
        return day_of(w, w.wednesday, what).slots.at(0).state;
    };
    CHECK(state(renamed) != slot_state::short_of); // the third
    renamed.add("压力计量器具", "指示类压力表");
    CHECK(state(renamed) == slot_state::short_of); // the limit was stated before the rename
    CHECK(book(waiting) == "slot.group_full");
    for (const auto* l2 : {"指示类压力表", ""}) { // stated anew under the new words
        limit("压力计量器具", l2, 3);
        CHECK(book(waiting) == "slot.group_full");
    }
    CHECK(book({waiting[0]}) == "");
    CHECK(book({waiting[1]}) == "slot.group_full");
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("the week: working days, holidays, make-up days, special days, closed days, lead and horizon") {
    order_world w(local_instant(*parse_date("2026-09-15"), 600)); // Tuesday
    struct expected {
        std::string_view day;
        day_state state;
        std::size_t periods;
    };
    constexpr std::array<expected, 9> cases = {{
        {"2026-09-14", day_state::past, 3},
        {"2026-09-15", day_state::too_early, 3},
        {"2026-09-16", day_state::open, 3},
        {"2026-09-19", day_state::rest, 0}, // Saturday
        {"2026-09-20", day_state::open, 3}, // Sunday worked for 国庆节: as on a Friday
        {"2026-09-25", day_state::rest, 3}, // 中秋节, a Friday
        {"2026-10-10", day_state::open, 3}, // Saturday worked
        {"2026-10-15", day_state::open, 3}, // the last day of the horizon
        {"2026-10-16", day_state::too_far, 3},
    }};
    for (const auto& c : cases) {
        CAPTURE(c.day);
        const auto d = day_of(w, *parse_date(c.day));
        CHECK(d.state == c.state);
        CHECK(d.slots.size() == c.periods);
        for (const auto& s : d.slots)
            CHECK(s.may_be_chosen() == (c.state == day_state::open));
    }
    const auto saturday = *parse_date("2026-09-19");
    const std::vector<period> special = {{540, 660, 5, 2}};
    w.do_now([&](write_tx& tx) -> result<> {
        appointment::set_special(tx, w.scheduler, w.institution, "deliver", saturday, special).value();
        return appointment::close_day(tx, w.scheduler, w.institution, *parse_date("2026-09-16"), "台风");
    });
    CHECK(day_of(w, saturday).state == day_state::open);
    CHECK(left_at(w, saturday, 540) == 5);
    CHECK(day_of(w, *parse_date("2026-09-16")).why == "台风");
    CHECK(w.read([&](read_view& v) {
        return appointment::first_open_monday(v, w.institution, "deliver", appointment::load(1));
    }) == *parse_date("2026-09-14")); // the 17th is free
    w.do_now([&](write_tx& tx) -> result<> {
        appointment::set_special(tx, w.scheduler, w.institution, "deliver", saturday, {}).value();
        return appointment::open_day(tx, w.scheduler, w.institution, *parse_date("2026-09-16"));
    });
    CHECK(day_of(w, saturday).state == day_state::rest);
    CHECK(day_of(w, *parse_date("2026-09-16")).state == day_state::open);
}

TEST_CASE("staff overbook knowingly, and it shows; companies never do") {
    order_world w;
    set_pattern(w, 3, {{510, 600, 2, 1}});
    w.book(2);
    auto wish = w.wish(w.filed(w.company, 3), w.wednesday);
    const auto book = [&](const actor& who) {
        return w.write([&](write_tx& tx) { return appointment::book_order(tx, who, wish); });
    };
    CHECK(book(w.scheduler).error().detail == "slot.full");
    wish.knowingly = true;
    CHECK(book(w.company).error().detail == "slot.full");
    const auto id = book(w.scheduler).value();
    CHECK(w.order(id).overbooked);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'book' AND after LIKE '%overbooked%'") == 1);
    const auto listed =
        w.read([&](read_view& v) { return appointment::list_overbooked(v, w.institution, "deliver"); });
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].taken == 5);
    CHECK(listed[0].capacity == 2);
    CHECK(w.broken_invariant() == "");
    // Moved to where there is room it is an ordinary order again.
    w.do_now([&](write_tx& tx) {
        return appointment::move_order(tx, w.scheduler, id, {add_days(w.wednesday, 1), 510});
    });
    CHECK_FALSE(w.order(id).overbooked);
}

TEST_CASE("less offered than booked: the orders stay, and the answer says where") {
    order_world w;
    w.book(6);
    w.book(w.company, w.filed(w.company, 2), w.wednesday, 870);
    const auto done = w.write([&](write_tx& tx) {
        const std::vector<period> fewer = {{510, 600, 4, 5}};
        return appointment::set_pattern(tx, w.scheduler, w.institution, "deliver", 3, fewer);
    });
    REQUIRE(done.value().size() == 2);
    CHECK(done.value()[0].day == w.wednesday);
    CHECK(done.value()[0].taken == 6);
    CHECK(done.value()[0].capacity == 4);
    CHECK(done.value()[1].starts == 870); // no longer offered at all
    CHECK(done.value()[1].ends == 960);
    CHECK(done.value()[1].capacity == 0);
    CHECK(left_at(w, w.wednesday, 510) == 0);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("who may set the calendar, and what is refused") {
    order_world w;
    const std::vector<period> fine = {{510, 600, 1, 1}};
    const auto set = [&](const actor& who, std::string_view method, int weekday,
                         const std::vector<period>& p) {
        return w.refusal([&](write_tx& tx) -> result<> {
            const auto done = appointment::set_pattern(tx, who, w.institution, method, weekday, p);
            if (!done) return done.error();
            return {};
        });
    };
    CHECK(set(w.scheduler, "deliver", 1, fine) == "");
    CHECK(set(w.admin, "deliver", 1, fine) == "");
    for (const auto& who : {w.desk, w.verifier, w.reviewer})
        CHECK(set(who, "deliver", 1, fine) == "not_allowed");
    for (const auto& who : {w.company, w.abroad(role::scheduler), w.regulator, order_world::visitor()})
        CHECK(set(who, "deliver", 1, fine) == "not_found");
    CHECK(set(w.scheduler, "post", 1, fine) == "slot.method");
    CHECK(set(w.scheduler, "deliver", 0, fine) == "slot.weekday");
    CHECK(set(w.scheduler, "deliver", 8, fine) == "slot.weekday");
    const std::vector<std::vector<period>> wrong = {
        {{600, 600, 1, 1}},    {{600, 510, 1, 1}}, {{510, 600, 1, 1}, {599, 660, 1, 1}},
        {{510, 1441, 1, 1}},   {{-1, 60, 1, 1}},   {{510, 600, 10'001, 1}},
        {{510, 600, 1, 1'001}}};
    for (const auto& p : wrong)
        CHECK(set(w.scheduler, "deliver", 1, p) == "slot.period");
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::close_day(tx, w.scheduler, w.institution, *parse_date("2026-11-23"), "x");
    }) == "slot.day");
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::close_day(tx, w.scheduler, w.institution, w.wednesday, " ");
    }) == "slot.reason");
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::open_day(tx, w.scheduler, w.institution, w.wednesday);
    }) == "not_found");
}
