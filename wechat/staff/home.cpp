// Signing in, the dashboard, finding an order.
#include "core/account/login.hpp"
#include "core/base/ids.hpp"
#include "core/filing/queries.hpp"
#include "wechat/frame/sign_in.hpp"
#include "wechat/server/guard.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/hub_state.hpp"
#include "wechat/staff/pages.hpp"

namespace wechat::staff {
namespace {

namespace account = core::account;

response sign_in_page(const request& r, services& s, const core::error* wrong) {
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    const auto next = r.field("next").empty() ? r.query.get("next") : r.field("next");
    const bool by_phone = s.callback != nullptr && s.wechat->staff_sign_in;
    model.set("may_scan", by_phone && !r.in_wechat())
        .set("in_wechat", by_phone && r.in_wechat())
        .set("may_leave", false)
        .set("scan_action", "/staff/login/scan")
        .set("enter", "/wx/enter?to=/staff");
    model.set("heading", "技术机构登录")
        .set("action", "/staff/login")
        .set("next", next)
        .set("username", r.field("username"))
        .set("for_company", false);
    core::value frame =
        core::value::object().set("title", wrong == nullptr ? "技术机构登录" : "错误：技术机构登录");
    return s.pages->render(r, "public", "public/login", std::move(frame), std::move(model),
                           wrong == nullptr ? 200 : status_of(wrong->code));
}

core::value work_tiles(read_view& view, const core::actor& who) {
    const auto f = core::filing::count_work(view, who);
    const auto o = core::appointment::count_by_status(view, who);
    core::value tiles = core::value::array();
    const auto add = [&](int n, std::string_view label, std::string_view hint, std::string_view href,
                         bool hot) {
        tiles.push(core::value::object()
                       .set("n", n)
                       .set("label", label)
                       .set("hint", hint)
                       .set("href", href)
                       .set("hot", hot));
    };
    add(f.submitted, "备案待受理", f.late > 0 ? std::to_string(f.late) + " 台已超时" : "没有超时",
        "/staff/filings?status=submitted", f.late > 0);
    add(f.dispatched, "待县级确认", "", "/staff/filings?status=dispatched", false);
    add(o.pending, "预约待确认", o.late > 0 ? std::to_string(o.late) + " 单已超时" : "没有超时",
        "/staff/orders?status=pending", o.late > 0);
    add(o.today, "今日到检", "", "/staff/desk", false);
    add(o.received, "待完检", "", "/staff/results", false);
    return tiles;
}

} // namespace

response login_form(const request& r, read_view&, services& s) {
    if (r.actor.kind == core::actor_kind::staff) return see_other("/staff");
    return sign_in_page(r, s, nullptr);
}

result<response> login(const request& r, services& s) {
    std::string token;
    const auto begin = [&](write_tx& tx, const account::login& person) -> result<> {
        token = account::begin_session(tx, {person.id, 0, "password", "", r.remote_address}).token;
        return {};
    };
    const auto proved =
        prove_password(s, {r.field("username"), "staff", r.field("password"), r.remote_address}, begin);
    if (!proved) {
        const auto wrong = proved.error();
        return sign_in_page(r, s, &wrong);
    }
    response go = see_other(safe_target(r.field("next"), "/staff"));
    go.add("Set-Cookie", session_cookie_value(token));
    return go;
}

response home(const request& r, read_view& view, services& s) {
    const bool works_here = r.actor.institution_id != 0;
    core::value today = core::value::array();
    if (works_here)
        for (const auto& w : core::appointment::list_day(view, r.actor, view.today())) {
            const auto tag = core::appointment::order_tag(w.what.status);
            today.push(core::value::object()
                           .set("id", std::to_string(w.what.id))
                           .set("number", core::show_order_number(w.what.number))
                           .set("company", w.what.applicant_name)
                           .set("time", core::range_text(w.what.starts, w.what.ends))
                           .set("items", w.items)
                           .set("tag", tag.tag)
                           .set("status", tag.text));
        }
    core::value model = core::value::object();
    model.set("tiles", works_here ? work_tiles(view, r.actor) : trouble_tiles(view, r.actor))
        .set("works_here", works_here)
        .set("day", core::date_words(view.today(), view.today()))
        .set("empty", today.is_null() || today.as_list()->empty())
        .set("today", std::move(today));
    return render(r, view, s, "staff/home", "工作台", "工作台", std::move(model));
}

response find(const request& r, read_view& view, services& s) {
    const auto number = core::find_order_number(r.query.get("q"));
    if (!number) return refuse(r, view, s, core::error(core::errc::not_found, "desk.none"));
    const auto id = core::appointment::find_own_by_number(view, r.actor, *number);
    if (!id) return refuse(r, view, s, core::error(core::errc::not_found, "desk.none"));
    return see_other("/staff/orders/" + std::to_string(*id));
}

} // namespace wechat::staff
