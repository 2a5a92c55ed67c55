#include "wechat/inbox/messages.hpp"

#include "core/base/clock.hpp"
#include "notify/hub/inbox.hpp"
#include "notify/message/message.hpp"
#include "wechat/server/form.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wechat::inbox {
namespace {

constexpr int page_size = 20;
constexpr std::size_t summary_fields = 3;
constexpr std::string_view by_wechat = "/wx/enter?to="; // what WeChat opens signs in first, then goes on

std::string_view word_of(notify::topic t) {
    using notify::topic;
    switch (t) {
    case topic::filing:
        return "备案";
    case topic::order:
        return "预约与检定";
    case topic::reminder:
        return "提醒";
    case topic::account:
        return "账号";
    case topic::any:
        break;
    }
    return "全部";
}

// The page a message leads to, for somebody who is signed in already.
std::string target_of(const notify::message& m) {
    return m.url.starts_with(by_wechat) ? m.url.substr(by_wechat.size()) : m.url;
}

std::string_view link_word(std::string_view target) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> words = {
        {{"/orders/", "查看预约单"},
         {"/staff/orders/", "查看预约单"},
         {"/staff/filings", "查看备案"},
         {"/staff/applicants", "去审核"},
         {"/filings", "查看备案"},
         {"/instruments/", "查看器具"},
         {"/book", "去预约"},
         {"/due", "预约检定"},
         {"/announcements/", "查看公告"},
         {"/bind", "查看绑定"}}};
    for (const auto& [start, word] : words)
        if (target.starts_with(start)) return word;
    return "查看";
}

// As people write it: 2611 4827 3058 and 10:00–11:30, where WeChat's fields want twelve digits and a tilde.
std::string shown(const notify::message_field& f, const core::value& facts) {
    const auto pretty = facts.text("number_shown");
    if (!pretty.empty() && f.text == facts.text("number")) return pretty;
    std::string text = f.text;
    if (const auto at = text.find('~'); f.name.starts_with("time") && at != std::string::npos)
        text.replace(at, 1, "–");
    return text;
}

core::value row_of(const notify::inbox_item& item, std::string_view base) {
    core::value v = core::value::object();
    return v.set("href", std::string(base) + "/" + std::to_string(item.id))
        .set("title", item.words.title)
        .set("at", core::short_moment_text(item.at))
        .set("summary", summary_of(item.words, item.facts))
        .set("unread", !item.is_read);
}

std::string address(std::string_view base, notify::topic t, bool unread_only, std::int64_t after = 0) {
    std::string query;
    const auto add = [&](std::string_view name, const std::string& value) {
        query.append(query.empty() ? "?" : "&").append(name).append("=").append(value);
    };
    if (t != notify::topic::any) add("topic", std::string(notify::code_of(t)));
    if (unread_only) add("unread", "1");
    if (after != 0) add("after", std::to_string(after));
    return std::string(base) + query;
}

core::value tabs_of(const core::actor& who, const notify::inbox_filter& f, std::string_view base) {
    core::value tabs = core::value::array();
    auto topics = notify::list_topics(who);
    topics.insert(topics.begin(), notify::topic::any);
    for (const auto t : topics)
        tabs.push(core::value::object()
                      .set("href", address(base, t, f.unread_only))
                      .set("label", word_of(t))
                      .set("current", t == f.of));
    return tabs;
}

core::value certificates_of(const core::value& facts) {
    core::value rows = core::value::array();
    const auto* all = facts.find("certificates");
    if (all == nullptr || all->as_list() == nullptr) return rows;
    for (const auto& c : *all->as_list())
        rows.push(core::value::object()
                      .set("name", c.text("name"))
                      .set("serial_no", c.text("serial_no"))
                      .set("no", c.text("no"))
                      .set("result", c.text("result"))
                      .set("valid_until", c.text("valid_until")));
    return rows;
}

core::value item_model(const notify::inbox_item& item, std::string_view base) {
    core::value fields = core::value::array();
    for (const auto& f : item.words.fields)
        fields.push(core::value::object().set("label", f.label).set("text", shown(f, item.facts)));
    core::value certificates = certificates_of(item.facts);
    const auto target = target_of(item.words);
    const auto next = item.facts.text("next_step");
    core::value model = core::value::object();
    model.set("title", item.words.title)
        .set("at", core::moment_text(item.at))
        .set("fields", std::move(fields))
        .set("has_certificates", !certificates.as_list()->empty())
        .set("certificates", std::move(certificates));
    model.set("has_next_step", !next.empty()).set("next_step", next);
    return model.set("target", target)
        .set("link_word", link_word(target))
        .set("back", base)
        .set("unread_action", std::string(base) + "/" + std::to_string(item.id) + "/unread");
}

} // namespace

std::string summary_of(const notify::message& m, const core::value& facts) {
    std::string text;
    for (std::size_t n = 0; n < m.fields.size() && n < summary_fields; ++n)
        text += (n == 0 ? "" : "，") + m.fields[n].label + "：" + shown(m.fields[n], facts);
    return text;
}

void put_bell(core::value& frame, core::db::read_view& view, const core::actor& who) {
    const int n = notify::count_unread(view, who);
    const bool many = n >= notify::inbox_most;
    const std::string text = many ? "99+" : std::to_string(n);
    frame.set("has_unread", n > 0).set("unread", n).set("unread_text", text);
    frame.set("bell_label", n == 0 ? std::string("消息，没有未读") : "消息，" + text + " 条未读");
}

core::value list_model(const request& r, core::db::read_view& view, services& s, std::string_view base) {
    const notify::inbox_filter f{notify::parse_topic(r.query.get("topic")), r.query.get("unread") == "1"};
    const auto page =
        notify::list_inbox(view, *s.messages, r.actor, f, to_id(r.query.get("after")), page_size);
    core::value rows = core::value::array();
    for (const auto& item : page.items)
        rows.push(row_of(item, base));
    const bool filtered = f.of != notify::topic::any || f.unread_only;
    core::value model = core::value::object();
    model.set("tabs", tabs_of(r.actor, f, base))
        .set("empty", page.items.empty())
        .set("rows", std::move(rows))
        .set("filtered", filtered)
        .set("all_href", base);
    model.set("unread_only", f.unread_only)
        .set("toggle_href", address(base, f.of, !f.unread_only))
        .set("may_read_all", notify::count_unread(view, r.actor) > 0)
        .set("read_action", std::string(base) + "/read")
        .set("up_to", std::to_string(notify::newest_in_inbox(view, r.actor)))
        .set("settings_href", std::string(base) + "/settings");
    model.set("more", page.next != 0).set("next_href", address(base, f.of, f.unread_only, page.next));
    return model;
}

core::result<opened> open(const request& r, services& s, std::string_view base) {
    const auto found = s.db->read([&](core::db::read_view& view) {
        return notify::get_inbox_item(view, *s.messages, r.actor, r.id(0));
    });
    if (!found) return found.error();
    if (!found->is_read) {
        const auto done =
            s.db->write([&](core::db::write_tx& tx) { return notify::mark_read(tx, r.actor, found->id); });
        if (!done) return done.error();
    }
    return opened{found->words.title, item_model(*found, base)};
}

core::result<response> mark_all_read(const request& r, core::db::write_tx& tx, std::string_view base) {
    if (auto done = notify::mark_all_read(tx, r.actor, to_id(r.field("up_to"))); !done) return done.error();
    return see_other(std::string(base) + "?done=all_read");
}

core::result<response> mark_unread(const request& r, core::db::write_tx& tx, std::string_view base) {
    if (auto done = notify::mark_unread(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other(std::string(base) + "?done=kept_unread");
}

} // namespace wechat::inbox
