// 消息推送 → 平台公告 (M6): writing one, seeing whom it reaches and how it looks on the phone, sending it to
// oneself, sending it, what became of it, taking back what has not left yet.
#include "core/announcement/announcement.hpp"

#include "core/catalogue/catalogue.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/told.hpp"
#include "notify/message/message.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <optional>

namespace wechat::staff {
namespace {

namespace announcement = core::announcement;
using announcement::announcement_status;
constexpr int page_size = 20;
constexpr std::string_view crumbs = "消息推送 / 平台公告";
constexpr std::string_view province = "440000";

announcement::draft typed(const request& r) {
    announcement::draft d;
    d.title = std::string(r.field("title"));
    d.text = std::string(r.field("text"));
    d.audience = announcement::parse_audience(r.field("audience")).value_or(announcement::audience::all);
    if (d.audience == announcement::audience::region) d.region_code = std::string(r.field("region_code"));
    if (d.audience == announcement::audience::institution)
        d.institution_id = to_id(r.field("institution_id"));
    d.by_wechat = r.field("by_wechat") == "1";
    return d;
}

core::value choice(std::string_view code, std::string_view text, bool selected) {
    return core::value::object().set("code", code).set("text", text).set("selected", selected);
}

core::value audiences(announcement::audience now) {
    core::value list = core::value::array();
    list.push(choice("all", "全部企业", now == announcement::audience::all));
    list.push(choice("region", "某一地区的企业", now == announcement::audience::region));
    list.push(choice("institution", "某一机构的企业（在该机构备案或预约过）",
                     now == announcement::audience::institution));
    return list;
}

core::value places(read_view& view, std::string_view now) {
    core::value list = core::value::array();
    for (const auto& place : core::catalogue::list_regions(view))
        if (place.code == province || place.parent == province || place.code == now)
            list.push(choice(place.code, place.name, place.code == now));
    return list;
}

core::value institutions(read_view& view, std::int64_t now) {
    core::value list = core::value::array();
    for (const auto& one : core::catalogue::list_institutions(view))
        list.push(choice(std::to_string(one.id), one.name, one.id == now));
    return list;
}

std::string audience_words(const announcement::announcement& a) {
    switch (a.audience) {
    case announcement::audience::all:
        return "全部企业";
    case announcement::audience::region:
        return a.region_name + "的企业";
    case announcement::audience::institution:
        break;
    }
    return a.institution_name + "的企业";
}

std::string when_words(const announcement::announcement& a) {
    if (a.recalled_at) return core::short_moment_text(*a.recalled_at) + " 撤回";
    if (a.sent_at) return core::short_moment_text(*a.sent_at) + " 发送";
    return core::short_moment_text(a.changed_at) + " 修改";
}

core::value row_of(const announcement::announcement& a) {
    const auto tag = announcement::announcement_tag(a.status);
    core::value v = core::value::object();
    v.set("id", std::to_string(a.id)).set("title", a.title).set("tag", tag.tag).set("status", tag.text);
    v.set("audience", audience_words(a)).set("way", a.by_wechat ? "微信和站内消息" : "站内消息");
    return v.set("author", a.author).set("when", when_words(a)).set("told", std::to_string(a.told));
}

response form_page(const request& r, read_view& view, services& s, std::int64_t id, std::int64_t version,
                   const announcement::draft& d, const core::error* wrong) {
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    const std::string path = id == 0 ? "new" : std::to_string(id);
    model.set("action", "/staff/announcements/" + path)
        .set("back", id == 0 ? "/staff/announcements" : "/staff/announcements/" + path);
    model.set("heading", id == 0 ? "写公告" : "修改公告").set("version", std::to_string(version));
    model.set("title", d.title).set("text", d.text).set("by_wechat", d.by_wechat);
    model.set("most_title", std::to_string(announcement::longest_title))
        .set("most_text", std::to_string(announcement::longest_text));
    model.set("audiences", audiences(d.audience)).set("places", places(view, d.region_code));
    model.set("institutions", institutions(view, d.institution_id));
    const std::string title =
        (wrong == nullptr ? "" : "错误：") + std::string(id == 0 ? "写公告" : "修改公告");
    return render(r, view, s, "staff/announcement_form", title, crumbs, std::move(model),
                  wrong == nullptr ? 200 : status_of(wrong->code));
}

// The WeChat message as the phone shows it.
core::value bubble_of(const services& s, const announcement::announcement& a, core::instant now) {
    const auto kind =
        notify::parse_message("announcement", s.pages->templates().source("messages/announcement.tmpl"));
    const auto words = notify::message_book::fill(kind, announcement::facts_of(a, now));
    core::value fields = core::value::array();
    for (const auto& f : words.fields)
        fields.push(core::value::object().set("label", f.label).set("text", f.text));
    return core::value::object().set("title", words.title).set("fields", std::move(fields));
}

core::value shown_text(const announcement::draft& d) {
    core::value list = core::value::array();
    for (const auto text : announcement::paragraphs_of(d))
        list.push(core::value::object().set("text", text));
    return list;
}

// What became of the messages, by state.
core::value outcomes_of(const notify::told_counts& n) {
    core::value list = core::value::array();
    const auto add = [&list](std::string_view label, std::int64_t count) {
        if (count > 0) list.push(core::value::object().set("label", label).set("n", std::to_string(count)));
    };
    add("等待发送", n.waiting);
    add("已发送，等回执", n.accepted);
    add("已送达", n.delivered);
    add("用户未关注或不接收", n.blocked);
    add("失败或结果不明", n.failed);
    add("未发（撤回、过期或已解绑）", n.dropped);
    return list;
}

result<response> after(const core::result<>& done, const request& r, std::string_view said) {
    if (!done) return done.error();
    return see_other("/staff/announcements/" + std::to_string(r.id(0)) + "?done=" + std::string(said));
}

} // namespace

response announcements(const request& r, read_view& view, services& s) {
    const auto all =
        announcement::list_announcements(view, r.actor, to_id(r.query.get("after")), page_size + 1);
    core::value rows = core::value::array();
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n)
        rows.push(row_of(all[n]));
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("rows", std::move(rows)).set("empty", all.empty()).set("more", more);
    model.set("next_href", more ? "/staff/announcements?after=" + std::to_string(all[page_size - 1].id) : "");
    return render(r, view, s, "staff/announcements", "平台公告", crumbs, std::move(model));
}

response new_announcement(const request& r, read_view& view, services& s) {
    return form_page(r, view, s, 0, 0, {}, nullptr);
}

response edit_announcement(const request& r, read_view& view, services& s) {
    const auto found = announcement::get_announcement(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    return form_page(r, view, s, found->id, found->version, *found, nullptr);
}

result<response> save_announcement(const request& r, services& s) {
    const auto id = r.parameters.empty() ? 0 : r.id(0);
    if (id == 0 && !r.parameters.empty()) return core::error(core::errc::not_found);
    const auto version = to_id(r.field("version"));
    const auto done = s.db->write(
        [&](write_tx& tx) { return announcement::save_announcement(tx, r.actor, id, version, typed(r)); });
    if (done) return see_other("/staff/announcements/" + std::to_string(*done) + "?done=saved");
    const auto wrong = done.error();
    if (wrong.code == core::errc::not_found) return wrong;
    return s.db->read([&](read_view& view) { return form_page(r, view, s, id, version, typed(r), &wrong); });
}

response show_announcement(const request& r, read_view& view, services& s) {
    const auto found = announcement::get_announcement(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& a = *found;
    const bool draft = a.status == announcement_status::draft;
    core::value model = row_of(a);
    model.set("draft", draft).set("by_wechat", a.by_wechat).set("paragraphs", shown_text(a));
    const bool out = a.status == announcement_status::sending || a.status == announcement_status::sent;
    model.set("may_recall", out).set("sending", a.status == announcement_status::sending);
    model.set("recalled", a.status == announcement_status::recalled);
    model.set("bubble", bubble_of(s, a, view.now()));
    const auto size =
        draft ? announcement::count_audience(view, r.actor, a).value() : announcement::audience_size{};
    model.set("companies", std::to_string(size.companies)).set("people", std::to_string(size.people));
    model.set("has_more", size.has_more).set("is_estimated", size.is_estimated);
    model.set("asked", std::to_string(announcement::most_asked));
    model.set("outcomes", draft ? core::value::array() : outcomes_of(notify::count_told(view, a.id)));
    return render(r, view, s, "staff/announcement", a.title, crumbs, std::move(model));
}

result<response> try_announcement(const request& r, write_tx& tx, services& s) {
    tx.after_commit([&s] { s.hub->poke(); });
    return after(announcement::try_announcement(tx, r.actor, r.id(0)), r, "announcement_tried");
}

result<response> send_announcement(const request& r, write_tx& tx, services& s) {
    if (s.wake_schedule) tx.after_commit(s.wake_schedule);
    return after(announcement::send_announcement(tx, r.actor, r.id(0), r.field("is_service") == "1"), r,
                 "announcement_sending");
}

result<response> recall_announcement(const request& r, write_tx& tx, services&) {
    return after(announcement::recall_announcement(tx, r.actor, r.id(0)), r, "announcement_recalled");
}

result<response> remove_announcement(const request& r, write_tx& tx, services&) {
    if (auto done = announcement::remove_announcement(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other("/staff/announcements?done=removed");
}

} // namespace wechat::staff
