// What staff look for among what is due. Each list is in the order of its end, while grams are in the order
// of entering: which of the two is walked goes by how many there may be.
#pragma once
#include "core/due/due_store.hpp"

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::due::store {

struct spot {        // in a due list
    std::string day; // valid_until; "" in lists without
    std::int64_t id = 0;
    auto operator<=>(const spot&) const = default;
};
struct range { // of one list: behind `from`, `to` at most
    bool dated = false;
    std::string_view kind; // instrument.due_kind
    spot from, to;
};
range range_of(const filter& f, window w, const key& after);

// How far each way goes. Few that grams say are looked up and sorted; some are met on the way through the
// list, which passes all others by their index entries alone; more than these lie so close that rows are
// read.
struct search_limits {
    std::size_t companies = 500;    // that one word may name, to be gone through one by one
    std::size_t few_companies = 20; // of one word among others
    std::size_t some_companies = 20'000;
    std::size_t lookups = 250; // so many at once; more may lie close, which `probed` rows show
    std::size_t few = 6'000, some = 30'000;
    std::size_t anywhere = 40'000;   // with whatever institution: to leave its label out is cheaper
    int probed = 600, read = 20'000; // rows
    int walked = 100'000;            // entries
    int one_sign = 2'000;            // rows, for a single character, which can't be looked up
    int one_company = 5'000;         // entries, when there are more words
};
// Ids of one page of an institution's list that f.text finds, in order. What lies behind so much of the list
// is not found.
std::vector<std::int64_t> find_text(db::read_view& view, std::int64_t institution, const filter& f,
                                    const range& r, int limit, const search_limits& most = {});
std::vector<item> list_items(db::read_view& view, std::span<const std::int64_t> ids); // in this order
std::vector<std::string> list_search_statements(); // every one that find_text may run on a list

} // namespace core::due::store
