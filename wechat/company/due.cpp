// 到期器具: what must be verified again, and booking all of it in one step (U9, M27). Rules and plan are
// core/due's and core/appointment's.
#include "core/due/due.hpp"
#include "core/account/applicant.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/ids.hpp"
#include "core/due/booking.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/server/guard.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wechat::company {
namespace {

namespace appointment = core::appointment;
namespace due = core::due;
constexpr int page_size = 50;
constexpr std::size_t most_orders = 20; // in one step; what is left is planned again afterwards
constexpr std::size_t choices = 6;      // times offered for each order
constexpr std::array<std::pair<due::tab, std::string_view>, due::tab_count> tabs = {
    {{due::tab::overdue, "已过期"},
     {due::tab::soon, "即将到期"},
     {due::tab::never, "未检定"},
     {due::tab::barred, "不合格"},
     {due::tab::replace, "到期轮换"}}};

std::string days_words(int left) {
    if (left < 0) return "已过期 " + std::to_string(-left) + " 天";
    if (left == 0) return "今天到期";
    return "剩 " + std::to_string(left) + " 天";
}

core::value row_of(const due::item& i, due::tab of) {
    core::value v = core::value::object();
    v.set("id", std::to_string(i.id))
        .set("name", i.name)
        .set("model", i.model)
        .set("serial_no", i.serial_no)
        .set("institution", i.institution_name)
        .set("method", core::text_of(core::methods, i.method));
    v.set("pickable", !i.is_booked() && of != due::tab::replace)
        .set("booked", i.is_booked())
        .set("order_id", std::to_string(i.order_id));
    v.set("valid_shown", i.valid_until.has_value())
        .set("valid_until", i.valid_until ? core::to_text(*i.valid_until) : "")
        .set("days", i.valid_until ? days_words(i.days_left) : "")
        .set("late", i.valid_until && i.days_left < 0);
    return v.set("group", std::to_string(i.institution_id) + i.method);
}

std::string_view hint_of(due::tab t) {
    switch (t) {
    case due::tab::overdue:
        return "已过有效期的器具不得使用，请尽快预约检定。";
    case due::tab::soon:
        return "请在有效期前预约检定。";
    case due::tab::never:
        return "备案后还没有检定过的器具，检定合格后才能使用。";
    case due::tab::barred:
        return "检定不合格的器具不得使用，修好后可以重新预约检定。";
    case due::tab::replace:
        return "这类器具只做首次检定，到期应当更换，不再预约。";
    }
    return "";
}

std::string key_text(const due::key& k) {
    return (k.valid_until ? core::to_text(*k.valid_until) : "") + "_" + std::to_string(k.id);
}
due::key parse_key(std::string_view text) { // 2026-12-05_42
    const auto at = text.find('_');
    if (at == std::string_view::npos) return {};
    return {core::parse_date(text.substr(0, at)), to_id(text.substr(at + 1))};
}

std::string slot_text(core::date day, int starts) {
    return core::to_text(day) + "T" + core::to_minute_text(starts);
}

core::value times_of(const due::planned_order& o, const appointment::preview& p, std::string_view typed,
                     core::date today) {
    core::value list = core::value::array();
    bool seen = false;
    const std::string planned = slot_text(o.day, o.starts);
    const auto add = [&](core::date day, int starts, int ends) {
        const auto code = slot_text(day, starts);
        const bool chosen = typed.empty() ? code == planned : code == typed;
        seen = seen || code == planned;
        list.push(core::value::object()
                      .set("code", code)
                      .set("text", core::date_words(day, today) + core::range_text(starts, ends))
                      .set("selected", chosen));
    };
    for (const auto& t : p.proposed)
        add(t.day, t.starts, t.ends);
    if (!seen) add(o.day, o.starts, o.ends); // later than the first free ones: the orders before take those
    return list;
}

struct typed_contact {
    std::string name, phone, note;
};
typed_contact contact_of(const request& r, read_view& view) {
    const auto company = core::account::get_applicant(view, r.actor, r.actor.applicant_id);
    const auto typed_or = [&](std::string_view field, const std::string& fallback) {
        return r.form.find(field) ? std::string(r.field(field)) : fallback;
    };
    return {typed_or("contact_name", r.actor.name),
            typed_or("contact_phone", company ? company->contact_phone : ""), typed_or("note", "")};
}

// Why this order would be refused now, but for what is still to be typed.
std::string refusal_of(const request& r, read_view& view, services& s, const due::planned_order& o,
                       const typed_contact& person) {
    if (o.why) return s.problems->text_of(*o.why);
    appointment::booking b;
    for (const auto& i : o.what.items)
        b.instruments.push_back(i.id);
    b.day = o.day;
    b.starts = o.starts;
    b.contact_name = person.name;
    b.contact_phone = person.phone;
    const auto tried = appointment::check_booking(view, r.actor, b);
    if (tried || tried.error().field.starts_with("contact_")) return {};
    return s.problems->text_of(tried.error());
}

core::value order_of(const request& r, read_view& view, services& s, const due::planned_order& o,
                     const appointment::preview& p, std::size_t n, const typed_contact& person) {
    core::value items = core::value::array();
    std::string ids;
    for (const auto& i : o.what.items) {
        ids += (ids.empty() ? "" : ",") + std::to_string(i.id);
        items.push(core::value::object()
                       .set("name", i.name)
                       .set("model", i.model)
                       .set("serial_no", i.serial_no)
                       .set("valid_shown", i.valid_until.has_value())
                       .set("valid_until", i.valid_until ? core::to_text(*i.valid_until) : ""));
    }
    const auto number = std::to_string(n);
    const std::string why = refusal_of(r, view, s, o, person);
    core::value v = core::value::object();
    v.set("n", number)
        .set("label", "第 " + std::to_string(n + 1) + " 单")
        .set("institution", o.what.institution_name)
        .set("method", core::text_of(core::methods, o.what.method))
        .set("method_tag", o.what.method == "deliver" ? "info" : "move")
        .set("pieces", static_cast<std::int64_t>(o.what.items.size()));
    v.set("items", std::move(items)).set("ids", ids);
    return v.set("refused", !why.empty())
        .set("why", why)
        .set("times",
             o.is_placed() ? times_of(o, p, r.field("time_" + number), view.today()) : core::value::array());
}

response plan_page(const request& r, read_view& view, services& s, const core::error* wrong) {
    const auto ids = ids_of(r.form.empty() ? r.query : r.form, "i");
    const auto plan = due::plan_booking(view, r.actor, ids);
    const auto person = contact_of(r, view);
    const auto shown = std::min(plan.orders.size(), most_orders);
    appointment::selection selected;
    for (std::size_t n = 0; n < shown; ++n)
        selected.plans.push_back(plan.orders[n].what);
    const auto previews = appointment::preview_orders(view, selected, choices);
    core::value orders = core::value::array(), others = core::value::array(), chosen = core::value::array();
    std::size_t possible = 0;
    for (std::size_t n = 0; n < shown; ++n) {
        orders.push(order_of(r, view, s, plan.orders[n], previews[n], n, person));
        possible += orders.as_list()->back().flag("refused") ? 0 : 1;
    }
    for (const auto& o : plan.others)
        others.push(core::value::object().set("text", s.problems->text_of(o.why)));
    for (const auto id : ids)
        chosen.push(core::value::object().set("id", std::to_string(id)));
    core::value inputs = core::value::array();
    inputs.push(input(s, wrong, "contact_name", "联系人", person.name, true, 30));
    inputs.push(input(s, wrong, "contact_phone", "手机号", person.phone, true, 20, "tel"));
    inputs.push(input(s, wrong, "note", "备注", person.note, false, 100, "text", "如：需要叉车卸货"));
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    model.set("empty", plan.orders.empty())
        .set("orders", std::move(orders))
        .set("has_others", !others.as_list()->empty())
        .set("others", std::move(others))
        .set("chosen", std::move(chosen))
        .set("inputs", std::move(inputs));
    model.set("once", core::random_hex(12))
        .set("count", static_cast<std::int64_t>(possible))
        .set("may_book", possible > 0)
        .set("has_rest", plan.orders.size() > shown)
        .set("rest", static_cast<std::int64_t>(plan.orders.size() - shown));
    return render(r, view, s, "company/due_book", wrong == nullptr ? "预约到期器具" : "错误：预约到期器具",
                  "检定查询 / 到期器具", std::move(model), wrong == nullptr ? 200 : status_of(wrong->code));
}

std::vector<std::int64_t> parse_ids(std::string_view text) { // 1,2,3
    std::vector<std::int64_t> ids;
    while (!text.empty() && ids.size() < appointment::most_pieces) {
        const auto end = std::min(text.find(','), text.size());
        if (const auto id = to_id(text.substr(0, end)); id != 0) ids.push_back(id);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return ids;
}

std::vector<due::chosen_order> chosen_orders(const request& r) {
    std::vector<due::chosen_order> all;
    for (const auto n : r.form.all("o")) {
        due::chosen_order o;
        o.instruments = parse_ids(r.field("items_" + std::string(n)));
        const auto time = r.field("time_" + std::string(n));
        const auto t = time.find('T');
        if (t != std::string_view::npos) {
            o.day = core::parse_date(time.substr(0, t)).value_or(core::date{});
            o.starts = core::parse_minute(time.substr(t + 1)).value_or(0);
        }
        all.push_back(std::move(o));
        if (all.size() == most_orders) break;
    }
    return all;
}

response where_next(const std::vector<appointment::booked>& made) {
    const auto refused = std::count_if(made.begin(), made.end(), [](const auto& b) { return b.id == 0; });
    if (refused > 0) return see_other("/due/book?done=due_partly");
    if (made.size() == 1) return see_other("/orders/" + std::to_string(made.front().id) + "?done=booked");
    return see_other("/orders?done=due_booked");
}

} // namespace

response due_list(const request& r, read_view& view, services& s) {
    const auto counts = due::count_due(view, r.actor);
    due::filter f;
    f.of =
        due::parse_tab(r.query.get("tab")).value_or(counts.overdue > 0 ? due::tab::overdue : due::tab::soon);
    const auto all = due::list_due(view, r.actor, f, parse_key(r.query.get("after")), page_size + 1);
    core::value tab_list = core::value::array();
    for (const auto& [t, label] : tabs)
        tab_list.push(core::value::object()
                          .set("code", due::code_of(t))
                          .set("label", label)
                          .set("count", counts.of(t))
                          .set("current", f.of == t));
    core::value rows = core::value::array();
    bool pickable = false;
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n) {
        rows.push(row_of(all[n], f.of));
        pickable = pickable || rows.as_list()->back().flag("pickable");
    }
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("tabs", std::move(tab_list))
        .set("hint", hint_of(f.of))
        .set("empty", all.empty())
        .set("rows", std::move(rows))
        .set("pickable", pickable)
        .set("more", more);
    const int waiting = counts.soon + counts.overdue - counts.booked;
    model.set("waiting", waiting).set("has_waiting", waiting > 0);
    model.set("next_href", more ? "/due?tab=" + std::string(due::code_of(f.of)) +
                                      "&after=" + key_text(due::key_of(all[page_size - 1]))
                                : "");
    return render(r, view, s, "company/due", "到期器具", "检定查询 / 到期器具", std::move(model));
}

response due_plan(const request& r, read_view& view, services& s) {
    return plan_page(r, view, s, nullptr);
}

result<response> book_due(const request& r, services& s) {
    const auto orders = chosen_orders(r);
    const due::contact person = {std::string(r.field("contact_name")), std::string(r.field("contact_phone")),
                                 std::string(r.field("note"))};
    const auto made = s.db->write([&](write_tx& tx) -> result<response> {
        if (auto again = find_done(r, tx)) return std::move(*again);
        if (orders.empty()) return core::error(core::errc::invalid, "order.none");
        const auto all = due::book_planned(tx, r.actor, orders, person);
        const bool any = std::any_of(all.begin(), all.end(), [](const auto& b) { return b.id != 0; });
        if (!any) return *all.front().refused;
        tx.after_commit([&s] { s.hub->poke(); });
        response go = where_next(all);
        keep_done(tx, r, go);
        return go;
    });
    if (made) return made;
    const auto wrong = made.error();
    return s.db->read([&](read_view& view) { return plan_page(r, view, s, &wrong); });
}

} // namespace wechat::company
