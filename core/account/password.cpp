#include "core/account/password.hpp"

#include "core/base/embedded.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/csv.hpp"

#include <sodium.h>

#include <array>
#include <set>
#include <stdexcept>

namespace core::account {
namespace {

void ready() {
    static const bool fine = sodium_init() >= 0;
    if (!fine) throw std::runtime_error("libsodium could not be initialised");
}

// Common ones (schema/data/common_passwords.csv), as far as they pass the length rule; lower case.
bool is_common(std::string_view password) {
    static const std::set<std::string, std::less<>> all = [] {
        std::set<std::string, std::less<>> found;
        for (const auto& f : embedded_files()) {
            if (f.name != "schema/data/common_passwords.csv") continue;
            const csv::table rows(f.bytes);
            for (std::size_t i = 0; i < rows.size(); ++i)
                found.insert(rows.at(i, "password"));
        }
        return found;
    }();
    return all.contains(to_lower_ascii(password));
}

int count_kinds(std::string_view password) {
    std::array<int, 4> kinds{};
    for (const char c : password) {
        const bool digit = c >= '0' && c <= '9', lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        kinds[digit ? 0 : lower ? 1 : upper ? 2 : 3] = 1;
    }
    return kinds[0] + kinds[1] + kinds[2] + kinds[3];
}

error refused(std::string why) {
    return error(errc::invalid, std::move(why), "password");
}

} // namespace

std::string hash_password(std::string_view password, hash_cost cost) {
    ready();
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str(out.data(), password.data(), password.size(), cost.passes, cost.memory) != 0)
        throw std::runtime_error("not enough memory to hash a password");
    return out.data();
}

bool is_password(std::string_view hash, std::string_view password) {
    ready();
    if (!hash.starts_with("$argon2id$")) { // none set: takes as long as a wrong one
        pretend_check(password);
        return false;
    }
    const std::string terminated(hash);
    return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash, hash_cost cost) {
    ready();
    const std::string terminated(hash);
    return crypto_pwhash_str_needs_rehash(terminated.c_str(), cost.passes, cost.memory) != 0;
}

void pretend_check(std::string_view password) {
    static const std::string decoy = hash_password("no password is this");
    (void)is_password(decoy, password);
}

result<> check_policy(password_policy p, std::string_view password, std::string_view username) {
    if (count_characters(password) < 8) return refused("password.short");
    if (password.size() > 128) return refused("password.long");
    if (!username.empty() && to_lower_ascii(password).find(to_lower_ascii(username)) != std::string::npos)
        return refused("password.like_name");
    if (is_common(password)) return refused("password.common");
    if (p == password_policy::dengbao && count_kinds(password) < 3) return refused("password.kinds");
    return {};
}

result<accepted_password> accept_password(const password_rules& rules, std::string_view password,
                                          hash_cost cost) {
    if (auto fine = check_policy(rules.policy, password, rules.username); !fine) return fine.error();
    for (const auto& old : rules.earlier)
        if (is_password(old, password)) return refused("password.again");
    return accepted_password(hash_password(password, cost));
}

std::string make_temporary_password() {
    constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789"; // no i l o 0 1
    std::string made;
    for (int i = 0; i < 12; ++i) {
        if (i == 4 || i == 8) made += '-';
        made += letters[random_below(static_cast<std::uint32_t>(letters.size()))];
    }
    return made;
}

} // namespace core::account
