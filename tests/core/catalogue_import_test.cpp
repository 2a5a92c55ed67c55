// core/catalogue: versions of the catalogue, imports of reference data with dry run and report.
#include "core/catalogue/capability.hpp"
#include "core/catalogue/mandatory.hpp"
#include "core/catalogue/version.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core;
namespace cat = core::catalogue;
using cat::dataset;
using cat::import_step;
using db::read_view;
using db::write_tx;
using tests::account_world;

cat::import_report dry(account_world& w, dataset d, std::string_view text) {
    return w.read([&](read_view& v) { return cat::check_import(v, d, text); });
}
result<cat::import_report> import(account_world& w, dataset d, std::string_view text,
                                  std::string_view who = "admin") {
    const actor a = w.acting(who);
    return w.write([&](write_tx& tx) { return cat::import_data(tx, a, d, text); });
}
std::string issues_of(const cat::import_report& r) {
    std::string all;
    for (const auto& i : r.issues)
        all += std::to_string(i.line) + ":" + i.column + ":" + i.key + " ";
    return all;
}
std::int64_t rows_in(account_world& w, std::string_view table) {
    return w.count("SELECT count(*) FROM " + std::string(table));
}
cat::entry row_named(account_world& w, std::string_view l2) {
    for (auto& e : w.read([](read_view& v) { return cat::list_entries(v); }))
        if (e.l2 == l2) return e;
    return {};
}

constexpr std::string_view foshan = "佛山市质量计量监督检测中心";

// A small catalogue in the words of 2020: one row as before, one changed, one new under another name, one
// only P now.
const std::string next_catalogue =
    "一级目录,二级目录,监管方式,强检方式,强检范围及说明,replaces\n"
    "加油机,燃油加油机,型式批准、强制检定,周期检定,贸易结算：成品油销售,\n"
    "声级计,声级计,强制检定,周期检定,环境监测：噪声,\n"
    "压力仪表,指示类压力表,强制检定,周期检定,安全防护：锅炉,压力仪表/压力表（指示类、显示类）\n"
    "眼压计,眼压计,型式批准,,,\n"
    "新器具,全新检测仪,P+V,周期检定,医疗卫生：诊断,\n";

} // namespace

TEST_CASE("M12 a new catalogue is compared, prepared beside the one in force, and put in force in one step") {
    account_world w;
    const actor admin = w.acting("admin");
    const auto company = w.acting("chenzhiming");
    const auto id = tests::add_gauge(w, company);
    const auto old_gauge = row_named(w, "压力表（指示类、显示类）");
    const auto old_eye = row_named(w, "眼压计");
    const auto old_scale = row_named(w, "非自动衡器");
    const auto report =
        w.read([](read_view& v) { return cat::check_catalogue(v, "2027 年目录", next_catalogue); });
    CHECK(report.is_clean());
    CHECK(report.rows == 5);
    CHECK(report.count(import_step::added) == 2);
    CHECK(report.count(import_step::changed) == 3);
    CHECK(report.count(import_step::removed) == 62 - 1);
    CHECK(report.changes[0].detail.find("source") != std::string::npos);
    CHECK(rows_in(w, "catalogue_version") == 1); // a dry run takes nothing
    const auto import_as = [&](std::string_view title, std::string_view text) {
        return w.write([&](write_tx& tx) { return cat::import_catalogue(tx, admin, title, text); });
    };
    const auto made = import_as("2027 年目录", next_catalogue).value();
    CHECK(import_as("2027 年目录", next_catalogue)->id == made.id); // repeatable
    CHECK(rows_in(w, "catalogue_row") == 64 + 5);
    CHECK(row_named(w, "眼压计").id == old_eye.id); // not in force yet
    const auto rows = w.read([&](read_view& v) { return cat::list_entries_of(v, made.id); });
    CHECK(rows[0].supervision == "P+V");
    CHECK(rows[0].purposes == "trade"); // read from the scope
    CHECK(rows[0].period_months == 6);
    CHECK(rows[3].supervision == "P");
    CHECK(rows[4].period_months == cat::assumed_period_months);
    const auto activate = [&](const actor& who, std::int64_t version) {
        return w.write([&](write_tx& tx) { return cat::activate_version(tx, who, version); });
    };
    CHECK(activate(w.acting("linxiaomin"), made.id).error().code == errc::not_allowed);
    CHECK(activate(admin, 42).error().code == errc::not_found);
    const auto done = activate(admin, made.id).value();
    CHECK(done.continued == 3);
    CHECK(done.dropped == 61);
    CHECK(activate(admin, made.id)->dropped == 0); // again: nothing
    // The instrument keeps its row; the row says what became of it.
    auto one = tests::read_instrument(w, id);
    CHECK(one.catalogue_id == old_gauge.id);
    CHECK(one.standing == "continued");
    const auto ask = [&](std::int64_t row, std::string_view purpose) {
        return w.read([&](read_view& v) {
            return cat::ask_mandatory(v, {row, purpose, cat::use::as_listed});
        });
    };
    CHECK(ask(old_gauge.id, "safety").answer == cat::mandatory::yes);
    CHECK(ask(old_gauge.id, "safety").row->l2 == "指示类压力表"); // quoted as it is now
    CHECK(ask(old_eye.id, "medical").answer == cat::mandatory::no);
    CHECK(ask(old_scale.id, "trade").answer == cat::mandatory::no);
    CHECK(ask(old_scale.id, "trade").reason.find("不再列入") != std::string::npos);
    // An old row may stay in an edit, but not be chosen anew.
    auto d = tests::gauge_draft(w, {{instrument::field_id::catalogue_id, std::to_string(old_gauge.id)}});
    CHECK(
        w.write([&](write_tx& tx) { return instrument::edit(tx, company, id, one.version, d); }).has_value());
    CHECK(w.write([&](write_tx& tx) { return instrument::add(tx, company, d); }).error().detail ==
          "field.choice");
    // Back again: everything is continued.
    const auto versions = w.read([](read_view& v) { return cat::list_versions(v); });
    REQUIRE(versions.size() == 2);
    CHECK(versions[0].is_current);
    CHECK(versions[0].unverified == 5);
    CHECK(versions[1].partly > 0);
    CHECK(import_as(versions[1].title, next_catalogue).error().detail == "catalogue.in_force");
    activate(admin, versions[1].id).value();
    CHECK(tests::read_instrument(w, id).standing == "current");
    // Loading the shipped data again does not undo an administrator's choice.
    activate(admin, made.id).value();
    w.write([](write_tx& tx) -> result<cat::load_report> { return cat::load_reference_data(tx); }).value();
    CHECK(w.read([](read_view& v) { return cat::list_entries(v); }).size() == 5);
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "catalogue", made.id); });
    CHECK(history.front().verb == "activate_version");
    CHECK(history.front().after.number("dropped") == 61);
}

TEST_CASE(
    "M12 M24 the capability matrix outlives a renamed row: stated before or after it, either name is meant") {
    account_world w;
    const actor admin = w.acting("admin");
    const auto city = w.demo.city_institution, county = w.demo.county_institution;
    const std::string l1 = "压力仪表", was = "压力表（指示类、显示类）", is = "指示类压力表";
    const auto state = [&](std::int64_t where, std::string_view l2) {
        w.write([&](write_tx& tx) {
             return cat::put_capability(tx, admin, {0, where, l1, std::string(l2), "deliver", true});
         }).value();
    };
    state(county, was);
    const auto made = w.write([&](write_tx& tx) {
                           return cat::import_catalogue(tx, admin, "2027 年目录", next_catalogue);
                       }).value();
    w.write([&](write_tx& tx) { return cat::activate_version(tx, admin, made.id); }).value();
    state(city, is);
    for (const auto& l2 : {was, is})
        for (const auto where : {city, county}) {
            CAPTURE(l2);
            const auto can = [&](const std::string& group, const std::string& kind) {
                return w.read([&](read_view& v) {
                    return cat::can_verify(v, where, {group, kind, "deliver"}, cat::reach::direct);
                });
            };
            CHECK(can(l1, l2));
            CHECK_FALSE(can("加油机", "燃油加油机")); // another row stays another
            CHECK_FALSE(can(l1, "没有这一行"));
        }
    const cat::need old_words{l1, was, "deliver"};
    const auto offered =
        w.read([&](read_view& v) { return cat::list_direct(v, "440600", std::span(&old_words, 1)); });
    REQUIRE(!offered.empty());
    CHECK(offered.front().id == city);
}

TEST_CASE("S13 the journal tells of an import of reference data what each row was before and is now") {
    account_world w;
    const auto put = [&](dataset d, const std::string& text) { import(w, d, text).value(); };
    const auto last = w.count("SELECT max(id) FROM audit");
    const auto rows = [&] {
        std::vector<audit::recorded> all;
        for (auto& r : w.read([](read_view& v) { return audit::list_for(v, "catalogue", 0); }))
            if (r.id > last && r.verb != "import_data") all.push_back(std::move(r));
        return all;
    };
    put(dataset::holidays, "day,is_working,name\n2028-01-01,0,元旦\n2028-01-03,0,元旦\n");
    REQUIRE(rows().size() == 2);
    CHECK(rows()[0].verb == "import_added");
    CHECK(rows()[0].note == "holidays: 2028-01-01 元旦");
    CHECK(rows()[0].before.as_members()->empty());
    CHECK(rows()[0].after.text("name") == "元旦");
    put(dataset::holidays, "day,is_working,name\n2028-01-01,0,新年\n2028-01-02,1,元旦\n");
    const auto then = rows();
    REQUIRE(then.size() == 5);
    CHECK(then[2].verb == "import_changed");
    CHECK(then[2].before.text("name") == "元旦");
    CHECK(then[2].after.text("name") == "新年");
    CHECK(then[2].after.find("is_working") == nullptr); // as it was
    CHECK(then[3].verb == "import_added");
    CHECK(then[3].after.flag("is_working"));
    CHECK(then[4].verb == "import_removed");
    CHECK(then[4].before.text("name") == "元旦");
    CHECK(then[4].after.as_members()->empty());
    // Whom companies may choose is worth a trace.
    const std::string county =
        "name,level,region_code,direct\n（示例）佛山市顺德区质量技术监督检测所,county,440606,";
    put(dataset::institutions, county + "1\n");
    CHECK_FALSE(rows().back().before.flag("direct"));
    CHECK(rows().back().after.flag("direct"));
    const auto before = rows().size();
    put(dataset::institutions, county + "1\n");
    CHECK(rows().size() == before); // again changes nothing
    CHECK_FALSE(w.read([](read_view& v) { return audit::find_broken(v); }));
}

TEST_CASE("M12 headings of a catalogue: 项别 over 种别, or 种别 over 类别, as the manual has them") {
    account_world w;
    for (const auto* headings : {"项别,种别", "种别,类别", "一级目录,二级目录", "l1,l2"}) {
        CAPTURE(headings);
        const auto text = std::string(headings) + ",监管方式,强检方式,强检范围及说明\n" +
                          "压力仪表,压力表,强制检定,周期检定,安全防护：锅炉\n";
        const auto made = w.write(
            [&](write_tx& tx) { return cat::import_catalogue(tx, account_world::system(), headings, text); });
        REQUIRE(made.has_value());
        const auto rows = w.read([&](read_view& v) { return cat::list_entries_of(v, made->id); });
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].l1 == "压力仪表");
        CHECK(rows[0].l2 == "压力表");
    }
}

TEST_CASE("a catalogue with faults is refused whole, each by its line") {
    account_world w;
    const std::string bad = "kind,category,supervision,purposes\n"
                            "水表,水表,V,trade\n"
                            "水表,水表,V,trade\n"
                            ",没有上级,V,trade\n"
                            "钟,闹钟,Q,trade\n"
                            "尺,卷尺,V,卖布\n";
    const auto report = w.read([&](read_view& v) { return cat::check_catalogue(v, "坏目录", bad); });
    CHECK(issues_of(report) ==
          "3:l2:import.twice 4:l1:import.name 5:supervision:import.supervision 6:purposes:import.choice ");
    const actor admin = w.acting("admin");
    const auto before = rows_in(w, "catalogue_row");
    const auto refused =
        w.write([&](write_tx& tx) { return cat::import_catalogue(tx, admin, "坏目录", bad); });
    CHECK(refused.error().detail == "import.rows");
    CHECK(rows_in(w, "catalogue_row") == before);
    CHECK(rows_in(w, "catalogue_version") == 1);
    CHECK(w.write([&](write_tx& tx) { return cat::import_catalogue(tx, admin, " ", next_catalogue); })
              .error()
              .detail == "catalogue.title");
    const actor reviewer = w.acting("linxiaomin");
    CHECK(w.write([&](write_tx& tx) { return cat::import_catalogue(tx, reviewer, "甲", next_catalogue); })
              .error()
              .code == errc::not_allowed);
}

TEST_CASE("imports: every dataset's shipped file is clean, and again changes nothing") {
    account_world w;
    const std::pair<dataset, std::string> files[] = {
        {dataset::regions, "code,name,level,parent\n440111,白云区,county,440100\n"},
        {dataset::institutions,
         "name,level,region_code,verified,source\n佛山市质量计量监督检测中心,city,440600,no,memory\n"},
        {dataset::periods,
         "instrument,regulation,period_months,mode,verified,source\n压力表,JJG 52-2013,6,周期,no,memory\n"}};
    for (const auto& [d, text] : files) {
        const auto r = dry(w, d, text);
        CHECK(issues_of(r) == "");
        CHECK(r.unchanged == 1);
        CHECK(r.changes.empty());
    }
    CHECK(cat::dataset_named("holidays") == dataset::holidays);
    CHECK_FALSE(cat::dataset_named("people"));
}

TEST_CASE("imports: faults of every dataset by line and column; nothing is taken") {
    account_world w;
    struct one {
        dataset d;
        const char *text, *issues;
    };
    const one table[] = {
        {dataset::regions, "code,name,level\n", "0::import.column "},
        {dataset::regions,
         "code,name,level,parent\n12,甲,county,440100\n440199,,county,440100\n440198,乙,village,"
         "440100\n440197,丙,county,440000\n440111,白云区,county,440100\n440111,白云区,county,440100\n",
         "2:code:import.code 3:name:import.name 4:level:import.choice 5:parent:import.parent "
         "7:code:import.twice "},
        {dataset::institutions,
         "name,level,region_code,direct,lead_days\n甲所,city,999999,是,1\n乙所,town,440600,也许,1\n丙所,"
         "county,440606,否,99\n",
         "2:region_code:import.region 3:direct:import.flag 3:level:import.choice 4:lead_days:import.number "},
        {dataset::capabilities,
         "institution,l1,method\n没有的所,水表,送检\n佛山市质量计量监督检测中心,钟表,"
         "送检\n佛山市质量计量监督检测中心,水表,快递\n",
         "2:institution:import.institution 3:l1:import.catalogue 4:method:import.choice "},
        {dataset::periods, "instrument,period_months\n,6\n水表,半年\n",
         "2:instrument:import.name 3:period_months:import.number "},
        {dataset::holidays,
         "day,is_working,name\n2027-02-30,0,春节\n2027-02-06,1,春节调休\n2027-02-08,1,春节调休\n",
         "2:day:import.date 4:is_working:import.weekday "},
        {dataset::holidays, "day,is_working,name\n\"open\n", "0::import.csv "},
        {dataset::holidays, "\xFF", "0::import.csv "}};
    for (const auto& t : table) {
        CAPTURE(t.text);
        CHECK(issues_of(dry(w, t.d, t.text)) == t.issues);
        const auto refused = import(w, t.d, t.text);
        CHECK(refused.error().detail == "import.rows");
    }
    CHECK(issues_of(dry(w, dataset::regions, std::string(cat::most_import_bytes + 1, 'x'))) ==
          "0::import.large ");
    CHECK(rows_in(w, "region") == 203);
    CHECK(rows_in(w, "institution") == 30);
    CHECK(rows_in(w, "capability") == 0);
}

TEST_CASE(
    "imports: institutions, their matrix and holidays are added, changed and removed as the report says") {
    account_world w;
    const std::string institutions = "name,level,region_code,address,hours,direct\n"
                                     "佛山市质量计量监督检测中心,city,440600,新地址,,是\n"
                                     "（示例）佛山市南海区检测所,county,440605,桂城,工作日,否\n";
    CHECK(import(w, dataset::institutions, institutions, "linxiaomin").error().code == errc::not_allowed);
    const auto r = import(w, dataset::institutions, institutions).value();
    CHECK(r.count(import_step::added) == 1);
    CHECK(r.count(import_step::changed) == 1);
    CHECK(r.changes[0].detail == "address");
    const auto city = w.read([](read_view& v) { return cat::find_institution_by_name(v, foshan); }).value();
    CHECK(city.address == "新地址");
    CHECK_FALSE(city.hours.empty()); // a blank keeps what is there
    CHECK(import(w, dataset::institutions, institutions)->unchanged == 2);
    const std::string head = "institution,l1,l2,method,direct\n";
    const std::string name(foshan);
    REQUIRE(import(w, dataset::capabilities,
                   head + name + ",水表,,送检,是\n" + name + ",压力仪表,压力表（指示类、显示类）,送检,否\n")
                .has_value());
    const auto next =
        import(w, dataset::capabilities, head + name + ",水表,,送检,否\n" + name + ",水表,,现场,是\n")
            .value();
    CHECK(next.count(import_step::added) == 1);
    CHECK(next.count(import_step::changed) == 1);
    CHECK(next.count(import_step::removed) == 1); // the whole matrix of each institution named
    const auto matrix = w.read([&](read_view& v) { return cat::list_capabilities(v, city.id); });
    REQUIRE(matrix.size() == 2);
    CHECK(matrix[0].method == "deliver");
    CHECK_FALSE(matrix[0].direct);
    // Holidays: the years that the file names become what it says, others stay.
    const auto others = w.count("SELECT count(*) FROM holiday WHERE day < '2027'");
    const std::string notice =
        "day,is_working,name\n2027-01-01,休,元旦\n2027-02-06,班,春节调休\n2027-02-08,0,春节\n";
    const auto h = import(w, dataset::holidays, notice).value();
    CHECK(h.count(import_step::removed) > 0);
    CHECK(w.count("SELECT count(*) FROM holiday WHERE day > '2027'") == 3);
    CHECK(w.count("SELECT count(*) FROM holiday WHERE day < '2027'") == others);
    CHECK(import(w, dataset::holidays, notice)->unchanged == 3);
    w.read([](read_view& v) {
        CHECK(cat::is_working_day(v, parse_date("2027-02-06").value())); // Saturday, worked
        CHECK_FALSE(cat::is_working_day(v, parse_date("2027-02-08").value()));
        return 0;
    });
    w.write([](write_tx& tx) -> result<cat::load_report> { return cat::load_reference_data(tx); }).value();
    CHECK(w.count("SELECT count(*) FROM holiday WHERE day > '2027'") == 3); // the notice stays
    // Periods reach the rows in force.
    import(w, dataset::periods, "instrument,period_months\n压力表,12\n").value();
    CHECK(row_named(w, "压力表（指示类、显示类）").period_months == 12);
}

TEST_CASE("names of the 1987 catalogue and parts of names lead to the rows of today") {
    account_world w;
    const auto suggest = [&](std::string_view name) {
        return w.read([&](read_view& v) { return cat::suggest_rows(v, name); });
    };
    CHECK(suggest("精密压力表").rows.at(0).l2 == "压力表（指示类、显示类）");
    CHECK(suggest("燃油加油机").rows.at(0).l2 == "燃油加油机");
    CHECK(suggest("电子秤").rows.at(0).l1 == "非自动衡器"); // a name of 1987
    CHECK(suggest("煤气表").rows.at(0).l1 == "燃气表");
    CHECK(suggest("砝码").fell_out); // of 1987, continued by nothing
    CHECK(suggest("砝码").rows.empty());
    CHECK_FALSE(suggest("计算机").fell_out);
    CHECK(suggest("表").rows.empty()); // says too little
    CHECK(suggest("").rows.empty());
}
