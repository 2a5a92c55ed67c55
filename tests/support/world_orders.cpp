#include "tests/support/world_orders.hpp"

#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/derived.hpp"
#include "core/appointment/rule.hpp"
#include "core/filing/filing.hpp"

#include <array>
#include <map>
#include <stdexcept>

namespace tests {
namespace {

using namespace core;
using appointment::order_status;
using db::write_tx;

actor with(actor who, role r) {
    who.roles = {r};
    return who;
}

} // namespace

order_world::order_world(instant start) : account_world(start), wednesday{*parse_date("2026-11-25")} {
    institution = demo.city_institution;
    elsewhere = demo.county_institution;
    company = acting("chenzhiming");
    colleague = acting("huanglihua");
    other_company = acting("liangminyi");
    scheduler = with(acting("hemin"), role::scheduler);
    desk = acting("guopeng");
    verifier = acting("yejianhua");
    reviewer = acting("luoxiaoyan");
    admin = with(acting("linxiaomin"), role::institution_admin);
    platform = acting("admin");
    regulator = acting("fengjianguo");
    read([&](db::read_view& v) {
        for (const auto& e : catalogue::list_entries(v))
            entries_[e.l2] = e.id;
        return 0;
    });
    offer(10, 5, 20, 2);
}

void order_world::widen() {
    offer(10'000, 1'000, 10'000, 1'000);
    do_now([&](write_tx& tx) {
        appointment::set_rule(tx, admin, institution, "orders.most_per_day", 1'000).value();
        return appointment::set_rule(tx, admin, institution, "orders.most_open", 10'000);
    });
}

void order_world::offer(int deliver, int deliver_orders, int onsite, int onsite_orders) {
    using appointment::period;
    const std::array<period, 3> desks = {{{510, 600, deliver, deliver_orders},
                                          {600, 690, deliver, deliver_orders},
                                          {870, 960, deliver, deliver_orders}}};
    const std::array<period, 1> trips = {{{510, 690, onsite, onsite_orders}}};
    do_now([&](write_tx& tx) -> result<> {
        for (const int day : appointment::working_week) {
            appointment::set_pattern(tx, scheduler, institution, "deliver", day, desks).value();
            appointment::set_pattern(tx, scheduler, institution, "onsite", day, trips).value();
        }
        return {};
    });
}

actor order_world::abroad(role r) const {
    actor who = scheduler;
    who.institution_id = elsewhere;
    who.roles = {r};
    return who;
}

std::int64_t order_world::filed(const actor& who, std::string_view method, std::string_view kind) {
    const auto entry = entries_.at(std::string(kind));
    const std::map<std::string_view, std::string> form = {{"name", "压力表"},
                                                          {"model", "Y-100"},
                                                          {"serial_no", "T-" + std::to_string(++serial_)},
                                                          {"manufacturer", "示例仪表厂"},
                                                          {"origin", "domestic"},
                                                          {"instrument_status", "in_use"},
                                                          {"purpose", "safety"},
                                                          {"instrument_type", "working"},
                                                          {"catalogue_id", std::to_string(entry)},
                                                          {"method", std::string(method)},
                                                          {"location_text", "锅炉房"},
                                                          {"region_code", "440605"}};
    return write([&](write_tx& tx) -> result<std::int64_t> {
               const auto id = instrument::add(tx, who, [&](std::string_view f) {
                                   const auto found = form.find(f);
                                   return found == form.end() ? std::string() : found->second;
                               }).value();
               const auto sent =
                   filing::submit(tx, who, std::array{id}, {.institution = institution, .knowingly = true});
               if (sent.front().refused) return *sent.front().refused;
               filing::accept(tx, reviewer, id, {.period_months = 6}).value();
               return id;
           })
        .value();
}

std::vector<std::int64_t> order_world::filed(const actor& who, int n, std::string_view method,
                                             std::string_view kind) {
    std::vector<std::int64_t> all;
    for (int i = 0; i < n; ++i)
        all.push_back(filed(who, method, kind));
    return all;
}

appointment::booking order_world::wish(std::vector<std::int64_t> ids, date day, int starts) const {
    appointment::booking b;
    b.instruments = std::move(ids);
    b.day = day;
    b.starts = starts;
    b.contact_name = "陈志明";
    b.contact_phone = "13800001234";
    return b;
}

std::int64_t order_world::book(const actor& who, std::vector<std::int64_t> ids, date day, int starts) {
    const auto b = wish(std::move(ids), day, starts);
    return write([&](write_tx& tx) { return appointment::book_order(tx, who, b); }).value();
}

std::int64_t order_world::in_state(order_status s, int pieces, std::string_view method) {
    const auto id = book(company, filed(company, pieces, method), wednesday);
    const bool on_the_way = s == order_status::received || s == order_status::completed;
    if (on_the_way || s == order_status::confirmed || s == order_status::order_returned)
        do_now([&](write_tx& tx) { return appointment::confirm_order(tx, scheduler, id); });
    if (on_the_way) do_now([&](write_tx& tx) { return appointment::receive_order(tx, desk, id); });
    const instant now = time.now();
    switch (s) {
    case order_status::completed: {
        const auto results = passing(order(id));
        do_now([&](write_tx& tx) { return appointment::record_results(tx, verifier, id, results); });
        do_now([&](write_tx& tx) { return appointment::complete_order(tx, verifier, id); });
        break;
    }
    case order_status::rejected:
        do_now([&](write_tx& tx) { return appointment::reject_order(tx, scheduler, id, "时段不合适"); });
        break;
    case order_status::order_returned:
        do_now([&](write_tx& tx) { return appointment::return_order(tx, desk, id, "编号不符"); });
        break;
    case order_status::cancelled:
        do_now([&](write_tx& tx) { return appointment::cancel_order(tx, company, id, ""); });
        break;
    case order_status::expired:
        time.set(local_instant(add_days(wednesday, 1), 0));
        do_now([&](write_tx& tx) { return appointment::expire_order(tx, system(), id); });
        time.set(now);
        break;
    default:
        break;
    }
    if (order(id).status != s) throw std::logic_error("the state was not reached");
    return id;
}

appointment::order order_world::order(std::int64_t id) {
    return read([&](db::read_view& v) { return appointment::get_order(v, system(), id).value(); });
}

std::vector<appointment::line_result> order_world::passing(const appointment::order& o) {
    std::vector<appointment::line_result> all;
    for (const auto& l : o.lines) {
        if (l.status != appointment::line_status::checked_in) continue;
        appointment::line_result r;
        r.line_id = l.id;
        r.result = "passed";
        r.certificate_no = "JD-" + std::to_string(++certificate_);
        r.verified_on = local_date(time.now());
        r.verifier = "叶建华";
        r.checker = "林晓敏";
        all.push_back(std::move(r));
    }
    return all;
}

std::string order_world::refusal(const attempt& verb) {
    const auto done = run_committing(*this, verb);
    if (done) return {};
    return done.error().detail.empty() ? std::string(name_of(done.error().code)) : done.error().detail;
}

std::string order_world::broken_invariant() {
    struct rule {
        std::string_view what, sql; // the query counts what is wrong
    };
    static constexpr std::array<rule, 6> rules = {{
        {"taken capacity of a group is not the sum over the lines of the orders that hold it",
         R"(SELECT count(*) FROM
              (SELECT institution_id, method, day, starts, l1, l2, count(*) AS n
               FROM (SELECT o.institution_id, o.method, o.day, o.starts, l.l1, l.l2 FROM appointment_order o
                       JOIN appointment_line l ON l.order_id = o.id WHERE o.status NOT IN ('rejected', 'cancelled', 'expired')
                     UNION ALL
                     SELECT o.institution_id, o.method, o.day, o.starts, l.l1, '' FROM appointment_order o
                       JOIN appointment_line l ON l.order_id = o.id WHERE o.status NOT IN ('rejected', 'cancelled', 'expired'))
               GROUP BY 1, 2, 3, 4, 5, 6) o
            FULL JOIN (SELECT * FROM slot_group_usage WHERE instruments > 0) u
              ON u.institution_id = o.institution_id AND u.method = o.method AND u.day = o.day AND u.starts = o.starts
                AND u.l1 = o.l1 AND u.l2 = o.l2
            WHERE coalesce(o.n, 0) <> coalesce(u.instruments, 0))"},
        {"taken capacity is not the sum over the orders that hold it",
         R"(SELECT count(*) FROM
              (SELECT institution_id, method, day, starts, sum(pieces) AS n, count(*) AS m FROM appointment_order
               WHERE status NOT IN ('rejected', 'cancelled', 'expired') GROUP BY 1, 2, 3, 4) o
            FULL JOIN (SELECT * FROM slot_usage WHERE orders > 0 OR instruments > 0) u
              ON u.institution_id = o.institution_id AND u.method = o.method AND u.day = o.day AND u.starts = o.starts
            WHERE coalesce(o.n, 0) <> coalesce(u.instruments, 0) OR coalesce(o.m, 0) <> coalesce(u.orders, 0))"},
        {"pieces are not the lines",
         R"(SELECT count(*) FROM appointment_order o
            WHERE pieces <> (SELECT count(*) FROM appointment_line l WHERE l.order_id = o.id))"},
        {"an open line in a closed order, or a closed one in an order not yet received",
         R"(SELECT count(*) FROM appointment_line l JOIN appointment_order o ON o.id = l.order_id
            WHERE (l.is_open = 1 AND o.closed_at IS NOT NULL)
               OR (o.status = 'pending' AND l.status NOT IN ('booked', 'returned'))
               OR (o.status IN ('rejected', 'cancelled') AND l.status NOT IN ('dropped', 'returned'))
               OR (l.status = 'checked_in' AND o.status <> 'received'))"},
        {"a booked instrument that is not filed where it is booked",
         R"(SELECT count(*) FROM appointment_line l JOIN appointment_order o ON o.id = l.order_id
              JOIN instrument i ON i.id = l.instrument_id
            WHERE l.is_open = 1 AND (i.filing_status <> 'filed' OR i.institution_id <> o.institution_id))"},
        {"a failed instrument that looks valid",
         R"(SELECT count(*) FROM instrument WHERE barred = 1 AND valid_until IS NOT NULL)"},
    }};
    for (const auto& r : rules)
        if (count(r.sql) != 0) return std::string(r.what);
    const auto drift = read([](core::db::read_view& v) { return core::appointment::find_drift(v); });
    return drift.empty() ? std::string()
                         : "what is kept for lists does not say what the rows say: " + drift[0];
}

} // namespace tests
