// SQL of deliveries, their tries and receipts. Keeps the lanes: at most one delivery of an address may go or
// is on its way (lane 2, a unique index insists), the others wait behind it (lane 1), status changes first.
#pragma once
#include "core/db/transaction.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/message/channel.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notify::store {

// False when this event already has a delivery to this address by this channel.
bool insert(core::db::write_tx& tx, delivery& d); // sets d.lane
std::optional<delivery> find(core::db::read_view& view, std::int64_t id);
std::optional<delivery> find_with_names(core::db::read_view& view, std::int64_t id);

// Free to go by now, those that fell due first: one per address by construction.
std::vector<delivery> list_ready(core::db::read_view& view, std::string_view channel, core::outbox::urgency u,
                                 core::instant now, int limit);
// Likewise, but only those in doubt: they keep their schedule also while the breaker is open.
std::vector<delivery> list_ready_doubtful(core::db::read_view& view, std::string_view channel,
                                          core::instant now, int limit);
std::optional<core::instant> next_due(core::db::read_view& view, std::string_view channel);
// Earliest doubt_since of a status: when something is to be decided without an answer.
std::optional<core::instant> first_doubt(core::db::read_view& view, std::string_view channel,
                                         std::string_view status);
// queued -> sending, one try begun.
bool begin_try(core::db::write_tx& tx, const delivery& d);
bool end_follow_up(core::db::write_tx& tx, std::int64_t id); // false: somebody else did
// Another delivery of the same event has reached this person, or is on its way.
bool is_told_otherwise(core::db::read_view& view, const delivery& d);
// A step of its life that is no answer to a try: `receipt` with its words, `resent` with who asked for it.
void add_step(core::db::write_tx& tx, std::int64_t id, core::instant at, std::string_view outcome,
              std::string_view text);
// A receipt settles d: the try that was accepted at once gets its row, so that its moment is not lost, and a
// receipt that failed gets one too.
void add_receipt_steps(core::db::write_tx& tx, const delivery& d, std::string_view status);
// To another binding of the same person, at its openid. False: the event has a delivery there already.
bool rebind(core::db::write_tx& tx, delivery& d, std::int64_t binding, std::string_view openid);
// By which channels this person was to be told of it so far.
std::vector<std::string> list_channels_tried(core::db::read_view& view, std::int64_t outbox,
                                             std::int64_t login);
// What was tried, certainly not sent, and waits: due now.
int hurry(core::db::write_tx& tx, std::string_view channel);

// Writes status, next_at, doubt_since, msgid, errcode, errmsg, follow_up, client_msg_id, may_repeat and
// attempts of d, if it is still `from`: the one road for a status. Leaving the lane lets the next one of the
// address go, entering it puts d where it belongs.
bool save(core::db::write_tx& tx, delivery& d, std::string_view from);
// To the person's new openid, into its place in the lane there; nothing else of it changes. False, and
// nothing is done: the event has a delivery there already.
bool readdress(core::db::write_tx& tx, delivery& d, std::string_view to);
// What may go or may be sent again by staff's mending, and whose binding has another openid by now. Not what
// waits behind something that is on its way or in doubt: it keeps its order, and follows when it is claimed.
struct astray {
    delivery what;
    std::string openid; // where it belongs
};
std::vector<astray> list_astray(core::db::read_view& view);
int count_astray(core::db::read_view& view); // all that wait at another openid than their binding's
// Of one that is not on its way: what was refused may be said differently.
void set_words(core::db::write_tx& tx, std::int64_t id, std::string_view title, std::string_view body);
void keep_msgid(core::db::write_tx& tx, std::int64_t id, std::int64_t msgid); // unless it has one
void add_try(core::db::write_tx& tx, const delivery& d, std::string_view outcome, const send_result& r);

// Left in flight by a killed process: in doubt, due now; where nothing is remembered, uncertain.
int recover_sending(core::db::write_tx& tx, std::string_view channel, bool remembered);
// Waits until after `latest`, which nothing does: due now. How many.
int recall_astray(core::db::write_tx& tx, std::string_view channel, core::instant latest);
bool has_astray(core::db::read_view& view, std::string_view channel, core::instant latest);
// In doubt since before `since`: queued ones past the platform's memory, or uncertain ones without a receipt.
// Also those whose doubt began after `ahead`: the clock was set back, and nobody knows how old it is.
std::vector<delivery> list_doubtful(core::db::read_view& view, std::string_view channel,
                                    std::string_view status, core::instant since, core::instant ahead);
std::vector<delivery> list_follow_ups(core::db::read_view& view, int limit);
std::vector<delivery> list_parked(core::db::read_view& view, std::string_view channel, std::string_view kind,
                                  int limit);

// ---- receipts ----
std::optional<delivery> find_by_msgid(core::db::read_view& view, std::int64_t msgid,
                                      std::string_view address);
// The newest one accepted since then whose receipt has not come.
std::optional<delivery> find_accepted(core::db::read_view& view, std::string_view address,
                                      core::instant since);
// The newest one refused since then that was in doubt before and whose number nobody knows.
std::optional<delivery> find_refused_in_doubt(core::db::read_view& view, std::string_view address,
                                              core::instant since);
std::optional<delivery> find_head(core::db::read_view& view, std::string_view address);
void keep_receipt(core::db::write_tx& tx, std::string_view address, std::int64_t msgid,
                  std::string_view status);
struct kept_receipt {
    std::int64_t msgid = 0;
    std::string status;
};
// The best one kept for this number; forgets all of that number.
std::optional<kept_receipt> take_receipt(core::db::write_tx& tx, std::string_view address,
                                         std::int64_t msgid);
// The best one of any number that came at or after `since`; forgets it.
std::optional<kept_receipt> take_any_receipt(core::db::write_tx& tx, std::string_view address,
                                             core::instant since);
int purge_receipts(core::db::write_tx& tx, core::instant before);

} // namespace notify::store
