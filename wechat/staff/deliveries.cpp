// 推送记录: finding messages, one with its tries and WeChat's words, sending again (guarantees N17).
#include "core/account/login.hpp"
#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/search.hpp"
#include "notify/hub/unreached.hpp"
#include "notify/message/channel.hpp"
#include "notify/message/message.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/server/form.hpp"
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
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> tabs = {{{"", "全部"},
                                                                                {"queued", "排队"},
                                                                                {"accepted", "已发送"},
                                                                                {"delivered", "已送达"},
                                                                                {"uncertain", "结果待定"},
                                                                                {"blocked", "用户拒收"},
                                                                                {"failed", "失败"},
                                                                                {"dead", "结果不明"},
                                                                                {"parked", "模板停用"}}};

std::string_view tag_of(std::string_view status) {
    if (status == "delivered") return "ok";
    if (status == "accepted" || status == "sending" || status == "queued") return "info";
    if (status == "failed" || status == "dead" || status == "parked") return "bad";
    if (status == "uncertain") return "warn";
    return "mute";
}

std::string text(services& s, const std::string& key) {
    return s.problems->text_of(core::error(core::errc::invalid, key));
}

// Codes and receipts are WeChat's; e-mail and gateways have neither.
bool is_wechat(std::string_view channel) {
    return channel == "wechat" || channel == "subscription" || channel == "customer";
}

// What the state means for the person at the desk, in a line (the life of a message: notify/README.md).
std::string explain(services& s, std::string_view channel, std::string_view status, int attempts) {
    if (const std::string own = "delivery.elsewhere." + std::string(status);
        !is_wechat(channel) && s.problems->has(own))
        return text(s, own);
    if (status == "queued") return attempts > 0 ? text(s, "delivery.queued_again") : "";
    return s.problems->has("delivery.state." + std::string(status))
               ? text(s, "delivery.state." + std::string(status))
               : "";
}

std::string_view class_name(mp::error_class c) {
    using mp::error_class;
    switch (c) {
    case error_class::user:
        return "user";
    case error_class::data:
        return "data";
    case error_class::one_template:
        return "one_template";
    case error_class::quota_day:
        return "quota_day";
    case error_class::quota_minute:
        return "quota_minute";
    case error_class::account:
        return "account";
    case error_class::retry:
    case error_class::refresh_token:
        return "retry";
    case error_class::ok:
    case error_class::benign:
        return "";
    case error_class::authorise:
    case error_class::unknown:
        break;
    }
    return "unknown";
}

// What an error of WeChat is in Chinese and what to do about it; "" for none.
std::string advice(services& s, int errcode) {
    if (errcode == 0) return {};
    const std::string own = "delivery.do." + std::to_string(errcode);
    if (s.problems->has(own)) return text(s, own);
    const auto kind = class_name(mp::class_of(errcode));
    return kind.empty() ? std::string() : text(s, "delivery.do." + std::string(kind));
}

// The last error matters as long as it is why the message stands where it stands.
std::string advice_now(services& s, std::string_view channel, std::string_view status, int errcode) {
    if (!is_wechat(channel)) return {};
    const bool over =
        status == "delivered" || status == "accepted" || status == "queued" || status == "sending";
    return over ? std::string() : advice(s, errcode);
}

// What a try came to, by the name of its verdict, or what the hub did without one.
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
    if (outcome == "given_up") return "三十分钟没有回执，不再发送";
    if (outcome == "repeated") return "三十分钟没有回执，再发一次，对方可能看到两条";
    return outcome;
}

// The words of a way that is not WeChat's: who took or refused it is not named.
std::string_view outcome_word(std::string_view channel, std::string_view outcome) {
    constexpr std::string_view subject = "微信";
    auto word = outcome_word(outcome);
    if (!is_wechat(channel) && word.starts_with(subject)) word.remove_prefix(subject.size());
    return word;
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
    return v.set("why", why.empty() ? explain(s, d.channel, d.status, d.attempts) : why);
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

core::value tiles_of(read_view& view, const request& r) {
    core::value tiles = core::value::array();
    const auto add = [&](std::int64_t n, std::string_view label, std::string_view hint, std::string_view href,
                         std::int64_t most) {
        tiles.push(core::value::object()
                       .set("n", n >= most ? std::to_string(most) + "+" : std::to_string(n))
                       .set("label", label)
                       .set("hint", hint)
                       .set("href", href)
                       .set("hot", n > 0));
    };
    add(notify::count_unreached(view, r.actor), "待电话通知", "微信和其他方式都没有送到",
        "/staff/deliveries/unreached", 100);
    const auto n = notify::count_trouble(view, r.actor);
    const auto count = [&](const char* status) {
        const auto at = n.find(status);
        return at == n.end() ? 0 : at->second;
    };
    add(count("failed"), "失败", "微信没有接收或没有送达", "/staff/deliveries?status=failed",
        notify::counted_most);
    add(count("dead"), "结果不明", "一直没有回执", "/staff/deliveries?status=dead", notify::counted_most);
    add(count("uncertain"), "结果待定", "半小时内等回执", "/staff/deliveries?status=uncertain",
        notify::counted_most);
    return tiles;
}

core::value tries_of(read_view& view, services& s, const notify::delivery& d) {
    core::value tries = core::value::array();
    for (const auto& t : notify::list_tries(view, d)) {
        const std::string meaning =
            t.errcode != 0 ? std::to_string(t.errcode) + " " + std::string(mp::meaning_of(t.errcode)) : "";
        const std::string detail = core::tidy_line((meaning.empty() ? t.errmsg : meaning) + " " + t.rid);
        const auto todo = is_wechat(d.channel) ? advice(s, t.errcode) : std::string();
        tries.push(core::value::object()
                       .set("n", t.number)
                       .set("at", core::moment_text(t.at))
                       .set("outcome", outcome_word(d.channel, t.outcome))
                       .set("has_advice", !todo.empty())
                       .set("advice", todo)
                       .set("detail", detail)
                       .set("has_detail", t.outcome != "accepted" && !detail.empty()));
    }
    return tries;
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
    model.set("tiles", tiles_of(view, r))
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
    model.set("why", todo.empty() ? explain(s, d.channel, d.status, d.attempts) : todo);
    const bool in_doubt = d.status == "uncertain" || d.status == "dead";
    model.set("may_resend", notify::may_resend(d.status)).set("in_doubt", in_doubt);
    model.set("delivered", d.status == "delivered")
        .set("waits", d.status == "queued")
        .set("next_at", core::moment_text(d.next_at));
    model.set("tries", tries_of(view, s, d)).set("fields", fields_of(s, d));
    return render(r, view, s, "staff/delivery", "推送记录", "消息推送 / 推送记录", std::move(model));
}

result<response> resend_delivery(const request& r, write_tx& tx, services& s) {
    if (auto done = notify::resend(tx, r.actor, r.id(0)); !done) return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/staff/deliveries/" + std::to_string(r.id(0)) + "?done=resent");
}

} // namespace wechat::staff
