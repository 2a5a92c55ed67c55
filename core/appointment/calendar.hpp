// The week of an institution as its staff set it: periods of a weekday, periods of one day, limits for groups
// of the catalogue, closed days. By schedulers and administrators of the institution. What is booked already
// stays, also where less is offered now: the verbs say what that is. Taking capacity is in slot.hpp.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

struct period {
    int starts = 0, ends = 0, instruments = 0, orders = 0;
};
inline constexpr std::array<int, 5> working_week = {1, 2, 3, 4, 5};

// The weekday whose periods count on this day: its own; of a make-up working day (调休) whose weekday has
// none, that of the rule slots.makeup_weekday.
int pattern_weekday(db::read_view& view, std::int64_t institution, std::string_view method, date day);

// Days from today on where more is taken than is offered.
struct overbooked_slot {
    date day;
    int starts = 0, ends = 0, taken = 0, capacity = 0, orders_taken = 0, orders = 0;
    std::string group; // "" the period itself; else the 项别 or 种别 whose limit is passed
};
std::vector<overbooked_slot> list_overbooked(db::read_view& view, std::int64_t institution,
                                             std::string_view method);

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday);
// Replaces the periods of one weekday; group limits of periods that are no more go too. Gives what is
// overbooked on those weekdays now. Refuses not_allowed, slot.method, slot.weekday, slot.period (ends before
// it starts, overlaps, out of range: at most 10,000 instruments and 1,000 orders).
result<std::vector<overbooked_slot>> set_pattern(db::write_tx& tx, const actor& who, std::int64_t institution,
                                                 std::string_view method, int weekday,
                                                 std::span<const period> periods);

// Periods of one day instead of the pattern; the day is open then, also at a weekend or holiday.
std::vector<period> list_special(db::read_view& view, std::int64_t institution, std::string_view method,
                                 date day);
// None: back to the pattern. Refuses as set_pattern does, slot.day (in the past).
result<std::vector<overbooked_slot>> set_special(db::write_tx& tx, const actor& who, std::int64_t institution,
                                                 std::string_view method, date day,
                                                 std::span<const period> periods);

struct group_limit {
    std::string l1, l2; // l2 empty: all of the 项别 together
    int instruments = 0;
};
std::vector<group_limit> list_group_limits(db::read_view& view, std::int64_t institution,
                                           std::string_view method, int weekday, int starts);
// Replaces the limits of one period of the pattern. Refuses as set_pattern does, slot.none (no such period),
// slot.group (no such group in the catalogue, or twice).
result<std::vector<overbooked_slot>> set_group_limits(db::write_tx& tx, const actor& who,
                                                      std::int64_t institution, std::string_view method,
                                                      int weekday, int starts,
                                                      std::span<const group_limit> limits);

struct exception_day {
    date day;
    std::string reason;
    int orders = 0; // open ones on that day: to be moved or cancelled (move_day)
};
std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from);
// Shown to companies. Refuses not_allowed, slot.reason (empty, over 40 characters), slot.day (in the past).
result<> close_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day,
                   std::string_view reason);
result<> open_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day);

} // namespace core::appointment
