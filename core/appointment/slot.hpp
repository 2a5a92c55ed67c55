// When an institution takes instruments: weekly pattern, exceptions, holidays, and what is still free.
// Capacity counts instruments (台件) and orders; pending orders hold it (domain.md 11).
// Orders are in appointment.hpp; nothing else may take or give back capacity.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

enum class slot_state {
    ample,    // 充足
    few,      // 紧张: 30 % or less left
    short_of, // 不足: fewer left than are needed
    full,     // 已满
    past,     // 已过
    closed    // not offered: the day is not open
};
status_tag slot_tag(slot_state s); // word and colour

struct slot {
    int starts = 0, ends = 0;              // minutes of the day
    int capacity = 0, taken = 0;           // instruments
    int orders = 0, orders_taken = 0;      // orders
    slot_state state = slot_state::closed; // for the pieces asked for; only in a week
    // Instruments that one more order could bring.
    int left() const { return orders_taken >= orders ? 0 : std::max(0, capacity - taken); }
    bool may_be_chosen() const { return state == slot_state::ample || state == slot_state::few; }
};

enum class day_state {
    open,
    past,
    rest,      // weekend, holiday, or an exception of the institution; `why` says which
    too_early, // before the lead time, in working days
    too_far,   // beyond the horizon
    unused     // a working day without periods
};
struct slot_day {
    date day;
    day_state state = day_state::open;
    std::string why;         // shown to companies; "" when open
    std::vector<slot> slots; // by time; also of days that are not open, for the staff's calendar
};

// Seven days from `monday` for an order of `pieces` instruments, as of view.now(). Empty for an unknown
// institution.
std::vector<slot_day> list_week(db::read_view& view, std::int64_t institution, std::string_view method,
                                date monday, int pieces);
// The Monday of the first week in which something can be chosen, within the horizon; else of this week.
date first_open_monday(db::read_view& view, std::int64_t institution, std::string_view method, int pieces);
std::optional<slot> find_slot(db::read_view& view, std::int64_t institution, std::string_view method,
                              date day, int starts);
// As list_week shows it: refuses slot.none (no such period), slot.closed (arg why), slot.past (arg time); all
// with field `slot`. Says nothing about capacity. Lead time and horizon bind companies, not staff.
enum class chooser { company, staff };
result<slot> check_slot(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                        int starts, chooser by = chooser::company);

// One guarded upsert: refuses slot.full (args time, left, pieces) when fewer than `pieces` or no order is
// left, under any concurrency (S16). `knowingly`: staff may go over.
error full(const slot& s, int pieces);
result<slot> take_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                       int starts, int pieces, bool knowingly = false);
void free_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces);

// ---- the staff's settings of the calendar; schedulers and administrators of the institution ----
struct period {
    int starts = 0, ends = 0, instruments = 0, orders = 0;
};
inline constexpr std::array<int, 5> working_week = {1, 2, 3, 4, 5};

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday);
// Replaces the periods of one weekday. Booked orders stay, also where more is taken than offered now.
// Refuses not_allowed, slot.method, slot.weekday, slot.period (ends before it starts, overlaps, out of
// range).
result<> set_pattern(db::write_tx& tx, const actor& who, std::int64_t institution, std::string_view method,
                     int weekday, std::span<const period> periods);
struct exception_day {
    date day;
    std::string reason;
    int orders = 0; // open ones on that day: they must be moved or cancelled by somebody
};
std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from);
// Shown to companies. Refuses not_allowed, slot.reason (empty, over 40 characters), slot.day (in the past).
result<> close_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day,
                   std::string_view reason);
result<> open_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day);

} // namespace core::appointment
