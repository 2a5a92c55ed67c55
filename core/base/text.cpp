#include "core/base/text.hpp"

#include <cstdint>

namespace core {
namespace {

struct decoded {
    char32_t point;
    std::size_t length; // 0: malformed
};

decoded decode(std::string_view s, std::size_t at) {
    const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(s[i]); };
    const unsigned first = byte(at);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 && first <= 0xF4  ? 4
                               : first >= 0xE0 && first < 0xF0 ? 3
                               : first >= 0xC2 && first < 0xE0 ? 2
                                                               : 0;
    if (length == 0 || at + length > s.size()) return {0xFFFD, 0};
    char32_t point = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned next = byte(at + i);
        if ((next & 0xC0) != 0x80) return {0xFFFD, 0};
        point = (point << 6) | (next & 0x3F);
    }
    static constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return {0xFFFD, 0};
    return {point, length};
}

constexpr std::string_view wide_space = "\xE3\x80\x80";

bool starts_with_wide_space(std::string_view s) {
    return s.substr(0, 3) == wide_space;
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

template<class Keep>
std::string map_ascii(std::string_view s, Keep change) {
    std::string out(s);
    for (char& c : out)
        c = change(c);
    return out;
}

} // namespace

bool is_utf8(std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
        const auto d = decode(s, i);
        if (d.length == 0) return false;
        i += d.length;
    }
    return true;
}

std::size_t count_characters(std::string_view s) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < s.size(); ++n) {
        const auto d = decode(s, i);
        i += d.length == 0 ? 1 : d.length;
    }
    return n;
}

std::string cut_characters(std::string_view s, std::size_t most) {
    std::size_t i = 0;
    for (std::size_t n = 0; i < s.size() && n < most; ++n) {
        const auto d = decode(s, i);
        i += d.length == 0 ? 1 : d.length;
    }
    return std::string(s.substr(0, i));
}

std::string shorten(std::string_view s, std::size_t most) {
    if (count_characters(s) <= most) return std::string(s);
    return cut_characters(s, most - 1) + "…";
}

std::string_view cut_bytes(std::string_view s, std::size_t most) {
    if (s.size() <= most) return s;
    while (most > 0 && (static_cast<unsigned char>(s[most]) & 0xC0) == 0x80)
        --most;
    return s.substr(0, most);
}

std::string to_half_width(std::string_view s) {
    std::string out;
    out.reserve(s.size());
    for (std::size_t i = 0; i < s.size();) {
        const auto d = decode(s, i);
        const std::size_t step = d.length == 0 ? 1 : d.length;
        if (d.length == 3 && d.point >= 0xFF01 && d.point <= 0xFF5E)
            out += static_cast<char>(d.point - 0xFEE0);
        else if (d.length != 0 && d.point == 0x3000)
            out += ' ';
        else
            out.append(s.substr(i, step));
        i += step;
    }
    return out;
}

std::string to_upper_ascii(std::string_view s) {
    return map_ascii(s, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

std::string to_lower_ascii(std::string_view s) {
    return map_ascii(s, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

std::string_view trim(std::string_view s) {
    for (;;) {
        if (!s.empty() && is_blank(s.front()))
            s.remove_prefix(1);
        else if (starts_with_wide_space(s))
            s.remove_prefix(3);
        else
            break;
    }
    for (;;) {
        if (!s.empty() && is_blank(s.back()))
            s.remove_suffix(1);
        else if (s.size() >= 3 && s.substr(s.size() - 3) == wide_space)
            s.remove_suffix(3);
        else
            break;
    }
    return s;
}

std::string tidy_line(std::string_view s) {
    std::string out;
    bool gap = false;
    for (const char c : trim(s)) {
        if (is_blank(c)) {
            gap = true;
        } else if (!is_control(c)) {
            if (gap) out += ' ';
            gap = false;
            out += c;
        }
    }
    return out;
}

std::string tidy_text(std::string_view s) {
    std::string out;
    const std::string_view body = trim(s);
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] == '\r') {
            if (i + 1 >= body.size() || body[i + 1] != '\n') out += '\n';
        } else if (body[i] == '\n' || !is_control(body[i])) {
            out += body[i];
        }
    }
    return out;
}

std::vector<std::string> split_words(std::string_view s) {
    std::vector<std::string> words;
    std::string word;
    auto close = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t i = 0; i < s.size();) {
        if (starts_with_wide_space(s.substr(i))) {
            close();
            i += 3;
            continue;
        }
        if (is_blank(s[i]))
            close();
        else
            word += s[i];
        ++i;
    }
    close();
    return words;
}

std::string mask_phone(std::string_view phone) {
    if (phone.size() < 8) return std::string(phone.size(), '*');
    const std::size_t head = phone[0] == '1' ? 3 : phone.size() - 8;
    return std::string(phone.substr(0, head)) + "****" + std::string(phone.substr(phone.size() - 4));
}

std::string comparison_key(std::string_view s) {
    const std::string half = to_upper_ascii(to_half_width(s));
    std::string out;
    for (std::size_t i = 0; i < half.size();) {
        const auto d = decode(half, i);
        const std::size_t step = d.length == 0 ? 1 : d.length;
        const bool dash = d.point == 0x2014 || d.point == 0x2013 || d.point == 0x2010 || d.point == 0x2212;
        if (dash)
            out += '-';
        else if (!is_blank(half[i]) && !is_control(half[i]))
            out.append(half, i, step);
        i += step;
    }
    return out;
}

} // namespace core
