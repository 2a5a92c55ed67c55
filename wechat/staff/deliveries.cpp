// 推送记录: every message, its tries with WeChat's words, sending again (guarantees N17).
#include "core/base/json.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <array>

namespace wechat::staff {
namespace {

constexpr int page_size = 30;
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> tabs = {{{"", "全部"},
                                                                                {"queued", "排队"},
                                                                                {"accepted", "已发送"},
                                                                                {"delivered", "已送达"},
                                                                                {"uncertain", "未确认"},
                                                                                {"blocked", "用户拒收"},
                                                                                {"failed", "失败"},
                                                                                {"dead", "未知结果"}}};

std::string_view tag_of(std::string_view status) {
    if (status == "delivered") return "ok";
    if (status == "accepted" || status == "sending" || status == "queued") return "info";
    if (status == "failed" || status == "dead" || status == "parked") return "bad";
    if (status == "uncertain") return "warn";
    return "mute";
}

core::value row_of(const notify::delivery& d) {
    core::value v = core::value::object();
    v.set("id", std::to_string(d.id))
        .set("title", d.title)
        .set("company", d.applicant_name)
        .set("status", notify::delivery_word(d.status))
        .set("tag", tag_of(d.status));
    v.set("attempts", d.attempts)
        .set("created", core::short_moment_text(d.created_at))
        .set("changed", core::short_moment_text(d.status_at));
    const std::string why =
        d.errcode != 0 ? std::to_string(d.errcode) + " " + std::string(mp::meaning_of(d.errcode)) : d.errmsg;
    return v.set("why", why).set("may_resend", notify::may_resend(d.status));
}

} // namespace

response deliveries(const request& r, read_view& view, services& s) {
    const notify::delivery_filter f{std::string(r.query.get("status"))};
    const auto all = notify::list_deliveries(view, r.actor, f, to_id(r.query.get("after")), page_size + 1);
    core::value rows = core::value::array();
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n)
        rows.push(row_of(all[n]));
    core::value tab_list = core::value::array();
    for (const auto& [code, label] : tabs)
        tab_list.push(tab("/staff/deliveries?status=" + std::string(code), label, -1, f.status == code));
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("tabs", std::move(tab_list))
        .set("empty", all.empty())
        .set("rows", std::move(rows))
        .set("more", more);
    model.set("next_href", more ? "/staff/deliveries?status=" + f.status +
                                      "&after=" + std::to_string(all[page_size - 1].id)
                                : "");
    return render(r, view, s, "staff/deliveries", "推送记录", "消息推送 / 推送记录", std::move(model));
}

response show_delivery(const request& r, read_view& view, services& s) {
    const auto found = notify::get_delivery(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& d = *found;
    core::value tries = core::value::array();
    for (const auto& t : notify::list_tries(view, d))
        tries.push(core::value::object()
                       .set("n", t.number)
                       .set("at", core::moment_text(t.at))
                       .set("outcome", t.outcome)
                       .set("code", t.errcode)
                       .set("why", t.errcode != 0 ? std::string(mp::meaning_of(t.errcode)) : t.errmsg)
                       .set("rid", t.rid));
    const auto body = core::parse_json(d.body).value_or(core::value::object());
    core::value fields = core::value::array();
    if (const auto* data = body.find("data"); data != nullptr && data->as_members() != nullptr)
        for (const auto& [name, text] : *data->as_members())
            fields.push(core::value::object()
                            .set("name", name)
                            .set("text", text.as_text() != nullptr ? *text.as_text() : text.text("value")));
    core::value model = row_of(d);
    model.set("tries", std::move(tries)).set("fields", std::move(fields));
    return render(r, view, s, "staff/delivery", "推送记录", "消息推送 / 推送记录", std::move(model));
}

result<response> resend_delivery(const request& r, write_tx& tx, services& s) {
    if (auto done = notify::resend(tx, r.actor, r.id(0)); !done) return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/staff/deliveries/" + std::to_string(r.id(0)) + "?done=resent");
}

} // namespace wechat::staff
