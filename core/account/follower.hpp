// Who follows the account: kept from events, put right by the nightly list of everybody who follows, and
// moved when WeChat gives people new openids. Knows no network; wechat/mp/follower_sync fetches.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

// ---- the list of everybody, in stages, taken up again after a crash ----

enum class sync_stage { list, gone, details, done };
std::string_view code_of(sync_stage s); // "list" …

struct follower_sync {
    std::int64_t id = 0;
    instant begun_at;
    sync_stage stage = sync_stage::list;
    std::string next_openid; // where the list goes on
    std::int64_t total = 0;  // as WeChat counts
    std::int64_t seen = 0;   // openids in its list
    std::int64_t added = 0, returned = 0, gone = 0, detailed = 0;
    bool complete = true; // false: the list was shorter than WeChat's count, so nobody was marked gone
    std::string trouble;  // why it stands still
    std::optional<instant> try_at; // not before
    std::optional<instant> finished_at;
};

// The one under way, else a new one. `asked_by`: "schedule", "command", "page".
follower_sync begin_sync(db::write_tx& tx, std::string_view asked_by);
std::optional<follower_sync> find_open_sync(db::read_view& view);
std::optional<follower_sync> find_last_sync(db::read_view& view); // the newest, open or not
// Is it time for the nightly one? At the setting followers.sync_at (minute of the day, 03:30), once a day;
// after downtime at once.
bool is_sync_due(db::read_view& view);
// An administrator of the platform asks for one now; the schedule does it. Refuses not_allowed.
result<> request_sync(db::write_tx& tx, const actor& who);

// These people follow as of the sync's begin; what events have said since then counts more. A page may come
// in pieces, and pieces again after a crash.
void take_followers(db::write_tx& tx, const follower_sync& s, std::span<const std::string> openids);
void turn_page(db::write_tx& tx, const follower_sync& s, std::string_view next_openid, std::int64_t total);
// The list is through: who is not in it goes next, unless it is shorter than WeChat's own count. Who is bound
// and was never a follower keeps the binding and is known not to follow.
void end_list(db::write_tx& tx, const follower_sync& s);
// At most `most` of those who left unnoticed: not following, bindings undone (W4). True: there are more.
bool mark_gone(db::write_tx& tx, const follower_sync& s, int most);
struct follower_detail {
    std::string openid, unionid, scene;
    std::optional<instant> subscribed_at;
};
std::vector<std::string> list_undetailed(db::read_view& view, int most); // following, nothing known of them
// Of those asked for; who is not among the answers is not asked for again.
void take_details(db::write_tx& tx, const follower_sync& s, std::span<const std::string> asked,
                  std::span<const follower_detail> found);
void end_sync(db::write_tx& tx, const follower_sync& s);
void hold_sync(db::write_tx& tx, const follower_sync& s, std::string_view trouble, instant try_at);

struct follower_counts {
    std::int64_t following = 0, left = 0;
    std::int64_t bound = 0;         // WeChat users with an open binding
    std::int64_t bound_outside = 0; // of them, known not to follow: they get no messages
};
follower_counts count_followers(db::read_view& view);

// ---- the account has moved: people have new openids (wechat-platform.md 13, changeopenid) ----

// Who has to be asked about: following or bound, after `after` by key, at most `most`.
std::vector<std::string> list_openids(db::read_view& view, std::string_view after, int most);
struct openid_move {
    std::string from, to;
};
struct move_report {
    int people = 0, bindings = 0, sessions = 0, tags = 0;
    std::vector<std::string>
        conflicts; // old openids whose new one belongs to another person: left as they are
};
// Moves followers, bindings, sessions and wishes for the staff tag, all in this transaction, each binding
// with an audit row. Carried out again it changes nothing. Refuses not_allowed for anybody but the system and
// the platform; invalid (followers.move) for an empty or repeated openid. notify::move_openids takes the
// messages along: call that one.
result<move_report> move_openids(db::write_tx& tx, const actor& who, std::span<const openid_move> moves);

} // namespace core::account
