// What an instrument is found by: the texts that are searched, their index, and how far a page looks. For the
// lists of this slice (listing.cpp, desk.cpp).
#pragma once
#include "core/db/search_index.hpp"
#include "core/instrument/instrument.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::instrument {

inline constexpr int search_batch = 100;   // rows read at a time while filtering
inline constexpr int most_scanned = 5'000; // rows looked at for one page

const db::search_index& search_table();
std::string searched_text(const instrument& i); // all of them
std::vector<std::string_view> searched_texts(const instrument& i);
std::string prefix_of(std::string_view region); // what the codes of its places begin with

} // namespace core::instrument
