// WeChat's way in: silent OAuth, binding by password once, unbinding (U4, M7, M8, guarantees S4).
#include "core/account/binding.hpp"

#include "core/account/login.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/base/ids.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/frame/sign_in.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard.hpp"

namespace wechat::company {
namespace {

namespace account = core::account;
constexpr std::string_view browser_cookie = "__Host-wx"; // ties a round trip to this browser
constexpr int most_round_trips = 3;

std::string browser_of(const request& r) {
    const auto cookie = r.cookies.get(browser_cookie);
    return cookie.size() == 64 ? std::string(cookie) : std::string();
}

std::string cookie_of(std::string_view browser) {
    return std::string(browser_cookie) + "=" + std::string(browser) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800";
}

bool is_of_staff(std::string_view target) {
    return target == "/staff" || target.starts_with("/staff/") || target.starts_with("/staff?");
}

response page(const request& r, read_view& view, services& s, const core::error* wrong) {
    const auto proven = account::find_proven_openid(view, browser_of(r));
    core::value bindings = core::value::array();
    if (r.actor.is_applicant())
        for (const auto& b : account::list_by_login(view, r.actor.login_id, r.actor.applicant_id))
            bindings.push(core::value::object()
                              .set("id", std::to_string(b.id))
                              .set("company", b.applicant_name)
                              .set("person", b.login_name)
                              .set("at", core::short_moment_text(b.bound_at)));
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    const auto next = r.field("next").empty() ? r.query.get("next") : r.field("next");
    model.set("bound", !bindings.as_list()->empty())
        .set("bindings", std::move(bindings))
        .set("ready", proven.has_value());
    model.set("may_scan", s.callback != nullptr && r.actor.is_applicant() && !r.in_wechat());
    model.set("next", next).set("username", r.field("username"));
    core::value frame = core::value::object().set("title", wrong == nullptr ? "账号绑定" : "错误：账号绑定");
    return s.pages->render(r, "public", "public/bind", std::move(frame), std::move(model),
                           wrong == nullptr ? 200 : status_of(wrong->code));
}

response start(services& s, std::string browser, std::string_view target, int tries) {
    if (browser.empty()) browser = core::random_hex(32);
    const std::string state =
        s.db->write([&](write_tx& tx) -> result<std::string> {
                return account::begin_oauth(tx, account::oauth_purpose::account, browser, target, tries);
            })
            .value();
    response go = found_at(s.api->authorize_url("/wx/oauth", state));
    go.add("Set-Cookie", cookie_of(browser));
    return go;
}

// Both give the session's token, "" for a WeChat user who is not bound so.
std::string sign_staff_in(write_tx& tx, const request& r, const services& s, const std::string& openid) {
    const auto staff = account::find_staff_wechat(tx, openid);
    if (!staff || !s.wechat->staff_sign_in) return {};
    return account::begin_session(tx, {staff->login_id, 0, "wechat", openid, r.remote_address}).token;
}

std::string sign_company_in(write_tx& tx, const request& r, std::string_view state,
                            const mp::oauth_identity& who) {
    const auto bindings = account::list_acting(tx, who.openid);
    if (bindings.empty()) {
        account::keep_openid(tx, state, who.openid, who.unionid);
        return {};
    }
    const auto& first = bindings.front();
    return account::begin_session(
               tx, {first.login_id, first.applicant_id, "wechat", who.openid, r.remote_address})
        .token;
}

} // namespace

// One tap in the menu: who has a session goes on, everybody else through WeChat's silent sign-in.
result<response> enter(const request& r, services& s) {
    const std::string target = safe_target(r.query.get("to"), "/me");
    const bool for_staff = is_of_staff(target);
    if (for_staff && (r.actor.kind == core::actor_kind::staff || !s.wechat->staff_sign_in))
        return see_other(target);
    if (!for_staff && r.actor.is_applicant() && r.session && !r.session->openid.empty())
        return see_other(target);
    return start(s, browser_of(r), target, 1);
}

result<response> oauth_return(const request& r, services& s) {
    const std::string browser = browser_of(r);
    const auto state = r.query.get("state");
    const auto trip = s.db->write([&](write_tx& tx) {
        return account::use_oauth(tx, account::oauth_purpose::account, state, browser);
    });
    if (!trip) {
        // Back button or a second call by WeChat: who is signed in by then goes on, others start again.
        if (r.actor.is_applicant()) return see_other("/me");
        return core::error(core::errc::invalid, "oauth.state");
    }
    if (r.query.get("code").empty()) return core::error(core::errc::not_allowed, "oauth.refused");
    const auto who = s.api->exchange_code(r.query.get("code"));
    if (!who && who.error().detail == "oauth.code_used" && trip->tries < most_round_trips)
        return start(s, browser, trip->target, trip->tries + 1);
    if (!who) return who.error();
    const bool as_staff = is_of_staff(trip->target);
    const std::string token =
        s.db->write([&](write_tx& tx) -> result<std::string> {
                return as_staff ? sign_staff_in(tx, r, s, who->openid) : sign_company_in(tx, r, state, *who);
            })
            .value();
    if (token.empty() && as_staff) return see_other("/staff/login?next=" + url_encode(trip->target));
    // Who is about to confirm a scanned code need not be bound yet: that may be what the code is for.
    const bool confirms = trip->target.starts_with("/scan/");
    if (token.empty()) return see_other(confirms ? trip->target : "/bind?next=" + url_encode(trip->target));
    response go = see_other(trip->target); // a clean address: the code stays out of the history
    go.add("Set-Cookie", session_cookie_value(token));
    return go;
}

response bind_form(const request& r, read_view& view, services& s) {
    return page(r, view, s, nullptr);
}

result<response> bind(const request& r, services& s) {
    const std::string browser = browser_of(r);
    const auto fail = [&](const core::error& wrong) {
        return s.db->read([&](read_view& v) { return page(r, v, s, &wrong); });
    };
    const auto proven = s.db->read([&](read_view& v) { return account::find_proven_openid(v, browser); });
    if (!proven) return fail(core::error(core::errc::not_allowed, "binding.not_in_wechat"));
    std::string token;
    const auto bind_and_begin = [&](write_tx& tx, const account::login& person) -> result<> {
        const auto companies = account::list_companies(tx, person.id);
        if (companies.empty()) return core::error(core::errc::not_allowed, "login.no_company");
        core::actor who = r.actor;
        who.kind = core::actor_kind::applicant;
        who.login_id = person.id;
        who.applicant_id = companies.front().applicant_id;
        who.name = person.display_name;
        auto id = account::bind_wechat(tx, who, proven->openid, proven->unionid);
        if (!id) return id.error();
        account::forget_proven_openid(tx, browser);
        token = account::begin_session(
                    tx, {who.login_id, who.applicant_id, "wechat", proven->openid, r.remote_address})
                    .token;
        tx.after_commit([&s] { s.hub->poke(); });
        return {};
    };
    const auto bound = prove_password(
        s, {r.field("username"), "applicant", r.field("password"), r.remote_address, proven->openid},
        bind_and_begin);
    if (!bound) return fail(bound.error());
    response go = see_other(safe_target(r.field("next"), "/me"));
    go.add("Set-Cookie", session_cookie_value(token));
    return go;
}

result<response> unbind(const request& r, write_tx& tx, services&) {
    if (auto done = account::unbind_wechat(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other("/bind");
}

} // namespace wechat::company
