// What the columns of an instrument workbook mean: headings by the labels of Figure 8, cells to the texts of
// a draft. Whether those texts are right is the form's checker's to say, the same for file, row and form.
#pragma once
#include "core/instrument/field.hpp"
#include "core/workbook/book.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::workbook {

// The fields that are columns, in the order of the template and of exports: Figure 8 without 流程状态 and the
// files.
const std::vector<instrument::field_id>& column_fields();
// Never taken from a file, though a column (M38): 检定机构, 器具编码, 备案状态.
bool is_only_shown(instrument::field_id id);

// A heading without leading and trailing *, blanks, line breaks; full-width as half-width.
std::string heading_key(std::string_view text);

struct headings {
    std::uint32_t row = 0;                                      // where they stand
    std::vector<std::optional<instrument::field_id>> of_column; // by column
    std::vector<std::string> unknown;                           // ignored: nobody knows them
    std::vector<std::string> ignored;                           // known, but never taken from a file
    std::vector<std::string> missing;                           // labels of required fields without a column
    std::vector<std::string> twice;                             // labels of more than one column
    int known = 0;
    // Rows above the headings (titles, notes) have fewer known words than this.
    bool is_heading_row() const { return known >= 3; }
};
headings match_headings(const row& r);

// What is wrong with one value of a row, or doubtful about it.
struct problem {
    std::uint32_t row = 0;
    instrument::field_id field{};
    std::string key;        // its text is in problems.txt
    std::string value;      // as in the file, cut to 60 characters
    std::int64_t other = 0; // the row or record that it repeats

    std::string_view column() const { return instrument::field_of(field).label; }
    error why() const; // invalid; with label, most, value, other for the text
};
// What a field takes, in the pages' language: its choices, the form of a date, its length.
std::string expected_of(const instrument::field& f);

struct typed_row {
    instrument::draft draft;
    std::vector<problem> wrong; // before the checker has seen it
    std::vector<problem> doubts;
};
// The cells of a row as texts by field. Refuses, in `wrong`: errors, truth values, formulas
// without a value, cells merged from the
// left, dates in text columns, numbers with more than 15 digits in 出厂编号, dates that may be read in two
// ways.
typed_row type_row(const headings& h, const row& r, bool from_1904);

// 示例：… in 器具名称 marks the example of the template, which is never imported.
inline constexpr std::string_view example_mark = "示例：";
bool is_example(const headings& h, const row& r);

// Dates as people write them, as YYYY-MM-DD: 2024-01-05, 2024/1/5, 2024.1.5, 2024年1月5日, 20240105; a time
// of day behind it is dropped. nullopt: none of these, like 01/02/2024. The day need not exist.
std::optional<std::string> date_text_of(std::string_view text);

} // namespace core::workbook
