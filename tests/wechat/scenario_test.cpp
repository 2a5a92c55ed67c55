#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/server/form.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace {

using namespace tests;
using wechat::response;

constexpr std::string_view openid = "oSandboxPhone0000000000000001";

// What follows `before` in the page, up to `after`; "" when it is not there.
std::string between(const std::string& page, std::string_view before, std::string_view after) {
    const auto from = page.find(before);
    if (from == std::string::npos) return {};
    const auto begin = from + before.size();
    return page.substr(begin, page.find(after, begin) - begin);
}

// U4, M8: from the menu through WeChat's silent sign-in to the form, then the password once.
void bind_phone(site& w, browser& phone, std::string_view who, std::string_view username) {
    const auto entered = phone.get("/wx/enter?to=/orders");
    REQUIRE(entered.status == 302);
    const std::string state = *wechat::url_decode(between(location_of(entered) + "#", "state=", "#"));
    const std::string code = w.platform->begin_oauth(who);
    const auto back = phone.get("/wx/oauth?code=" + code + "&state=" + state);
    REQUIRE(location_of(back).starts_with("/bind?next="));
    REQUIRE(phone.get(location_of(back)).status == 200);
    const auto bound = phone.post(
        "/bind", {{"username", std::string(username)}, {"password", "demo-2026"}, {"next", "/orders"}});
    REQUIRE(location_of(bound) == "/orders");
}

form_fields new_instrument(site& w, const std::string& serial) {
    const auto row = w.count("SELECT r.id FROM catalogue_row r JOIN catalogue_version v ON v.id = "
                             "r.version_id WHERE v.is_current = 1 AND r.l2 = '压力表（指示类、显示类）'");
    return {{"name", "压力表"},
            {"model", "Y-100"},
            {"measuring_range", "(0~1.6) MPa"},
            {"serial_no", serial},
            {"manufacturer", "示例仪表厂"},
            {"origin", "domestic"},
            {"instrument_status", "new"},
            {"purpose", "safety"},
            {"instrument_type", "working"},
            {"catalogue_id", std::to_string(row)},
            {"method", "deliver"},
            {"location_text", "锅炉房"},
            {"region_code", "440606"}};
}

struct people {
    explicit people(site& w)
        : company(w), phone(w, "203.0.113.9"), staff(w, "10.0.0.1"), desk(w, "10.0.0.2"), bench(w) {
        CHECK(location_of(company.sign_in("chenzhiming")) == "/me");
        CHECK(location_of(staff.sign_in("linxiaomin")) == "/staff");
        CHECK(location_of(desk.sign_in("guopeng")) == "/staff");
        CHECK(location_of(bench.sign_in("yejianhua")) == "/staff");
        w.platform->set_following(openid, true);
        w.answer_pushes();
        bind_phone(w, phone, openid, "chenzhiming");
    }
    browser company, phone, staff, desk, bench;
};

std::string filed_instrument(site& w, people& p, const std::string& serial) {
    const auto saved = p.company.post("/instruments/new", new_instrument(w, serial));
    REQUIRE(saved.status == 303);
    const std::string id = between(location_of(saved), "/instruments/", "?");
    CHECK(contains(p.company.get(location_of(saved)), "已保存"));
    const std::string institution = std::to_string(w.institution);
    CHECK(location_of(p.company.post("/filings/submit", {{"i", id}, {"institution", institution}})) ==
          "/filings?status=in_review&done=filed");
    CHECK(contains(p.staff.get("/staff/filings?status=submitted&q=" + serial), serial));
    CHECK(p.staff.get("/staff/filings/" + id).status == 200);
    CHECK(p.staff.post("/staff/filings/" + id + "/accept").status == 303);
    return id;
}

std::string booked(site& w, people& p, const std::string& instrument, const std::string& time = "08:30") {
    const std::string slot = core::to_text(w.wednesday) + "T" + time;
    const form_fields form = {
        {"i", instrument}, {"slot", slot}, {"contact_name", "陈志明"}, {"contact_phone", "13800001234"}};
    CHECK(contains(p.phone.get("/book"), instrument));
    CHECK(contains(p.phone.get("/book/time?i=" + instrument), slot));
    CHECK(contains(p.phone.post("/book/check", form), "核对提交"));
    const auto done = p.phone.post("/book", form);
    REQUIRE(done.status == 303);
    return between(location_of(done), "/orders/", "?");
}

TEST_CASE("M30 M31 M33 M34 M37 The whole life of an appointment: filed, accepted, booked, confirmed, asked "
          "for, received, done") {
    site w;
    people p(w);
    const std::string instrument = filed_instrument(w, p, "S-1001");
    w.run_hub();
    w.messages.last("filing_accepted", openid);
    const std::string order = booked(w, p, instrument);
    const auto number = w.order(std::stoll(order)).number;
    const auto shown = core::show_order_number(number);
    CHECK(contains(p.phone.get("/orders/" + order + "?done=booked"), shown));
    CHECK(contains(p.phone.get("/orders/" + order + "/qr.svg"), "<svg"));

    CHECK(contains(p.staff.get("/staff/orders"), shown));
    CHECK(contains(p.staff.get("/staff/orders/" + order), shown));
    CHECK(location_of(p.staff.post("/staff/orders/confirm", {{"id", order}})) ==
          "/staff/orders?status=pending&done=confirmed");
    w.run_hub();
    CHECK(w.messages.last("order_confirmed", openid).body.find(number) != std::string::npos); // M31

    CHECK(w.say(openid, "帮我查一下 " + shown).find("已确认") != std::string::npos); // M30
    w.platform->tap(openid, "query");
    CHECK_FALSE(w.say(openid, "检定查询").empty());

    const auto scanned =
        p.desk.get("/staff/desk?q=" + wechat::url_encode("https://qj.test/query?number=" + number));
    CHECK(location_of(scanned) == "/staff/desk/" + order); // M33
    CHECK(contains(p.desk.get("/staff/desk/" + order), "S-1001"));
    CHECK(location_of(p.desk.post("/staff/desk/" + order + "/receive")) ==
          "/staff/desk/" + order + "?done=received"); // M34
    w.run_hub();
    w.messages.last("order_received", openid);

    CHECK(contains(p.bench.get("/staff/results"), shown));
    const auto line = std::to_string(w.order(std::stoll(order)).lines.front().id);
    form_fields results = {{"result_" + line, "passed"},
                           {"verified_on", core::to_text(core::local_date(w.time.now()))},
                           {"verifier", "叶建华"},
                           {"verified_on_" + line, core::to_text(core::local_date(w.time.now()))},
                           {"valid_until_" + line, "2027-05-23"}};
    const auto incomplete = p.bench.post("/staff/results/" + order, results);
    CHECK(incomplete.status == 422);
    CHECK(contains(incomplete, "请填写“压力表”的证书编号"));
    results.emplace_back("certificate_no_" + line, "JD-2026-0001");
    CHECK(location_of(p.bench.post("/staff/results/" + order, results)) == // M37
          "/staff/orders/" + order + "?done=completed");
    w.run_hub();
    w.messages.last("order_completed", openid);
    CHECK(contains(p.phone.get("/orders/" + order), "JD-2026-0001"));
    CHECK(contains(p.company.get("/instruments/" + instrument), "2027-05-23"));
    CHECK(w.say(openid, number).find("完检") != std::string::npos);
    for (const auto* kind :
         {"order_confirmed", "order_received", "order_completed"}) { // M31: each once, with a link
        CHECK(std::count_if(w.messages.all.begin(), w.messages.all.end(), [&](const notify::outgoing& m) {
                  return m.kind == kind && m.address == openid;
              }) == 1);
        CHECK(w.messages.last(kind, openid).body.find("/orders/" + order) != std::string::npos);
    }
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("U7 M21 M29 the whole of a company's work on the phone: enter, file, correct, book, cancel, see, "
          "unbind") {
    site w;
    people p(w);
    const auto opens = [&](std::string_view kind) { // what a tap on the message leads to
        w.run_hub();
        const auto body = w.messages.last(kind, openid).body;
        const std::string path = between(body, "/wx/enter?to=", "\"");
        return !path.empty() && p.phone.get(*wechat::url_decode(path)).status == 200;
    };
    for (const auto* page :
         {"/me", "/instruments", "/instruments/new", "/filings", "/book", "/orders", "/bind"})
        CHECK(p.phone.get(page).status == 200);
    const auto saved = p.phone.post("/instruments/new", new_instrument(w, "S-7001"));
    REQUIRE(saved.status == 303);
    const std::string id = between(location_of(saved), "/instruments/", "?");
    const auto submit = [&] {
        return location_of(
            p.phone.post("/filings/submit", {{"i", id}, {"institution", std::to_string(w.institution)}}));
    };
    CHECK(submit() == "/filings?status=in_review&done=filed");
    CHECK(p.staff.post("/staff/filings/" + id + "/return", {{"reason", "型号与铭牌不符"}}).status == 303);
    CHECK(opens("filing_returned"));
    CHECK(contains(p.phone.get("/filings?status=returned"), "S-7001")); // M20
    CHECK(contains(p.phone.get("/instruments/" + id), "型号与铭牌不符"));
    auto corrected = new_instrument(w, "S-7001");
    corrected[1].second = "Y-150";
    corrected.emplace_back(
        "version", between(p.phone.get("/instruments/" + id).body, "name=\"version\" value=\"", "\""));
    CHECK(p.phone.post("/instruments/" + id, corrected).status == 303);
    CHECK(submit() == "/filings?status=in_review&done=filed"); // M21
    CHECK(p.staff.post("/staff/filings/" + id + "/accept").status == 303);
    CHECK(opens("filing_accepted"));
    const std::string first = booked(w, p, id);
    CHECK(contains(p.phone.get("/orders/" + first), "待确认"));
    CHECK(location_of(p.phone.post("/orders/" + first + "/cancel", {{"reason", "停产"}})) ==
          "/orders/" + first + "?done=cancelled");
    const std::string order = booked(w, p, id, "10:00");
    CHECK(p.staff.post("/staff/orders/confirm", {{"id", order}}).status == 303);
    CHECK(opens("order_confirmed"));
    w.platform->tap(openid, "VERIFY_LATEST10"); // M32: the menu's 检定查询
    CHECK(w.answer_pushes().find("已确认") != std::string::npos);
    CHECK(contains(p.phone.get("/orders/" + order + "/qr.svg"), "<svg"));
    const auto binding = w.count("SELECT id FROM binding WHERE unbound_at IS NULL");
    CHECK(p.phone.post("/bind/" + std::to_string(binding) + "/unbind").status == 303);
    w.messages.all.clear();
    w.do_now([&](core::db::write_tx& tx) {
        return core::appointment::cancel_order(tx, w.scheduler, std::stoll(order), "台风");
    });
    w.run_hub();
    CHECK(w.messages.all.empty()); // nothing after unbinding
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("M29 a rejected appointment says why, and the same instruments are booked again") {
    site w;
    people p(w);
    const std::string instrument = filed_instrument(w, p, "S-2001");
    const std::string order = booked(w, p, instrument);
    CHECK(p.staff.post("/staff/orders/reject", {{"id", order}, {"reason", ""}}).status == 422);
    CHECK(p.staff.post("/staff/orders/reject", {{"id", order}, {"reason", "设备检修"}}).status == 303);
    w.run_hub();
    CHECK(w.messages.last("order_rejected", openid).body.find("设备检修") != std::string::npos);
    const auto page = p.phone.get("/orders/" + order);
    CHECK(contains(page, "设备检修"));
    CHECK(contains(page, "/book/time?i=" + instrument));
    const std::string again = booked(w, p, instrument, "10:00");
    CHECK(again != order);
    CHECK(p.staff.post("/staff/orders/confirm", {{"id", order}}).status == 409); // S16: decided already
    CHECK(p.staff.post("/staff/orders/confirm", {{"id", again}}).status == 303);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("F8 an order returned at the desk takes the filing back, and the company hears of it") {
    site w;
    people p(w);
    const std::string instrument = filed_instrument(w, p, "S-3001");
    const std::string order = booked(w, p, instrument);
    CHECK(p.staff.post("/staff/orders/confirm", {{"id", order}}).status == 303);
    const auto line = std::to_string(w.order(std::stoll(order)).lines.front().id);
    const auto refused = p.desk.post("/staff/desk/" + order + "/receive", {{"verdict_" + line, "bad"}});
    CHECK(refused.status == 422); // without a reason
    CHECK(location_of(p.desk.post("/staff/desk/" + order + "/receive",
                                  {{"verdict_" + line, "bad"}, {"reason_" + line, "出厂编号不符"}})) ==
          "/staff/desk/" + order + "?done=order_returned");
    w.run_hub();
    w.messages.last("order_returned", openid);
    CHECK(contains(p.company.get("/instruments/" + instrument), "出厂编号不符"));
    CHECK(contains(p.company.get("/filings?status=returned"), "S-3001"));
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("S7 wrong passwords are locked per account after five, on both sides, and per address") {
    site w;
    for (const std::string username : {"chenzhiming", "guopeng"}) {
        CAPTURE(username);
        browser thief(w, "198.51.100.7");
        for (int left = 4; left >= 1; --left) {
            const auto wrong = thief.sign_in(username, "wrong-password");
            CHECK(wrong.status == 422);
            CHECK(contains(wrong, "还可以试 " + std::to_string(left) + " 次"));
        }
        thief.sign_in(username, "wrong-password");
        CHECK(thief.sign_in(username, "wrong-password").status == 429);
        browser owner(w, "203.0.113.77"); // also the right one, from elsewhere
        CHECK(owner.sign_in(username).status == 429);
        w.time.advance(std::chrono::minutes(16));
        CHECK(owner.sign_in(username).status == 303);
    }
    browser sprayer(w, "198.51.100.8"); // many accounts from one address
    int refused = 0;
    for (int i = 0; i < 40 && refused == 0; ++i) {
        const auto answer =
            sprayer.post("/login", {{"username", "nobody" + std::to_string(i)}, {"password", "x"}});
        refused += answer.status == 429 ? 1 : 0;
    }
    CHECK(refused == 1);
    browser other(w, "203.0.113.78");
    CHECK(other.sign_in("chenzhiming").status == 303);
}

TEST_CASE("S16 a form sent twice with the same key acts once and gets the same answer") {
    site w;
    people p(w);
    const auto add = [&](const std::string& once) {
        return p.company.post("/instruments/new", new_instrument(w, "S-4001"), {.once = once});
    };
    const auto first = add("k1");
    REQUIRE(first.status == 303);
    CHECK(location_of(add("k1")) == location_of(first));
    CHECK(w.count("SELECT count(*) FROM instrument WHERE serial_no = 'S-4001'") == 1);
    CHECK(location_of(add("k2")) != location_of(first)); // another key is another form
    browser other(w);
    other.sign_in("liangminyi"); // another person's key is another's
    const auto theirs = other.post("/instruments/new", new_instrument(w, "S-4002"), {.once = "k1"});
    CHECK(location_of(theirs) != location_of(first));

    const std::string instrument = between(location_of(first), "/instruments/", "?");
    const form_fields file = {{"i", instrument}, {"institution", std::to_string(w.institution)}};
    const auto sent =
        p.company.post("/filings/submit", file, {.once = "k1"}); // another address is another form
    CHECK(location_of(sent) == "/filings?status=in_review&done=filed");
    CHECK(location_of(p.company.post("/filings/submit", file, {.once = "k1"})) == location_of(sent));
    const auto refused = p.company.post("/filings/submit", file, {.once = "k3"}); // a page with the refusal
    CHECK(refused.status == 200);
    const auto again = p.company.post("/filings/submit", file, {.once = "k3"});
    CHECK(again.status == 200);
    CHECK(again.body == refused.body);
    CHECK(p.staff.post("/staff/filings/" + instrument + "/accept", {}, {.once = "k4"}).status == 303);
    CHECK(p.staff.post("/staff/filings/" + instrument + "/accept", {}, {.once = "k4"}).status == 303);
    CHECK(p.staff.post("/staff/filings/" + instrument + "/accept", {}, {.once = "k5"}).status == 409);

    const form_fields wish = {{"i", instrument},
                              {"slot", core::to_text(w.wednesday) + "T08:30"},
                              {"contact_name", "陈志明"},
                              {"contact_phone", "13800001234"}};
    const auto booking = p.company.post("/book", wish, {.once = "k6"});
    REQUIRE(booking.status == 303);
    CHECK(location_of(p.company.post("/book", wish, {.once = "k6"})) == location_of(booking));
    CHECK(w.count("SELECT count(*) FROM appointment_order") == 1);
}

TEST_CASE("S3 a form cannot set what the flow owns") {
    site w;
    people p(w);
    form_fields form = new_instrument(w, "S-5001");
    const form_fields planted = {{"filing_status", "filed"},
                                 {"status", "filed"},
                                 {"institution_id", "1"},
                                 {"handler_id", "1"},
                                 {"instrument_code", "HACKED"},
                                 {"applicant_id", "1"},
                                 {"id", "4711"},
                                 {"period_months", "240"},
                                 {"barred", "1"},
                                 {"line_status", "passed"},
                                 {"verified_on", "2020-01-01"},
                                 {"created_at", "1"}};
    form.insert(form.end(), planted.begin(), planted.end());
    const auto saved = p.company.post("/instruments/new", form);
    REQUIRE(saved.status == 303);
    const auto id = std::stoll(between(location_of(saved), "/instruments/", "?"));
    const auto look = [&] {
        return w.read([&](core::db::read_view& v) {
            return core::instrument::get(v, w.acting("chenzhiming"), id).value();
        });
    };
    const auto check = [&](const core::instrument::instrument& i) {
        CHECK(i.id != 4711);
        CHECK(core::instrument::filing_tag(i.filing_status).text == "待备案");
        CHECK(i.institution_id == 0);
        CHECK(i.handler_id == 0);
        CHECK(i.instrument_code.empty());
        CHECK(i.certificate_no.empty());
        CHECK_FALSE(i.valid_until);
        CHECK_FALSE(i.verified_on);
        CHECK_FALSE(i.period_months);
        CHECK_FALSE(i.barred);
        CHECK(i.applicant_id == w.company.applicant_id);
    };
    check(look());
    form.emplace_back("version", std::to_string(look().version));
    REQUIRE(p.company.post("/instruments/" + std::to_string(id), form).status == 303);
    check(look());

    const std::string instrument = filed_instrument(w, p, "S-5002");
    const auto made = p.company.post("/book", {{"i", instrument},
                                               {"slot", core::to_text(w.wednesday) + "T08:30"},
                                               {"contact_name", "陈志明"},
                                               {"contact_phone", "13800001234"},
                                               {"status", "confirmed"},
                                               {"number", "261100000000"},
                                               {"institution_id", std::to_string(w.elsewhere)},
                                               {"method", "onsite"},
                                               {"due_at", "1"},
                                               {"applicant_id", "1"}});
    REQUIRE(made.status == 303);
    const auto o = w.order(std::stoll(between(location_of(made), "/orders/", "?")));
    CHECK(o.status == core::appointment::order_status::pending);
    CHECK(o.number != "261100000000");
    CHECK(o.institution_id == w.institution);
    CHECK(o.method == "deliver");
    CHECK(w.broken_invariant() == "");
}

} // namespace
