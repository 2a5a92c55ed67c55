// Writes .xlsx files by libxlsxwriter, into a path of the caller's; scratch files lie beside it. Texts are
// only ever texts: nothing becomes a formula (guarantees S8). What is written is template.* 's and export.*
// 's.
#pragma once
#include "core/base/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core::workbook {

enum class look { plain, heading, starred_heading, shown_heading, text, day, example, example_day, reason };

class writer {
  public:
    // `is_streamed`: rows are written as they come, from the top, in constant memory.
    writer(const std::filesystem::path& file, bool is_streamed);
    ~writer();
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    void add_sheet(std::string_view name, bool is_hidden = false); // what follows goes there
    void put(std::uint32_t row, std::uint32_t column, std::string_view text, look l = look::text);
    void put(std::uint32_t row, std::uint32_t column, double number);
    void put(std::uint32_t row, std::uint32_t column, date d, look l = look::day);
    void format_column(std::uint32_t column, int characters, look l);
    void freeze_rows(std::uint32_t rows);
    void note(std::uint32_t row, std::uint32_t column, std::string_view text);
    void name_range(std::string_view name, std::string_view sheet, std::uint32_t column, std::uint32_t rows);
    // Rules for rows first..last of a column, with what Excel says to a wrong value. A formula without its
    // '='.
    void choose_from(std::uint32_t first, std::uint32_t last, std::uint32_t column,
                     const std::vector<std::string>& words);
    void choose_by(std::uint32_t first, std::uint32_t last, std::uint32_t column, std::string_view formula);
    void only_days(std::uint32_t first, std::uint32_t last, std::uint32_t column, date from, date to);
    // Ends the file; throws std::runtime_error when it could not be written.
    void finish();

  private:
    struct book;
    std::unique_ptr<book> book_;
};

} // namespace core::workbook
