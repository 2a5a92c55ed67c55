#include "core/base/ids.hpp"

#include "core/base/text.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <vector>

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

// Length of what people put between digits: blanks, line breaks, hyphens and dashes of any width; 0: nothing.
std::size_t separator_at(std::string_view s, std::size_t at) {
    if (at >= s.size()) return 0;
    const char c = s[at];
    if (c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r') return 1;
    for (const std::string_view dash : {"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\u00A0"})
        if (s.substr(at, dash.size()) == dash) return dash.size();
    return 0;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Neighbouring groups that make twelve digits: right ones first, then all of them or one alone.
std::optional<std::string> number_in(std::span<const std::string> groups) {
    std::string whole;
    std::optional<std::string> meant;
    for (std::size_t from = 0; from < groups.size(); ++from) {
        std::string joined;
        for (std::size_t to = from; to < groups.size() && joined.size() < 12; ++to)
            joined += groups[to];
        if (is_order_number(joined)) return joined;
        if (groups[from].size() == 12 && !meant) meant = groups[from];
        whole += groups[from];
    }
    if (whole.size() == 12) return whole;
    return meant;
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
    std::vector<std::string> groups(1); // of digits, with nothing but separators between them
    std::optional<std::string> meant;   // twelve digits with a wrong check digit
    for (std::size_t i = 0; i <= plain.size();) {
        if (i < plain.size() && is_digit(plain[i])) {
            groups.back() += plain[i++];
            continue;
        }
        if (const std::size_t length = separator_at(plain, i); length > 0) {
            if (!groups.back().empty()) groups.emplace_back();
            i += length;
            continue;
        }
        if (auto found = number_in(groups); found && is_order_number(*found))
            return found;
        else if (found && !meant)
            meant = std::move(found);
        groups.assign(1, {});
        ++i;
    }
    return meant;
}

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr) != 1)
        throw std::runtime_error("SHA-256 failed");
    return to_hex(digest);
}

} // namespace core
