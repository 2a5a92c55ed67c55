// On-site trips: the table walked whole, what may be a stop, windows told, the day, and the weather
// (domain.md 12).
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "core/trip/queries.hpp"
#include "core/trip/trip.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;
using trip::trip_status;

namespace {

// Orders are booked on Tuesday for Wednesday; trips are driven on Wednesday.
class trip_world : public order_world {
  public:
    explicit trip_world(bool wide = true) {
        if (wide) widen();
        thursday = add_days(wednesday, 1);
        mate = verifier; // a verifier who is not of the team
        mate.login_id = desk.login_id;
    }

    date thursday;
    actor mate;

    std::int64_t visit(int pieces = 1) { return in_state(order_status::confirmed, pieces, "onsite"); }
    std::vector<std::int64_t> visits(int n) {
        std::vector<std::int64_t> all;
        while (static_cast<int>(all.size()) < n)
            all.push_back(visit());
        return all;
    }
    trip::equipment crew() const { return {{verifier.login_id}, "粤E·12345", "标准压力表 0.05 级"}; }
    std::int64_t plan(const std::vector<std::int64_t>& orders, std::optional<date> day = {}) {
        std::int64_t id = 0;
        do_now([&](write_tx& tx) -> result<> {
            auto made = trip::plan_trip(tx, scheduler, day.value_or(wednesday), crew(), orders);
            if (!made) return made.error();
            id = *made;
            return {};
        });
        return id;
    }
    std::string refused_plan(const actor& who, date day, const trip::equipment& with,
                             const std::vector<std::int64_t>& orders) {
        return refusal([&](write_tx& tx) -> result<> {
            if (auto made = trip::plan_trip(tx, who, day, with, orders); !made) return made.error();
            return {};
        });
    }
    int announce(std::int64_t id) {
        int n = 0;
        do_now([&](write_tx& tx) -> result<> {
            n = trip::announce_trip(tx, scheduler, id).value();
            return {};
        });
        return n;
    }
    trip::trip get(std::int64_t id, const actor& who) {
        return read([&](read_view& v) { return trip::get_trip(v, who, id); }).value();
    }
    trip::trip get(std::int64_t id) { return get(id, scheduler); }
    void morning() { time.set(local_instant(wednesday, 8 * 60)); }
    void start(std::int64_t id) {
        do_now([&](write_tx& tx) { return trip::start_trip(tx, verifier, id); });
    }
    void complete(std::int64_t order_id) {
        do_now([&](write_tx& tx) { return appointment::receive_order(tx, verifier, order_id); });
        const auto results = passing(order(order_id));
        do_now([&](write_tx& tx) { return appointment::record_results(tx, verifier, order_id, results); });
        do_now([&](write_tx& tx) { return appointment::complete_order(tx, verifier, order_id); });
    }
    std::int64_t events(std::string_view kind) {
        return read([&](read_view& v) {
            return v.query_number("SELECT count(*) FROM outbox WHERE kind = $1", kind);
        });
    }
    std::optional<trip::visit> told(const actor& who, std::int64_t order_id) {
        return read([&](read_view& v) { return trip::find_visit(v, who, order_id); });
    }
};

struct verb {
    std::string name;
    std::function<result<>(trip_world&, write_tx&, const actor&, const trip::trip&)> walk;
};

// `spare` is a confirmed order of the day that is on no trip.
std::vector<verb> verbs(const std::function<std::int64_t()>& spare) {
    return {
        {"change", [](trip_world& w, write_tx& tx, const actor& who,
                      const trip::trip& t) { return trip::change_trip(tx, who, t.id, t.version, w.crew()); }},
        {"add_stop", [spare](trip_world&, write_tx& tx, const actor& who,
                             const trip::trip& t) { return trip::add_stop(tx, who, t.id, spare()); }},
        {"remove_stop",
         [](trip_world&, write_tx& tx, const actor& who, const trip::trip& t) {
             return trip::remove_stop(tx, who, t.id, t.stops[0].order_id);
         }},
        {"reorder_stops",
         [](trip_world&, write_tx& tx, const actor& who, const trip::trip& t) {
             return trip::reorder_stops(tx, who, t.id, std::array{t.stops[1].order_id, t.stops[0].order_id});
         }},
        {"set_stop",
         [](trip_world&, write_tx& tx, const actor& who, const trip::trip& t) {
             return trip::set_stop(tx, who, t.id, t.stops[0].order_id,
                                   {trip::window::afternoon, "二号门", "需停机"});
         }},
        {"announce",
         [](trip_world&, write_tx& tx, const actor& who, const trip::trip& t) -> result<> {
             if (auto done = trip::announce_trip(tx, who, t.id); !done) return done.error();
             return {};
         }},
        {"start", [](trip_world&, write_tx& tx, const actor& who,
                     const trip::trip& t) { return trip::start_trip(tx, who, t.id); }},
        {"finish", [](trip_world&, write_tx& tx, const actor& who,
                      const trip::trip& t) { return trip::finish_trip(tx, who, t.id); }},
        {"cancel",
         [](trip_world&, write_tx& tx, const actor& who, const trip::trip& t) {
             return trip::cancel_trip(tx, who, t.id, "台风", trip::orders_do::keep);
         }},
        {"move", [](trip_world& w, write_tx& tx, const actor& who, const trip::trip& t) {
             return trip::move_trip(tx, who, t.id, w.thursday, "台风");
         }}};
}

// domain.md 12 and the README, written again: who may walk which verb of which state.
const std::map<std::pair<std::string, std::string>, std::set<std::string>> allowed = {
    {{"planned", "change"}, {"scheduler"}},
    {{"planned", "add_stop"}, {"scheduler"}},
    {{"planned", "remove_stop"}, {"scheduler"}},
    {{"planned", "reorder_stops"}, {"scheduler"}},
    {{"planned", "set_stop"}, {"scheduler"}},
    {{"planned", "announce"}, {"scheduler"}},
    {{"planned", "start"}, {"scheduler", "verifier"}},
    {{"planned", "cancel"}, {"scheduler"}},
    {{"planned", "move"}, {"scheduler"}},
    {{"under_way", "add_stop"}, {"scheduler"}},
    {{"under_way", "remove_stop"}, {"scheduler"}},
    {{"under_way", "reorder_stops"}, {"scheduler", "verifier"}},
    {{"under_way", "set_stop"}, {"scheduler", "verifier"}},
    {{"under_way", "announce"}, {"scheduler", "verifier"}},
    {{"under_way", "finish"}, {"scheduler", "verifier"}}, // once all stops are done
    {{"under_way", "cancel"}, {"scheduler"}}};

} // namespace

TEST_CASE("S1 S16 every state of a trip, every verb, every kind of actor") {
    trip_world w;
    auto pool = w.visits(56);
    const auto spare = [&] {
        REQUIRE_FALSE(pool.empty());
        return pool.back();
    };
    const auto take = [&] {
        const auto id = spare();
        pool.pop_back();
        return id;
    };
    actor far_regulator = w.regulator;
    far_regulator.region_code = "440300";
    const std::vector<std::pair<std::string, actor>> people = {{"scheduler", w.scheduler},
                                                               {"verifier", w.verifier},
                                                               {"mate", w.mate},
                                                               {"desk", w.desk},
                                                               {"reviewer", w.reviewer},
                                                               {"admin", w.admin},
                                                               {"regulator", w.regulator},
                                                               {"platform", w.platform},
                                                               {"system", order_world::system()},
                                                               {"abroad", w.abroad(role::scheduler)},
                                                               {"far_regulator", far_regulator},
                                                               {"company", w.company},
                                                               {"other_company", w.other_company},
                                                               {"visitor", order_world::visitor()}};
    const std::set<std::string> strangers = {"abroad", "far_regulator", "company", "other_company",
                                             "visitor"};
    w.morning();
    const auto in_state = [&](const std::string& state) {
        const auto id = w.plan({take(), take()});
        if (state == "under_way" || state == "done") w.start(id);
        if (state == "cancelled")
            w.do_now([&](write_tx& tx) {
                return trip::cancel_trip(tx, w.scheduler, id, "台风", trip::orders_do::keep);
            });
        if (state == "done") {
            for (const auto& s : w.get(id).stops)
                w.complete(s.order_id);
            w.do_now([&](write_tx& tx) { return trip::finish_trip(tx, w.scheduler, id); });
        }
        return id;
    };
    int walked = 0;
    for (const std::string state : {"planned", "under_way", "done", "cancelled"}) {
        std::int64_t id = 0;
        for (const auto& v : verbs(spare))
            for (const auto& [name, who] : people) {
                if (id == 0) id = in_state(state);
                const auto now = w.get(id);
                REQUIRE(trip::code_of(now.status) == state);
                CAPTURE(state);
                CAPTURE(v.name);
                CAPTURE(name);
                const auto at = allowed.find({state, v.name});
                const bool may = at != allowed.end() && at->second.contains(name);
                if (may && v.name == "finish") // not before every stop is done
                    for (const auto& s : now.stops) {
                        CHECK(w.refusal([&](write_tx& tx) { return v.walk(w, tx, who, now); }) ==
                              "trip.unfinished");
                        w.complete(s.order_id);
                    }
                const auto before = w.count("SELECT count(*) FROM audit WHERE subject_kind = 'trip'");
                const auto got = w.refusal([&](write_tx& tx) { return v.walk(w, tx, who, now); });
                const auto rows = w.count("SELECT count(*) FROM audit WHERE subject_kind = 'trip'") - before;
                if (may) {
                    CHECK(got.empty());
                    CHECK(rows == 1);
                    if (v.name == "add_stop") take();
                    ++walked;
                    id = 0;
                    continue;
                }
                const std::string expected = strangers.contains(name) ? "not_found"
                                             : at == allowed.end()    ? "trip.state"
                                                                      : "not_allowed";
                CHECK(got == expected);
                CHECK(rows == 0);
                CHECK(w.get(id).version == now.version);
            }
    }
    CHECK(walked == 21);
    CHECK(w.broken_invariant().empty());
    CHECK_FALSE(w.read([](read_view& v) { return audit::find_broken(v); }));
}

TEST_CASE("M36 a stop is a confirmed on-site order of the institution for that day, on one trip only") {
    trip_world w;
    const auto good = w.visit();
    const auto pending = w.in_state(order_status::pending, 1, "onsite");
    const auto deliver = w.in_state(order_status::confirmed);
    const auto crew = w.crew();
    CHECK(w.refused_plan(w.scheduler, w.wednesday, crew, {pending}) == "trip.order");
    CHECK(w.refused_plan(w.scheduler, w.wednesday, crew, {deliver}) == "trip.order");
    CHECK(w.refused_plan(w.scheduler, w.thursday, crew, {good}) == "trip.order");
    CHECK(w.refused_plan(w.scheduler, w.wednesday, crew, {42}) == "not_found");
    CHECK(w.refused_plan(w.abroad(role::scheduler), w.wednesday, crew, {}) == "trip.team");
    CHECK(w.refused_plan(w.company, w.wednesday, crew, {}) == "not_allowed");
    CHECK(w.refused_plan(w.verifier, w.wednesday, crew, {}) == "not_allowed");
    CHECK(w.refused_plan(w.scheduler, add_days(w.wednesday, -7), crew, {}) == "trip.day");
    const std::vector<std::int64_t> many(trip::most_stops + 1, good);
    CHECK(w.refused_plan(w.scheduler, w.wednesday, crew, many) == "trip.full");
    const auto id = w.plan({good, good});
    CHECK(w.get(id).stops.size() == 1);
    CHECK(w.refused_plan(w.scheduler, w.wednesday, crew, {good}) == "trip.taken");
    w.do_now([&](write_tx& tx) { return trip::remove_stop(tx, w.scheduler, id, good); });
    const auto next = w.plan({good}); // free again
    CHECK(w.refusal([&](write_tx& tx) { return trip::add_stop(tx, w.scheduler, id, good); }) == "trip.taken");
    CHECK(w.refusal([&](write_tx& tx) { return trip::remove_stop(tx, w.scheduler, id, good); }) ==
          "not_found");
    // Moved to another day by the company and confirmed there, the order leaves the trip for that day's.
    w.do_now([&](write_tx& tx) { return appointment::move_order(tx, w.company, good, {w.thursday, 510}); });
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, good); });
    CHECK(w.get(next).stops[0].state == trip::stop_state::gone);
    const auto later = w.plan({good}, w.thursday);
    CHECK(w.get(later).stops.size() == 1);
    CHECK(w.get(next).stops.empty());
}

TEST_CASE("M36 a team is of the institution, with a verifier; texts have limits") {
    trip_world w;
    const auto refused = [&](trip::equipment with) {
        return w.refused_plan(w.scheduler, w.wednesday, with, {});
    };
    auto with = w.crew();
    with.team.clear();
    CHECK(refused(with) == "trip.team");
    with.team = {w.scheduler.login_id}; // verifies nothing
    CHECK(refused(with) == "trip.team");
    with.team = {w.verifier.login_id, w.company.login_id};
    CHECK(refused(with) == "trip.team");
    with.team = std::vector<std::int64_t>(11, w.verifier.login_id);
    CHECK(refused(with).empty()); // the same person eleven times is one
    with = w.crew();
    with.vehicle = std::string(31, 'x');
    CHECK(refused(with) == "field.long");
    with = w.crew();
    with.standards = std::string(501, 'x');
    CHECK(refused(with) == "field.long");
    const auto id = w.plan({w.visit()});
    const auto version = w.get(id).version;
    with = w.crew();
    with.team = {w.verifier.login_id, w.scheduler.login_id};
    with.vehicle = "面包车";
    const auto change = [&] {
        return w.refusal([&](write_tx& tx) { return trip::change_trip(tx, w.scheduler, id, version, with); });
    };
    CHECK(change().empty());
    CHECK(change() == "trip.edited"); // somebody saved meanwhile
    CHECK(w.get(id).team.size() == 2);
    CHECK(w.get(id).vehicle == "面包车");
    const auto order = w.get(id).stops[0].order_id;
    CHECK(w.refusal([&](write_tx& tx) {
        return trip::set_stop(tx, w.scheduler, id, order, {trip::window::morning, "", std::string(201, 'x')});
    }) == "field.long");
    CHECK(w.refusal([&](write_tx& tx) {
        return trip::reorder_stops(tx, w.scheduler, id, std::array{order, order});
    }) == "trip.order_of");
}

TEST_CASE("M36 orders of a day that nobody visits yet are proposed by county") {
    trip_world w;
    const auto all = w.visits(3);
    w.in_state(order_status::confirmed); // delivered
    const auto groups = [&](const actor& who) {
        return w.read([&](read_view& v) { return trip::propose_stops(v, who, w.wednesday); });
    };
    REQUIRE(groups(w.scheduler).size() == 1);
    const auto group = groups(w.scheduler)[0];
    CHECK(group.code == "440605");
    CHECK(group.name == "南海区");
    CHECK(group.orders.size() == 3);
    CHECK(group.pieces == 3);
    CHECK_FALSE(group.orders[0].place.empty());
    w.plan({all[0], all[1]});
    CHECK(groups(w.scheduler)[0].orders.size() == 1);
    CHECK(groups(w.abroad(role::scheduler)).empty());
    CHECK(groups(w.company).empty());
}

TEST_CASE("M36 companies are told half a day, again when it changes, and know only what they were told") {
    trip_world w;
    const auto orders = w.visits(2);
    const auto id = w.plan(orders);
    CHECK_FALSE(w.told(w.company, orders[0]));
    CHECK(w.announce(id) == 2);
    CHECK(w.events("order_visit_announced") == 2);
    const auto facts = w.read([](read_view& v) { return outbox::list_pending(v, 10'000).back().facts; });
    CHECK(facts.text("window") == "上午"); // booked for 08:30
    CHECK(facts.text("window_words") == "11月25日（周三）上午");
    CHECK(w.told(w.company, orders[0])->when == trip::window::morning);
    CHECK_FALSE(w.told(w.company, orders[0])->under_way);
    CHECK_FALSE(w.told(w.other_company, orders[0]));
    CHECK_FALSE(w.told(w.scheduler, orders[0]));
    CHECK(w.announce(id) == 0); // nothing new
    w.do_now([&](write_tx& tx) {
        return trip::set_stop(tx, w.scheduler, id, orders[0], {trip::window::afternoon, "", "需停机"});
    });
    CHECK_FALSE(w.told(w.company, orders[0])); // what it was told holds no more
    CHECK(w.announce(id) == 1);
    CHECK(w.told(w.company, orders[0])->when == trip::window::afternoon);
    for (const auto win : {trip::window::morning, trip::window::afternoon})
        CHECK(trip::parse_window(trip::code_of(win)) == win);
    CHECK_FALSE(trip::parse_window("10:15"));
}

TEST_CASE("M36 the team finds its day in order, with contacts in clear; others see the phone masked") {
    trip_world w;
    const auto orders = w.visits(2);
    const auto id = w.plan(orders);
    w.do_now([&](write_tx& tx) {
        return trip::reorder_stops(tx, w.scheduler, id, std::array{orders[1], orders[0]});
    });
    w.do_now([&](write_tx& tx) {
        return trip::set_stop(tx, w.scheduler, id, orders[0],
                              {trip::window::morning, "二号门地磅房", "带砝码车"});
    });
    const auto mine = [&](const actor& who, date day) {
        return w.read([&](read_view& v) { return trip::list_my_trips(v, who, day); });
    };
    REQUIRE(mine(w.verifier, w.wednesday).size() == 1);
    const auto t = mine(w.verifier, w.wednesday)[0];
    CHECK(t.stops[0].order_id == orders[1]);
    CHECK(t.stops[1].place() == "二号门地磅房");
    CHECK(t.stops[0].place().find("示例路") != std::string::npos); // address and where the instruments are
    CHECK(t.stops[1].detail.access_note == "带砝码车");
    const auto phone = t.stops[0].order.contact_phone;
    CHECK(phone.find('*') == std::string::npos);
    CHECK(w.get(id, w.scheduler).stops[0].order.contact_phone == phone);
    for (const actor& who : {w.mate, w.desk, w.admin, w.platform, w.regulator})
        CHECK(w.get(id, who).stops[0].order.contact_phone.find("****") != std::string::npos);
    CHECK(mine(w.mate, w.wednesday).empty());
    CHECK(mine(w.verifier, w.thursday).empty());
    CHECK(mine(w.company, w.wednesday).empty());
    const auto rows =
        w.read([&](read_view& v) { return trip::list_trips(v, w.desk, w.wednesday, w.thursday, {}, 10); });
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].stops == 2);
    CHECK(rows[0].pieces == 2);
    CHECK(rows[0].done == 0);
    const trip::key end{rows[0].day, rows[0].id};
    CHECK(w.read([&](read_view& v) {
               return trip::list_trips(v, w.desk, w.wednesday, w.thursday, end, 10);
           }).empty());
    CHECK(w.read([&](read_view& v) {
               return trip::list_trips(v, w.abroad(role::scheduler), w.wednesday, w.thursday, {}, 10);
           }).empty());
}

TEST_CASE("M36 the day: not before its date, finished when every stop has results; what was not found is not "
          "tested") {
    trip_world w;
    const auto orders = w.visits(2);
    const auto cancelled = w.visit();
    const auto id = w.plan({orders[0], orders[1], cancelled});
    const auto start = [&] {
        return w.refusal([&](write_tx& tx) { return trip::start_trip(tx, w.verifier, id); });
    };
    CHECK(start() == "trip.not_today");
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.company, cancelled, "停产"); });
    w.morning();
    CHECK(start().empty());
    CHECK(w.get(id).stops[2].state == trip::stop_state::gone);
    CHECK(w.told(w.company, orders[0]).has_value() == false);
    w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.verifier, orders[0]); });
    CHECK(w.get(id).stops[0].state == trip::stop_state::under_way);
    auto results = w.passing(w.order(orders[0]));
    results[0].result = "not_tested";
    results[0].failed_items = "现场未找到";
    w.do_now([&](write_tx& tx) { return appointment::record_results(tx, w.verifier, orders[0], results); });
    w.do_now([&](write_tx& tx) { return appointment::complete_order(tx, w.verifier, orders[0]); });
    CHECK(w.get(id).stops[0].state == trip::stop_state::done);
    const auto finish = [&] {
        return w.refusal([&](write_tx& tx) { return trip::finish_trip(tx, w.verifier, id); });
    };
    CHECK(finish() == "trip.unfinished");
    w.complete(orders[1]);
    CHECK(finish().empty()); // the cancelled one does not count
    CHECK(w.get(id).status == trip_status::done);
    const auto empty = w.plan({});
    CHECK(w.refusal([&](write_tx& tx) { return trip::start_trip(tx, w.scheduler, empty); }) == "trip.empty");
}

TEST_CASE("A10 A13 typhoon: a whole trip is cancelled or moved in one step, every company is told") {
    trip_world w;
    const auto orders = w.visits(3);
    auto id = w.plan(orders);
    w.announce(id);
    const auto move = [&](date day) {
        return w.refusal([&](write_tx& tx) { return trip::move_trip(tx, w.scheduler, id, day, "台风"); });
    };
    CHECK(move(w.wednesday) == "trip.same_day");
    CHECK(move(add_days(w.wednesday, -2)) == "trip.day");
    CHECK(move(w.thursday).empty());
    CHECK(w.events("order_moved") == 3);
    CHECK(w.get(id).day == w.thursday);
    for (const auto o : orders) {
        CHECK(w.order(o).day == w.thursday);
        CHECK(w.order(o).status == order_status::confirmed);
        CHECK_FALSE(w.told(w.company, o)); // the window must be told again
    }
    CHECK(w.announce(id) == 3);
    const auto cancel = [&](std::string_view why, trip::orders_do what) {
        return w.refusal([&](write_tx& tx) { return trip::cancel_trip(tx, w.scheduler, id, why, what); });
    };
    CHECK(cancel("", trip::orders_do::cancel) == "trip.reason");
    CHECK(cancel("车辆故障", trip::orders_do::keep).empty());
    CHECK(w.events("order_cancelled") == 0);
    CHECK(w.order(orders[0]).status == order_status::confirmed);
    id = w.plan(orders, w.thursday); // the same orders with another car
    CHECK(cancel("台风红色预警", trip::orders_do::cancel).empty());
    CHECK(w.events("order_cancelled") == 3);
    for (const auto o : orders) {
        CHECK(w.order(o).status == order_status::cancelled);
        CHECK(w.order(o).reason == "台风红色预警");
    }
    CHECK(w.get(id).reason == "台风红色预警");
    CHECK(w.broken_invariant().empty());
}

TEST_CASE("A13 S16 a trip that does not fit on the new day stays whole where it is") {
    trip_world w(false); // two on-site orders a day
    const auto a = w.visit();
    const auto b = w.visit();
    const auto there = w.book(w.company, w.filed(w.company, 1, "onsite"), w.thursday);
    CHECK(w.order(there).day == w.thursday);
    const auto id = w.plan({a, b});
    const auto content = tests::content_of(w);
    const auto done =
        w.write([&](write_tx& tx) { return trip::move_trip(tx, w.scheduler, id, w.thursday, "台风"); });
    REQUIRE(done.has_error());
    CHECK(done.error().detail == "trip.not_moved");
    CHECK(done.error().also.empty()); // one of the two would have fitted
    CHECK(tests::content_of(w) == content);
}

TEST_CASE("N1 a fault at any statement of a trip's verb leaves nothing behind") {
    trip_world w;
    const auto orders = w.visits(3);
    std::int64_t id = 0;
    tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
        auto made = trip::plan_trip(tx, w.scheduler, w.wednesday, w.crew(), std::array{orders[0], orders[1]});
        if (!made) return made.error();
        id = *made;
        return {};
    });
    tests::for_every_fault(w, [&](write_tx& tx) { return trip::add_stop(tx, w.scheduler, id, orders[2]); });
    tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
        if (auto told = trip::announce_trip(tx, w.scheduler, id); !told) return told.error();
        return {};
    });
    tests::for_every_fault(
        w, [&](write_tx& tx) { return trip::move_trip(tx, w.scheduler, id, w.thursday, "台风"); });
    tests::for_every_fault(w, [&](write_tx& tx) {
        return trip::cancel_trip(tx, w.scheduler, id, "台风", trip::orders_do::cancel);
    });
    CHECK(w.events("order_cancelled") == 3);
}
