// What stands between a request and its handler: session lookup, role, CSRF token and Origin,
// Idempotency-Key.
#pragma once
#include "core/db/transaction.hpp"
#include "wechat/server/router.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wechat {

inline constexpr std::string_view session_cookie = "__Host-session";

// The person of the session cookie, if it lives (idle 30 min for staff, 12 h at most, S5). Fills r.actor and
// r.session. Cheap: two lookups; seen_at is written by touch_session at most once a minute.
void load_session(request& r, core::db::read_view& db);
void touch_session(const request& r, core::db::write_tx& tx);

// nullopt: go on. Otherwise the refusal: not signed in (pages: redirect to sign-in with `next`), role missing
// (403), CSRF token or Origin wrong (403, S6).
std::optional<response> check_access(const request& r, const route& to);
bool has_valid_token(const request& r); // form field `_csrf` or header X-CSRF-Token, constant-time

// Set-Cookie values. The cookie is __Host-, Secure, HttpOnly, SameSite=Lax, Path=/.
std::string session_cookie_value(std::string_view token);
std::string cleared_session_cookie();

} // namespace wechat
