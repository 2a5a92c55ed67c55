// An .xlsx file (ECMA-376, transitional and strict): its parts, sheets, shared texts and date formats. Only
// what is stored is read: a formula gives the value that was kept with it, and
// one without a value is told as such.
#pragma once
#include "core/workbook/archive.hpp"
#include "core/workbook/book.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core::workbook {

// Many small texts in few large blocks: no allocation for each, and never two copies of all while it grows.
class text_table {
  public:
    void push(std::string_view text);
    std::size_t size() const { return texts_.size(); }
    std::size_t bytes() const { return taken_ + texts_.size() * 2 * sizeof(std::string_view); }
    std::string_view at(std::size_t i) const { return texts_[i]; }

  private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::vector<std::string_view> texts_;
    std::size_t room_ = 0, used_ = 0; // of the last block
    std::size_t taken_ = 0;           // of all blocks
};

struct area { // of merged cells; rows from 1, columns from 0, both ends belong to it
    std::uint32_t top = 0, left = 0, bottom = 0, right = 0;
};

// What the rows of a sheet need from their book.
struct xlsx_context {
    text_table strings;
    std::vector<bool> date_styles;    // by cell style
    std::vector<std::uint8_t> digits; // by cell style: of cell::digits
    limits most;
    deadline until;
};

// Refuses as open_book does.
result<std::unique_ptr<book>> open_xlsx(std::string_view bytes, const deadline& until, const limits& most);

// The rows of one part. `in` gives its bytes once.
result<std::unique_ptr<rows>> open_xlsx_rows(const xlsx_context& context, part in, std::vector<area> merged);

// _x000D_ in a text stands for that character (ECMA-376 22.9.2.19).
std::string unescape(std::string_view text);
// Column of "AB12": 27; row 12. False for anything else.
bool parse_reference(std::string_view reference, std::uint32_t& column, std::uint32_t& row);
// Adds the areas of `<mergeCell ref="A1:B3"/>`s of the bytes; refuses workbook.corrupt, too_large (100,000).
result<> parse_merged(char* bytes, std::size_t size, std::vector<area>& to);
// Adds the texts of `<si>`s; refuses workbook.corrupt.
result<> parse_strings(char* bytes, std::size_t size, text_table& to);

} // namespace core::workbook
