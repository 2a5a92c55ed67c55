#include "core/appointment/appointment_facts.hpp"

#include "core/appointment/appointment_store.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>

namespace core::appointment {

std::string order::time_words(date today) const {
    return date_words(day, today) + range_text(starts, ends);
}

status_tag order_tag(std::string_view s, std::string_view method) {
    if (s == "pending") return {"info", "待确认"};
    if (s == "confirmed") return {"ok", "已确认"};
    if (s == "rejected") return {"bad", "被拒绝"};
    if (s == "received") return {"move", "检定中"};
    if (s == "completed") return {"ok", "已完检"};
    if (s == "order_returned") return {"bad", "退单"};
    if (s == "cancelled") return {"mute", "已取消"};
    if (s == "expired") return {"mute", "已过期"};
    return {"mute", method};
}

std::string_view next_step(std::string_view s) {
    if (s == "pending") return "技术机构确认后会通知您，请留意消息。";
    if (s == "confirmed") return "请携带器具和预约凭证按时到一楼收检大厅。";
    if (s == "rejected") return "请按原因调整后重新选择时间预约。";
    if (s == "received") return "器具已收检，完检后会通知您。";
    if (s == "completed") return "可查看结论和证书号，并按约定取回器具。";
    if (s == "order_returned") return "器具备案已撤销，请到“被退回”修改后重新提交。";
    if (s == "cancelled") return "名额已释放，需要时请重新预约。";
    return "预约时间已过，需要时请重新预约。";
}

status_tag line_tag(std::string_view s) {
    if (s == "booked") return {"info", "已预约"};
    if (s == "checked_in") return {"move", "检定中"};
    if (s == "passed") return {"ok", "合格"};
    if (s == "failed") return {"bad", "不合格"};
    if (s == "not_tested") return {"mute", "未检"};
    if (s == "returned") return {"bad", "退回"};
    return {"mute", "已取消"};
}

std::string summarise(std::span<const line> lines) {
    std::vector<std::pair<std::string, int>> kinds;
    for (const auto& l : lines) {
        const auto same =
            std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == l.name; });
        if (same == kinds.end())
            kinds.emplace_back(l.name, 1);
        else
            ++same->second;
    }
    std::stable_sort(kinds.begin(), kinds.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < kinds.size() && i < 2; ++i)
        text += (i == 0 ? "" : "、") + kinds[i].first + " " + std::to_string(kinds[i].second);
    if (kinds.size() > 2) text += " 等 " + std::to_string(kinds.size()) + " 种";
    return text;
}

value facts_of(db::read_view& view, const order& o) {
    int passed = 0;
    int failed = 0;
    int not_tested = 0;
    int returned = 0;
    value certificates = value::array();
    for (const auto& l : o.lines) {
        passed += l.status == "passed";
        failed += l.status == "failed";
        not_tested += l.status == "not_tested";
        returned += l.status == "returned";
        if (!l.certificate_no.empty())
            certificates.push(value::object()
                                  .set("name", l.name)
                                  .set("no", l.certificate_no)
                                  .set("result", line_tag(l.status).text));
    }
    std::string outcome = "合格 " + std::to_string(passed) + " 台件";
    if (failed > 0) outcome += "，不合格 " + std::to_string(failed) + " 台件";
    if (not_tested > 0) outcome += "，未检 " + std::to_string(not_tested) + " 台件";
    value f = value::object();
    f.set("number", o.number)
        .set("number_shown", show_order_number(o.number))
        .set("order_id", std::to_string(o.id));
    f.set("applicant", o.applicant_name)
        .set("institution", o.institution_name)
        .set("address", o.institution_address);
    f.set("phone", o.institution_phone)
        .set("status", order_tag(o.status).text)
        .set("method", text_of(methods, o.method));
    f.set("date", to_text(o.day)).set("from", to_minute_text(o.starts)).set("to", to_minute_text(o.ends));
    f.set("time_words", o.time_words(view.today())).set("pieces", o.pieces).set("items", summarise(o.lines));
    f.set("reason", o.reason).set("returned", returned).set("outcome", outcome);
    f.set("suggested", o.suggested_day ? date_words(*o.suggested_day, view.today()) : "");
    f.set("today", to_text(view.today()));
    return f.set("certificates", std::move(certificates));
}

void tell(db::write_tx& tx, const actor& who, std::int64_t id, const transition<std::string_view>& row,
          std::string_view reason) {
    const auto now = store::find(tx, id);
    value before = value::object();
    value after = value::object();
    if (!row.from.empty()) before.set("status", row.from);
    after.set("status", row.to).set("time", now->time_words(tx.today()));
    audit::append(tx, who,
                  {.verb = row.verb,
                   .subject_kind = "order",
                   .subject_id = id,
                   .before = before,
                   .after = after,
                   .note = std::string(reason),
                   .applicant_id = now->applicant_id,
                   .institution_id = now->institution_id});
    if (row.event.empty()) return;
    outbox::append(tx, {.kind = row.event,
                        .subject_kind = "order",
                        .subject_id = id,
                        .applicant_id = now->applicant_id,
                        .institution_id = now->institution_id,
                        .facts = facts_of(tx, *now)});
}

} // namespace core::appointment
