#include "wechat/server/guard.hpp"

#include "core/account/session.hpp"
#include "core/base/ids.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard_store.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace wechat {
namespace {

using namespace std::chrono_literals;

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && !a.empty() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Browsers send Origin with every POST; older ones at least Sec-Fetch-Site. Neither: no browser, token
// decides.
bool comes_from_us(const request& r) {
    const auto site = r.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") return false;
    const auto origin = r.header("origin");
    if (origin.empty()) return true;
    return origin == (r.secure ? "https://" : "http://") + r.host;
}

refused_access to_sign_in(const request& r, const route& to) {
    const bool staff = to.who.access == access::staff;
    refused_access out;
    out.answer = see_other(std::string(staff ? "/staff/login" : "/login") + "?next=" + url_encode(r.path));
    return out;
}

// Of nobody there is no second time: everybody who is not signed in would share one key.
std::string once_key(const request& r) {
    if (r.actor.login_id == 0) return {};
    std::string_view key = r.header("idempotency-key");
    if (key.empty()) key = r.field("_once");
    return key.empty() ? std::string() : core::sha256_hex(r.path + "\n" + std::string(key));
}

refused_access refused(core::errc code, std::string detail) {
    refused_access out;
    out.refusal = core::error(code, std::move(detail));
    return out;
}

// A password that somebody else set is good for one thing: setting one's own.
bool must_change_first(const request& r, const route& to) {
    return r.session && r.session->must_change && to.who.access != access::anyone &&
           !to.pattern.ends_with("/password");
}

// A session whose second factor is missing is good for giving it, and for leaving (S7).
bool factor_first(const request& r, const route& to) {
    return r.session && r.session->factor != core::account::factor_need::none &&
           to.who.access != access::anyone;
}

refused_access to_factor(const request& r) {
    if (r.method == method::post) return refused(core::errc::not_allowed, "server.factor");
    refused_access out;
    out.answer = see_other("/staff/factor");
    return out;
}

refused_access to_new_password(const request& r) {
    if (r.method == method::post) return refused(core::errc::not_allowed, "server.new_password");
    refused_access out;
    out.answer = see_other(r.actor.kind == core::actor_kind::staff ? "/staff/password" : "/account/password");
    return out;
}

} // namespace

void load_session(request& r, core::db::read_view& db) {
    const auto cookie = r.cookies.get(session_cookie);
    if (cookie.size() != 64) return;
    auto found = core::account::find_session(db, core::sha256_hex(cookie));
    if (!found) return;
    const std::string source = r.actor.source;
    r.actor = std::move(found->who);
    r.actor.source = source;
    r.actor.request_id = r.request_id;
    r.session = session_info{std::move(found->token_hash), std::move(found->csrf),
                             std::move(found->openid),     found->seen_at,
                             found->must_change,           found->factor};
}

bool needs_touch(const request& r, core::instant now) {
    return r.session && now - r.session->seen_at > 1min;
}

bool has_valid_token(const request& r) {
    if (!r.session) return false;
    return same(r.session->csrf, r.field("_csrf")) || same(r.session->csrf, r.header("x-csrf-token"));
}

std::optional<refused_access> check_access(const request& r, const route& to) {
    if (to.who.access == access::callback) return std::nullopt;
    if (factor_first(r, to)) return to_factor(r);
    if (!to.who.allows(r.actor)) {
        const bool wrong_side = r.actor.kind != core::actor_kind::visitor;
        if (wrong_side) return refused(core::errc::not_allowed, "server.role");
        if (r.method == method::post) return refused(core::errc::not_allowed, "server.session_over");
        return to_sign_in(r, to);
    }
    if (must_change_first(r, to)) return to_new_password(r);
    if (r.method != method::post) return std::nullopt;
    if (!comes_from_us(r)) return refused(core::errc::not_allowed, "server.origin");
    if (r.session && !has_valid_token(r)) return refused(core::errc::not_allowed, "server.token");
    return std::nullopt;
}

std::optional<response> find_done(const request& r, core::db::read_view& view) {
    const std::string key = once_key(r);
    if (key.empty()) return std::nullopt;
    auto done = guard_store::find_done(view, r.actor.login_id, key);
    if (!done) return std::nullopt;
    if (!done->location.empty()) return see_other(std::move(done->location));
    return html(std::move(done->body), done->status);
}

void keep_done(core::db::write_tx& tx, const request& r, const response& answer) {
    const std::string key = once_key(r);
    if (key.empty()) return;
    guard_store::done_request done{answer.status, "", answer.body};
    for (const auto& [name, value] : answer.headers)
        if (name == "Location") done.location = value;
    guard_store::add_done(tx, r.actor.login_id, key, done);
}

std::string safe_target(std::string_view next, std::string_view fallback) {
    const bool ours =
        next.starts_with('/') && !next.starts_with("//") && next.size() < 500 &&
        std::all_of(next.begin(), next.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
    return std::string(ours ? next : fallback);
}

std::string session_cookie_value(std::string_view token) {
    return std::string(session_cookie) + "=" + std::string(token) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax";
}

std::string cleared_session_cookie() {
    return std::string(session_cookie) + "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
}

} // namespace wechat
