#include "wechat/staff/frame.hpp"

#include "core/base/text.hpp"
#include "core/filing/queries.hpp"
#include "wechat/inbox/messages.hpp"
#include "wechat/mp/api.hpp"

#include <utility>

namespace wechat::staff {
namespace {

using core::role;
using core::role_set;

core::value link(const request& r, std::string_view href, std::string_view label, std::string_view icon,
                 int count = -1, bool hot = false) {
    core::value v = core::value::object();
    v.set("group", false)
        .set("href", href)
        .set("label", label)
        .set("icon", icon)
        .set("current", is_current(r, href));
    return v.set("has_count", count > 0).set("count", count).set("hot", hot && count > 0);
}

core::value folder(std::string_view label, std::string_view icon, core::value::list entries) {
    return core::value::object()
        .set("group", true)
        .set("label", label)
        .set("icon", icon)
        .set("entries", core::value(std::move(entries)));
}

core::value push_menu(const request& r) {
    core::value::list entries = {link(r, "/staff/deliveries", "推送记录", ""),
                                 link(r, "/staff/deliveries/unreached", "待电话通知", "")};
    if (r.actor.roles.has(role::platform_admin))
        entries.push_back(link(r, "/staff/announcements", "平台公告", ""));
    return folder("消息推送", "bell", std::move(entries));
}

// Only what the roles may open.
core::value menu_of(const request& r, core::db::read_view& view) {
    const auto& roles = r.actor.roles;
    core::value menu = core::value::array();
    menu.push(link(r, "/staff", "工作台", "house"));
    if (roles.has(role::platform_admin))
        menu.push(
            folder("公众号", "message-square",
                   {link(r, "/staff/menu", "菜单", ""), link(r, "/staff/templates", "消息模板", ""),
                    link(r, "/staff/followers", "关注者", ""), link(r, "/staff/doctor", "接入自检", "")}));
    if (r.actor.institution_id == 0) {
        if (roles.has(role::platform_admin)) menu.push(push_menu(r));
        return menu;
    }
    const auto f = core::filing::count_work(view, r.actor);
    const auto o = core::appointment::count_by_status(view, r.actor);
    if (roles.has(role::filing_reviewer))
        menu.push(folder("备案受理", "file-text",
                         {link(r, "/staff/filings?status=submitted", "待受理", "", f.submitted, f.late > 0),
                          link(r, "/staff/filings?status=dispatched", "待本机构确认", "", f.dispatched),
                          link(r, "/staff/filings?status=outgoing", "已分派待确认", "", f.outgoing),
                          link(r, "/staff/filings?status=returned", "已退回", ""),
                          link(r, "/staff/filings?status=filed", "已备案", "")}));
    if (roles.has(role::scheduler))
        menu.push(folder("预约管理", "calendar-days",
                         {link(r, "/staff/orders?status=pending", "待确认", "", o.pending, o.late > 0),
                          link(r, "/staff/orders?status=confirmed", "已确认", "", o.confirmed),
                          link(r, "/staff/orders?status=rejected", "被拒绝", ""),
                          link(r, "/staff/orders?status=completed", "已完检", "")}));
    if (roles.has(role::front_desk)) menu.push(link(r, "/staff/desk", "前台收检", "scan-line", o.today));
    if (roles.has(role::verifier))
        menu.push(link(r, "/staff/results", "完检与证书", "clipboard-check", o.received));
    menu.push(push_menu(r));
    return menu;
}

// What WeChat refuses until somebody mends it, on every page of who can.
core::value stops_of(const request& r, services& s) {
    core::value stops = core::value::array();
    if (s.api == nullptr || !r.actor.roles.has(role::platform_admin)) return stops;
    for (const auto& b : s.api->blocks())
        if (!mp::mends_itself(b.why))
            stops.push(core::value::object()
                           .set("what", s.problems->text_of(mp::stopped_error(b)))
                           .set("why", s.problems->text_of(mp::cause_error(b))));
    return stops;
}

} // namespace

response render(const request& r, core::db::read_view& view, services& s, std::string_view page,
                std::string_view title, std::string_view crumbs, core::value model, int status) {
    const auto place = core::catalogue::find_institution(view, r.actor.institution_id);
    core::value frame = core::value::object();
    frame.set("title", title)
        .set("crumbs", crumbs)
        .set("menu", menu_of(r, view))
        .set("stops", stops_of(r, s))
        .set("institution", place ? place->name : "平台");
    frame.set("person", r.actor.name).set("initial", core::cut_characters(r.actor.name, 1));
    put_flash(frame, r, s);
    inbox::put_bell(frame, view, r.actor);
    return s.pages->render(r, "staff", page, std::move(frame), std::move(model), status);
}

response refuse(const request& r, core::db::read_view& view, services& s, const core::error& e) {
    return render(r, view, s, "partials/problem", "无法完成", "", problem_model(r, s, e), status_of(e.code));
}

core::value tab(std::string_view href, std::string_view label, int count, bool current) {
    return core::value::object()
        .set("href", href)
        .set("label", label)
        .set("count", count)
        .set("has_count", count >= 0)
        .set("current", current);
}

namespace {
std::string span_words(std::chrono::milliseconds d) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(d).count();
    if (hours >= 24) return std::to_string(hours / 24) + " 天";
    if (hours >= 1) return std::to_string(hours) + " 小时";
    return std::to_string(
               std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::minutes>(d).count())) +
           " 分钟";
}
} // namespace

std::string waited(core::instant since, core::instant now) {
    return "已等 " + span_words(now - since);
}

deadline deadline_of(core::instant due, core::instant now, int working_days) {
    const bool late = due < now;
    const auto span = late ? now - due : due - now;
    const int days = late ? -working_days : working_days;
    const std::string words =
        span >= std::chrono::hours(24) && days > 0 ? std::to_string(days) + " 个工作日" : span_words(span);
    if (late) return {"超时 " + words, "late"};
    return {"剩 " + words, span < std::chrono::hours(8) ? "soon" : ""};
}

} // namespace wechat::staff
