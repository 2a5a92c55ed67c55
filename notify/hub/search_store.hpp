// SQL of searching messages: one statement for each way in, answered from an index.
#pragma once
#include "core/db/transaction.hpp"
#include "notify/hub/search.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace notify::store {

// `institution` -1: all. Called for each, newest first, until it says false.
using seen_fn = std::function<bool(found_delivery)>;
void walk_newest(core::db::read_view& view, std::int64_t institution, std::int64_t below, int most,
                 const seen_fn& seen);
void walk_trouble(core::db::read_view& view, std::int64_t institution, std::string_view status,
                  std::int64_t below, int most, const seen_fn& seen);
void walk_address(core::db::read_view& view, std::int64_t institution, std::string_view address,
                  std::int64_t below, int most, const seen_fn& seen);
// Of one order's events; all of them.
void walk_order(core::db::read_view& view, std::int64_t institution, std::string_view number,
                const seen_fn& seen);
// Of events told to a company's people, by event: below the event `below`.
void walk_company(core::db::read_view& view, std::int64_t institution, std::int64_t applicant,
                  std::int64_t below, int most, const seen_fn& seen);

std::vector<std::int64_t> companies_named(core::db::read_view& view, std::string_view beginning, int most);
std::vector<std::string> addresses_of_person(core::db::read_view& view, std::string_view name,
                                             int most);                                             // openids
std::vector<std::int64_t> people_named(core::db::read_view& view, std::string_view name, int most); // logins
std::vector<std::string> addresses_beginning(core::db::read_view& view, std::string_view text, int most);
int count_of(core::db::read_view& view, std::int64_t institution, std::string_view status, int most);

} // namespace notify::store
