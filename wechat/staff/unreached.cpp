// 待电话通知: people whom no channel reached, for the institution to phone. Shows telephone numbers, so every
// look at the list is recorded (guarantees S13).
#include "notify/hub/unreached.hpp"
#include "core/base/clock.hpp"
#include "core/journal/audit.hpp"
#include "notify/message/message.hpp"
#include "wechat/inbox/messages.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace wechat::staff {
namespace {

constexpr int page_size = 30;

core::value row_of(services& s, const notify::unreached& u) {
    const auto* kind = s.messages->find(u.kind);
    core::value v = core::value::object();
    v.set("id", std::to_string(u.id))
        .set("company", u.applicant_name)
        .set("person", u.person_name)
        .set("phone", u.phone)
        .set("has_phone", !u.phone.empty())
        .set("title", u.title)
        .set("about", kind == nullptr
                          ? std::string()
                          : inbox::summary_of(notify::message_book::tell(*kind, u.facts), u.facts))
        .set("at", core::short_moment_text(u.at));
    std::string why = u.login_id == 0 ? "单位没有人绑定微信" : "微信没有送到";
    if (u.colleague_told) why += "，同单位其他人已收到";
    if (u.is_read) why += "，已在站内看过";
    return v.set("why", why)
        .set("has_delivery", u.delivery_id != 0)
        .set("delivery", std::to_string(u.delivery_id))
        .set("settled", u.is_read || u.colleague_told);
}

} // namespace

result<response> unreached(const request& r, services& s) {
    const auto after = to_id(r.query.get("after"));
    const auto all =
        s.db->read([&](read_view& v) { return notify::list_unreached(v, r.actor, after, page_size + 1); });
    const auto shown = std::min<std::size_t>(all.size(), page_size);
    if (shown > 0)
        s.db->write([&](write_tx& tx) -> result<> {
                std::vector<std::int64_t> told;
                for (std::size_t n = 0; n < shown; ++n) {
                    const auto& u = all[n];
                    if (std::find(told.begin(), told.end(), u.applicant_id) != told.end()) continue;
                    core::audit::record_view(tx, r.actor, "unreached", u.id, "phone", u.applicant_id);
                    told.push_back(u.applicant_id);
                }
                return {};
            })
            .value();
    core::value rows = core::value::array();
    for (std::size_t n = 0; n < shown; ++n)
        rows.push(row_of(s, all[n]));
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("empty", all.empty())
        .set("rows", std::move(rows))
        .set("more", more)
        .set("next_href",
             more ? "/staff/deliveries/unreached?after=" + std::to_string(all[page_size - 1].id) : "");
    return s.db->read([&](read_view& v) {
        return render(r, v, s, "staff/unreached", "待电话通知", "消息推送 / 待电话通知", std::move(model));
    });
}

result<response> close_unreached(const request& r, write_tx& tx, services&) {
    if (auto done = notify::close_unreached(tx, r.actor, r.id(0), r.field("note")); !done)
        return done.error();
    return see_other("/staff/deliveries/unreached?done=phoned");
}

} // namespace wechat::staff
