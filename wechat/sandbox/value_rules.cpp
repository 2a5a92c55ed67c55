#include "wechat/sandbox/value_rules.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace wechat::sandbox {
namespace {

bool is_ascii(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_number(std::string_view s) {
    return std::all_of(s.begin(), s.end(),
                       [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

bool has_digit(std::string_view s) {
    return std::any_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 15:01, 2019年10月1日, 2019年10月1日 15:01, ranges with ~.
bool is_time(std::string_view s, bool date_needed) {
    if (!has_digit(s)) return false;
    if (date_needed && s.find("年") == std::string_view::npos) return false;
    std::string rest(s);
    for (const std::string_view part : {"年", "月", "日"})
        for (auto at = rest.find(part); at != std::string::npos; at = rest.find(part))
            rest.erase(at, part.size());
    return std::all_of(rest.begin(), rest.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == ':' || c == ' ' || c == '~' || c == '-';
    });
}

} // namespace

bool is_accepted(std::string_view field, std::string_view text) {
    while (!field.empty() && field.back() >= '0' && field.back() <= '9')
        field.remove_suffix(1);
    const std::size_t n = core::count_characters(text);
    if (n == 0 || text.find('\n') != std::string_view::npos) return false;
    if (field == "thing") return n <= 20;
    if (field == "character_string") return n <= 32 && is_ascii(text);
    if (field == "number") return n <= 32 && is_number(text);
    if (field == "letter") return n <= 32 && is_ascii(text);
    if (field == "symbol") return n <= 5;
    if (field == "time") return is_time(text, false);
    if (field == "date") return is_time(text, true);
    if (field == "amount") return n <= 13;
    if (field == "phone_number") return n <= 17 && is_ascii(text);
    if (field == "car_number") return n <= 8;
    if (field == "name") return n <= (is_ascii(text) ? 20u : 10u);
    if (field == "phrase") return n <= 5 && !is_ascii(text);
    if (field == "const" || field == "short_thing") return n <= 20;
    return false;
}

} // namespace wechat::sandbox
