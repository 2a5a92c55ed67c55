#include "core/workbook/book.hpp"

#include "core/base/text.hpp"
#include "core/workbook/xlsx_book.hpp"

namespace core::workbook {
namespace {

constexpr std::string_view ole_head("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
                                    8); // .xls, and encrypted files of today
constexpr std::string_view zip_head("PK\x03\x04", 4);

// Names of streams inside an OLE file are UTF-16.
bool holds_stream(std::string_view bytes, std::string_view name) {
    std::string wide;
    for (const char c : name)
        wide.append({c, '\0'});
    return bytes.find(wide) != std::string_view::npos;
}

bool looks_like_markup(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    return trim(bytes.substr(0, 1000)).starts_with('<');
}

// What an OLE file is refused as. Old workbooks are not read: libfreexl, the one library for them in Debian,
// reads behind its buffers when a file is damaged on purpose (README.md).
error refusal_of_ole(std::string_view bytes, bool named_xls) {
    if (holds_stream(bytes, "EncryptedPackage")) return error(errc::invalid, "workbook.encrypted");
    return error(errc::invalid, named_xls ? "workbook.old_format" : "workbook.renamed");
}

} // namespace

bool row::is_blank() const {
    for (const auto& c : cells)
        if (!c.is_merged && c.kind != cell_kind::empty &&
            (c.kind != cell_kind::text || !tidy_line(c.text).empty()))
            return false;
    return true;
}

result<std::unique_ptr<book>> open_book(const upload& u, const deadline& until, const limits& most) {
    if (u.bytes.size() > most.file) return error(errc::invalid, "workbook.too_large");
    if (u.bytes.empty()) return error(errc::invalid, "workbook.empty");
    const std::string name = to_lower_ascii(u.file_name);
    const bool named_xls = name.ends_with(".xls");
    if (name.ends_with(".xlsm") || name.ends_with(".xlsb") || name.ends_with(".xltm"))
        return error(errc::invalid, "workbook.macro");
    if (!named_xls && !name.ends_with(".xlsx")) return error(errc::invalid, "workbook.ending");
    if (u.bytes.starts_with(ole_head)) return refusal_of_ole(u.bytes, named_xls);
    if (looks_like_markup(u.bytes)) return error(errc::invalid, "workbook.web_page");
    if (!u.bytes.starts_with(zip_head)) return error(errc::invalid, "workbook.corrupt");
    if (named_xls) return error(errc::invalid, "workbook.renamed");
    return open_xlsx(u.bytes, until, most);
}

} // namespace core::workbook
