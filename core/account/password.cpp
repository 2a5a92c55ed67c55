#include "core/account/password.hpp"

#include "core/base/text.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace core::account {
namespace {

void ready() {
    static const bool fine = sodium_init() >= 0;
    if (!fine) throw std::runtime_error("libsodium could not be initialised");
}

// The beginnings of lists of stolen passwords, as far as they pass the length rule.
constexpr std::array<std::string_view, 24> common = {
    "12345678", "123456789", "1234567890", "11111111", "88888888",   "00000000", "66666666", "87654321",
    "password", "password1", "passw0rd",   "qwertyui", "qwerty123",  "1q2w3e4r", "1qaz2wsx", "abcd1234",
    "abc12345", "a1234567",  "a12345678",  "aa123456", "woaini1314", "iloveyou", "admin123", "asdfghjkl"};

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
    const auto refused = [](std::string why) { return error(errc::invalid, std::move(why), "password"); };
    if (count_characters(password) < 8) return refused("password.short");
    if (password.size() > 128) return refused("password.long");
    if (!username.empty() && to_lower_ascii(password).find(to_lower_ascii(username)) != std::string::npos)
        return refused("password.like_name");
    if (std::find(common.begin(), common.end(), to_lower_ascii(password)) != common.end())
        return refused("password.common");
    if (p == password_policy::asvs) return {};
    int kinds[3] = {0, 0, 0};
    for (const char c : password) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        kinds[digit ? 0 : letter ? 1 : 2] = 1;
    }
    if (kinds[0] + kinds[1] + kinds[2] < 2) return refused("password.kinds");
    return {};
}

} // namespace core::account
