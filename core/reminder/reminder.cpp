#include "core/reminder/reminder.hpp"

#include "core/account/member.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/queries.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/due/due.hpp"
#include "core/filing/queries.hpp"
#include "core/instrument/listing.hpp"
#include "core/journal/outbox.hpp"
#include "core/reminder/rounds.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace core::reminder {
namespace {

constexpr std::string_view certificates_due = "certificates_due";
constexpr std::string_view order_tomorrow = "order_tomorrow";
constexpr std::string_view staff_tomorrow = "staff_tomorrow";
constexpr std::string_view staff_summary = "staff_summary";
constexpr std::string_view region_summary = "region_summary";
constexpr int groups_a_day = 2000; // (company, name) groups read for one date at a time

actor by_calendar() {
    actor who;
    who.kind = actor_kind::system;
    who.name = "calendar";
    who.source = "calendar";
    return who;
}

actor everybody_of(std::int64_t institution) {
    actor who;
    who.kind = actor_kind::staff;
    who.institution_id = institution;
    who.roles = account::institution_roles;
    return who;
}

struct company_news {
    std::string applicant;
    std::map<std::string, int, std::less<>> names;
    int pieces = 0;
    date first{};
};

// 压力表 5 台件，糖量计 1 台件 等 4 种
std::string words_of(const std::map<std::string, int, std::less<>>& names) {
    std::vector<std::pair<int, std::string>> most;
    for (const auto& [name, n] : names)
        most.emplace_back(n, name);
    std::sort(most.begin(), most.end(), std::greater<>());
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, most.size()); ++i)
        text += (i == 0 ? "" : "，") + most[i].second + " " + std::to_string(most[i].first) + " 台件";
    if (most.size() > 2) text += " 等 " + std::to_string(most.size()) + " 种";
    return text;
}

void tell_company(db::write_tx& tx, std::int64_t applicant, const company_news& n, date day) {
    const auto left = std::chrono::sys_days(n.first) - std::chrono::sys_days(day);
    value facts = value::object();
    facts.set("applicant", n.applicant)
        .set("items", words_of(n.names))
        .set("pieces", n.pieces)
        .set("due", to_text(n.first))
        .set("days", static_cast<std::int64_t>(left.count()));
    outbox::append(tx, {.kind = certificates_due,
                        .subject_kind = "applicant",
                        .subject_id = applicant,
                        .applicant_id = applicant,
                        .expires_at = local_instant(add_days(n.first, 1), 0),
                        .facts = std::move(facts)});
}

// One message to each of these subjects, the next after the round's place: what `write` makes of it. Nothing
// when it makes nothing, or when the subject was told of this day before.
template<class Write>
step tell_each(db::write_tx& tx, std::string_view kind, date day, const store::round& r,
               const std::vector<std::int64_t>& subjects, int most, Write write) {
    step done{r.cursor, static_cast<int>(subjects.size()) == most};
    for (const auto id : subjects) {
        done.cursor = id;
        auto event = write(id);
        if (event && store::mark(tx, kind, id, to_text(day))) outbox::append(tx, *event);
    }
    return done;
}

} // namespace

// One message a company and day for all its instruments. What came due while the program was down is in it.
step tell_certificates(db::write_tx& tx, const store::round& r, int most) {
    const date day = local_date(r.due_at);
    std::map<std::int64_t, company_news> news;
    std::optional<std::int64_t> horizon; // beyond it some date has not been read yet
    for (const int before : milestones(tx)) {
        for (date d = add_days(r.since, 1); d <= day; d = add_days(d, 1)) {
            const date ends = add_days(d, before);
            if (ends < day) continue; // over while we were down
            const auto found = store::list_ending(tx, ends, r.cursor, groups_a_day);
            for (const auto& e : found) {
                auto& n = news[e.applicant_id];
                n.applicant = e.applicant_name;
                n.names[e.name] += e.pieces;
                n.pieces += e.pieces;
                const bool earlier = n.first == date{} || ends < n.first;
                if (earlier) n.first = ends;
            }
            if (static_cast<int>(found.size()) == groups_a_day)
                horizon = std::min(horizon.value_or(found.back().applicant_id), found.back().applicant_id);
        }
    }
    step done{r.cursor, false};
    int told = 0;
    for (const auto& [applicant, n] : news) {
        if (told == most || (horizon && applicant > *horizon)) {
            done.more = true;
            break;
        }
        if (store::mark(tx, certificates_due, applicant, to_text(day))) tell_company(tx, applicant, n, day);
        done.cursor = applicant;
        ++told;
    }
    done.more = done.more || horizon.has_value();
    return done;
}

step tell_tomorrow(db::write_tx& tx, const store::round& r, int most) {
    const date day = add_days(local_date(r.due_at), 1);
    const auto ids = store::list_confirmed(tx, day, r.cursor, most);
    return tell_each(tx, order_tomorrow, day, r, ids, most, [&](std::int64_t id) {
        const auto order = appointment::get_order(tx, by_calendar(), id);
        if (!order) return std::optional<outbox::event>();
        return std::optional(outbox::event{.kind = order_tomorrow,
                                           .subject_kind = "order",
                                           .subject_id = id,
                                           .applicant_id = order->applicant_id,
                                           .institution_id = order->institution_id,
                                           .expires_at = local_instant(order->day, order->starts),
                                           .facts = appointment::facts_of(tx, *order)});
    });
}

// One message an institution that somebody comes to tomorrow. Not made up for: on the day itself it is wrong.
step tell_staff_tomorrow(db::write_tx& tx, const store::round& r, int most) {
    const date day = add_days(local_date(r.due_at), 1);
    const instant over = local_instant(day, 0);
    const auto ids = store::list_institutions(tx, r.cursor, most);
    return tell_each(tx, staff_tomorrow, day, r, ids, most, [&](std::int64_t id) {
        const auto list = store::count_confirmed(tx, id, day);
        if (list.orders == 0 || tx.now() >= over) return std::optional<outbox::event>();
        const auto place = catalogue::find_institution(tx, id);
        value facts = value::object();
        facts.set("institution", place ? place->name : "")
            .set("date", to_text(day))
            .set("orders", list.orders)
            .set("pieces", list.pieces)
            .set("first", to_minute_text(list.starts));
        return std::optional(outbox::event{.kind = staff_tomorrow,
                                           .subject_kind = "institution",
                                           .subject_id = id,
                                           .institution_id = id,
                                           .expires_at = over,
                                           .facts = std::move(facts)});
    });
}

step tell_staff(db::write_tx& tx, const store::round& r, int most) {
    const date day = local_date(r.due_at);
    const auto ids = store::list_institutions(tx, r.cursor, most);
    return tell_each(tx, staff_summary, day, r, ids, most, [&](std::int64_t id) {
        const actor who = everybody_of(id);
        const auto filings = filing::count_work(tx, who);
        const auto orders = appointment::count_by_status(tx, who);
        const int to_decide = filings.submitted + filings.dispatched + filings.requests;
        if (to_decide + orders.pending + orders.today + orders.received == 0)
            return std::optional<outbox::event>();
        const auto place = catalogue::find_institution(tx, id);
        value facts = value::object();
        facts.set("institution", place ? place->name : "")
            .set("date", to_text(day))
            .set("filings", to_decide)
            .set("orders", orders.pending)
            .set("today", orders.today)
            .set("received", orders.received)
            .set("late", filings.late + orders.late);
        return std::optional(outbox::event{.kind = staff_summary,
                                           .subject_kind = "institution",
                                           .subject_id = id,
                                           .institution_id = id,
                                           .expires_at = local_instant(add_days(day, 1), 0),
                                           .facts = std::move(facts)});
    });
}

step tell_regions(db::write_tx& tx, const store::round& r, int most) {
    const date day = local_date(r.due_at);
    const auto ids = store::list_regulators(tx, r.cursor, most);
    return tell_each(tx, region_summary, day, r, ids, most, [&](std::int64_t login) {
        const auto person = account::find_staff(tx, login);
        if (!person) return std::optional<outbox::event>();
        actor who;
        who.kind = actor_kind::staff;
        who.login_id = login;
        who.roles = person->roles;
        who.region_code = person->region_code;
        const auto n = instrument::count(tx, who);
        value facts = value::object();
        facts.set("region", catalogue::region_path(tx, person->region_code))
            .set("date", to_text(day))
            .set("total", n.total)
            .set("filed", n.filed)
            .set("in_review", n.in_review)
            .set("unfiled", n.unfiled + n.returned);
        return std::optional(outbox::event{.kind = region_summary,
                                           .subject_kind = "login",
                                           .subject_id = login,
                                           .login_id = login,
                                           .expires_at = local_instant(add_days(day, 7), 0),
                                           .facts = std::move(facts)});
    });
}

bool is_still_true(db::read_view& view, std::int64_t outbox_id) {
    const auto event = outbox::find(view, outbox_id);
    if (!event) return true;
    if (event->kind == order_tomorrow) {
        const auto order = appointment::get_order(view, by_calendar(), event->subject_id);
        return order && order->status == appointment::order_status::confirmed &&
               to_text(order->day) == event->facts.text("date");
    }
    if (event->kind == staff_tomorrow) { // a day that was called off meanwhile
        const auto day = parse_date(event->facts.text("date"));
        return day && store::count_confirmed(view, event->institution_id, *day).orders > 0;
    }
    if (event->kind == certificates_due) {
        const auto first = parse_date(event->facts.text("due"));
        return first && store::count_ending(view, event->applicant_id, *first) > 0;
    }
    return true;
}

} // namespace core::reminder
