// Signed-in browsers: begun at sign-in, found by the hash of their cookie, dead after idle time, twelve
// hours, a password change or disabling (guarantees S5).
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

inline constexpr std::chrono::minutes idle_staff{30};
inline constexpr std::chrono::minutes idle_applicant{120};
inline constexpr std::chrono::hours longest_session{12};

// What a session of staff still waits for, before it is good for anything else (second_factor.hpp).
enum class factor_need {
    none,
    code,  // the person has a second factor: a code of it
    set_up // the person must have one, and has none yet
};

struct session {
    std::string token_hash, csrf, openid;
    instant seen_at;
    actor who;
    std::string applicant_status; // pending, active, rejected; "" for staff. Suspended companies have none
    bool must_change = false;     // the password was set by somebody else: pages ask for a new one first
    factor_need factor = factor_need::none; // else `who` has neither roles nor institution
};

struct new_session {
    std::string token; // for the cookie; only its hash is kept
    std::string csrf;
};

struct session_start {
    std::int64_t login_id = 0;
    std::int64_t applicant_id = 0; // 0 for staff
    std::string via;               // password, wechat, qr
    std::string openid;            // when through WeChat
    std::string source;            // address
    bool factor_passed = false;    // staff: the second factor was proved too
};

new_session begin_session(db::write_tx& tx, const session_start& s);
std::optional<session> find_session(db::read_view& view, std::string_view token_hash);
void end_session(db::write_tx& tx, const actor& who, std::string_view token_hash);
void drop_session(db::write_tx& tx, std::string_view token_hash); // another takes its place: no journal row
int end_sessions_of(db::write_tx& tx, std::int64_t login_id);     // all of a person; gives how many
// Those that came through this WeChat user: of a person for one company (0: as staff), or all of them. Part
// of undoing a binding: whoever holds the phone must be out at once. Gives how many.
int end_wechat_sessions(db::write_tx& tx, std::string_view openid, std::int64_t login_id,
                        std::int64_t applicant_id);
int end_wechat_sessions(db::write_tx& tx, std::string_view openid);
// For another of the person's companies; a new session takes the place of this one. Refuses not_found, and
// not_allowed (binding.undone): this session's WeChat user was unbound from that company, a password binds
// anew.
result<new_session> switch_company(db::write_tx& tx, const actor& who, std::string_view token_hash,
                                   std::int64_t applicant_id);

struct open_session {
    std::string token_hash, via, source;
    instant created_at, seen_at;
};
// Newest first; one's own, or of whom one administers. Empty for others.
std::vector<open_session> list_sessions(db::read_view& view, const actor& who, std::int64_t login_id);
// Another browser of one's own. Refuses not_found.
result<> end_other_session(db::write_tx& tx, const actor& who, std::string_view token_hash);
// All of one's own but the one that asks; gives how many.
int end_other_sessions(db::write_tx& tx, const actor& who, std::string_view kept_token_hash);
int purge_sessions(db::write_tx& tx); // those that are over

} // namespace core::account
