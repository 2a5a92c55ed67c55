// 推送记录: every message, its tries with WeChat's words, sending again (guarantees N17).
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "notify/hub/hub.hpp"
#include "notify/message/channel.hpp"
#include "notify/message/message.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <array>
#include <optional>

namespace wechat::staff {
namespace {

constexpr int page_size = 30;
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> tabs = {{{"", "全部"},
                                                                                {"queued", "排队"},
                                                                                {"accepted", "已发送"},
                                                                                {"delivered", "已送达"},
                                                                                {"uncertain", "结果待定"},
                                                                                {"blocked", "用户拒收"},
                                                                                {"failed", "失败"},
                                                                                {"dead", "结果不明"}}};

std::string_view tag_of(std::string_view status) {
    if (status == "delivered") return "ok";
    if (status == "accepted" || status == "sending" || status == "queued") return "info";
    if (status == "failed" || status == "dead" || status == "parked") return "bad";
    if (status == "uncertain") return "warn";
    return "mute";
}

// What the state means for the person at the desk (the life of a message: notify/README.md).
std::string explain(const notify::delivery& d) {
    const std::string code = d.errcode == 0 ? "" : "（微信错误码 " + std::to_string(d.errcode) + "）";
    const std::string_view s = d.status;
    if (s == "queued" && d.attempts > 0) return "上次没有成功，稍后自动再发" + code;
    if (s == "accepted") return "微信已接收，等待送达回执";
    if (s == "uncertain") return "微信没有明确答复，半小时内等回执" + code;
    if (s == "dead") return "一直没有回执，可能没有送到，可以重发" + code;
    if (s == "blocked") return "对方未关注或不接收这类消息" + code;
    if (s == "failed") return "微信没有接收或没有送达" + code;
    if (s == "parked") return "消息模板不可用，请联系平台管理员" + code;
    if (s == "dropped") return "已解绑、内容已过期或不再属实";
    return "";
}

// What a try came to, by the name of its verdict.
std::string_view outcome_word(std::string_view outcome) {
    using notify::verdict;
    constexpr std::array<std::pair<verdict, std::string_view>, 9> words = {
        {{verdict::accepted, "微信已接收"},
         {verdict::not_sent, "没有发出，稍后再发"},
         {verdict::in_doubt, "微信没有明确答复，是否收到不明"},
         {verdict::user_refused, "用户未关注或不接收"},
         {verdict::data_refused, "微信不接受消息内容"},
         {verdict::template_refused, "消息模板不可用"},
         {verdict::quota, "当天发送次数已用完"},
         {verdict::slow_down, "发送太快，稍后再发"},
         {verdict::account_down, "公众号配置有误或被限制"}}};
    for (const auto& [v, word] : words)
        if (notify::name_of(v) == outcome) return word;
    return outcome;
}

// 预约单号 for character_string1, as the template of the kind names it; the name itself when it does not.
std::string label_of(const std::optional<notify::message_kind>& kind, const std::string& name) {
    if (kind)
        for (const auto& f : kind->fields)
            if (f.name == name) return f.label;
    return name;
}

std::optional<notify::message_kind> kind_of(const services& s, const std::string& kind) {
    const auto& templates = s.pages->templates();
    const std::string file = "messages/" + kind + ".tmpl";
    if (!templates.has(file)) return std::nullopt;
    return notify::parse_message(kind, templates.source(file));
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
    return v.set("why", explain(d)).set("may_resend", notify::may_resend(d.status));
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
    for (const auto& t : notify::list_tries(view, d)) {
        const std::string meaning =
            t.errcode != 0 ? std::to_string(t.errcode) + " " + std::string(mp::meaning_of(t.errcode)) : "";
        const std::string detail = core::tidy_line((meaning.empty() ? t.errmsg : meaning) + " " + t.rid);
        tries.push(core::value::object()
                       .set("n", t.number)
                       .set("at", core::moment_text(t.at))
                       .set("outcome", outcome_word(t.outcome))
                       .set("detail", detail)
                       .set("has_detail", t.outcome != "accepted" && !detail.empty()));
    }
    const auto kind = kind_of(s, d.kind);
    const auto body = core::parse_json(d.body).value_or(core::value::object());
    core::value fields = core::value::array();
    if (const auto* data = body.find("data"); data != nullptr && data->as_members() != nullptr)
        for (const auto& [name, text] : *data->as_members())
            fields.push(core::value::object()
                            .set("name", label_of(kind, name))
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
