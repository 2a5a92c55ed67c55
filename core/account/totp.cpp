#include "core/account/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace core::account {
namespace {

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto b = static_cast<unsigned char>(c);
        if (plain.find(c) != std::string_view::npos)
            out += c;
        else
            out.append("%").append(1, hex[b >> 4]).append(1, hex[b & 15]);
    }
    return out;
}

// Compared whole: the time taken says nothing about how much was right.
bool is_same(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned differ = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        differ |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return differ == 0;
}

} // namespace

std::string base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = (held << 8) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 5; bits -= 5)
            out += alphabet[(held >> (bits - 5)) & 31];
    }
    if (bits > 0) out += alphabet[(held << (5 - bits)) & 31];
    return out;
}

std::string hotp(std::string_view seed, std::int64_t counter, int digits) {
    std::array<unsigned char, 8> moving{};
    for (int i = 0; i < 8; ++i)
        moving[static_cast<std::size_t>(7 - i)] = static_cast<unsigned char>((counter >> (8 * i)) & 0xff);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    if (HMAC(EVP_sha1(), seed.data(), static_cast<int>(seed.size()), moving.data(), moving.size(), mac.data(),
             &size) == nullptr)
        throw std::runtime_error("totp: the MAC could not be made");
    const std::size_t at = mac[size - 1] & 0x0f; // dynamic truncation, RFC 4226 5.3
    const std::uint32_t cut = (static_cast<std::uint32_t>(mac[at] & 0x7f) << 24) |
                              (static_cast<std::uint32_t>(mac[at + 1]) << 16) |
                              (static_cast<std::uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
    std::uint64_t modulus = 1;
    for (int i = 0; i < digits; ++i)
        modulus *= 10;
    std::string code = std::to_string(cut % modulus);
    return std::string(static_cast<std::size_t>(digits) - code.size(), '0') + code;
}

std::int64_t totp_step(instant at) {
    return to_ms(at) / std::chrono::milliseconds(totp_period).count();
}

std::optional<std::int64_t> find_totp_step(std::string_view seed, std::string_view typed, instant now,
                                           std::int64_t after) {
    std::string code;
    for (const char c : typed)
        if (c != ' ') code += c;
    const std::int64_t present = totp_step(now);
    std::optional<std::int64_t> found;
    for (const std::int64_t step : {present - 1, present, present + 1})
        if (is_same(hotp(seed, step), code) && step > after) found = step;
    return found;
}

std::string totp_uri(std::string_view seed, std::string_view issuer, std::string_view account) {
    const std::string who = percent_encoded(issuer);
    return "otpauth://totp/" + who + ":" + percent_encoded(account) + "?secret=" + base32(seed) +
           "&issuer=" + who + "&algorithm=SHA1&digits=6&period=30";
}

} // namespace core::account
