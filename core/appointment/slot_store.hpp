// SQL of the calendar: patterns, exceptions, what is taken.
#pragma once
#include "core/appointment/slot.hpp"

namespace core::appointment::store {

// Periods of the pattern that day, and periods taken that the pattern no longer has (capacity 0).
std::vector<slot> list_slots(db::read_view& view, std::int64_t institution, std::string_view method,
                             date day);
std::optional<std::string> find_exception(db::read_view& view, std::int64_t institution, date day);
// False: fewer than `pieces` of `most`, or no order of `most_orders`, are left.
bool take(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
          int pieces, int most, int most_orders);
bool give_back(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces);

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday);
void clear_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday);
void add_period(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                const period& p);
std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from);
void put_exception(db::write_tx& tx, std::int64_t institution, date day, std::string_view reason);
bool drop_exception(db::write_tx& tx, std::int64_t institution, date day);

} // namespace core::appointment::store
