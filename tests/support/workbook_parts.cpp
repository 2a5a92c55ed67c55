#include "tests/support/workbook_parts.hpp"

#include <zip.h>

#include <ctime>
#include <stdexcept>

namespace tests {
namespace {

constexpr std::string_view head = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
constexpr std::string_view main_ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr std::string_view relations_ns =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

std::string relations(std::string_view inside) {
    return std::string(head) +
           R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)" +
           std::string(inside) + "</Relationships>";
}

std::string relation(std::string_view id, std::string_view kind, std::string_view target) {
    return R"(<Relationship Id=")" + std::string(id) + R"(" Type=")" + std::string(relations_ns) + "/" +
           std::string(kind) + R"(" Target=")" + std::string(target) + R"("/>)";
}

std::string main_part(std::string_view name, std::string_view inside, std::string_view behind = "") {
    return std::string(head) + "<" + std::string(name) + R"( xmlns=")" + std::string(main_ns) +
           R"(" xmlns:r=")" + std::string(relations_ns) + R"(">)" + std::string(inside) +
           std::string(behind) + "</" + std::string(name) + ">";
}

constexpr std::time_t packed_at = 1'767'225'600; // 2026-01-01

void expect(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

} // namespace

std::string zip_of(const std::map<std::string, std::string>& parts) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &why);
    zip_t* z = zip_open_from_source(target, ZIP_TRUNCATE, &why);
    expect(z != nullptr, "zip: cannot begin");
    zip_source_keep(target);
    for (const auto& [name, content] : parts) {
        zip_source_t* from = zip_source_buffer(z, content.data(), content.size(), 0);
        const auto at = zip_file_add(z, name.c_str(), from, ZIP_FL_ENC_UTF_8);
        expect(at >= 0, "zip: cannot add");
        // Not the machine's time: the same parts are the same bytes, whenever they are packed.
        expect(zip_file_set_mtime(z, static_cast<zip_uint64_t>(at), packed_at, 0) == 0, "zip: cannot date");
    }
    expect(zip_close(z) == 0, "zip: cannot end");
    expect(zip_source_open(target) == 0, "zip: cannot read back");
    zip_stat_t s;
    zip_source_stat(target, &s);
    std::string bytes(s.size, '\0');
    expect(zip_source_read(target, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()),
           "zip: short");
    zip_source_close(target);
    zip_source_free(target);
    return bytes;
}

std::map<std::string, std::string> unzip(std::string_view bytes) {
    zip_error_t why;
    zip_error_init(&why);
    zip_t* z =
        zip_open_from_source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &why), ZIP_RDONLY, &why);
    expect(z != nullptr, "zip: cannot open");
    std::map<std::string, std::string> parts;
    for (zip_int64_t i = 0; i < zip_get_num_entries(z, 0); ++i) {
        zip_stat_t s;
        zip_stat_index(z, static_cast<zip_uint64_t>(i), 0, &s);
        std::string content(s.size, '\0');
        zip_file_t* f = zip_fopen_index(z, static_cast<zip_uint64_t>(i), 0);
        expect(zip_fread(f, content.data(), content.size()) == static_cast<zip_int64_t>(content.size()),
               "zip: short");
        zip_fclose(f);
        parts[s.name] = std::move(content);
    }
    zip_discard(z);
    return parts;
}

workbook_parts::workbook_parts() {
    parts_["[Content_Types].xml"] =
        std::string(head) +
        R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
        R"(<Default Extension="xml" ContentType="application/xml"/>)"
        R"(<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>)"
        "</Types>";
    parts_["_rels/.rels"] = relations(relation("rId1", "officeDocument", "xl/workbook.xml"));
    parts_["xl/workbook.xml"] = main_part(
        "workbook", R"(<workbookPr/><sheets><sheet name="器具" sheetId="1" r:id="rId1"/></sheets>)");
    parts_["xl/_rels/workbook.xml.rels"] = relations(relation("rId1", "worksheet", "worksheets/sheet1.xml") +
                                                     relation("rId2", "styles", "styles.xml") +
                                                     relation("rId3", "sharedStrings", "sharedStrings.xml"));
    styles("");
    strings("");
    sheet("");
}

workbook_parts& workbook_parts::sheet(std::string_view rows, std::string_view behind) {
    parts_["xl/worksheets/sheet1.xml"] =
        main_part("worksheet", "<sheetData>" + std::string(rows) + "</sheetData>", behind);
    return *this;
}

workbook_parts& workbook_parts::strings(std::string_view items) {
    parts_["xl/sharedStrings.xml"] = main_part("sst", items);
    return *this;
}

workbook_parts& workbook_parts::styles(std::string_view inside) {
    parts_["xl/styles.xml"] = main_part("styleSheet", inside);
    return *this;
}

void workbook_parts::rename(const std::string& from, const std::string& to) {
    auto node = parts_.extract(from);
    node.key() = to;
    parts_.insert(std::move(node));
}

void workbook_parts::replace_everywhere(std::string_view from, std::string_view to) {
    for (auto& [name, content] : parts_)
        for (std::size_t at = content.find(from); at != std::string::npos;
             at = content.find(from, at + to.size()))
            content.replace(at, from.size(), to);
}

} // namespace tests
