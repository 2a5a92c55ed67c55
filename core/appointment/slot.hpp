// When an institution takes instruments: weekly pattern, exceptions, holidays, and what is still free.
// Capacity counts instruments and orders; pending orders hold it (domain.md 11).
#pragma once
#include "core/base/result.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/db/transaction.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

struct slot {
    int starts = 0, ends = 0;    // minutes of the day
    int capacity = 0, taken = 0; // instruments
    int orders = 0, orders_taken = 0;
    int left() const { return orders_taken >= orders ? 0 : std::max(0, capacity - taken); }
};

enum class slot_state { open, few, short_of, full, past }; // 充足 紧张 不足 已满 已过
slot_state state_of(const slot& s, int pieces);            // few: 30 % or less left

struct slot_day {
    date day;
    std::string closed; // why nothing can be booked on this day, "" when open
    std::vector<slot> slots;
};

// Seven days from `monday`. A day is closed when it rests, lies before the lead time or beyond the horizon.
std::vector<slot_day> list_week(db::read_view& view, const catalogue::institution& where,
                                std::string_view method, date monday);
std::optional<slot> find_slot(db::read_view& view, std::int64_t institution, std::string_view method,
                              date day, int starts);

// One guarded update: refuses full (slot.full, args time) when less than `pieces` are free, also under any
// concurrency. `knowingly` lets staff go over.
result<slot> take_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                       int starts, int pieces, bool knowingly = false);
void free_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces);
void set_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                 const slot& s);

} // namespace core::appointment
