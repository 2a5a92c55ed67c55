#include "notify/message/fit_value.hpp"

#include "core/base/clock.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace notify {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_graph(char c) {
    return c > ' ' && c < 0x7F;
}
bool is_punctuation(char c) {
    return is_graph(c) && !is_digit(c) && !is_letter(c);
}

bool is_phone_character(char c) {
    return is_digit(c) || c == '+' || c == '-' || c == '*';
}

template<class Keep>
std::string only(std::string_view text, Keep keep) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), keep);
    return out;
}

// Calls `f(code point, its bytes)` for each character of well-formed UTF-8.
template<class F>
void each_character(std::string_view utf8, F f) {
    while (!utf8.empty()) {
        const auto first = static_cast<unsigned char>(utf8.front());
        const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        char32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
        for (std::size_t i = 1; i < length; ++i)
            point = (point << 6) | (static_cast<unsigned char>(utf8[i]) & 0x3Fu);
        f(point, utf8.substr(0, length));
        utf8.remove_prefix(length);
    }
}

bool is_chinese(char32_t c) {
    return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3134F);
}

// Line breaks of Unicode, beside those of ASCII.
bool is_line_break(char32_t c) {
    return c == 0x85 || c == 0x2028 || c == 0x2029;
}

// Invisible, direction marks, private use, pictures: nothing that a notice needs, all known to be refused.
bool is_unwanted(char32_t c) {
    struct range {
        char32_t from, to;
    };
    static constexpr std::array<range, 11> ranges = {{{0x7F, 0x9F},
                                                      {0xAD, 0xAD},
                                                      {0x200B, 0x200F},
                                                      {0x202A, 0x202E},
                                                      {0x2060, 0x206F},
                                                      {0x2600, 0x27BF},
                                                      {0xE000, 0xF8FF},
                                                      {0xFE00, 0xFE0F},
                                                      {0xFEFF, 0xFEFF},
                                                      {0xFFF0, 0xFFFF},
                                                      {0x1F000, 0x1FAFF}}};
    return c >= 0xE0000 || std::any_of(ranges.begin(), ranges.end(),
                                       [&](const range& r) { return c >= r.from && c <= r.to; });
}

std::string clean_line(std::string_view text) {
    if (!core::is_utf8(text)) return core::tidy_line(only(text, is_graph));
    std::string kept;
    each_character(text, [&](char32_t c, std::string_view bytes) {
        if (is_line_break(c) || c == U'\u3000' || c == 0xA0)
            kept += ' ';
        else if (!is_unwanted(c))
            kept += bytes;
    });
    return std::string(core::trim(core::tidy_line(kept)));
}

std::string only_chinese(std::string_view text) {
    std::string kept;
    each_character(text, [&](char32_t c, std::string_view bytes) {
        if (is_chinese(c)) kept += bytes;
    });
    return kept;
}

// ---- times ------------------------------------------------------------------------------------------

bool skip(std::string_view& s, std::string_view what) {
    if (!s.starts_with(what)) return false;
    s.remove_prefix(what.size());
    return true;
}

std::optional<int> take_number(std::string_view& s, std::size_t most_digits) {
    int n = 0;
    const auto end = s.substr(0, most_digits);
    const auto [at, fault] = std::from_chars(end.data(), end.data() + end.size(), n);
    if (fault != std::errc() || n < 0) return std::nullopt;
    s.remove_prefix(static_cast<std::size_t>(at - end.data()));
    return n;
}

// 2026-11-25 or 2026年11月25日; takes nothing when it is no day.
std::optional<core::date> take_date(std::string_view& s) {
    if (const auto iso = core::parse_date(s.substr(0, 10))) {
        s.remove_prefix(10);
        return iso;
    }
    std::string_view rest = s;
    const auto year = take_number(rest, 4);
    if (!year || !skip(rest, "年")) return std::nullopt;
    const auto month = take_number(rest, 2);
    if (!month || !skip(rest, "月")) return std::nullopt;
    const auto day = take_number(rest, 2);
    if (!day || !skip(rest, "日")) return std::nullopt;
    const core::date found(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!found.ok() || *year < 1900) return std::nullopt;
    s = rest;
    return found;
}

// 9:05, 09:05, 09:05:30 (seconds are dropped).
std::optional<int> take_time(std::string_view& s) {
    std::string_view rest = s;
    const auto hour = take_number(rest, 2);
    if (!hour || *hour > 23 || !skip(rest, ":")) return std::nullopt;
    const auto minute = rest.size() < 2 ? std::nullopt : take_number(rest, 2);
    if (!minute || *minute > 59) return std::nullopt;
    if (skip(rest, ":")) take_number(rest, 2);
    s = rest;
    return *hour * 60 + *minute;
}

struct moment {
    std::optional<core::date> day;
    std::optional<int> minute;
};

moment take_moment(std::string_view& s) {
    moment m;
    m.day = take_date(s);
    while (skip(s, " ")) {
    }
    m.minute = take_time(s);
    return m;
}

std::string text_of(const moment& m) {
    std::string out;
    if (m.day)
        out = std::to_string(static_cast<int>(m.day->year())) + "年" +
              std::to_string(static_cast<unsigned>(m.day->month())) + "月" +
              std::to_string(static_cast<unsigned>(m.day->day())) + "日";
    if (m.day && m.minute) out += ' ';
    if (m.minute) out += core::to_minute_text(*m.minute);
    return out;
}

std::string fit_time(std::string_view line, bool needs_day) {
    const moment from = take_moment(line);
    if ((needs_day && !from.day) || (!from.day && !from.minute)) return {};
    while (skip(line, " ")) {
    }
    for (const std::string_view dash : {"~", "～", "–", "—", "-", "至"})
        if (skip(line, dash)) break;
    while (skip(line, " ")) {
    }
    const moment to = take_moment(line);
    const std::string until = needs_day && !to.day && !to.minute ? std::string() : text_of(to);
    return until.empty() ? text_of(from) : text_of(from) + "~" + until;
}

// ---- the other kinds --------------------------------------------------------------------------------

std::string fit_number(std::string_view line) {
    std::string kept;
    bool point = false;
    for (const char c : line) {
        if (is_digit(c) || (c == '-' && kept.empty())) kept += c;
        if (c == '.' && !point && !kept.empty() && is_digit(kept.back())) {
            kept += c;
            point = true;
        }
    }
    kept = kept.substr(0, 32);
    if (kept.ends_with('.')) kept.pop_back();
    return kept == "-" ? std::string() : kept;
}

std::string fit_amount(std::string_view line) {
    std::string digits = fit_number(only(line, [](char c) { return is_digit(c) || c == '.'; })).substr(0, 10);
    if (digits.ends_with('.')) digits.pop_back();
    return digits.empty() ? digits : digits + "元";
}

std::string fit_name(const std::string& line) {
    const bool latin = std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7F; });
    return core::cut_characters(line, latin ? 20 : 10);
}

bool begins_with_digit(std::string_view s) {
    return !s.empty() && is_digit(s.front());
}

// 检测路 18 号 is an address: what comes first, the province, is known anyhow, and the number is looked for.
bool is_address(std::string_view line) {
    for (auto at = line.find("号"); at != std::string_view::npos; at = line.find("号", at + 1)) {
        auto before = line.substr(0, at);
        while (before.ends_with(' '))
            before.remove_suffix(1);
        if (!before.empty() && is_digit(before.back()))
            return line.find("路") < at || line.find("街") < at || line.find("道") < at ||
                   line.find("巷") < at;
    }
    return false;
}

// Shorter by what says least: a remark in front, blanks beside numbers, province and town; then by its end.
std::string fit_thing(std::string line) {
    constexpr std::size_t most = 20;
    const auto is_long = [&] { return core::count_characters(line) > most; };
    if (!is_long() || !is_address(line)) return core::shorten(line, most);
    for (const std::string_view bracket : {"）", ")"})
        if (const auto end = line.find(bracket);
            is_long() && end != std::string::npos && (line.starts_with("（") || line.starts_with("(")))
            line = std::string(core::trim(std::string_view(line).substr(end + bracket.size())));
    for (std::size_t at = line.find(' '); is_long() && at != std::string::npos; at = line.find(' ', at))
        if (begins_with_digit(std::string_view(line).substr(at + 1)) || (at > 0 && is_digit(line[at - 1])))
            line.erase(at, 1);
        else
            ++at;
    for (const std::string_view region : {"省", "市"})
        if (const auto end = line.find(region); is_long() && end != std::string::npos && end < 15 &&
                                                line.find("市场") != end) // a street of that name
            line.erase(0, end + region.size());
    return core::shorten(line, most);
}

struct rule {
    std::string_view kind;
    std::string (*fit)(const std::string& line);
    std::string_view when_empty; // WeChat takes no empty value
};
constexpr std::array<rule, 13> rules = {{
    {"thing", [](const std::string& s) { return fit_thing(s); }, "-"},
    {"short_thing", [](const std::string& s) { return core::cut_characters(s, 5); }, "-"},
    {"character_string", [](const std::string& s) { return only(s, is_graph).substr(0, 32); }, "-"},
    {"number", [](const std::string& s) { return fit_number(s); }, "0"},
    {"letter", [](const std::string& s) { return only(s, is_letter).substr(0, 32); }, "N"},
    {"symbol", [](const std::string& s) { return only(s, is_punctuation).substr(0, 5); }, "-"},
    // Facts that may be empty are refused in these (version.hpp, needs_value), so this is never seen; WeChat
    // takes it all the same.
    {"time", [](const std::string& s) { return fit_time(s, false); }, "00:00"},
    {"date", [](const std::string& s) { return fit_time(s, true); }, "2000年1月1日"},
    {"amount", [](const std::string& s) { return fit_amount(s); }, "0元"},
    {"phone_number", [](const std::string& s) { return only(s, is_phone_character).substr(0, 17); }, "-"},
    {"car_number", [](const std::string& s) { return core::cut_characters(s, 8); }, "-"},
    {"name", [](const std::string& s) { return fit_name(s); }, "-"},
    {"phrase", [](const std::string& s) { return core::cut_characters(only_chinese(s), 5); }, "有更新"},
}};

const rule* find_rule(std::string_view field_name) {
    const auto number = field_name.find_last_not_of("0123456789") + 1;
    if (number == field_name.size() || field_name.size() - number > 2) return nullptr;
    const auto kind = field_name.substr(0, number);
    const auto at = std::find_if(rules.begin(), rules.end(), [&](const rule& r) { return r.kind == kind; });
    return at == rules.end() ? nullptr : &*at;
}

} // namespace

bool is_field_name(std::string_view name) {
    return find_rule(name) != nullptr;
}

std::string fit_value(std::string_view field_name, std::string_view text) {
    const auto* r = find_rule(field_name);
    if (r == nullptr) throw std::invalid_argument("no kind of message field: " + std::string(field_name));
    const std::string fitted = r->fit(clean_line(text));
    const auto trimmed = core::trim(fitted); // cutting may leave a blank at the end
    return std::string(trimmed.empty() ? r->when_empty : trimmed);
}

std::string fit_list(std::string_view field_name, const std::vector<std::string>& items) {
    const std::string many = " 等 " + std::to_string(items.size()) + " 份";
    constexpr std::size_t most_shown = 32; // no field has room for more
    for (std::size_t shown = std::min(items.size(), most_shown); shown > 0; --shown) {
        std::string all;
        for (std::size_t n = 0; n < shown; ++n)
            all += (n == 0 ? "" : "、") + clean_line(items[n]);
        if (shown < items.size()) all += many;
        if (fit_value(field_name, all) == all) return all;
    }
    return fit_value(field_name, "共 " + std::to_string(items.size()) + " 份，点开查看");
}

bool needs_value(std::string_view field_name) {
    const auto* r = find_rule(field_name);
    return r != nullptr && (r->kind == "time" || r->kind == "date" || r->kind == "amount");
}

std::string fit_path(std::string_view text) {
    return only(text, is_graph);
}

} // namespace notify
