#include "wechat/sandbox/sns_pages.hpp"

#include "core/base/ids.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/qr.hpp"

#include <array>
#include <optional>

namespace wechat::sandbox {
namespace {

// WeChat checks the order of the parameters by a regular expression.
constexpr auto wanted_order =
    std::to_array<std::string_view>({"appid", "redirect_uri", "response_type", "scope", "state"});

bool is_in_order(const name_values& query) {
    std::size_t n = 0;
    for (const auto& [name, value] : query)
        if (n < wanted_order.size() && name == wanted_order[n]) ++n;
    return n >= wanted_order.size() - 1; // state may be missing
}

std::string host_of(std::string_view url) {
    const auto from = url.find("://");
    if (from == std::string_view::npos) return {};
    const auto rest = url.substr(from + 3);
    return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

// Why WeChat would show an error instead of the page; its numbers.
std::optional<std::string> refused(const request& r, const account& a, std::string_view appid) {
    const auto target = r.query.get("redirect_uri");
    if (target.empty()) return "10011 redirect_uri 参数为空";
    if (r.query.get("appid").empty()) return "10012 appid 参数为空";
    if (r.query.get("scope").empty()) return "10010 scope 参数为空";
    if (r.query.get("appid") != appid) return "10016 不支持的 AppID";
    if (!is_in_order(r.query) || r.query.get("response_type") != "code") return "链接参数的顺序或内容不对";
    const bool web = target.starts_with("https://") || target.starts_with("http://");
    if (!web || (!a.oauth_host.empty() && host_of(target) != a.oauth_host))
        return "10003 redirect_uri 域名与后台配置不一致";
    if (r.query.get("state").size() > 128) return "state 参数过长";
    return std::nullopt;
}

response back_to(std::string_view target, const std::string& code, std::string_view state) {
    const std::string joint = target.find('?') == std::string_view::npos ? "?" : "&";
    const std::string said = code.empty() ? "" : "code=" + code + "&";
    return found_at(std::string(target) + joint + said + "state=" + url_encode(state));
}

// This page's own address, without its fragment: that never reaches a server.
std::string address_of(const request& r) {
    std::string address = r.path;
    for (const auto& [name, value] : r.query)
        address += (address == r.path ? "?" : "&") + url_encode(name) + "=" + url_encode(value);
    return address;
}

// The same with one parameter more.
std::string again(const request& r, std::string_view more) {
    return address_of(r) + "&" + std::string(more);
}

response picture(const std::string& of) {
    response p = text(qr_svg(of));
    p.content_type = "image/svg+xml";
    return p;
}

response shown(const services& s, const request& r, std::string_view page, core::value model) {
    response out = s.pages->fragment(r, page, std::move(model));
    out.add("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; "
                                       "form-action 'self' https:; frame-ancestors 'self'; base-uri 'none'");
    return out;
}

} // namespace

core::result<response> authorize(const request& r, services& s) {
    const account& a = s.platform->config();
    if (const auto why = refused(r, a, a.appid)) return text(*why + "\n", 400);
    const std::string scope(r.query.get("scope"));
    if (scope != "snsapi_base" && scope != "snsapi_userinfo")
        return text("10005 该公众号没有这个 scope 的权限\n", 400);
    const auto phone = s.platform->find_phone(r.cookies.get("phone"));
    if (!phone) return text("请在微信客户端打开链接（在沙盒的手机里打开）\n", 400);
    const auto target = r.query.get("redirect_uri"), state_text = r.query.get("state");
    if (r.query.get("deny") == "1") return back_to(target, "", state_text);
    // A follower who comes from the chat or the menu is not asked.
    if (scope == "snsapi_userinfo" && !phone->following && r.query.get("agree") != "1") {
        core::value model = core::value::object().set("name", phone->name);
        model.set("agree", again(r, "agree=1")).set("deny", again(r, "deny=1"));
        return shown(s, r, "sandbox/consent", std::move(model));
    }
    const std::string code =
        s.platform->use([&](state& st) { return make_oauth_code(st, phone->openid, a.appid, scope); });
    return back_to(target, code, state_text);
}

// Shows the code and looks again every second, as the real page does by script.
core::result<response> website_sign_in(const request& r, services& s) {
    const account& a = s.platform->config();
    if (const auto why = refused(r, a, a.website_appid)) return text(*why + "\n", 400);
    if (r.query.get("scope") != "snsapi_login") return text("10005 scope 没有权限\n", 400);
    const std::string uuid(r.query.get("uuid"));
    const std::string base = "https://" + r.host + "/connect/confirm?uuid=";
    if (uuid.empty()) {
        const std::string made = core::random_hex(10);
        s.platform->use([&](state& st) {
            if (st.sign_ins.size() > 1000) st.sign_ins.clear();
            st.sign_ins[made] = {
                std::string(r.query.get("redirect_uri")), std::string(r.query.get("state")), {}, {}};
            st.show_code(base + made);
        });
        return found_at(again(r, "uuid=" + made));
    }
    struct seen {
        bool known = false, scanned = false;
        std::string code;
    };
    const seen now = s.platform->use([&](state& st) {
        const auto at = st.sign_ins.find(uuid);
        seen out{at != st.sign_ins.end(), false, {}};
        if (!out.known) return out;
        out.scanned = !at->second.openid.empty();
        if (at->second.allowed != true) return out;
        out.code = make_oauth_code(st, at->second.openid, st.config.website_appid, "snsapi_login");
        st.sign_ins.erase(at);
        return out;
    });
    if (!now.known) return text("二维码已失效，请返回网站重新开始\n", 404);
    if (!now.code.empty()) return back_to(r.query.get("redirect_uri"), now.code, r.query.get("state"));
    core::value model = core::value::object().set("scanned", now.scanned);
    model.set("uuid", uuid).set("host", host_of(r.query.get("redirect_uri")));
    response page = shown(s, r, "sandbox/qrconnect", std::move(model));
    // With its address: a browser that came with a fragment (#wechat_redirect) would only scroll to it.
    page.add("Refresh", "1; url=" + address_of(r));
    return page;
}

core::result<response> show_sign_in_picture(const request& r, services&) {
    return picture("https://" + r.host + "/connect/confirm?uuid=" + r.parameters.at(0));
}

core::result<response> confirm_sign_in(const request& r, services& s) {
    const std::string uuid(r.query.get("uuid"));
    const auto host = s.platform->use([&](state& st) {
        const auto at = st.sign_ins.find(uuid);
        return at == st.sign_ins.end() ? std::string() : host_of(at->second.redirect);
    });
    if (host.empty()) return text("二维码已失效\n", 404);
    return shown(s, r, "sandbox/confirm", core::value::object().set("uuid", uuid).set("host", host));
}

// A refusal sends the browser nowhere: the page with the code just stays.
core::result<response> decide_sign_in(const request& r, services& s) {
    const bool allows = r.field("allow") == "1";
    const auto phone = s.platform->find_phone(r.cookies.get("phone"));
    const bool done = s.platform->use([&](state& st) {
        const auto at = st.sign_ins.find(r.field("uuid"));
        if (at == st.sign_ins.end() || !phone) return false;
        at->second.openid = phone->openid;
        at->second.allowed = allows;
        return true;
    });
    if (!done) return text("二维码已失效\n", 404);
    return text(allows ? "已同意，请看电脑上的网页。\n" : "已拒绝。\n");
}

// WeChat answers with a JPEG; ours is an SVG.
core::result<response> show_code_picture(const request& r, services& s) {
    const auto url = s.platform->use([&](state& st) {
        const auto at = st.codes.find(r.query.get("ticket"));
        return at == st.codes.end() ? std::string() : at->second.url;
    });
    if (url.empty()) return text("404\n", 404);
    return picture(url);
}

} // namespace wechat::sandbox
