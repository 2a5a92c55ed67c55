#include "core/workbook/number_format.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace core::workbook {
namespace {

constexpr int last_serial = 2'958'465; // 9999-12-31 of the 1900 system
constexpr int days_1904 = 1462;        // what the 1904 system lags behind

const std::chrono::sys_days epoch = std::chrono::year(1899) / 12 / 30;

// [h], [mm], [ss]: elapsed time, not a colour, condition or locale.
bool is_elapsed(std::string_view in_brackets) {
    return !in_brackets.empty() && in_brackets.find_first_not_of("hHmMsS") == std::string_view::npos;
}

} // namespace

bool is_date_format(int n) {
    return (n >= 14 && n <= 22) || (n >= 27 && n <= 36) || (n >= 45 && n <= 47) || (n >= 50 && n <= 58);
}

bool is_date_format(std::string_view code) {
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = code[i];
        if (c == '"' || c == '[') {
            const auto end = code.find(c == '"' ? '"' : ']', i + 1);
            if (end == std::string_view::npos) return false;
            if (c == '[' && is_elapsed(code.substr(i + 1, end - i - 1))) return true;
            i = end;
        } else if (c == '\\' || c == '_' || c == '*') {
            ++i;
        } else if (std::string_view("yYmMdDhHsS").find(c) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

std::uint8_t digits_of_format(std::string_view code) {
    code = code.substr(0, code.find(';')); // of numbers above zero
    const bool only_zeros =
        code.size() >= 2 && code.size() <= 40 && code.find_first_not_of('0') == std::string_view::npos;
    return only_zeros ? static_cast<std::uint8_t>(code.size()) : std::uint8_t{0};
}

std::optional<date> date_of_serial(double serial, bool from_1904) {
    if (!(serial >= 0) || serial > last_serial) return std::nullopt;
    int days = static_cast<int>(std::floor(serial));
    if (from_1904)
        days += days_1904;
    else if (days == 0 || days == 60)
        return std::nullopt;
    else if (days < 60)
        ++days;
    if (days > last_serial) return std::nullopt;
    return date(epoch + std::chrono::days(days));
}

int serial_of_date(date d) {
    return static_cast<int>((std::chrono::sys_days(d) - epoch).count());
}

std::string decimal_text(double n) {
    if (!std::isfinite(n)) return {};
    std::array<char, 32> text; // "-1.2345678901234567e-308"
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(n), std::chars_format::scientific);
    const std::string_view all(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
    const auto e = all.find('e');
    std::string digits(1, all[0]);
    if (e > 2) digits += all.substr(2, e - 2);
    const bool is_small = all[e + 1] == '-';
    std::size_t shift = 0;
    std::from_chars(all.data() + e + 2, all.data() + all.size(), shift);
    if (is_small)
        digits.insert(0, "0." + std::string(shift - 1, '0'));
    else if (digits.size() <= shift + 1)
        digits.append(shift + 1 - digits.size(), '0');
    else
        digits.insert(shift + 1, ".");
    return n < 0 ? "-" + digits : digits;
}

int significant_digits(std::string_view decimal) {
    int all = 0;
    for (const char c : decimal)
        if (c >= '0' && c <= '9' && (all > 0 || c != '0')) ++all;
    return all;
}

} // namespace core::workbook
