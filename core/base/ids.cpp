#include "core/base/ids.hpp"

#include "core/base/text.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace core {
namespace {

std::string to_hex(std::span<const unsigned char> bytes) {
    static constexpr std::string_view alphabet = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto b : bytes) {
        out += alphabet[b >> 4];
        out += alphabet[b & 15];
    }
    return out;
}

// ISO 7064 MOD 11,10: catches every single wrong digit and every swap of neighbours but few.
char check_digit(std::string_view eleven) {
    int p = 10;
    for (const char c : eleven) {
        int s = (p + (c - '0')) % 10;
        if (s == 0) s = 10;
        p = (s * 2) % 11;
    }
    return static_cast<char>('0' + (11 - p) % 10);
}

bool is_separator(char c) {
    return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

void random_bytes(std::span<unsigned char> out) {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error("libsodium could not be initialised");
    randombytes_buf(out.data(), out.size());
}

std::uint32_t random_below(std::uint32_t bound) {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error("libsodium could not be initialised");
    return randombytes_uniform(bound);
}

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    const std::span<unsigned char> view(reinterpret_cast<unsigned char*>(raw.data()), raw.size());
    random_bytes(view);
    return to_hex(view);
}

std::int64_t id_source::next(instant now) {
    constexpr std::int64_t year_2020 = 1577836800000;
    const std::int64_t fresh = (to_ms(now) - year_2020) << 22;
    last_ = fresh > last_ ? fresh : last_ + 1;
    return last_;
}

void id_source::start_after(std::int64_t id) {
    last_ = std::max(last_, id);
}

std::string make_order_number(instant now) {
    const date d = local_date(now);
    std::array<char, 16> head{};
    std::snprintf(head.data(), head.size(), "%02d%02u%07u", static_cast<int>(d.year()) % 100,
                  static_cast<unsigned>(d.month()), random_below(10'000'000));
    std::string number(head.data(), 11);
    number += check_digit(number);
    return number;
}

bool is_order_number(std::string_view s) {
    if (s.size() != 12) return false;
    for (const char c : s)
        if (!is_digit(c)) return false;
    return check_digit(s.substr(0, 11)) == s[11];
}

std::string show_order_number(std::string_view s) {
    if (s.size() != 12) return std::string(s);
    std::string out(s.substr(0, 4));
    out.append(" ").append(s.substr(4, 4)).append(" ").append(s.substr(8, 4));
    return out;
}

std::optional<std::string> find_order_number(std::string_view text) {
    const std::string plain = to_half_width(text);
    std::string run;
    std::optional<std::string> candidate;
    auto close = [&] {
        if (run.size() == 12 && (!candidate || !is_order_number(*candidate))) candidate = run;
        run.clear();
    };
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (is_digit(plain[i]))
            run += plain[i];
        else if (!is_separator(plain[i]))
            close();
    }
    close();
    return candidate;
}

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr) != 1)
        throw std::runtime_error("SHA-256 failed");
    return to_hex(digest);
}

} // namespace core
