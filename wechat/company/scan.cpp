// The desktop by phone (M5, guarantees S4): a QR code signs in or binds, after the person who scanned has
// confirmed on the phone. What happens in between is in core/account/scan.*, the chat's part in wechat/mp.
#include "core/account/scan.hpp"

#include "core/account/binding.hpp"
#include "core/account/login.hpp"
#include "core/account/session.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/mp/scene_qr.hpp"
#include "wechat/server/address.hpp"
#include "wechat/server/guard.hpp"
#include "wechat/server/qr.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace wechat::company {
namespace {

namespace account = core::account;
using account::scan_purpose;
using account::scan_status;
constexpr std::string_view scene_cookie = "__Host-scene";     // which code this browser shows
constexpr std::string_view browser_cookie = "__Host-browser"; // ties the code to this browser
constexpr std::chrono::minutes lifetime{10};

std::string cookie_of(std::string_view name, std::string_view value) {
    return std::string(name) + "=" + std::string(value) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800";
}

// "Chrome，Windows": enough for a person to know the own computer again.
std::string agent_of(const request& r) {
    const auto ua = r.header("user-agent");
    const auto first = [&](auto table) -> std::string {
        for (const auto& [mark, word] : table)
            if (ua.find(mark) != std::string_view::npos) return word;
        return "未知";
    };
    using row = std::pair<const char*, const char*>;
    const std::string browser = first(std::array<row, 6>{{{"MicroMessenger", "微信"},
                                                          {"Edg", "Edge"},
                                                          {"Firefox", "Firefox"},
                                                          {"Chrome", "Chrome"},
                                                          {"Safari", "Safari"},
                                                          {"Trident", "IE"}}});
    const std::string system = first(std::array<row, 6>{{{"Windows", "Windows"},
                                                         {"Android", "Android"},
                                                         {"iPhone", "iPhone"},
                                                         {"iPad", "iPad"},
                                                         {"Mac OS", "macOS"},
                                                         {"Linux", "Linux"}}});
    return browser + "，" + system;
}

// No code to show: the password is the way that is left.
response without_code(const request& r, services& s, const core::error& why) {
    core::value model = problem_model(r, s, why);
    model.set("sign_in", true);
    return s.pages->render(r, "public", "partials/problem", core::value::object().set("title", "无法完成"),
                           std::move(model), status_of(why.code));
}

// The code this browser shows already, for the same and not scanned: good enough for another press.
bool shows_one(const request& r, services& s, scan_purpose purpose) {
    const auto shown = s.db->read([&](read_view& v) {
        return account::find_shown_scan(v, hex_cookie(r, scene_cookie), hex_cookie(r, browser_cookie));
    });
    if (!shown || shown->purpose != purpose || shown->status != account::scan_status::shown ||
        shown->address.empty() || shown->expires_at - s.db->time().now() < lifetime / 2)
        return false;
    return purpose != scan_purpose::bind ||
           (shown->login_id == r.actor.login_id && shown->applicant_id == r.actor.applicant_id);
}

result<response> start(const request& r, services& s, scan_purpose purpose) {
    if (s.callback == nullptr) return core::error(core::errc::unavailable, "wechat.away");
    const auto to_code = see_other(purpose == scan_purpose::sign_in_staff ? "/scan?for=staff" : "/scan");
    if (shows_one(r, s, purpose)) return to_code;
    const std::string browser = core::random_hex(32);
    const auto made = s.db->write([&](write_tx& tx) {
        return account::begin_scan(
            tx, r.actor, purpose,
            {browser, r.remote_address, agent_of(r), counted_network(r.remote_address)});
    });
    if (!made) return made.error();
    const auto address = mp::create_scene_qr(*s.api, made->scene, lifetime);
    if (!address && purpose == scan_purpose::sign_in) return without_code(r, s, address.error());
    if (!address) return address.error();
    const auto kept =
        s.db->write([&](write_tx& tx) { return account::set_scan_address(tx, made->scene, *address); });
    if (!kept) return kept.error();
    response go = to_code;
    go.add("Set-Cookie", cookie_of(browser_cookie, browser));
    go.add("Set-Cookie", cookie_of(scene_cookie, made->scene));
    return go;
}

std::optional<account::scan> shown_by(const request& r, read_view& view) {
    return account::find_shown_scan(view, hex_cookie(r, scene_cookie), hex_cookie(r, browser_cookie));
}

std::string_view state_of(const std::optional<account::scan>& s) {
    return s ? account::code_of(s->status) : "over";
}

// The WeChat user of this phone: of the session, or just proved by OAuth.
std::string openid_of(const request& r, read_view& view) {
    if (r.session && !r.session->openid.empty()) return r.session->openid;
    const auto proven = account::find_proven_openid(view, hex_cookie(r, "__Host-wx"));
    return proven ? proven->openid : std::string();
}

// Where a browser gets a new code, and where it came from: by what the code is for.
struct way {
    std::string_view heading, again, back, done;
};
way way_of(scan_purpose purpose, bool for_staff) {
    if (purpose == scan_purpose::sign_in) return {"微信扫码登录", "/login/scan", "/login", "/me"};
    if (purpose == scan_purpose::sign_in_staff)
        return {"微信扫码登录管理端", "/staff/login/scan", "/staff/login", "/staff"};
    if (for_staff) return {"扫码绑定微信", "/staff/wechat/scan", "/staff/wechat", "/staff/wechat"};
    return {"扫码绑定微信", "/bind/scan", "/bind", "/bind"};
}

// Of a code that is over nothing is known any more: the page's address and who is signed in tell.
scan_purpose purpose_of(const request& r, const std::optional<account::scan>& shown) {
    if (shown) return shown->purpose;
    if (r.query.get("for") == "staff") return scan_purpose::sign_in_staff;
    return r.actor.kind == core::actor_kind::visitor ? scan_purpose::sign_in : scan_purpose::bind;
}

response open_page(const request& r, services& s, std::string_view page, std::string_view title,
                   core::value model) {
    return s.pages->render(r, "public", page, core::value::object().set("title", title), std::move(model));
}

using phone_verb = core::result<> (*)(write_tx&, const core::actor&, std::string_view, std::string_view);
result<response> decide(const request& r, write_tx& tx, services& s, phone_verb verb) {
    const std::string openid = openid_of(r, tx);
    if (openid.empty()) return core::error(core::errc::not_allowed, "binding.not_in_wechat");
    const std::string reference = r.parameters.at(0);
    if (auto done = verb(tx, r.actor, reference, openid); !done) return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/scan/" + reference);
}

} // namespace

result<response> start_sign_in_scan(const request& r, services& s) {
    return start(r, s, scan_purpose::sign_in);
}
result<response> start_staff_sign_in_scan(const request& r, services& s) {
    if (!s.wechat->staff_sign_in) return core::error(core::errc::not_found, "login.no_wechat");
    return start(r, s, scan_purpose::sign_in_staff);
}
result<response> start_bind_scan(const request& r, services& s) {
    return start(r, s, scan_purpose::bind);
}

response show_scan(const request& r, read_view& view, services& s) {
    const auto shown = shown_by(r, view);
    const auto purpose = purpose_of(r, shown);
    const auto to = way_of(purpose, r.actor.kind == core::actor_kind::staff);
    core::value model = core::value::object();
    model.set("binds", purpose == scan_purpose::bind).set("heading", to.heading);
    model.set("again", to.again).set("back", to.back);
    model.set("number", shown ? shown->number : "").set("state", state_of(shown));
    const bool waiting =
        shown && (shown->status == scan_status::shown || shown->status == scan_status::scanned);
    model.set("waiting", waiting)
        .set("scanned", shown && shown->status == scan_status::scanned)
        .set("confirmed", shown && shown->status == scan_status::confirmed)
        .set("refused", shown && shown->status == scan_status::refused)
        .set("over", !shown || shown->status == scan_status::used);
    return open_page(r, s, "public/scan", to.heading, std::move(model));
}

response scan_state(const request& r, read_view& view, services&) {
    return json(core::to_json(core::value::object().set("state", state_of(shown_by(r, view)))));
}

response scan_qr(const request& r, read_view& view, services&) {
    const auto shown = shown_by(r, view);
    if (!shown || shown->address.empty()) return text("404\n", 404);
    response picture = text(qr_svg(shown->address));
    picture.content_type = "image/svg+xml";
    return picture;
}

result<response> use_scan(const request& r, write_tx& tx, services&) {
    const auto done = account::use_scan(tx, hex_cookie(r, scene_cookie), hex_cookie(r, browser_cookie));
    if (!done) return done.error();
    const auto to = way_of(done->purpose, done->applicant_id == 0);
    if (done->purpose == scan_purpose::bind) return see_other(std::string(to.done));
    const auto session = account::begin_session(
        tx, {done->login_id, done->applicant_id, "qr", done->openid, r.remote_address});
    response go = see_other(std::string(to.done));
    go.add("Set-Cookie", session_cookie_value(session.token));
    return go;
}

response scanned(const request& r, read_view& view, services& s) {
    const std::string openid = openid_of(r, view);
    if (openid.empty()) return see_other("/wx/enter?to=/scan/" + r.parameters.at(0));
    const auto found = account::find_scanned(view, r.parameters.at(0), openid);
    if (!found) return refuse(r, s, core::error(core::errc::not_found, "scan.over"));
    const bool binds = found->purpose == scan_purpose::bind;
    core::value model = core::value::object();
    model.set("heading", binds ? "确认绑定微信" : "确认登录").set("binds", binds);
    model.set("site", s.wechat->public_url)
        .set("place", found->is_for_staff() ? "机构" : "单位")
        .set("for_staff", found->is_for_staff())
        .set("company", found->applicant_name.empty() ? "平台" : found->applicant_name)
        .set("person", found->login_name)
        .set("number", found->number)
        .set("at", core::short_moment_text(found->created_at))
        .set("source", found->source)
        .set("agent", found->agent)
        .set("reference", r.parameters.at(0));
    model.set("waiting", found->status == scan_status::scanned && found->login_id != 0)
        .set("unbound", found->login_id == 0)
        .set("confirmed", found->status == scan_status::confirmed || found->status == scan_status::used)
        .set("refused", found->status == scan_status::refused);
    return open_page(r, s, "public/scanned", binds ? "确认绑定微信" : "确认登录", std::move(model));
}

result<response> confirm_scan(const request& r, write_tx& tx, services& s) {
    return decide(r, tx, s, account::confirm_scan);
}
result<response> refuse_scan(const request& r, write_tx& tx, services& s) {
    return decide(r, tx, s, account::refuse_scan);
}

} // namespace wechat::company
