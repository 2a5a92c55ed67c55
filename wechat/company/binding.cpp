// WeChat's way in: silent OAuth, binding by password once, unbinding (U4, M7, M8, guarantees S4).
#include "core/account/binding.hpp"

#include "core/account/applicant.hpp"
#include "core/account/login.hpp"
#include "core/account/session.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/base/ids.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/frame/sign_in.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wechat::company {
namespace {

namespace account = core::account;
constexpr std::string_view browser_cookie = "__Host-wx"; // ties a round trip to this browser
constexpr int most_round_trips = 3;

std::string browser_of(const request& r) {
    return hex_cookie(r, browser_cookie);
}

std::string cookie_of(std::string_view browser) {
    return std::string(browser_cookie) + "=" + std::string(browser) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800";
}

bool is_of_staff(std::string_view target) {
    return target == "/staff" || target.starts_with("/staff/") || target.starts_with("/staff?");
}

// WeChat's sign-in page opens in WeChat alone; the simulated one in any browser.
bool may_go_through_wechat(const request& r, const services& s) {
    return r.in_wechat() || s.wechat->oauth_base != mp::settings{}.oauth_base;
}

bool is_through_wechat(const request& r) {
    return r.session && !r.session->openid.empty();
}

core::value rows_of(const std::vector<account::binding>& bindings) {
    core::value rows = core::value::array();
    for (const auto& b : bindings)
        rows.push(core::value::object()
                      .set("id", std::to_string(b.id))
                      .set("company", b.applicant_name)
                      .set("person", b.login_name)
                      .set("at", core::short_moment_text(b.bound_at)));
    return rows;
}

response page(const request& r, read_view& view, services& s, const core::error* wrong) {
    const bool known = r.actor.is_applicant();
    std::vector<account::binding> own, colleagues;
    if (known) {
        own = account::list_by_login(view, r.actor.login_id, r.actor.applicant_id);
        colleagues = account::list_bindings(view, r.actor, r.actor.applicant_id);
        std::erase_if(colleagues, [&](const auto& b) { return b.login_id == r.actor.login_id; });
    }
    const bool may_add = known && own.empty() && is_through_wechat(r);
    const bool ready = !may_add && account::find_proven_openid(view, browser_of(r)).has_value();
    const auto company = core::account::find_applicant(view, r.actor.applicant_id);
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    put_flash(model, r, s);
    const auto next = r.field("next").empty() ? r.query.get("next") : r.field("next");
    model.set("bound", !own.empty())
        .set("bindings", rows_of(own))
        .set("has_colleagues", !colleagues.empty())
        .set("colleagues", rows_of(colleagues))
        .set("company", company ? company->name : "")
        .set("may_add", may_add)
        .set("ready", ready);
    model.set("may_scan", s.callback != nullptr && known && !may_add && !r.in_wechat());
    model.set("may_enter",
              s.callback != nullptr && !may_add && (!known || r.in_wechat()) && may_go_through_wechat(r, s));
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

std::string sign_company_in(write_tx& tx, const request& r, const std::string& openid) {
    const auto bindings = account::list_acting(tx, openid);
    if (bindings.empty()) return {};
    const auto& first = bindings.front();
    return account::begin_session(tx,
                                  {first.login_id, first.applicant_id, "wechat", openid, r.remote_address})
        .token;
}

// Who it is, WeChat has told: into the page that was asked for, or to what is missing yet.
response arrive(const request& r, services& s, std::string_view state, const std::string& target,
                const mp::oauth_identity& who) {
    const bool as_staff = is_of_staff(target);
    const std::string token =
        s.db->write([&](write_tx& tx) -> result<std::string> {
                account::keep_openid(tx, state, who.openid, who.unionid);
                return as_staff ? sign_staff_in(tx, r, s, who.openid) : sign_company_in(tx, r, who.openid);
            })
            .value();
    if (token.empty() && as_staff) return see_other("/staff/login?next=" + url_encode(target));
    // Who is about to confirm a scanned code need not be bound yet: that may be what the code is for.
    const bool confirms = target.starts_with("/scan/");
    if (token.empty()) return see_other(confirms ? target : "/bind?next=" + url_encode(target));
    response go = see_other(target); // a clean address: the code stays out of the history
    go.add("Set-Cookie", session_cookie_value(token));
    return go;
}

// WeChat called twice, or the person reloads: what came of it the first time, else once more to WeChat.
result<response> answer_again(const request& r, services& s, std::string_view state,
                              const account::oauth_trip& trip) {
    const bool is_in = is_of_staff(trip.target) ? r.actor.kind == core::actor_kind::staff
                                                : r.actor.is_applicant() && is_through_wechat(r);
    if (is_in) return see_other(trip.target);
    if (!trip.openid.empty()) return arrive(r, s, state, trip.target, {trip.openid, trip.unionid});
    if (trip.tries < most_round_trips) return start(s, browser_of(r), trip.target, trip.tries + 1);
    return core::error(core::errc::invalid, "oauth.state");
}

} // namespace

// One tap in the menu: who has a session goes on, everybody else through WeChat's silent sign-in; in another
// browser, which WeChat would turn away, to the sign-in page with its QR code.
result<response> enter(const request& r, services& s) {
    const std::string target = safe_target(r.query.get("to"), "/me");
    const bool for_staff = is_of_staff(target);
    const bool may_go = may_go_through_wechat(r, s);
    if (for_staff && (r.actor.kind == core::actor_kind::staff || !s.wechat->staff_sign_in || !may_go))
        return see_other(target);
    if (!for_staff && r.actor.is_applicant() && (is_through_wechat(r) || !may_go)) return see_other(target);
    if (!may_go) return see_other("/login?next=" + url_encode(target));
    return start(s, browser_of(r), target, 1);
}

result<response> oauth_return(const request& r, services& s) {
    const std::string browser = browser_of(r);
    const auto state = r.query.get("state");
    const auto trip = s.db->write([&](write_tx& tx) {
        return account::use_oauth(tx, account::oauth_purpose::account, state, browser);
    });
    if (!trip) {
        if (r.actor.is_applicant()) return see_other("/me");
        return trip.error();
    }
    if (r.query.get("code").empty()) return core::error(core::errc::not_allowed, "oauth.refused");
    if (trip->again) return answer_again(r, s, state, *trip);
    const auto who = s.api->exchange_code(r.query.get("code"));
    if (who) return arrive(r, s, state, trip->target, *who);
    if (who.error().detail != "oauth.code_used") {
        s.db->write([&](write_tx& tx) -> result<> { // no verdict: a reload may try the same again
                account::reopen_oauth(tx, state);
                return {};
            })
            .value();
        return who.error();
    }
    if (trip->tries < most_round_trips) return start(s, browser, trip->target, trip->tries + 1);
    return who.error();
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
        core::actor who = r.actor;
        who.kind = core::actor_kind::applicant;
        who.login_id = person.id;
        who.name = person.display_name;
        if (auto all = account::bind_companies(tx, who, proven->openid, proven->unionid); !all)
            return all.error();
        account::forget_proven_openid(tx, browser);
        token = sign_company_in(tx, r, proven->openid);
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

result<response> bind_here(const request& r, write_tx& tx, services& s) {
    if (!is_through_wechat(r)) return core::error(core::errc::not_allowed, "binding.not_in_wechat");
    if (auto id = account::bind_another(tx, r.actor, r.session->openid); !id) return id.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/bind?done=bound");
}

// The verb ends what came in through that WeChat, which may be this very session.
result<response> unbind(const request& r, write_tx& tx, services&) {
    if (auto done = account::unbind_wechat(tx, r.actor, r.id(0)); !done) return done.error();
    response go = see_other("/bind?done=unbound");
    if (!account::find_session(tx, r.session->token_hash)) go.add("Set-Cookie", cleared_session_cookie());
    return go;
}

} // namespace wechat::company
