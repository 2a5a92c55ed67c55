// What staff look for among the filings of their institution (core/instrument/desk): every word in what is
// searched of an instrument or in its company's name, whichever way it is looked up.
#include "core/account/applicant.hpp"
#include "core/db/search_index.hpp"
#include "core/filing/queries.hpp"
#include "core/instrument/listing.hpp"
#include "core/instrument/searched.hpp"
#include "tests/support/query_plans.hpp"
#include "tests/support/world_filings.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::filing_world;

namespace {

using ids = std::vector<std::int64_t>;

struct desk_world : filing_world {
    std::string name_of(const actor& who) {
        return read([&](read_view& v) { return account::find_applicant(v, who.applicant_id).value().name; });
    }
    std::string code_of(const actor& who) {
        return read([&](read_view& v) { return account::find_applicant(v, who.applicant_id).value().uscc; });
    }
    std::int64_t bring(const actor& who, const fields& changed, bool file) {
        const auto id = add_instrument(who, changed);
        if (changed.contains("catalogue_id")) give_type_paper(id);
        if (submit(who, {id}, {.institution = demo.city_institution})[0].refused)
            throw std::runtime_error("not submitted");
        if (file) write([&](write_tx& tx) { return filing::accept(tx, city, id); }).value();
        return id;
    }
    ids found(const actor& who, filing::tab of, const std::string& text, int limit = 50) {
        ids all;
        for (std::int64_t at = 0;;) {
            const auto page = read([&](read_view& v) {
                return filing::list_work(v, who, {.of = of, .text = text}, {0, at}, limit);
            });
            for (const auto& w : page)
                all.push_back(w.id);
            if (page.size() < static_cast<std::size_t>(limit)) return all;
            at = page.back().id;
        }
    }
    // The slow way: every instrument that the tab holds, each word in one of its texts.
    ids expected(filing::tab of, const std::string& text) {
        ids all;
        read([&](read_view& v) {
            for (const auto r : v.query("SELECT id FROM instrument WHERE filing_status = $1 ORDER BY id DESC",
                                        filing::code_of(of))) {
                const auto one = instrument::get(v, system(), r.number(0)).value();
                auto texts = instrument::searched_texts(one);
                texts.push_back(one.applicant_name);
                if (db::has_words(texts, db::search_key(text))) all.push_back(one.id);
            }
            return 0;
        });
        return all;
    }
};

} // namespace

TEST_CASE("M22 S1 a desk finds by its words what a slow look finds, in every tab, whatever the page's size") {
    desk_world w;
    const auto mine = w.name_of(w.company), other = w.name_of(w.other_company);
    for (const bool file : {true, false})
        for (int n = 0; n < 4; ++n) {
            w.bring(w.company, {{"name", n % 2 == 0 ? "精密压力表" : "电子天平"}}, file);
            w.bring(w.other_company, {{"name", "压力变送器"}, {"model", "Y-" + std::to_string(n)}}, file);
            w.bring(w.other_company, {{"used_by", n == 0 ? mine + "食堂" : ""}, {"tags", "锅炉"}}, file);
        }
    const auto back = w.returned();
    std::size_t hits = 0;
    for (const auto of : {filing::tab::filed, filing::tab::submitted, filing::tab::returned})
        for (const auto& text : {mine, other, mine + " 压力", "天平 " + mine, mine + " 天平 精密",
                                 other + " 锅炉", mine + " 锅炉", std::string("压力"),
                                 std::string("锅炉 Y-2"), other.substr(0, 12), std::string("没有这样的")}) {
            CAPTURE(text);
            const auto all = w.expected(of, text);
            hits += all.size();
            for (const int size : {50, 3, 1})
                CHECK(w.found(w.city, of, text, size) == all);
            for (const auto& who : {w.county, w.elsewhere, w.company})
                CHECK(w.found(who, of, text).empty());
        }
    CHECK(hits > 50);
    CHECK(w.found(w.city, filing::tab::returned, mine) == ids{back});
    const auto of_code = w.found(w.city, filing::tab::filed, w.code_of(w.company));
    CHECK(of_code.size() == 4); // all of the company, nothing of what it uses of others
    CHECK(w.found(w.elsewhere, filing::tab::filed, w.code_of(w.company)).empty());
}

TEST_CASE("M22 filters hold for one company's filings too") {
    desk_world w;
    const auto near = w.bring(w.company, {}, true);
    const auto far = w.bring(w.company, {{"region_code", "440605"}}, true);
    const auto scale = w.bring(
        w.company,
        {{"catalogue_id", std::to_string(w.catalogue_row("无创自动测量血压计"))}, {"purpose", "medical"}},
        true);
    const auto found = [&](auto set) {
        filing::work_filter f{.of = filing::tab::filed, .text = w.name_of(w.company)};
        set(f);
        ids all;
        for (const auto& one : w.read([&](read_view& v) { return filing::list_work(v, w.city, f, {}, 50); }))
            all.push_back(one.id);
        return all;
    };
    CHECK(found([](auto&) {}) == ids{scale, far, near});
    CHECK(found([](auto& f) { f.region = "440605"; }) == ids{far});
    CHECK(found([](auto& f) { f.region = "440600"; }) == ids{scale, far, near});
    CHECK(found([](auto& f) { f.l1 = "压力仪表"; }) == ids{far, near});
    CHECK(found([](auto& f) { f.l2 = "无创自动测量血压计"; }) == ids{scale});
    CHECK(found([](auto& f) { f.l2 = "没有"; }).empty());
}

TEST_CASE("what is one company's is reached by its own index, not over the institution's rows") {
    desk_world w;
    int reached = 0;
    CHECK(tests::walk_query_plans(w.file(), "core/instrument/listing_store.cpp", [&](auto& sql, auto& step) {
              const bool of_rows = step.starts_with("SEARCH instrument ") || step.starts_with("SEARCH i ");
              if (sql.find("applicant_id = $1") == std::string::npos || !of_rows) return;
              CHECK(step.find("(applicant_id=?") != std::string::npos);
              reached += step.ends_with("instrument_filed_of (applicant_id=? AND institution_id=? AND id<?)")
                             ? 1
                             : 0;
          }) > 5);
    CHECK(reached == 1);
}
