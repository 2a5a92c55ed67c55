// What orders are found by: grams of number, company and contact, with institution, status, method and day
// (core/db/search_index). Written with the order by the two statements that make it and change its status.
#pragma once
#include "core/appointment/queries.hpp"

namespace core::appointment::store {

inline constexpr std::string_view search_table = "order_search";
struct searched_row {
    std::string number, company, contact, method, status, day;
    std::int64_t institution = 0;
};
searched_row searched_of(db::row r); // its columns in this order
std::string grams_of(const searched_row& r);

void put_searched(db::write_tx& tx, std::int64_t order);
// After a change of an order that was found by `before`.
void put_changed(db::write_tx& tx, std::int64_t order, std::string_view before);
// What it is found by; "" when there is no such order.
std::string searched_grams(db::read_view& view, std::int64_t order);

// Orders of an institution that f.text finds, of f.status, f.method and f.day, newest first, below the id
// `after` (0: from the start).
std::vector<std::int64_t> find_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                    std::int64_t after, int limit);

// What grams say may be found so, newest first, and whether one of them really is: for lists in another
// order.
std::vector<std::int64_t> list_possible_work(db::read_view& view, std::int64_t institution,
                                             const order_filter& f, int most);
bool fits_work(db::read_view& view, std::int64_t id, const order_filter& f);

// Confirmed and received ones of that day whose company has every word of the text in its name, or has this
// code; by id.
std::vector<std::int64_t> find_expected(db::read_view& view, std::int64_t institution, date day,
                                        std::string_view text, int limit);

// Companies whose filings and orders are still found by an earlier name.
std::vector<std::int64_t> list_renamed(db::read_view& view, int most);
std::vector<std::int64_t> list_order_ids(db::read_view& view, std::int64_t applicant);

} // namespace core::appointment::store
