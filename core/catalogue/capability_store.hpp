// SQL of the capability matrix.
#pragma once
#include "core/catalogue/capability.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::catalogue::store {

bool has_capabilities(db::read_view& view, std::int64_t institution);
bool is_able(db::read_view& view, std::int64_t institution, const need& n, bool direct_only);
// Names (l1, l2) that this row of the catalogue has, had or goes on as, through all versions.
std::vector<std::pair<std::string, std::string>> list_names(db::read_view& view, std::string_view l1,
                                                            std::string_view l2);
bool is_in_force(db::read_view& view, std::string_view l1, std::string_view l2); // l2 "": any of l1
std::optional<capability> find_capability(db::read_view& view, std::int64_t id);
std::optional<capability> find_capability(db::read_view& view,
                                          const capability& like); // all but id and direct
void put_capability(db::write_tx& tx, const capability& c);
void remove_capability(db::write_tx& tx, std::int64_t id);

} // namespace core::catalogue::store
