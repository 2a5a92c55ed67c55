// 预约单: lists by state, one order with voucher, QR and results, cancelling (M29, M32, M37).
#include "core/appointment/queries.hpp"

#include "core/base/ids.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/server/qr.hpp"

#include <array>

namespace wechat::company {
namespace {

namespace appointment = core::appointment;
using appointment::order_status;
constexpr int page_size = 20;
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> tabs = {{{"", "全部"},
                                                                                {"pending", "待确认"},
                                                                                {"confirmed", "已确认"},
                                                                                {"received", "检定中"},
                                                                                {"completed", "已完检"},
                                                                                {"rejected", "被拒绝"},
                                                                                {"order_returned", "退单"},
                                                                                {"cancelled", "已取消"}}};

int number_for(const appointment::status_counts& c, std::string_view status) {
    const auto known = appointment::parse_order_status(status);
    return known ? c.of(*known) : c.total();
}

core::value line_of(const appointment::line& l) {
    const auto tag = appointment::line_tag(l.status);
    core::value v = core::value::object();
    v.set("name", l.name)
        .set("model", l.model)
        .set("serial_no", l.serial_no)
        .set("tag", tag.tag)
        .set("status", tag.text);
    v.set("certificate_shown", !l.certificate_no.empty())
        .set("certificate_kind", l.status == appointment::line_status::failed ? "检定结果通知书" : "检定证书")
        .set("certificate_no", l.certificate_no);
    v.set("verified_on", l.verified_on ? core::to_text(*l.verified_on) : "")
        .set("valid_shown", l.valid_until.has_value())
        .set("valid_until", l.valid_until ? core::to_text(*l.valid_until) : "");
    const std::string reason = !l.reason.empty() ? l.reason : l.failed_items;
    return v.set("reason_shown", !reason.empty()).set("reason", reason);
}

} // namespace

response orders(const request& r, read_view& view, services& s) {
    appointment::order_filter f;
    f.status = std::string(r.query.get("status"));
    const auto all = appointment::list_orders(view, r.actor, f, to_id(r.query.get("after")), page_size + 1);
    const auto counts = appointment::count_by_status(view, r.actor);
    core::value tab_list = core::value::array();
    for (const auto& [code, label] : tabs)
        tab_list.push(core::value::object()
                          .set("code", code)
                          .set("label", label)
                          .set("count", number_for(counts, code))
                          .set("current", f.status == code));
    core::value cards = core::value::array();
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n)
        cards.push(card_of(all[n], view.today()));
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("tabs", std::move(tab_list))
        .set("empty", all.empty())
        .set("orders", std::move(cards))
        .set("more", more);
    model.set("next_href",
              more ? "/orders?status=" + f.status + "&after=" + std::to_string(all[page_size - 1].id) : "");
    return render(r, view, s, "company/orders", "检定查询", "预约管理 / 预约单", std::move(model));
}

response show_order(const request& r, read_view& view, services& s) {
    const auto found = appointment::get_order(view, r.actor, r.id(0));
    if (!found) return refuse(r, s, found.error());
    const auto& o = *found;
    core::value model = card_of(o, view.today());
    core::value lines = core::value::array();
    std::string again;
    for (const auto& l : o.lines) {
        lines.push(line_of(l));
        again += (again.empty() ? "/book/time?i=" : "&i=") + std::to_string(l.instrument_id);
    }
    model.set("lines", std::move(lines))
        .set("qr_shown", o.status == order_status::confirmed || o.status == order_status::pending)
        .set("address", o.institution_address);
    model.set("phone", o.institution_phone)
        .set("method", core::text_of(core::methods, o.method))
        .set("contact_name", o.contact_name)
        .set("contact_phone", o.contact_phone);
    model.set("bring", o.bring_note)
        .set("may_cancel", appointment::may(r.actor, o, "cancel"))
        .set("may_rebook", o.status == order_status::rejected || o.status == order_status::cancelled ||
                               o.status == order_status::expired)
        .set("rebook", again);
    model.set("has_suggestion", o.suggested_day.has_value())
        .set("suggestion", o.suggested_words(view.today()));
    return render(r, view, s, "company/order", "预约单 " + core::show_order_number(o.number),
                  "预约管理 / 预约单", std::move(model));
}

response order_qr(const request& r, read_view& view, services& s) {
    const auto found = appointment::get_order(view, r.actor, r.id(0));
    if (!found) return refuse(r, s, found.error());
    response out;
    out.content_type = "image/svg+xml";
    out.body = qr_svg(s.wechat->public_url + "/query?number=" + found->number);
    return out;
}

result<response> cancel_order(const request& r, write_tx& tx, services& s) {
    if (auto done = appointment::cancel_order(tx, r.actor, r.id(0), r.field("reason")); !done)
        return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/orders/" + std::to_string(r.id(0)) + "?done=cancelled");
}

} // namespace wechat::company
