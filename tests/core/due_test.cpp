// The due cycle: lists at their edges, counts, forecast, and one-step booking (domain.md 6.5, 10).
#include "core/account/applicant.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/rule.hpp"
#include "core/due/booking.hpp"
#include "core/due/due.hpp"
#include "core/due/due_store.hpp"
#include "core/filing/filing.hpp"
#include "core/instrument/listing.hpp"
#include "tests/support/query_plans.hpp"
#include "tests/support/world_filings.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::filing_world;

namespace {

class due_world : public filing_world {
  public:
    explicit due_world(instant start = tests::tuesday_morning) : filing_world(start) {}

    // As a result leaves it: verified the day before, valid until then.
    std::int64_t valid_until(std::string_view last, const fields& changed = {}) {
        const auto id = filed(changed);
        put(id, "2025-01-01", last, false);
        return id;
    }
    void put(std::int64_t id, std::optional<std::string> verified, std::optional<std::string_view> last,
             bool barred) {
        write([&](write_tx& tx) -> result<> {
            const auto was_listed = instrument::read_listed(tx, id).value();
            tx.exec("UPDATE instrument SET verified_on = $1, valid_until = $2, barred = $3 WHERE id = $4",
                    verified, last, barred, id);
            instrument::relist(tx, was_listed);
            return {};
        }).value();
    }
    std::vector<std::int64_t> ids(const actor& who, const due::filter& f) {
        std::vector<std::int64_t> all;
        for (const auto& i : read([&](read_view& v) { return due::list_due(v, who, f, {}, 100); }))
            all.push_back(i.id);
        return all;
    }
    due::counts counts(const actor& who) {
        return read([&](read_view& v) { return due::count_due(v, who); });
    }
    void open(std::int64_t institution, std::string_view method, int instruments, int orders) {
        const actor scheduler = staff_of(institution, {role::scheduler});
        const std::array<appointment::period, 2> periods = {
            {{540, 690, instruments, orders}, {870, 1020, instruments, orders}}};
        for (const int weekday : appointment::working_week)
            write([&](write_tx& tx) {
                return appointment::set_pattern(tx, scheduler, institution, method, weekday, periods);
            }).value();
    }
    due::plan plan(const actor& who, const std::vector<std::int64_t>& chosen = {}) {
        return read([&](read_view& v) { return due::plan_booking(v, who, chosen); });
    }
    std::vector<appointment::booked> book(const actor& who, const std::vector<due::chosen_order>& orders) {
        return write([&](write_tx& tx) -> result<std::vector<appointment::booked>> {
                   return due::book_planned(tx, who, orders, {"陈志明", "13800001234", ""});
               })
            .value();
    }
};

std::vector<due::chosen_order> all_of(const due::plan& p) {
    std::vector<due::chosen_order> all;
    for (const auto& o : p.orders) {
        due::chosen_order c;
        for (const auto& i : o.what.items)
            c.instruments.push_back(i.id);
        c.day = o.day;
        c.starts = o.starts;
        all.push_back(std::move(c));
    }
    return all;
}

using id_list = std::vector<std::int64_t>;

} // namespace

TEST_CASE("U9 due soon and overdue at their edges, over the end of a year and a leap day") {
    due_world w(local_instant(*parse_date("2027-12-31"), 10 * 60));
    const auto yesterday = w.valid_until("2027-12-30");
    const auto today = w.valid_until("2027-12-31");    // its last valid day
    const auto leap_day = w.valid_until("2028-02-29"); // 60 days from now
    const auto later = w.valid_until("2028-03-01");
    CHECK(w.ids(w.company, {.of = due::tab::soon}) == id_list{today, leap_day});
    CHECK(w.ids(w.company, {.of = due::tab::overdue}) == id_list{yesterday});
    CHECK(w.ids(w.city, {.of = due::tab::soon}) == id_list{today, leap_day});
    auto all = w.read([&](read_view& v) { return due::list_due(v, w.company, {}, {}, 100); });
    CHECK(all[0].days_left == 0);
    CHECK(all[1].days_left == 60);
    w.time.set(local_instant(*parse_date("2028-01-01"), 1)); // one minute into the new day
    CHECK(w.ids(w.company, {.of = due::tab::soon}) == id_list{leap_day, later});
    CHECK(w.ids(w.company, {.of = due::tab::overdue}) == id_list{yesterday, today});
    all = w.read([&](read_view& v) { return due::list_due(v, w.company, {.of = due::tab::overdue}, {}, 9); });
    CHECK(all[0].days_left == -2);
    CHECK(w.status(yesterday) == "filed"); // overdue alone changes nothing
}

TEST_CASE("U9 how long before is a setting") {
    due_world w;
    const auto near = w.valid_until("2026-12-09");
    const auto far = w.valid_until("2026-12-10");
    CHECK(w.ids(w.company, {.of = due::tab::soon}) == id_list{near, far});
    const auto set = [&](std::string_view days) {
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("INSERT INTO setting (name, value) VALUES ('due.lead_days', $1) "
                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     days);
             return {};
         }).value();
        return w.ids(w.company, {.of = due::tab::soon});
    };
    CHECK(set("15") == id_list{near});
    CHECK(set("0").empty());
    // The list, its counts and the tag go by the same days.
    const auto soon = [&] {
        return w.read([&](read_view& v) {
            instrument::filter f;
            f.due = "soon";
            const int days = instrument::lead_days(v);
            const auto tag =
                instrument::validity_tag(instrument::get(v, w.company, far).value(), v.today(), days);
            return std::to_string(instrument::list(v, w.company, f, 0, 10).size()) + " " +
                   std::to_string(instrument::count(v, w.company).due_soon) + " " + std::string(tag.text);
        });
    };
    set("15");
    CHECK(soon() == "1 1 有效");
    set("16");
    CHECK(soon() == "2 2 即将到期");
    set("0");
    CHECK(set("nonsense") == id_list{near, far}); // the usual 60
    CHECK(set("-5") == id_list{near, far});
}

TEST_CASE("U9 the catalogue's mode decides: periodic is booked, first only has no end, meters are replaced") {
    due_world w;
    const auto meter = std::to_string(w.catalogue_row("水表（DN15~DN50）"));
    const auto water =
        w.add_instrument(w.company, {{"catalogue_id", meter}, {"purpose", "trade"}, {"name", "水表"}});
    w.give_type_paper(water);
    CHECK_FALSE(w.submit(w.company, {water}, {.institution = w.demo.city_institution})[0].refused);
    CHECK(w.refusal([&](write_tx& tx) {
               return filing::accept(tx, w.city, water, {.period_months = 72});
           }).empty());
    w.put(water, "2020-12-01", "2026-11-30", false);
    const auto once = w.submitted();
    CHECK(w.refusal([&](write_tx& tx) {
               return filing::accept(tx, w.city, once, {.period_months = 0});
           }).empty());
    w.put(once, "2025-01-01", "2026-01-01", false); // an old date is no due date
    const auto gauge = w.valid_until("2026-11-30");
    for (const actor& who : {w.company, w.city}) {
        CHECK(w.ids(who, {.of = due::tab::soon}) == id_list{gauge});
        CHECK(w.ids(who, {.of = due::tab::overdue}).empty());
        CHECK(w.ids(who, {.of = due::tab::replace}) == id_list{water});
        CHECK(w.counts(who).replace == 1);
    }
    CHECK(w.plan(w.company).orders.size() == 1);
    CHECK(w.plan(w.company).orders[0].what.items.size() == 1); // the meter is not booked
}

TEST_CASE("U9 failed ones stand apart, new ones too, stopped ones nowhere") {
    due_world w;
    const auto failed = w.filed();
    w.put(failed, "2026-11-01", std::nullopt, true);
    const auto fresh = w.filed();
    const auto stopped = w.valid_until("2026-12-01", {{"instrument_status", "in_use"}});
    w.write([&](write_tx& tx) -> result<> {
         const auto was_listed = instrument::read_listed(tx, stopped).value();
         tx.exec("UPDATE instrument SET instrument_status = 'stopped' WHERE id = $1", stopped);
         instrument::relist(tx, was_listed);
         return {};
     }).value();
    const auto returned = w.returned();
    w.put(returned, "2025-01-01", "2026-11-30", false);
    for (const actor& who : {w.company, w.city}) {
        CHECK(w.ids(who, {.of = due::tab::barred}) == id_list{failed});
        CHECK(w.ids(who, {.of = due::tab::never}) == id_list{fresh});
        CHECK(w.ids(who, {.of = due::tab::soon}).empty());
        const auto c = w.counts(who);
        CHECK(c.barred == 1);
        CHECK(c.never == 1);
        CHECK(c.soon + c.overdue + c.replace + c.booked == 0);
    }
}

TEST_CASE("S1 a company sees its own due instruments, an institution those it verifies, nobody else any") {
    due_world w;
    const auto mine = w.valid_until("2026-12-01");
    CHECK(w.ids(w.company, {}) == id_list{mine});
    CHECK(w.ids(w.city, {}) == id_list{mine});
    const actor platform = w.acting("admin");
    const actor regulator = w.acting("fengjianguo");
    for (const actor& who : {w.other_company, w.county, w.elsewhere, w.province, platform, regulator,
                             filing_world::system(), filing_world::visitor()}) {
        for (int t = 0; t < due::tab_count; ++t)
            CHECK(w.ids(who, {.of = static_cast<due::tab>(t)}).empty());
        CHECK(w.counts(who).soon == 0);
        CHECK(w.plan(who).orders.empty());
    }
    CHECK(w.read([&](read_view& v) { return due::forecast(v, w.company); }).empty());
    CHECK(w.plan(w.other_company, {mine}).others.at(0).why.code == errc::not_found);
    for (int t = 0; t < due::tab_count; ++t)
        CHECK(due::parse_tab(due::code_of(static_cast<due::tab>(t))) == static_cast<due::tab>(t));
    CHECK_FALSE(due::parse_tab("all"));
}

TEST_CASE("U9 due lists page by key, filter, and count what they show") {
    due_world w;
    std::vector<std::int64_t> all;
    for (int n = 0; n < 7; ++n)
        all.push_back(w.valid_until(n < 4 ? "2026-12-05" : "2026-12-20"));
    w.valid_until("2026-12-05", {{"method", "onsite"}, {"name", "地磅"}});
    std::vector<std::int64_t> seen;
    due::key after;
    for (int page = 0; page < 10; ++page) {
        const auto rows =
            w.read([&](read_view& v) { return due::list_due(v, w.city, {.method = "deliver"}, after, 3); });
        if (rows.empty()) break;
        for (const auto& r : rows)
            seen.push_back(r.id);
        after = due::key_of(rows.back());
    }
    CHECK(seen == all);
    CHECK(w.ids(w.city, {.text = "地磅"}).size() == 1);
    CHECK(w.ids(w.city, {.method = "onsite"}).size() == 1);
    CHECK(w.ids(w.city, {.text = "_"}).empty());
    CHECK(w.counts(w.city).soon == 8);
}

TEST_CASE("U9 the forecast counts an institution's months by method") {
    due_world w(local_instant(*parse_date("2026-11-30"), 10 * 60));
    w.valid_until("2026-11-29"); // overdue: not ahead
    w.valid_until("2026-11-30");
    w.valid_until("2026-12-01");
    w.valid_until("2027-02-28");
    w.valid_until("2027-02-28", {{"method", "onsite"}});
    w.valid_until("2027-10-31");
    w.valid_until("2027-11-01"); // beyond twelve months
    const auto months = w.read([&](read_view& v) { return due::forecast(v, w.city); });
    REQUIRE(months.size() == 12);
    CHECK(months[0].month == "2026-11");
    CHECK(months[0].deliver == 1);
    CHECK(months[1].deliver == 1);
    CHECK(months[3].month == "2027-02");
    CHECK(months[3].deliver == 1);
    CHECK(months[3].onsite == 1);
    CHECK(months[11].month == "2027-10");
    CHECK(months[11].deliver == 1);
    CHECK(w.read([&](read_view& v) { return due::forecast(v, w.city, 500); }).size() == 36);
}

TEST_CASE("M27 M29 what is due is booked in one step: orders by institution and method, first open periods") {
    due_world w;
    w.open(w.demo.city_institution, "deliver", 3, 2);
    w.open(w.demo.city_institution, "onsite", 5, 1);
    w.open(w.demo.county_institution, "deliver", 10, 5);
    for (int n = 0; n < 7; ++n)
        w.valid_until("2026-12-05");
    const auto overdue = w.valid_until("2026-11-01");
    const auto visit = w.valid_until("2026-12-05", {{"method", "onsite"}});
    const auto down = w.dispatched();
    w.write([&](write_tx& tx) { return filing::accept(tx, w.county, down); }).value();
    w.put(down, "2025-01-01", "2026-12-10", false);
    const auto p = w.plan(w.company);
    CHECK(p.others.empty());
    // 8 by the city at its desk in parts of 3, one visit, one at the county.
    REQUIRE(p.orders.size() == 5);
    CHECK(p.orders[0].what.items.size() == 3);
    CHECK(p.orders[1].what.items.size() == 3);
    CHECK(p.orders[2].what.items.size() == 2);
    for (const auto& o : p.orders)
        CHECK(o.is_placed());
    CHECK(p.orders[0].starts != p.orders[1].starts); // the second does not fit beside the first
    CHECK(p.orders[0].day == p.orders[1].day);
    CHECK(p.orders[2].day > p.orders[1].day);
    const bool all_planned = std::any_of(p.orders.begin(), p.orders.end(), [&](const auto& o) {
        return std::any_of(o.what.items.begin(), o.what.items.end(),
                           [&](const auto& i) { return i.id == overdue; });
    });
    CHECK(all_planned);
    const auto done = w.book(w.company, all_of(p));
    for (const auto& b : done)
        CHECK_FALSE(b.refused);
    CHECK(w.counts(w.company).booked == 10);
    CHECK(w.plan(w.company).orders.empty()); // nothing is left
    CHECK(w.ids(w.company, {.free_only = true}).empty());
    const auto rows = w.read([&](read_view& v) { return due::list_due(v, w.company, {}, {}, 100); });
    CHECK(std::all_of(rows.begin(), rows.end(), [](const auto& i) { return i.is_booked(); }));
    CHECK(w.plan(w.company, {visit}).others.at(0).why.detail == "order.busy");
    CHECK(w.events("order_submitted") == 5);
}

TEST_CASE(
    "M27 M29 one-step booking plans what may be booked: at most 20 orders, within the institution's limits") {
    due_world w;
    const auto city = w.demo.city_institution;
    w.open(city, "deliver", 1, 1);
    for (int n = 0; n < 25; ++n)
        w.valid_until("2026-12-05");
    const actor admin = w.staff_of(city, {role::institution_admin});
    const auto set = [&](std::string_view rule, int value) {
        w.write([&](write_tx& tx) { return appointment::set_rule(tx, admin, city, rule, value); }).value();
    };
    set("orders.most_open", 100);
    set("orders.most_per_day", 1);
    auto p = w.plan(w.company);
    REQUIRE(p.orders.size() == 21); // what finds no place is told in one piece
    for (std::size_t n = 0; n < 20; ++n) {
        CHECK(p.orders[n].is_placed());
        if (n > 0) CHECK(p.orders[n].day > p.orders[n - 1].day); // one a day
    }
    CHECK(p.orders[20].why->detail == "order.too_many_orders");
    CHECK(p.orders[20].what.items.size() == 5);
    set("orders.most_open", 3);
    p = w.plan(w.company);
    REQUIRE(p.orders.size() == 4);
    CHECK(p.orders[3].why->detail == "order.most_open");
    CHECK(p.orders[3].what.items.size() == 22);
    p.orders.pop_back();
    for (const auto& b : w.book(w.company, all_of(p)))
        CHECK_FALSE(b.refused);
    p = w.plan(w.company);
    REQUIRE(p.orders.size() == 1);
    CHECK(p.orders[0].why->detail == "order.most_open");
}

TEST_CASE(
    "M28 a period that filled up meanwhile refuses its order only; without any period none is planned") {
    due_world w;
    const auto one = w.valid_until("2026-12-05");
    CHECK_FALSE(w.plan(w.company).orders.at(0).is_placed());
    CHECK(w.plan(w.company).orders[0].why->detail == "due.no_slot");
    w.open(w.demo.city_institution, "deliver", 1, 1);
    const auto two = w.valid_until("2026-12-06");
    auto orders = all_of(w.plan(w.company));
    REQUIRE(orders.size() == 2);
    orders[1].day = orders[0].day;
    orders[1].starts = orders[0].starts; // both into the same period of one
    const auto done = w.book(w.company, orders);
    CHECK_FALSE(done[0].refused);
    CHECK(done[1].refused->detail == "slot.full");
    CHECK(w.ids(w.company, {.free_only = true}) == id_list{two});
    CHECK(w.book(w.other_company, {orders[1]})[0].refused->code == errc::not_found);
    CHECK(w.book(w.company, std::vector<due::chosen_order>(21)).back().refused->detail ==
          "order.too_many_orders");
    CHECK(one != two);
}

TEST_CASE("U9 S1 an institution looks through what is due of one company, and of what has the word itself") {
    due_world w;
    std::vector<std::int64_t> mine, never;
    for (int n = 0; n < 5; ++n)
        mine.push_back(w.valid_until("2026-12-0" + std::to_string(5 - n)));
    for (int n = 0; n < 4; ++n)
        never.push_back(w.filed());
    std::reverse(mine.begin(), mine.end()); // nearest end first
    const auto of = [&](const actor& who) {
        return w.read([&](read_view& v) { return account::find_applicant(v, who.applicant_id).value(); });
    };
    const auto foreign = w.add_instrument(w.other_company, {{"used_by", of(w.company).name + "三车间"}});
    REQUIRE_FALSE(w.submit(w.other_company, {foreign}, {.institution = w.demo.city_institution})[0].refused);
    w.write([&](write_tx& tx) { return filing::accept(tx, w.city, foreign); }).value();
    w.put(foreign, "2025-01-01", "2026-12-03", false);
    // By name, by a part of it that names it alone, by its code.
    id_list all = mine;
    all.insert(all.begin() + 3, foreign); // used by it, the same day as the third
    CHECK(w.ids(w.city, {.text = of(w.company).name}) == all);
    CHECK(w.ids(w.city, {.text = of(w.company).uscc}) == mine);
    CHECK(w.ids(w.city, {.text = of(w.other_company).name}) == id_list{foreign});
    CHECK(w.ids(w.city, {.of = due::tab::overdue, .text = of(w.company).name}).empty());
    CHECK(w.ids(w.city, {.method = "onsite", .text = of(w.company).name}).empty());
    // Page by page, also when the word names both companies, and more.
    for (const auto& text : {of(w.company).name, std::string("有限公司")})
        for (const int size : {1, 2, 3, 50})
            for (const auto& [tab, expected] :
                 {std::pair(due::tab::soon, all), std::pair(due::tab::never, never)}) {
                id_list paged;
                for (due::key at;;) {
                    const auto page = w.read([&](read_view& v) {
                        return due::list_due(v, w.city, {.of = tab, .text = text}, at, size);
                    });
                    if (page.empty()) break;
                    for (const auto& i : page)
                        paged.push_back(i.id);
                    at = due::key_of(page.back());
                }
                CHECK(paged == expected);
            }
    for (const auto& who : {w.elsewhere, w.county, w.province})
        CHECK(w.ids(who, {.text = of(w.company).name}).empty()); // filed with another institution
}

TEST_CASE("S1 what is due in a region is each institution's own count, in one look") {
    due_world w;
    w.valid_until("2026-12-01");
    w.valid_until("2026-11-01");
    w.filed();
    w.put(w.filed(), "2025-01-01", std::nullopt, true);
    w.valid_until("2028-01-01"); // of no tab yet
    const auto far = w.submitted();
    w.write([&](write_tx& tx) {
         return filing::dispatch(tx, w.city, far, w.demo.county_institution);
     }).value();
    w.write([&](write_tx& tx) { return filing::accept(tx, w.county, far); }).value();
    const actor platform = w.acting("admin");
    const auto all = w.read([&](read_view& v) { return due::list_region_due(v, platform); });
    REQUIRE(all.size() == 2);
    for (const auto& one : all) {
        const auto n = w.read([&](read_view& v) { return due::count_due(v, platform, one.institution_id); });
        for (int t = 0; t < due::tab_count; ++t)
            CHECK(one.of.of(static_cast<due::tab>(t)) == n.of(static_cast<due::tab>(t)));
        CHECK(one.of.booked == n.booked);
    }
    CHECK(all[0].institution_id == w.demo.city_institution); // most overdue first
    CHECK(all[0].of.overdue == 1);
    CHECK(all[0].of.soon == 1);
    CHECK(all[0].of.barred == 1);
    CHECK(all[0].of.never == 1);
    CHECK(all[1].of.never == 1);
    CHECK(tests::walk_query_plans(w.file(), "core/due/due_store.cpp", [](auto& sql, auto& step) {
              const bool of_region = sql.find("GROUP BY n.id") != std::string::npos;
              CHECK_FALSE((step.starts_with("SCAN t") || step.starts_with("SCAN due_tally")));
              CHECK((of_region || !step.starts_with("SCAN ")));
          }) >= 4);
}

TEST_CASE("U9 every due list is answered from an index in its order: no scan, no sorting") {
    due_world w;
    for (const auto& sql : due::store::list_statements()) {
        CAPTURE(sql);
        std::string plan;
        w.read([&](read_view& v) {
            const std::string asked = "EXPLAIN QUERY PLAN " + sql;
            const auto add = [&](db::rows steps) {
                for (const auto r : steps)
                    plan += r.text(3) + "\n";
            };
            if (sql.find("$10") == std::string::npos)
                add(v.query(asked, 0, "", "", 0, "", 0, 0, "", 0));
            else
                add(v.query(asked, 0, "", "", 0, "", 0, 0, "", "", 0));
            return 0;
        });
        CAPTURE(plan);
        CHECK(plan.find(" INDEX instrument_due_") != std::string::npos);
        CHECK(plan.find("TEMP B-TREE") == std::string::npos);
        CHECK(plan.find("SCAN") == std::string::npos);
    }
}
