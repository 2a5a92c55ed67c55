// A file of reference data under check: cells by column, issues by line. Used by the imports only.
#pragma once
#include "core/catalogue/csv.hpp"
#include "core/catalogue/import.hpp"
#include "core/catalogue/labels.hpp"

#include <functional>
#include <initializer_list>
#include <span>

namespace core::catalogue {

// What an import found and would do.
struct import_plan {
    import_report report;
    std::vector<std::function<void(db::write_tx&)>> steps;
};

class sheet {
  public:
    // Reports a file that is too large, no CSV, or without one of the columns; then size() is 0.
    sheet(std::string_view text, std::initializer_list<std::string_view> columns, import_plan& plan);
    std::size_t size() const { return table_ ? table_->size() : 0; }
    std::size_t line(std::size_t row) const { return table_->line(row); }
    bool has(std::string_view column) const { return table_ && table_->has(column); }
    std::string at(std::size_t row,
                   std::string_view column) const; // tidied; "" for a column that is not there
    std::string at_any(std::size_t row,
                       std::initializer_list<std::string_view> columns) const; // the first there is
    // 1, 是, yes … and 0, 否, no …; anything else is reported, a blank is `if_blank`.
    bool flag(std::size_t row, std::string_view column, bool if_blank);
    int number(std::size_t row, std::string_view column, int if_blank, int least, int most);
    // The code of a code or word; "" and reported if it is none.
    std::string choice(std::size_t row, std::string_view column, std::span<const label> table);
    void refuse(std::size_t row, std::string_view column, std::string key);
    // `before` null: added. Members that are the same in both are left out of the report.
    void change(std::size_t row, std::string what, const value& before, const value& after);
    void remove(std::string what, value before);

  private:
    import_plan* plan_;
    std::optional<csv::table> table_;
};

// Names of what differs, for a report.
std::string names_of(const value& members);
result<import_report> carry_out(db::write_tx& tx, const actor& who, import_plan plan, std::string_view what);

} // namespace core::catalogue
