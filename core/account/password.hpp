// Passwords: argon2id by libsodium, parameters kept in the hash, and the rules for new ones. Slow on purpose:
// never inside a transaction, never on the io thread. Verbs take an accepted_password, so that none can store
// one that the rules have not seen.
#pragma once
#include "core/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

// asvs (companies): 8 characters to 128 bytes, not a common one, without the user name. dengbao (staff): also
// three of upper case, lower case, digits, signs; none of the last five; a new one every ninety days.
enum class password_policy { asvs, dengbao };
// Refuses password.short, password.long, password.kinds, password.like_name, password.common with field
// `password`.
result<> check_policy(password_policy p, std::string_view password, std::string_view username);

// What a new password of one person is measured by; see rules_for_new and rules_of in login.hpp.
struct password_rules {
    password_policy policy = password_policy::dengbao;
    std::string username;
    std::vector<std::string> earlier; // hashes of those that may not come again
};

class accepted_password {
  public:
    const std::string& hash() const { return hash_; }

  private:
    explicit accepted_password(std::string hash) : hash_(std::move(hash)) {}
    friend result<accepted_password> accept_password(const password_rules&, std::string_view, hash_cost);
    std::string hash_;
};
// As check_policy, and password.again for one of the earlier ones. Takes 76 ms, and as much per earlier one.
result<accepted_password> accept_password(const password_rules& rules, std::string_view password,
                                          hash_cost cost = usual_cost);
// For somebody who must change it at once: 12 characters of an alphabet without look-alikes, about 58 bits.
std::string make_temporary_password();

} // namespace core::account
