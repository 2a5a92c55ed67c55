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

// The person of the session cookie, if the session lives (S5). Fills r.actor and r.session. One look-up.
void load_session(request& r, core::db::read_view& db);
bool needs_touch(const request& r, core::instant now); // last seen more than a minute ago

struct refused_access {
    std::optional<core::error> refusal; // else `answer`: the redirect to the sign-in page
    response answer;
};
// nullopt: go on. Not signed in: a page leads to the sign-in page and back; role missing: 403; CSRF token or
// Origin wrong: 403 (S2, S6).
std::optional<refused_access> check_access(const request& r, const route& to);
bool has_valid_token(const request& r); // form field `_csrf` or header X-CSRF-Token, constant-time

// A form sent twice acts once (S16): header Idempotency-Key or form field `_once`, per person and address.
// Actions have it from dispatch; a task calls both inside the transaction that does its work.
std::optional<response> find_done(const request& r, core::db::read_view& view); // the first answer, again
void keep_done(core::db::write_tx& tx, const request& r, const response& answer);

std::string safe_target(std::string_view next, std::string_view fallback); // our own path, else the fallback

// Set-Cookie values. The cookie is __Host-, Secure, HttpOnly, SameSite=Lax, Path=/.
std::string session_cookie_value(std::string_view token);
std::string cleared_session_cookie();

} // namespace wechat
