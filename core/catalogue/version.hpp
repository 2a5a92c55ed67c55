// Versions of the mandatory catalogue (domain.md 13.3): imported beside the one in force, compared with it,
// put in force in one step. Instruments keep the row they were entered or filed under; a row that does not go
// on is `dropped`, and with it its instruments are "no longer mandatory", without one of them being touched.
#pragma once
#include "core/catalogue/import.hpp"

namespace core::catalogue {

struct version {
    std::int64_t id = 0;
    std::string title;
    instant loaded_at;
    std::optional<instant> activated_at; // put in force then; absent: prepared
    bool is_current = false;
    int rows = 0;
    int verified = 0, partly = 0, unverified = 0; // how sure its rows are
};
std::vector<version> list_versions(db::read_view& view); // newest first
std::vector<entry> list_entries_of(db::read_view& view, std::int64_t version);

// Columns as shipped (kind, category) or l1, l2; supervision as P, V, P+V or in the words of 2020; purposes
// as codes or words, or read from the scope; optional `replaces`: l1/l2 of rows in force that go on under
// this name, parted by ;. Compared with the version in force.
import_report check_catalogue(db::read_view& view, std::string_view title, std::string_view text);
struct imported_version {
    std::int64_t id = 0;
    import_report report;
};
// Prepares the version of this title, or replaces its rows while it was never in force. Refuses not_allowed,
// invalid import.rows, catalogue.title; conflict catalogue.in_force when a version once in force would
// change.
result<imported_version> import_catalogue(db::write_tx& tx, const actor& who, std::string_view title,
                                          std::string_view text);
struct activation {
    int continued = 0, dropped = 0; // rows of the version that was in force
};
// Refuses not_allowed, not_found, conflict catalogue.empty. Again on the version in force: nothing changes.
result<activation> activate_version(db::write_tx& tx, const actor& who, std::int64_t version);

// Rows of the version in force that an instrument of this name may be, likeliest first, at most five; older
// names of the 1987 catalogue count too (电子秤 is of 非自动衡器). `fell_out`: a name of 1987 that nothing of
// today continues.
struct suggestion {
    std::vector<entry> rows;
    bool fell_out = false;
};
suggestion suggest_rows(db::read_view& view, std::string_view instrument_name);

} // namespace core::catalogue
