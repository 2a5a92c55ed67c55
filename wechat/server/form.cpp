#include "wechat/server/form.hpp"

#include "core/base/text.hpp"

namespace wechat {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_clean(std::string_view s) {
    return s.find('\0') == std::string_view::npos && core::is_utf8(s);
}

// The value of a parameter like name="…" in a header; nullopt when it is not there. Quotes may hold \" and
// semicolons (a file may be called so), and what stands in them is never taken for a parameter.
std::optional<std::string> parameter(std::string_view header, std::string_view wanted) {
    std::size_t at = header.find(';');
    while (at < header.size()) {
        ++at; // behind the semicolon
        const auto equals = header.find_first_of("=;", at);
        if (equals == std::string_view::npos) return std::nullopt;
        if (header[equals] == ';') {
            at = equals;
            continue;
        }
        const std::string name = core::to_lower_ascii(core::trim(header.substr(at, equals - at)));
        at = equals + 1;
        std::string value;
        if (at < header.size() && header[at] == '"') {
            for (++at; at < header.size() && header[at] != '"'; ++at) {
                if (header[at] == '\\' && at + 1 < header.size()) ++at;
                value += header[at];
            }
            at = std::min(header.find(';', std::min(at, header.size())), header.size());
        } else {
            const auto end = std::min(header.find(';', at), header.size());
            value = core::trim(header.substr(at, end - at));
            at = end;
        }
        if (name == wanted) return value;
    }
    return std::nullopt;
}

struct part_header {
    std::string disposition;
    bool good = false;
};

part_header read_part_header(std::string_view head) {
    part_header h;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return {};
        if (core::to_lower_ascii(line.substr(0, colon)) != "content-disposition") continue;
        h.disposition = std::string(core::trim(line.substr(colon + 1)));
    }
    h.good = core::to_lower_ascii(core::trim(
                 std::string_view(h.disposition).substr(0, h.disposition.find(';')))) == "form-data";
    return h;
}

} // namespace

namespace {

std::optional<std::string> decode(std::string_view s, char plus) {
    std::string out;
    out.reserve(s.size());
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '+') {
            out += plus;
        } else if (s[i] == '%') {
            if (i + 2 >= s.size()) return std::nullopt;
            const int high = hex_value(s[i + 1]);
            const int low = hex_value(s[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += s[i];
        }
    }
    if (!is_clean(out)) return std::nullopt;
    return out;
}

} // namespace

std::optional<std::string> url_decode(std::string_view s) {
    return decode(s, ' ');
}

std::optional<std::string> path_decode(std::string_view s) {
    return decode(s, '+');
}

std::string url_encode(std::string_view s) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : s) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        const auto b = static_cast<unsigned char>(c);
        if (plain)
            out += c;
        else
            out.append({'%', hex[b >> 4], hex[b & 15]});
    }
    return out;
}

std::optional<name_values> parse_urlencoded(std::string_view s) {
    name_values out;
    int pairs = 0;
    while (!s.empty()) {
        if (++pairs > 2000) return std::nullopt;
        const auto end = std::min(s.find('&'), s.size());
        const auto pair = s.substr(0, end);
        s.remove_prefix(std::min(end + 1, s.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = url_decode(pair.substr(0, equals));
        auto text = url_decode(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !text) return std::nullopt;
        out.add(std::move(*name), std::move(*text));
    }
    return out;
}

name_values parse_cookies(std::string_view header) {
    name_values out;
    while (!header.empty()) {
        const auto end = std::min(header.find(';'), header.size());
        const auto pair = core::trim(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos)
            out.add(std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
    }
    return out;
}

std::optional<multipart> parse_multipart(std::string_view content_type, std::string_view body) {
    const std::string boundary = parameter(content_type, "boundary").value_or("");
    if (boundary.empty() || boundary.size() > 70) return std::nullopt;
    const std::string opening = "--" + boundary;
    const std::string delimiter = "\r\n" + opening;
    if (!body.starts_with(opening)) return std::nullopt;
    body.remove_prefix(opening.size());
    multipart out;
    for (int parts = 0; parts < 200; ++parts) {
        if (body.starts_with("--")) return out; // the closing delimiter
        if (!body.starts_with("\r\n")) return std::nullopt;
        body.remove_prefix(2);
        const auto head_end = body.find("\r\n\r\n");
        const auto next = head_end == std::string_view::npos ? head_end : body.find(delimiter, head_end + 2);
        if (next == std::string_view::npos || head_end > 8192) return std::nullopt;
        const auto head = read_part_header(body.substr(0, head_end));
        const std::string name = parameter(head.disposition, "name").value_or("");
        if (!head.good || !is_clean(name) || name.empty()) return std::nullopt;
        std::string content;
        if (next > head_end + 4) content = std::string(body.substr(head_end + 4, next - head_end - 4));
        body.remove_prefix(next + delimiter.size());
        const auto file_name = parameter(head.disposition, "filename");
        if (!file_name) {
            if (!is_clean(content)) return std::nullopt;
            out.fields.add(name, std::move(content));
            continue;
        }
        if (!is_clean(*file_name)) return std::nullopt;
        if (file_name->empty() && content.empty()) continue; // a file field left empty
        out.files.push_back({name, core::tidy_line(*file_name), std::move(content)});
    }
    return std::nullopt;
}

} // namespace wechat
