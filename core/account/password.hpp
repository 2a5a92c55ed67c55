// Passwords: argon2id by libsodium, parameters kept in the hash. Slow on purpose: never inside a transaction,
// never on the io thread.
#pragma once
#include "core/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace core::account {

struct hash_cost {
    unsigned long long passes = 2;         // decisions.md: 64 MiB, 2 passes, about 76 ms
    std::size_t memory = 64 * 1024 * 1024; // bytes
};
inline constexpr hash_cost usual_cost{};
inline constexpr hash_cost test_cost{1, 8192 * 8}; // for tests: the least libsodium takes

std::string hash_password(std::string_view password, hash_cost cost = usual_cost);
bool is_password(std::string_view hash, std::string_view password); // false also for '!' (none set)
// Made with other parameters than `cost`: hash again when the password is next at hand.
bool needs_rehash(std::string_view hash, hash_cost cost = usual_cost);
// The same work for an unknown user, so that answers take the same time (guarantees S7).
void pretend_check(std::string_view password);

enum class password_policy { asvs, dengbao };
// asvs (companies): 8..128 bytes. dengbao (staff): also two of letters, digits, signs. Refuses
// password.short, password.long, password.kinds, password.like_name, password.common with field `password`.
result<> check_policy(password_policy p, std::string_view password, std::string_view username);

} // namespace core::account
