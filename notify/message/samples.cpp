#include "notify/message/samples.hpp"

#include "core/journal/outbox.hpp"

namespace notify {
namespace {

using core::value;

value filing_sample() {
    value f = value::object();
    f.set("instrument", "压力表").set("serial_no", "A20-1001").set("institution", "示例市计量检定测试所");
    f.set("reason", "型号规格与铭牌不符，请核对后重新提交").set("instrument_id", "1001");
    return f.set("applicant", "示例制造有限公司")
        .set("date", "2026-11-24")
        .set("pieces", 1)
        .set("single", true);
}

value certificate_sample() {
    value one = value::object();
    one.set("name", "压力表").set("serial_no", "A20-1001").set("no", "LX20261125-0031");
    return one.set("result", "合格").set("valid_until", "2027-05-24");
}

value order_sample() {
    value f = value::object();
    f.set("number", "261148273058").set("number_shown", "2611 4827 3058").set("order_id", "2001");
    f.set("status", "已确认").set("method", "送检").set("next_step", "请携带器具按时到收检大厅。");
    f.set("applicant", "示例制造有限公司").set("institution", "示例市计量检定测试所");
    f.set("address", "示例市示例区示例路 8 号一楼收检大厅").set("phone", "0757-00000000");
    f.set("hours", "工作日 08:30–12:00").set("bring", "器具和预约凭证");
    f.set("date", "2026-11-25").set("from", "10:00").set("to", "11:30");
    f.set("time_words", "11月25日（周三）10:00–11:30").set("today", "2026-11-24");
    f.set("pieces", 6)
        .set("items", "压力表 5 台件，糖量计 1 台件")
        .set("reason", "该时段已约满，请改约其他时段");
    f.set("suggested", "11月26日（周四）10:00–11:30").set("suggested_date", "2026-11-26");
    f.set("suggested_from", "10:00");
    f.set("finish_date", "2026-12-04").set("absent", 0);
    f.set("received", 5).set("returned", 1).set("outcome", "合格 5 台件");
    f.set("passed", 5).set("failed", 0).set("not_tested", 0);
    value certificates = value::array();
    certificates.push(certificate_sample());
    return f.set("certificates", std::move(certificates));
}

value applicant_sample() {
    value f = value::object();
    f.set("applicant", "示例制造有限公司").set("uscc", "91440606MA5EXAM65G").set("applicant_id", "3001");
    f.set("status", "未通过");
    return f.set("reason", "授权书未盖章，请盖章后重新上传").set("at", "2026-11-24 10:00:00");
}

value due_sample() {
    value f = value::object();
    f.set("applicant", "示例制造有限公司").set("items", "压力表 5 台件，糖量计 1 台件").set("pieces", 6);
    return f.set("due", "2026-12-24").set("days", 30);
}

value work_sample() {
    value f = value::object();
    f.set("institution", "示例市计量检定测试所")
        .set("date", "2026-11-24")
        .set("filings", 12)
        .set("orders", 8);
    return f.set("today", 6).set("received", 4).set("late", 1);
}

value tomorrow_sample() {
    value f = value::object();
    f.set("institution", "示例市计量检定测试所").set("date", "2026-11-25").set("orders", 8);
    return f.set("pieces", 46).set("first", "08:30");
}

value region_sample() {
    value f = value::object();
    f.set("region", "广东省 / 佛山市").set("date", "2026-11-23").set("total", 52000).set("filed", 47000);
    return f.set("in_review", 800).set("unfiled", 4200);
}

value binding_sample() {
    value f = value::object();
    f.set("applicant", "示例制造有限公司").set("person", "陈志明").set("by", "林晓敏");
    return f.set("at", "2026-11-24 10:00:00");
}

value announcement_sample() {
    value f = value::object();
    f.set("announcement_id", "4001").set("title", "春节期间收检安排");
    return f.set("summary", "2 月 15 日至 23 日暂停收检…").set("at", "2026-11-24 10:00:00");
}

} // namespace

value sample_facts(std::string_view kind) {
    if (core::outbox::find_kind(kind) == nullptr) return {};
    if (kind.starts_with("filing_request_")) return filing_sample().set("request", "变更备案信息");
    if (kind.starts_with("filing_")) return filing_sample();
    if (kind == "order_visit_announced" || kind == "order_visit_called_off")
        return order_sample().set("window", "上午").set("window_words", "11月25日（周三）上午");
    if (kind == "order_moved")
        return order_sample()
            .set("date_before", "2026-11-24")
            .set("from_before", "10:00")
            .set("to_before", "11:30");
    if (kind.starts_with("order_")) return order_sample();
    if (kind.starts_with("applicant_")) return applicant_sample();
    if (kind == "certificates_due") return due_sample();
    if (kind == "staff_summary") return work_sample();
    if (kind == "staff_tomorrow") return tomorrow_sample();
    if (kind.starts_with("announcement")) return announcement_sample();
    if (kind == "region_summary") return region_sample();
    return binding_sample();
}

value sparse_facts(std::string_view kind) {
    value f = sample_facts(kind);
    if (f.is_null()) return f;
    for (const auto* name :
         {"reason", "suggested", "suggested_date", "suggested_from", "next_step", "address", "phone", "hours",
          "bring", "outcome", "serial_no", "by", "person", "summary"})
        if (f.find(name) != nullptr) f.set(name, "");
    // Told at the desk, and not before.
    if (f.find("finish_date") != nullptr && kind != "order_received") f.set("finish_date", "");
    if (f.find("certificates") != nullptr) f.set("certificates", value::array());
    return f;
}

} // namespace notify
