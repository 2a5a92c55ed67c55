// SQL of catalogue versions, periods, holidays, older names.
#pragma once
#include "core/catalogue/groups.hpp"
#include "core/catalogue/version.hpp"

namespace core::catalogue::store {

struct period {
    std::string instrument, regulation, mode, verified, source;
    int months = 0; // 0: verified once only
    friend bool operator==(const period&, const period&) = default;
};
std::vector<period> list_periods(db::read_view& view);
void put_period(db::write_tx& tx, const period& p);
// Suggests periods anew for the periodic rows of every version that is not out of force.
void apply_periods(db::write_tx& tx);
// A period is joined to a row when their names meet; the institution's reviewer has the last word.
std::optional<int> period_for(const std::vector<period>& all, std::string_view l2);

struct holiday {
    date day;
    bool is_working = false;
    std::string name, source;
    friend bool operator==(const holiday&, const holiday&) = default;
};
std::vector<holiday> list_holidays(db::read_view& view);
void put_holiday(db::write_tx& tx, const holiday& h);
void remove_holiday(db::write_tx& tx, date day);

struct synonym {
    std::string word, l1; // l1 "": nothing of today continues it
};
std::vector<synonym> list_synonyms(db::read_view& view);
void put_synonym(db::write_tx& tx, const synonym& s);

std::optional<version> find_version(db::read_view& view, std::int64_t id);
std::optional<version> find_version_by_title(db::read_view& view, std::string_view title);
std::int64_t put_version(db::write_tx& tx, std::string_view title); // prepared
void put_entry(db::write_tx& tx, std::int64_t version, int seq, const entry& e);
void remove_entry(db::write_tx& tx, std::int64_t id); // of a version never in force
void make_current(db::write_tx& tx, std::int64_t version);
// Rows of every version that is or was in force.
std::vector<entry> list_all_entries(db::read_view& view);
std::vector<renamed_row> list_renamed(db::read_view& view); // that go on in force under other words
void set_standing(db::write_tx& tx, std::int64_t row, row_standing standing, std::int64_t successor);

} // namespace core::catalogue::store
