// Web sign-in behind the pages of sns_pages.cpp: codes, their tokens, who it is (wechat-platform.md 20, 21).
#include "wechat/sandbox/apis.hpp"

#include "core/base/ids.hpp"

#include <chrono>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;

bool is_website(const state& s, const std::string& appid) {
    return !appid.empty() && appid == s.config.website_appid;
}

core::value new_tokens(state& s, const state::oauth_code& who) {
    const auto now = s.time->now();
    const phone* p = s.find(who.openid);
    const std::string access = "oauth_" + core::random_hex(24), refresh = "refresh_" + core::random_hex(24);
    s.oauth_tokens[access] = {who.openid, who.appid, who.scope, now + 2h, false};
    s.refresh_tokens[refresh] = {who.openid, who.appid, who.scope, now + 720h, false};
    const bool website = is_website(s, who.appid);
    s.secrets.push(access);
    s.secrets.push(refresh);
    core::value v = core::value::object().set("access_token", access).set("expires_in", 7200);
    v.set("refresh_token", refresh)
        .set("openid", website ? p->website_openid : who.openid)
        .set("scope", who.scope);
    if (p->snapshot && !website) {
        v.set("openid", "oSnapshotOfNobody" + core::random_hex(6).substr(0, 11)).set("is_snapshotuser", 1);
        return v;
    }
    if (website || who.scope == "snsapi_userinfo") v.set("unionid", p->unionid);
    return v;
}

// The person behind a web token, or the refusal.
const phone* person_of(state& s, const api_call& c, core::value& refusal, state::oauth_code& token) {
    const auto at = s.oauth_tokens.find(c.query("access_token"));
    if (at == s.oauth_tokens.end()) {
        refusal = s.refuse(40001, "invalid credential, access_token is invalid or not latest");
        return nullptr;
    }
    if (at->second.expires_at < s.time->now()) {
        refusal = s.refuse(42001, "access_token expired");
        return nullptr;
    }
    token = at->second;
    const phone* p = s.find(token.openid);
    const std::string shown = is_website(s, token.appid) ? p->website_openid : p->openid;
    if (c.query("openid") != shown) {
        refusal = s.refuse(40003, "invalid openid");
        return nullptr;
    }
    return p;
}

} // namespace

std::string make_oauth_code(state& s, std::string_view openid, std::string_view appid,
                            std::string_view scope) {
    const std::string made = core::random_hex(16);
    s.secrets.push(made);
    const auto lasts = is_website(s, std::string(appid)) ? 10min : 5min;
    s.oauth_codes[made] = {std::string(openid), std::string(appid), std::string(scope), s.time->now() + lasts,
                           false};
    return made;
}

api_answer exchange_code(state& s, const api_call& c) {
    const std::string appid = c.query("appid"), code = c.query("code");
    const bool website = is_website(s, appid);
    if (appid.empty()) return s.refuse(41002, "appid missing");
    if (!website && appid != s.config.appid) return s.refuse(40013, "invalid appid");
    if (c.query("secret") != (website ? s.config.website_secret : s.config.secret))
        return s.refuse(40125, "invalid appsecret");
    if (c.query("grant_type") != "authorization_code") return s.refuse(40002, "invalid grant_type");
    if (code.empty()) return s.refuse(41008, "missing code");
    const auto at = s.oauth_codes.find(code);
    if (at == s.oauth_codes.end() || at->second.appid != appid) return s.refuse(40029, "invalid code");
    if (at->second.used) return s.refuse(40163, "code been used");
    if (s.time->now() > at->second.expires_at) return s.refuse(42003, "code expired");
    at->second.used = true;
    return new_tokens(s, at->second);
}

api_answer refresh_sns_token(state& s, const api_call& c) {
    if (c.query("grant_type") != "refresh_token") return s.refuse(40002, "invalid grant_type");
    if (c.query("refresh_token").empty()) return s.refuse(41003, "missing refresh_token");
    const auto at = s.refresh_tokens.find(c.query("refresh_token"));
    if (at == s.refresh_tokens.end() || at->second.appid != c.query("appid"))
        return s.refuse(40030, "invalid refresh_token");
    if (at->second.expires_at < s.time->now()) return s.refuse(42002, "refresh_token expired");
    return new_tokens(s, at->second);
}

api_answer sns_user(state& s, const api_call& c) {
    core::value refusal;
    state::oauth_code token;
    const phone* p = person_of(s, c, refusal, token);
    if (p == nullptr) return refusal;
    if (token.scope == "snsapi_base") return s.refuse(48001, "api unauthorized");
    core::value v = core::value::object().set("openid", c.query("openid")).set("nickname", p->name);
    v.set("sex", 0).set("language", "").set("city", "").set("province", "").set("country", "");
    return v.set("headimgurl", "").set("privilege", core::value::array()).set("unionid", p->unionid);
}

api_answer check_sns_token(state& s, const api_call& c) {
    core::value refusal;
    state::oauth_code token;
    if (person_of(s, c, refusal, token) == nullptr) return s.refuse(40003, "invalid openid");
    return fine();
}

} // namespace wechat::sandbox
