#include "core/base/text.hpp"
#include "tests/support/documents.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/routes.hpp"
#include "wechat/server/form.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace {

using namespace tests;
using wechat::response;

// Markup, quotes, the end of CDATA, mustache, an entity, format letters, a formula, right-to-left, beyond 16
// bits. What a page may show of it begins with &lt;
const std::string nasty = "=<zzz x=\"1\" y='2'>&amp;]]>{{x}}{{{y}}}%n\u202e😀";
const std::string nastier = nasty + "\r\nSet-Cookie: zzz=1\x01\x1b[31m\u0085";

void check_text_only(const response& r) {
    CHECK(r.status < 500);
    CHECK_FALSE(contains(r, "<zzz"));
    CHECK_FALSE(contains(r, "x=\"1\""));
    CHECK_FALSE(contains(r, "y='2'"));
    const auto is_control = [](unsigned char c) {
        return (c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
    };
    CHECK(std::none_of(r.body.begin(), r.body.end(), is_control));
    CHECK(core::is_utf8(r.body));
    for (const auto& [name, value] : r.headers) {
        CHECK(std::none_of(value.begin(), value.end(), is_control));
        CHECK((name != "Set-Cookie" || value.find("zzz") == std::string::npos));
    }
}

// Every page of the table for this browser, with each of these ids and with nasty queries.
int look_at_everything(browser& b, const std::vector<std::int64_t>& ids) {
    int seen = 0;
    std::string queries;
    for (const auto* name :
         {"q", "number", "next", "to", "status", "done", "method", "due", "week", "i", "state", "code"})
        queries += std::string(queries.empty() ? "?" : "&") + name + "=" + wechat::url_encode(nastier);
    for (const auto& r : wechat::routes()) {
        if (r.method != wechat::method::get || r.who.access == wechat::access::callback) continue;
        for (const auto id : ids) {
            std::string path(r.pattern);
            const auto at = path.find("{}");
            if (at != std::string::npos) path.replace(at, 2, std::to_string(id));
            CAPTURE(path);
            const auto plain = b.get(path);
            check_text_only(plain);
            check_text_only(b.get(path + queries));
            seen += plain.status == 200 ? 1 : 0;
            if (at == std::string::npos) break;
        }
    }
    return seen;
}

TEST_CASE("S8 one nasty string through every form field comes out as text on every page") {
    site w;
    browser company(w);
    browser staff(w);
    browser desk(w);
    browser bench(w);
    company.take_session(w.sign_in("chenzhiming"));
    staff.take_session(w.sign_in("linxiaomin"));
    desk.take_session(w.sign_in("guopeng"));
    bench.take_session(w.sign_in("yejianhua"));
    const auto row =
        w.count("SELECT r.id FROM catalogue_row r JOIN catalogue_version v ON v.id = r.version_id "
                "WHERE v.is_current = 1 AND r.l2 = '压力表（指示类、显示类）'");
    const auto instrument_form = [&](const std::string& text) {
        form_fields form = {{"origin", "domestic"},   {"instrument_status", "new"},
                            {"purpose", "safety"},    {"instrument_type", "working"},
                            {"method", "deliver"},    {"catalogue_id", std::to_string(row)},
                            {"region_code", "440606"}};
        for (const auto* name : {"name", "model", "measuring_range", "accuracy_class", "serial_no", "own_no",
                                 "manufacturer", "type_approval_no", "location_text", "tags", "remark"})
            form.emplace_back(name, core::cut_characters(text, 45));
        return form;
    };
    const auto saved = company.post("/instruments/new", instrument_form(nasty));
    REQUIRE(saved.status == 303);
    const auto instrument = wechat::to_id(location_of(saved).substr(13, location_of(saved).find('?') - 13));
    REQUIRE(instrument != 0);
    const auto file = company.post_files("/instruments/" + std::to_string(instrument), {{"version", "1"}},
                                         {{"material", "<zzz>'.pdf", tests::pdf_of("x")}});
    check_text_only(file);

    // Every POST of the table with the nastiest text in every field that a form has.
    const form_fields everywhere = [&] {
        form_fields f = instrument_form(nastier);
        for (const auto* name :
             {"username", "password",     "next",          "reason", "kind",     "county",  "period_months",
              "slot",     "contact_name", "contact_phone", "note",   "verifier", "checker", "id",
              "i",        "institution",  "version",       "number", "old",      "again",   "display_name"})
            f.emplace_back(name, nastier);
        return f;
    }();
    const auto spare = location_of(company.post("/instruments/new", instrument_form("=" + nasty)));
    const std::string spare_id = spare.substr(13, spare.find('?') - 13); // one of the forms removes it
    for (const std::string who : {"chenzhiming", "linxiaomin", "guopeng", "yejianhua", "admin", ""})
        for (const auto& r : wechat::routes()) {
            if (r.method != wechat::method::post || r.who.access == wechat::access::callback) continue;
            browser b(w);
            if (!who.empty()) b.take_session(w.sign_in(who));
            std::string path(r.pattern);
            if (path.find("{}") != std::string::npos) path.replace(path.find("{}"), 2, spare_id);
            CAPTURE(who);
            CAPTURE(path);
            check_text_only(b.post(path, everywhere));
        }

    const std::string id = std::to_string(instrument);
    const auto again = company.get("/instruments/" + id);
    CHECK(again.status == 200);
    CHECK(contains(again, "&lt;zzz"));
    company.take_session(w.sign_in("chenzhiming"));
    CHECK(
        company.post("/filings/submit", {{"i", id}, {"institution", std::to_string(w.institution)}}).status <
        400);
    staff.take_session(w.sign_in("linxiaomin"));
    REQUIRE(staff.post("/staff/filings/" + id + "/accept").status == 303);
    const auto book = [&](const std::string& time) {
        const auto made = company.post("/book", {{"i", id},
                                                 {"slot", core::to_text(w.wednesday) + "T" + time},
                                                 {"contact_name", core::cut_characters(nasty, 30)},
                                                 {"contact_phone", "13800001234"},
                                                 {"note", nasty}});
        REQUIRE(made.status == 303);
        return wechat::to_id(location_of(made).substr(8, location_of(made).find('?') - 8));
    };
    const auto rejected = book("08:30");
    REQUIRE(
        staff.post("/staff/orders/reject", {{"id", std::to_string(rejected)}, {"reason", nasty}}).status ==
        303);
    const auto order = book("10:00");
    REQUIRE(staff.post("/staff/orders/confirm", {{"id", std::to_string(order)}}).status == 303);
    REQUIRE(desk.post("/staff/desk/" + std::to_string(order) + "/receive").status == 303);
    const auto line = std::to_string(w.order(order).lines.front().id);
    check_text_only(
        bench.post("/staff/results/" + std::to_string(order), {{"result_" + line, "failed"},
                                                               {"certificate_no_" + line, nasty},
                                                               {"failed_items_" + line, nasty},
                                                               {"verifier", nasty},
                                                               {"checker", nasty},
                                                               {"verified_on_" + line, "2026-11-24"}}));
    w.run_hub();
    const std::vector<std::int64_t> ids = {instrument, rejected, order};
    int seen = 0;
    for (auto* b : {&company, &staff, &desk, &bench})
        seen += look_at_everything(*b, ids);
    browser visitor(w);
    seen += look_at_everything(visitor, ids);
    CHECK(seen > 50);
    CHECK(contains(company.get("/orders/" + std::to_string(rejected)), "&lt;zzz"));
    CHECK(contains(staff.get("/staff/orders/" + std::to_string(order)), "&lt;zzz"));
}

} // namespace
