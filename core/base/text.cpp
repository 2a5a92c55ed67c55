#include "core/base/text.hpp"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>

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

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
// Blanks beyond ASCII (what cells copied from web pages have), and characters that nobody sees.
bool is_wide_blank(char32_t c) {
    return c == 0x3000 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F;
}
bool is_unseen(char32_t c) {
    return c == 0xAD || c == 0x200B || c == 0x2060 || c == 0xFEFF;
}

// How many bytes of blank or unseen characters stand at the front, or at the back: of one character.
std::size_t blank_front(std::string_view s) {
    if (s.empty()) return 0;
    if (static_cast<unsigned char>(s[0]) < 0x80) return is_blank(s[0]) ? 1 : 0;
    const auto d = decode(s, 0);
    return is_wide_blank(d.point) || is_unseen(d.point) ? d.length : 0;
}
std::size_t blank_back(std::string_view s) {
    if (s.empty()) return 0;
    if (static_cast<unsigned char>(s.back()) < 0x80) return is_blank(s.back()) ? 1 : 0;
    std::size_t at = s.size() - 1;
    while (at > 0 && s.size() - at < 4 && (static_cast<unsigned char>(s[at]) & 0xC0) == 0x80)
        --at;
    const std::size_t length = blank_front(s.substr(at));
    return length == s.size() - at ? length : 0;
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

bool is_dash(char32_t c) {
    return (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

void append_point(std::string& to, char32_t point) {
    utf8proc_uint8_t bytes[4];
    const auto n = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
    to.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
}

// The key of text of ASCII, common Chinese characters and full-width forms, which is nearly all there is;
// false: something else is in it.
bool add_plain_key(std::string& key, std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
        const auto d = decode(s, i);
        char32_t c = d.point;
        if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
        if (c == 0x3000) c = ' ';
        if (is_dash(c)) c = '-';
        if (d.length == 0 || (c >= 0x80 && (c < 0x4E00 || c > 0x9FFF))) return false;
        if (c >= 0x80)
            key.append(s, i, d.length);
        else if (c > ' ' && c != 0x7F)
            key += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : static_cast<char>(c);
        i += d.length;
    }
    return true;
}

// NFKC without what is not seen, then upper case, no blanks, dashes to '-'. Malformed text comes back as it
// is.
std::string compose_key(const std::string& s) {
    utf8proc_uint8_t* mapped = nullptr;
    const auto n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(s.data()),
                                static_cast<utf8proc_ssize_t>(s.size()), &mapped,
                                static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                                               UTF8PROC_COMPOSE | UTF8PROC_IGNORE));
    if (n < 0) return s;
    const std::string_view all(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(n));
    std::string key;
    for (std::size_t i = 0; i < all.size();) {
        const auto d = decode(all, i);
        i += d.length == 0 ? 1 : d.length;
        if (is_dash(d.point))
            key += '-';
        else if (d.point > ' ' && d.point != 0x7F)
            append_point(key,
                         static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(d.point))));
    }
    std::free(mapped);
    return key;
}

} // namespace

bool is_utf8(std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
        if (static_cast<unsigned char>(s[i]) < 0x80) {
            ++i;
            continue;
        }
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
    while (const auto n = blank_front(s))
        s.remove_prefix(n);
    while (const auto n = blank_back(s))
        s.remove_suffix(n);
    return s;
}

std::string tidy_line(std::string_view s) {
    std::string out;
    bool gap = false;
    const std::string_view body = trim(s);
    for (std::size_t i = 0; i < body.size();) {
        const bool ascii = static_cast<unsigned char>(body[i]) < 0x80;
        const auto d = ascii ? decoded{0, 1} : decode(body, i);
        const std::size_t step = d.length == 0 ? 1 : d.length;
        if (ascii ? is_blank(body[i]) : is_wide_blank(d.point) && d.point != 0x3000) {
            gap = true;
        } else if (ascii ? !is_control(body[i]) : !is_unseen(d.point)) {
            if (gap) out += ' ';
            gap = false;
            out.append(body, i, step);
        }
        i += step;
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
        if (const auto n = blank_front(s.substr(i))) {
            close();
            i += n;
            continue;
        }
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
    std::string key;
    key.reserve(s.size());
    if (add_plain_key(key, s)) return key;
    key.assign(s);
    // Upper case and dropped blanks can bring marks together that compose: until nothing changes.
    for (int round = 0; round < 4; ++round) {
        std::string next = compose_key(key);
        if (next == key) break;
        key = std::move(next);
    }
    return key;
}

} // namespace core
