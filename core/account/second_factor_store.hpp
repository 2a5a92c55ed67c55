// SQL of second factors.
#pragma once
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account::store {

struct factor {
    std::string seed; // opened
    bool is_confirmed = false;
    std::int64_t last_step = 0; // of the last code taken
};
std::optional<factor> find_factor(db::read_view& view, std::int64_t login);
bool is_factor_confirmed(db::read_view& view, std::int64_t login);
void put_factor(db::write_tx& tx, std::int64_t login, std::string_view seed); // unconfirmed
bool confirm_factor(db::write_tx& tx, std::int64_t login, std::int64_t step);
bool take_step(db::write_tx& tx, std::int64_t login, std::int64_t step); // false: taken by somebody faster
void drop_factor(db::write_tx& tx, std::int64_t login);
void put_recovery_codes(db::write_tx& tx, std::int64_t login, const std::vector<std::string>& hashes);
bool take_recovery_code(db::write_tx& tx, std::int64_t login, std::string_view hash);
int count_recovery_codes(db::read_view& view, std::int64_t login);
void mark_factor_passed(db::write_tx& tx, std::string_view token_hash);

} // namespace core::account::store
