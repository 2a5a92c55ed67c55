// Guards of filings, batches, reasons, work lists, proposals, and two reviewers at once (domain.md 6.2, 7).
#include "core/filing/filing.hpp"

#include "core/catalogue/version.hpp"
#include "core/filing/filing_store.hpp"
#include "core/filing/queries.hpp"
#include "core/instrument/timeline.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world_filings.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::filing_world;

namespace {

filing::given_reasons reasons(std::vector<std::string> codes, std::string note = "") {
    filing::given_reasons why;
    why.codes = std::move(codes);
    why.note = std::move(note);
    return why;
}

std::vector<filing::work_item> work(filing_world& w, const actor& who, const filing::work_filter& f,
                                    filing::work_key after = {}, int limit = 100) {
    return w.read([&](read_view& v) { return filing::list_work(v, who, f, after, limit); });
}

outbox::pending last_event(filing_world& w) {
    return w.read([](read_view& v) { return outbox::list_pending(v, 10'000).back(); });
}

} // namespace

TEST_CASE("M14 P+V without its paper is not filed, with it it is") {
    filing_world w;
    const auto scale = std::to_string(w.catalogue_row("非自动衡器"));
    const auto id = w.add_instrument(w.company, {{"catalogue_id", scale}, {"purpose", "trade"}});
    const filing::submission to{.institution = w.demo.city_institution};
    CHECK(w.submit(w.company, {id}, to)[0].refused->detail == "filing.type_evaluation");
    w.give_type_paper(id);
    CHECK_FALSE(w.submit(w.company, {id}, to)[0].refused);
    // A reviewer who corrects the row to one that needs the paper is held to it too.
    const auto gauge = w.submitted();
    CHECK(w.refusal([&](write_tx& tx) {
        return filing::accept(tx, w.city, gauge, {.catalogue_id = w.catalogue_row("非自动衡器")});
    }) == "filing.type_evaluation");
}

TEST_CASE("8.3 one of many equal instruments is filed, whatever the order they are submitted in") {
    filing_world w;
    std::vector<std::int64_t> copies;
    for (int n = 0; n < 12; ++n)
        copies.push_back(
            w.add_instrument(n % 2 == 0 ? w.company : w.other_company, {{"serial_no", "DUP-1"}}));
    std::reverse(copies.begin(), copies.end());
    int done = 0;
    for (const auto id : copies) {
        const auto& who = w.get(id).applicant_id == w.company.applicant_id ? w.company : w.other_company;
        const auto answer = w.submit(who, {id}, {.institution = w.demo.city_institution});
        if (answer[0].refused)
            CHECK(answer[0].refused->detail == "filing.same_serial");
        else
            ++done;
    }
    CHECK(done == 1);
}

TEST_CASE("F2 an instrument code that is taken is never given again") {
    filing_world w;
    const std::string code = w.get(w.filed()).instrument_code;
    static std::uint32_t taken = 0;
    static int drawn = 0;
    taken = static_cast<std::uint32_t>(std::stoul(code.substr(8)));
    drawn = 0;
    const auto next = w.write([&](write_tx& tx) -> result<std::string> {
                           return filing::store::next_instrument_code(
                               tx, code.substr(2, 6), [](std::uint32_t below) -> std::uint32_t {
                                   return ++drawn <= 2 ? taken : (taken + 1) % below;
                               });
                       }).value();
    CHECK(drawn == 3);
    CHECK(next != code);
    CHECK(next.substr(0, 8) == code.substr(0, 8));
}

TEST_CASE("F5 a deleted instrument keeps its history, for whom it was") {
    filing_world w;
    const auto id = w.add_instrument();
    w.write([&](write_tx& tx) { return filing::remove(tx, w.company, id); }).value();
    const auto told = [&](const actor& who) {
        const auto t = w.read([&](read_view& v) { return instrument::list_timeline(v, who, id, 0, 10); });
        return t ? static_cast<int>(t->entries.size()) : -1;
    };
    CHECK(told(w.company) == 2); // entered, deleted
    CHECK(told(filing_world::system()) == 2);
    CHECK(told(w.other_company) == -1);
    CHECK(told(w.elsewhere) == -1);
    CHECK(w.read([&](read_view& v) { return instrument::get(v, w.company, id); }).has_error());
}

TEST_CASE("M19 M24 many are submitted at once, each is answered by itself, only to a city institution") {
    filing_world w;
    const auto good = w.add_instrument();
    const auto filed = w.filed();
    const auto foreign = w.add_instrument(w.other_company);
    const auto twin =
        w.add_instrument(w.other_company, {{"serial_no", w.get(filed).serial_no}, {"region_code", "440605"}});
    const auto all =
        w.submit(w.company, {good, filed, foreign, 42}, {.institution = w.demo.city_institution});
    REQUIRE(all.size() == 4);
    CHECK_FALSE(all[0].refused);
    CHECK(all[1].refused->code == errc::stale_state);
    CHECK(all[2].refused->code == errc::not_found);
    CHECK(all[3].refused->code == errc::not_found);
    CHECK(w.status(good) == "submitted");
    for (const auto institution : {w.demo.county_institution, w.province.institution_id,
                                   w.elsewhere.institution_id, std::int64_t{0}}) {
        const auto one = w.add_instrument();
        CHECK(w.submit(w.company, {one}, {.institution = institution})[0].refused->detail == "filing.target");
    }
    const auto again = w.submit(w.other_company, {twin}, {.institution = w.demo.city_institution});
    CHECK(again[0].refused->detail == "filing.same_serial"); // domain.md 8.3
    // M24: an administrator may open a county for direct filing.
    w.write([&](write_tx& tx) {
         auto county = catalogue::find_institution(tx, w.demo.county_institution).value();
         county.direct = true;
         return catalogue::update_institution(tx, w.acting("admin"), county);
     }).value();
    const auto direct = w.add_instrument();
    CHECK_FALSE(w.submit(w.company, {direct}, {.institution = w.demo.county_institution})[0].refused);
    CHECK(w.refusal([&](write_tx& tx) { return filing::accept(tx, w.county, direct); }).empty());
}

TEST_CASE("M19 no more than 500 in one batch") {
    filing_world w;
    const std::vector<std::int64_t> ids(filing::most_at_once + 2, 42);
    const auto all = w.submit(w.company, ids, {.institution = w.demo.city_institution});
    CHECK(all.size() == ids.size());
    CHECK(all[499].refused->code == errc::not_found);
    CHECK(all[500].refused->detail == "filing.too_many");
    CHECK(all[501].refused->detail == "filing.too_many");
}

TEST_CASE("M22 an instrument that is not mandatory by its use is submitted knowingly or not at all") {
    filing_world w;
    const auto scale = w.catalogue_row("非自动衡器");
    const auto id = w.add_instrument(
        w.company, {{"catalogue_id", std::to_string(scale)}, {"purpose", "safety"}, {"name", "电子秤"}});
    w.give_type_paper(id);
    const auto asked = w.read([&](read_view& v) {
        return filing::check_mandatory(v, w.company, std::array{id, std::int64_t{42}});
    });
    CHECK(asked[0].warned->detail == "filing.not_mandatory");
    CHECK(asked[1].refused->code == errc::not_found);
    filing::submission to{.institution = w.demo.city_institution};
    const auto refused = w.submit(w.company, {id}, to);
    CHECK(refused[0].refused->detail == "filing.not_mandatory");
    CHECK(refused[0].refused->field == "knowingly");
    CHECK(w.status(id) == "unfiled");
    to.knowingly = true;
    const auto done = w.submit(w.company, {id}, to);
    CHECK_FALSE(done[0].refused);
    CHECK(done[0].warned->detail == "filing.not_mandatory");
    // One that is mandatory gets no warning.
    const auto tank = std::to_string(w.catalogue_row("立式金属罐"));
    const auto plain = w.add_instrument(w.company, {{"catalogue_id", tank}, {"purpose", "trade"}});
    CHECK_FALSE(w.submit(w.company, {plain}, to)[0].warned);
    // One whose row names cases is for a person to look at.
    CHECK(w.submit(w.company, {w.add_instrument()}, to)[0].warned->detail == "filing.ask_mandatory");
}

TEST_CASE(
    "M19 M22 how an instrument is used is asked where it decides, kept for the reviewer, asked anew when "
    "the purpose changes") {
    filing_world w;
    const auto scale = std::to_string(w.catalogue_row("非自动衡器"));
    const auto id = w.add_instrument(w.company, {{"catalogue_id", scale}, {"purpose", "trade"}});
    w.give_type_paper(id);
    const auto asked = [&](std::int64_t which) {
        return w.read(
            [&](read_view& v) { return filing::check_mandatory(v, w.company, std::array{which}); })[0];
    };
    CHECK(asked(id).is_use_asked);
    CHECK(asked(id).warned->detail == "filing.ask_mandatory");
    const auto tank = std::to_string(w.catalogue_row("立式金属罐"));
    const auto plain = w.add_instrument(w.company, {{"catalogue_id", tank}, {"purpose", "trade"}});
    CHECK_FALSE(asked(plain).is_use_asked); // its row names no cases
    filing::submission to{.institution = w.demo.city_institution, .uses = {{id, "in_a_shop"}}};
    CHECK(w.submit(w.company, {id}, to)[0].refused->detail == "filing.use");
    to.uses[id] = "otherwise";
    CHECK(w.submit(w.company, {id}, to)[0].refused->detail == "filing.not_mandatory");
    CHECK(w.status(id) == "unfiled");
    CHECK(w.get(id).declared_use == "");
    to.uses[id] = "listed";
    const auto done = w.submit(w.company, {id}, to)[0];
    CHECK_FALSE(done.refused);
    CHECK_FALSE(done.warned); // mandatory, as declared
    CHECK(w.get(id).declared_use == "listed");
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "instrument", id); });
    CHECK(history.back().after.text("use") == "listed");
    // Returned, it stays as said; another purpose asks anew, another name does not.
    CHECK(w.refusal([&](write_tx& tx) {
               return filing::give_back(tx, w.city, id, reasons({"photo_unclear"}));
           }).empty());
    CHECK(w.get(id).declared_use == "listed");
    const auto edit = [&](instrument::field_id f, std::string_view text) {
        instrument::draft d([&](std::string_view name) { return w.get(id).text_of(name); });
        d.set(f, std::string(text));
        CHECK(w.refusal([&](write_tx& tx) {
                   return instrument::edit(tx, w.company, id, w.get(id).version, d);
               }).empty());
        return w.get(id).declared_use;
    };
    CHECK(edit(instrument::field_id::name, "台秤") == "listed");
    CHECK(edit(instrument::field_id::purpose, "medical") == "");
}

TEST_CASE("M23 M38 accepting sets institution, code, period, and may correct the row") {
    filing_world w;
    const auto plain = w.filed();
    const auto i = w.get(plain);
    CHECK(i.institution_id == w.demo.city_institution);
    CHECK(i.instrument_code.starts_with("YJ440606"));
    CHECK(i.period_months == 6); // as the catalogue proposes for pressure gauges
    const auto first_only = w.submitted();
    CHECK(w.refusal([&](write_tx& tx) {
               return filing::accept(tx, w.city, first_only, {.period_months = 0});
           }).empty());
    CHECK_FALSE(w.get(first_only).period_months);
    const auto corrected = w.submitted();
    const auto other = w.catalogue_row("电流互感器、电压互感器");
    CHECK(w.refusal([&](write_tx& tx) {
               return filing::accept(tx, w.city, corrected, {.catalogue_id = other, .period_months = 24});
           }).empty());
    CHECK(w.get(corrected).catalogue_id == other);
    CHECK(w.get(corrected).period_months == 24);
    const auto bad = w.submitted();
    for (const int months : {-1, 241})
        CHECK(w.refusal([&](write_tx& tx) {
            return filing::accept(tx, w.city, bad, {.period_months = months});
        }) == "filing.period");
    CHECK(w.refusal([&](write_tx& tx) { return filing::accept(tx, w.city, bad, {.catalogue_id = 42}); }) ==
          "filing.catalogue");
    CHECK(w.status(bad) == "submitted");
}

TEST_CASE("M12 M23 a row that is not of the catalogue in force stays where it is, but is not chosen when "
          "accepting") {
    filing_world w;
    const auto id = w.submitted();
    const auto other = w.submitted();
    const auto own_row = w.get(id).catalogue_id;
    const auto old_row = w.catalogue_row("电流互感器、电压互感器");
    const std::string next = "一级目录,二级目录,监管方式,强检方式,强检范围及说明\n"
                             "声级计,声级计,强制检定,周期检定,环境监测：噪声\n";
    w.write([&](write_tx& tx) -> result<int> {
         const auto made = catalogue::import_catalogue(tx, w.acting("admin"), "2027 年目录", next);
         if (!made) return made.error();
         const auto done = catalogue::activate_version(tx, w.acting("admin"), made->id);
         if (!done) return done.error();
         return done->dropped;
     }).value();
    const auto accept = [&](std::int64_t which, std::int64_t row) {
        return w.refusal(
            [&](write_tx& tx) { return filing::accept(tx, w.city, which, {.catalogue_id = row}); });
    };
    CHECK(accept(id, old_row) == "filing.old_row");
    CHECK(w.status(id) == "submitted");
    CHECK(accept(id, own_row).empty());     // the row it was filed under, dropped or not
    CHECK(w.get(id).standing == "dropped"); // flagged, not touched
    CHECK(accept(other, w.catalogue_row("声级计")).empty());
    CHECK(w.get(other).standing == "current");
}

TEST_CASE("M20 M21 return reasons are data: code, field, text; shown, kept, gone when submitted again") {
    filing_world w;
    const auto id = w.submitted();
    const auto give_back = [&](const filing::given_reasons& why) {
        return w.refusal([&](write_tx& tx) { return filing::give_back(tx, w.city, id, why); });
    };
    std::string hundred;
    for (int n = 0; n < 100; ++n)
        hundred += "字";
    CHECK(give_back(reasons({})) == "filing.reason");
    CHECK(give_back(reasons({}, "  ")) == "filing.reason");
    CHECK(give_back(reasons({}, hundred + "字")) == "filing.reason");
    CHECK(give_back(reasons({"no_such"})) == "filing.reason_code");
    CHECK(give_back(reasons({"not_in_catalogue"})) == "filing.reason_code"); // of the other kind
    CHECK(give_back(reasons(std::vector<std::string>(11, "photo_unclear"))) == "filing.reason_code");
    CHECK(give_back(reasons({"photo_unclear", "serial_differs", "photo_unclear"}, hundred)).empty());
    CHECK(w.get(id).return_kind == "incomplete");
    CHECK(w.get(id).return_reason == "铭牌照片看不清，请补拍；出厂编号与铭牌不符。" + hundred);
    const auto kept = w.read([&](read_view& v) { return filing::list_reasons(v, w.company, id); }).value();
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].field == "material");
    CHECK(kept[1].field == "serial_no");
    CHECK(w.read([&](read_view& v) { return filing::list_reasons(v, w.other_company, id); }).error().code ==
          errc::not_found);
    CHECK(last_event(w).facts.text("reason").starts_with("铭牌照片看不清"));
    CHECK_FALSE(w.submit(w.company, {id}, {.institution = w.demo.city_institution})[0].refused); // F4
    CHECK(w.get(id).return_reason.empty());
    CHECK(w.read([&](read_view& v) { return filing::list_reasons(v, w.company, id); }).value().empty());
}

TEST_CASE("M20 every institution keeps its own list of reasons, within limits") {
    filing_world w;
    const auto list = [&](const actor& who) {
        return w.read([&](read_view& v) { return filing::list_return_reasons(v, who); });
    };
    for (const auto& r : list(w.city)) {
        CHECK(r.text.size() <= 60); // 20 Chinese characters
        CHECK_FALSE(r.code.empty());
    }
    const auto set = [&](const actor& who, std::vector<filing::return_reason> all) {
        return w.refusal([&](write_tx& tx) { return filing::set_return_reasons(tx, who, all); });
    };
    const filing::return_reason dirty{"dirty", filing::return_kind::incomplete, "material", "器具照片有油污"};
    CHECK(set(w.company, {dirty}) == "not_allowed");
    CHECK(set(w.acting("luoxiaoyan"), {dirty}) == "not_allowed"); // a reviewer, no administrator
    auto wrong = dirty;
    wrong.code = "Dirty!";
    CHECK(set(w.city, {wrong}) == "filing.reason_list");
    wrong = dirty;
    wrong.text = "一二三四五六七八九十一二三四五六七八九十一";
    CHECK(set(w.city, {wrong}) == "filing.reason_list");
    wrong = dirty;
    wrong.field = "password";
    CHECK(set(w.city, {wrong}) == "filing.reason_list");
    CHECK(set(w.city, {dirty, dirty}) == "filing.reason_list");
    CHECK(set(w.city, {dirty}).empty());
    CHECK(list(w.city).size() == 1);
    CHECK(list(w.county).size() > 5); // others keep theirs
    const filing::return_reason common{"common", filing::return_kind::incomplete, "", "请电话联系"};
    CHECK(set(w.acting("admin"), {common}).empty());
    CHECK(list(w.county).size() == 1); // the platform's now
    CHECK(list(w.city).at(0).code == "dirty");
    CHECK(set(w.city, {}).empty());
    CHECK(list(w.city).at(0).code == "common"); // back to the platform's
}

TEST_CASE("M22 several returned ones are deleted at once, and the serial may be entered again") {
    filing_world w;
    const auto a = w.returned();
    const auto b = w.returned();
    const auto open = w.submitted();
    const auto serial = w.get(a).serial_no;
    const auto all = w.write([&](write_tx& tx) -> result<std::vector<filing::outcome>> {
                          return filing::remove_many(tx, w.company, std::array{a, open, b});
                      }).value();
    CHECK_FALSE(all[0].refused);
    CHECK(all[1].refused->code == errc::stale_state);
    CHECK_FALSE(all[2].refused);
    CHECK(w.status(a) == "deleted");
    const auto again = w.add_instrument(w.company, {{"serial_no", serial}});
    CHECK_FALSE(w.submit(w.company, {again}, {.institution = w.demo.city_institution})[0].refused);
}

TEST_CASE("M25 the company sees each step of a dispatch, but not the people") {
    filing_world w;
    const auto id = w.dispatched();
    w.write([&](write_tx& tx) { return filing::decline(tx, w.county, id, "没有标准装置"); }).value();
    w.write([&](write_tx& tx) {
         return filing::dispatch(tx, w.city, id, w.demo.county_institution);
     }).value();
    w.write([&](write_tx& tx) { return filing::accept(tx, w.county, id); }).value();
    const auto steps = w.read([&](read_view& v) { return filing::list_steps(v, w.company, id); }).value();
    std::vector<std::string> verbs;
    for (const auto& s : steps) {
        verbs.push_back(s.verb);
        CHECK_FALSE(s.text.empty());
        CHECK(s.actor_name.empty());
    }
    CHECK(verbs == std::vector<std::string>{"add", "submit", "dispatch", "decline", "dispatch", "accept"});
    CHECK(steps[2].institution == "（示例）佛山市顺德区质量技术监督检测所");
    CHECK(steps[3].institution == "佛山市质量计量监督检测中心");
    CHECK(steps[3].reason == "没有标准装置");
    CHECK(w.get(id).institution_id == w.demo.county_institution);
    const auto staff = w.read([&](read_view& v) { return filing::list_steps(v, w.city, id); }).value();
    CHECK(staff[2].actor_name == "林晓敏");
    CHECK(w.read([&](read_view& v) { return filing::list_steps(v, w.other_company, id); }).error().code ==
          errc::not_found);
    // Every verb of the table has words for a page.
    for (const auto& row : filing::transitions())
        CHECK_FALSE(filing::verb_text(row.verb).empty());
}

TEST_CASE("M25 only a city hands down, only to a county of its own; only one level up") {
    filing_world w;
    const auto dispatch = [&](const actor& who, std::int64_t id, std::int64_t to) {
        return w.refusal([&](write_tx& tx) { return filing::dispatch(tx, who, id, to); });
    };
    const auto id = w.submitted();
    CHECK(dispatch(w.city, id, w.institution("（示例）台山市质量技术监督检测所")) == "filing.county");
    CHECK(dispatch(w.city, id, w.elsewhere.institution_id) == "filing.county");
    CHECK(dispatch(w.city, id, w.city.institution_id) == "filing.county");
    const auto up = [&](const actor& who, std::int64_t to, std::string_view why) {
        return w.refusal([&](write_tx& tx) { return filing::pass_up(tx, who, id, to, why); });
    };
    CHECK(up(w.city, w.elsewhere.institution_id, "无装置") == "filing.upper");
    CHECK(up(w.city, w.demo.county_institution, "无装置") == "filing.upper");
    CHECK(up(w.city, w.province.institution_id, "") == "filing.reason");
    CHECK(up(w.city, w.province.institution_id, "无装置").empty()); // F11
    CHECK(w.status(id) == "submitted");
    CHECK(last_event(w).kind == "filing_dispatched");
    CHECK(last_event(w).facts.text("institution") == "广东省计量科学研究院");
    CHECK(dispatch(w.province, id, w.demo.county_institution) == "not_allowed");
    CHECK(up(w.province, w.city.institution_id, "退") == "filing.upper");
    CHECK(w.refusal([&](write_tx& tx) { return filing::decline(tx, w.province, id, ""); }) ==
          "filing.reason");
    CHECK(w.refusal([&](write_tx& tx) { return filing::decline(tx, w.province, id, "本市可检"); }).empty());
    CHECK(w.get(id).handler_id == w.city.institution_id);
    CHECK(w.refusal([&](write_tx& tx) { return filing::withdraw(tx, w.company, id); }) == "filing.decided");
}

TEST_CASE("M25 F11 a county hands up to its own city, and only while that one works") {
    filing_world w;
    const auto county = w.demo.county_institution;
    w.write([&](write_tx& tx) -> result<> { // companies may choose this county directly
         tx.exec("UPDATE institution SET direct = 1 WHERE id = $1", county);
         return {};
     })
        .value();
    const auto id = w.add_instrument();
    CHECK_FALSE(w.submit(w.company, {id}, {.institution = county, .knowingly = true})[0].refused);
    const auto up = [&](std::int64_t to) {
        return w.refusal([&](write_tx& tx) { return filing::pass_up(tx, w.county, id, to, "无装置"); });
    };
    CHECK(up(w.elsewhere.institution_id) == "filing.upper"); // 深圳
    CHECK(up(w.province.institution_id) == "filing.upper");  // one level only
    const auto set_active = [&](int active) {
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("UPDATE institution SET active = $1 WHERE id = $2", active, w.demo.city_institution);
             return {};
         }).value();
    };
    set_active(0);
    CHECK(up(w.demo.city_institution) == "filing.upper");
    set_active(1);
    CHECK(up(w.demo.city_institution).empty());
    CHECK(w.get(id).handler_id == w.demo.city_institution);
}

TEST_CASE("F1 F4 what is stopped or scrapped is not filed") {
    filing_world w;
    for (const auto* status : {"stopped", "scrapped"}) {
        const auto id = w.add_instrument();
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("UPDATE instrument SET instrument_status = $1 WHERE id = $2", status, id);
             return {};
         }).value();
        CHECK(w.submit(w.company, {id}, {.institution = w.demo.city_institution, .knowingly = true})[0]
                  .refused->detail == "filing.out_of_service");
        CHECK(w.status(id) == "unfiled");
    }
}

TEST_CASE("M25 a batch of one verb answers per id and is told once per company") {
    filing_world w;
    std::vector<std::int64_t> ids;
    for (int n = 0; n < 5; ++n)
        ids.push_back(w.submitted());
    const auto theirs = w.add_instrument(w.other_company, {{"region_code", "440605"}});
    CHECK_FALSE(w.submit(w.other_company, {theirs}, {.institution = w.demo.city_institution})[0].refused);
    ids.push_back(theirs);
    ids.push_back(w.filed());
    const auto before = w.events("filing_accepted");
    const auto all = w.write([&](write_tx& tx) -> result<std::vector<filing::outcome>> {
                          return filing::accept_many(tx, w.city, ids);
                      }).value();
    CHECK(std::count_if(all.begin(), all.end(), [](const auto& o) { return !o.refused; }) == 6);
    CHECK(all.back().refused->code == errc::stale_state);
    CHECK(w.events("filing_accepted") - before == 2); // one per company
    const auto facts = last_event(w).facts;
    CHECK(facts.number("pieces") == 1);
    const auto many = w.read([](read_view& v) {
        const auto events = outbox::list_pending(v, 10'000);
        return events.at(events.size() - 2).facts;
    });
    CHECK(many.number("pieces") == 5);
    CHECK(many.text("instrument") == "压力表等 5 台件");
    CHECK_FALSE(many.flag("single"));

    std::vector<std::int64_t> down = {w.submitted(), w.submitted(), 42};
    const auto dispatched = w.write([&](write_tx& tx) -> result<std::vector<filing::outcome>> {
                                 return filing::dispatch_many(tx, w.city, down, w.demo.county_institution);
                             }).value();
    CHECK_FALSE(dispatched[0].refused);
    CHECK_FALSE(dispatched[1].refused);
    CHECK(dispatched[2].refused->code == errc::not_found);
    std::vector<std::int64_t> bad = {w.submitted(), down[0], w.submitted()};
    const auto returned = w.write([&](write_tx& tx) -> result<std::vector<filing::outcome>> {
                               return filing::give_back_many(tx, w.city, bad, reasons({"photo_unclear"}));
                           }).value();
    CHECK_FALSE(returned[0].refused);
    CHECK(returned[1].refused.has_value());
    CHECK_FALSE(returned[2].refused);
}

TEST_CASE("S16 of reviewers deciding the same filing at once one wins, the others see a stale state") {
    filing_world w;
    for (int round = 0; round < 5; ++round) {
        const auto id = w.submitted();
        std::atomic<int> won = 0, stale = 0, other = 0;
        std::vector<std::thread> reviewers;
        for (int n = 0; n < 8; ++n)
            reviewers.emplace_back([&, n] {
                const auto done = w.write([&](write_tx& tx) -> result<> {
                    if (n % 3 == 0) return filing::accept(tx, w.city, id);
                    if (n % 3 == 1) return filing::give_back(tx, w.city, id, reasons({"photo_unclear"}));
                    return filing::dispatch(tx, w.city, id, w.demo.county_institution);
                });
                ++(done ? won : done.error().code == errc::stale_state ? stale : other);
            });
        for (auto& t : reviewers)
            t.join();
        CHECK(won == 1);
        CHECK(stale == 7);
        CHECK(other == 0);
        CHECK(w.audited(id).size() == 3); // add, submit, the one decision
    }
}

TEST_CASE("M19 work lists: by deadline in working days with holidays counted, paged by key, filtered") {
    filing_world w(local_instant(*parse_date("2026-09-28"), 10 * 60)); // Monday before 国庆节
    const auto first = w.submitted();
    auto all = work(w, w.city, {});
    REQUIRE(all.size() == 1);
    date expected = *parse_date("2026-09-28");
    for (int days = 0; days < 5;) { // counted the slow way
        expected = add_days(expected, 1);
        days += w.read([&](read_view& v) { return catalogue::is_working_day(v, expected); }) ? 1 : 0;
    }
    CHECK(expected > *parse_date("2026-10-07")); // over the holidays, not after five days
    CHECK(local_date(*all[0].due_at) == expected);
    CHECK(all[0].due_days == 5);
    CHECK(all[0].waited_days == 0);
    CHECK(all[0].contact == "陈志明 138****1234");
    w.time.advance(std::chrono::hours(24));
    const auto second = w.submitted({{"region_code", "440605"}, {"name", "真空表"}});
    const auto scale = w.catalogue_row("电流互感器、电压互感器");
    const auto third = w.submitted({{"catalogue_id", std::to_string(scale)}, {"purpose", "trade"}});
    all = work(w, w.city, {}, {}, 2);
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == first);
    CHECK(all[0].due_days == 4);
    CHECK(all[0].waited_days == 1);
    CHECK(all[1].id == second);
    const auto rest = work(w, w.city, {}, filing::key_of(all[1]), 2);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].id == third);

    const auto only = [&](const filing::work_filter& f) {
        std::vector<std::int64_t> ids;
        for (const auto& i : work(w, w.city, f))
            ids.push_back(i.id);
        return ids;
    };
    using ids = std::vector<std::int64_t>;
    CHECK(only({.text = "真空"}) == ids{second});
    CHECK(only({.text = "%"}).empty());
    CHECK(only({.text = w.get(third).serial_no}) == ids{third});
    CHECK(only({.l1 = "电力测量用互感器"}) == ids{third});
    CHECK(only({.l2 = "压力表（指示类、显示类）"}) == ids{first, second});
    CHECK(only({.region = "440605"}) == ids{second});
    CHECK(only({.region = "440600"}) == ids{first, second, third});
    CHECK(only({.late = true}).empty());
    w.time.set(local_instant(expected, 18 * 60)); // the evening of the first one's last day
    CHECK(only({.late = true}) == ids{first});
    CHECK(work(w, w.city, {})[0].due_days == -1);
    CHECK(w.read([&](read_view& v) { return filing::count_work(v, w.city); }).late == 1);
    CHECK(work(w, w.company, {}).empty());
    CHECK(work(w, w.elsewhere, {}).empty());
    CHECK(work(w, w.acting("fengjianguo"), {}).empty());
}

TEST_CASE("M25 tabs of the city and the county, with counts") {
    filing_world w;
    w.submitted();
    const auto down = w.dispatched();
    const auto up = w.passed_up();
    const auto back = w.returned();
    const auto filed = w.filed();
    const auto counts = w.read([&](read_view& v) { return filing::count_work(v, w.city); });
    CHECK(counts.submitted == 1);
    CHECK(counts.dispatched == 0);
    CHECK(counts.outgoing == 2);
    CHECK(counts.returned == 1);
    CHECK(counts.filed == 1);
    CHECK(counts.late == 0);
    for (const auto t : {filing::tab::submitted, filing::tab::dispatched, filing::tab::outgoing,
                         filing::tab::returned, filing::tab::filed}) {
        CHECK(filing::parse_tab(filing::code_of(t)) == t);
        CHECK(static_cast<int>(work(w, w.city, {.of = t}).size()) == counts.of(t));
    }
    CHECK(work(w, w.city, {.of = filing::tab::outgoing})[0].id == down);
    CHECK(work(w, w.city, {.of = filing::tab::outgoing})[1].id == up);
    CHECK(work(w, w.city, {.of = filing::tab::outgoing})[1].institution_name == "广东省计量科学研究院");
    CHECK(work(w, w.county, {.of = filing::tab::dispatched})[0].id == down);
    CHECK(work(w, w.province, {})[0].id == up);
    CHECK(work(w, w.city, {.of = filing::tab::returned})[0].id == back);
    CHECK(work(w, w.city, {.of = filing::tab::filed})[0].id == filed);
    CHECK_FALSE(filing::parse_tab("none"));
}

TEST_CASE("S16 the days to decide are a setting, and every hand-over begins them anew") {
    filing_world w;
    w.write([](write_tx& tx) -> result<> {
         tx.exec("INSERT INTO setting (name, value) VALUES ('filings.decide_days', '2')");
         return {};
     }).value();
    const auto id = w.submitted();
    CHECK(work(w, w.city, {})[0].due_days == 2);
    w.time.advance(std::chrono::hours(24));
    w.write([&](write_tx& tx) {
         return filing::dispatch(tx, w.city, id, w.demo.county_institution);
     }).value();
    const auto there = work(w, w.county, {.of = filing::tab::dispatched});
    CHECK(there[0].due_days == 2);
    CHECK(there[0].waited_days == 1); // the company has been waiting since it submitted
}

TEST_CASE("M19 what earlier filings of the same model became is proposed, with how often") {
    filing_world w;
    const auto propose = [&](const actor& who, std::int64_t id) {
        return w.read([&](read_view& v) { return filing::propose(v, who, id); });
    };
    const auto before = w.submitted();
    CHECK(propose(w.city, before).value().times == 0);
    for (int n = 0; n < 3; ++n)
        w.filed();
    const auto to_county = w.dispatched();
    w.write([&](write_tx& tx) {
         return filing::accept(tx, w.county, to_county, {.period_months = 12});
     }).value();
    w.filed({{"model", "Y-200"}}); // another model says nothing about this one
    const auto p = propose(w.city, before).value();
    CHECK(p.times == 4);
    REQUIRE(p.rows.size() == 2);
    CHECK(p.rows[0].period_months == 6);
    CHECK(p.rows[0].times == 3);
    CHECK(p.rows[1].period_months == 12);
    CHECK(p.rows[1].times == 1);
    REQUIRE(p.places.size() == 2);
    CHECK(p.places[0].place.id == w.demo.city_institution);
    CHECK(p.places[0].times == 3);
    // Places of another city say nothing about where this one goes.
    const auto far = w.add_instrument(w.company, {{"region_code", "440305"}});
    CHECK_FALSE(w.submit(w.company, {far}, {.institution = w.elsewhere.institution_id, .knowingly = true})[0]
                    .refused);
    w.write([&](write_tx& tx) { return filing::accept(tx, w.elsewhere, far, {.period_months = 6}); }).value();
    const auto wider = propose(w.city, before).value();
    CHECK(wider.times == 5);
    CHECK(wider.places.size() == 2);
    const auto same = w.submitted({{"model", "ｙ－100 "}}); // written otherwise
    CHECK(propose(w.company, same).value().times == 5);
    CHECK(propose(w.other_company, same).error().code == errc::not_found);
}

TEST_CASE("M25 the county of the place is proposed for dispatch, the dispatcher has the last word") {
    filing_world w;
    const auto counties = [&](const actor& who, std::int64_t id) {
        return w.read([&](read_view& v) { return filing::list_counties(v, who, id); });
    };
    const auto here = w.submitted();
    const auto there = w.submitted({{"region_code", "440605"}});
    REQUIRE(counties(w.city, here).value().size() == 1);
    CHECK(counties(w.city, here).value()[0].same_county);
    CHECK(counties(w.city, here).value()[0].proposed);
    CHECK_FALSE(counties(w.city, there).value()[0].proposed);
    w.write([&](write_tx& tx) {
         return filing::dispatch(tx, w.city, there, w.demo.county_institution);
     }).value();
    w.write([&](write_tx& tx) { return filing::accept(tx, w.county, there); }).value();
    const auto next = w.submitted({{"region_code", "440605"}});
    CHECK(counties(w.city, next).value()[0].proposed); // its model went there before
    CHECK(counties(w.city, next).value()[0].times == 1);
    CHECK(counties(w.company, next).value().empty());
    CHECK(counties(w.elsewhere, next).error().code == errc::not_found);
}

TEST_CASE("S1 an institution keeps reading what was filed with it, after the filing has gone elsewhere") {
    filing_world w;
    const auto id = w.dispatched();
    const auto reads = [&](const actor& who) {
        return w.read([&](read_view& v) { return instrument::get(v, who, id); }).has_value();
    };
    w.write([&](write_tx& tx) { return filing::decline(tx, w.county, id, "无装置"); }).value();
    w.write([&](write_tx& tx) {
         return filing::pass_up(tx, w.city, id, w.province.institution_id, "无装置");
     }).value();
    w.write([&](write_tx& tx) { return filing::accept(tx, w.province, id); }).value();
    for (const actor& who : {w.county, w.city, w.province})
        CHECK(reads(who));
    CHECK_FALSE(reads(w.elsewhere));
    CHECK(w.refusal([&](write_tx& tx) { return filing::accept(tx, w.county, id); }) == "filing.state");
    CHECK(work(w, w.county, {.of = filing::tab::dispatched}).empty()); // in no list of its any more
}
