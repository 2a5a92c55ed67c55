#include "core/appointment/appointment.hpp"

#include "core/account/applicant.hpp"
#include "core/account/uscc.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/order_step.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::appointment {
namespace {

constexpr int close_of_business = 17 * 60 + 30;

// The last moment for the institution's answer: its working days, but never after the appointment begins.
instant answer_due(db::read_view& view, std::int64_t institution, date day, int starts) {
    const auto where = catalogue::find_institution(view, institution).value();
    const date last = catalogue::add_working_days(view, view.today(), where.confirm_days);
    return std::min(local_instant(last, close_of_business), local_instant(day, starts));
}

// A0, A0c: why this one can't be booked.
std::optional<error> why_not(const result<instrument::instrument>& i) {
    if (!i) return i.error();
    if (i->filing_status != "filed")
        return error(errc::invalid, "order.not_filed", "instruments").with("name", i->name);
    if (!i->line_status.empty())
        return error(errc::conflict, "order.busy", "instruments").with("name", i->name);
    return std::nullopt;
}

result<order_plan> check_selection(db::read_view& view, const actor& who, const booking& b) {
    if (b.instruments.empty()) return error(errc::invalid, "order.none", "instruments");
    if (b.instruments.size() > most_pieces)
        return error(errc::too_many, "order.too_many", "instruments")
            .with("most", std::to_string(most_pieces));
    auto chosen = plan_orders(view, who, b.instruments);
    if (!chosen.others.empty()) return chosen.others.front().why;
    if (chosen.plans.size() > 1)
        return error(errc::invalid, "order.mixed", "instruments") // A0b, M27
            .with("n", std::to_string(chosen.plans.size()))
            .with("institution", chosen.plans.front().institution_name)
            .with("kept", std::to_string(chosen.plans.front().items.size()));
    return std::move(chosen.plans.front());
}

struct contact {
    std::string name, phone, note;
};
result<contact> check_contact(const booking& b) {
    contact c{tidy_line(b.contact_name), "", tidy_line(b.note)};
    std::vector<error> wrong;
    if (c.name.empty() || !is_utf8(c.name) || count_characters(c.name) > 30)
        wrong.push_back(error(errc::invalid, "contact.required", "contact_name"));
    if (auto phone = account::check_phone(b.contact_phone, "contact_phone"))
        c.phone = *phone;
    else
        wrong.push_back(phone.error());
    if (!is_utf8(c.note) || count_characters(c.note) > 100)
        wrong.push_back(error(errc::invalid, "field.long", "note").with("label", "备注").with("most", "100"));
    if (!wrong.empty()) return all_of(std::move(wrong));
    return c;
}

struct checked_booking {
    order_plan what;
    contact person;
    slot when;
};
// Everything but capacity.
result<checked_booking> check(db::read_view& view, const actor& who, const booking& b) {
    if (!transitions().front().who.allows(who) || !who.is_applicant()) return error(errc::not_allowed);
    if (const auto fine = account::check_standing(view, who.applicant_id); !fine) return fine.error(); // R2
    auto chosen = check_selection(view, who, b);
    if (!chosen) return chosen.error();
    auto person = check_contact(b);
    if (!person) return person.error();
    const auto fits = check_slot(view, chosen->institution_id, chosen->method, b.day, b.starts);
    if (!fits) return fits.error();
    return checked_booking{std::move(*chosen), std::move(*person), *fits};
}

// A9: a company may still cancel or move a confirmed order.
bool is_too_late(db::read_view& view, const actor& who, const order& o) {
    if (!who.is_applicant() || o.status != order_status::confirmed) return false;
    const auto hours = std::atoi(store::find_setting(view, "orders.cancel_hours").value_or("0").c_str());
    return local_instant(o.day, o.starts) - std::chrono::hours(hours) <= view.now();
}

// The guarded update of an order that ends before reception; capacity and instruments are free again.
result<> end_early(db::write_tx& tx, const actor& who, const step& s, store::change c) {
    const std::string reason = c.reason;
    if (auto done = apply_step(tx, s, std::move(c)); !done) return done.error();
    free_slot_of(tx, s.what);
    store::drop_lines(tx, s.what.id);
    tell(tx, who, s.what.id, *s.row, reason);
    return {};
}

// A11: its time began or ended without an answer. A12: the desk after the period, the program after the day.
bool is_over(db::read_view& view, const actor& who, const order& o) {
    if (o.day != view.today()) return o.day < view.today();
    const bool waits_for_the_day = o.status == order_status::confirmed && who.kind == actor_kind::system;
    return !waits_for_the_day && o.ends <= local_minute_of_day(view.now());
}

} // namespace

selection plan_orders(db::read_view& view, const actor& who, std::span<const std::int64_t> ids) {
    std::vector<std::int64_t> each(ids.begin(), ids.end());
    std::sort(each.begin(), each.end());
    each.erase(std::unique(each.begin(), each.end()), each.end());
    selection all;
    for (const auto id : each) {
        auto i = instrument::get(view, who, id);
        if (auto why = why_not(i)) {
            all.others.push_back({id, std::move(*why)});
            continue;
        }
        const auto same = std::find_if(all.plans.begin(), all.plans.end(), [&](const order_plan& p) {
            return p.institution_id == i->institution_id && p.method == i->method;
        });
        if (same != all.plans.end())
            same->items.push_back(std::move(*i));
        else {
            order_plan p{i->institution_id, i->institution_name, i->method, {}};
            p.items.push_back(std::move(*i));
            all.plans.push_back(std::move(p));
        }
    }
    std::stable_sort(all.plans.begin(), all.plans.end(),
                     [](const auto& a, const auto& b) { return a.items.size() > b.items.size(); });
    return all;
}

std::string free_order_number(db::read_view& view, const std::function<std::string(instant)>& make) {
    for (int tries = 0; tries < 100; ++tries) {
        auto number = make(view.now());
        if (store::id_of(view, number) == 0) return number;
    }
    throw std::runtime_error("a hundred order numbers in a row are taken");
}

result<> check_booking(db::read_view& view, const actor& who, const booking& b) {
    const auto checked = check(view, who, b);
    if (!checked) return checked.error();
    const int pieces = static_cast<int>(checked->what.items.size());
    if (checked->when.left() < pieces) return full(checked->when, pieces);
    return {};
}

result<std::int64_t> book_order(db::write_tx& tx, const actor& who, const booking& b) {
    const auto& row = transitions().front(); // A1
    const auto checked = check(tx, who, b);
    if (!checked) return checked.error();
    const auto& chosen = checked->what;
    order o;
    o.pieces = static_cast<int>(chosen.items.size());
    const auto taken = take_slot(tx, chosen.institution_id, chosen.method, b.day, b.starts, o.pieces);
    if (!taken) return taken.error();
    o.id = tx.new_id();
    o.number = free_order_number(tx);
    o.applicant_id = who.applicant_id;
    o.institution_id = chosen.institution_id;
    o.method = chosen.method;
    o.day = b.day;
    o.starts = b.starts;
    o.ends = taken->ends;
    o.status = row.to;
    o.contact_name = checked->person.name;
    o.contact_phone = checked->person.phone;
    o.note = checked->person.note;
    o.created_at = tx.now();
    o.due_at = answer_due(tx, o.institution_id, o.day, o.starts);
    store::insert_order(tx, o, who.login_id);
    for (const auto& i : chosen.items)
        store::insert_line(tx, o.id, i.id);
    tell(tx, who, o.id, row, "");
    return o.id;
}

result<> move_order(db::write_tx& tx, const actor& who, std::int64_t id, date day, int starts) {
    auto s = begin(tx, who, id, "move");
    if (!s) return s.error();
    const auto& o = s->what;
    if (is_too_late(tx, who, o)) return error(errc::too_late, "order.too_late");
    if (day == o.day && starts == o.starts) return error(errc::invalid, "order.same_time", "slot");
    const auto by = who.kind == actor_kind::staff ? chooser::staff : chooser::company;
    if (auto fits = check_slot(tx, o.institution_id, o.method, day, starts, by); !fits) return fits.error();
    const auto taken = take_slot(tx, o.institution_id, o.method, day, starts, o.pieces);
    if (!taken) return taken.error();
    const store::new_time then{day, starts, taken->ends, answer_due(tx, o.institution_id, day, starts)};
    if (!store::apply_move(tx, o, s->row->to, then)) return stale(o.status);
    free_slot_of(tx, o); // the old one, after the new one is held
    tell(tx, who, id, *s->row, "");
    return {};
}

result<> cancel_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "cancel");
    if (!s) return s.error();
    const auto text = check_reason(reason, who.kind == actor_kind::staff);
    if (!text) return text.error();
    if (is_too_late(tx, who, s->what)) return error(errc::too_late, "order.too_late");
    store::change c;
    c.reason = *text;
    return end_early(tx, who, *s, std::move(c));
}

result<> confirm_order(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "confirm");
    if (!s) return s.error();
    if (auto done = apply_step(tx, *s, {}); !done) return done.error();
    tell(tx, who, id, *s->row, "");
    return {};
}

result<> reject_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                      std::optional<suggestion> other) {
    auto s = begin(tx, who, id, "reject");
    if (!s) return s.error();
    const auto text = check_reason(reason, true);
    if (!text) return text.error();
    store::change c;
    c.reason = *text;
    if (other) {
        const auto fits = check_slot(tx, s->what.institution_id, s->what.method, other->day, other->starts);
        if (!fits) return fits.error();
        c.suggested_day = other->day;
        c.suggested_starts = other->starts;
        c.suggested_ends = fits->ends;
    }
    return end_early(tx, who, *s, std::move(c));
}

result<> expire_order(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "expire");
    if (!s) return s.error();
    if (!is_over(tx, who, s->what)) return error(errc::invalid, "order.not_over");
    store::change c;
    c.reason = s->what.status == order_status::pending ? "机构未在预约时间前答复" : "未按预约时间到检";
    return end_early(tx, who, *s, std::move(c));
}

int expire_orders(db::write_tx& tx, int most) {
    actor program;
    program.kind = actor_kind::system;
    program.source = "schedule";
    int done = 0;
    for (const auto id : store::list_expired(tx, most))
        if (expire_order(tx, program, id)) ++done;
    return done;
}

} // namespace core::appointment
