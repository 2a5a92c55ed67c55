// One message to one person by one channel: its states, and what staff see of it. How it moves is in
// settle.*, the SQL in delivery_store.*.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/outbox.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// The states, as they are stored; the drawing of how one leads to another is in notify/README.md.
// queued    waits for its turn, or for its next try
// sending   handed to the channel; after a crash: in doubt
// uncertain in doubt past the platform's memory: only a receipt decides, for 30 minutes
// accepted  the platform has it
// delivered a receipt says that the person has it
// blocked   this person cannot or does not want to get it by this channel
// failed    refused for a reason of ours, or by the receipt; staff may send again
// dead      nobody ever knew, and it is over; staff may send again
// dropped   not sent on purpose: unbound, expired, test mode
// parked    its template is refused by the platform; waits for the operator
inline constexpr std::array<std::string_view, 10> delivery_states = {
    "queued",  "sending", "uncertain", "accepted", "delivered",
    "blocked", "failed",  "dead",      "dropped",  "parked"};

// What is still to be done after an outcome, by whichever clerk comes first.
enum class follow_up {
    nothing,
    fall_back, // try the next channel for this person
    mark_kind, // this address refuses this kind: remembered, then fall_back
    mark_all,  // it refuses every kind: likewise
    gone,      // no longer there: its bindings end, then fall_back
    park       // the template is refused: the kind is parked
};

struct delivery {
    std::int64_t id = 0, outbox_id = 0, applicant_id = 0, institution_id = 0;
    std::int64_t login_id = 0, binding_id = 0; // 0: none
    std::string channel, address, kind, title, client_msg_id, body, status, errmsg;
    core::outbox::urgency urgency = core::outbox::urgency::status;
    int lane = 0; // 2 may go or is on its way, 1 waits behind another to the same address, 0 settled
    int attempts = 0, errcode = 0;
    core::instant next_at, created_at, status_at;
    std::optional<core::instant> expires_at, doubt_since;
    bool may_repeat = false;
    notify::follow_up follow_up = follow_up::nothing; // what is still due after the outcome
    std::int64_t msgid = 0;
    std::string target; // where it goes when `address` only says whose; found at the claim, never stored
    std::string applicant_name; // only in lists
};
bool is_settled(std::string_view status); // nothing will be done any more unless staff or a receipt say so
std::string_view delivery_word(std::string_view status); // 排队 …, for the staff page

struct try_row {
    int number = 0, errcode = 0;
    core::instant at;
    std::string outcome, errmsg, rid;
};

struct delivery_filter {
    std::string status; // "" any
};
// What this actor may see, newest first: staff what concerns their institution, the platform's administrator
// everything, others nothing. At most `limit` with an id below `before` (0: from the newest).
std::vector<delivery> list_deliveries(core::db::read_view& view, const core::actor& who,
                                      const delivery_filter& f, std::int64_t before, int limit);
// Refuses not_found for what is not theirs.
core::result<delivery> get_delivery(core::db::read_view& view, const core::actor& who, std::int64_t id);
// Every try of it, oldest first; the one that was accepted is among them. Ask get_delivery first.
std::vector<try_row> list_tries(core::db::read_view& view, const delivery& d);

// How many the other side of this channel has taken for an address since then, or may have.
std::int64_t count_handed_over(core::db::read_view& view, std::string_view channel, std::string_view address,
                               core::instant since);

bool may_resend(std::string_view status); // failed, dead, uncertain, blocked, parked
// Puts a failed, dead, uncertain, blocked or parked message back into the queue once, under a new
// client_msg_id, with an audit row (N17), by the WeChat that its person has bound by now. Staff of its
// institution and the platform's administrator; refuses not_found, not_allowed (a regulator), stale_state
// delivery.state, delivery.no_way (nothing bound, or not following).
core::result<> resend(core::db::write_tx& tx, const core::actor& who, std::int64_t id);

} // namespace notify
