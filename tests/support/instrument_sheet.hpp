// A workbook of instruments for import tests: right rows by default, single cells changed by heading.
#pragma once
#include "tests/support/workbook_parts.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

// A cell as its XML type and value: text, number, day serial, formula error, truth value, nothing.
struct sheet_cell {
    enum class kind { text, number, day, error, truth, none } is = kind::text;
    std::string value;
};
using sheet_row = std::map<std::string, sheet_cell>; // by heading

sheet_row right_row(std::string_view serial_no); // every starred field
struct instrument_sheet {
    std::vector<std::string> headings; // starts with every label that right_row fills
    std::vector<sheet_row> rows;
    std::string title; // a row above the headings, when not empty

    instrument_sheet();
    instrument_sheet& add(sheet_row r);
    // Adds the heading when it is new.
    instrument_sheet& add(std::string_view serial_no,
                          std::initializer_list<std::pair<std::string, sheet_cell>> with = {});
    workbook_parts parts(std::string_view behind = "") const;
    std::string bytes() const { return parts().bytes(); }
};

} // namespace tests
