// Signed-in browsers: begun at sign-in, found by the hash of their cookie, dead after idle time, twelve
// hours, a password change or disabling (guarantees S5).
#pragma once
#include "core/base/actor.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace core::account {

inline constexpr std::chrono::minutes idle_staff{30};
inline constexpr std::chrono::minutes idle_applicant{120};
inline constexpr std::chrono::hours longest_session{12};

struct session {
    std::string token_hash, csrf, openid;
    instant seen_at;
    actor who;
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
};

new_session begin_session(db::write_tx& tx, const session_start& s);
std::optional<session> find_session(db::read_view& view, std::string_view token_hash);
void end_session(db::write_tx& tx, const actor& who, std::string_view token_hash);
int purge_sessions(db::write_tx& tx); // those that are over

} // namespace core::account
