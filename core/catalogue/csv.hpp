// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, quotes and line breaks.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace core::csv {

class table {
  public:
    // Throws std::runtime_error naming the line: an open quote, or a row of another width than the head.
    explicit table(std::string_view text);
    std::size_t size() const { return rows_.size(); }
    // "" is a value; an unknown column throws.
    const std::string& at(std::size_t row, std::string_view column) const;

  private:
    std::vector<std::string> head_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace core::csv
