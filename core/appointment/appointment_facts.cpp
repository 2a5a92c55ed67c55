#include "core/appointment/appointment_facts.hpp"

#include "core/appointment/appointment_store.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>

namespace core::appointment {
namespace {

struct named_state {
    order_status status;
    std::string_view code;
    status_tag tag;
};
constexpr std::array<named_state, 9> names = {{
    {order_status::none, "", {"mute", ""}},
    {order_status::pending, "pending", {"info", "待确认"}},
    {order_status::confirmed, "confirmed", {"ok", "已确认"}},
    {order_status::rejected, "rejected", {"bad", "被拒绝"}},
    {order_status::received, "received", {"move", "检定中"}},
    {order_status::completed, "completed", {"ok", "已完检"}},
    {order_status::order_returned, "order_returned", {"bad", "退单"}},
    {order_status::cancelled, "cancelled", {"mute", "已取消"}},
    {order_status::expired, "expired", {"mute", "已过期"}},
}};

const named_state& named(order_status s) {
    return *std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.status == s; });
}

struct tally {
    int passed = 0, failed = 0, not_tested = 0, returned = 0, kept = 0, absent = 0;
};

tally tally_of(const order& o) {
    tally t;
    for (const auto& l : o.lines) {
        t.passed += l.status == line_status::passed;
        t.failed += l.status == line_status::failed;
        t.not_tested += l.status == line_status::not_tested;
        t.returned += l.status == line_status::returned;
        const bool absent = l.status == line_status::not_tested && l.result_version == 0;
        t.absent += absent;
        t.kept += l.status != line_status::returned && !absent;
    }
    return t;
}

std::string time_code(const order& o) {
    return to_text(o.day) + " " + to_minute_text(o.starts);
}

// 合格 5 台件，不合格 1 台件
std::string outcome_words(const tally& t) {
    std::string all;
    const auto say = [&](std::string_view what, int n) {
        if (n > 0) all += (all.empty() ? "" : "，") + std::string(what) + " " + std::to_string(n) + " 台件";
    };
    say("合格", t.passed);
    say("不合格", t.failed);
    say("未检", t.not_tested);
    return all;
}

value certificates_of(const order& o) {
    value all = value::array();
    for (const auto& l : o.lines)
        if (!l.certificate_no.empty() && has_result(l.status))
            all.push(value::object()
                         .set("name", l.name)
                         .set("serial_no", l.serial_no)
                         .set("no", l.certificate_no)
                         .set("result", line_tag(l.status).text)
                         .set("valid_until", l.valid_until ? to_text(*l.valid_until) : ""));
    return all;
}

} // namespace

std::string order::time_words(date today) const {
    return date_words(day, today) + range_text(starts, ends);
}

std::string order::suggested_words(date today) const {
    if (!suggested_day || !suggested_starts) return {};
    return date_words(*suggested_day, today) +
           range_text(*suggested_starts, suggested_ends.value_or(*suggested_starts));
}

std::string_view code_of(order_status s) {
    return named(s).code;
}

std::optional<order_status> parse_order_status(std::string_view code) {
    for (const auto& n : names)
        if (n.code == code && n.status != order_status::none) return n.status;
    return std::nullopt;
}

status_tag order_tag(order_status s) {
    return named(s).tag;
}

std::string_view next_step(order_status s, std::string_view method) {
    const bool visit = method == "onsite";
    switch (s) {
    case order_status::pending:
        return "技术机构确认后会通知您，请留意消息。";
    case order_status::confirmed:
        return visit ? "请在约定时间安排人员陪同，检定人员将到现场检定。"
                     : "请携带器具和预约凭证按时到收检大厅。";
    case order_status::rejected:
        return "请按原因调整后重新选择时间预约。";
    case order_status::received:
        return visit ? "正在检定，完检后会通知您。" : "器具已收检，完检后会通知您。";
    case order_status::completed:
        return visit ? "可查看结论和证书号。" : "可查看结论和证书号，并按约定取回器具。";
    case order_status::order_returned:
        return "器具备案已撤销，请到“被退回”修改后重新提交。";
    case order_status::cancelled:
        return "名额已释放，需要时请重新预约。";
    case order_status::expired:
        return "预约时间已过，需要时请重新预约。";
    case order_status::none:
        break;
    }
    return {};
}

value facts_of(db::read_view& view, const order& o) {
    const date today = view.today();
    const tally t = tally_of(o);
    value f = value::object();
    f.set("number", o.number).set("number_shown", show_order_number(o.number));
    f.set("order_id", std::to_string(o.id)).set("status", order_tag(o.status).text);
    f.set("method", text_of(methods, o.method)).set("next_step", next_step(o.status, o.method));
    f.set("applicant", o.applicant_name).set("institution", o.institution_name);
    f.set("address", o.institution_address).set("phone", o.institution_phone);
    f.set("hours", o.institution_hours).set("bring", o.bring_note);
    f.set("date", to_text(o.day)).set("from", to_minute_text(o.starts)).set("to", to_minute_text(o.ends));
    f.set("time_words", o.time_words(today)).set("today", to_text(today));
    f.set("pieces", o.pieces).set("items", summarise(o.lines)).set("reason", o.reason);
    f.set("suggested", o.suggested_words(today));
    f.set("suggested_date", o.suggested_day ? to_text(*o.suggested_day) : "");
    f.set("suggested_from", o.suggested_starts ? to_minute_text(*o.suggested_starts) : "");
    f.set("finish_date", o.finish_on ? to_text(*o.finish_on) : "").set("absent", t.absent);
    f.set("received", t.kept).set("returned", t.returned).set("outcome", outcome_words(t));
    f.set("passed", t.passed).set("failed", t.failed).set("not_tested", t.not_tested);
    return f.set("certificates", certificates_of(o));
}

void tell(db::write_tx& tx, const actor& who, std::int64_t id, const transition<order_status>& row,
          std::string_view reason, also_told also) {
    const auto now = store::find(tx, id).value();
    audit::entry e{.verb = row.verb,
                   .subject_kind = "order",
                   .subject_id = id,
                   .note = std::string(reason),
                   .applicant_id = now.applicant_id,
                   .institution_id = now.institution_id};
    if (row.from != order_status::none) e.before.set("status", code_of(row.from));
    e.after.set("status", code_of(row.to)).set("time", time_code(now));
    if (also.time_before != nullptr) e.before.set("time", time_code(*also.time_before));
    if (now.overbooked) e.after.set("overbooked", true);
    if (row.from == order_status::none) { // A1: what was booked
        value brought = value::array();
        for (const auto& l : now.lines)
            brought.push(std::to_string(l.instrument_id));
        e.after.set("pieces", now.pieces).set("instruments", std::move(brought));
    }
    if (!also.lines.is_null()) e.after.set("lines", std::move(also.lines));
    audit::append(tx, who, e);
    if (row.event.empty()) return;
    value facts = facts_of(tx, now);
    if (const auto* was = also.time_before)
        facts.set("date_before", to_text(was->day))
            .set("from_before", to_minute_text(was->starts))
            .set("to_before", to_minute_text(was->ends));
    outbox::append(tx, {.kind = row.event,
                        .subject_kind = "order",
                        .subject_id = id,
                        .applicant_id = now.applicant_id,
                        .institution_id = now.institution_id,
                        .facts = std::move(facts)});
}

} // namespace core::appointment
