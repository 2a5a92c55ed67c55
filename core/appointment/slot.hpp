// When an institution takes instruments, and what is still free: the only place that takes or gives back
// capacity. It counts instruments (台件) and orders of a period, and where the institution sets a limit for a
// group of the catalogue, the instruments of that group (domain.md 11). Which periods there are:
// calendar.hpp.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"

#include <algorithm>
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
    slot_state state = slot_state::closed; // for the load asked for; only in a week
    // Instruments that one more order could bring.
    int left() const { return orders_taken >= orders ? 0 : std::max(0, capacity - taken); }
    bool may_be_chosen() const { return state == slot_state::ample || state == slot_state::few; }
    bool is_overbooked() const { return taken > capacity || orders_taken > orders; }
};

// What one order brings, as capacity counts it.
struct group_load {
    std::string l1, l2; // 项别, 种别 as filed
    int pieces = 0;
};
struct load {
    load() = default;
    explicit load(int n)
        : pieces(n) {} // of no group: passes every group limit, so never for real instruments
    void add(std::string_view l1, std::string_view l2);
    int pieces = 0;
    std::vector<group_load> groups;
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

// Seven days from `monday` for an order that brings `what`, as of view.now(). Empty for an unknown
// institution.
std::vector<slot_day> list_week(db::read_view& view, std::int64_t institution, std::string_view method,
                                date monday, const load& what);
// The Monday of the first week in which something can be chosen, within the horizon; else of this week.
date first_open_monday(db::read_view& view, std::int64_t institution, std::string_view method,
                       const load& what);
// Periods of a day, by time, without a look at whether it is open; `state` is not set.
std::vector<slot> list_day_slots(db::read_view& view, std::int64_t institution, std::string_view method,
                                 date day);
std::optional<slot> find_slot(db::read_view& view, std::int64_t institution, std::string_view method,
                              date day, int starts);
struct slot_time {
    date day;
    int starts = 0, ends = 0;
    bool operator==(const slot_time&) const = default;
};
// The first periods a company could choose for `what`, from `from` on, at most `most`.
std::vector<slot_time> list_free(db::read_view& view, std::int64_t institution, std::string_view method,
                                 const load& what, date from, std::size_t most);

// As list_week shows it: refuses slot.none (no such period), slot.closed (arg why), slot.past (arg time); all
// with field `slot`. Says nothing about capacity. Lead time and horizon bind companies, not staff; staff may
// also choose a period of today that has begun and is not over (somebody came without booking), and knowingly
// any time of today: a period that is over, one of a closed day, half an hour outside every period.
enum class chooser { company, staff, knowing };
result<slot> check_slot(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                        int starts, chooser by = chooser::company);

// Refuses slot.full (args time, left, pieces), slot.group_full (args time, group, left, pieces): fewer
// instruments or no order left. Takes nothing.
result<> check_room(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                    const slot& s, const load& what);
struct taken_slot {
    slot when;         // as it was before
    bool over = false; // more is taken now than is offered
};
// Guarded upserts: refuse as check_room does under any concurrency (S16). `knowingly`: staff may go over, and
// today outside the periods. A
// refusal by check_room leaves nothing behind.
result<taken_slot> take_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                             int starts, const load& what, bool knowingly = false);
// Throws when this was never taken.
void free_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               const load& what);

} // namespace core::appointment
