// Head and tail that every verb of a trip shares; for the .cpp files of this folder only.
#pragma once
#include "core/base/value.hpp"
#include "core/trip/queries.hpp"
#include "core/trip/trip_store.hpp"

namespace core::trip {

using trip_row = transition<trip_status>;

struct step {
    trip what;
    const trip_row* row;
};
// Load (foreign: not_found), table row (none: stale_state), who may (none: not_allowed). A verifier walks
// only trips of which he is a member.
result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb);
// Guarded update and audit row.
result<> finish(db::write_tx& tx, const actor& who, const step& s, store::change c, std::string_view reason,
                value details = {});

window window_of(const appointment::order& o); // the half day its period begins in

// Tells the company that the visit it was told of is off, while its order stays (T3, T7). Nobody who was not
// told of one.
void call_off(db::write_tx& tx, const step& walked, const stop& s, std::string_view reason);

} // namespace core::trip
