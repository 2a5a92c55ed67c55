// core/instrument/listing: who sees which instruments, filters, orders, pages, counts; plans of the
// statements.
#include "core/filing/filing.hpp"
#include "core/instrument/listing.hpp"
#include "core/instrument/listing_store.hpp"
#include "tests/support/world_filings.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

#include <set>

namespace {

using namespace core;
namespace ins = core::instrument;
using db::read_view;
using db::write_tx;
using ins::field_id;
using tests::add_gauge;
using tests::filing_world;

using ids = std::vector<std::int64_t>;

ids found(filing_world& w, const actor& who, const ins::filter& f, int limit = 50) {
    ids all;
    const auto p = w.read([&](read_view& v) { return ins::list_page(v, who, f, {}, limit); });
    for (const auto& i : p.value().rows)
        all.push_back(i.id);
    return all;
}
void accept(filing_world& w, std::int64_t id) {
    w.write([&](write_tx& tx) { return filing::accept(tx, w.city, id, {}); }).value();
}
ids texts(filing_world& w, const actor& who, std::string text) {
    ins::filter f;
    f.text = std::move(text);
    return found(w, who, f);
}

} // namespace

TEST_CASE("M9 M15 every filter, for the company and for the institution") {
    filing_world w;
    const auto plain = add_gauge(w, w.company, {{field_id::name, "血压计"}, {field_id::tags, "重点 锅炉"}});
    const auto onsite =
        add_gauge(w, w.company, {{field_id::method, "onsite"}, {field_id::valid_until, "2026-12-20"}});
    const auto over = add_gauge(w, w.company,
                                {{field_id::valid_until, "2026-11-01"},
                                 {field_id::tags, "锅炉房"},
                                 {field_id::region_code, "440605"}});
    const auto foreign = add_gauge(w, w.other_company, {{field_id::name, "血压计"}});
    w.submit(w.company, {plain, onsite, over}, {.institution = w.demo.city_institution, .knowingly = true});
    w.submit(w.other_company, {foreign}, {.institution = w.demo.city_institution, .knowingly = true});
    for (const auto id : {onsite, over, foreign})
        accept(w, id);
    const auto open = add_gauge(w, w.company);
    const auto with = [](auto set) {
        ins::filter f;
        set(f);
        return f;
    };
    const auto none = ins::filter();
    CHECK(found(w, w.company, none) == ids{open, over, onsite, plain});
    CHECK(found(w, w.city, none) == ids{foreign, over, onsite});
    CHECK(found(w, w.elsewhere, none).empty());
    const auto status = [&](std::string s) { return with([&](auto& f) { f.status = s; }); };
    CHECK(found(w, w.company, status("unfiled")) == ids{open});
    CHECK(found(w, w.company, status("in_review")) == ids{plain});
    CHECK(found(w, w.company, status("filed")) == ids{over, onsite});
    CHECK(found(w, w.city, status("filed")) == ids{foreign, over, onsite});
    CHECK(found(w, w.city, status("in_review")).empty()); // the work lists of core/filing have them
    const auto onsite_only = with([](auto& f) { f.method = "onsite"; });
    CHECK(found(w, w.company, onsite_only) == ids{onsite});
    CHECK(found(w, w.city, onsite_only) == ids{onsite});
    const auto nanhai = with([](auto& f) { f.region = "440605"; });
    CHECK(found(w, w.company, nanhai) == ids{over});
    CHECK(found(w, w.city, nanhai) == ids{over});
    CHECK(found(w, w.city, with([](auto& f) { f.region = "440600"; })) == ids{foreign, over, onsite});
    CHECK(found(w, w.city, with([](auto& f) { f.region = "440100"; })).empty());
    const auto tag = [&](std::string t) { return with([&](auto& f) { f.tag = t; }); };
    CHECK(found(w, w.company, tag("锅炉")) == ids{plain}); // a whole tag
    CHECK(found(w, w.city, tag("锅炉房")) == ids{over});
    CHECK(found(w, w.company, tag("%")).empty());
    const auto due = [&](std::string d) { return with([&](auto& f) { f.due = d; }); };
    CHECK(found(w, w.company, due("soon")) == ids{onsite});
    CHECK(found(w, w.company, due("over")) == ids{over});
    CHECK(found(w, w.city, due("over")) == ids{over});
    const auto row = w.catalogue_row("压力表（指示类、显示类）");
    CHECK(found(w, w.city, with([&](auto& f) { f.catalogue_id = row; })) == ids{foreign, over, onsite});
    CHECK(found(w, w.city, with([&](auto& f) { f.catalogue_id = row + 1; })).empty());
    CHECK(found(w, w.company, with([&](auto& f) { f.l1 = "压力仪表"; })) == ids{open, over, onsite, plain});
    CHECK(found(w, w.city, with([&](auto& f) { f.l1 = "水表"; })).empty());
    CHECK(found(w, w.company, with([](auto& f) { f.bookable = true; })) == ids{over, onsite});
    CHECK(found(w, w.city, with([](auto& f) { f.process = "booked"; })).empty());
    CHECK(found(w, w.company, with([](auto& f) { f.dropped = true; })).empty());
    for (const auto* status_now : {"stopped", "scrapped"}) { // M26: not offered for booking
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("UPDATE instrument SET instrument_status = $1 WHERE id = $2", status_now, onsite);
             return {};
         }).value();
        const auto bookable = with([](auto& f) { f.bookable = true; });
        CHECK(found(w, w.company, bookable) == ids{over});
        CHECK(found(w, w.city, bookable) == ids{foreign, over});
        CHECK(found(w, w.company, status("filed")) == ids{over, onsite});
    }
}

TEST_CASE("M9 M15 text finds parts of Chinese words, letters, digits and tags, within what the actor sees") {
    filing_world w;
    const auto gauge = add_gauge(w, w.company,
                                 {{field_id::name, "精密压力表"},
                                  {field_id::serial_no, "AB2026-0731/5"},
                                  {field_id::tags, "重点设备"},
                                  {field_id::location_text, "一号锅炉房"}});
    const auto blood = add_gauge(
        w, w.company,
        {{field_id::name, "血压计"}, {field_id::model, "XJ11D"}, {field_id::location_text, "门诊"}});
    const auto foreign =
        add_gauge(w, w.other_company, {{field_id::name, "精密压力表"}, {field_id::region_code, "440111"}});
    CHECK(texts(w, w.company, "压力") == ids{gauge});
    CHECK(texts(w, w.company, "力表") == ids{gauge});
    CHECK(texts(w, w.company, "精密压力表") == ids{gauge});
    CHECK(texts(w, w.company, "压 力") == ids{gauge}); // two words of one character each
    CHECK(texts(w, w.company, "压") == ids{blood, gauge});
    CHECK(texts(w, w.company, "血压") == ids{blood});
    CHECK(texts(w, w.company, "xj11") == ids{blood});
    CHECK(texts(w, w.company, "j11d") == ids{blood});
    CHECK(texts(w, w.company, "0731") == ids{gauge});
    CHECK(texts(w, w.company, "2026-07") == ids{gauge});
    CHECK(texts(w, w.company, "７３１") == ids{gauge});    // full-width
    CHECK(texts(w, w.company, "锅炉 压力") == ids{gauge}); // all words
    CHECK(texts(w, w.company, "锅炉 血压").empty());
    CHECK(texts(w, w.company, "重点") == ids{gauge});
    CHECK(texts(w, w.company, "力精").empty()); // no such part
    for (const char* syntax : {"\"", "*", "AND", "压力\" OR \"血压", "压力*", "NEAR(压力 血压)", "-压力",
                               "grams:压力", "^", "(", "' OR 1=1 --", "%", "_", "\\", "§a1"}) {
        CAPTURE(syntax);
        CHECK(texts(w, w.company, syntax).size() <= 2);
    }
    CHECK(texts(w, w.company, "压力*") == ids{gauge});
    CHECK(texts(w, w.company, "-压力") == ids{gauge});
    // The platform and a regulator of 广州.
    const actor admin = w.acting("admin");
    CHECK(texts(w, admin, "压力表") == ids{foreign, gauge});
    actor regulator = admin;
    regulator.roles = {role::regulator};
    regulator.region_code = "440100";
    CHECK(texts(w, regulator, "压力表") == ids{foreign});
    CHECK(found(w, regulator, {}) == ids{foreign});
    regulator.region_code = "440111";
    CHECK(found(w, regulator, {}) == ids{foreign});
    ins::filter one;
    one.text = "表";
    CHECK(w.read([&](read_view& v) { return ins::list_page(v, admin, one, {}, 20); }).error().detail ==
          "search.short");
    CHECK(found(w, filing_world::visitor(), {}).empty());
}

TEST_CASE("M9 parts of numbers are found among a company's own; signs alone find nothing; the platform sees "
          "every province") {
    filing_world w;
    const auto id = add_gauge(w, w.company, {{field_id::serial_no, "SN-2024"}, {field_id::own_no, "K7"}});
    add_gauge(w, w.company, {{field_id::serial_no, "A-1"}});
    CHECK(texts(w, w.company, "02") == ids{id});
    CHECK(texts(w, w.company, "7") == ids{id});
    CHECK(texts(w, w.company, "02 k7") == ids{id});
    const actor admin = w.acting("admin");
    for (const char* signs : {"%", "_", "*", "' \"", "。"}) {
        CAPTURE(signs);
        CHECK(texts(w, w.company, signs).empty());
        CHECK(texts(w, admin, signs).empty());
    }
    w.write([&](write_tx& tx) -> result<> {
         const auto was = ins::read_listed(tx, id).value();
         tx.exec("INSERT INTO region (code, name, level) VALUES ('310101', '黄浦区', 'county')");
         tx.exec("UPDATE instrument SET region_code = '310101' WHERE id = $1", id);
         ins::relist(tx, was);
         return {};
     }).value();
    CHECK(texts(w, admin, "SN-2024") == ids{id});
    ins::filter elsewhere;
    elsewhere.region = "310101";
    CHECK(found(w, admin, elsewhere) == ids{id});
    ins::filter bookless; // no word and no label to look up
    bookless.process = "none";
    CHECK(w.read([&](read_view& v) { return ins::list_page(v, admin, bookless, {}, 20); }).has_value());
}

TEST_CASE("lists follow edits, filings and removals: what is found is what is") {
    filing_world w;
    const auto id = add_gauge(w, w.company, {{field_id::name, "旧名字"}, {field_id::serial_no, "S-1"}});
    const auto edit = [&](tests::changes with) {
        const auto now = tests::read_instrument(w, id);
        const auto d = tests::gauge_draft(w, with);
        w.write([&](write_tx& tx) { return ins::edit(tx, w.company, id, now.version, d); }).value();
    };
    edit({{field_id::name, "新名字"}, {field_id::region_code, "440605"}});
    CHECK(texts(w, w.company, "旧名").empty());
    CHECK(texts(w, w.company, "新名") == ids{id});
    const auto tallied = [&](std::string_view sql) { return w.count(sql); };
    CHECK(tallied("SELECT sum(instruments) FROM instrument_tally") == 1);
    CHECK(tallied("SELECT instruments FROM instrument_tally WHERE region_code = '440605'") == 1);
    const auto refused = w.write([&](write_tx& tx) -> result<> {
        const auto now = ins::get(tx, w.company, id).value();
        auto changed = now;
        changed.name = "第三个";
        if (auto done = ins::save(tx, w.company, now, changed, "edit"); !done) return done;
        return error(errc::conflict);
    });
    CHECK(refused.has_error());
    CHECK(texts(w, w.company, "新名") == ids{id});
    w.submit(w.company, {id}, {.institution = w.demo.city_institution, .knowingly = true});
    CHECK(w.read([&](read_view& v) { return ins::count(v, w.company); }).in_review == 1);
    accept(w, id);
    CHECK(texts(w, w.city, "新名") == ids{id});
    CHECK(w.read([&](read_view& v) { return ins::count(v, w.city); }).filed == 1);
    const actor admin = w.acting("admin");
    CHECK(w.read([&](read_view& v) { return ins::count(v, admin); }).total == 1);
    const auto gone = add_gauge(w, w.company, {{field_id::name, "要删除"}});
    w.write([&](write_tx& tx) -> result<> { return filing::remove(tx, w.company, gone); }).value();
    CHECK(texts(w, w.company, "删除").empty());
    CHECK(w.read([&](read_view& v) { return ins::count(v, admin); }).total == 1);
}

TEST_CASE("M9 orders and pages by key: every row once, in order, in every order and page size") {
    filing_world w;
    std::set<std::int64_t> all;
    for (int n = 0; n < 23; ++n) {
        const std::string valid = n % 4 == 0 ? "" : "2027-0" + std::to_string(1 + n % 3) + "-01";
        all.insert(add_gauge(
            w, w.company, {{field_id::name, "表" + std::to_string(n % 5)}, {field_id::valid_until, valid}}));
    }
    for (const auto order : {ins::sort::newest, ins::sort::name, ins::sort::validity})
        for (const int size : {1, 4, 7, 23, 50})
            for (const char* text : {"", "示例", "表"}) {
                CAPTURE(size);
                CAPTURE(text);
                ins::filter f;
                f.order = order;
                f.text = text;
                std::set<std::int64_t> seen;
                std::string last;
                ins::page_key at;
                for (int pages = 0; pages < 60; ++pages) {
                    const auto p = w.read([&](read_view& v) {
                                        return ins::list_page(v, w.company, f, at, size);
                                    }).value();
                    for (const auto& i : p.rows) {
                        CHECK(seen.insert(i.id).second);
                        const std::string key = order == ins::sort::name ? i.name
                                                : order == ins::sort::validity
                                                    ? (i.valid_until ? to_text(*i.valid_until) : "9999")
                                                    : std::to_string(-i.id);
                        if (order != ins::sort::newest) CHECK(last <= key);
                        last = key;
                    }
                    if (!p.next) break;
                    CHECK(static_cast<int>(p.rows.size()) == size);
                    at = *p.next;
                }
                CHECK(seen == all);
            }
}

TEST_CASE("every list statement is answered from an index in its order: no scan, no sorting") {
    filing_world w;
    for (const auto& sql : ins::store::list_statements()) {
        CAPTURE(sql);
        std::string plan;
        w.read([&](read_view& v) {
            // NULL for every parameter: the plan does not depend on them.
            for (const auto r :
                 v.query("EXPLAIN QUERY PLAN " + sql, 0, "", "", 0, "", "", "", 0, "", "", "", "", "", 0, 0))
                plan += r.text(3) + "\n";
            return 0;
        });
        CAPTURE(plan);
        CHECK(plan.find("TEMP B-TREE") == std::string::npos);
        const bool platform = sql.find("applicant_id = $1") == std::string::npos &&
                              sql.find("institution_id = $1") == std::string::npos;
        CHECK((plan.find("SEARCH i USING I") != std::string::npos));
        if (!platform) CHECK(plan.find("SEARCH i USING INDEX instrument_") != std::string::npos);
        CHECK(plan.find("SCAN") == std::string::npos);
    }
}
