// What a whole day of moved orders makes of the trips of that day, and what reading a trip costs.
#include "core/appointment/calendar.hpp"
#include "core/trip/queries.hpp"
#include "core/trip/trip.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <vector>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;
using kind = trip::trip_after::kind;

namespace {

class weather_world : public order_world {
  public:
    explicit weather_world(bool wide = true) {
        if (wide) widen();
        thursday = add_days(wednesday, 1);
    }
    date thursday;

    std::int64_t visit() { return in_state(order_status::confirmed, 1, "onsite"); }
    std::vector<std::int64_t> visits(int n) {
        std::vector<std::int64_t> all;
        for (int i = 0; i < n; ++i)
            all.push_back(visit());
        return all;
    }
    std::int64_t plan(const std::vector<std::int64_t>& orders) {
        return write([&](write_tx& tx) {
                   return trip::plan_trip(tx, scheduler, wednesday, {{verifier.login_id}, "粤E·12345", ""},
                                          orders);
               })
            .value();
    }
    void announce(std::int64_t id) {
        write([&](write_tx& tx) { return trip::announce_trip(tx, scheduler, id); }).value();
    }
    trip::trip get(std::int64_t id) {
        return read([&](read_view& v) { return trip::get_trip(v, scheduler, id); }).value();
    }
    trip::day_moved move(std::optional<date> to, bool cancel_others = false) {
        return write([&](write_tx& tx) {
                   return trip::move_day(tx, scheduler, institution,
                                         {"", wednesday, to, "台风停检", cancel_others, false});
               })
            .value();
    }
    trip::summary listed(std::int64_t id) {
        for (auto& s : read([&](read_view& v) {
                 return trip::list_trips(v, scheduler, wednesday, add_days(wednesday, 9), {}, 100);
             }))
            if (s.id == id) return s;
        return {};
    }
    std::optional<trip::visit> told(std::int64_t order_id) {
        return read([&](read_view& v) { return trip::find_visit(v, company, order_id); });
    }
};

} // namespace

TEST_CASE("M36 A13 typhoon: a day's orders are moved and the trip planned for them goes along") {
    weather_world w;
    const auto orders = w.visits(3);
    const auto id = w.plan(orders);
    const auto empty = w.plan({});
    w.announce(id);
    REQUIRE(w.told(orders[0]));
    const auto done = w.move(w.thursday);
    CHECK(done.orders.size() == 3);
    REQUIRE(done.trips.size() == 2);
    CHECK(done.trips[0].id == id);
    CHECK(done.trips[0].what == kind::moved);
    CHECK(done.trips[0].gone == 0);
    CHECK(done.trips[1].what == kind::stays); // a plan without stops is nobody's to move
    CHECK(w.get(id).day == w.thursday);
    CHECK(w.get(empty).day == w.wednesday);
    for (const auto& s : w.get(id).stops)
        CHECK(s.state == trip::stop_state::waiting);
    CHECK_FALSE(w.told(orders[0])); // the window must be told again
    CHECK(w.listed(id).gone == 0);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("M36 A13 stops whose order got another half of the new day have its window") {
    weather_world w;
    w.do_now([&](write_tx& tx) -> result<> {
        const std::array<appointment::period, 1> afternoon = {{{870, 960, 100, 100}}};
        return appointment::set_special(tx, w.scheduler, w.institution, "onsite", w.thursday, afternoon)
                       .has_value()
                   ? result<>{}
                   : error(errc::unavailable);
    });
    const auto id = w.plan(w.visits(2));
    CHECK(w.get(id).stops[0].detail.when == trip::window::morning);
    CHECK(w.move(w.thursday).trips[0].what == kind::moved);
    for (const auto& s : w.get(id).stops) {
        CHECK(s.order.starts == 870);
        CHECK(s.detail.when == trip::window::afternoon);
    }
}

TEST_CASE("M36 A13 an order that does not fit keeps its trip; those that went are gone from it") {
    weather_world w(false); // two on-site orders a day
    const auto a = w.visit();
    const auto b = w.visit();
    w.book(w.company, w.filed(w.company, 1, "onsite"), w.thursday);
    const auto id = w.plan({a, b});
    w.announce(id);
    const auto done = w.move(w.thursday);
    CHECK(done.orders[1].what == appointment::day_moved::kind::stays);
    REQUIRE(done.trips.size() == 1);
    CHECK(done.trips[0].what == kind::stays);
    CHECK(done.trips[0].gone == 1);
    const auto t = w.get(id);
    CHECK(t.day == w.wednesday);
    CHECK(t.stops[0].state == trip::stop_state::gone);
    CHECK(t.stops[1].state == trip::stop_state::waiting);
    CHECK(w.listed(id).gone == 1);
    CHECK_FALSE(w.told(a)); // what was told is no longer so
    CHECK(w.told(b));
    // It makes place: a trip of the new day takes the order that went there.
    const auto next = w.write([&](write_tx& tx) {
                           return trip::plan_trip(tx, w.scheduler, w.thursday,
                                                  {{w.verifier.login_id}, "", ""}, std::array{a});
                       }).value();
    CHECK(w.get(next).stops.size() == 1);
    CHECK(w.get(id).stops.size() == 1);
}

TEST_CASE("M36 A10 a day given up: nothing is left of its trips, so they are cancelled with it") {
    weather_world w;
    const auto orders = w.visits(2);
    const auto id = w.plan(orders);
    const auto under_way = w.plan(w.visits(1));
    w.time.set(local_instant(w.wednesday, 8 * 60));
    w.do_now([&](write_tx& tx) { return trip::start_trip(tx, w.verifier, under_way); });
    const auto done = w.move(std::nullopt);
    REQUIRE(done.trips.size() == 1); // what is on the road is the team's
    CHECK(done.trips[0].what == kind::cancelled);
    CHECK(w.get(id).status == trip::trip_status::cancelled);
    CHECK(w.get(id).reason == "台风停检");
    CHECK(w.order(orders[0]).status == order_status::cancelled);
    CHECK(w.get(under_way).stops[0].state == trip::stop_state::gone);
    CHECK(w.listed(under_way).gone == 1);
    // Some moved, the others cancelled with a suggestion: the trip goes with those that moved.
    weather_world small(false);
    const auto x = small.visit();
    const auto y = small.visit();
    small.book(small.company, small.filed(small.company, 1, "onsite"), small.thursday);
    const auto trip = small.plan({x, y});
    const auto after = small.move(small.thursday, true);
    CHECK(after.trips.at(0).what == kind::moved);
    CHECK(after.trips.at(0).gone == 1);
    CHECK(small.get(trip).day == small.thursday);
    CHECK(small.broken_invariant() == "");
}

TEST_CASE("N1 a fault at any statement of a day's move changes neither orders nor trips") {
    weather_world w;
    w.plan(w.visits(2));
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              const auto done = trip::move_day(tx, w.scheduler, w.institution,
                                               {"", w.wednesday, w.thursday, "台风停检", false, false});
              if (!done) return done.error();
              return {};
          }) > 20);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("a trip of many stops is read by as many statements as one of few") {
    weather_world w;
    const auto statements = [&](std::int64_t id) {
        return tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
            if (auto t = trip::get_trip(tx, w.scheduler, id); !t) return t.error();
            return {};
        });
    };
    const int few = statements(w.plan(w.visits(1)));
    CHECK(statements(w.plan(w.visits(18))) == few);
}
