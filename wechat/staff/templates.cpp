// 公众号 → 消息模板: every kind of message with its template, how it compared with the account's own, what it
// used today; and how the ways out stand.
#include "wechat/staff/templates.hpp"

#include "core/journal/outbox.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/order.hpp"
#include "notify/message/version_store.hpp"
#include "wechat/mp/template_channel.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace wechat::staff {
namespace {

core::value state_of(const notify::pump::state& p, const notify::hub_status& hub,
                     const notify::hub_settings& config) {
    const auto limits = config.limits_of(p.channel);
    std::int64_t used = 0;
    for (const auto& u : hub.used)
        if (u.channel == p.channel) used = u.calls_today;
    std::string word = "正常", tag = "ok", why;
    for (const auto& s : hub.states)
        if (s.held && (s.channel == "*" || s.channel == p.channel)) {
            word = "已停发";
            tag = "bad";
            why = s.reason;
        }
    if (tag == "ok" && p.paused_until) {
        word = "暂停到 " + core::short_moment_text(*p.paused_until);
        tag = "warn";
    } else if (tag == "ok" && p.breaker_open) {
        word = "对方没有答复，正在试探";
        tag = "warn";
    }
    core::value v = core::value::object();
    v.set("name", notify::channel_word(p.channel)).set("state", word).set("tag", tag).set("why", why);
    v.set("has_why", !why.empty()).set("used", used);
    v.set("limit", limits.per_day == 0 ? "不限" : std::to_string(limits.per_day));
    v.set("rate", p.rate == 0 ? "不限" : std::to_string(p.rate) + " 条/秒");
    return v.set("under_way", static_cast<std::int64_t>(p.in_hand + p.under_way));
}

} // namespace

core::value finding_of(const std::optional<mp::template_check>& c) {
    core::value v = core::value::object();
    std::string word = "未核对", tag = "mute", detail;
    if (c) {
        using state = mp::template_check::state;
        word = c->found == state::ok            ? "一致"
               : c->found == state::no_id       ? "未配置"
               : c->found == state::not_granted ? "模板不存在"
                                                : "字段不一致";
        tag = c->found == state::ok ? "ok" : c->found == state::no_id ? "mute" : "bad";
        if (!c->unknown.empty()) detail = "模板里没有 " + mp::joined(c->unknown, "、");
        if (!c->empty.empty())
            detail += (detail.empty() ? "没有填写 " : "；没有填写 ") + mp::joined(c->empty, "、");
    }
    v.set("word", word).set("tag", tag).set("detail", detail).set("has_detail", !detail.empty());
    v.set("title", c ? c->granted_title : "").set("has_title", c && !c->granted_title.empty());
    return v.set("at", c ? core::short_moment_text(c->at) : "").set("has_at", c.has_value());
}

response templates(const request& r, read_view& view, services& s) {
    std::map<std::string, std::int64_t, std::less<>> used;
    const auto hub = notify::status_of(view);
    for (const auto& u : hub.used_by_kind)
        if (u.channel == "wechat") used[u.kind] = u.calls;
    std::map<std::string, std::string, std::less<>> parked;
    for (const auto& p : hub.parked)
        parked[p.kind] = p.reason;
    std::map<std::string, int, std::less<>> versions;
    for (const auto& v : notify::store::list_in_force(view))
        versions[v.kind] = v.number;
    core::value rows = core::value::array();
    for (const auto& kind : core::outbox::kinds) {
        const auto* words = s.messages->find(kind.name);
        if (words == nullptr) continue;
        const std::string id = mp::template_id_of(*s.wechat, s.messages, kind.name);
        const auto at = versions.find(kind.name);
        core::value row = core::value::object();
        row.set("kind", kind.name).set("title", words->title).set("id", id).set("has_id", !id.empty());
        row.set("version", at == versions.end() ? "内置" : "第 " + std::to_string(at->second) + " 版");
        row.set("check", finding_of(mp::find_check(view, kind.name)));
        row.set("used", used.contains(kind.name) ? used.find(kind.name)->second : 0);
        row.set("parked", parked.contains(kind.name));
        rows.push(std::move(row));
    }
    core::value ways = core::value::array();
    for (const auto& p : s.hub->channels())
        ways.push(state_of(p, hub, s.hub->settings()));
    core::value model = core::value::object();
    model.set("rows", std::move(rows)).set("ways", std::move(ways));
    model.set("may_check", s.doctor != nullptr);
    return render(r, view, s, "staff/templates", "消息模板", "公众号 / 消息模板", std::move(model));
}

result<response> check_templates(const request& r, services& s) {
    const auto granted = mp::fetch_templates(*s.api);
    if (!granted) return granted.error();
    const auto all = mp::check_all(*s.messages, *s.wechat, *granted);
    s.db->write([&](write_tx& tx) -> result<> {
            mp::keep_checks(tx, all);
            return {};
        })
        .value();
    for (const auto& c : all)
        if (c.found == mp::template_check::state::ok) s.hub->mend(c.kind);
    (void)r;
    return see_other("/staff/templates?done=templates_checked");
}

} // namespace wechat::staff
