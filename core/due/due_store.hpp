// SQL of the due cycle.
#pragma once
#include "core/due/due.hpp"

namespace core::due::store {

struct side { // whose instruments: a company's own, or those an institution verifies
    bool company = false;
    std::int64_t id = 0;
};

struct window {
    date today;
    int lead_days = 0;
};
std::vector<item> list_due(db::read_view& view, side whose, const filter& f, window w, key after, int limit);
std::vector<std::string> list_statements(); // every one that list_due may run, for the test of their plans
// Of institutions in places whose code begins with this ("" all), by place; those with nothing due left out.
std::vector<institution_due> count_region(db::read_view& view, std::string_view region_prefix, window w);
counts count_due(db::read_view& view, side whose, window w);
void add_loads(db::read_view& view, std::int64_t institution, date from, date to,
               std::vector<month_load>& months);

} // namespace core::due::store
