#include "core/account/password.hpp"

#include "core/base/text.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace core::account {
namespace {

void ready() {
    static const bool fine = sodium_init() >= 0;
    if (!fine) throw std::runtime_error("libsodium could not be initialised");
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
    const std::string terminated(hash);
    return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
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
