// Head and tail that every verb of an order shares; for the .cpp files of this folder only.
#pragma once
#include "core/appointment/appointment.hpp"
#include "core/appointment/appointment_store.hpp"

namespace core::appointment {

using order_row = transition<order_status>;

struct step {
    order what;
    const order_row* row;
};

// Load (foreign: not_found), table row (none: stale_state, arg status), who may (none: not_allowed).
result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb);
// The row for this actor; nullptr when there is none or it is not theirs to walk.
const order_row* find_row(const actor& who, const order& o, std::string_view verb);

// The guarded update of `s`; refuses stale_state when somebody was faster.
result<> apply_step(db::write_tx& tx, const step& s, store::change c);
error stale(order_status now);

result<std::string> check_reason(std::string_view reason, bool required, std::string field = "reason");
const order_row& row_of(std::string_view id); // throws for an id the table does not have
error all_of(std::vector<error> wrong);       // the first, with the others in it
// Who chooses a time, for check_slot; `knowingly` counts for staff only.
chooser chooser_of(const actor& who, bool knowingly);
// The last moment for the institution's answer: its working days, but never after the appointment begins.
instant answer_due(db::read_view& view, std::int64_t institution, date day, int starts);
// The rule orders.most_per_day of the institution for one company, as if `planned` more were booked.
result<> check_day_limit(db::read_view& view, std::int64_t applicant, std::int64_t institution, date day,
                         int planned = 0);
void free_slot_of(db::write_tx& tx, const order& o);
// The time proposed with a rejection or cancelling; refuses what check_slot refuses.
result<> put_suggestion(db::read_view& view, const order& o, const std::optional<suggestion>& other,
                        store::change& c);
// The guarded update of an order that ends before reception; capacity and instruments are free again.
result<> end_early(db::write_tx& tx, const actor& who, const step& s, store::change c);

} // namespace core::appointment
