// What is written down and told about an order's change: audit row, outbox row with a snapshot of the facts.
#pragma once
#include "core/appointment/appointment.hpp"
#include "core/base/value.hpp"

namespace core::appointment {

struct also_told {
    const order* time_before = nullptr; // A13: the order as it was
    value lines = {};                   // into the audit row only
};
void tell(db::write_tx& tx, const actor& who, std::int64_t id, const transition<order_status>& row,
          std::string_view reason, also_told also = {});
value facts_of(db::read_view& view, const order& o); // names as in templates/messages

} // namespace core::appointment
