// 微信绑定: a person of staff's own WeChat, bound by a QR code on this page that is confirmed on the phone,
// and undone. What follows at WeChat (the tag for the staff menu) is a queue's, see mp/staff_tags.
#include "core/account/staff_wechat.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

namespace wechat::staff {

response wechat_binding(const request& r, read_view& view, services& s) {
    core::value rows = core::value::array();
    for (const auto& b : core::account::list_staff_wechat(view, r.actor))
        rows.push(core::value::object()
                      .set("id", std::to_string(b.id))
                      .set("openid",
                           "…" + b.openid.substr(b.openid.size() - std::min<std::size_t>(6, b.openid.size())))
                      .set("at", core::short_moment_text(b.bound_at)));
    core::value model = core::value::object();
    model.set("bound", !rows.as_list()->empty())
        .set("rows", std::move(rows))
        .set("may_scan", s.callback != nullptr)
        .set("has_menu", s.wechat->staff_tag != 0)
        .set("signs_in", s.wechat->staff_sign_in);
    return render(r, view, s, "staff/wechat", "微信绑定", "账号 / 微信绑定", std::move(model));
}

result<response> unbind_wechat(const request& r, write_tx& tx, services&) {
    if (auto done = core::account::unbind_staff_wechat(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other("/staff/wechat?done=unbound");
}

} // namespace wechat::staff
