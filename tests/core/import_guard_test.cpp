// core/workbook, the import: nothing is lost without a word, and what was imported may be imported again when
// it is gone.
#include "core/filing/filing.hpp"
#include "core/workbook/import.hpp"
#include "tests/support/instrument_sheet.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace core::workbook;
using core::db::read_view;
using core::db::write_tx;
using core::instrument::field_id;
using tests::instrument_sheet;
using kind = tests::sheet_cell::kind;

struct guard_world : tests::account_world {
    core::actor who = acting("chenzhiming");

    core::result<read_file> read(std::string_view bytes, const limits& most = {}) {
        return read_upload({.file_name = "清单.xlsx", .bytes = bytes}, {}, most);
    }
    report check(const read_file& file) {
        return account_world::read([&](read_view& v) { return check_rows(v, who, file); }).value();
    }
    import_outcome import(std::string_view bytes, import_mode mode = import_mode::all) {
        return import_upload(db(), who, {.file_name = "清单.xlsx", .bytes = bytes}, mode, {}).value();
    }
    std::int64_t instruments() {
        return count(R"sql(SELECT count(*) FROM instrument WHERE filing_status <> 'deleted')sql");
    }
    std::int64_t last_id() { return count(R"sql(SELECT max(id) FROM instrument)sql"); }
    core::instrument::instrument last() { return tests::read_instrument(*this, last_id()); }
    void remove(std::int64_t id) {
        write([&](write_tx& tx) { return core::filing::remove(tx, who, id); }).value();
    }
    // The one cell "@@@" of an otherwise right row, written so: the refusal's key, or the field as stored.
    std::string fate(const std::string& label, field_id id, std::string_view xml) {
        auto parts =
            instrument_sheet().add("F" + std::to_string(++tried), {{label, {kind::text, "@@@"}}}).parts();
        parts.replace_everywhere(R"(<c t="inlineStr"><is><t xml:space="preserve">@@@</t></is></c>)", xml);
        const auto done = import(parts.bytes());
        if (!done.checked.problems.empty()) return done.checked.problems[0].key;
        return last().text_of(id);
    }
    std::string typed(const std::string& label, field_id id, const std::string& text) {
        return fate(label, id, R"(<c t="inlineStr"><is><t xml:space="preserve">)" + text + "</t></is></c>");
    }
    int tried = 0;
};

sent_row sent(std::uint32_t number, std::string_view serial, std::string_view name = "压力表") {
    sent_row r{.file_name = "清单.xlsx", .file_hash = std::string(64, 'a'), .number = number, .cells = {}};
    for (const auto& [label, c] : tests::right_row(serial))
        r.cells.push_back({label, cell_kind::text, false, label == "器具名称" ? std::string(name) : c.value});
    return r;
}

} // namespace

TEST_CASE("M17 a row with a value that cannot be read never goes in, also when its problem is not told") {
    guard_world w;
    instrument_sheet s;
    for (const char* serial : {"1", "2", "3"})
        s.add(serial, {{"购买日期", {kind::text, "01/02/2024"}}});
    s.add("4");
    limits most;
    most.problems = 1;
    const auto file = w.read(s.bytes(), most).value();
    REQUIRE(file.wrong.size() == 1);
    const auto told = w.check(file);
    CHECK(told.wrong == 3);
    CHECK(told.good == 1);
    const auto job = w.write([&](write_tx& tx) { return import_some(tx, w.who, file, told); }).value();
    CHECK(job.imported == 1);
    CHECK(job.wrong == 3);
    CHECK(w.instruments() == 1);
    // With room for all of them it is the same.
    CHECK(w.check(w.read(s.bytes()).value()).wrong == 3);
}

TEST_CASE("S9 what rows take is bounded, and the check of the rows gives up with the reading") {
    guard_world w;
    instrument_sheet s;
    for (int n = 0; n < 2000; ++n)
        s.add("N" + std::to_string(n));
    limits most;
    most.packed = 300'000;
    CHECK(w.read(s.bytes(), most).error().detail == "workbook.too_large");
    const auto file =
        read_upload({.file_name = "清单.xlsx", .bytes = s.bytes()}, deadline(w.time, std::chrono::seconds(5)))
            .value();
    CHECK(w.check(file).is_right());
    w.time.advance(std::chrono::seconds(6));
    const auto late = w.account_world::read([&](read_view& v) { return check_rows(v, w.who, file); });
    REQUIRE(late.has_error());
    CHECK(late.error().detail == "workbook.slow");
    report told;
    const auto stored = w.write([&](write_tx& tx) { return import_all(tx, w.who, file, told); });
    CHECK(stored.error().detail == "workbook.slow");
    CHECK(w.instruments() == 0);
}

TEST_CASE("8.3 an import tells which instruments another company has entered too, and takes them") {
    guard_world w;
    const auto bytes = instrument_sheet().add("1").add("2").bytes();
    const auto own = w.who;
    w.who = w.acting("liangminyi");
    REQUIRE(w.import(instrument_sheet().add("2").bytes()).stored.has_value());
    w.who = own;
    const auto done = w.import(bytes);
    REQUIRE(done.stored.has_value());
    REQUIRE(done.checked.doubts.size() == 1);
    CHECK(done.checked.doubts[0].row == 3);
    CHECK(done.checked.doubts[0].key == "doubt.repeats_other");
}

TEST_CASE("M17 a formula counts by its kept value; without one it is refused, never read as empty") {
    guard_world w;
    CHECK(w.fate("购买日期", field_id::purchased_on, "<c><f>TODAY()-1</f></c>") == "cell.formula");
    CHECK(w.fate("自编号", field_id::own_no, R"(<c t="str"><f>A1</f></c>)") == "cell.formula");
    CHECK(w.fate("备注", field_id::remark, R"(<c><f t="shared" si="0"/></c>)") == "cell.formula");
    CHECK(w.fate("自编号", field_id::own_no, R"(<c t="str"><f>A1</f><v>K-1</v></c>)") == "K-1");
    CHECK(w.fate("自编号", field_id::own_no, R"(<c t="str"><f>A1</f><v></v></c>)").empty());
}

TEST_CASE("M17 zeros that the format of a number shows belong to it") {
    guard_world w;
    auto parts = instrument_sheet().add("7", {{"自编号", {kind::text, "@@@"}}}).parts();
    parts.styles(R"(<numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts>)"
                 R"(<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>)");
    parts.replace_everywhere(R"(<c t="inlineStr"><is><t xml:space="preserve">7</t></is></c>)",
                             R"(<c s="1"><v>123</v></c>)");
    parts.replace_everywhere(R"(<c t="inlineStr"><is><t xml:space="preserve">@@@</t></is></c>)",
                             R"(<c s="1"><v>1234567</v></c>)");
    const auto done = w.import(parts.bytes());
    REQUIRE(done.stored.has_value());
    CHECK(w.last().serial_no == "00123");
    CHECK(w.last().own_no == "1234567");
    CHECK(done.checked.doubts.empty()); // it is the number that the sheet shows
}

TEST_CASE("M17 stray blanks of any script and full-width letters are normalised") {
    guard_world w;
    for (const char* text : {"送检\u00A0", "\u200B送检", "送 检", "\uFEFF送检\u2003"}) {
        CAPTURE(text);
        CHECK(w.typed("检定方式", field_id::method, text) == "deliver");
    }
    CHECK(w.typed("器具名称", field_id::name, "\u00A0压力\u200B表（台式）\u00A0") == "压力表（台式）");
    CHECK(w.typed("型号规格", field_id::model, "Ｙ－１００（0～1.6）") == "Y-100（0～1.6）");
    CHECK(w.typed("所在地", field_id::region_code, "\u200B广东省/广州市/白云区\u00A0") == "440111");
}

TEST_CASE("M17 day serials of a workbook that counts from 1904") {
    guard_world w;
    auto parts = instrument_sheet().add("1", {{"购买日期", {kind::day, "43834"}}}).parts(); // 45296 - 1462
    parts.replace_everywhere("<workbookPr/>", R"(<workbookPr date1904="1"/>)");
    REQUIRE(w.import(parts.bytes()).stored.has_value());
    CHECK(core::to_text(*w.last().purchased_on) == "2024-01-05");
}

TEST_CASE("M17 two visible sheets of instruments are refused by their names, not half imported") {
    guard_world w;
    instrument_sheet other;
    const auto with_second = [&](const char* state) {
        auto parts = instrument_sheet().add("1").parts();
        parts["xl/worksheets/sheet2.xml"] = other.parts()["xl/worksheets/sheet1.xml"];
        parts.replace_everywhere(
            R"(<sheet name="器具" sheetId="1" r:id="rId1"/>)",
            R"(<sheet name="器具" sheetId="1" r:id="rId1"/><sheet name="二车间" sheetId="8" )" +
                std::string(state) + R"( r:id="rId8"/>)");
        parts.replace_everywhere(
            "</Relationships>",
            R"(<Relationship Id="rId8" Type="t/worksheet" Target="worksheets/sheet2.xml"/></Relationships>)");
        return w.read(parts.bytes());
    };
    CHECK(with_second("").has_value()); // headings only
    other.add("2");
    const auto refused = with_second("");
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail == "import.two_sheets");
    CHECK(refused.error().args.at(0).second == "器具");
    CHECK(refused.error().args.at(1).second == "二车间");
    CHECK(with_second(R"(state="hidden")").has_value());
}

TEST_CASE("M17 half an import is no import of the whole: each mode answers for itself") {
    guard_world w;
    instrument_sheet s;
    s.add("1").add("2", {{"生产地", {kind::text, "火星"}}});
    REQUIRE(w.import(s.bytes(), import_mode::valid).stored->imported == 1);
    const auto whole = w.import(s.bytes());
    REQUIRE(whole.stored.has_error());
    CHECK(whole.stored.error().detail == "import.has_problems");
    CHECK(whole.checked.wrong == 1);
    CHECK(whole.checked.repeated == 1);
    CHECK(w.import(s.bytes(), import_mode::valid).stored->is_again);
    CHECK(w.instruments() == 1);
}

TEST_CASE("M17 F5 what was deleted after an import may be imported again from the same file") {
    guard_world w;
    const std::string bytes = instrument_sheet().add("1").add("2").bytes();
    const auto first = w.import(bytes).stored.value();
    w.remove(w.last_id());
    const auto whole = w.import(bytes);
    REQUIRE(whole.stored.has_error()); // the other row is there: not all of it can go in
    const auto rest = w.import(bytes, import_mode::valid).stored.value();
    CHECK_FALSE(rest.is_again);
    CHECK(rest.imported == 1);
    CHECK(rest.repeated == 1);
    CHECK(w.instruments() == 2);
    CHECK(w.import(bytes, import_mode::valid).stored->is_again);
    w.remove(w.last_id());
    w.remove(w.count(R"sql(SELECT max(id) FROM instrument WHERE filing_status <> 'deleted')sql"));
    const auto again = w.import(bytes).stored.value();
    CHECK_FALSE(again.is_again);
    CHECK(again.imported == 2);
    CHECK(again.id == first.id); // one job for one file
    CHECK(w.instruments() == 2);
    CHECK(w.import(bytes).stored->is_again);
    CHECK(w.count(R"sql(SELECT count(*) FROM audit WHERE verb = 'import')sql") == 3);
}

TEST_CASE("M18 row by row: the example is not imported, and a deleted instrument may come in again") {
    guard_world w;
    const auto send = [&](const sent_row& r) {
        return w.write([&](write_tx& tx) { return import_row(tx, w.who, r); });
    };
    const auto example = send(sent(2, "0", "示例：压力表（此行不导入，可删除）"));
    REQUIRE(example.has_error());
    CHECK(example.error().detail == "import.example");
    CHECK(w.instruments() == 0);
    const auto first = send(sent(3, "1")).value();
    w.remove(first.instrument_id);
    const auto listed = [&] {
        return w.account_world::read(
            [&](read_view& v) { return list_imported_rows(v, w.who, std::string(64, 'a')); });
    };
    CHECK(listed().empty());
    const auto second = send(sent(3, "1")).value();
    CHECK_FALSE(second.is_again);
    CHECK(second.instrument_id != first.instrument_id);
    CHECK(listed() == std::vector<std::uint32_t>{3});
    CHECK(send(sent(3, "1"))->instrument_id == second.instrument_id);
}
