#include "wechat/staff/hub_state.hpp"

#include "core/base/clock.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/search.hpp"
#include "notify/hub/unreached.hpp"
#include "notify/message/message.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/staff/frame.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace wechat::staff {
namespace {

std::string left_words(std::int64_t most, std::int64_t used) {
    return most <= 0 ? "不限" : std::to_string(std::max<std::int64_t>(0, most - used)) + " 条";
}

std::string word_of(std::string_view channel) {
    return std::string(notify::channel_word(channel));
}

// One thing that stops messages now: what it means at the desk, and what the operator must know.
struct stop {
    std::string text, cause;
};

void add_channels(std::vector<stop>& all, const services& s, core::instant now) {
    for (const auto& c : s.hub->channels()) {
        if (c.is_stuck)
            all.push_back({word_of(c.channel) + "的发送结果暂时不能保存，恢复后自动继续",
                           word_of(c.channel) + "的发送结果不能写入数据库，见日志"});
        if (c.breaker_open)
            all.push_back({word_of(c.channel) + "没有响应，只试发，恢复后自动补发",
                           word_of(c.channel) + "没有响应，只试发"});
        if (!c.paused_until || *c.paused_until <= now) continue;
        const std::string until = word_of(c.channel) + "暂停到 " + core::moment_text(*c.paused_until);
        all.push_back({until + "，到时自动补发", until});
    }
}

// What the API client keeps back by itself, of the calls that send.
void add_calls(std::vector<stop>& all, services& s) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> senders = {
        {{"/cgi-bin/message/template/send", "wechat"},
         {"/cgi-bin/message/subscribe/bizsend", "subscription"},
         {"/cgi-bin/message/custom/send", "customer"}}};
    if (s.api == nullptr) return;
    for (const auto& b : s.api->blocks()) {
        const auto at =
            std::find_if(senders.begin(), senders.end(), [&](const auto& p) { return p.first == b.path; });
        if (!b.path.empty() && at == senders.end()) continue;
        const std::string what = b.path.empty() ? "微信全部接口" : word_of(at->second) + "接口";
        const std::string key = "doctor.breaker." + std::string(mp::code_of(b.why));
        all.push_back({what + "暂停到 " + core::moment_text(b.until) + "，到时自动补发",
                       s.problems->text_of(core::error(core::errc::invalid, key)
                                               .with("path", what)
                                               .with("until", core::short_moment_text(b.until))
                                               .with("ip", b.caller_ip)
                                               .with("errcode", std::to_string(b.errcode))
                                               .with("rid", b.rid))});
    }
}

std::vector<stop> stops_now(core::db::read_view& view, services& s) {
    std::vector<stop> all;
    for (const auto& c : notify::store::list_states(view))
        if (c.held)
            all.push_back({(c.channel == "*" ? "全部方式" : word_of(c.channel)) + "已由管理员停发",
                           core::moment_text(c.changed_at) + " 起：" + c.reason});
    add_channels(all, s, view.now());
    add_calls(all, s);
    return all;
}

} // namespace

std::string_view title_of(const services& s, std::string_view kind) {
    const auto* k = s.messages->find(kind);
    return k == nullptr ? kind : std::string_view(k->title);
}

void put_stops(core::value& model, core::db::read_view& view, services& s) {
    core::value stops = core::value::array();
    for (const auto& one : stops_now(view, s))
        stops.push(core::value::object().set("text", one.text));
    model.set("has_stops", !stops.as_list()->empty()).set("stops", std::move(stops));
}

void put_hub(core::value& model, core::db::read_view& view, services& s) {
    const auto now = view.now();
    const auto h = notify::status_of(view);
    const auto& limits = s.hub->settings();
    const auto minutes = h.waiting.oldest ? (now - *h.waiting.oldest) / std::chrono::minutes(1) : 0;
    core::value lines = core::value::array(), kinds = core::value::array();
    const auto say = [&](std::string_view name, const std::string& value, bool bad = false) {
        lines.push(core::value::object().set("name", name).set("text", value).set("bad", bad));
    };
    say("等待发送", "办理进度 " + std::to_string(h.waiting.status) + " 条，提醒 " +
                        std::to_string(h.waiting.reminders) + " 条");
    say("最久等待", h.waiting.oldest ? waited(*h.waiting.oldest, now) : "没有等待的消息", minutes >= 10);
    for (const auto& u : h.used)
        say("今天剩余", word_of(u.channel) + " 已发 " + std::to_string(u.calls_today) + " 条，还可发 " +
                            left_words(limits.limits_of(u.channel).per_day, u.calls_today));
    for (const auto& one : stops_now(view, s))
        say("暂停", one.cause, true);
    for (const auto& p : h.parked)
        say("模板停用", std::string(title_of(s, p.kind)) + "，" + core::moment_text(p.since) + " 起", true);
    for (const auto& u : h.used_by_kind) {
        const auto most = limits.kind_per_day.find(u.kind);
        kinds.push(
            core::value::object()
                .set("title", title_of(s, u.kind))
                .set("channel", notify::channel_word(u.channel))
                .set("used", u.calls)
                .set("left", left_words(most == limits.kind_per_day.end() ? 0 : most->second, u.calls)));
    }
    model.set("lines", std::move(lines))
        .set("has_kinds", !kinds.as_list()->empty())
        .set("kind_rows", std::move(kinds));
}

core::value trouble_tiles(core::db::read_view& view, const core::actor& who) {
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
    add(notify::count_unreached(view, who), "待电话通知", "微信和其他方式都没有送到",
        "/staff/deliveries/unreached", 100);
    const auto n = notify::count_trouble(view, who);
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

} // namespace wechat::staff
