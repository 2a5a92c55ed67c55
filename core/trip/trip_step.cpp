#include "core/trip/trip_step.hpp"

#include "core/appointment/appointment_facts.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>

namespace core::trip {
namespace {

constexpr who_may scheduler{.staff = {role::scheduler}};
constexpr who_may on_the_road{.staff = {role::scheduler, role::verifier}}; // verifiers: of the team

using s = trip_status;
constexpr std::array<trip_row, 17> table = {{
    {"T1", s::none, "plan", s::planned, scheduler, ""},
    {"T2", s::planned, "change", s::planned, scheduler, ""},
    {"T3", s::planned, "add_stop", s::planned, scheduler, ""},
    {"T3", s::planned, "remove_stop", s::planned, scheduler, "order_visit_called_off"}, // who was told of it
    {"T3", s::planned, "reorder_stops", s::planned, scheduler, ""},
    {"T3", s::planned, "set_stop", s::planned, scheduler, ""},
    {"T3", s::under_way, "add_stop", s::under_way, scheduler, ""},
    {"T3", s::under_way, "remove_stop", s::under_way, scheduler, "order_visit_called_off"},
    {"T3", s::under_way, "reorder_stops", s::under_way, on_the_road, ""},
    {"T3", s::under_way, "set_stop", s::under_way, on_the_road, ""},
    {"T4", s::planned, "announce", s::planned, scheduler, "order_visit_announced"},
    {"T4", s::under_way, "announce", s::under_way, on_the_road, "order_visit_announced"},
    {"T5", s::planned, "start", s::under_way, on_the_road, ""},
    {"T6", s::under_way, "finish", s::done, on_the_road, ""},
    {"T7", s::planned, "cancel", s::cancelled, scheduler, "order_visit_called_off"}, // orders kept; else A10
    {"T7", s::under_way, "cancel", s::cancelled, scheduler,
     "order_visit_called_off"},                             // orders kept; else A10
    {"T7b", s::planned, "move", s::planned, scheduler, ""}, // told by the orders: A13
}};

} // namespace

std::span<const trip_row> transitions() {
    return table;
}

result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb) {
    auto found = get_trip(tx, who, id);
    if (!found) return found.error();
    const auto* row = find_transition<trip_status>(table, found->status, verb);
    if (row == nullptr)
        return error(errc::stale_state, "trip.state")
            .with("status", std::string(trip_tag(found->status).text));
    if (!row->who.allows(who) || !who.is_staff_of(found->institution_id)) return error(errc::not_allowed);
    if (!who.roles.has(role::scheduler) && !found->has(who.login_id)) return error(errc::not_allowed);
    return step{std::move(*found), row};
}

result<> finish(db::write_tx& tx, const actor& who, const step& walked, store::change c,
                std::string_view reason, value details) {
    c.id = walked.what.id;
    c.version = walked.what.version;
    c.from = walked.row->from;
    c.to = walked.row->to;
    if (!store::apply(tx, c))
        return error(errc::stale_state, "trip.state")
            .with("status", std::string(trip_tag(walked.what.status).text));
    if (details.is_null()) details = value::object();
    if (c.from != c.to) details.set("status", code_of(c.to));
    audit::append(tx, who,
                  {.verb = walked.row->verb,
                   .subject_kind = "trip",
                   .subject_id = c.id,
                   .before = value::object().set("status", code_of(c.from)),
                   .after = std::move(details),
                   .note = std::string(reason),
                   .institution_id = walked.what.institution_id});
    return {};
}

void call_off(db::write_tx& tx, const step& walked, const stop& s, std::string_view reason) {
    if (s.state != stop_state::waiting || s.told.empty()) return;
    value facts = appointment::facts_of(tx, s.order);
    facts.set("window_words", date_words(walked.what.day, tx.today()) + std::string(text_of(s.detail.when)));
    facts.set("reason", reason);
    outbox::append(tx, {.kind = walked.row->event,
                        .subject_kind = "order",
                        .subject_id = s.order_id,
                        .applicant_id = s.order.applicant_id,
                        .institution_id = walked.what.institution_id,
                        .facts = std::move(facts)});
}

} // namespace core::trip
