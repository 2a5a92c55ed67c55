// core/workbook, what is given out: the template, exports, the rows that could not be imported.
#include "core/workbook/export.hpp"
#include "core/workbook/import.hpp"
#include "tests/support/instrument_sheet.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace {

using namespace core::workbook;
using core::instrument::field_id;
using tests::instrument_sheet;
using kind = tests::sheet_cell::kind;
using words = std::vector<std::string>;

struct export_world : tests::account_world {
    core::actor who = acting("chenzhiming");
    std::filesystem::path to() const { return folder.path() / "out.xlsx"; }

    std::string bytes() const {
        std::ifstream in(to(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    std::string template_bytes() {
        read([&](core::db::read_view& v) {
            write_template(v, to());
            return 0;
        });
        return bytes();
    }
    std::string exported() {
        read([&](core::db::read_view& v) { return export_instruments(v, who, to()); }).value();
        return bytes();
    }
    core::result<import_outcome> import(std::string_view file, import_mode mode = import_mode::all) {
        return import_upload(db(), who, {.file_name = "a.xlsx", .bytes = file}, mode, {});
    }
};

// Every row of one sheet as texts, "" for an empty cell.
std::vector<words> cells_of(std::string_view bytes, std::size_t sheet = 0) {
    const auto b = open_book({.file_name = "a.xlsx", .bytes = bytes}, {}).value();
    const auto all = b->open(sheet).value();
    std::vector<words> lines;
    for (row r; all->next(r).value();) {
        words line;
        for (const auto& c : r.cells) {
            line.resize(std::max<std::size_t>(line.size(), c.column + 1));
            line[c.column] = std::string(c.text);
        }
        lines.push_back(line);
    }
    return lines;
}

words expected_headings() {
    words all;
    for (const auto& f : core::instrument::fields)
        if (f.row > 0 && f.type != core::instrument::field_type::files && f.label != "流程状态")
            all.push_back((f.is_required() ? "*" : "") + std::string(f.label));
    return all;
}

} // namespace

TEST_CASE("M16 the template has the headings of Figure 8, an example that is not imported, lists and notes") {
    export_world w;
    const std::string bytes = w.template_bytes();
    const auto book = open_book({.file_name = "模板.xlsx", .bytes = bytes}, {}).value();
    REQUIRE(book->sheets().size() == 3);
    CHECK(book->sheets()[0].name == "器具");
    CHECK(book->sheets()[2].is_hidden);
    const auto rows = cells_of(bytes);
    REQUIRE(rows.size() >= 2);
    CHECK(rows[0] == expected_headings());
    CHECK(rows[0].size() == 25);
    CHECK(rows[1][0].starts_with("示例："));
    CHECK(w.import(bytes).error().detail == "import.nothing"); // as it is: nothing to import

    const auto lists = cells_of(bytes, 2);
    const auto entries = w.read([](core::db::read_view& v) { return core::catalogue::list_entries(v); });
    CHECK(lists.size() >= entries.size());
    for (const auto& e : entries)
        CHECK(std::count_if(lists.begin(), lists.end(), [&](const words& l) {
                  return l.size() > 2 && l[1] == e.l1 && l[2] == e.l2;
              }) == 1);
    for (std::size_t i = 1; i < entries.size(); ++i) // one 种别 stands together, as the dependent list needs
        CHECK(std::count_if(lists.begin() + 1, lists.end(), [&](const words& l) {
                  const words& before = *(&l - 1);
                  return l.size() > 2 && before.size() > 2 && l[1] == entries[i].l1 && before[1] != l[1];
              }) <= 1);
}

TEST_CASE("M16 a row filled in beside the example is imported with what the lists offer") {
    export_world w;
    const std::string bytes = w.template_bytes();
    const auto rows = cells_of(bytes);
    instrument_sheet s; // the template's own headings and example, and one row of a person
    s.headings = rows[0];
    tests::sheet_row example, own;
    for (std::size_t i = 0; i < rows[1].size(); ++i)
        example[rows[0][i]] = {rows[0][i] == "购买日期" ? kind::day : kind::text, rows[1][i]};
    own = example;
    own["*器具名称"] = {kind::text, "压力表"};
    const std::string filled = s.add(example).add(own).bytes();
    const auto done = w.import(filled).value();
    REQUIRE(done.stored.has_value());
    CHECK(done.file.examples == 1);
    CHECK(done.stored->imported == 1);
}

TEST_CASE("M16 the template's parts hold rules, names and notes") {
    export_world w;
    const std::string bytes = w.template_bytes();
    // Looked for in the parts themselves: our reader has no use for them.
    const auto parts = tests::unzip(bytes);
    const auto& sheet = parts.at("xl/worksheets/sheet1.xml");
    for (const auto& f : core::instrument::fields)
        if (f.type == core::instrument::field_type::choice && f.by == core::instrument::filler::user)
            for (const auto& one : f.choices)
                CHECK(sheet.find(one.text) != std::string::npos);
    CHECK(sheet.find("type=\"date\"") != std::string::npos);
    CHECK(sheet.find("<formula1>catalogue_upper</formula1>") != std::string::npos);
    CHECK(sheet.find("<formula1>places</formula1>") != std::string::npos);
    CHECK(sheet.find("OFFSET('选项'!$C$1,MATCH($P2") != std::string::npos);
    CHECK(parts.at("xl/workbook.xml").find("name=\"places\"") != std::string::npos);
    CHECK(parts.at("xl/comments1.xml").find("必填") != std::string::npos);
    CHECK(parts.at("xl/styles.xml").find("formatCode=\"@\"") != std::string::npos); // text
}

TEST_CASE("M17 an export holds the same columns; imported again every row is known as a repeat") {
    export_world w;
    tests::add_gauge(w, w.who,
                     {{field_id::serial_no, "00123"}, {field_id::remark, "=1+1 _x000D_ <&>\nzwei"}});
    tests::add_gauge(w, w.who, {{field_id::valid_until, "2027-06-30"}, {field_id::certificate_no, "LX-1"}});
    const auto other = w.acting("liangminyi");
    tests::add_gauge(w, other);
    const std::string bytes = w.exported();
    const auto rows = cells_of(bytes);
    REQUIRE(rows.size() == 3); // nothing of the other company
    CHECK(rows[0] == expected_headings());
    CHECK(rows[2][4] == "00123");
    CHECK(rows[2][14] == "广东省/佛山市/顺德区");
    CHECK(rows[2][24] == "=1+1 _x000D_ <&>\nzwei");
    CHECK(rows[2][20] == "待备案");

    const auto again = w.import(bytes).value();
    CHECK(again.checked.rows == 2);
    CHECK(again.checked.repeated == 2);
    CHECK(again.checked.problems[0].key == "import.repeats_record");

    w.who = other; // elsewhere the same file is a right one, and brings everything back
    const auto there = w.import(bytes).value();
    REQUIRE(there.stored.has_value());
    CHECK(there.stored->imported == 2);
    const auto first = tests::read_instrument(w, w.count(R"sql(SELECT max(id) FROM instrument)sql"));
    CHECK(first.serial_no == "00123");
    CHECK(first.remark == "=1+1 _x000D_ <&>\nzwei");
    CHECK(first.filing_status == "unfiled");
}

TEST_CASE("M17 exports are a company's own, of any number of rows") {
    export_world w;
    const auto refused = w.read([&](core::db::read_view& v) {
        return export_instruments(v, tests::account_world::visitor(), w.to());
    });
    CHECK(refused.error().code == core::errc::not_allowed);
    instrument_sheet s;
    for (int i = 0; i < 1203; ++i)
        s.add("N" + std::to_string(i));
    REQUIRE(w.import(s.bytes())->stored.has_value());
    CHECK(cells_of(w.exported()).size() == 1204);
    const auto capped = [&](std::size_t most) {
        return w.read([&](core::db::read_view& v) { return export_instruments(v, w.who, w.to(), most); });
    };
    CHECK(capped(1203).value() == 1203);
    CHECK(capped(1202).error().detail == "export.rows");
}

TEST_CASE("M17 the rows that could not be imported come back in their columns, with the reason of each") {
    export_world w;
    instrument_sheet s;
    s.title = "清单";
    s.add("1").add("2", {{"生产地", {kind::text, "火星"}},
                         {"数量", {kind::number, "3"}},
                         {"购买日期", {kind::text, "01/02/2024"}}});
    s.add("1", {{"购买日期", {kind::day, "45296"}}}).add("4");
    const std::string bytes = s.bytes();
    const upload sent{.file_name = "a.xlsx", .bytes = bytes};
    const auto done = w.import(bytes, import_mode::valid).value();
    CHECK(done.stored->imported == 2);
    const auto say = [](const core::error& e) { return e.detail; };
    CHECK(write_errors(sent, done.file, done.checked, say, {}, w.to()).value() == 2);
    const auto rows = cells_of(w.bytes());
    REQUIRE(rows.size() == 3);
    const std::size_t last = s.headings.size();
    words headings = s.headings;
    headings.push_back("错误原因");
    CHECK(rows[0] == headings);
    CHECK(rows[1][last] == "date.ambiguous\nfield.choice");
    CHECK(rows[1][2] == "2");
    CHECK(rows[2][last] == "import.repeats_row");
    // Mended, the same workbook is imported as it is: the last column is nobody's.
    const auto mended = w.import(w.bytes()).value();
    CHECK(mended.file.columns.unknown.back() == "错误原因");
    CHECK(mended.checked.problems.back().key == "import.repeats_record"); // the row it repeated is in by now
}
