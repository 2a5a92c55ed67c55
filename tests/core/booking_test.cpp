// Booking: what may go into one order, plans and previews, limits, rules of the institution, whole-day moves.
#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/rule.hpp"
#include "core/base/json.hpp"
#include "core/filing/filing.hpp"
#include "core/instrument/listing.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

struct office : order_world {
    date thursday = add_days(wednesday, 1);
    std::string try_book(const actor& who, const appointment::booking& b) {
        return refusal([&](write_tx& tx) -> result<> {
            const auto made = appointment::book_order(tx, who, b);
            if (!made) return made.error();
            return {};
        });
    }
    void set(std::string_view name, int value) {
        do_now([&](write_tx& tx) { return appointment::set_rule(tx, admin, institution, name, value); });
    }
    std::string last_event() {
        return read([](read_view& v) {
            return v
                .query_one([](db::row r) { return r.text(0); },
                           "SELECT kind FROM outbox ORDER BY id DESC LIMIT 1")
                .value_or("");
        });
    }
};

} // namespace

TEST_CASE("S1 many instruments are read at once as each is read alone, in the order of their ids") {
    office w;
    auto ids = w.filed(w.company, 43); // more than two batches
    ids.push_back(w.filed(w.other_company));
    ids.push_back(12345); // there is none
    const auto gone = w.filed(w.company);
    w.do_now([&](write_tx& tx) { return filing::unfile_at_desk(tx, w.desk, gone, "编号不符"); });
    w.do_now([&](write_tx& tx) { return filing::remove(tx, w.company, gone); });
    ids.insert(ids.begin() + 7, gone);
    ids.push_back(ids[3]); // named twice
    std::reverse(ids.begin(), ids.end());
    std::size_t refused = 0;
    for (const auto& who : {w.company, w.other_company, w.scheduler, w.abroad(role::scheduler), w.platform,
                            w.regulator, order_world::visitor()}) {
        const auto all = w.read([&](read_view& v) { return instrument::get_all(v, who, ids); });
        REQUIRE(all.size() == ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto one = w.read([&](read_view& v) { return instrument::get(v, who, ids[i]); });
            CHECK(all[i].has_value() == one.has_value());
            if (one) CHECK(all[i]->id == ids[i]);
            if (!one) CHECK(all[i].error().code == errc::not_found);
            refused += one ? 0 : 1;
        }
    }
    CHECK(refused == 3 + 46 + 2 + 47 + 2 + 2 + 47);
    CHECK(w.read([&](read_view& v) { return instrument::get_all(v, w.company, {}); }).empty());
    const auto planned = w.read([&](read_view& v) { return appointment::plan_orders(v, w.company, ids); });
    REQUIRE(planned.plans.size() == 1);
    CHECK(planned.plans[0].items.size() == 43);
    CHECK(planned.others.size() == 3);
}

TEST_CASE(
    "A0, A0b, A0c, M26, M27 only filed and free instruments of one institution and method go into an order") {
    office w;
    const auto free = w.filed(w.company);
    const auto busy = w.filed(w.company);
    w.book(w.company, {busy}, w.wednesday);
    const auto onsite = w.filed(w.company, "onsite", tests::charger);
    const auto foreign = w.filed(w.other_company);
    const auto withdrawn = w.filed(w.company);
    w.do_now([&](write_tx& tx) { return filing::unfile_at_desk(tx, w.desk, withdrawn, "编号不符"); });
    const auto before = tests::content_of(w);
    CHECK(w.try_book(w.company, w.wish({}, w.wednesday)) == "order.none");
    CHECK(w.try_book(w.company, w.wish({free, busy}, w.wednesday)) == "order.busy");
    CHECK(w.try_book(w.company, w.wish({free, withdrawn}, w.wednesday)) == "order.not_filed");
    CHECK(w.try_book(w.company, w.wish({free, foreign}, w.wednesday)) == "not_found");
    CHECK(w.try_book(w.company, w.wish({free, 999}, w.wednesday)) == "not_found");
    CHECK(w.try_book(w.company, w.wish({free, onsite}, w.wednesday)) == "order.mixed");
    CHECK(w.try_book(w.company, w.wish(std::vector<std::int64_t>(501, free), w.wednesday)) ==
          "order.too_many");
    for (const auto& who : {w.verifier, w.reviewer, w.admin, w.platform, w.regulator, order_world::visitor(),
                            order_world::system()})
        CHECK(w.try_book(who, w.wish({free}, w.wednesday)) == "not_allowed");
    CHECK(w.try_book(w.abroad(role::scheduler), w.wish({free}, w.wednesday)) == "not_found");
    auto no_contact = w.wish({free}, w.wednesday);
    no_contact.contact_name = " ";
    CHECK(w.try_book(w.company, no_contact) == "contact.required");
    auto no_phone = w.wish({free}, w.wednesday);
    no_phone.contact_phone = "123";
    CHECK(w.try_book(w.company, no_phone).starts_with("phone."));
    CHECK(w.try_book(w.company, w.wish({free}, w.wednesday, 511)) == "slot.none");
    CHECK(w.try_book(w.company, w.wish({free}, local_date(w.time.now()))) == "slot.closed"); // lead time
    CHECK(tests::content_of(w) == before);
    CHECK(w.try_book(w.company, w.wish({free, free}, w.wednesday)) == ""); // named twice counts once
}

TEST_CASE("M27 a mixed selection becomes proper orders, previewed with free times, each booked by itself") {
    office w;
    const auto gauges = w.filed(w.company, 3);
    const auto chargers = w.filed(w.company, 2, "onsite", tests::charger);
    const auto busy = w.filed(w.company);
    w.book(w.company, {busy}, w.wednesday, 600);
    auto ids = gauges;
    ids.insert(ids.end(), chargers.begin(), chargers.end());
    ids.push_back(busy);
    const auto chosen = w.read([&](read_view& v) { return appointment::plan_orders(v, w.company, ids); });
    REQUIRE(chosen.plans.size() == 2);
    CHECK(chosen.plans[0].items.size() == 3);
    CHECK(chosen.plans[0].method == "deliver");
    CHECK(chosen.plans[1].method == "onsite");
    REQUIRE(chosen.others.size() == 1);
    CHECK(chosen.others[0].id == busy);
    const auto previews = w.read([&](read_view& v) { return appointment::preview_orders(v, chosen); });
    REQUIRE(previews.size() == 2);
    REQUIRE(previews[0].proposed.size() == 3);
    CHECK(previews[0].proposed[0] == appointment::slot_time{w.wednesday, 510, 600});
    CHECK(previews[1].proposed[0] == appointment::slot_time{w.wednesday, 510, 690});
    // One is refused, the other booked: nothing of the refused one stays.
    auto wrong = w.wish(chargers, w.wednesday, 1);
    const std::vector<appointment::booking> all = {wrong, w.wish(gauges, w.wednesday)};
    std::vector<appointment::booked> answers;
    w.do_now([&](write_tx& tx) -> result<> {
        answers = appointment::book_orders(tx, w.company, all);
        return {};
    });
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].id == 0);
    CHECK(answers[0].refused->detail == "slot.none");
    CHECK(w.order(answers[1].id).pieces == 3);
    CHECK(w.broken_invariant() == "");
    // Where nothing is free within the horizon nothing is proposed.
    appointment::load crowd(11);
    CHECK(w.read([&](read_view& v) {
               return appointment::list_free(v, w.institution, "deliver", crowd, w.wednesday, 3);
           }).empty());
}

TEST_CASE("order numbers: twelve digits with a check digit, random, never one twice") {
    office w;
    std::set<std::string> seen;
    for (int i = 0; i < 8; ++i) {
        const auto o = w.order(w.book(w.company, {w.filed(w.company)}, add_days(w.wednesday, i % 2), 510));
        CHECK(is_order_number(o.number));
        CHECK(o.number.substr(0, 4) == "2611");
        seen.insert(o.number);
    }
    CHECK(seen.size() == 8);
    // A number that is taken is drawn again; a generator that only knows taken ones is given up on.
    const auto taken = *seen.begin();
    int drawn = 0;
    const auto next = w.read([&](read_view& v) {
        return appointment::free_order_number(
            v, [&](instant) { return ++drawn < 3 ? taken : std::string("261100000009"); });
    });
    CHECK(drawn == 3);
    CHECK(next == "261100000009");
    CHECK_THROWS(w.read(
        [&](read_view& v) { return appointment::free_order_number(v, [&](instant) { return taken; }); }));
}

TEST_CASE("A1a with orders.auto_confirm an order is confirmed at once, with one notice") {
    office w;
    w.set("orders.auto_confirm", 1);
    const auto ids = w.filed(w.company, 1);
    const auto before = w.count("SELECT count(*) FROM outbox");
    const auto id = w.book(w.company, ids, w.wednesday);
    CHECK(w.order(id).status == order_status::confirmed);
    CHECK(w.count("SELECT count(*) FROM outbox") == before + 1);
    CHECK(w.last_event() == "order_confirmed");
    w.do_now([&](write_tx& tx) { return appointment::move_order(tx, w.company, id, {w.thursday, 510}); });
    CHECK(w.order(id).status == order_status::confirmed); // A13a
    w.set("orders.auto_confirm", 0);
    w.do_now([&](write_tx& tx) { return appointment::move_order(tx, w.company, id, {w.wednesday, 510}); });
    CHECK(w.order(id).status == order_status::pending); // A13
}

TEST_CASE("A1b somebody came without booking: the desk books for the company, today, and receives") {
    office w;
    const auto today = local_date(w.time.now()); // 10:00 on Tuesday
    const auto ids = w.filed(w.company, 2);
    CHECK(w.try_book(w.company, w.wish(ids, today, 600)) == "slot.closed");
    CHECK(w.try_book(w.desk, w.wish(ids, today, 510)) == "slot.past"); // is over
    auto mixed = ids;
    mixed.push_back(w.filed(w.other_company));
    CHECK(w.try_book(w.desk, w.wish(mixed, today, 600)) == "order.mixed");
    const auto id = w.book(w.desk, ids, today, 600); // has begun
    CHECK(w.order(id).status == order_status::confirmed);
    CHECK(w.order(id).applicant_id == w.company.applicant_id);
    CHECK(w.last_event() == "order_confirmed");
    w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, id); });
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("limits of a company: open orders, orders a day, no-shows; staff book past them") {
    office w;
    w.set("orders.most_per_day", 2);
    w.set("orders.most_open", 3);
    w.book();
    w.book();
    CHECK(w.try_book(w.company, w.wish({w.filed(w.company)}, w.wednesday)) == "order.most_per_day");
    const auto third = w.book(w.company, {w.filed(w.company)}, w.thursday);
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::move_order(tx, w.company, third, {w.wednesday, 600});
    }) == "order.most_per_day");
    CHECK(w.try_book(w.company, w.wish({w.filed(w.company)}, w.thursday)) == "order.most_open");
    w.book(w.other_company, {w.filed(w.other_company)}, w.wednesday); // its own count
    w.book(w.scheduler, {w.filed(w.company)}, w.wednesday);
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::move_order(tx, w.scheduler, third, {w.wednesday, 600});
    }) == "");
}

TEST_CASE("A11, A12 orders expire by the clock, no-shows are counted and bar from booking for a while") {
    office w;
    w.widen();
    w.set("orders.no_shows", 2);
    w.set("orders.no_show_days", 30);
    const auto pending = w.book();
    std::vector<std::int64_t> missed;
    for (int i = 0; i < 2; ++i) {
        missed.push_back(w.book());
        w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, missed.back()); });
    }
    const auto expire = [&] {
        int n = 0;
        w.do_now([&](write_tx& tx) -> result<> {
            n = appointment::expire_orders(tx, 100);
            return {};
        });
        return n;
    };
    w.time.set(local_instant(w.wednesday, 599));
    CHECK(expire() == 0);
    w.time.set(local_instant(w.wednesday, 600)); // the period is over: A11, but nobody is a no-show yet
    CHECK(expire() == 1);
    CHECK(w.order(pending).status == order_status::expired);
    CHECK_FALSE(w.order(pending).no_show);
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::expire_order(tx, order_world::system(), missed[0]);
    }) == "order.not_over");
    w.do_now(
        [&](write_tx& tx) { return appointment::expire_order(tx, w.desk, missed[0]); }); // the desk saw it
    CHECK(w.order(missed[0]).no_show);
    w.time.set(local_instant(w.thursday, 0));
    CHECK(expire() == 1);
    CHECK(expire() == 0);
    CHECK(w.order(missed[1]).no_show);
    CHECK(w.broken_invariant() == "");
    const auto ids = w.filed(w.company, 1);
    const date monday = add_days(w.wednesday, 5);
    CHECK(w.try_book(w.company, w.wish(ids, monday)) == "order.no_shows");
    w.set("orders.no_shows", 0);
    const auto fine =
        w.read([&](read_view& v) { return appointment::check_booking(v, w.company, w.wish(ids, monday)); });
    CHECK(fine.has_value());
    w.set("orders.no_shows", 2);
    w.time.set(local_instant(add_days(w.wednesday, 31), 600)); // forgotten
    const date later = *parse_date("2026-12-30");
    CHECK(w.try_book(w.company, w.wish(ids, later)) == "");
}

TEST_CASE("A9, A13 a company cancels and moves a confirmed order until the hours before it that are set") {
    office w;
    w.set("orders.cancel_hours", 2);
    w.set("orders.move_hours", 4);
    const auto cancel = [&](const actor& who, std::int64_t id) {
        return w.refusal([&](write_tx& tx) { return appointment::cancel_order(tx, who, id, "设备故障"); });
    };
    const auto move = [&](const actor& who, std::int64_t id) {
        return w.refusal([&](write_tx& tx) {
            return appointment::move_order(tx, who, id, {add_days(w.wednesday, 6), 510});
        });
    };
    const auto a = w.in_state(order_status::confirmed);
    const auto b = w.in_state(order_status::confirmed);
    const auto c = w.in_state(order_status::pending);
    w.time.set(local_instant(w.wednesday, 510) - std::chrono::hours(4)); // the limit itself is too late
    CHECK(move(w.company, a) == "order.too_late");
    CHECK(cancel(w.company, a) == "");
    w.time.set(local_instant(w.wednesday, 510) - std::chrono::hours(2));
    CHECK(cancel(w.company, b) == "order.too_late");
    CHECK(move(w.company, c) == ""); // not yet confirmed: any time
    CHECK(cancel(w.scheduler, b) == "");
}

TEST_CASE("M26 A0 what is stopped or scrapped is not booked until it is in use again") {
    office w;
    const auto id = w.filed(w.company);
    const auto sound = w.filed(w.company);
    const auto put = [&](std::string_view status) {
        w.do_now([&](write_tx& tx) -> result<> {
            const auto was_listed = instrument::read_listed(tx, id).value();
            tx.exec("UPDATE instrument SET instrument_status = $1 WHERE id = $2", status, id);
            instrument::relist(tx, was_listed);
            return {};
        });
    };
    const auto book = [&](std::vector<std::int64_t> ids) {
        return w.refusal([&](write_tx& tx) -> result<> {
            const auto made = appointment::book_order(tx, w.company, w.wish(std::move(ids), w.wednesday));
            if (!made) return made.error();
            return {};
        });
    };
    for (const auto* status : {"stopped", "scrapped"}) {
        put(status);
        CHECK(book({id}) == "order.out_of_service");
        CHECK(book({id, sound}) == "order.out_of_service");
        const auto chosen = w.read([&](read_view& v) {
            return appointment::plan_orders(v, w.company, std::array{id, sound});
        });
        REQUIRE(chosen.others.size() == 1);
        CHECK(chosen.others[0].why.detail == "order.out_of_service");
        CHECK(chosen.plans.size() == 1);
    }
    for (const auto* status : {"repair", "in_use"}) { // after a repair it must be verified before use
        put(status);
        CHECK(book({id}).empty());
        w.do_now([&](write_tx& tx) {
            const auto open =
                tx.query_number("SELECT max(order_id) FROM appointment_line WHERE instrument_id = $1", id);
            return appointment::cancel_order(tx, w.company, open, "");
        });
    }
}

TEST_CASE("a whole day is moved: own periods where there is room, then the nearest, an answer per order") {
    office w;
    const auto early = w.book(w.company, w.filed(w.company, 4), w.wednesday, 510);
    const auto full = w.book(w.company, w.filed(w.company, 5), w.wednesday, 600);
    const auto confirmed = w.book(w.other_company, w.filed(w.other_company, 3), w.wednesday, 870);
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, confirmed); });
    const auto big = w.book(w.other_company, w.filed(w.other_company, 7), w.wednesday, 870);
    const auto visit = w.book(w.company, w.filed(w.company, 1, "onsite", tests::charger), w.wednesday);
    w.book(w.company, w.filed(w.company, 7), w.thursday, 600); // in the way of `full`
    w.book(w.company, w.filed(w.company, 1), w.thursday, 870); // in the way of `big`
    appointment::day_move m;
    m.method = "deliver";
    m.from = w.wednesday;
    m.to = w.thursday;
    m.reason = "台风停检";
    const auto move = [&](const actor& who) {
        return w.write([&](write_tx& tx) { return appointment::move_day(tx, who, w.institution, m); });
    };
    CHECK(move(w.desk).error().code == errc::not_allowed);
    CHECK(move(w.abroad(role::scheduler)).error().code == errc::not_found);
    CHECK(move(w.company).error().code == errc::not_found);
    const auto done = move(w.scheduler).value();
    REQUIRE(done.size() == 4);
    using kind = appointment::day_moved::kind;
    CHECK(done[0].id == early);
    CHECK(done[0].when == appointment::slot_time{w.thursday, 510, 600});
    CHECK(done[1].id == full);
    CHECK(done[1].what == kind::moved);
    CHECK(w.order(full).starts == 510); // the nearest with room
    CHECK(done[2].id == confirmed);
    CHECK(w.order(confirmed).status == order_status::confirmed);
    CHECK(w.order(confirmed).starts == 870);
    CHECK(w.order(confirmed).reason == "台风停检");
    CHECK(done[3].id == big);
    CHECK(done[3].what == kind::stays);
    CHECK(done[3].refused->detail == "slot.full");
    CHECK(w.order(big).day == w.wednesday);
    CHECK(w.order(visit).day == w.wednesday); // another method
    CHECK(w.broken_invariant() == "");
    // The rest is cancelled with the next free time as suggestion.
    m.cancel_others = true;
    m.method = "";
    const auto rest = move(w.scheduler).value();
    REQUIRE(rest.size() == 2);
    CHECK(w.order(visit).day == w.thursday);
    CHECK(w.order(big).status == order_status::rejected);
    CHECK(w.order(big).suggested_day == add_days(w.wednesday, 2));
    CHECK(w.order(big).reason == "台风停检");
    CHECK(w.broken_invariant() == "");
    // A day given up whole: confirmed orders are cancelled, waiting ones rejected.
    m.from = w.thursday;
    m.to.reset();
    for (const auto& d : move(w.scheduler).value())
        CHECK(d.what == kind::cancelled);
    CHECK(w.order(confirmed).status == order_status::cancelled);
    CHECK(w.order(confirmed).suggested_day == add_days(w.thursday, 1));
    CHECK(w.order(early).status == order_status::rejected);
    CHECK(w.broken_invariant() == "");
    const auto facts = w.read([](read_view& v) {
        return parse_json(
                   v.query_one([](db::row r) { return r.text(0); },
                               "SELECT facts FROM outbox WHERE kind = 'order_moved' ORDER BY id LIMIT 1")
                       .value())
            .value();
    });
    CHECK(facts.text("date_before") == "2026-11-25");
    CHECK(facts.text("from_before") == "08:30");
    CHECK(facts.text("to_before") == "10:00");
    CHECK(facts.text("time_words") == "11月26日（周四）08:30–10:00");
    CHECK(facts.text("reason") == "台风停检");
}

TEST_CASE("N1 a whole-day move is one step: a fault at any statement moves nobody") {
    office w;
    w.book(2);
    w.book(w.other_company, w.filed(w.other_company, 1), w.wednesday, 600);
    appointment::day_move m;
    m.from = w.wednesday;
    m.to = w.thursday;
    m.reason = "台风停检";
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              const auto done = appointment::move_day(tx, w.scheduler, w.institution, m);
              if (!done) return done.error();
              return {};
          }) > 20);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("A3, A10 another time is proposed with a rejection or a cancelling") {
    office w;
    const auto a = w.book();
    CHECK(w.refusal([&](write_tx& tx) {
        return appointment::reject_order(tx, w.scheduler, a, "已满",
                                         appointment::suggestion{w.thursday, 511});
    }) == "slot.none");
    CHECK(w.order(a).status == order_status::pending);
    w.do_now([&](write_tx& tx) {
        return appointment::reject_order(tx, w.scheduler, a, "已满",
                                         appointment::suggestion{w.thursday, 600});
    });
    CHECK(w.order(a).suggested_day == w.thursday);
    CHECK(w.order(a).suggested_ends == 690);
    const auto b = w.book();
    for (const auto* reason : {"", " ", "\xff"})
        CHECK(w.refusal([&](write_tx& tx) {
            return appointment::reject_order(tx, w.scheduler, b, reason);
        }) == "order.reason");
}

TEST_CASE("rules: usual value, platform's, institution's own; ranges; who may") {
    office w;
    const auto at = [&](std::string_view name) {
        return w.read([&](read_view& v) { return appointment::rule_at(v, w.institution, name); });
    };
    const auto set = [&](const actor& who, std::int64_t where, std::string_view name,
                         std::optional<int> value) {
        return w.refusal([&](write_tx& tx) { return appointment::set_rule(tx, who, where, name, value); });
    };
    for (const auto& r : appointment::rules) {
        CAPTURE(r.name);
        CHECK(at(r.name) == r.usual);
        CHECK(r.usual >= r.least);
        CHECK(r.usual <= r.most);
        CHECK(set(w.platform, 0, r.name, r.most) == "");
        CHECK(at(r.name) == r.most);
        CHECK(set(w.admin, w.institution, r.name, r.least) == "");
        CHECK(at(r.name) == r.least);
        CHECK(set(w.admin, w.institution, r.name, r.most + 1) == "rule.range");
        CHECK(set(w.admin, w.institution, r.name, r.least - 1) == "rule.range");
        CHECK(set(w.admin, w.institution, r.name, std::nullopt) == "");
        CHECK(at(r.name) == r.most);
        CHECK(set(w.platform, 0, r.name, std::nullopt) == "");
        CHECK(at(r.name) == r.usual);
    }
    CHECK(set(w.admin, w.institution, "orders.colour", 1) == "rule.name");
    CHECK(set(w.scheduler, w.institution, "orders.most_open", 1) == "not_allowed");
    CHECK(set(w.abroad(role::institution_admin), w.institution, "orders.most_open", 1) == "not_found");
    CHECK(set(w.admin, 0, "orders.most_open", 1) == "not_found");
    CHECK(set(w.company, w.institution, "orders.most_open", 1) == "not_found");
    CHECK(set(w.platform, 999, "orders.most_open", 1) == "not_found");
    CHECK(w.read([&](read_view& v) {
        return appointment::list_rules(v, w.admin, w.institution).value().size();
    }) == appointment::rules.size());
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'set_rule'") == 4 * appointment::rules.size());
}
