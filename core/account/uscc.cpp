#include "core/account/uscc.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace core::account {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // no I, O, S, V, Z

bool all_digits(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What stands behind 转, or behind a hyphen after a whole land line number (domain.md 8.2).
std::pair<std::string, std::string> cut_extension(const std::string& typed) {
    constexpr std::string_view turn = "转";
    if (const auto at = typed.find(turn); at != std::string::npos)
        return {typed.substr(0, at), std::string(trim(std::string_view(typed).substr(at + turn.size())))};
    const auto last = typed.rfind('-');
    if (last == std::string::npos) return {typed, {}};
    const auto before = std::count_if(typed.begin(), typed.begin() + static_cast<std::ptrdiff_t>(last),
                                      [](char c) { return c >= '0' && c <= '9'; });
    if (typed[0] != '0' || typed.starts_with("0086") || before < 10) return {typed, {}};
    return {typed.substr(0, last), typed.substr(last + 1)};
}

} // namespace

result<std::string> check_uscc(std::string_view typed) {
    std::string code = to_upper_ascii(to_half_width(trim(typed)));
    std::erase(code, ' ');
    const std::size_t n = count_characters(code);
    if (n != 18)
        return error(errc::invalid, n == 0 ? "uscc.required" : "uscc.length", "uscc")
            .with("n", std::to_string(n));
    if (code.size() != 18)
        return error(errc::invalid, "uscc.character", "uscc")
            .with("character", "非字母数字")
            .with("place", "");
    static constexpr std::array<std::size_t, 17> weights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                                            29, 25, 13, 8,  24, 10, 30, 28};
    std::size_t sum = 0;
    for (std::size_t i = 0; i < 18; ++i) {
        const auto value = alphabet.find(code[i]);
        if (value == std::string_view::npos)
            return error(errc::invalid, "uscc.character", "uscc")
                .with("character", std::string(1, code[i]))
                .with("place", std::to_string(i + 1));
        if (i < 17) sum += value * weights[i];
    }
    if (alphabet[(31 - sum % 31) % 31] != code[17]) return error(errc::invalid, "uscc.check", "uscc");
    return code;
}

result<std::string> check_phone(std::string_view typed, std::string_view field) {
    auto [digits, extension] = cut_extension(to_half_width(trim(typed)));
    for (const char c : {' ', '-', '(', ')'})
        std::erase(digits, c);
    if (digits.starts_with("+86"))
        digits.erase(0, 3);
    else if (digits.starts_with("0086"))
        digits.erase(0, 4);
    const auto refused = [&, n = digits.size()](std::string_view why) {
        return error(errc::invalid, "phone." + std::string(why), std::string(field))
            .with("n", std::to_string(n));
    };
    if (digits.empty()) return refused("required");
    if (!all_digits(digits) || !all_digits(extension) || extension.size() > 6) return refused("form");
    if (digits[0] == '1') {
        if (digits.size() != 11) return refused("length");
        if (digits[1] < '3' || !extension.empty()) return refused("form");
        return digits;
    }
    if (digits[0] != '0' || digits.size() < 10) return refused("form");
    const std::size_t area = digits[1] == '1' || digits[1] == '2' ? 3 : 4;
    const std::size_t number = digits.size() - area;
    if (number != 7 && number != 8) return refused("form");
    digits.insert(area, "-");
    return extension.empty() ? digits : digits + "-" + extension;
}

} // namespace core::account
