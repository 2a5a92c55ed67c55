// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, quotes and line breaks. UTF-8,
// a byte order mark is skipped. Strict, for our own data files; workbooks of companies are read elsewhere.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace core::csv {

class table {
  public:
    // Throws std::runtime_error naming the line: bytes that are no UTF-8, a quote inside a bare field, text
    // after a closing quote, an open quote, a row of another width than the head, a head naming a column
    // twice.
    explicit table(std::string_view text);
    std::size_t size() const { return rows_.size(); }
    bool has(std::string_view column) const;
    std::size_t line(std::size_t row) const { return lines_.at(row); } // of the text, 1 first
    // "" is a value; an unknown column throws.
    const std::string& at(std::size_t row, std::string_view column) const;

  private:
    std::vector<std::string> head_;
    std::vector<std::vector<std::string>> rows_;
    std::vector<std::size_t> lines_;
};

} // namespace core::csv
