// core/catalogue: reference data, regions, the catalogue test, institutions, working days, the CSV reader.
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/csv.hpp"
#include "core/catalogue/labels.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <set>

namespace {

using namespace core;
namespace cat = core::catalogue;
using db::read_view;
using db::write_tx;
using tests::account_world;

date day(std::string_view s) {
    return parse_date(s).value();
}

cat::institution place(account_world& w, std::string_view name) {
    return w.read([&](read_view& v) { return cat::find_institution_by_name(v, name); }).value();
}

constexpr std::string_view foshan = "佛山市质量计量监督检测中心";
constexpr std::string_view shunde = "（示例）佛山市顺德区质量技术监督检测所";

} // namespace

TEST_CASE("csv: fields, quotes, line ends, byte order mark") {
    const csv::table t("\xEF\xBB\xBFname,note\r\n\"a,b\",\"say \"\"yes\"\"\"\r\n\n甲,\"two\nlines\"\nlast,");
    REQUIRE(t.size() == 3);
    CHECK(t.at(0, "name") == "a,b");
    CHECK(t.at(0, "note") == "say \"yes\"");
    CHECK(t.at(1, "name") == "甲");
    CHECK(t.at(1, "note") == "two\nlines");
    CHECK(t.at(2, "note") == "");
    CHECK(t.has("note"));
    CHECK_FALSE(t.has("other"));
    CHECK_THROWS(t.at(0, "other"));
}

TEST_CASE("csv: what is ambiguous is refused, with its line") {
    for (const char* bad : {"", "a,b\n1,2,3\n", "a,b\n1\n", "a\n\"open\n", "a,b\n1,x\"y\n", "a,b\n\"1\"x,2\n",
                            "a,a\n1,2\n", "a\n\xFF\n"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(csv::table{bad}, std::runtime_error);
    }
    CHECK_THROWS_WITH(csv::table("a,b\n\"x\ny\",2\n3\n"), "csv: line 4 has 1 fields, the head has 2");
}

TEST_CASE("M12 the shipped reference data loads, and loading again changes nothing") {
    account_world w;
    const auto rows = [&] {
        return std::tuple(w.count(R"sql(SELECT count(*) FROM region)sql"),
                          w.count(R"sql(SELECT count(*) FROM catalogue_row)sql"),
                          w.count(R"sql(SELECT count(*) FROM institution)sql"),
                          w.count(R"sql(SELECT count(*) FROM catalogue_version)sql"));
    };
    CHECK(rows() == std::tuple(203, 64, 30, 1));
    auto foshan_now = place(w, foshan);
    foshan_now.hours = "改过";
    w.write([&](write_tx& tx) {
         return cat::update_institution(tx, account_world::system(), foshan_now);
     }).value();
    const auto report = w.write([](write_tx& tx) -> result<cat::load_report> {
                             return cat::load_reference_data(tx);
                         }).value();
    CHECK(report.regions == 203);
    CHECK(report.entries == 64);
    CHECK_FALSE(report.assumed_periods.empty());
    CHECK(rows() == std::tuple(203, 64, 30, 1));
    CHECK(place(w, foshan).hours == "改过"); // what staff changed stays
}

TEST_CASE("M12 two levels, in the catalogue's order; periods joined by name") {
    account_world w;
    const auto all = w.read([](read_view& v) { return cat::list_entries(v); });
    REQUIRE(all.size() == 64);
    CHECK(all.front().l1 == "体温计");
    const auto gauge =
        std::find_if(all.begin(), all.end(), [](const cat::entry& e) { return e.l1 == "压力仪表"; });
    REQUIRE(gauge != all.end());
    CHECK(gauge->l2 == "压力表（指示类、显示类）");
    CHECK(gauge->supervision == "V");
    CHECK(gauge->period_months == 6);
    for (const auto& e : all)
        CHECK(is_code_of(supervisions, e.supervision));
}

TEST_CASE("both tests must hold: in the catalogue, and used for one of its purposes") {
    cat::entry e;
    e.supervision = "P+V";
    e.purposes = "trade;safety";
    CHECK(cat::is_mandatory(e, "trade") == cat::mandatory::yes);
    CHECK(cat::is_mandatory(e, "safety") == cat::mandatory::yes);
    CHECK(cat::is_mandatory(e, "medical") == cat::mandatory::no);
    CHECK(e.needs_type_evaluation()); // M14
    e.purposes = "";
    CHECK(cat::is_mandatory(e, "trade") == cat::mandatory::ask);
    e.supervision = "P"; // type approval only: not verified in use
    CHECK(cat::is_mandatory(e, "trade") == cat::mandatory::no);
    CHECK_FALSE(e.needs_type_evaluation());
}

TEST_CASE("M10 labels: every code and every word once") {
    for (const std::span<const label> table :
         {std::span<const label>(purposes), std::span<const label>(methods), std::span<const label>(origins),
          std::span<const label>(instrument_types), std::span<const label>(instrument_states),
          std::span<const label>(supervisions), std::span<const label>(levels)}) {
        std::set<std::string_view> codes, texts;
        for (const auto& l : table) {
            codes.insert(l.code);
            texts.insert(l.text);
            CHECK(text_of(table, l.code) == l.text);
        }
        CHECK(codes.size() == table.size());
        CHECK(texts.size() == table.size());
        CHECK_FALSE(is_code_of(table, "other"));
        CHECK_FALSE(is_code_of(table, ""));
    }
}

TEST_CASE("M11 places: path, city, and how precise 所在地 must be") {
    account_world w;
    w.read([](read_view& v) {
        CHECK(cat::region_path(v, "440111") == "广东省 / 广州市 / 白云区");
        CHECK(cat::region_path(v, "440000") == "广东省");
        CHECK(cat::region_path(v, "999999") == "");
        CHECK(cat::city_of("440111") == "440100");
        CHECK(cat::city_of("441900101") == "441900"); // a town of 东莞
        CHECK(cat::is_place(v, "440111"));
        CHECK_FALSE(cat::is_place(v, "440100")); // has counties
        CHECK_FALSE(cat::is_place(v, "440000"));
        CHECK(cat::is_place(v, "441900")); // 东莞 and 中山 stop at the city
        CHECK(cat::is_place(v, "442000"));
        CHECK_FALSE(cat::is_place(v, ""));
        CHECK_FALSE(cat::is_place(v, "' OR 1=1 --"));
        return 0;
    });
}

TEST_CASE("M24 normally only the city's institution is offered; an administrator changes that") {
    account_world w;
    const auto names = [&](std::string_view region) {
        std::vector<std::string> all;
        for (const auto& i : w.read([&](read_view& v) { return cat::list_direct(v, region); }))
            all.push_back(i.name);
        return all;
    };
    using list = std::vector<std::string>;
    CHECK(names("440606") == list{std::string(foshan)});
    auto county = place(w, shunde);
    county.direct = true;
    const auto change = [&](const actor& who, const cat::institution& i) {
        return w.write([&](write_tx& tx) { return cat::update_institution(tx, who, i); });
    };
    CHECK(change(w.acting("oujianwen"), county).error().code == errc::not_allowed);
    REQUIRE(change(w.acting("admin"), county).has_value());
    CHECK(names("440606") == list{std::string(shunde), std::string(foshan)});
    CHECK(names("440605") == list{std::string(foshan)});
    county.active = false;
    REQUIRE(change(w.acting("admin"), county).has_value());
    CHECK(names("440606") == list{std::string(foshan)});
    auto city = place(w, foshan);
    city.active = false;
    REQUIRE(change(w.acting("admin"), city).has_value());
    CHECK(names("440606") == list{"广东省计量科学研究院"}); // cannot be done here: one level up
}

TEST_CASE("M25 dispatch goes to the county institutions of the city") {
    account_world w;
    const auto city = place(w, foshan);
    const auto below = w.read([&](read_view& v) { return cat::list_counties_of(v, city); });
    REQUIRE(below.size() == 1);
    CHECK(below[0].name == shunde);
    auto closed = below[0];
    closed.active = false;
    w.write([&](write_tx& tx) {
         return cat::update_institution(tx, account_world::system(), closed);
     }).value();
    CHECK(w.read([&](read_view& v) { return cat::list_counties_of(v, city); }).empty());
}

TEST_CASE("institutions: own administrator, ranges, other fields stay, audit") {
    account_world w;
    auto mine = place(w, foshan);
    const auto change = [&](std::string_view who, const cat::institution& i) {
        const actor a = w.acting(who);
        return w.write([&](write_tx& tx) { return cat::update_institution(tx, a, i); });
    };
    mine.address = "  新地址\n1 号 ";
    mine.name = "别的名字";
    mine.lead_days = 60;
    CHECK(change("guopeng", mine).error().code == errc::not_allowed);
    CHECK(change("oujianwen", mine).error().code == errc::not_allowed);
    REQUIRE(change("linxiaomin", mine).has_value());
    CHECK(place(w, foshan).address == "新地址 1 号");
    CHECK(place(w, foshan).lead_days == 60);
    for (const auto& [lead, horizon, confirm] :
         {std::tuple(61, 30, 2), std::tuple(-1, 30, 2), std::tuple(1, 0, 2), std::tuple(1, 367, 2),
          std::tuple(1, 30, 0), std::tuple(1, 30, 31)}) {
        auto wrong = mine;
        wrong.lead_days = lead;
        wrong.horizon_days = horizon;
        wrong.confirm_days = confirm;
        CHECK(change("linxiaomin", wrong).error().detail == "institution.days");
    }
    auto unknown = mine;
    unknown.id = 1;
    CHECK(change("admin", unknown).error().code == errc::not_found);
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "institution", mine.id); });
    REQUIRE(history.size() == 2); // the demonstration's address, then this
    CHECK(history.back().actor_name == "林晓敏");
    CHECK(history.back().after.text("address") == "新地址 1 号");
}

TEST_CASE("working days: the week, public holidays, weekend days worked instead") {
    account_world w;
    w.read([](read_view& v) {
        CHECK(cat::is_working_day(v, day("2026-11-24")));       // Tuesday
        CHECK_FALSE(cat::is_working_day(v, day("2026-11-28"))); // Saturday
        CHECK_FALSE(cat::is_working_day(v, day("2026-10-01"))); // Thursday, 国庆节
        CHECK(cat::is_working_day(v, day("2026-10-10")));       // Saturday, worked
        CHECK_FALSE(cat::is_working_day(v, day("2027-01-01")));
        CHECK(cat::add_working_days(v, day("2026-11-24"), 0) == day("2026-11-24"));
        CHECK(cat::add_working_days(v, day("2026-11-27"), 1) == day("2026-11-30")); // over the weekend
        CHECK(cat::add_working_days(v, day("2026-09-30"), 2) == day("2026-10-09")); // over 国庆节
        CHECK(cat::add_working_days(v, day("2026-09-30"), 3) == day("2026-10-10"));
        return 0;
    });
}
