// SQL of people's switches: a row is a kind somebody does not want.
#pragma once
#include "core/db/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace notify::store {

bool is_unwanted(core::db::read_view& view, std::int64_t login, std::string_view kind);
void put_unwanted(core::db::write_tx& tx, std::int64_t login, std::string_view kind, bool unwanted);
std::vector<std::string> list_unwanted(core::db::read_view& view, std::int64_t login);

} // namespace notify::store
