// Reference data from files (CSV, UTF-8): checked whole and told by line before anything is taken, all or
// nothing, the same file again changes nothing. Regions, institutions, who can do what, periods, holidays;
// the catalogue itself is version.hpp. Platform administrators and commands only.
#pragma once
#include "core/base/value.hpp"
#include "core/catalogue/catalogue.hpp"

namespace core::catalogue {

enum class dataset {
    regions,      // code, name, level, parent; rows that are missing stay
    institutions, // name, level, region_code; optional address, phone, hours, bring_note, direct, active,
                  // lead_days, horizon_days, confirm_days, verified: a blank keeps what is there; missing
                  // institutions stay
    capabilities, // institution, l1, l2 (blank: all of l1), method, direct; the whole matrix of each
                  // institution named
    periods,      // instrument, period_months, optional regulation, mode, verified, source; missing rows stay
    holidays      // day, is_working, name, optional source; the whole of each year named
};
std::optional<dataset> dataset_named(std::string_view name); // "regions" …

struct import_issue {
    std::size_t line = 0; // in the file; 0: the file as a whole
    std::string column, value;
    std::string key; // text in problems.txt: import.…
};
enum class import_step { added, changed, removed };
struct import_change {
    import_step step{};
    std::size_t line = 0; // 0: removed
    std::string what;     // the row by its name
    std::string detail;   // which columns changed, "" else
    value before, after;  // what of the row is otherwise, by column; null: there is, or will be, no row
};
struct import_report {
    int rows = 0, unchanged = 0;
    std::vector<import_issue> issues; // at most 200
    std::vector<import_change> changes;
    int count(import_step s) const;
    bool is_clean() const { return issues.empty(); }
};

inline constexpr std::size_t most_import_bytes = 5 * 1024 * 1024;

// The dry run: what would be wrong and what would change; takes nothing.
import_report check_import(db::read_view& view, dataset d, std::string_view text);
// Refuses not_allowed, invalid import.rows (args n, line) when the dry run has an issue. The journal has one
// row for the file and one for each change, with before and after.
result<import_report> import_data(db::write_tx& tx, const actor& who, dataset d, std::string_view text);

} // namespace core::catalogue
