#include "wechat/company/frame.hpp"

#include "core/account/applicant.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/ids.hpp"
#include "core/instrument/listing.hpp"
#include "wechat/inbox/messages.hpp"

#include <array>

namespace wechat::company {
namespace {

core::value entry(const request& r, std::string_view href, std::string_view label, int count = -1,
                  bool hot = false) {
    core::value e = core::value::object();
    e.set("href", href)
        .set("label", label)
        .set("current", is_current(r, href))
        .set("has_count", count > 0)
        .set("count", count);
    return e.set("hot", hot && count > 0);
}

core::value group(std::string_view icon, std::string_view label, core::value::list entries) {
    return core::value::object()
        .set("icon", icon)
        .set("label", label)
        .set("entries", core::value(std::move(entries)));
}

core::value menu_of(const request& r, core::db::read_view& view, int unread) {
    const auto i = core::instrument::count(view, r.actor);
    const auto o = core::appointment::count_by_status(view, r.actor);
    core::value menu = core::value::array();
    menu.push(group("house", "我的强检", {entry(r, "/me", "首页")}));
    menu.push(group("gauge", "仪器管理", {entry(r, "/instruments", "全部仪器", i.total)}));
    menu.push(group("file-text", "备案管理",
                    {entry(r, "/filings?status=unfiled", "待备案", i.unfiled),
                     entry(r, "/filings?status=in_review", "审核中", i.in_review),
                     entry(r, "/filings?status=returned", "被退回", i.returned, true),
                     entry(r, "/filings?status=filed", "已备案", i.filed)}));
    menu.push(group("calendar-days", "预约管理",
                    {entry(r, "/book", "预约送检"), entry(r, "/orders?status=pending", "待确认", o.pending),
                     entry(r, "/orders?status=confirmed", "已确认", o.confirmed),
                     entry(r, "/orders?status=rejected", "被拒绝", o.rejected, true),
                     entry(r, "/orders?status=completed", "已完检", o.completed)}));
    menu.push(group("search", "检定查询",
                    {entry(r, "/orders", "最近预约单"), entry(r, "/due", "到期器具"),
                     entry(r, "/query", "单号查询"), entry(r, "/catalogue", "强检目录"),
                     entry(r, "/institutions", "机构与地址")}));
    menu.push(
        group("bell", "消息",
              {entry(r, "/messages", "全部消息", unread, true), entry(r, "/messages/settings", "消息设置")}));
    menu.push(group("user", "账号",
                    {entry(r, "/bind", "绑定微信"), entry(r, "/account/password", "修改密码"),
                     entry(r, "/help", "使用说明")}));
    return menu;
}

} // namespace

response render(const request& r, core::db::read_view& view, services& s, std::string_view page,
                std::string_view title, std::string_view crumbs, core::value model, int status) {
    const auto company = core::account::find_applicant(view, r.actor.applicant_id);
    core::value frame = core::value::object();
    frame.set("title", title)
        .set("crumbs", crumbs)
        .set("crumbs_shown", !crumbs.empty())
        .set("company", company ? company->name : "");
    put_flash(frame, r, s);
    inbox::put_bell(frame, view, r.actor);
    frame.set("menu", menu_of(r, view, static_cast<int>(frame.number("unread"))));
    return s.pages->render(r, "company", page, std::move(frame), std::move(model), status);
}

response refuse(const request& r, services& s, const core::error& e) {
    core::value frame = core::value::object().set("title", "无法完成");
    return s.pages->render(r, "public", "partials/problem", std::move(frame), problem_model(r, s, e),
                           status_of(e.code));
}

core::value card_of(const core::appointment::order& o, core::date today) {
    const auto tag = core::appointment::order_tag(o.status);
    core::value v = core::value::object();
    v.set("id", std::to_string(o.id))
        .set("number", core::show_order_number(o.number))
        .set("tag", tag.tag)
        .set("status", tag.text);
    v.set("institution", o.institution_name)
        .set("time", o.time_words(today))
        .set("pieces", o.pieces)
        .set("reason", o.reason);
    return v.set("has_reason", !o.reason.empty())
        .set("next", core::appointment::next_step(o.status, o.method));
}

core::value input(services& s, const core::error* e, std::string_view name, std::string_view label,
                  std::string_view value, bool required, std::size_t most, std::string_view type,
                  std::string_view hint) {
    const std::string wrong = error_of(s, e, name);
    core::value v = core::value::object();
    v.set("name", name)
        .set("label", label)
        .set("value", value)
        .set("required", required)
        .set("type", type)
        .set("locked", false)
        .set("scan", false);
    if (most > 0)
        v.set("most", std::to_string(most));
    else
        v.set("most", false);
    return v.set("hint_shown", !hint.empty())
        .set("hint", hint)
        .set("wrong", !wrong.empty())
        .set("error", wrong);
}

core::value steps(int now) {
    static constexpr std::array<std::string_view, 3> labels = {"选择器具", "选择时间", "核对提交"};
    core::value list = core::value::array();
    for (int n = 1; n <= 3; ++n) {
        core::value one = core::value::object();
        one.set("n", n)
            .set("label", labels[static_cast<std::size_t>(n - 1)])
            .set("done", n < now)
            .set("now", n == now);
        list.push(one.set("state", n < now ? "done" : n == now ? "now" : ""));
    }
    return list;
}

} // namespace wechat::company
