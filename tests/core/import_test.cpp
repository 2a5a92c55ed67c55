// core/workbook, the import: headings, values, what is refused, and that nothing is entered twice.
#include "core/journal/audit.hpp"
#include "core/workbook/import.hpp"
#include "tests/support/instrument_sheet.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core::workbook;
using core::instrument::field_id;
using tests::instrument_sheet;
using kind = tests::sheet_cell::kind;
using words = std::vector<std::string>;

struct import_world : tests::account_world {
    core::actor who = acting("chenzhiming");

    core::result<read_file> read(std::string_view bytes) {
        return read_upload({.file_name = "清单.xlsx", .bytes = bytes}, {});
    }
    report check(std::string_view bytes) {
        const auto file = read(bytes).value();
        return account_world::read([&](core::db::read_view& v) { return check_rows(v, who, file); }).value();
    }
    // "3 出厂编号 serial_no.digits" for every problem.
    words problems(std::string_view bytes) {
        words all;
        for (const auto& p : check(bytes).problems)
            all.push_back(std::to_string(p.row) + " " + std::string(p.column()) + " " + p.key);
        return all;
    }
    import_outcome import(std::string_view bytes, import_mode mode = import_mode::all) {
        return import_upload(db(), who, {.file_name = "清单.xlsx", .bytes = bytes}, mode, {}).value();
    }
    std::int64_t instruments() {
        return count(R"sql(SELECT count(*) FROM instrument WHERE filing_status <> 'deleted')sql");
    }
    core::instrument::instrument last() {
        return tests::read_instrument(*this, count(R"sql(SELECT max(id) FROM instrument)sql"));
    }
    // What became of the value of one field in an otherwise right row: as stored, or the key of a refusal.
    std::string fate(const std::string& label, const tests::sheet_cell& value) {
        const auto* f = std::find_if(core::instrument::fields.begin(), core::instrument::fields.end(),
                                     [&](const auto& one) { return one.label == label; });
        const std::string bytes =
            instrument_sheet().add("F" + std::to_string(++tried), {{label, value}}).bytes();
        const auto done = import(bytes);
        if (!done.checked.problems.empty()) {
            CHECK(done.checked.problems[0].column() == label);
            CHECK(done.stored.error().detail == "import.has_problems");
            return done.checked.problems[0].key;
        }
        return last().text_of(f->id);
    }
    int tried = 0;
};

} // namespace

TEST_CASE("M17 a right file is imported whole, with a job, audit rows and the values of the form") {
    import_world w;
    const std::string bytes =
        instrument_sheet()
            .add("00123", {{"购买日期", {kind::day, "45296"}},
                           {"自定义标签", {kind::text, "锅炉　一车间 锅炉"}},
                           {"备注", {kind::text, "a\nb"}},
                           {"检定证书号", {kind::text, "LX2024-1"}},
                           {"有效期至", {kind::text, "2026年12月31日"}}})
            .add("B-2", {{"生产地", {kind::text, "进口"}}, {"器具状态", {kind::text, "在用"}}})
            .bytes();
    const auto done = w.import(bytes);
    REQUIRE(done.stored.has_value());
    CHECK(done.file.sheet == "器具");
    CHECK(done.checked.rows == 2);
    CHECK(done.checked.good == 2);
    CHECK(done.stored->imported == 2);
    CHECK(done.stored->is_done);
    CHECK(w.instruments() == 2);
    const auto second = w.last();
    CHECK(second.serial_no == "B-2");
    CHECK(second.origin == "imported");
    CHECK(second.instrument_status == "in_use");
    CHECK(second.instrument_type == "working"); // what a blank choice becomes
    const auto first = tests::read_instrument(w, w.count(R"sql(SELECT min(id) FROM instrument)sql"));
    CHECK(first.serial_no == "00123");
    CHECK(core::to_text(*first.purchased_on) == "2024-01-05");
    CHECK(first.tags == "一车间 锅炉");
    CHECK(first.remark == "a\nb");
    CHECK(first.certificate_no == "LX2024-1");
    CHECK(core::to_text(*first.valid_until) == "2026-12-31");
    CHECK(first.filing_status == "unfiled");
    CHECK(first.region_code == "440111");
    CHECK(w.count(R"sql(SELECT count(*) FROM audit WHERE verb = 'add' AND subject_kind = 'instrument')sql") ==
          2);
    CHECK(w.count(R"sql(SELECT count(*) FROM audit WHERE verb = 'import')sql") == 1);
    CHECK_FALSE(w.account_world::read([](core::db::read_view& v) {
                     return core::audit::find_broken(v);
                 }).has_value());
}

TEST_CASE(
    "M17 headings: stars, blanks, line breaks, full-width and order don't matter; a title may stand above") {
    import_world w;
    instrument_sheet s;
    s.add("1");
    std::reverse(s.headings.begin(), s.headings.end());
    auto parts = s.parts();
    parts.replace_everywhere(">出厂编号<", ">＊ 出厂\n编号<");
    parts.replace_everywhere(">种别<", ">*　种 别<");
    CHECK(w.check(parts.bytes()).is_right());
    s.title = "××公司器具清单（2026 年）";
    CHECK(w.check(s.bytes()).is_right());
}

TEST_CASE("M17 unknown columns are named and ignored, missing and double ones refused by name") {
    import_world w;
    instrument_sheet s;
    s.add("1", {{"数量", {kind::text, "3"}},
                {"流程状态", {kind::text, "x"}},
                {"备案状态", {kind::text, "备案成功"}},
                {"器具编码", {kind::text, "999"}},
                {"检定机构", {kind::text, "某院"}},
                {"相关资料", {kind::text, "a.pdf"}}});
    const auto file = w.read(s.bytes()).value();
    CHECK(file.columns.unknown == words{"数量", "流程状态"});
    auto ignored = file.columns.ignored;
    std::sort(ignored.begin(), ignored.end());
    CHECK(ignored == words{"器具编码", "备案状态", "检定机构", "相关资料"});
    REQUIRE(w.import(s.bytes()).stored.has_value());
    CHECK(w.last().filing_status == "unfiled");
    CHECK(w.last().instrument_code.empty());
    CHECK(w.last().institution_id == 0);

    instrument_sheet missing;
    missing.add("2");
    std::erase(missing.headings, "型号规格");
    std::erase(missing.headings, "类别");
    const auto refused = w.read(missing.bytes());
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail == "import.columns_missing");
    CHECK(refused.error().args[0].second == "型号规格、类别");

    instrument_sheet twice;
    twice.add("3");
    twice.headings.push_back("* 出厂编号");
    CHECK(w.read(twice.bytes()).error().detail == "import.columns_twice");
    CHECK(w.read(tests::workbook_parts().sheet("<row><c><v>1</v></c></row>").bytes()).error().detail ==
          "import.no_headings");
    CHECK(w.read(instrument_sheet().bytes()).error().detail == "import.nothing");
}

TEST_CASE("M17 the first visible sheet with our headings is read, and named") {
    import_world w;
    instrument_sheet s;
    s.add("1");
    auto parts = s.parts();
    instrument_sheet other;
    other.add("hidden");
    parts["xl/worksheets/sheet0.xml"] = other.parts()["xl/worksheets/sheet1.xml"];
    parts["xl/worksheets/sheet2.xml"] =
        tests::workbook_parts().sheet("<row><c><v>1</v></c></row>")["xl/worksheets/sheet1.xml"];
    parts.replace_everywhere(
        R"(<sheet name="器具" sheetId="1" r:id="rId1"/>)",
        R"(<sheet name="旧" sheetId="7" state="veryHidden" r:id="rId7"/><sheet name="说明" sheetId="8" r:id="rId8"/>)"
        R"(<sheet name="器具" sheetId="1" r:id="rId1"/>)");
    parts.replace_everywhere(
        "</Relationships>",
        R"(<Relationship Id="rId7" Type="t/worksheet" Target="worksheets/sheet0.xml"/>)"
        R"(<Relationship Id="rId8" Type="t/worksheet" Target="worksheets/sheet2.xml"/></Relationships>)");
    const auto file = w.read(parts.bytes()).value();
    CHECK(file.sheet == "器具");
    REQUIRE(file.rows.size() == 1);
    CHECK(file.rows.at(0).text(field_id::serial_no) == "1");
}

TEST_CASE("M17 blank rows and the example are passed over, hidden rows are read and counted") {
    import_world w;
    instrument_sheet s;
    s.add("例", {{"器具名称", {kind::text, "示例：压力表"}}})
        .add("1")
        .add({{"器具名称", {kind::text, " 　"}}})
        .add("2");
    auto parts = s.parts();
    auto& xml = parts["xl/worksheets/sheet1.xml"];
    const auto last = xml.rfind("<row>");
    xml.replace(last, 5, R"(<row hidden="1">)");
    const auto file = w.read(parts.bytes()).value();
    CHECK(file.examples == 1);
    CHECK(file.blank == 1);
    CHECK(file.hidden == 1);
    CHECK(file.rows.size() == 2);
    CHECK(file.rows.number(1) == 5);
    CHECK(w.check(parts.bytes()).is_right());
}

TEST_CASE("M17 every field by good and bad values: what is stored, or which refusal names the column") {
    import_world w;
    struct sample {
        std::string label;
        tests::sheet_cell value;
        std::string fate;
    };
    const std::string long_text(501, 'x');
    const auto text = [](std::string s) { return tests::sheet_cell{kind::text, std::move(s)}; };
    const auto number = [](std::string s) { return tests::sheet_cell{kind::number, std::move(s)}; };
    const auto day = [](std::string s) { return tests::sheet_cell{kind::day, std::move(s)}; };
    std::vector<sample> all = {
        {"器具名称", text(" 血压 \n 计 "), "血压 计"},
        {"器具名称", text(""), "field.required"},
        {"器具名称", text(std::string(101, 'x')), "field.long"},
        {"型号规格", number("100"), "100"},
        {"型号规格", number("1.1000000000000001"), "1.1"},
        {"型号规格", day("45296"), "cell.became_date"}, // 1-5 typed into Excel
        {"型号规格", text("　"), "field.required"},
        {"测量范围", text("(0~1.6)MPa"), "(0~1.6)MPa"},
        {"测量范围", text(std::string(101, 'x')), "field.long"},
        {"准确度等级", number("1.6"), "1.6"},
        {"准确度等级", text(std::string(51, 'x')), "field.long"},
        {"出厂编号", text("００１２３"), "00123"},
        {"出厂编号", number("123"), "123"},
        {"出厂编号", number("123456789012345"), "123456789012345"},
        {"出厂编号", number("1.2345678901234568E+17"), "serial_no.digits"},
        {"出厂编号", number("1234567890123456"), "serial_no.digits"},
        {"出厂编号", text("123456789012345678"), "123456789012345678"},
        {"出厂编号", text("---"), "serial_no.required"},
        {"出厂编号", text(""), "serial_no.required"},
        {"出厂编号", day("45296"), "cell.became_date"},
        {"出厂编号", text(std::string(65, 'x')), "field.long"},
        {"自编号", number("7"), "7"},
        {"自编号", text(std::string(65, 'x')), "field.long"},
        {"生产厂家", text(""), "field.required"},
        {"生产厂家", text(std::string(201, 'x')), "field.long"},
        {"生产地", text(" 进口 "), "imported"},
        {"生产地", text(""), "domestic"},
        {"生产地", text("火星"), "field.choice"},
        {"安装使用地点", text(""), "field.required"},
        {"安装使用地点", text(std::string(201, 'x')), "field.long"},
        {"购买日期", text("2024-01-05"), "2024-01-05"},
        {"购买日期", text("2024/1/5"), "2024-01-05"},
        {"购买日期", text("2024.1.5"), "2024-01-05"},
        {"购买日期", text("2024年1月5日"), "2024-01-05"},
        {"购买日期", text("２０２４－１－５"), "2024-01-05"},
        {"购买日期", text("20240105"), "2024-01-05"},
        {"购买日期", text("2024-01-05 10:20:30"), "2024-01-05"},
        {"购买日期", number("20240105"), "2024-01-05"},
        {"购买日期", number("45296"), "2024-01-05"},
        {"购买日期", day("45296.75"), "2024-01-05"},
        {"购买日期", text(""), ""},
        {"购买日期", text("01/02/2024"), "date.ambiguous"},
        {"购买日期", text("1/2/24"), "date.ambiguous"},
        {"购买日期", text("2024-1/5"), "date.ambiguous"},
        {"购买日期", text("2024年"), "date.ambiguous"},
        {"购买日期", text("去年"), "date.ambiguous"},
        {"购买日期", number("2024"), "date.ambiguous"},
        {"购买日期", number("-3"), "date.ambiguous"},
        {"购买日期", day("60"), "date.ambiguous"},
        {"购买日期", text("2024-02-30"), "date.form"},
        {"购买日期", text("2026-11-25"), "date.future"},
        {"器具状态", text("停用"), "stopped"},
        {"器具状态", text("坏了"), "field.choice"},
        {"器具用途", text("贸易结算"), "trade"},
        {"器具用途", text(""), "field.choose"},
        {"器具用途", text("其他"), "field.choice"},
        {"器具类型", text("计量标准器具"), "standard"},
        {"器具类型", text("x"), "field.choice"},
        {"检定方式", text("现场"), "onsite"},
        {"检定方式", text(""), "field.choose"},
        {"检定方式", text("邮寄"), "field.choice"},
        {"所在地", text("广东省/广州市/白云区"), "440111"},
        {"所在地", text("广东省 广州市 白云区"), "440111"},
        {"所在地", text("广州市白云区"), "440111"},
        {"所在地", text("广东省／广州市／白云区"), "440111"},
        {"所在地", text("440111"), "440111"},
        {"所在地", number("440111"), "440111"},
        {"所在地", text("广东省/东莞市"), "441900"},
        {"所在地", text("广东省/广州市"), "region.place"}, // has counties
        {"所在地", text("广东省"), "region.place"},
        {"所在地", text("湖南省/长沙市"), "region.place"},
        {"所在地", text(""), "field.choose"},
        {"种别", text(""), "field.choose"},
        {"类别", text(""), "field.choose"},
        {"类别", text("体温计"), "catalogue.pair"}, // of another 种别
        {"类别", number("5"), "catalogue.pair"},    // never an id of ours
        {"类别", text("5"), "catalogue.pair"},
        {"型式证书号", text("2014F211-44"), "2014F211-44"},
        {"型式证书号", text(std::string(51, 'x')), "field.long"},
        {"检定证书号", text("LX1"), "LX1"},
        {"检定证书号", text(std::string(65, 'x')), "field.long"},
        {"有效期至", text("2027-01-01"), "2027-01-01"},
        {"有效期至", text("明年"), "date.ambiguous"},
        {"自定义标签", text("b a　b"), "a b"},
        {"自定义标签", text(std::string(201, 'x')), "field.long"},
        {"备注", text("<script>"), "<script>"},
        {"备注", text(long_text), "field.long"},
    };
    for (const auto id : column_fields()) {
        if (is_only_shown(id)) continue;
        const std::string label(core::instrument::field_of(id).label);
        all.push_back({label, {kind::error, "#N/A"}, "cell.error"});
        all.push_back({label, {kind::truth, "1"}, "cell.truth"});
    }
    for (const auto& one : all) {
        CAPTURE(one.label);
        CAPTURE(one.value.value);
        CHECK(w.fate(one.label, one.value) == one.fate);
    }
}

TEST_CASE("M17 a report names row, column, value, what is wrong and what is expected; one for each") {
    import_world w;
    instrument_sheet s;
    s.add("1").add("2", {{"购买日期", {kind::text, "01/02/2024"}},
                         {"生产地", {kind::text, "火星"}},
                         {"型号规格", {kind::none, ""}}});
    s.add("3", {{"出厂编号", {kind::number, "00123"}}});
    const auto r = w.check(s.bytes());
    CHECK(w.problems(s.bytes()) ==
          words{"3 购买日期 date.ambiguous", "3 型号规格 field.required", "3 生产地 field.choice"});
    CHECK(r.rows == 3);
    CHECK(r.good == 2);
    CHECK(r.wrong == 1);
    CHECK(r.problems[2].value == "火星");
    CHECK(expected_of(core::instrument::field_of(r.problems[2].field)) == "国产、进口");
    CHECK(r.problems[0].value == "01/02/2024");
    REQUIRE(r.doubts.size() == 1);
    CHECK(r.doubts[0].row == 4);
    CHECK(r.doubts[0].key == "doubt.number");
    CHECK(w.import(s.bytes()).stored.error().detail == "import.has_problems");
    CHECK(w.instruments() == 0);
    CHECK(w.count(R"sql(SELECT count(*) FROM import_job)sql") == 0);
}

TEST_CASE("M17 an instrument is entered once: repeats in the file and in the base are refused with what they "
          "repeat") {
    import_world w;
    REQUIRE(w.import(instrument_sheet().add("A-1").bytes()).stored.has_value());
    const auto known = w.last().id;
    instrument_sheet s;
    s.add("B-1").add("ｂ－1 ").add("a-1").add("A-1", {{"型号规格", {kind::text, "Y-60"}}});
    s.add("无", {{"自编号", {kind::text, "1"}}})
        .add("无", {{"自编号", {kind::text, "2"}}})
        .add("无", {{"自编号", {kind::text, "1"}}});
    s.add("A-1", {{"器具名称", {kind::text, "精密压力表"}}});
    const auto r = w.check(s.bytes());
    CHECK(w.problems(s.bytes()) == words{"3 出厂编号 import.repeats_row", "4 出厂编号 import.repeats_record",
                                         "8 出厂编号 import.repeats_row"});
    CHECK(r.problems[0].other == 2);
    CHECK(r.problems[1].other == known);
    CHECK(r.problems[2].other == 6);
    CHECK(r.repeated == 3);
    CHECK(r.good == 5);
    // Another company may hold the same.
    w.who = w.acting("liangminyi");
    REQUIRE(w.who.is_applicant());
    CHECK(w.check(instrument_sheet().add("A-1").bytes()).is_right());
}

TEST_CASE("M17 sent again, a file changes nothing and gets the same answer") {
    import_world w;
    const std::string bytes = instrument_sheet().add("1").add("2").bytes();
    const auto first = w.import(bytes);
    const auto again = w.import(bytes);
    REQUIRE(again.stored.has_value());
    CHECK(again.stored->is_again);
    CHECK(again.stored->id == first.stored->id);
    CHECK(again.stored->imported == 2);
    CHECK(w.instruments() == 2);
    CHECK(w.import(bytes, import_mode::valid).stored->is_again);
    CHECK(w.count(R"sql(SELECT count(*) FROM audit WHERE verb = 'import')sql") == 1);
    const auto found =
        w.account_world::read([&](core::db::read_view& v) { return find_import(v, w.who, first.file.hash); });
    REQUIRE(found.has_value());
    CHECK(found->id == first.stored->id);
}

TEST_CASE("M17 valid rows only is a choice: the right ones go in, the others are counted") {
    import_world w;
    instrument_sheet s;
    s.add("1").add("2", {{"生产地", {kind::text, "火星"}}}).add("1").add("3");
    const auto done = w.import(s.bytes(), import_mode::valid);
    REQUIRE(done.stored.has_value());
    CHECK(done.stored->rows == 4);
    CHECK(done.stored->imported == 2);
    CHECK(done.stored->wrong == 1);
    CHECK(done.stored->repeated == 1);
    CHECK(w.instruments() == 2);
    CHECK(w.import(s.bytes(), import_mode::valid).stored->is_again);
    CHECK(w.instruments() == 2);
}

TEST_CASE("M17 an import by valid rows goes on where it was interrupted") {
    import_world w;
    instrument_sheet s;
    for (int i = 0; i < 25; ++i)
        s.add("N" + std::to_string(i));
    const std::string bytes = s.bytes();
    const auto file = w.read(bytes).value();
    const auto some = [&](int most) {
        const auto checked =
            w.account_world::read([&](core::db::read_view& v) { return check_rows(v, w.who, file); }).value();
        return w.write([&](core::db::write_tx& tx) { return import_some(tx, w.who, file, checked, most); })
            .value();
    };
    const auto begun = some(10);
    CHECK_FALSE(begun.is_done);
    CHECK(begun.imported == 10);
    w.reopen();
    CHECK(w.import(bytes).stored.error().detail == "import.running");
    const auto ended = some(100);
    CHECK(ended.is_done);
    CHECK(ended.imported == 25);
    CHECK(ended.repeated == 0);
    CHECK(w.instruments() == 25);
    const auto seen =
        w.account_world::read([&](core::db::read_view& v) { return get_import(v, w.who, ended.id); });
    CHECK(seen->imported == 25);
}

TEST_CASE("M17 what became wrong after the check stops an import of all rows, which leaves nothing") {
    import_world w;
    const std::string bytes = instrument_sheet().add("1").add("2").add("3").bytes();
    const auto file = w.read(bytes).value();
    const auto checked =
        w.account_world::read([&](core::db::read_view& v) { return check_rows(v, w.who, file); }).value();
    REQUIRE(w.import(instrument_sheet().add("3").bytes()).stored.has_value()); // meanwhile
    report told;
    const auto stored = w.write([&](core::db::write_tx& tx) { return import_all(tx, w.who, file, told); });
    REQUIRE(stored.has_error());
    CHECK(stored.error().detail == "import.has_problems");
    REQUIRE(told.problems.size() == 1);
    CHECK(told.problems[0].row == 4);
    CHECK(told.problems[0].key == "import.repeats_record");
    CHECK(w.instruments() == 1);
    const auto valid = w.write([&](core::db::write_tx& tx) { return import_some(tx, w.who, file, checked); });
    CHECK(valid->imported == 2);
    CHECK(valid->repeated == 1);
}

TEST_CASE("M18 a row sent again gives the same instrument; a repaired one goes in") {
    import_world w;
    const std::string hash(64, 'a');
    const auto send = [&](std::uint32_t number, std::string serial, std::string origin = "国产") {
        sent_row r{.file_name = "清单.xlsx", .file_hash = hash, .number = number, .cells = {}};
        for (const auto& [label, c] : tests::right_row(serial))
            r.cells.push_back({"*" + label, cell_kind::text, false, c.value});
        r.cells.push_back({"生产地", cell_kind::text, false, origin});
        r.cells.push_back({"购买日期", cell_kind::text, true, "2024-01-05"});
        return w.write([&](core::db::write_tx& tx) { return import_row(tx, w.who, r); });
    };
    const auto first = send(2, "1");
    REQUIRE(first.has_value());
    CHECK_FALSE(first->is_again);
    const auto again = send(2, "1");
    CHECK(again->is_again);
    CHECK(again->instrument_id == first->instrument_id);
    const auto bad = send(3, "2", "火星");
    REQUIRE(bad.has_error());
    CHECK(bad.error().field == "origin");
    CHECK(send(3, "2").has_value());
    const auto repeat = send(4, "1");
    REQUIRE(repeat.has_error());
    CHECK(repeat.error().detail == "import.repeats_record");
    CHECK(w.instruments() == 2);
    const auto done =
        w.account_world::read([&](core::db::read_view& v) { return list_imported_rows(v, w.who, hash); });
    CHECK(done == std::vector<std::uint32_t>{2, 3});
    const auto job =
        w.account_world::read([&](core::db::read_view& v) { return get_import(v, w.who, first->job_id); });
    CHECK(job->imported == 2);
    CHECK(core::to_text(*tests::read_instrument(w, first->instrument_id).purchased_on) == "2024-01-05");
    sent_row nameless{.file_name = "", .file_hash = "x", .number = 1, .cells = {}};
    CHECK(w.write([&](core::db::write_tx& tx) { return import_row(tx, w.who, nameless); }).error().detail ==
          "import.hash");
}

TEST_CASE("S1 imports are the company's own; nobody else may import") {
    import_world w;
    const auto job = w.import(instrument_sheet().add("1").bytes()).stored.value();
    const auto see = [&](const core::actor& who) {
        return w.account_world::read([&](core::db::read_view& v) { return get_import(v, who, job.id); });
    };
    const auto listed = [&](const core::actor& who) {
        return w.account_world::read([&](core::db::read_view& v) { return list_imports(v, who, 0, 10); })
            .size();
    };
    CHECK(see(w.who).has_value());
    CHECK(listed(w.who) == 1);
    const std::string bytes = instrument_sheet().add("2").bytes();
    for (const auto& other :
         {w.acting("liangminyi"), tests::account_world::visitor(), tests::account_world::system()}) {
        CHECK(see(other).error().code == core::errc::not_found);
        CHECK(listed(other) == 0);
        if (other.is_applicant()) continue;
        CHECK(import_upload(w.db(), other, {.file_name = "a.xlsx", .bytes = bytes}, import_mode::all, {})
                  .error()
                  .code == core::errc::not_allowed);
    }
}

TEST_CASE("M17 merged cells: down they hold their value, sideways they are refused") {
    import_world w;
    instrument_sheet s;
    s.headings = {"生产厂家", "型号规格", "器具名称", "出厂编号", "安装使用地点",
                  "器具用途", "检定方式", "所在地",   "种别",     "类别"};
    s.add("1").add("2", {{"生产厂家", {kind::none, ""}}});
    CHECK(w.check(s.parts(R"(<mergeCells><mergeCell ref="A2:A3"/></mergeCells>)").bytes()).is_right());
    CHECK(w.problems(s.bytes()) == words{"3 生产厂家 field.required"});
    instrument_sheet sideways;
    sideways.headings = s.headings;
    sideways.add("1", {{"型号规格", {kind::none, ""}}});
    CHECK(w.problems(sideways.parts(R"(<mergeCells><mergeCell ref="A2:B2"/></mergeCells>)").bytes()) ==
          words{"2 型号规格 cell.merged"});
}

TEST_CASE("S8 a nasty text is kept as text") {
    import_world w;
    const std::string nasty = "=cmd|' /C calc'!A0 <b>&\"'; DROP TABLE instrument;--";
    REQUIRE(
        w.import(instrument_sheet().add("1", {{"备注", {kind::text, nasty}}}).bytes()).stored.has_value());
    CHECK(w.last().remark == nasty);
}
