// 前台收检: find by number or QR, compare each instrument, receive or return (M33-M35).
#include "core/appointment/queries.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>

namespace wechat::staff {

namespace appointment = core::appointment;

// A hand scanner types the QR's address or the number and Enter.
response desk(const request& r, read_view& view, services& s) {
    const std::string typed = core::tidy_line(r.query.get("q"));
    std::string failed;
    if (!typed.empty()) {
        const auto number = core::find_order_number(typed);
        const auto id = number ? appointment::find_own_by_number(view, r.actor, *number)
                               : result<std::int64_t>(core::error(core::errc::not_found));
        if (id) return see_other("/staff/desk/" + std::to_string(*id));
        const bool elsewhere = number && appointment::find_by_number(view, *number).has_value();
        failed =
            s.problems->text_of(core::error(core::errc::not_found, elsewhere ? "desk.other" : "desk.none"));
    }
    core::value rows = core::value::array();
    for (const auto& w : appointment::list_day(view, r.actor, view.today())) {
        const auto tag = appointment::order_tag(w.what.status);
        rows.push(core::value::object()
                      .set("id", std::to_string(w.what.id))
                      .set("number", core::show_order_number(w.what.number))
                      .set("company", w.what.applicant_name)
                      .set("time", core::range_text(w.what.starts, w.what.ends))
                      .set("items", w.items)
                      .set("pieces", w.what.pieces)
                      .set("tag", tag.tag)
                      .set("status", tag.text));
    }
    core::value model = core::value::object();
    model.set("q", typed)
        .set("js_sdk", offers_js_sdk(r, s))
        .set("failed_shown", !failed.empty())
        .set("failed", failed)
        .set("empty", rows.as_list()->empty())
        .set("rows", std::move(rows))
        .set("day", core::date_words(view.today(), view.today()));
    return render(r, view, s, "staff/desk", "前台收检", "前台收检", std::move(model),
                  failed.empty() ? 200 : 404);
}

namespace {

// Why nothing can be compared any more, or not yet: what was done, so that the desk can go on.
std::string closed_words(const appointment::order& o) {
    if (o.status == appointment::order_status::pending) return "此单还没有确认，确认后才能收检。";
    if (o.status == appointment::order_status::confirmed) return "收检由本机构的前台人员办理。";
    const auto back = std::count_if(o.lines.begin(), o.lines.end(), [](const auto& l) {
        return l.status == appointment::line_status::returned;
    });
    const auto kept = std::to_string(static_cast<std::ptrdiff_t>(o.lines.size()) - back);
    const std::string rest = back == 0 ? "" : "，退回企业 " + std::to_string(back) + " 台";
    if (o.status == appointment::order_status::received) return "本单收下 " + kept + " 台" + rest + "。";
    return "此单" + std::string(appointment::order_tag(o.status).text) + "，不用再收检。";
}

} // namespace

response desk_order(const request& r, read_view& view, services& s) {
    const auto found = appointment::get_order(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& o = *found;
    const auto tag = appointment::order_tag(o.status);
    core::value lines = core::value::array();
    for (const auto& l : o.lines) {
        const auto line_tag = appointment::line_tag(l.status);
        lines.push(core::value::object()
                       .set("id", std::to_string(l.id))
                       .set("name", l.name)
                       .set("model", l.model)
                       .set("serial_no", l.serial_no)
                       .set("own_no", l.own_no)
                       .set("range", l.measuring_range)
                       .set("maker", l.manufacturer)
                       .set("tag", line_tag.tag)
                       .set("status", line_tag.text)
                       .set("open", l.status == appointment::line_status::booked &&
                                        o.status == appointment::order_status::confirmed));
    }
    core::value model = core::value::object();
    model.set("id", std::to_string(o.id))
        .set("number", core::show_order_number(o.number))
        .set("tag", tag.tag)
        .set("status", tag.text)
        .set("company", o.applicant_name)
        .set("contact", o.contact_name + " " + core::mask_phone(o.contact_phone));
    model.set("time", o.time_words(view.today()))
        .set("pieces", o.pieces)
        .set("lines", std::move(lines))
        .set("open", appointment::may(r.actor, o, "receive"))
        .set("why_closed", closed_words(o))
        .set("may_record",
             o.status == appointment::order_status::received && appointment::may(r.actor, o, "record"))
        .set("other_day", o.status == appointment::order_status::confirmed && o.day != view.today())
        .set("once", core::random_hex(12));
    return render(r, view, s, "staff/desk_order", "收检 " + core::show_order_number(o.number),
                  "前台收检 / 核对", std::move(model));
}

result<response> receive_order(const request& r, write_tx& tx, services& s) {
    const auto o = appointment::get_order(tx, r.actor, r.id(0));
    if (!o) return o.error();
    std::vector<appointment::problem_line> problems;
    for (const auto& l : o->lines)
        if (r.field("verdict_" + std::to_string(l.id)) == "bad")
            problems.push_back({l.id, std::string(r.field("reason_" + std::to_string(l.id)))});
    if (auto done = appointment::receive_order(tx, r.actor, o->id, {.problems = problems}); !done)
        return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    const bool all = problems.size() == o->lines.size();
    return see_other("/staff/desk/" + std::to_string(o->id) +
                     "?done=" + (all ? "order_returned" : "received"));
}

} // namespace wechat::staff
