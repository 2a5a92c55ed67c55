// The outbox: what happened and must be told, written in the transaction of the change with a snapshot of
// the facts the message needs. notify/hub claims the rows; nothing is ever changed or deleted here.
#pragma once
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace core::outbox {

// Every kind of event. notify/hub/fanout.* says who is told; templates/messages/<kind>.tmpl what is said.
inline constexpr std::array<std::string_view, 20> kinds = {
    "filing_accepted",        // F2, F7
    "filing_returned",        // F3
    "filing_dispatched",      // F6, F11
    "filing_request_agreed",  // F12, F14
    "filing_request_refused", // F12, F14
    "order_submitted",        // A1
    "order_confirmed",        // A2
    "order_rejected",         // A3
    "order_received",         // A6
    "order_returned",         // A7
    "order_completed",        // A8
    "order_corrected",        // L2: a result changed after A8
    "order_cancelled",        // A9, A10
    "order_expired",          // A11, A12
    "order_moved",            // A13
    "order_unreceived",       // A14
    "order_visit_announced",  // T4: the half day of an on-site visit
    "applicant_approved",     // R2
    "applicant_rejected",     // R2
    "wechat_bound"            // W1-W3: the owner of the account is told of each binding (S4)
};

struct event {
    std::string_view kind;         // one of `kinds`; anything else throws
    std::string_view subject_kind; // "order", "instrument", "binding"
    std::int64_t subject_id = 0;
    std::int64_t applicant_id = 0;
    std::int64_t institution_id = 0;
    value facts =
        value::object(); // flat names and texts; see templates/messages/README in templates/README.md
};

std::int64_t append(db::write_tx& tx, const event& e);

struct pending {
    std::int64_t id = 0;
    instant at;
    std::string kind, subject_kind;
    std::int64_t subject_id = 0, applicant_id = 0, institution_id = 0;
    value facts;
};
// Rows not yet fanned out, oldest first, at most `limit`.
std::vector<pending> list_pending(db::read_view& view, int limit);
// Marks a row as fanned out; false if somebody else did.
bool claim(db::write_tx& tx, std::int64_t id);

} // namespace core::outbox
