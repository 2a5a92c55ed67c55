// SQL of people's switches (a row is a kind somebody does not want), their own ways and quiet hours, and what
// the platform says they refuse.
#pragma once
#include "core/db/transaction.hpp"
#include "notify/hub/wishes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace notify::store {

bool is_unwanted(core::db::read_view& view, std::int64_t login, std::string_view kind);
void put_unwanted(core::db::write_tx& tx, std::int64_t login, std::string_view kind, bool unwanted);
std::vector<std::string> list_unwanted(core::db::read_view& view, std::int64_t login);

// Of this kind, else of every kind (''); names with blanks between.
std::optional<std::string> find_ways(core::db::read_view& view, std::int64_t login, std::string_view kind);
std::vector<std::pair<std::string, std::string>> list_ways(core::db::read_view& view,
                                                           std::int64_t login); // by kind
void put_ways(core::db::write_tx& tx, std::int64_t login, std::string_view kind,
              const std::optional<std::string>& ways);

std::optional<quiet_hours> find_quiet_hours(core::db::read_view& view, std::int64_t login); // own ones
void put_quiet_hours(core::db::write_tx& tx, std::int64_t login, std::optional<quiet_hours> own);

// Of the addresses bound to this person for this company (0: as staff), told at or after `since`.
std::vector<refused_kind> list_refusals(core::db::read_view& view, std::int64_t login, std::int64_t applicant,
                                        core::instant since);
int forget_refusals_of(core::db::write_tx& tx, std::int64_t login, std::int64_t applicant);

} // namespace notify::store
