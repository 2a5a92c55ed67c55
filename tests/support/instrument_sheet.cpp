#include "tests/support/instrument_sheet.hpp"

#include <algorithm>

namespace tests {
namespace {

std::string escaped(std::string_view s) {
    std::string out;
    for (const char c : s)
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return out;
}

std::string cell_xml(const sheet_cell& c) {
    using kind = sheet_cell::kind;
    switch (c.is) {
    case kind::text:
        return R"(<c t="inlineStr"><is><t xml:space="preserve">)" + escaped(c.value) + "</t></is></c>";
    case kind::number:
        return "<c><v>" + c.value + "</v></c>";
    case kind::day:
        return R"(<c s="1"><v>)" + c.value + "</v></c>";
    case kind::error:
        return R"(<c t="e"><v>)" + c.value + "</v></c>";
    case kind::truth:
        return R"(<c t="b"><v>)" + c.value + "</v></c>";
    case kind::none:
        return "<c/>";
    }
    return {};
}

} // namespace

sheet_row right_row(std::string_view serial_no) {
    using kind = sheet_cell::kind;
    return {{"器具名称", {kind::text, "压力表"}},
            {"型号规格", {kind::text, "Y-100"}},
            {"出厂编号", {kind::text, std::string(serial_no)}},
            {"生产厂家", {kind::text, "示例仪表厂"}},
            {"安装使用地点", {kind::text, "锅炉房"}},
            {"器具用途", {kind::text, "安全防护"}},
            {"检定方式", {kind::text, "送检"}},
            {"所在地", {kind::text, "广东省/广州市/白云区"}},
            {"种别", {kind::text, "压力仪表"}},
            {"类别", {kind::text, "压力表（指示类、显示类）"}}};
}

instrument_sheet::instrument_sheet()
    : headings{"器具名称", "型号规格", "出厂编号", "生产厂家", "安装使用地点",
               "器具用途", "检定方式", "所在地",   "种别",     "类别"} {}

instrument_sheet& instrument_sheet::add(sheet_row r) {
    for (const auto& [label, value] : r)
        if (std::find(headings.begin(), headings.end(), label) == headings.end()) headings.push_back(label);
    rows.push_back(std::move(r));
    return *this;
}

instrument_sheet& instrument_sheet::add(std::string_view serial_no,
                                        std::initializer_list<std::pair<std::string, sheet_cell>> with) {
    sheet_row r = right_row(serial_no);
    for (const auto& [label, value] : with)
        r[label] = value;
    return add(std::move(r));
}

workbook_parts instrument_sheet::parts(std::string_view behind) const {
    std::string xml = title.empty() ? "" : "<row>" + cell_xml({sheet_cell::kind::text, title}) + "</row>";
    xml += "<row>";
    for (const auto& h : headings)
        xml += cell_xml({sheet_cell::kind::text, h});
    xml += "</row>";
    for (const auto& r : rows) {
        xml += "<row>";
        for (const auto& h : headings) {
            const auto found = r.find(h);
            xml += cell_xml(found == r.end() ? sheet_cell{sheet_cell::kind::none, ""} : found->second);
        }
        xml += "</row>";
    }
    workbook_parts w;
    w.styles(R"(<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>)");
    w.sheet(xml, behind);
    return w;
}

} // namespace tests
