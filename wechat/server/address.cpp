#include "wechat/server/address.hpp"

#include "core/base/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace wechat {
namespace {

struct parsed {
    std::array<unsigned char, 16> bytes{};
    std::size_t size = 0; // 4 or 16
};

std::optional<parsed> parse(std::string_view text) {
    static constexpr std::array<unsigned char, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const std::string zero_ended(text);
    parsed p;
    if (zero_ended.size() != text.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
    if (inet_pton(AF_INET, zero_ended.c_str(), p.bytes.data()) == 1) {
        p.size = 4;
        return p;
    }
    if (inet_pton(AF_INET6, zero_ended.c_str(), p.bytes.data()) != 1) return std::nullopt;
    p.size = 16;
    if (std::equal(mapped.begin(), mapped.end(), p.bytes.begin())) {
        std::copy(p.bytes.begin() + 12, p.bytes.end(), p.bytes.begin());
        p.size = 4;
    }
    return p;
}

std::string text_of(const parsed& p) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(p.size == 4 ? AF_INET : AF_INET6, p.bytes.data(), out.data(), out.size());
    return out.data();
}

struct block {
    parsed base;
    std::size_t bits = 0;
};

std::optional<block> parse_block(std::string_view text) {
    const auto slash = text.find('/');
    const auto base = parse(text.substr(0, slash));
    if (!base) return std::nullopt;
    block b{*base, base->size * 8};
    if (slash == std::string_view::npos) return b;
    const auto digits = text.substr(slash + 1);
    std::size_t bits = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (failed != std::errc() || end != digits.data() + digits.size() || bits > b.bits) return std::nullopt;
    b.bits = bits;
    return b;
}

bool is_in(const parsed& a, const block& b) {
    if (a.size != b.base.size) return false;
    const std::size_t whole = b.bits / 8;
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    b.base.bytes.begin()))
        return false;
    const std::size_t rest = b.bits % 8;
    return rest == 0 || (a.bytes[whole] >> (8 - rest)) == (b.base.bytes[whole] >> (8 - rest));
}

} // namespace

std::string plain_address(std::string_view text) {
    const auto p = parse(text);
    return p ? text_of(*p) : std::string();
}

bool is_address_or_block(std::string_view text) {
    return parse_block(text).has_value();
}

bool is_listed(std::string_view address, const std::vector<std::string>& blocks) {
    const auto a = parse(address);
    if (!a) return false;
    return std::any_of(blocks.begin(), blocks.end(), [&](const std::string& text) {
        const auto b = parse_block(text);
        return b && is_in(*a, *b);
    });
}

std::string person_address(std::string_view peer, std::string_view forwarded,
                           const std::vector<std::string>& proxies) {
    std::string current(peer);
    while (is_listed(current, proxies) && !forwarded.empty()) {
        const auto comma = forwarded.rfind(',');
        const auto last =
            core::trim(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
        forwarded = comma == std::string_view::npos ? std::string_view() : forwarded.substr(0, comma);
        std::string before = plain_address(last);
        if (before.empty()) break;
        current = std::move(before);
    }
    return current;
}

std::string counted_network(std::string_view address) {
    auto p = parse(address);
    if (!p) return std::string(address);
    if (p->size == 16) std::fill(p->bytes.begin() + 8, p->bytes.end(), static_cast<unsigned char>(0));
    return text_of(*p);
}

} // namespace wechat
