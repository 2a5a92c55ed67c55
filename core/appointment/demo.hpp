// Demo data: companies, people, instruments in every state, orders in most states, made by the verbs. Only
// for an empty database.
#pragma once
#include "core/base/result.hpp"
#include "core/db/database.hpp"

#include <string>
#include <string_view>

namespace core::demo {

// Refuses conflict when the database already holds companies.
result<> load(db::database& db);
std::string accounts_text(); // addresses, names and passwords, for the terminal

inline constexpr std::string_view password = "demo-2026";

} // namespace core::demo
