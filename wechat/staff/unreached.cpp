// 待电话通知: people whom no channel reached, for the institution to phone. Shows telephone numbers, so every
// look at the open ones is recorded (guarantees S13); those that are closed are shown without.
#include "notify/hub/unreached.hpp"
#include "core/base/clock.hpp"
#include "core/journal/audit.hpp"
#include "notify/message/message.hpp"
#include "wechat/inbox/messages.hpp"
#include "wechat/staff/delivery_words.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wechat::staff {
namespace {

constexpr int page_size = 30;
constexpr std::string_view base = "/staff/deliveries/unreached";

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
    const auto known = reason_word(u.reason);
    std::string why = u.login_id == 0 ? "单位没有人绑定微信"
                      : known.empty() ? "微信没有送到"
                                      : std::string(known);
    if (why.ends_with("。")) why.resize(why.size() - std::string_view("。").size());
    if (u.colleague_told) why += "，同单位其他人已收到";
    if (u.is_read) why += "，已在站内看过";
    return v.set("why", why)
        .set("has_delivery", u.delivery_id != 0)
        .set("delivery", std::to_string(u.delivery_id))
        .set("settled", u.is_read || u.colleague_told);
}

core::value closed_row(services& s, const notify::unreached& u) {
    core::value v = row_of(s, u);
    v.set("closed_at", u.closed_at ? core::short_moment_text(*u.closed_at) : "")
        .set("closer", u.closed_by == 0 ? std::string("后来已送到") : u.closer_name)
        .set("note", u.note.empty() ? "无" : u.note);
    return v;
}

// A look at telephone numbers: a row of the journal for each company (S13).
void record_looks(services& s, const core::actor& who, const std::vector<notify::unreached>& shown) {
    if (shown.empty()) return;
    s.db->write([&](write_tx& tx) -> result<> {
            std::vector<std::int64_t> told;
            for (const auto& u : shown) {
                if (std::find(told.begin(), told.end(), u.applicant_id) != told.end()) continue;
                core::audit::record_view(tx, who, "unreached", u.id, "phone", u.applicant_id);
                told.push_back(u.applicant_id);
            }
            return {};
        })
        .value();
}

response list_page(const request& r, read_view& view, services& s, bool closed, core::value rows,
                   const std::string& next) {
    core::value tabs = core::value::array();
    const auto open = static_cast<int>(notify::count_unreached(view, r.actor));
    const bool many = open >= notify::unreached_counted;
    tabs.push(
        tab(base, many ? "待电话（" + std::to_string(open) + "+）" : "待电话", many ? -1 : open, !closed));
    tabs.push(tab(std::string(base) + "?tab=closed", "已处理", -1, closed));
    core::value model = core::value::object();
    model.set("tabs", std::move(tabs)).set("closed", closed).set("open", !closed);
    model.set("empty", rows.as_list()->empty())
        .set("rows", std::move(rows))
        .set("more", !next.empty())
        .set("next_href", next);
    return render(r, view, s, "staff/unreached", "待电话通知", "消息推送 / 待电话通知", std::move(model));
}

response closed_page(const request& r, read_view& view, services& s) {
    const notify::closed_key after{to_id(r.query.get("t")), to_id(r.query.get("after"))};
    auto all = notify::list_closed_unreached(view, r.actor, after, page_size + 1);
    const bool more = all.size() > page_size;
    if (more) all.pop_back();
    core::value rows = core::value::array();
    for (const auto& u : all)
        rows.push(closed_row(s, u));
    std::string next;
    if (more) {
        const auto key = notify::key_of(all.back());
        next = std::string(base) + "?tab=closed&t=" + std::to_string(key.time) +
               "&after=" + std::to_string(key.id);
    }
    return list_page(r, view, s, true, std::move(rows), next);
}

} // namespace

result<response> unreached(const request& r, services& s) {
    if (r.query.get("tab") == "closed") return s.db->read([&](read_view& v) { return closed_page(r, v, s); });
    const auto after = to_id(r.query.get("after"));
    auto all =
        s.db->read([&](read_view& v) { return notify::list_unreached(v, r.actor, after, page_size + 1); });
    const bool more = all.size() > page_size;
    if (more) all.pop_back();
    record_looks(s, r.actor, all);
    core::value rows = core::value::array();
    for (const auto& u : all)
        rows.push(row_of(s, u));
    const std::string next = more ? std::string(base) + "?after=" + std::to_string(all.back().id) : "";
    return s.db->read([&](read_view& v) { return list_page(r, v, s, false, std::move(rows), next); });
}

result<response> close_unreached(const request& r, write_tx& tx, services&) {
    if (auto done = notify::close_unreached(tx, r.actor, r.id(0), r.field("note")); !done)
        return done.error();
    return see_other(std::string(base) + "?done=phoned");
}

result<response> close_many_unreached(const request& r, write_tx& tx, services& s) {
    const auto ids = ids_of(r.form, "id");
    if (ids.empty()) return core::error(core::errc::invalid, "unreached.none");
    core::value failed = core::value::array();
    int good = 0;
    for (const auto& c : notify::close_many_unreached(tx, r.actor, ids, r.field("note"))) {
        good += c.refused ? 0 : 1;
        if (!c.refused) continue;
        failed.push(core::value::object()
                        .set("href", std::string(base) + "?tab=closed")
                        .set("what", c.company.empty() ? std::to_string(c.id) : c.company)
                        .set("text", s.problems->text_of(*c.refused)));
    }
    if (failed.as_list()->empty()) return see_other(std::string(base) + "?done=phoned");
    core::value model = core::value::object()
                            .set("good", good)
                            .set("failed", std::move(failed))
                            .set("verb", "记下电话通知")
                            .set("unit", "条")
                            .set("back", base);
    return render(r, tx, s, "staff/batch", "处理结果", "消息推送 / 处理结果", std::move(model));
}

} // namespace wechat::staff
