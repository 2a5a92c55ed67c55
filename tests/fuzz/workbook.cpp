// Any bytes as a workbook, or as one part of an otherwise right one: read or refused within the limits, never
// worse. The first byte chooses the part; the rest is its content.
#include "core/workbook/import_file.hpp"
#include "tests/support/workbook_parts.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

std::string workbook_of(std::string_view input) {
    if (input.empty() || input[0] == 0) return std::string(input.substr(input.empty() ? 0 : 1));
    static constexpr std::string_view parts[] = {
        "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",       "xl/styles.xml",
        "xl/workbook.xml",          "xl/_rels/workbook.xml.rels", "[Content_Types].xml"};
    tests::workbook_parts w;
    w.strings("<si><t>a</t></si>").sheet(R"(<row r="1"><c r="A1" t="s"><v>0</v></c></row>)");
    w[std::string(parts[static_cast<unsigned char>(input[0]) % std::size(parts)])] = input.substr(1);
    return w.bytes();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes = workbook_of({reinterpret_cast<const char*>(data), size});
    const core::workbook::limits most{.part = 1u << 20, .total = 4u << 20, .strings = 1u << 20, .rows = 1000};
    (void)core::workbook::read_upload({.file_name = "a.xlsx", .bytes = bytes}, {}, most);
    return 0;
}
