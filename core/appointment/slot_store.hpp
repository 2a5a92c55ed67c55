// SQL of the calendar: patterns, special days, group limits, exceptions, what is taken.
#pragma once
#include "core/appointment/calendar.hpp"
#include "core/appointment/slot.hpp"
#include "core/catalogue/groups.hpp"

namespace core::appointment {

namespace store {
struct group_state;
}
// The limits of groups that hold that day, and what is taken: those of its weekday; a special period has
// those of the pattern's period it lies in or is nearest to. A row renamed by a later version is counted
// under either name (in calendar.cpp).
std::vector<store::group_state> limits_on(db::read_view& view, std::int64_t institution,
                                          std::string_view method, date day, const catalogue::groups& kin);

} // namespace core::appointment

namespace core::appointment::store {

// ---- reading a day ----
// Periods offered that day (special ones, else the weekday's) and periods taken that are no longer offered
// (capacity 0), by time.
std::vector<slot> list_slots(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                             int weekday);
struct group_state {
    int starts = 0;
    std::string l1, l2;
    int limit = 0, taken = 0;
};
// The groups with a limit that weekday, and what is taken of them that day.
std::vector<group_state> list_groups(db::read_view& view, std::int64_t institution, std::string_view method,
                                     date day, int weekday);
std::vector<group_state> list_group_usage(db::read_view& view, std::int64_t institution,
                                          std::string_view method,
                                          date day); // taken by row, no whole levels; limit 0
int group_taken(db::read_view& view, std::int64_t institution, std::string_view method, date day, int starts,
                std::string_view l1, std::string_view l2);
std::vector<date> list_taken_days(db::read_view& view, std::int64_t institution, std::string_view method,
                                  date from);
std::optional<std::string> find_exception(db::read_view& view, std::int64_t institution, date day);

// ---- taking and giving back ----
struct slot_key {
    std::int64_t institution;
    std::string_view method;
    date day;
    int starts;
};
// False: fewer than `pieces` of `most`, or no order of `most_orders`, are left.
bool take(db::write_tx& tx, const slot_key& k, int ends, int pieces, int most, int most_orders);
bool take_group(db::write_tx& tx, const slot_key& k, const group_load& g, int most);
bool give_back(db::write_tx& tx, const slot_key& k, int pieces);
bool give_back_group(db::write_tx& tx, const slot_key& k, const group_load& g);

// ---- the staff's settings ----
std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday);
void clear_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday);
void add_period(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                const period& p);
std::vector<period> list_special(db::read_view& view, std::int64_t institution, std::string_view method,
                                 date day);
void clear_special(db::write_tx& tx, std::int64_t institution, std::string_view method, date day);
void add_special(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                 const period& p);
std::vector<group_limit> list_limits(db::read_view& view, std::int64_t institution, std::string_view method,
                                     int weekday, int starts);
void clear_limits(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                  int starts);
void add_limit(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday, int starts,
               const group_limit& g);
void drop_stray_limits(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday);
std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from);
void put_exception(db::write_tx& tx, std::int64_t institution, date day, std::string_view reason);
bool drop_exception(db::write_tx& tx, std::int64_t institution, date day);

} // namespace core::appointment::store
