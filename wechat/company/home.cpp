// The first page, signing in and out, the home page, the open query by number.
#include "core/account/binding.hpp"
#include "core/account/login.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/ids.hpp"
#include "core/due/due.hpp"
#include "core/instrument/listing.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/frame/sign_in.hpp"
#include "wechat/server/address.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard.hpp"

#include <array>

namespace wechat::company {
namespace {

response open_page(const request& r, services& s, std::string_view page, std::string_view title,
                   core::value model, int status = 200) {
    return s.pages->render(r, "public", page, core::value::object().set("title", title), std::move(model),
                           status);
}

response sign_in_page(const request& r, services& s, const core::error* wrong) {
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    const auto next = r.field("next").empty() ? r.query.get("next") : r.field("next");
    model.set("heading", "登录")
        .set("action", "/login")
        .set("next", next)
        .set("username", r.field("username"))
        .set("for_company", true)
        .set("may_scan", s.callback != nullptr && !r.in_wechat() && s.wechat->website_appid.empty())
        .set("scan_action", "/login/scan")
        // A link, not a form: the page's policy lets no form end at another site.
        .set("may_leave", s.callback != nullptr && !r.in_wechat() && !s.wechat->website_appid.empty())
        .set("leave", "/login/website?next=" + url_encode(next))
        .set("in_wechat", s.callback != nullptr && r.in_wechat())
        .set("enter", "/wx/enter");
    return open_page(r, s, "public/login", wrong == nullptr ? "登录" : "错误：登录", std::move(model),
                     wrong == nullptr ? 200 : status_of(wrong->code));
}

} // namespace

response front(const request& r, read_view&, services& s) {
    if (r.actor.is_applicant()) return see_other("/me");
    return open_page(r, s, "public/home", "首页", core::value::object());
}

response login_form(const request& r, read_view&, services& s) {
    if (r.actor.is_applicant()) return see_other("/me");
    return sign_in_page(r, s, nullptr);
}

result<response> login(const request& r, services& s) {
    namespace account = core::account;
    std::string token;
    const auto begin = [&](write_tx& tx, const account::login& person) -> result<> {
        const auto companies = account::list_companies(tx, person.id);
        if (companies.empty()) return core::error(core::errc::not_allowed, "login.no_company");
        token = account::begin_session(
                    tx, {person.id, companies.front().applicant_id, "password", "", r.remote_address})
                    .token;
        return {};
    };
    const auto proved =
        prove_password(s, {r.field("username"), "applicant", r.field("password"), r.remote_address}, begin);
    if (!proved) {
        const auto wrong = proved.error();
        return sign_in_page(r, s, &wrong);
    }
    response go = see_other(safe_target(r.field("next"), "/me"));
    go.add("Set-Cookie", session_cookie_value(token));
    return go;
}

result<response> logout(const request& r, write_tx& tx, services&) {
    if (r.session) core::account::end_session(tx, r.actor, r.session->token_hash);
    response go = see_other(r.actor.kind == core::actor_kind::staff ? "/staff/login" : "/");
    go.add("Set-Cookie", cleared_session_cookie());
    return go;
}

response home(const request& r, read_view& view, services& s) {
    const auto i = core::instrument::count(view, r.actor);
    const auto o = core::appointment::count_by_status(view, r.actor);
    core::value todo = core::value::array();
    const auto add = [&](int n, std::string_view label, std::string_view href, std::string_view tag) {
        if (n > 0)
            todo.push(
                core::value::object().set("n", n).set("label", label).set("href", href).set("tag", tag));
    };
    add(i.returned, "被退回", "/filings?status=returned", "bad");
    add(o.rejected, "被拒绝", "/orders?status=rejected", "bad");
    const auto due = core::due::count_due(view, r.actor);
    add(due.overdue, "已过期", "/due?tab=overdue", "bad");
    add(due.soon, "即将到期", "/due?tab=soon", "warn");
    add(i.unfiled, "待备案", "/filings?status=unfiled", "mute");
    core::value orders = core::value::array();
    const std::array<std::int64_t, 1> own = {r.actor.applicant_id};
    for (const auto& one : core::appointment::list_latest(view, own, 3))
        orders.push(card_of(one, view.today()));
    core::value model = core::value::object();
    const auto companies = core::account::list_companies(view, r.actor.login_id);
    std::string company;
    core::value others = core::value::array();
    for (const auto& c : companies) {
        if (c.applicant_id == r.actor.applicant_id)
            company = c.applicant_name;
        else
            others.push(core::value::object()
                            .set("id", std::to_string(c.applicant_id))
                            .set("name", c.applicant_name));
    }
    model.set("has_others", !others.as_list()->empty()).set("others", std::move(others));
    model.set("company", company).set("person", r.actor.name);
    model.set("bound", !core::account::list_by_login(view, r.actor.login_id, r.actor.applicant_id).empty());
    model.set("has_todo", !todo.as_list()->empty()).set("todo", std::move(todo));
    model.set("has_next", !orders.as_list()->empty()).set("orders", std::move(orders));
    return render(r, view, s, "company/home", "我的强检", "", std::move(model));
}

response help(const request& r, read_view&, services& s) {
    return open_page(r, s, "public/help", "使用说明", core::value::object());
}
response register_info(const request& r, read_view&, services& s) {
    return open_page(r, s, "public/register", "注册须知", core::value::object());
}

// Open to anyone: status, institution and time only; wrong numbers are counted per address (domain.md 7).
result<response> query(const request& r, services& s) {
    core::value model = core::value::object();
    const std::string typed(r.query.get("number"));
    const auto number = core::find_order_number(typed);
    const std::string key = "query:" + counted_network(r.remote_address);
    constexpr std::string_view all_guesses =
        "query:page:*"; // apart from the chat's: neither closes the other
    model.set("number", typed).set("found", false).set("failed", false).set("text", "");
    model.set("js_sdk", offers_js_sdk(r, s));
    if (typed.empty()) return open_page(r, s, "public/query", "单号查询", std::move(model));
    if (!s.db->read([&](read_view& v) { return core::account::may_try(v, key, all_guesses); }))
        return core::error(core::errc::too_many, "query.too_many");
    const auto found = s.db->read(
        [&](read_view& v) { return number ? core::appointment::find_by_number(v, *number) : std::nullopt; });
    if (!found) {
        s.db->write([&](write_tx& tx) -> result<> {
                core::account::count_failure(tx, key, 10, std::chrono::minutes(60));
                core::account::count_failure(tx, all_guesses, 1000, std::chrono::minutes(60));
                return {};
            })
            .value();
        const auto wrong =
            core::error(core::errc::not_found, "query.none").with("number", typed.substr(0, 40));
        model.set("failed", true).set("text", s.problems->text_of(wrong));
        return open_page(r, s, "public/query", "单号查询", std::move(model), 404);
    }
    const auto tag = core::appointment::order_tag(found->status);
    model.set("found", true)
        .set("shown", core::show_order_number(found->number))
        .set("tag", tag.tag)
        .set("status", tag.text);
    model.set("institution", found->institution_name)
        .set("time", found->time_words(core::local_date(s.time->now())));
    return open_page(r, s, "public/query", "单号查询", std::move(model));
}

} // namespace wechat::company
