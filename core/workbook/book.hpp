// A workbook as a company sends it: sheets, and the rows of one sheet in order. Hostile until read: sizes,
// parts, rows and time are bounded (guarantees S9). What the cells mean is columns.* 's.
#pragma once
#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core::workbook {

struct limits {
    std::size_t file = 20u << 20;    // bytes as sent
    std::size_t part = 256u << 20;   // bytes of one part, unpacked
    std::size_t total = 512u << 20;  // bytes of all parts, as declared and as read
    std::size_t strings = 64u << 20; // bytes of shared texts
    std::size_t parts = 2000;
    std::size_t rows = 200'000; // rows with something in them
    std::uint32_t columns = 256;
    std::size_t packed = 96u << 20; // bytes of rows that are kept: 200,000 ordinary ones
    std::size_t problems = 50'000;  // told of one reading; rows beyond them are still known to be wrong
};

// When to give up; asked now and then while reading. Without a clock: never.
class deadline {
  public:
    deadline() = default;
    deadline(const clock& time, std::chrono::milliseconds most) : time_(&time), at_(time.steady() + most) {}
    bool is_over() const { return time_ != nullptr && time_->steady() > at_; }

  private:
    const clock* time_ = nullptr;
    std::chrono::steady_clock::time_point at_;
};

enum class cell_kind {
    empty,
    text,
    number,
    boolean,
    error,
    formula // saved without its value: nobody knows what it would show
};

struct cell {
    std::uint32_t column = 0; // 0 is A
    cell_kind kind = cell_kind::empty;
    bool is_date = false;    // a number that its format shows as a date, or a date written as ISO text
    bool is_merged = false;  // part of a merged area, not its first cell; a value comes from the cell above
    std::uint8_t digits = 0; // a number that its format shows with at least so many (00123); 0: as it is
    double number = 0;
    std::string_view text; // as in the file: text, number, TRUE or FALSE, #N/A. Valid until the next row
};

struct row {
    std::uint32_t number = 0; // as the program that wrote it counts, from 1
    bool is_hidden = false;
    std::vector<cell> cells; // by rising column; cells that hold nothing may be missing
    bool is_blank() const;   // nothing but blanks, and values merged down from above
};

class rows {
  public:
    virtual ~rows() = default;
    // False after the last row. Refuses invalid: workbook.corrupt, truncated, too_large, rows, columns, slow.
    virtual result<bool> next(row& to) = 0;
};

struct sheet {
    std::string name;
    bool is_hidden = false;
};

class book {
  public:
    virtual ~book() = default;
    const std::vector<sheet>& sheets() const { return sheets_; }
    bool counts_from_1904() const { return from_1904_; }
    // The rows of one sheet, from the first. The book must outlive them.
    virtual result<std::unique_ptr<rows>> open(std::size_t sheet) = 0;

  protected:
    std::vector<sheet> sheets_;
    bool from_1904_ = false;
};

struct upload {
    std::string_view file_name; // ending and content must agree
    std::string_view bytes;     // must outlive the book
};
// Refuses invalid with why: workbook.empty, ending, encrypted, macro, renamed, web_page, corrupt, doctype,
// too_large, no_sheet, old_format (.xls).
result<std::unique_ptr<book>> open_book(const upload& u, const deadline& until, const limits& most = {});

} // namespace core::workbook
