// 预约管理: work list by deadline with capacity, one order, confirming and rejecting one or several (M28,
// M29).
#include "core/appointment/queries.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/server/form.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace wechat::staff {
namespace {

namespace appointment = core::appointment;
constexpr int page_size = 20;
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> tabs = {{{"pending", "待确认"},
                                                                                {"confirmed", "已确认"},
                                                                                {"received", "检定中"},
                                                                                {"rejected", "被拒绝"},
                                                                                {"completed", "已完检"},
                                                                                {"", "全部"}}};

int number_for(const appointment::status_counts& c, std::string_view status) {
    const auto known = appointment::parse_order_status(status);
    return known ? c.of(*known) : c.total();
}

// Working days from today to a deadline; each day of the calendar is looked up once per page.
class working_days {
  public:
    explicit working_days(read_view& view) : view_(&view), today_(view.today()) {}

    int until(core::date due) {
        int n = 0;
        const int sign = due < today_ ? -1 : 1;
        auto day = std::min(due, today_);
        for (int guard = 0; day < std::max(due, today_) && guard < 366; ++guard) {
            day = core::add_days(day, 1);
            n += is_working(day) ? sign : 0;
        }
        return n;
    }

  private:
    bool is_working(core::date d) {
        const auto at = known_.find(d);
        if (at != known_.end()) return at->second;
        return known_[d] = core::catalogue::is_working_day(*view_, d);
    }
    read_view* view_;
    core::date today_;
    std::map<core::date, bool> known_;
};

core::value row_of(const appointment::work_order& w, core::date today, core::instant now,
                   working_days& calendar) {
    const auto& o = w.what;
    const auto tag = appointment::order_tag(o.status);
    const bool pending = o.status == appointment::order_status::pending;
    const auto due =
        pending ? deadline_of(o.due_at, now, calendar.until(core::local_date(o.due_at))) : deadline{};
    core::value v = core::value::object();
    v.set("id", std::to_string(o.id))
        .set("number", core::show_order_number(o.number))
        .set("created", core::short_moment_text(o.created_at));
    v.set("company", o.applicant_name)
        .set("contact", o.contact_name + " " + core::mask_phone(o.contact_phone))
        .set("method", core::text_of(core::methods, o.method))
        .set("method_tag", o.method == "deliver" ? "info" : "move");
    v.set("time", o.time_words(today))
        .set("taken", w.taken)
        .set("capacity", w.capacity)
        .set("full", w.taken >= w.capacity)
        .set("pieces", o.pieces)
        .set("items", w.items);
    v.set("due", due.text)
        .set("due_style", due.style)
        .set("waited", waited(o.created_at, now))
        .set("bound", w.bound)
        .set("tag", tag.tag)
        .set("status", tag.text);
    return v.set("pending", pending);
}

// What somebody did to an order, by the verb of the journal.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> acts = {
    {{"book", "提交预约"},
     {"confirm", "确认预约"},
     {"reject", "拒绝预约"},
     {"move", "改期"},
     {"cancel", "取消预约"},
     {"expire", "过期未到"},
     {"receive", "收检"},
     {"unreceive", "撤销收检"},
     {"return", "退单"},
     {"record", "录入结果"},
     {"attach_certificate", "上传证书"},
     {"complete", "完检"}}};

std::string event_words(const core::audit::recorded& e) {
    const auto act = std::find_if(acts.begin(), acts.end(), [&](const auto& a) { return a.first == e.verb; });
    return act == acts.end() ? e.verb : std::string(act->second);
}

} // namespace

response orders(const request& r, read_view& view, services& s) {
    appointment::order_filter f;
    f.status = r.query.find("status") ? std::string(r.query.get("status")) : "pending";
    f.text = core::tidy_line(r.query.get("q"));
    f.method = std::string(r.query.get("method"));
    const appointment::work_key after{to_id(r.query.get("t")), to_id(r.query.get("after"))};
    const auto all = appointment::list_work(view, r.actor, f, after, page_size + 1);
    const auto counts = appointment::count_by_status(view, r.actor);
    core::value tab_list = core::value::array();
    for (const auto& [code, label] : tabs)
        tab_list.push(tab("/staff/orders?status=" + std::string(code), label, number_for(counts, code),
                          f.status == code));
    core::value rows = core::value::array();
    working_days calendar(view);
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n)
        rows.push(row_of(all[n], view.today(), view.now(), calendar));
    core::value kinds = core::value::array();
    for (const auto& [code, text] : {std::pair("", "全部"), {"deliver", "送检"}, {"onsite", "现场"}})
        kinds.push(
            core::value::object().set("code", code).set("text", text).set("selected", f.method == code));
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("tabs", std::move(tab_list))
        .set("status", f.status)
        .set("q", f.text)
        .set("methods", std::move(kinds))
        .set("filtered", !f.text.empty() || !f.method.empty());
    model.set("empty", all.empty())
        .set("rows", std::move(rows))
        .set("total", number_for(counts, f.status))
        .set("late", counts.late)
        .set("has_late", counts.late > 0)
        .set("pending", f.status == "pending");
    model.set("more", more)
        .set("next_href", more ? "/staff/orders?status=" + f.status + "&q=" + url_encode(f.text) +
                                     "&method=" + url_encode(f.method) +
                                     "&t=" + std::to_string(core::to_ms(all[page_size - 1].what.due_at)) +
                                     "&after=" + std::to_string(all[page_size - 1].what.id)
                               : "");
    return render(r, view, s, "staff/orders", "预约管理", "预约管理", std::move(model));
}

response show_order(const request& r, read_view& view, services& s) {
    const auto found = appointment::get_order(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& o = *found;
    const auto tag = appointment::order_tag(o.status);
    core::value lines = core::value::array();
    for (const auto& l : o.lines) {
        const auto line_tag = appointment::line_tag(l.status);
        lines.push(core::value::object()
                       .set("name", l.name)
                       .set("model", l.model)
                       .set("serial_no", l.serial_no)
                       .set("tag", line_tag.tag)
                       .set("status", line_tag.text)
                       .set("certificate_no", l.certificate_no)
                       .set("valid_until", l.valid_until ? core::to_text(*l.valid_until) : ""));
    }
    core::value history = core::value::array();
    for (const auto& e : core::audit::list_for(view, "order", o.id))
        history.push(core::value::object()
                         .set("at", core::moment_text(e.at).substr(0, 16))
                         .set("who", e.actor_name)
                         .set("what", event_words(e))
                         .set("note", e.note)
                         .set("note_shown", !e.note.empty()));
    core::value model = core::value::object();
    model.set("id", std::to_string(o.id))
        .set("number", core::show_order_number(o.number))
        .set("tag", tag.tag)
        .set("status", tag.text)
        .set("company", o.applicant_name);
    model.set("contact_name", o.contact_name)
        .set("contact_phone", o.contact_phone)
        .set("time", o.time_words(view.today()))
        .set("method", core::text_of(core::methods, o.method))
        .set("pieces", o.pieces);
    model.set("note_shown", !o.note.empty())
        .set("note", o.note)
        .set("has_reason", !o.reason.empty())
        .set("reason", o.reason)
        .set("lines", std::move(lines))
        .set("history", std::move(history));
    model.set("may_confirm", appointment::may(r.actor, o, "confirm"))
        .set("may_reject", appointment::may(r.actor, o, "reject"))
        .set("may_receive", appointment::may(r.actor, o, "receive"))
        .set("may_record", appointment::may(r.actor, o, "record"))
        .set("completed", o.status == appointment::order_status::completed);
    return render(r, view, s, "staff/order", "预约单 " + core::show_order_number(o.number),
                  "预约管理 / 预约单", std::move(model));
}

namespace {

// One failure never stops the others; each is named with its reason.
template<class F>
result<response> for_each_order(const request& r, write_tx& tx, services& s, std::string_view verb,
                                std::string_view notice, F act) {
    const auto ids = ids_of(r.form, "id");
    if (ids.empty()) return core::error(core::errc::invalid, "order.none");
    core::value failed = core::value::array();
    int good = 0;
    for (const auto id : ids) {
        const result<> done = act(id);
        if (done) {
            ++good;
            continue;
        }
        if (ids.size() == 1) return done.error();
        const auto o = appointment::get_order(tx, r.actor, id);
        failed.push(core::value::object()
                        .set("href", "/staff/orders/" + std::to_string(id))
                        .set("what", o ? core::show_order_number(o->number) : std::to_string(id))
                        .set("text", s.problems->text_of(done.error())));
    }
    tx.after_commit([&s] { s.hub->poke(); });
    if (failed.as_list()->empty())
        return see_other("/staff/orders?status=pending&done=" + std::string(notice));
    core::value model = core::value::object()
                            .set("good", good)
                            .set("failed", std::move(failed))
                            .set("verb", verb)
                            .set("unit", "单")
                            .set("back", "/staff/orders?status=pending");
    return render(r, tx, s, "staff/batch", "处理结果", "预约管理 / 处理结果", std::move(model));
}

} // namespace

result<response> confirm_orders(const request& r, write_tx& tx, services& s) {
    return for_each_order(r, tx, s, "确认", "confirmed",
                          [&](std::int64_t id) { return appointment::confirm_order(tx, r.actor, id); });
}

result<response> reject_orders(const request& r, write_tx& tx, services& s) {
    return for_each_order(r, tx, s, "拒绝", "rejected", [&](std::int64_t id) {
        return appointment::reject_order(tx, r.actor, id, r.field("reason"));
    });
}

} // namespace wechat::staff
