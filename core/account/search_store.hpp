// What companies are found by: grams of their name, with place and status (core/db/search_index). Written
// with the company by applicant_store's statements. Who looks for a company is applicant.hpp's business.
#pragma once
#include "core/account/applicant.hpp"

namespace core::account::store {

inline constexpr std::string_view search_table = "applicant_search";
struct searched_row {
    std::string name, search_name; // found by both while they differ
    std::string region_code, status;
};
searched_row searched_of(db::row r); // its columns in this order
std::string grams_of(const searched_row& r);

void put_searched(db::write_tx& tx, std::int64_t applicant);
// After a change of a company that was found by `before`.
void put_changed(db::write_tx& tx, std::int64_t applicant, std::string_view before);
// What it is found by; "" when there is no such company.
std::string searched_grams(db::read_view& view, std::int64_t applicant);
// It is found by its present name only from now on (applicant.search_name).
void follow_name(db::write_tx& tx, std::int64_t applicant);

// Companies with every word of `text` in their name, of places whose code begins with `area` ("" all) and of
// f.status, newest first, below the id `before` (0: from the start).
std::vector<std::int64_t> find_in_area(db::read_view& view, std::string_view area, const applicant_filter& f,
                                       std::int64_t before, int limit);

} // namespace core::account::store
