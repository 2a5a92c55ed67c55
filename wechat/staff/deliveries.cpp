// 推送记录: finding messages, one with its tries and WeChat's words, sending again (guarantees N17).
#include "core/account/login.hpp"
#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/search.hpp"
#include "notify/message/channel.hpp"
#include "notify/message/message.hpp"
#include "wechat/server/form.hpp"
#include "wechat/staff/delivery_words.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/hub_state.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace wechat::staff {
namespace {

constexpr int page_size = 30;
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> tabs = {{{"", "全部"},
                                                                                 {"queued", "排队"},
                                                                                 {"accepted", "已发送"},
                                                                                 {"delivered", "已送达"},
                                                                                 {"uncertain", "结果待定"},
                                                                                 {"blocked", "对方收不到"},
                                                                                 {"failed", "失败"},
                                                                                 {"dead", "结果不明"},
                                                                                 {"parked", "模板停用"},
                                                                                 {"dropped", "不再发送"}}};

std::string_view tag_of(std::string_view status) {
    if (status == "delivered") return "ok";
    if (status == "accepted" || status == "sending" || status == "queued") return "info";
    if (status == "failed" || status == "dead" || status == "parked") return "bad";
    if (status == "uncertain") return "warn";
    return "mute";
}

// 预约单号 for character_string1, as the template of the kind names it; the name itself when it does not.
std::string label_of(const services& s, const std::string& kind, const std::string& name) {
    if (const auto* k = s.messages->find(kind))
        for (const auto& f : k->fields)
            if (f.name == name) return f.label;
    return name;
}

core::value row_of(services& s, const notify::found_delivery& d) {
    core::value v = core::value::object();
    v.set("id", std::to_string(d.id))
        .set("title", d.title)
        .set("company", d.applicant_name)
        .set("person", d.person_name)
        .set("channel", notify::channel_word(d.channel))
        .set("status", notify::delivery_word(d.status))
        .set("tag", tag_of(d.status));
    v.set("attempts", d.attempts)
        .set("created", core::short_moment_text(d.created_at))
        .set("changed", core::short_moment_text(d.status_at));
    const auto why = advice_now(s, d.channel, d.status, d.errcode);
    return v.set("why", why.empty() ? explain(s, d.channel, d.status, d.attempts, d.errmsg) : why);
}

std::string address(const request& r, std::string_view status, std::int64_t after) {
    std::string query = "/staff/deliveries?status=" + url_encode(status);
    for (const auto* name : {"q", "kind", "from", "to"})
        if (const auto value = r.query.get(name); !value.empty())
            query.append("&").append(name).append("=").append(url_encode(value));
    if (after != 0) query += "&after=" + std::to_string(after);
    return query;
}

core::value kinds_of(const services& s, std::string_view chosen) {
    core::value list = core::value::array();
    const auto add = [&](std::string_view code, std::string_view word) {
        list.push(core::value::object().set("code", code).set("text", word).set("selected", code == chosen));
    };
    add("", "全部");
    for (const auto& k : core::outbox::kinds)
        add(k.name, title_of(s, k.name));
    return list;
}

std::string found_words(const notify::found_page& page, const std::string& q) {
    using by = notify::found_page::by;
    switch (page.found_by) {
    case by::order:
        return "单号 " + q + " 的消息";
    case by::address:
        return "接收地址以 " + q + " 开头的消息";
    case by::people:
        return "发给“" + q + "”的消息";
    case by::company:
        return "名称以“" + q + "”开头的企业收到的消息";
    case by::unknown:
        return "没有找到“" + q + "”。可以填单号、企业名称的开头、人员姓名或 openid 的开头 6 位。";
    case by::nothing:
        break;
    }
    return {};
}

core::value steps_of(read_view& view, services& s, const notify::delivery& d) {
    core::value steps = core::value::array();
    int tries = 0;
    for (const auto& t : notify::list_tries(view, d)) {
        const std::string code = t.errcode == 0 ? "" : "错误码 " + std::to_string(t.errcode);
        const bool is_said = is_try(t.outcome) && t.outcome != "accepted";
        const std::string detail = core::tidy_line((code.empty() ? note_word(t.errmsg) : code) + " " + t.rid);
        // Once is no proof: it is tried again by itself.
        const bool goes_on = t.errcode == 40003 && d.status == "queued";
        const auto todo = is_wechat(d.channel) && !goes_on ? advice(s, t.errcode) : std::string();
        const auto word = step_word(d.channel, t.outcome, t.errmsg);
        if (is_try(t.outcome)) ++tries;
        steps.push(core::value::object()
                       .set("word", is_try(t.outcome) ? "第 " + std::to_string(tries) + " 次：" + word : word)
                       .set("at", core::moment_text(t.at))
                       .set("has_advice", !todo.empty())
                       .set("advice", todo)
                       .set("detail", detail)
                       .set("has_detail", is_said && !detail.empty()));
    }
    return steps;
}

// What a message that is queued waits for.
std::string wait_words(const notify::delivery& d, core::instant now) {
    if (d.lane == 1) return "等发给这个人的上一条有结果后再发";
    return d.next_at > now ? core::moment_text(d.next_at) + " 之后发送" : "马上发送";
}

core::value fields_of(const services& s, const notify::delivery& d) {
    const auto body = core::parse_json(d.body).value_or(core::value::object());
    core::value fields = core::value::array();
    if (const auto* data = body.find("data"); data != nullptr && data->as_members() != nullptr)
        for (const auto& [name, value] : *data->as_members())
            fields.push(
                core::value::object()
                    .set("name", label_of(s, d.kind, name))
                    .set("text", value.as_text() != nullptr ? *value.as_text() : value.text("value")));
    return fields;
}

} // namespace

response deliveries(const request& r, read_view& view, services& s) {
    notify::delivery_search f;
    f.text = std::string(r.query.get("q"));
    f.status = std::string(r.query.get("status"));
    f.kind = std::string(r.query.get("kind"));
    f.from = core::parse_date(r.query.get("from"));
    f.to = core::parse_date(r.query.get("to"));
    const auto page = notify::search_deliveries(view, r.actor, f, to_id(r.query.get("after")), page_size);
    core::value rows = core::value::array();
    for (const auto& d : page.items)
        rows.push(row_of(s, d));
    core::value tab_list = core::value::array();
    for (const auto& [code, label] : tabs)
        tab_list.push(tab(address(r, code, 0), label, -1, f.status == code));
    const auto found = found_words(page, core::tidy_line(f.text));
    core::value model = core::value::object();
    model.set("tiles", trouble_tiles(view, r.actor))
        .set("tabs", std::move(tab_list))
        .set("empty", page.items.empty())
        .set("rows", std::move(rows));
    model.set("q", f.text)
        .set("status", f.status)
        .set("from", f.from ? core::to_text(*f.from) : "")
        .set("to", f.to ? core::to_text(*f.to) : "")
        .set("kinds", kinds_of(s, f.kind));
    model.set("found_shown", !found.empty())
        .set("found", found)
        .set("filtered", !f.text.empty() || !f.status.empty() || !f.kind.empty() || f.from || f.to);
    model.set("more", page.next != 0).set("next_href", address(r, f.status, page.next));
    put_stops(model, view, s);
    model.set("is_platform", r.actor.is_platform());
    if (r.actor.is_platform()) put_hub(model, view, s);
    return render(r, view, s, "staff/deliveries", "推送记录", "消息推送 / 推送记录", std::move(model));
}

response show_delivery(const request& r, read_view& view, services& s) {
    const auto found = notify::get_delivery(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& d = *found;
    const auto person = core::account::get_login(view, d.login_id);
    core::value model = core::value::object();
    model.set("id", std::to_string(d.id))
        .set("title", d.title)
        .set("person", person ? person->display_name : "")
        .set("company", d.applicant_name)
        .set("channel", notify::channel_word(d.channel))
        .set("status", notify::delivery_word(d.status))
        .set("tag", tag_of(d.status));
    model.set("created", core::moment_text(d.created_at))
        .set("changed", core::moment_text(d.status_at))
        .set("may_repeat", d.may_repeat);
    const auto todo = advice_now(s, d.channel, d.status, d.errcode);
    const auto why = todo.empty() ? explain(s, d.channel, d.status, d.attempts, d.errmsg) : todo;
    model.set("why", why)
        .set("has_why", !why.empty())
        .set("has_todo", !why.empty() || d.may_repeat || notify::may_resend(d.status));
    const bool in_doubt = d.status == "uncertain" || d.status == "dead";
    model.set("may_resend", notify::may_resend(d.status)).set("in_doubt", in_doubt);
    model.set("delivered", d.status == "delivered")
        .set("waits", d.status == "queued")
        .set("wait", wait_words(d, view.now()));
    model.set("steps", steps_of(view, s, d)).set("fields", fields_of(s, d));
    return render(r, view, s, "staff/delivery", "推送记录", "消息推送 / 推送记录", std::move(model));
}

result<response> resend_delivery(const request& r, write_tx& tx, services& s) {
    if (auto done = notify::resend(tx, r.actor, r.id(0)); !done) return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/staff/deliveries/" + std::to_string(r.id(0)) + "?done=resent");
}

} // namespace wechat::staff
