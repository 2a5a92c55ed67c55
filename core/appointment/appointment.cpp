#include "core/appointment/appointment.hpp"

#include "core/account/search_store.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/order_step.hpp"
#include "core/appointment/rule.hpp"
#include "core/appointment/search_store.hpp"
#include "core/instrument/listing.hpp"

#include <algorithm>

namespace core::appointment {
namespace {

// A9, A13: a company may still cancel or move a confirmed order.
bool is_too_late(db::read_view& view, const actor& who, const order& o, std::string_view rule) {
    if (!who.is_applicant() || o.status != order_status::confirmed) return false;
    const auto hours = rule_at(view, o.institution_id, rule);
    return local_instant(o.day, o.starts) - std::chrono::hours(hours) <= view.now();
}

// A11: its time ended without an answer. A12: the desk after the period, the program after the day.
bool is_over(db::read_view& view, const actor& who, const order& o) {
    if (o.day != view.today()) return o.day < view.today();
    const bool waits_for_the_day = o.status == order_status::confirmed && who.kind == actor_kind::system;
    return !waits_for_the_day && o.ends <= local_minute_of_day(view.now());
}

// A12. Who was to bring instruments and did not is a no-show. On site the company waits for the institution
// (manual 四.1): that nobody was met there is for a person to say, never for the clock.
bool is_no_show(const actor& who, const order& o) {
    return o.status == order_status::confirmed && (o.method != "onsite" || who.kind == actor_kind::staff);
}

std::string_view why_expired(const order& o, bool no_show) {
    if (o.status == order_status::pending) return "机构未在预约时间前答复";
    if (o.method != "onsite") return "未按预约时间到检";
    return no_show ? "约定时间现场无人配合" : "预约当天没有现场检定记录，请与机构联系";
}

result<> check_target(db::read_view& view, const actor& who, const order& o, const new_slot& to) {
    if (is_too_late(view, who, o, "orders.move_hours")) return error(errc::too_late, "order.too_late");
    if (to.day == o.day && to.starts == o.starts) return error(errc::invalid, "order.same_time", "slot");
    const auto by = chooser_of(who, to.knowingly);
    const auto fits = check_slot(view, o.institution_id, o.method, to.day, to.starts, by);
    if (!fits) return fits.error();
    if (!who.is_applicant() || to.day == o.day) return {};
    return check_day_limit(view, o.applicant_id, o.institution_id, to.day);
}

const order_row& row_for_move(db::read_view& view, const actor& who, const step& s) {
    const bool by_itself = who.is_applicant() && s.what.status == order_status::confirmed &&
                           rule_at(view, s.what.institution_id, "orders.auto_confirm") != 0;
    return by_itself ? row_of("A13a") : *s.row;
}

} // namespace

load order::brings() const {
    load all;
    for (const auto& l : lines)
        all.add(l.l1, l.l2);
    return all;
}

result<> move_order(db::write_tx& tx, const actor& who, std::int64_t id, const new_slot& to) {
    auto s = begin(tx, who, id, "move");
    if (!s) return s.error();
    const auto& o = s->what;
    const auto text = check_reason(to.reason, false);
    if (!text) return text.error();
    if (auto fits = check_target(tx, who, o, to); !fits) return fits.error();
    const bool knowingly = to.knowingly && !who.is_applicant();
    const auto taken = take_slot(tx, o.institution_id, o.method, to.day, to.starts, o.brings(), knowingly);
    if (!taken) return taken.error();
    const auto& row = row_for_move(tx, who, *s);
    store::new_time then{to.day, to.starts, taken->when.ends,
                         answer_due(tx, o.institution_id, to.day, to.starts)};
    then.overbooked = taken->over;
    then.reason = *text;
    if (!store::apply_move(tx, o, row.to, then)) return stale(o.status);
    free_slot_of(tx, o); // the old one, after the new one is held
    tell(tx, who, id, row, *text, {.time_before = &o});
    return {};
}

result<> cancel_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                      std::optional<suggestion> other) {
    auto s = begin(tx, who, id, "cancel");
    if (!s) return s.error();
    const auto text = check_reason(reason, !who.is_applicant());
    if (!text) return text.error();
    if (is_too_late(tx, who, s->what, "orders.cancel_hours")) return error(errc::too_late, "order.too_late");
    store::change c;
    c.reason = *text;
    if (auto fine = put_suggestion(tx, s->what, other, c); !fine) return fine.error();
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
    if (auto fine = put_suggestion(tx, s->what, other, c); !fine) return fine.error();
    return end_early(tx, who, *s, std::move(c));
}

result<> expire_order(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "expire");
    if (!s) return s.error();
    if (!is_over(tx, who, s->what)) return error(errc::invalid, "order.not_over");
    store::change c;
    c.no_show = is_no_show(who, s->what); // counted by the rule orders.no_shows
    c.reason = why_expired(s->what, c.no_show);
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

void forget_contacts(db::write_tx& tx, std::span<const std::int64_t> orders) {
    for (const auto id : orders)
        store::blank_contact(tx, id);
}

int follow_names(db::write_tx& tx, int most) {
    const auto renamed = store::list_renamed(tx, most);
    for (const auto id : renamed) {
        const auto instruments = instrument::list_listed(tx, id);
        std::vector<std::pair<std::int64_t, std::string>> orders;
        for (const auto order : store::list_order_ids(tx, id))
            orders.emplace_back(order, store::searched_grams(tx, order));
        account::store::follow_name(tx, id);
        for (const auto& before : instruments)
            instrument::relist(tx, before);
        for (const auto& [order, before] : orders)
            store::put_changed(tx, order, before);
    }
    return static_cast<int>(renamed.size());
}

} // namespace core::appointment
