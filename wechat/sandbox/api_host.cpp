// WeChat's API host, OAuth page and QR pictures, as the product calls them.
#include "wechat/sandbox/api_host.hpp"

#include "core/base/json.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/server/form.hpp"

#include <chrono>
#include <thread>

namespace wechat::sandbox {
namespace {

core::value refusal(int code, std::string_view message) {
    return core::value::object().set("errcode", code).set("errmsg", message);
}

using call = core::value (*)(const request&, platform&, const core::value& body);

// Runs one API call with whatever fault is switched on for its path.
core::result<response> serve(const request& r, services& s, call run, bool needs_token) {
    platform& p = *s.platform;
    fault f = p.faults().take(r.path);
    const auto body =
        r.body.empty() ? core::value::object() : core::parse_json(r.body).value_or(core::value{});
    if (body.is_null()) return json(core::to_json(refusal(47001, "data format error")));
    if (f.is_none()) f = p.faults().chaos_for(body.text("client_msg_id"));
    const auto pause = [&f] { std::this_thread::sleep_for(std::chrono::milliseconds(f.delay_ms)); };
    if (f.delay_ms > 0 && !f.after) pause();
    core::value answer;
    if (f.errcode != 0)
        answer = refusal(f.errcode, "told to fail rid: sandbox-fault");
    else if (needs_token && !p.token_is_good(r.query.get("access_token")))
        answer = refusal(40001, "invalid credential, access_token is invalid or not latest");
    else if ((f.html || f.reset) && !f.after)
        answer = core::value::object();
    else
        answer = run(r, p, body);
    if (f.delay_ms > 0 && f.after) pause(); // the receipt is out before the answer
    if (f.html) return html("<html><body><h1>502 Bad Gateway</h1></body></html>", 502);
    if (f.reset) return text("", 0); // the caller is in doubt
    return json(core::to_json(answer));
}

} // namespace

core::result<response> stable_token(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value& b) { return p.stable_token(b); }, false);
}
core::result<response> list_callback_ips(const request& r, services& s) {
    return serve(
        r, s,
        [](const request&, platform&, const core::value&) {
            return core::value::object().set("ip_list", core::value(core::value::list{"127.0.0.1"}));
        },
        true);
}
core::result<response> send_template(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value& b) { return p.send_template(b); }, true);
}
core::result<response> list_templates(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value&) { return p.list_templates(); }, true);
}
core::result<response> create_menu(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value& b) { return p.create_menu(b); }, true);
}
core::result<response> get_menu(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value&) { return p.get_menu(); }, true);
}
core::result<response> create_qr(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value& b) { return p.create_qr(b); }, true);
}
core::result<response> user_info(const request& r, services& s) {
    return serve(
        r, s,
        [](const request& q, platform& p, const core::value&) { return p.user_info(q.query.get("openid")); },
        true);
}
core::result<response> user_list(const request& r, services& s) {
    return serve(
        r, s, [](const request&, platform& p, const core::value&) { return p.user_list(); }, true);
}
core::result<response> exchange_code(const request& r, services& s) {
    return serve(
        r, s,
        [](const request& q, platform& p, const core::value&) {
            return p.exchange_code(q.query.get("appid"), q.query.get("secret"), q.query.get("code"));
        },
        false);
}

// The silent authorize page: checks what WeChat checks, then sends the phone back with a code.
core::result<response> authorize(const request& r, services& s) {
    const auto target = r.query.get("redirect_uri");
    const bool well_formed = r.query.get("appid") == s.platform->config().appid &&
                             r.query.get("response_type") == "code" &&
                             r.query.get("scope") == "snsapi_base" && target.starts_with("https://");
    if (!well_formed) return text("10003 redirect_uri domain or parameters wrong\n", 400);
    const auto phone = s.platform->find_phone(r.cookies.get("phone"));
    if (!phone) return text("请在微信客户端打开链接（在沙盒的手机里打开）\n", 400);
    const std::string code = s.platform->begin_oauth(phone->openid);
    const std::string joint = target.find('?') == std::string_view::npos ? "?" : "&";
    return found_at(std::string(target) + joint + "code=" + code +
                    "&state=" + url_encode(r.query.get("state")));
}

} // namespace wechat::sandbox
