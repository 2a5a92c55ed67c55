// 完检与证书: orders in verification, entering results with certificate numbers and validity (M37, M38).
#include "core/appointment/queries.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/server/guard.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <algorithm>

namespace wechat::staff {
namespace {

namespace appointment = core::appointment;

std::string typed(const request& r, std::string_view field, std::int64_t line, const std::string& fallback) {
    const std::string name = std::string(field) + "_" + std::to_string(line);
    return r.form.find(name) ? std::string(r.field(name)) : fallback;
}

response page(const request& r, read_view& view, services& s, const core::error* wrong) {
    const auto found = appointment::get_order(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& o = *found;
    const auto is_wrong = [&](std::string_view field, std::int64_t line) {
        const std::string name = std::string(field) + "_" + std::to_string(line);
        if (wrong == nullptr) return false;
        if (wrong->field == name) return true;
        for (const auto& e : wrong->also)
            if (e.field == name) return true;
        return false;
    };
    core::value lines = core::value::array();
    for (const auto& l : o.lines) {
        if (l.status == appointment::line_status::returned || l.status == appointment::line_status::dropped)
            continue;
        const std::string today = core::to_text(view.today());
        const std::string verified =
            typed(r, "verified_on", l.id, l.verified_on ? core::to_text(*l.verified_on) : today);
        const auto day = core::parse_date(verified);
        const std::string proposed =
            l.period_months && day
                ? core::to_text(appointment::propose_valid_until(
                      *day, *l.period_months, appointment::is_less_one_day(view, o.institution_id)))
                : "";
        const std::string chosen =
            typed(r, "result", l.id,
                  appointment::has_result(l.status) ? std::string(appointment::code_of(l.status)) : "passed");
        core::value choices = core::value::array();
        for (const auto& c : core::results)
            choices.push(core::value::object()
                             .set("code", c.code)
                             .set("text", c.text)
                             .set("selected", c.code == chosen));
        core::value v = core::value::object();
        v.set("id", std::to_string(l.id))
            .set("name", l.name)
            .set("model", l.model)
            .set("serial_no", l.serial_no)
            .set("months", l.period_months.value_or(0))
            .set("choices", std::move(choices));
        v.set("certificate_no", typed(r, "certificate_no", l.id, l.certificate_no))
            .set("verified_on", verified)
            .set("valid_until",
                 typed(r, "valid_until", l.id, l.valid_until ? core::to_text(*l.valid_until) : proposed));
        v.set("failed_items", typed(r, "failed_items", l.id, l.failed_items))
            .set("wrong_certificate", is_wrong("certificate_no", l.id))
            .set("wrong_until", is_wrong("valid_until", l.id))
            .set("wrong_items", is_wrong("failed_items", l.id))
            .set("wrong_on", is_wrong("verified_on", l.id));
        lines.push(std::move(v));
    }
    const auto tag = appointment::order_tag(o.status);
    const std::string heading = o.status == appointment::order_status::completed ? "更正结果" : "录入结果";
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    model.set("id", std::to_string(o.id))
        .set("number", core::show_order_number(o.number))
        .set("company", o.applicant_name)
        .set("tag", tag.tag)
        .set("status", tag.text)
        .set("lines", std::move(lines));
    model.set("verifier", r.form.find("verifier") ? std::string(r.field("verifier")) : r.actor.name)
        .set("checker", r.field("checker"))
        .set("heading", heading)
        .set("open", appointment::may(r.actor, o, "record"))
        .set("once", core::random_hex(12));
    return render(r, view, s, "staff/result_form", (wrong == nullptr ? "" : "错误：") + heading,
                  "完检与证书 / 录入结果", std::move(model), wrong == nullptr ? 200 : status_of(wrong->code));
}

} // namespace

response results(const request& r, read_view& view, services& s) {
    appointment::order_filter f;
    f.status = "received";
    core::value rows = core::value::array();
    for (const auto& w : appointment::list_work(view, r.actor, f, {}, 100))
        rows.push(core::value::object()
                      .set("id", std::to_string(w.what.id))
                      .set("number", core::show_order_number(w.what.number))
                      .set("company", w.what.applicant_name)
                      .set("items", w.items)
                      .set("pieces", w.what.pieces)
                      .set("since", waited(w.what.status_at, view.now())));
    core::value model = core::value::object();
    model.set("empty", rows.as_list()->empty()).set("rows", std::move(rows));
    return render(r, view, s, "staff/results", "完检与证书", "完检与证书", std::move(model));
}

response result_form(const request& r, read_view& view, services& s) {
    return page(r, view, s, nullptr);
}

result<response> record_results(const request& r, services& s) {
    const auto id = r.id(0);
    const auto done = s.db->write([&](write_tx& tx) -> result<response> {
        if (auto again = find_done(r, tx)) return std::move(*again);
        const auto o = appointment::get_order(tx, r.actor, id);
        if (!o) return o.error();
        std::vector<appointment::line_result> given;
        for (const auto& l : o->lines) {
            const auto field = [&](std::string_view name) {
                return core::tidy_line(r.field(std::string(name) + "_" + std::to_string(l.id)));
            };
            appointment::line_result one;
            one.line_id = l.id;
            one.result = field("result");
            if (one.result.empty()) continue;
            one.certificate_no = field("certificate_no");
            one.verified_on = core::parse_date(field("verified_on"));
            one.valid_until = core::parse_date(field("valid_until"));
            one.failed_items = core::cut_characters(field("failed_items"), 200);
            one.verifier = core::cut_characters(core::tidy_line(r.field("verifier")), 30);
            one.checker = core::cut_characters(core::tidy_line(r.field("checker")), 30);
            given.push_back(std::move(one));
        }
        if (auto recorded = appointment::record_results(tx, r.actor, id, given); !recorded)
            return recorded.error();
        tx.after_commit([&s] { s.hub->poke(); });
        const auto after = appointment::get_order(tx, r.actor, id);
        const bool open = std::any_of(after->lines.begin(), after->lines.end(),
                                      [](const auto& l) { return appointment::is_open(l.status); });
        if (!open && after->status != appointment::order_status::completed)
            if (auto completed = appointment::complete_order(tx, r.actor, id); !completed)
                return completed.error(); // A8
        response go = see_other(open ? "/staff/results/" + std::to_string(id) + "?done=recorded"
                                     : "/staff/orders/" + std::to_string(id) + "?done=completed");
        keep_done(tx, r, go);
        return go;
    });
    if (done) return done;
    const auto wrong = done.error();
    if (wrong.code != core::errc::invalid) return wrong;
    return s.db->read([&](read_view& view) { return page(r, view, s, &wrong); });
}

} // namespace wechat::staff
