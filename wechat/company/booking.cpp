// 预约送检 in three steps: instruments, time, check and submit (M26-M28). Each step is an address.
#include "core/appointment/queries.hpp"

#include "core/account/applicant.hpp"
#include "core/base/ids.hpp"
#include "core/instrument/listing.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/server/guard.hpp"

#include <algorithm>
#include <map>

namespace wechat::company {
namespace {

namespace appointment = core::appointment;

struct chosen_slot {
    core::date day;
    int starts = 0;
};
std::optional<chosen_slot> parse_slot(std::string_view text) { // 2026-11-25T10:00
    const auto t = text.find('T');
    if (t == std::string_view::npos) return std::nullopt;
    const auto day = core::parse_date(text.substr(0, t));
    const auto minute = core::parse_minute(text.substr(t + 1));
    if (!day || !minute) return std::nullopt;
    return chosen_slot{*day, *minute};
}

core::value summary_of(const appointment::order_plan& p) {
    std::map<std::string, int> kinds;
    for (const auto& i : p.items)
        ++kinds[i.name + (i.measuring_range.empty() ? "" : " " + i.measuring_range)];
    core::value list = core::value::array();
    for (const auto& [name, n] : kinds)
        list.push(core::value::object().set("name", name).set("n", n));
    return list;
}

core::value slot_of(const appointment::slot& s, core::date day, core::date today, int pieces,
                    const std::string& picked) {
    using appointment::slot_state;
    const std::string value = core::to_text(day) + "T" + core::to_minute_text(s.starts);
    std::string left = "余 " + std::to_string(s.left()) + " 台件";
    if (s.state == slot_state::short_of && s.left() >= pieces)
        left = "该类不足"; // a limit of the institution for this kind of instrument
    else if (s.state == slot_state::short_of)
        left = "余 " + std::to_string(s.left()) + "（需 " + std::to_string(pieces) + "）";
    else if (!s.may_be_chosen())
        left = std::string(appointment::slot_tag(s.state).text);
    core::value v = core::value::object();
    v.set("value", value)
        .set("label", core::date_words(day, today))
        .set("time", core::range_text(s.starts, s.ends))
        .set("left", left);
    v.set("free", s.left())
        .set("capacity", s.capacity)
        .set("disabled", !s.may_be_chosen())
        .set("picked", s.may_be_chosen() && value == picked);
    return v.set("state", !s.may_be_chosen() ? "no" : s.state == slot_state::few ? "few" : "");
}

bool has_choice(const appointment::slot_day& d) {
    return std::any_of(d.slots.begin(), d.slots.end(), [](const auto& s) { return s.may_be_chosen(); });
}

std::string day_word(const appointment::slot_day& d, core::date today) {
    using appointment::day_state;
    if (d.state == day_state::past) return "已过";
    if (d.state == day_state::rest || d.state == day_state::unused) return "休";
    if (d.state != day_state::open) return d.day == today ? "今天" : "未开放"; // too early, too far
    int free = 0;
    for (const auto& s : d.slots)
        free += s.may_be_chosen() ? s.left() : 0;
    return free == 0 ? "满" : "余" + std::to_string(free);
}

core::value days_of(const std::vector<appointment::slot_day>& week, core::date today, int pieces,
                    const std::string& picked) {
    static constexpr std::string_view names[] = {"一", "二", "三", "四", "五", "六", "日"};
    const auto first = std::find_if(week.begin(), week.end(), has_choice);
    const auto chosen = parse_slot(picked);
    core::value list = core::value::array();
    for (auto d = week.begin(); d != week.end(); ++d) {
        const bool closed = d->state != appointment::day_state::open;
        core::value slots = core::value::array();
        for (const auto& s : d->slots)
            slots.push(slot_of(s, d->day, today, pieces, picked));
        const bool on = chosen ? chosen->day == d->day : d == (first == week.end() ? week.begin() : first);
        const auto month = std::to_string(static_cast<unsigned>(d->day.month()));
        const auto day = std::to_string(static_cast<unsigned>(d->day.day()));
        core::value v = core::value::object();
        v.set("key", core::to_text(d->day))
            .set("weekday", names[core::iso_weekday(d->day) - 1])
            .set("day", day)
            .set("date", month + "月" + day + "日");
        v.set("closed", closed)
            .set("why", d->why)
            .set("slots", std::move(slots))
            .set("on", on)
            .set("today", d->day == today);
        v.set("selected", on ? "true" : "false").set("state", closed ? "off" : "");
        list.push(v.set("left", day_word(*d, today)));
    }
    return list;
}

// The week asked for, else the chosen slot's, else the first in which something can be chosen.
core::date monday_of(const request& r, read_view& view, const appointment::order_plan& p,
                     const std::string& picked) {
    auto day = core::parse_date(r.query.get("week"));
    if (const auto chosen = parse_slot(picked); !day && chosen) day = chosen->day;
    if (!day) return appointment::first_open_monday(view, p.institution_id, p.method, p.brings());
    if (*day < view.today()) day = view.today();
    return core::add_days(*day, 1 - core::iso_weekday(*day));
}

response time_page(const request& r, read_view& view, services& s, const std::vector<std::int64_t>& ids,
                   const core::error* wrong) {
    const auto selected = appointment::plan_orders(view, r.actor, ids);
    const auto& plans = selected.plans;
    if (plans.empty() && wrong != nullptr) return refuse(r, s, *wrong);
    if (plans.empty() && !selected.others.empty()) return refuse(r, s, selected.others.front().why);
    if (plans.empty()) return see_other("/book");
    if (plans.size() > 1)
        return refuse(
            r, s, core::error(core::errc::invalid, "order.mixed").with("n", std::to_string(plans.size())));
    const auto& p = plans.front();
    const auto where = core::catalogue::find_institution(view, p.institution_id);
    const core::date today = view.today();
    const std::string picked(r.field("slot"));
    const core::date monday = monday_of(r, view, p, picked);
    const auto week = appointment::list_week(view, p.institution_id, p.method, monday, p.brings());
    const int pieces = static_cast<int>(p.items.size());
    core::value rows = core::value::array();
    for (const auto& i : p.items)
        rows.push(core::value::object().set("id", std::to_string(i.id)));
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    const auto company = core::account::get_applicant(view, r.actor, p.applicant_id);
    const auto typed_or = [&](std::string_view field, const std::string& fallback) {
        return r.form.find(field) ? std::string(r.field(field)) : fallback;
    };
    core::value inputs = core::value::array();
    inputs.push(input(s, wrong, "contact_name", "联系人", typed_or("contact_name", r.actor.name), true, 30));
    inputs.push(input(s, wrong, "contact_phone", "手机号",
                      typed_or("contact_phone", company ? company->contact_phone : ""), true, 20, "tel"));
    inputs.push(
        input(s, wrong, "note", "备注", typed_or("note", ""), false, 100, "text", "如：需要叉车卸货"));
    core::value summary = summary_of(p);
    model.set("kinds", static_cast<std::int64_t>(summary.as_list()->size()))
        .set("summary", std::move(summary))
        .set("inputs", std::move(inputs));
    model.set("steps", steps(2))
        .set("rows", std::move(rows))
        .set("pieces", pieces)
        .set("institution", where->name)
        .set("address", where->address);
    model.set("method", core::text_of(core::methods, p.method))
        .set("method_tag", p.method == "deliver" ? "info" : "move");
    const std::string base = "/book/time?week=";
    const core::date last = core::add_days(today, where->horizon_days);
    const auto sunday = core::add_days(monday, 6);
    model.set("has_prev", monday > today)
        .set("prev", base + core::to_text(core::add_days(monday, -7)))
        .set("has_next", core::add_days(monday, 7) <= last)
        .set("next", base + core::to_text(core::add_days(monday, 7)));
    model.set("week", std::to_string(static_cast<unsigned>(monday.month())) + "月" +
                          std::to_string(static_cast<unsigned>(monday.day())) + "日至" +
                          std::to_string(static_cast<unsigned>(sunday.month())) + "月" +
                          std::to_string(static_cast<unsigned>(sunday.day())) + "日");
    model.set("days", days_of(week, today, pieces, picked));
    return render(r, view, s, "company/book_time", wrong == nullptr ? "选择送检时间" : "错误：选择送检时间",
                  "预约管理 / 预约送检", std::move(model), wrong == nullptr ? 200 : status_of(wrong->code));
}

appointment::booking booking_of(const request& r) {
    appointment::booking b;
    b.instruments = ids_of(r.form, "i");
    if (const auto slot = parse_slot(r.field("slot"))) {
        b.day = slot->day;
        b.starts = slot->starts;
    }
    b.contact_name = std::string(r.field("contact_name"));
    b.contact_phone = std::string(r.field("contact_phone"));
    b.note = std::string(r.field("note"));
    return b;
}

} // namespace

response book(const request& r, read_view& view, services& s) {
    core::instrument::filter f;
    f.bookable = true;
    const auto all = core::instrument::list(view, r.actor, f, 0, 500);
    std::vector<std::int64_t> ids;
    for (const auto& i : all)
        ids.push_back(i.id);
    core::value groups = core::value::array();
    const auto selected = appointment::plan_orders(view, r.actor, ids);
    for (const auto& p : selected.plans) {
        core::value rows = core::value::array();
        for (const auto& i : p.items) {
            core::value v = core::value::object();
            v.set("id", std::to_string(i.id))
                .set("name", i.name)
                .set("model", i.model)
                .set("range", i.measuring_range)
                .set("serial_no", i.serial_no);
            v.set("group", std::to_string(p.institution_id) + p.method)
                .set("valid_shown", i.valid_until.has_value())
                .set("valid_until", i.valid_until ? core::to_text(*i.valid_until) : "");
            rows.push(std::move(v));
        }
        groups.push(core::value::object()
                        .set("institution", p.institution_name)
                        .set("method", core::text_of(core::methods, p.method))
                        .set("tag", p.method == "deliver" ? "info" : "move")
                        .set("rows", std::move(rows)));
    }
    core::value model = core::value::object();
    model.set("steps", steps(1)).set("empty", groups.as_list()->empty()).set("groups", std::move(groups));
    return render(r, view, s, "company/book", "选择器具", "预约管理 / 预约送检", std::move(model));
}

response book_time(const request& r, read_view& view, services& s) {
    return time_page(r, view, s, ids_of(r.query, "i"), nullptr);
}

// Another week, or back from 核对提交: what was typed comes along, and no phone number into an address.
result<response> keep_booking(const request& r, services& s) {
    return s.db->read([&](read_view& view) { return time_page(r, view, s, ids_of(r.form, "i"), nullptr); });
}

// Shows everything on one page; changes nothing. Rules and page are of one snapshot.
result<response> book_check(const request& r, services& s) {
    const auto b = booking_of(r);
    return s.db->read([&](read_view& view) {
        const auto tried = appointment::check_booking(view, r.actor, b);
        if (!tried) {
            const auto wrong = tried.error();
            return time_page(r, view, s, b.instruments, &wrong);
        }
        const auto plans = appointment::plan_orders(view, r.actor, b.instruments).plans;
        const auto& p = plans.front();
        const auto where = core::catalogue::find_institution(view, p.institution_id);
        const auto slot = appointment::find_slot(view, p.institution_id, p.method, b.day, b.starts);
        core::value rows = core::value::array();
        for (const auto& i : p.items)
            rows.push(core::value::object()
                          .set("id", std::to_string(i.id))
                          .set("name", i.name)
                          .set("model", i.model)
                          .set("serial_no", i.serial_no));
        core::value model = core::value::object();
        model.set("steps", steps(3))
            .set("once", core::random_hex(12))
            .set("slot", r.field("slot"))
            .set("contact_name", b.contact_name)
            .set("contact_phone", b.contact_phone);
        model.set("note", b.note)
            .set("note_shown", !b.note.empty())
            .set("back", "/book/time?week=" + core::to_text(b.day));
        model.set("institution", where->name)
            .set("address", where->address)
            .set("method", core::text_of(core::methods, p.method));
        model.set("time", core::date_words(b.day, view.today()) + core::range_text(slot->starts, slot->ends))
            .set("pieces", static_cast<std::int64_t>(p.items.size()))
            .set("rows", std::move(rows));
        return render(r, view, s, "company/book_check", "核对提交", "预约管理 / 预约送检", std::move(model));
    });
}

result<response> book_order(const request& r, services& s) {
    const auto b = booking_of(r);
    const auto made = s.db->write([&](write_tx& tx) -> result<response> {
        if (auto again = find_done(r, tx)) return std::move(*again);
        const auto id = appointment::book_order(tx, r.actor, b);
        if (!id) return id.error();
        tx.after_commit([&s] { s.hub->poke(); });
        response go = see_other("/orders/" + std::to_string(*id) + "?done=booked");
        keep_done(tx, r, go);
        return go;
    });
    if (made) return made;
    const auto wrong = made.error();
    return s.db->read([&](read_view& view) { return time_page(r, view, s, b.instruments, &wrong); });
}

} // namespace wechat::company
