// The due cycle (domain.md 6.5, 10): which filed instruments must be verified again, or replaced, and when;
// what that means as work for an institution. Being overdue changes no status. Booking them is in
// booking.hpp.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/clock.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::due {

enum class tab {
    soon,    // valid for at most lead_days more
    overdue, // the last valid day has passed
    replace, // soon or past the end of its use limit: verified once, then replaced (首次检定，到期轮换)
    barred, // failed: must not be used until repaired and verified again (计量法 art. 9)
    never   // filed, but neither verified here nor with a validity of before: must be booked (art. 9)
};
inline constexpr int tab_count = 5;
std::string_view code_of(tab t);
std::optional<tab> parse_tab(std::string_view code);

// The setting due.lead_days (60): how long before the end an instrument is "due soon".
int lead_days(db::read_view& view);

struct item {
    std::int64_t id = 0, applicant_id = 0, institution_id = 0;
    std::string applicant_name, institution_name;
    std::string name, model, serial_no, own_no, location_text, region_code, method, l1, l2;
    std::string certificate_no;
    std::optional<int> period_months;
    std::optional<date> verified_on, valid_until;
    int days_left = 0;         // until valid_until; below zero: overdue
    std::int64_t order_id = 0; // of the open order it is in, 0: none
    bool is_booked() const { return order_id != 0; }
};
struct filter {
    tab of = tab::soon;
    bool free_only = false; // not in an open order
    std::string method;     // deliver, onsite, "" both
    std::string text;       // part of name, serial number, own number, company; staff: words, as filings
    std::int64_t institution = 0; // for those who read more than one: the platform, a regulator
};
struct key { // where the page before ended
    std::optional<date> valid_until;
    std::int64_t id = 0;
};
key key_of(const item& i);
// The company's own, or those that the actor's institution verifies, or that of the filter when the actor may
// read it; nearest end first, those without a date
// oldest first. Stopped and scrapped ones are not in any list, nor those with first verification only.
std::vector<item> list_due(db::read_view& view, const actor& who, const filter& f, key after, int limit);

struct counts {
    int soon = 0, overdue = 0, replace = 0, barred = 0, never = 0;
    int booked = 0; // of soon and overdue: in an open order
    int of(tab t) const;
};
counts count_due(db::read_view& view, const actor& who, std::int64_t institution = 0);

// What is due with each institution of a regulator's region (any for the platform), most overdue first; those
// that verify nothing which is due are left out. Empty for everybody else.
struct institution_due {
    std::int64_t institution_id = 0;
    std::string name;
    counts of;
};
std::vector<institution_due> list_region_due(db::read_view& view, const actor& who);

// How many of an institution's instruments end in each month, by method; the months from today's on. What is
// overdue now is in count_due. For its staff, and whoever reads it.
struct month_load {
    std::string month; // 2026-12
    int deliver = 0, onsite = 0;
};
std::vector<month_load> forecast(db::read_view& view, const actor& who, int months = 12,
                                 std::int64_t institution = 0);

} // namespace core::due
