// Demo data: companies, people, instruments in every state, orders in most states, made by the verbs. Only
// for an empty database.
#pragma once
#include "core/base/result.hpp"
#include "core/db/database.hpp"

#include <string>
#include <string_view>

namespace core::demo {

// Refuses conflict (demo.loaded, demo.real_data) when the database already holds companies.
result<> load(db::database& db);
std::string accounts_text(db::database& db); // addresses, names and passwords, for the terminal

} // namespace core::demo
