// Signing in on a desktop by the Open Platform (qrconnect), the alternative to our own QR code: WeChat shows
// the code and asks the person; who it is, the unionid tells (wechat-platform.md 21). Nobody is bound here:
// that takes the account itself, which messages come from.
#include "core/account/binding.hpp"
#include "core/account/session.hpp"
#include "core/base/ids.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/frame/parts.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/unionids.hpp"
#include "wechat/server/guard.hpp"

namespace wechat::company {
namespace {

namespace account = core::account;
using account::oauth_purpose;
constexpr std::string_view browser_cookie = "__Host-website"; // ties a round trip to this browser
constexpr int most_round_trips = 3;

std::string browser_of(const request& r) {
    return hex_cookie(r, browser_cookie);
}

response start(services& s, std::string browser, std::string_view target, int tries) {
    if (browser.empty()) browser = core::random_hex(32);
    const std::string state =
        s.db->write([&](write_tx& tx) -> result<std::string> {
                return account::begin_oauth(tx, oauth_purpose::website, browser, target, tries);
            })
            .value();
    response go = found_at(s.api->website_url("/wx/website", state));
    go.add("Set-Cookie", std::string(browser_cookie) + "=" + browser +
                             "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800");
    return go;
}

// Bindings made by scanning know the openid only; what is missing is asked for once before giving up.
std::vector<account::binding> find_person(services& s, std::string_view unionid) {
    const auto look = [&] {
        return s.db->read([&](read_view& v) { return account::list_acting_by_unionid(v, unionid); });
    };
    auto found = look();
    if (found.empty() && mp::learn_unionids(*s.api, *s.db) > 0) found = look();
    return found;
}

// Reloaded, or called twice: who it was, or to be asked anew.
result<mp::oauth_identity> what_came_of(const account::oauth_trip& trip) {
    if (trip.openid.empty()) return core::error(core::errc::invalid, "oauth.code_used");
    return mp::oauth_identity{trip.openid, trip.unionid};
}

response unbound_page(const request& r, services& s) {
    return s.pages->render(r, "public", "public/website_unbound",
                           core::value::object().set("title", "微信还没有绑定账号"), core::value::object());
}

} // namespace

result<response> start_website_sign_in(const request& r, services& s) {
    if (s.wechat->website_appid.empty() || s.callback == nullptr)
        return core::error(core::errc::not_found, "website.off");
    return start(s, browser_of(r), safe_target(r.query.get("next"), "/me"), 1);
}

result<response> website_return(const request& r, services& s) {
    if (s.wechat->website_appid.empty()) return core::error(core::errc::not_found, "website.off");
    const std::string browser = browser_of(r);
    const auto trip = s.db->write([&](write_tx& tx) {
        return account::use_oauth(tx, oauth_purpose::website, r.query.get("state"), browser);
    });
    if (!trip) {
        if (r.actor.is_applicant()) return see_other("/me");
        return core::error(core::errc::invalid, "website.state");
    }
    if (r.query.get("code").empty()) return core::error(core::errc::not_allowed, "website.refused");
    if (trip->again && r.actor.is_applicant()) return see_other(trip->target);
    const auto who = trip->again ? what_came_of(*trip) : s.api->exchange_website_code(r.query.get("code"));
    if (!who && who.error().detail == "oauth.code_used") {
        if (trip->tries < most_round_trips) return start(s, browser, trip->target, trip->tries + 1);
        return core::error(core::errc::invalid, "website.state");
    }
    s.db->write(
            [&](write_tx& tx) -> result<> { // for the same browser once more; no verdict: to be tried again
                if (who)
                    account::keep_openid(tx, r.query.get("state"), who->openid, who->unionid);
                else
                    account::reopen_oauth(tx, r.query.get("state"));
                return {};
            })
        .value();
    if (!who) return who.error();
    const auto found = find_person(s, who->unionid);
    if (found.empty()) return unbound_page(r, s);
    const auto& first = found.front();
    const auto session = s.db->write([&](write_tx& tx) -> result<account::new_session> {
                                 return account::begin_session(tx, {first.login_id, first.applicant_id, "qr",
                                                                    first.openid, r.remote_address});
                             })
                             .value();
    response go = see_other(trip->target); // a clean address: the code stays out of the history
    go.add("Set-Cookie", session_cookie_value(session.token));
    return go;
}

} // namespace wechat::company
