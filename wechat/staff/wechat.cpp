// 微信绑定: a person of staff's own WeChat, bound by a QR code on this page that is confirmed on the phone,
// and undone; and for administrators those of colleagues, undone when a phone is lost. What follows at WeChat
// (the tag for the staff menu) is a queue's, see mp/staff_tags.
#include "core/account/staff_wechat.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>

namespace wechat::staff {
namespace {

namespace account = core::account;
constexpr int page_size = 50;
constexpr std::string_view crumbs = "账号 / 微信绑定";

bool may_unbind_others(const core::actor& who) {
    return who.roles.any({core::role::institution_admin, core::role::platform_admin});
}

core::value row_of(const account::staff_binding& b) {
    const auto shown = std::min<std::size_t>(6, b.openid.size());
    return core::value::object()
        .set("id", std::to_string(b.id))
        .set("person", b.login_name)
        .set("institution", b.institution_id == 0 ? "平台" : b.institution_name)
        .set("openid", "…" + b.openid.substr(b.openid.size() - shown))
        .set("at", core::short_moment_text(b.bound_at));
}

} // namespace

response wechat_binding(const request& r, read_view& view, services& s) {
    core::value rows = core::value::array();
    for (const auto& b : account::list_staff_wechat(view, r.actor))
        rows.push(row_of(b));
    core::value model = core::value::object();
    model.set("bound", !rows.as_list()->empty())
        .set("rows", std::move(rows))
        .set("may_scan", s.callback != nullptr)
        .set("administers", may_unbind_others(r.actor))
        .set("has_menu", s.wechat->staff_tag != 0)
        .set("signs_in", s.wechat->staff_sign_in);
    return render(r, view, s, "staff/wechat", "微信绑定", crumbs, std::move(model));
}

response colleagues_wechat(const request& r, read_view& view, services& s) {
    auto all = account::list_colleagues_wechat(view, r.actor, to_id(r.query.get("after")), page_size + 1);
    const bool more = all.size() > page_size;
    if (more) all.resize(page_size);
    core::value rows = core::value::array();
    for (const auto& b : all)
        rows.push(row_of(b));
    core::value model = core::value::object();
    model.set("empty", all.empty())
        .set("rows", std::move(rows))
        .set("of_platform", r.actor.is_platform())
        .set("more", more)
        .set("next_href", more ? "/staff/wechat/colleagues?after=" + std::to_string(all.back().id) : "");
    return render(r, view, s, "staff/wechat_colleagues", "同事的微信", "账号 / 微信绑定 / 同事的微信",
                  std::move(model));
}

response ask_unbind_wechat(const request& r, read_view& view, services& s) {
    const auto found = account::get_staff_wechat(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    core::value model = row_of(*found);
    model.set("own", found->login_id == r.actor.login_id)
        .set("signs_in", s.wechat->staff_sign_in)
        .set("has_menu", s.wechat->staff_tag != 0);
    return render(r, view, s, "staff/wechat_unbind", "解绑微信", "账号 / 微信绑定 / 解绑", std::move(model));
}

result<response> unbind_wechat(const request& r, write_tx& tx, services&) {
    const auto found = account::get_staff_wechat(tx, r.actor, r.id(0));
    if (!found) return found.error();
    if (auto done = account::unbind_staff_wechat(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other(found->login_id == r.actor.login_id ? "/staff/wechat?done=unbound"
                                                         : "/staff/wechat/colleagues?done=colleague_unbound");
}

} // namespace wechat::staff
