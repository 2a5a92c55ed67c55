// core/workbook, the reader: every way in which programs write a value, and every file that is refused.
#include "core/workbook/book.hpp"
#include "core/workbook/number_format.hpp"
#include "core/workbook/xml_cutter.hpp"
#include "tests/support/workbook_parts.hpp"

#include <doctest/doctest.h>

#include <random>

namespace {

using namespace core::workbook;
using core::result;
using strings = std::vector<std::string>;

std::string word(const cell& c) {
    std::string w(1, static_cast<char>('A' + c.column));
    if (c.is_merged) w += '+';
    switch (c.kind) {
    case cell_kind::empty:
        return w + "=";
    case cell_kind::text:
        return w + (c.is_date ? "=date:" : "=") + std::string(c.text);
    case cell_kind::number:
        return w + (c.is_date ? "=day:" : "=#") + decimal_text(c.number);
    case cell_kind::boolean:
        return w + "=bool:" + std::string(c.text);
    case cell_kind::formula:
        return w + "=formula";
    case cell_kind::error:
        return w + "=error:" + std::string(c.text);
    }
    return w;
}

// Every row as "3 A=text B=#1.5", or the one word of a refusal.
strings read(std::string_view bytes, std::string_view name = "a.xlsx", const limits& most = {},
             std::size_t sheet = 0) {
    const auto b = open_book({.file_name = name, .bytes = bytes}, {}, most);
    if (!b) return {b.error().detail};
    auto all = (*b)->open(sheet);
    if (!all) return {all.error().detail};
    strings lines;
    for (row r;;) {
        const auto more = (*all)->next(r);
        if (!more) return {more.error().detail};
        if (!*more) return lines;
        std::string line = std::to_string(r.number) + (r.is_hidden ? "h" : "");
        for (const auto& c : r.cells)
            line += " " + word(c);
        lines.push_back(line);
    }
}

strings read_rows(std::string_view rows_xml) {
    tests::workbook_parts w;
    return read(w.sheet(rows_xml).bytes());
}

} // namespace

TEST_CASE("M17 a value is read however it is written") {
    tests::workbook_parts w;
    w.strings(
        R"(<si><t>压力表</t></si><si><r><rPr><b/></rPr><t>一般</t></r><r><t xml:space="preserve"> 压力</t></r></si>)"
        R"(<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si/><si><t>a_x000D_b_x005F_x_xD83D__xDE00_</t></si>)"
        R"(<si><t>&lt;b&gt;&amp;&#x538B;</t></si><si><t xml:space="preserve">  </t></si>)");
    const auto lines = read(
        w.sheet(
             R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>)"
             R"(<c r="D1" t="s"><v>3</v></c><c r="E1" t="s"><v>4</v></c><c r="F1" t="s"><v>5</v></c></row>)"
             R"(<row r="2"><c r="A2" t="inlineStr"><is><t>00123</t></is></c>)"
             R"(<c r="B2" t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r></is></c>)"
             R"(<c r="C2" t="str"><f>A2&amp;"x"</f><v>00123x</v></c><c r="D2" t="b"><v>1</v></c>)"
             R"(<c r="E2" t="b"><v>0</v></c><c r="F2" t="e"><v>#N/A</v></c><c r="G2" t="d"><v>2024-01-05</v></c></row>)"
             R"(<row r="3"><c r="A3"><v>1.1000000000000001</v></c><c r="B3" t="n"><v>1E3</v></c>)"
             R"(<c r="C3"><f>SUM(B3:B4)</f><v>42</v></c><c r="D3"/><c r="E3"><v>-0.5</v></c>)"
             R"(<c r="F3"><v>1.23456789012345E+17</v></c><c r="G3"><f>A1</f></c></row>)"
             R"(<row r="4"><c r="A4" t="inlineStr"><is><t><![CDATA[</row><c>]]></t></is></c></row>)")
            .bytes());
    CHECK(lines == strings{"1 A=压力表 B=一般 压力 C=東京 E=a\rb_x😀 F=<b>&压",
                           "2 A=00123 B=xy C=00123x D=bool:TRUE E=bool:FALSE F=error:#N/A G=date:2024-01-05",
                           "3 A=#1.1 B=#1000 C=#42 E=#-0.5 F=#123456789012345000 G=formula",
                           "4 A=</row><c>"});
}

TEST_CASE("M17 rows and cells without addresses, sparse, empty and hidden ones keep their places") {
    CHECK(
        read_rows(
            R"(<row><c><v>1</v></c><c><v>2</v></c></row><row/><row r="7" hidden="1"><c r="C7"><v>3</v></c><c><v>4</v></c></row>)"
            R"(<!-- between --><row r="9"><c r="B9"><v>5</v></c></row>)") ==
        strings{"1 A=#1 B=#2", "2", "7h C=#3 D=#4", "9 B=#5"});
}

TEST_CASE("M17 namespace prefixes, the strict dialect, absolute and odd targets") {
    tests::workbook_parts w;
    w.sheet(R"(<row r="1"><c r="A1"><v>1</v></c></row>)");
    SUBCASE("prefix") {
        w["xl/worksheets/sheet1.xml"] =
            R"(<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>)";
        w["xl/workbook.xml"] =
            R"(<x:workbook xmlns:x="m" xmlns:q="r"><x:sheets><x:sheet name="a" sheetId="1" q:id="rId1"/></x:sheets></x:workbook>)";
    }
    SUBCASE("strict") {
        w.replace_everywhere("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                             "http://purl.oclc.org/ooxml/officeDocument/relationships");
        w.replace_everywhere("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                             "http://purl.oclc.org/ooxml/spreadsheetml/main");
    }
    SUBCASE("absolute target") {
        w.replace_everywhere("\"worksheets/sheet1.xml\"", "\"/xl/worksheets/sheet1.xml\"");
    }
    SUBCASE("target upwards") {
        w.replace_everywhere("\"worksheets/sheet1.xml\"", "\"../data/sheet1.xml\"");
        w.rename("xl/worksheets/sheet1.xml", "data/sheet1.xml");
    }
    SUBCASE("names in other case") {
        w.rename("xl/worksheets/sheet1.xml", "xl/Worksheets/Sheet1.xml");
    }
    SUBCASE("no styles, no shared texts") {
        w.erase("xl/styles.xml");
        w.erase("xl/sharedStrings.xml");
    }
    SUBCASE("byte order mark") {
        w["xl/worksheets/sheet1.xml"] = "\xEF\xBB\xBF" + w["xl/worksheets/sheet1.xml"];
        w["xl/workbook.xml"] = "\xEF\xBB\xBF" + w["xl/workbook.xml"];
    }
    CHECK(read(w.bytes()) == strings{"1 A=#1"});
}

TEST_CASE("M17 dates are told by the format of the cell") {
    tests::workbook_parts w;
    w.styles(
        R"(<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>)"
        R"(<numFmt numFmtId="165" formatCode="[Red]0.00&quot;d&quot;"/><numFmt numFmtId="166" formatCode="[$-804]aaaa;@"/></numFmts>)"
        R"(<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="31"/>)"
        R"(<xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs>)");
    w.sheet(
        R"(<row r="1"><c r="A1"><v>45296</v></c><c r="B1" s="1"><v>45296</v></c><c r="C1" s="2"><v>45296.5</v></c>)"
        R"(<c r="D1" s="3"><v>45296</v></c><c r="E1" s="4"><v>45296</v></c><c r="F1" s="99"><v>1</v></c></row>)");
    CHECK(read(w.bytes()) == strings{"1 A=#45296 B=day:45296 C=day:45296.5 D=day:45296 E=#45296 F=#1"});
    CHECK_FALSE(open_book({.file_name = "a.xlsx", .bytes = w.bytes()}, {}).value()->counts_from_1904());
    w.replace_everywhere("<workbookPr/>", R"(<workbookPr date1904="1"/>)");
    CHECK(open_book({.file_name = "a.xlsx", .bytes = w.bytes()}, {}).value()->counts_from_1904());
}

TEST_CASE("M17 which formats are dates") {
    for (const int n : {14, 17, 22, 27, 31, 36, 45, 47, 50, 58})
        CHECK(is_date_format(n));
    for (const int n : {0, 1, 2, 9, 13, 23, 26, 37, 44, 48, 49, 59, 164})
        CHECK_FALSE(is_date_format(n));
    for (const char* code :
         {"yyyy-mm-dd", "m/d/yy", "yyyy\"年\"m\"月\"", "[$-804]yyyy/m/d;@", "[h]:mm", "mm:ss", "D"})
        CHECK(is_date_format(code));
    for (const char* code : {"0.00", "General", "[Red]0.00\"d\"", "\\d0", "_d0", "*y0", "@", "\"open",
                             "[Yellow", "0_);[Red](0)"})
        CHECK_FALSE(is_date_format(code));
}

TEST_CASE("M17 day serials of both systems") {
    const auto text = [](double serial, bool from_1904) {
        const auto d = date_of_serial(serial, from_1904);
        return d ? core::to_text(*d) : "none";
    };
    CHECK(text(45296, false) == "2024-01-05");
    CHECK(text(45296.999, false) == "2024-01-05");
    CHECK(text(1, false) == "1900-01-01");
    CHECK(text(59, false) == "1900-02-28");
    CHECK(text(60, false) == "none"); // the leap day that never was
    CHECK(text(61, false) == "1900-03-01");
    CHECK(text(0.5, false) == "none");
    CHECK(text(43834, true) == "2024-01-05");
    CHECK(text(0, true) == "1904-01-01");
    CHECK(text(2958465, false) == "9999-12-31");
    CHECK(text(2958465, true) == "none");
    CHECK(text(2958466, false) == "none");
    CHECK(text(-1, false) == "none");
    CHECK(text(std::numeric_limits<double>::quiet_NaN(), false) == "none");
    CHECK(serial_of_date(*core::parse_date("2024-01-05")) == 45296);
}

TEST_CASE("M17 a number is read as its shortest exact decimal") {
    CHECK(decimal_text(1.1000000000000001) == "1.1");
    CHECK(decimal_text(123) == "123");
    CHECK(decimal_text(123456789012345000.0) == "123456789012345000"); // not ...4992, which is stored
    CHECK(decimal_text(-12.5) == "-12.5");
    CHECK(decimal_text(0.1) == "0.1");
    CHECK(decimal_text(1e-7) == "0.0000001");
    CHECK(decimal_text(-0.0) == "0");
    CHECK(decimal_text(1e21) == "1000000000000000000000");
    CHECK(decimal_text(0.00001) == "0.00001");
    CHECK(decimal_text(1.2345678901234568e17) == "123456789012345680");
    CHECK(significant_digits("123456789012345680") == 18);
    CHECK(significant_digits("0.00123") == 3);
    CHECK(significant_digits("1200") == 4);
}

TEST_CASE("M17 merged cells: the value holds downwards, not sideways") {
    tests::workbook_parts w;
    w.sheet(
        R"(<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="C2"><v>3</v></c></row>)"
        R"(<row r="3"><c r="A3"><v>4</v></c></row><row r="4"><c r="B4"><v>5</v></c></row>)",
        R"(<mergeCells count="2"><mergeCell ref="A1:A2"/><mergeCell ref="A3:B4"/></mergeCells>)");
    CHECK(read(w.bytes()) == strings{"1 A=#1 B=#2", "2 A+=#1 C=#3", "3 A=#4 B+=", "4 A+=#4 B+="});
    tests::workbook_parts only_merged;
    only_merged.sheet(R"(<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"/></row>)",
                      R"(<mergeCells><mergeCell ref="A1:A2"/></mergeCells>)");
    const auto b = open_book({.file_name = "a.xlsx", .bytes = only_merged.bytes()}, {});
    CHECK(b.has_value());
}

TEST_CASE("M17 sheets are listed with what is hidden; charts are passed over") {
    tests::workbook_parts w;
    w.replace_everywhere(
        R"(<sheet name="器具" sheetId="1" r:id="rId1"/>)",
        R"(<sheet name="旧" sheetId="1" state="hidden" r:id="rId1"/><sheet name="图" sheetId="2" r:id="rId8"/>)"
        R"(<sheet name="器具" sheetId="3" r:id="rId9"/>)");
    w.replace_everywhere(
        "</Relationships>",
        R"(<Relationship Id="rId9" Type="http://x/worksheet" Target="worksheets/sheet2.xml"/></Relationships>)");
    w.sheet(R"(<row r="1"><c r="A1"><v>1</v></c></row>)");
    w["xl/worksheets/sheet2.xml"] = w["xl/worksheets/sheet1.xml"];
    const std::string bytes = w.bytes();
    const auto b = open_book({.file_name = "a.xlsx", .bytes = bytes}, {}).value();
    REQUIRE(b->sheets().size() == 2);
    CHECK(b->sheets()[0].is_hidden);
    CHECK(b->sheets()[1].name == "器具");
    CHECK(read(bytes, "a.xlsx", {}, 1) == strings{"1 A=#1"});
}

TEST_CASE("S9 what is no workbook of ours is refused with its own reason") {
    tests::workbook_parts w;
    w.sheet(R"(<row r="1"><c r="A1"><v>1</v></c></row>)");
    const std::string good = w.bytes();
    const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(600, '\0');
    std::string locked = ole;
    for (const char c : std::string_view("EncryptedPackage"))
        locked += std::string{c, '\0'};
    CHECK(read("") == strings{"workbook.empty"});
    CHECK(read("hello") == strings{"workbook.corrupt"});
    CHECK(read(good, "a.csv") == strings{"workbook.ending"});
    CHECK(read(good, "a.xlsm") == strings{"workbook.macro"});
    CHECK(read(good, "a.xls") == strings{"workbook.renamed"});
    CHECK(read(good, "清单.XLSX") == strings{"1 A=#1"});
    CHECK(read(ole) == strings{"workbook.renamed"});
    CHECK(read(ole, "a.xls") == strings{"workbook.old_format"});
    CHECK(read(locked) == strings{"workbook.encrypted"});
    CHECK(read(locked, "a.xls") == strings{"workbook.encrypted"});
    CHECK(read("\xEF\xBB\xBF <html><table></table></html>") == strings{"workbook.web_page"});
    CHECK(read("<?xml version=\"1.0\"?><Workbook/>") == strings{"workbook.web_page"});
    CHECK(read(tests::zip_of({{"a.txt", "hello"}})) == strings{"workbook.corrupt"});
    for (std::size_t cut : {std::size_t(4), good.size() / 3, good.size() / 2, good.size() - 30})
        CHECK(read(good.substr(0, cut)) == strings{"workbook.corrupt"});
}

TEST_CASE("S9 parts that lie, break off or carry programs") {
    tests::workbook_parts w;
    w.sheet(R"(<row r="1"><c r="A1"><v>1</v></c></row>)");
    const std::string sheet = w["xl/worksheets/sheet1.xml"];
    const auto with_sheet = [&](std::string xml) {
        tests::workbook_parts other = w;
        other["xl/worksheets/sheet1.xml"] = std::move(xml);
        return read(other.bytes());
    };
    CHECK(with_sheet(sheet.substr(0, sheet.find("</sheetData>"))) == strings{"workbook.truncated"});
    CHECK(with_sheet(sheet.substr(0, sheet.find("</worksheet>"))) == strings{"workbook.truncated"});
    CHECK(with_sheet("") == strings{"workbook.corrupt"});
    CHECK(with_sheet("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>" + sheet) == strings{"workbook.doctype"});
    CHECK(with_sheet("\xFF\xFE" + sheet) == strings{"workbook.corrupt"});
    CHECK(with_sheet("<?xml version='1.0' encoding='gb2312'?><a><sheetData/></a>") ==
          strings{"workbook.corrupt"});
    CHECK(read_rows(R"(<row r="2"/><row r="1"/>)") == strings{"workbook.corrupt"});
    CHECK(read_rows(R"(<row r="0"/>)") == strings{"workbook.corrupt"});
    CHECK(read_rows(R"(<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>)") ==
          strings{"workbook.corrupt"});
    CHECK(read_rows(R"(<row r="1"><c r="A2"><v>1</v></c></row>)") == strings{"workbook.corrupt"});
    CHECK(read_rows(R"(<row r="1"><c t="s"><v>0</v></c></row>)") ==
          strings{"workbook.corrupt"}); // no such text
    CHECK(read_rows(R"(<row r="1"><c t="s"><v>-1</v></c></row>)") == strings{"workbook.corrupt"});
    CHECK(read_rows(R"(<row r="1"><c><v>1</c></v></row>)") == strings{"workbook.corrupt"});
    tests::workbook_parts macro = w;
    macro["xl/vbaProject.bin"] = "x";
    CHECK(read(macro.bytes()) == strings{"workbook.macro"});
    tests::workbook_parts declared_macro = w;
    declared_macro.replace_everywhere("openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                                      "ms-excel.sheet.macroEnabled.main+xml");
    CHECK(read(declared_macro.bytes()) == strings{"workbook.macro"});
    tests::workbook_parts document = w;
    document.replace_everywhere("spreadsheetml.sheet.main", "wordprocessingml.document.main");
    CHECK(read(document.bytes()) == strings{"workbook.corrupt"});
    tests::workbook_parts laughs = w;
    laughs["xl/workbook.xml"] = "<!DOCTYPE x>" + laughs["xl/workbook.xml"];
    CHECK(read(laughs.bytes()) == strings{"workbook.doctype"});
    tests::workbook_parts no_sheet = w;
    no_sheet.erase("xl/worksheets/sheet1.xml");
    CHECK(read(no_sheet.bytes()) == strings{"workbook.no_sheet"});
}

TEST_CASE("S9 W3 sizes are bounded by what is declared and by what comes out") {
    tests::workbook_parts w;
    std::string many;
    for (int i = 0; i < 3000; ++i)
        many += R"(<row><c t="inlineStr"><is><t>)" + std::string(1000, 'x') + "</t></is></c></row>";
    w.sheet(many);
    const std::string bytes = w.bytes();
    CHECK(bytes.size() < 100'000);
    CHECK(read(bytes).size() == 3000);
    CHECK(read(bytes, "a.xlsx", {.file = 1000}) == strings{"workbook.too_large"});
    CHECK(read(bytes, "a.xlsx", {.part = 2u << 20}) == strings{"workbook.too_large"}); // declared: 3 MB
    CHECK(read(bytes, "a.xlsx", {.total = 2u << 20}) == strings{"workbook.too_large"});
    CHECK(read(bytes, "a.xlsx", {.parts = 3}) == strings{"workbook.too_large"});
    CHECK(read(bytes, "a.xlsx", {.rows = 2999}) == strings{"workbook.rows"});
    CHECK(read(bytes, "a.xlsx", {.rows = 3000}).size() == 3000);

    std::string lying = bytes; // declares 1,000 bytes for the sheet of 3 MB
    const std::uint32_t real = static_cast<std::uint32_t>(w["xl/worksheets/sheet1.xml"].size());
    const std::uint32_t said = 1000;
    const auto raw = [](const std::uint32_t& n) {
        return std::string_view(reinterpret_cast<const char*>(&n), sizeof n);
    };
    for (auto at = lying.find(raw(real)); at != std::string::npos; at = lying.find(raw(real)))
        lying.replace(at, 4, raw(said));
    REQUIRE(lying != bytes);
    CHECK(read(lying, "a.xlsx", {.part = 2u << 20})[0].starts_with("workbook."));

    CHECK(read_rows(R"(<row r="1"><c r="IV1"><v>1</v></c><c r="IW1" s="1"/></row>)").size() == 1);
    CHECK(read_rows(R"(<row r="1"><c r="IW1"><v>1</v></c></row>)") == strings{"workbook.columns"});
    tests::workbook_parts texts;
    texts.strings("<si><t>" + std::string(3000, 'x') + "</t></si>");
    CHECK(read(texts.bytes(), "a.xlsx", {.strings = 2000}) == strings{"workbook.too_large"});
    texts.sheet("<row><c t=\"inlineStr\"><is><t>" + std::string(9u << 20, 'x') + "</t></is></c></row>");
    CHECK(read(texts.bytes()) == strings{"workbook.too_large"});
}

TEST_CASE("S9 a reader gives up when its time is over") {
    struct running_clock final : core::clock {
        core::instant now() const override { return {}; }
        std::chrono::steady_clock::time_point steady() const override {
            return at += std::chrono::milliseconds(300);
        }
        mutable std::chrono::steady_clock::time_point at;
    };
    tests::workbook_parts w;
    std::string many;
    for (int i = 0; i < 30'000; ++i)
        many += "<row><c><v>" + std::to_string(i) + "</v></c></row>";
    const std::string bytes = w.sheet(many).bytes();
    const running_clock time;
    const auto b =
        open_book({.file_name = "a.xlsx", .bytes = bytes}, deadline(time, std::chrono::seconds(2)));
    std::string why = b ? "" : b.error().detail;
    if (b) {
        const auto all = (*b)->open(0);
        if (!all) why = all.error().detail;
        CHECK_FALSE(all.has_value());
    }
    CHECK(why == "workbook.slow");
}

TEST_CASE("S9 a stream of XML is cut the same wherever its chunks end") {
    std::string xml = "<?xml version='1.0'?><a><!-- <b> --><x:b n='>'>1</x:b><c><b>no</b></c>";
    for (int i = 0; i < 40; ++i)
        xml += "<b>" + std::to_string(i) + "<b>deep</b><![CDATA[</b>]]></b>\n<b/>";
    xml += "</a>";
    for (const std::size_t step : {1u, 2u, 3u, 7u, 64u, 100'000u}) {
        std::size_t at = 0;
        xml_cutter cut(
            [&](char* to, std::size_t most) -> result<std::size_t> {
                const std::size_t n = std::min({step, most, xml.size() - at});
                xml.copy(to, n, at);
                at += n;
                return n;
            },
            "a", "b");
        std::string all;
        for (;;) {
            const auto some = cut.next();
            REQUIRE(some.has_value());
            if (some->empty()) break;
            all += std::string(*some) + "\n";
        }
        std::string squeezed;
        for (const char c : all)
            if (c != '\n') squeezed += c;
        std::string expected = "<x:b n='>'>1</x:b>";
        for (int i = 0; i < 40; ++i)
            expected += "<b>" + std::to_string(i) + "<b>deep</b><![CDATA[</b>]]></b><b/>";
        const auto junk = squeezed.find("<c><b>no</b></c>"); // may come along between two children
        if (junk != std::string::npos) squeezed.erase(junk, 16);
        CHECK(squeezed == expected);
    }
}

TEST_CASE("S9 600 damaged copies of a good file are read or refused, never worse") {
    tests::workbook_parts w;
    std::string many;
    for (int i = 0; i < 60; ++i)
        many +=
            R"(<row><c t="s"><v>0</v></c><c s="1"><v>45296</v></c><c t="inlineStr"><is><t>x</t></is></c></row>)";
    w.strings("<si><t>压力表</t></si>")
        .styles("<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>");
    w.sheet(many, R"(<mergeCells><mergeCell ref="A1:A2"/></mergeCells>)");
    const std::string good = w.bytes();
    const std::string sheet = w["xl/worksheets/sheet1.xml"];
    std::mt19937 random(20261124);
    int refused = 0;
    for (int i = 0; i < 600; ++i) {
        tests::workbook_parts broken = w;
        std::string& xml = broken[i % 3 == 0   ? "xl/worksheets/sheet1.xml"
                                  : i % 3 == 1 ? "xl/styles.xml"
                                               : "xl/sharedStrings.xml"];
        std::string bytes = good;
        std::string& hit = i % 2 == 0 ? xml : bytes;
        for (unsigned k = 0; k <= random() % 6; ++k)
            hit[random() % hit.size()] = static_cast<char>(random());
        if (i % 2 == 0) bytes = broken.bytes();
        const auto lines = read(bytes);
        if (lines.size() == 1 && lines[0].starts_with("workbook.")) ++refused;
    }
    CHECK(refused > 100);
    CHECK(refused < 600);
}
