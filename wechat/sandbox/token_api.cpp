// Tokens, the page ticket, quotas and self-diagnosis (wechat-platform.md 2, 9, 10, 11, 19).
#include "wechat/sandbox/apis.hpp"

#include "core/base/ids.hpp"

#include <chrono>
#include <optional>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;

std::optional<core::value> wrong_account(state& s, const std::string& appid, const std::string& secret) {
    if (appid.empty()) return s.refuse(41002, "appid missing");
    if (appid != s.config.appid) return s.refuse(40013, "invalid appid");
    if (secret.empty()) return s.refuse(41004, "appsecret missing");
    if (secret != s.config.secret)
        return s.refuse(40125, "invalid appsecret, view more at https://mp.weixin");
    return std::nullopt;
}

core::value granted(state& s, const tokens::granted& g) {
    s.secrets.push(g.token);
    return core::value::object().set("access_token", g.token).set("expires_in", g.expires_in);
}

} // namespace

api_answer token(state& s, const api_call& c) {
    if (c.query("grant_type") != "client_credential") return s.refuse(40002, "invalid grant_type");
    if (auto wrong = wrong_account(s, c.query("appid"), c.query("secret"))) return *wrong;
    return granted(s, s.keys.renew(s.time->now()));
}

api_answer stable_token(state& s, const api_call& c) {
    if (c.body.text("grant_type") != "client_credential") return s.refuse(40002, "invalid grant_type");
    if (auto wrong = wrong_account(s, c.body.text("appid"), c.body.text("secret"))) return *wrong;
    const auto g = s.keys.stable(s.time->now(), c.body.flag("force_refresh"));
    if (!g) return s.refuse(45009, "reach max api daily quota limit");
    return granted(s, *g);
}

api_answer get_ticket(state& s, const api_call& c) {
    const std::string type = c.query("type");
    if (type != "jsapi" && type != "wx_card") return s.refuse(40097, "invalid args");
    const auto now = s.time->now();
    if (s.jsapi_ticket.empty() || s.ticket_expires_at - now < 5min) {
        s.jsapi_ticket = "sandbox_ticket_" + core::random_hex(32);
        s.ticket_expires_at = now + 2h;
        s.secrets.push(s.jsapi_ticket);
    }
    return fine()
        .set("ticket", s.jsapi_ticket)
        .set("expires_in", static_cast<std::int64_t>((s.ticket_expires_at - now) / 1s));
}

api_answer get_quota(state& s, const api_call& c) {
    const std::string path = c.body.text("cgi_path");
    const auto* row = find_api(path);
    if (row == nullptr) return s.refuse(76021, "cgi_path not found");
    const auto most = s.used.limit_of(path, row->daily);
    const auto used = s.used.used(path, s.time->now());
    core::value q = core::value::object();
    q.set("daily_limit", most).set("used", used).set("remain", most - used);
    return fine().set("quota", std::move(q));
}

api_answer clear_quota(state& s, const api_call& c) {
    if (c.body.text("appid") != s.config.appid) return s.refuse(40013, "invalid appid");
    if (!s.used.clear(s.time->now()))
        return s.refuse(48006, "forbid to clear quota because of reaching the limit");
    return fine();
}

api_answer clear_quota_by_secret(state& s, const api_call& c) {
    const auto given = [&](std::string_view name) {
        const auto at = c.http->form.get(name);
        return at.empty() ? c.body.text(name) : std::string(at);
    };
    if (auto wrong = wrong_account(s, given("appid"), given("appsecret"))) return *wrong;
    if (!s.used.clear(s.time->now()))
        return s.refuse(48006, "forbid to clear quota because of reaching the limit");
    return fine();
}

api_answer clear_path_quota(state& s, const api_call& c) {
    const std::string path = c.body.text("cgi_path");
    if (find_api(path) == nullptr) return s.refuse(76021, "cgi_path not found");
    s.used.clear_path(path);
    return fine();
}

api_answer get_rid(state& s, const api_call& c) {
    const auto at = s.refused.find(c.body.text("rid"));
    if (at == s.refused.end()) return s.refuse(76001, "rid not found");
    return fine().set("request", at->second);
}

api_answer list_addresses(state&, const api_call&) {
    return core::value::object().set("ip_list", core::value(core::value::list{"127.0.0.1", "127.0.0.0/24"}));
}

api_answer check_callback(state& s, const api_call& c) {
    const std::string action = c.body.text("action");
    if (action != "all" && action != "dns" && action != "ping") return s.refuse(40097, "invalid args");
    core::value out = fine();
    if (action != "ping") {
        core::value dns = core::value::object().set("ip", "127.0.0.1").set("real_operator", "UNICOM");
        out.set("dns", core::value(core::value::list{std::move(dns)}));
    }
    if (action != "dns") {
        core::value ping = core::value::object().set("ip", "127.0.0.1").set("from_operator", "UNICOM");
        ping.set("package_loss", "0%").set("time", "0.1ms");
        out.set("ping", core::value(core::value::list{std::move(ping)}));
    }
    return out;
}

} // namespace wechat::sandbox
