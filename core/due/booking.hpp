// One step from "due" to "booked": proper orders (same institution, same method, M27) with the first periods
// that are open, and a verb that books them. Capacity and rules are core/appointment's.
#pragma once
#include "core/appointment/appointment.hpp"
#include "core/due/due.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace core::due {

inline constexpr int most_planned = 500; // instruments in one plan, those that end first

struct planned_order {
    appointment::order_plan what; // split further where one period does not hold them all
    date day;
    int starts = 0, ends = 0;
    // No time: due.no_slot (no period within the institution's horizon has room), order.too_many_orders
    // (behind the 20th: plan again when these are booked), and what its rules say (order.most_open,
    // order.no_shows).
    std::optional<error> why;
    bool is_placed() const { return !why; }
};
struct plan {
    std::vector<planned_order> orders;
    std::vector<appointment::unbookable> others;
};
// For these instruments, or without ids for all that are due soon or overdue and in no order. Takes nothing;
// periods are planned as if the orders before were booked. Empty for anybody but a company.
plan plan_booking(db::read_view& view, const actor& who, std::span<const std::int64_t> ids = {});

struct chosen_order {
    std::vector<std::int64_t> instruments;
    date day;
    int starts = 0;
};
struct contact {
    std::string name, phone, note;
};
// Each order by itself, as appointment::book_orders refuses it: a period that has filled up meanwhile does
// not undo the others.
std::vector<appointment::booked> book_planned(db::write_tx& tx, const actor& who,
                                              std::span<const chosen_order> orders, const contact& person);

} // namespace core::due
