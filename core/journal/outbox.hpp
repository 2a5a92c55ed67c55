// The outbox: what happened and must be told, written in the transaction of the change with a snapshot of
// the facts the message needs. notify/hub claims the rows and people's in-site inboxes are read from them;
// nothing is ever changed or deleted here.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::outbox {

// Who overtakes whom, everywhere in notify: a change of status any number of reminders (guarantees N14).
enum class urgency { status = 1, reminder = 2 };

// One kind of event: who is told. Ways and preferences are notify/hub's, words those of
// templates/messages/<name>.tmpl.
struct kind {
    std::string_view name;
    bool to_company = false; // the people of the event's company
    role_set to_staff;       // people of the event's institution with any of these roles; 0: the platform's
    outbox::urgency urgency = outbox::urgency::status;
    bool always = false; // a notice of safety: nobody can switch it off
};

inline constexpr std::array<kind, 35> kinds = {{
    {"filing_submitted", false, {role::filing_reviewer}}, // F1, F4: once a submission
    {"filing_accepted", true, {}},                        // F2, F7
    {"filing_returned", true, {}},                        // F3
    {"filing_dispatched", true, {role::filing_reviewer}}, // F6, F11: its new reviewers too
    {"filing_request_asked",
     false,
     {role::filing_reviewer}},                           // F12, F14: the company wants it ended or changed
    {"filing_request_agreed", true, {}},                 // F12, F14
    {"filing_request_refused", true, {}},                // F12, F14
    {"filing_declined", false, {role::filing_reviewer}}, // F9, F11b: back to who handed it on
    {"order_submitted", true, {role::scheduler}},        // A1
    {"order_confirmed", true, {}},                       // A2
    {"order_rejected", true, {}},                        // A3
    {"order_received", true, {}},                        // A6
    {"order_returned", true, {}},                        // A7
    {"order_completed", true, {}},                       // A8
    {"order_corrected", true, {}},                       // L2: a result changed after A8
    {"order_cancelled", true, {role::scheduler}},        // A9, A10
    {"order_expired", true, {role::scheduler}},          // A11, A12: nobody answered, or nobody came
    {"order_moved", true, {role::scheduler}},            // A13
    {"order_unreceived", true, {}},                      // A14
    {"order_visit_announced", true, {}},                 // T4: the half day of an on-site visit
    {"order_visit_called_off", true, {}},                // T3, T7: it is off, the order stays
    {"applicant_registered", false, {role::platform_admin}},  // R1, R3
    {"applicant_approved", true, {}},                         // R2
    {"applicant_rejected", true, {}},                         // R2
    {"applicant_suspended", true, {}, urgency::status, true}, // R4
    {"applicant_resumed", true, {}},                          // R4
    {"certificates_due", true, {}, urgency::reminder},        // U9: certificates that run out
    {"order_tomorrow", true, {}, urgency::reminder},          // U9: tomorrow's appointment
    {"staff_summary",                                         // U9: the day's work
     false,
     {role::filing_reviewer, role::scheduler, role::front_desk, role::verifier, role::institution_admin},
     urgency::reminder},
    {"staff_tomorrow", // U9: tomorrow's appointments, for those who receive them
     false,
     {role::scheduler, role::front_desk, role::verifier},
     urgency::reminder},
    {"region_summary", false, {role::regulator}, urgency::reminder}, // U9: the week's figures
    {"announcement", true, {}, urgency::reminder},                   // M6, N3: a notice of the platform
    {"announcement_trial", false, {role::platform_admin}},           // M6: the same, to its writer alone
    {"wechat_bound", true, {}, urgency::status, true}, // W1-W3: the owner of the account is told of each
                                                       // binding (S4)
    {"wechat_unbound",                                 // W4a: whose it was, by whom
     false,
     {role::filing_reviewer, role::scheduler, role::front_desk, role::verifier, role::institution_admin,
      role::regulator, role::platform_admin},
     urgency::status,
     true},
}};
const kind* find_kind(std::string_view name); // nullptr: no such kind
role_set staff_of(std::string_view kind);     // who of staff is told; none for a kind that does not exist

struct event {
    std::string_view kind;         // one of `kinds`; anything else throws
    std::string_view subject_kind; // "order", "instrument", "applicant", "binding"
    std::int64_t subject_id = 0;
    std::int64_t applicant_id = 0;
    std::int64_t institution_id = 0;        // whose staff are told; 0: the platform
    std::int64_t login_id = 0;              // only this person of the audience; 0: everybody
    std::optional<instant> expires_at = {}; // not sent afterwards: a reminder of what is past
    value facts =
        value::object(); // flat names and texts; see templates/messages/README in templates/README.md
};

std::int64_t append(db::write_tx& tx, const event& e);

struct pending {
    std::int64_t id = 0;
    instant at;
    std::string kind, subject_kind;
    std::int64_t subject_id = 0, applicant_id = 0, institution_id = 0, login_id = 0;
    outbox::urgency urgency = outbox::urgency::status;
    std::optional<instant> expires_at;
    value facts;
};
// Rows not yet fanned out, status changes first, then oldest first; at most `limit`.
std::vector<pending> list_pending(db::read_view& view, int limit);
std::int64_t count_pending(db::read_view& view);
std::optional<pending> find(db::read_view& view, std::int64_t id);
// The newest of a kind among the last few thousand events: to show what a message would say.
std::optional<pending> find_latest(db::read_view& view, std::string_view kind);
// Marks a row as fanned out; false if somebody else did.
bool claim(db::write_tx& tx, std::int64_t id);

} // namespace core::outbox
