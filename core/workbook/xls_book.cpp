#include "core/workbook/xls_book.hpp"

#include <freexl.h>

#include <array>
#include <charconv>

namespace core::workbook {
namespace {

struct close_handle {
    void operator()(const void* h) const { freexl_close(h); }
};
using handle = std::unique_ptr<const void, close_handle>;

class xls_rows final : public rows {
  public:
    xls_rows(const void* h, const deadline& until, const limits& most, unsigned height, unsigned short width)
        : handle_(h), until_(until), most_(most), height_(height), width_(width) {}

    result<bool> next(row& to) override {
        to.cells.clear();
        texts_.clear();
        texts_.reserve(width_); // the cells point into it
        if (at_ >= height_) return false;
        if (at_ % 256 == 0 && until_.is_over()) return error(errc::too_late, "workbook.slow");
        for (unsigned short column = 0; column < width_; ++column)
            if (!read_cell(column, to)) return error(errc::invalid, "workbook.corrupt");
        if (!to.cells.empty() && to.cells.back().column >= most_.columns)
            return error(errc::invalid, "workbook.columns");
        if (!to.cells.empty() && ++count_ > most_.rows) return error(errc::invalid, "workbook.rows");
        to.number = ++at_;
        return true;
    }

  private:
    bool read_cell(unsigned short column, row& to) {
        FreeXL_CellValue v;
        if (freexl_get_cell_value(handle_, at_, column, &v) != FREEXL_OK) return false;
        cell c;
        c.column = column;
        switch (v.type) {
        case FREEXL_CELL_INT:
            number_cell(c, v.value.int_value);
            break;
        case FREEXL_CELL_DOUBLE:
            number_cell(c, v.value.double_value);
            break;
        case FREEXL_CELL_DATE:
        case FREEXL_CELL_DATETIME:
        case FREEXL_CELL_TIME:
            c.is_date = true;
            [[fallthrough]];
        case FREEXL_CELL_TEXT:
        case FREEXL_CELL_SST_TEXT:
            c.kind = cell_kind::text;
            c.text = v.value.text_value == nullptr ? "" : v.value.text_value;
            break;
        default:
            return true;
        }
        if (c.kind != cell_kind::text || !c.text.empty()) to.cells.push_back(c);
        return true;
    }

    void number_cell(cell& c, double n) {
        std::array<char, 40> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n);
        c.kind = cell_kind::number;
        c.number = n;
        c.text = texts_.emplace_back(digits.data(), end.ptr);
    }

    const void* handle_;
    deadline until_;
    limits most_;
    unsigned height_, at_ = 0;
    unsigned short width_;
    std::size_t count_ = 0;
    std::vector<std::string> texts_;
};

class xls final : public book {
  public:
    xls(handle h, const deadline& until, const limits& most)
        : handle_(std::move(h)), until_(until), most_(most) {}

    result<> load() {
        unsigned info = 0;
        if (freexl_get_info(handle_.get(), FREEXL_BIFF_PASSWORD, &info) == FREEXL_OK &&
            info == FREEXL_BIFF_OBFUSCATED)
            return error(errc::invalid, "workbook.encrypted");
        unsigned n = 0;
        if (freexl_get_info(handle_.get(), FREEXL_BIFF_SHEET_COUNT, &n) != FREEXL_OK || n > 1000)
            return error(errc::invalid, "workbook.corrupt");
        for (unsigned short i = 0; i < n; ++i) {
            const char* name = nullptr;
            if (freexl_get_worksheet_name(handle_.get(), i, &name) != FREEXL_OK)
                return error(errc::invalid, "workbook.corrupt");
            sheets_.push_back({name == nullptr ? "" : name, false});
        }
        if (sheets_.empty()) return error(errc::invalid, "workbook.no_sheet");
        return {};
    }

    result<std::unique_ptr<rows>> open(std::size_t sheet) override {
        unsigned height = 0;
        unsigned short width = 0;
        if (freexl_select_active_worksheet(handle_.get(), static_cast<unsigned short>(sheet)) != FREEXL_OK ||
            freexl_worksheet_dimensions(handle_.get(), &height, &width) != FREEXL_OK)
            return error(errc::invalid, "workbook.corrupt");
        return std::unique_ptr<rows>(std::make_unique<xls_rows>(handle_.get(), until_, most_, height, width));
    }

  private:
    handle handle_;
    deadline until_;
    limits most_;
};

} // namespace

result<std::unique_ptr<book>> open_xls(const std::filesystem::path& file, const deadline& until,
                                       const limits& most) {
    const void* raw = nullptr;
    const int answer = freexl_open(file.c_str(), &raw);
    handle h(raw);
    if (answer != FREEXL_OK) return error(errc::invalid, "workbook.corrupt");
    auto made = std::make_unique<xls>(std::move(h), until, most);
    if (auto r = made->load(); !r) return r.error();
    return std::unique_ptr<book>(std::move(made));
}

} // namespace core::workbook
