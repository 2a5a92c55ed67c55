// Reception and results: lines, receipts, versions, certificates, and what the instrument shows.
#include "core/appointment/appointment.hpp"
#include "core/appointment/certificate.hpp"
#include "core/appointment/rule.hpp"
#include "core/base/json.hpp"
#include "core/instrument/listing.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace core;
using appointment::line_result;
using appointment::line_status;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

std::string last_facts(order_world& w, std::string_view name) {
    return w.read([&](read_view& v) {
        const auto text = v.query_one([](db::row r) { return r.text(0); },
                                      "SELECT facts FROM outbox ORDER BY id DESC LIMIT 1");
        const auto facts = parse_json(text.value()).value();
        const auto* member = facts.find(name);
        if (member != nullptr && member->as_number() != nullptr) return std::to_string(*member->as_number());
        return facts.text(name);
    });
}

instrument::instrument instrument_of(order_world& w, std::int64_t line, std::int64_t order) {
    const auto o = w.order(order);
    const auto l = std::find_if(o.lines.begin(), o.lines.end(), [&](const auto& x) { return x.id == line; });
    return w.read([&](read_view& v) { return instrument::get(v, w.company, l->instrument_id).value(); });
}

std::vector<std::int64_t> lines_of(order_world& w, std::int64_t id) {
    std::vector<std::int64_t> all;
    for (const auto& l : w.order(id).lines)
        all.push_back(l.id);
    return all;
}

line_result passed(std::int64_t line, std::string no, date day) {
    line_result r;
    r.line_id = line;
    r.result = "passed";
    r.certificate_no = std::move(no);
    r.verified_on = day;
    r.verifier = "叶建华";
    r.checker = "林晓敏";
    r.approver = "罗晓燕";
    return r;
}
line_result failed(std::int64_t line, std::string no, date day) {
    line_result r = passed(line, std::move(no), day);
    r.result = "failed";
    r.failed_items = "示值误差超出最大允许误差";
    return r;
}
line_result untested(std::int64_t line, std::string why) {
    line_result r;
    r.line_id = line;
    r.result = "not_tested";
    r.failed_items = std::move(why);
    return r;
}

struct lab : order_world {
    date today = local_date(time.now());
    std::int64_t received(int n) { return in_state(order_status::received, n); }
    std::int64_t received_again(std::int64_t instrument) {
        const auto id = book(company, {instrument}, wednesday);
        do_now([&](write_tx& tx) { return appointment::confirm_order(tx, scheduler, id); });
        do_now([&](write_tx& tx) { return appointment::receive_order(tx, desk, id); });
        return id;
    }
    std::string record(std::int64_t id, const std::vector<line_result>& r) {
        return refusal([&](write_tx& tx) { return appointment::record_results(tx, verifier, id, r); });
    }
};

} // namespace

TEST_CASE("M33, M34, M35 lines at the desk: agreed, returned with a reason, not brought") {
    lab w;
    const auto id = w.in_state(order_status::confirmed, 4);
    const auto l = lines_of(w, id);
    appointment::reception r;
    r.problems = {{l[0], "实物为 A-12", "serial_no"}, {l[1], "表盘破裂", ""}};
    r.absent = {{l[2], "停产未拆"}};
    r.counted = 1;
    w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, id, r); });
    const auto o = w.order(id);
    CHECK(o.status == order_status::received);
    CHECK(o.lines[0].status == line_status::returned);
    CHECK(o.lines[0].reason == "出厂编号与备案不符：实物为 A-12");
    CHECK(o.lines[0].reason_code == "serial_no");
    CHECK(o.lines[1].reason == "表盘破裂");
    CHECK(o.lines[2].status == line_status::not_tested);
    CHECK(o.lines[3].status == line_status::checked_in);
    CHECK(o.counted == 1);
    CHECK(o.finish_on == *parse_date("2026-12-03")); // seven working days
    CHECK(last_facts(w, "returned") == "2");
    CHECK(last_facts(w, "absent") == "1");
    CHECK(last_facts(w, "received") == "1");
    CHECK(last_facts(w, "finish_date") == "2026-12-03");
    const auto returned = instrument_of(w, l[0], id);
    CHECK(returned.filing_status == "returned"); // F8
    CHECK(returned.return_reason == "出厂编号与备案不符：实物为 A-12");
    CHECK(instrument_of(w, l[2], id).filing_status == "filed");
    CHECK(instrument_of(w, l[2], id).line_status == ""); // free to be booked again
    CHECK(instrument_of(w, l[3], id).line_status == "checked_in");
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("M35 reception refuses what makes no sense, all at once, and changes nothing") {
    lab w;
    const auto id = w.in_state(order_status::confirmed, 3);
    const auto l = lines_of(w, id);
    struct wrong {
        appointment::reception r;
        std::string_view why;
    };
    std::vector<wrong> cases;
    cases.push_back({{.problems = {{l[0], "", ""}}}, "order.reason"});
    cases.push_back({{.problems = {{l[0], "", "other"}}}, "order.reason"});
    cases.push_back({{.problems = {{l[0], "x", "no_such_code"}}}, "order.reason_code"});
    cases.push_back({{.problems = {{l[0], std::string(303, 'x'), ""}}}, "order.reason"});
    cases.push_back({{.problems = {{l[0], "x", ""}, {l[0], "y", ""}}}, "order.line"});
    cases.push_back({{.problems = {{l[0], "x", ""}}, .absent = {{l[0], "y"}}}, "order.line"});
    cases.push_back({{.problems = {{999, "x", ""}}}, "order.line"});
    cases.push_back({{.absent = {{l[0], ""}}}, "order.reason"});
    cases.push_back({{.absent = {{l[0], "a"}, {l[1], "a"}, {l[2], "a"}}}, "order.nothing_received"});
    cases.push_back(
        {{.problems = {{l[0], "x", ""}}, .absent = {{l[1], "a"}, {l[2], "a"}}}, "order.nothing_received"});
    cases.push_back({{.counted = 2}, "order.counted"});
    cases.push_back({{.finish_on = add_days(w.today, -1)}, "order.finish_on"});
    cases.push_back({{.finish_on = add_days(w.today, 367)}, "order.finish_on"});
    const auto before = tests::content_of(w);
    for (const auto& c : cases)
        CHECK(w.refusal([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, id, c.r); }) ==
              c.why);
    CHECK(tests::content_of(w) == before);
}

TEST_CASE("A14 a wrong receive is undone the same day, absent lines with it, returned ones stay") {
    lab w;
    const auto id = w.in_state(order_status::confirmed, 3);
    const auto l = lines_of(w, id);
    w.do_now([&](write_tx& tx) {
        return appointment::receive_order(tx, w.desk, id,
                                          {.problems = {{l[0], "", "plate"}}, .absent = {{l[1], "未带来"}}});
    });
    const auto undo = [&] {
        return w.refusal(
            [&](write_tx& tx) { return appointment::unreceive_order(tx, w.desk, id, "点错了"); });
    };
    w.time.advance(std::chrono::hours(24));
    CHECK(undo() == "order.unreceive_late");
    w.time.advance(std::chrono::hours(-24));
    CHECK(undo() == "");
    CHECK(w.order(id).lines[0].status == line_status::returned);
    CHECK(w.order(id).lines[1].status == line_status::booked);
    CHECK(w.order(id).lines[2].status == line_status::booked);
    CHECK(w.broken_invariant() == "");
    // Received again, this time with the first result: too late to undo.
    w.do_now([&](write_tx& tx) {
        return appointment::receive_order(tx, w.desk, id, {.absent = {{l[1], "未带来"}}});
    });
    const auto again = w.order(id).lines[1].instrument_id;
    w.book(w.company, {again}, add_days(w.wednesday, 1));
    CHECK(undo() == "order.rebooked");
    CHECK(w.record(id, {passed(l[2], "JD-1", w.today)}) == "");
    CHECK(undo() == "order.has_results");
}

TEST_CASE("M37, M38 results: what the instrument shows, and the notice with certificate numbers") {
    lab w;
    const auto id = w.received(3);
    const auto l = lines_of(w, id);
    CHECK(w.record(id, {passed(l[0], "JD-1", w.today), failed(l[1], "TZ-1", w.today)}) == "");
    CHECK(w.order(id).status == order_status::received); // completion is a step of its own
    CHECK(w.refusal([&](write_tx& tx) { return appointment::complete_order(tx, w.verifier, id); }) ==
          "order.unfinished");
    CHECK(w.record(id, {untested(l[2], "压力源故障")}) == "");
    w.do_now([&](write_tx& tx) { return appointment::complete_order(tx, w.verifier, id); });
    CHECK(last_facts(w, "outcome") == "合格 1 台件，不合格 1 台件，未检 1 台件");
    const auto good = instrument_of(w, l[0], id);
    CHECK(good.certificate_no == "JD-1");
    CHECK(good.verified_on == w.today);
    CHECK(good.valid_until == *parse_date("2027-05-23")); // six months less one day
    CHECK_FALSE(good.barred);
    const auto bad = instrument_of(w, l[1], id);
    CHECK(bad.barred); // 计量法 art. 9
    CHECK_FALSE(bad.valid_until.has_value());
    CHECK(bad.filing_status == "filed");
    CHECK(bad.certificate_no == "TZ-1");
    CHECK(instrument_of(w, l[2], id).certificate_no == "");
    CHECK(w.broken_invariant() == "");
    // Repaired and verified again: the bar is lifted.
    const auto second = w.book(w.company, {bad.id}, add_days(w.wednesday, 1));
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, second); });
    w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, second); });
    const auto m = lines_of(w, second);
    CHECK(w.record(second, {passed(m[0], "JD-2", w.today)}) == "");
    CHECK_FALSE(instrument_of(w, l[1], id).barred);
    // A correction of the old result is kept, and does not overwrite the newer verification.
    CHECK(w.record(id, {passed(l[1], "JD-3", w.today)}) == "");
    CHECK(w.record(id, {failed(l[1], "TZ-3", w.today)}) == "");
    CHECK(instrument_of(w, l[1], id).certificate_no == "JD-2");
    CHECK_FALSE(instrument_of(w, l[1], id).barred);
    // The newer one withdrawn: the instrument shows what the older order says now.
    CHECK(w.record(second, {untested(m[0], "录错了器具")}) == "");
    CHECK(instrument_of(w, l[1], id).certificate_no == "TZ-3");
    CHECK(instrument_of(w, l[1], id).barred);
}

TEST_CASE("corrections make new versions; the old ones stay and are listed") {
    lab w;
    const auto id = w.received(1);
    const auto line = lines_of(w, id)[0];
    CHECK(w.record(id, {failed(line, "TZ-1", w.today)}) == "");
    w.do_now([&](write_tx& tx) { return appointment::complete_order(tx, w.verifier, id); });
    CHECK(w.record(id, {passed(line, "JD-1", add_days(w.today, -1))}) == "");
    CHECK(w.order(id).status == order_status::completed);
    const auto all =
        w.read([&](read_view& v) { return appointment::list_results(v, w.company, id).value(); });
    REQUIRE(all.size() == 2);
    CHECK(all[0].version == 2);
    CHECK(all[0].certificate_kind == "certificate");
    CHECK(all[0].valid_until == *parse_date("2027-05-22"));
    CHECK(all[0].approver == "罗晓燕");
    CHECK(all[1].version == 1);
    CHECK(all[1].certificate_kind == "rejection_notice");
    CHECK(all[1].certificate_no == "TZ-1");
    CHECK_FALSE(all[1].valid_until.has_value());
    for (const auto& who : {w.other_company, w.abroad(role::verifier), order_world::visitor()})
        CHECK(w.read([&](read_view& v) { return appointment::list_results(v, who, id).error().code; }) ==
              errc::not_found);
    // The number given up by the correction is free again; one in use is not.
    const auto other = w.received(1);
    const auto second = lines_of(w, other)[0];
    CHECK(w.record(other, {passed(second, "JD-1", w.today)}) == "result.certificate_taken");
    CHECK(w.record(other, {passed(second, "TZ-1", w.today)}) == "");
}

TEST_CASE("M38 a first result corrected to 未检: the certificate that the company had typed is shown again") {
    lab w;
    const auto id = w.received(1);
    const auto line = lines_of(w, id)[0];
    const auto of = w.order(id).lines[0].instrument_id;
    const auto type = [&](std::string_view no, std::string_view until) {
        w.do_now([&](write_tx& tx) -> result<> { // as typed before it was filed
            const auto was_listed = instrument::read_listed(tx, of).value();
            tx.exec(R"sql(UPDATE instrument SET certificate_no = $1, valid_until = $2 WHERE id = $3)sql", no,
                    until, of);
            instrument::relist(tx, was_listed);
            return {};
        });
    };
    type("旧-2025-001", "2026-12-31");
    const auto shown = [&] { return instrument_of(w, line, id); };
    for (const bool good : {true, false}) { // a mistaken pass and a mistaken failure
        CHECK(w.record(id, {good ? passed(line, "JD-1", w.today) : failed(line, "TZ-1", w.today)}) == "");
        CHECK(shown().verified_on);
        CHECK(shown().barred == !good);
        CHECK(shown().certificate_no == (good ? "JD-1" : "TZ-1"));
        CHECK(w.record(id, {untested(line, "配件不全")}) == "");
        CHECK(shown().certificate_no == "旧-2025-001");
        CHECK(shown().valid_until == parse_date("2026-12-31"));
        CHECK_FALSE(shown().verified_on); // so it is the company's again
        CHECK_FALSE(shown().barred);
        CHECK(w.broken_invariant() == "");
    }
    type("旧-2025-002", "2027-01-31"); // corrected by the company in between
    CHECK(w.record(id, {passed(line, "JD-2", w.today)}) == "");
    CHECK(w.record(id, {untested(line, "配件不全")}) == "");
    CHECK(shown().certificate_no == "旧-2025-002");
    // A second verification corrected to 未检 leaves what the first one said.
    CHECK(w.record(id, {passed(line, "JD-3", w.today)}) == "");
    w.do_now([&](write_tx& tx) { return appointment::complete_order(tx, w.verifier, id); });
    const auto again = w.received_again(of);
    const auto second = lines_of(w, again)[0];
    CHECK(w.record(again, {failed(second, "TZ-4", w.today)}) == "");
    CHECK(w.record(again, {untested(second, "断电")}) == "");
    CHECK(shown().certificate_no == "JD-3");
    CHECK_FALSE(shown().barred);
}

TEST_CASE("results are refused field by field") {
    lab w;
    const auto id = w.received(2);
    const auto l = lines_of(w, id);
    const auto with = [&](auto change) {
        auto r = passed(l[0], "JD-1", w.today);
        change(r);
        return w.record(id, {r});
    };
    CHECK(with([](line_result& r) { r.result = "fine"; }) == "result.choose");
    CHECK(with([](line_result& r) { r.certificate_no = " "; }) == "result.certificate");
    CHECK(with([](line_result& r) { r.certificate_no = std::string(65, '1'); }) == "result.certificate");
    CHECK(with([](line_result& r) { r.verified_on.reset(); }) == "result.verified_on");
    CHECK(with([&](line_result& r) { r.verified_on = add_days(w.today, 1); }) == "result.verified_on");
    CHECK(with([&](line_result& r) { r.valid_until = add_days(w.today, -1); }) == "result.valid_until");
    CHECK(with([](line_result& r) { r.verifier = ""; }) == "result.verifier");
    CHECK(with([](line_result& r) { r.approver = std::string(31, 'x'); }) == "result.verifier");
    CHECK(w.record(id, {untested(l[0], "")}) == "result.why_not");
    auto no_items = failed(l[0], "TZ-1", w.today);
    no_items.failed_items = "";
    CHECK(w.record(id, {no_items}) == "result.failed_items");
    CHECK(w.record(id, {}) == "result.none");
    CHECK(w.record(id, {passed(999, "JD-1", w.today)}) == "result.none");
    CHECK(w.record(id, {passed(l[0], "JD-1", w.today), passed(l[1], "JD-1", w.today)}) ==
          "result.certificate_taken");
    CHECK(w.record(id, {passed(l[0], std::string(64, '1'), w.today)}) == "");
    CHECK(w.count("SELECT count(*) FROM verification_result") == 1);
}

TEST_CASE(
    "M38 validity: the institution's rule takes the last day, unless a short month has taken it already") {
    struct expected {
        std::string_view from;
        int months;
        std::string_view same_day, less_one;
    };
    constexpr std::array<expected, 12> cases = {{
        {"2026-11-24", 6, "2027-05-24", "2027-05-23"},
        {"2026-08-31", 6, "2027-02-28", "2027-02-28"},
        {"2027-08-31", 6, "2028-02-29", "2028-02-29"}, // leap year
        {"2024-02-29", 12, "2025-02-28", "2025-02-28"},
        {"2024-02-29", 48, "2028-02-29", "2028-02-28"},
        {"2027-02-28", 12, "2028-02-28", "2028-02-27"},
        {"2026-03-31", 1, "2026-04-30", "2026-04-30"},
        {"2026-12-31", 2, "2027-02-28", "2027-02-28"},
        {"2026-01-01", 12, "2027-01-01", "2026-12-31"},
        {"2026-03-01", 24, "2028-03-01", "2028-02-29"},
        {"2099-12-31", 2, "2100-02-28", "2100-02-28"}, // 2100 is no leap year
        {"2026-05-15", 240, "2046-05-15", "2046-05-14"},
    }};
    for (const auto& c : cases) {
        CAPTURE(c.from);
        const auto from = *parse_date(c.from);
        CHECK(to_text(appointment::propose_valid_until(from, c.months, false)) == c.same_day);
        CHECK(to_text(appointment::propose_valid_until(from, c.months, true)) == c.less_one);
    }
    lab w;
    w.do_now([&](write_tx& tx) {
        return appointment::set_rule(tx, w.admin, w.institution, "results.less_one_day", 0);
    });
    const auto id = w.received(1);
    const auto line = lines_of(w, id)[0];
    CHECK(w.record(id, {passed(line, "JD-1", w.today)}) == "");
    CHECK(instrument_of(w, line, id).valid_until == *parse_date("2027-05-24"));
}

TEST_CASE("a certificate's PDF: checked, one a version, for whoever may read its order") {
    lab w;
    const auto id = w.received(2);
    const auto l = lines_of(w, id);
    CHECK(w.record(id, {passed(l[0], "JD-1", w.today), untested(l[1], "故障")}) == "");
    const auto results =
        w.read([&](read_view& v) { return appointment::list_results(v, w.verifier, id).value(); });
    const auto folder = w.folder.path() / "files";
    const auto pdf = files::receive_file(folder, "JD-1.pdf", tests::pdf_of("one")).value();
    const auto png = files::receive_file(folder, "JD-1.png", tests::png_of("")).value();
    CHECK(files::receive_file(folder, "JD-1.pdf", "<html>").error().detail == "file.lie");
    const auto attach = [&](const actor& who, std::int64_t result, const files::stored_file& f) {
        return w.refusal([&](write_tx& tx) { return appointment::attach_certificate(tx, who, result, f); });
    };
    CHECK(attach(w.verifier, results[0].id, png) == "certificate.pdf");
    CHECK(attach(w.verifier, results[1].id, pdf) == "certificate.none");
    CHECK(attach(w.desk, results[0].id, pdf) == "not_allowed");
    CHECK(attach(w.company, results[0].id, pdf) == "not_allowed");
    CHECK(attach(w.abroad(role::verifier), results[0].id, pdf) == "not_found");
    CHECK(attach(w.verifier, 999, pdf) == "not_found");
    CHECK(attach(w.verifier, results[0].id, pdf) == "");
    CHECK(attach(w.verifier, results[0].id, pdf) == "certificate.taken");
    const auto get = [&](const actor& who, std::int64_t result) {
        return w.read([&](read_view& v) { return appointment::get_certificate(v, who, result); });
    };
    for (const auto& who : {w.company, w.colleague, w.verifier, w.desk, w.regulator, w.platform})
        CHECK(files::read_bytes(folder, get(who, results[0].id).value().hash) == tests::pdf_of("one"));
    for (const auto& who : {w.other_company, w.abroad(role::verifier), order_world::visitor()})
        CHECK(get(who, results[0].id).error().code == errc::not_found);
    CHECK(w.order(id).lines[0].has_file);
    CHECK(w.read([&](read_view& v) { return appointment::is_certificate_file(v, pdf.hash); }));
    CHECK_FALSE(w.read([&](read_view& v) { return appointment::is_certificate_file(v, png.hash); }));
    // The corrected version gets its own file; the old one stays to be had.
    CHECK(w.record(id, {passed(l[0], "JD-2", w.today)}) == "");
    CHECK_FALSE(w.order(id).lines[0].has_file);
    CHECK(attach(w.verifier, w.order(id).lines[0].result_id, pdf) == "");
    CHECK(get(w.company, results[0].id).has_value());
}

TEST_CASE("certificate numbers pasted as a column fill the lines without a result") {
    lab w;
    const auto id = w.received(3);
    const auto l = lines_of(w, id);
    CHECK(w.record(id, {passed(l[1], "JD-0", w.today)}) == "");
    const auto o = w.order(id);
    const auto all = passed(0, "", w.today);
    const auto filled = appointment::fill_numbers(o, " JD-1\r\nJD-2\r\n\r\n", all).value();
    REQUIRE(filled.size() == 2);
    CHECK(filled[0].line_id == l[0]);
    CHECK(filled[0].certificate_no == "JD-1");
    CHECK(filled[1].line_id == l[2]);
    CHECK(w.record(id, filled) == "");
    CHECK(w.order(id).lines[2].certificate_no == "JD-2");
    for (const auto* column : {"", "JD-1", "a\nb\nc"})
        CHECK(appointment::fill_numbers(o, column, all).error().detail == "certificate.column");
}

TEST_CASE("lines of domain.md 6.4: every status × every step") {
    using s = line_status;
    lab w;
    struct reached {
        s status;
        std::int64_t order, line;
    };
    const auto reach = [&](s status) -> reached {
        w.widen();
        if (status == s::booked) {
            const auto id = w.in_state(order_status::confirmed, 2);
            return {status, id, lines_of(w, id)[0]};
        }
        if (status == s::dropped) {
            const auto id = w.in_state(order_status::cancelled, 2);
            return {status, id, lines_of(w, id)[0]};
        }
        const auto id = w.in_state(order_status::confirmed, 2);
        const auto line = lines_of(w, id)[0];
        appointment::reception r;
        if (status == s::returned) r.problems = {{line, "", "plate"}};
        w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, id, r); });
        const auto no = "N-" + std::to_string(line);
        if (status == s::passed) w.record(id, {passed(line, no, w.today)});
        if (status == s::failed) w.record(id, {failed(line, no, w.today)});
        if (status == s::not_tested) w.record(id, {untested(line, "故障")});
        return {status, id, line};
    };
    for (const s from :
         {s::booked, s::checked_in, s::passed, s::failed, s::not_tested, s::returned, s::dropped})
        for (const s to : {s::passed, s::failed, s::not_tested}) {
            const auto at = reach(from);
            CAPTURE(appointment::code_of(from));
            CAPTURE(appointment::code_of(to));
            REQUIRE(w.order(at.order).lines[0].status == from);
            const auto no = "M-" + std::to_string(at.line);
            const auto given = to == s::passed   ? passed(at.line, no, w.today)
                               : to == s::failed ? failed(at.line, no, w.today)
                                                 : untested(at.line, "故障");
            const auto why = w.record(at.order, {given});
            const bool takes = from == s::checked_in || appointment::has_result(from);
            CHECK(why == (takes ? "" : from == s::returned ? "result.none" : "order.state"));
            CHECK(w.order(at.order).lines[0].status == (takes ? to : from));
            CHECK(w.order(at.order).lines[1].status != to);
            CHECK(w.broken_invariant() == "");
        }
}
