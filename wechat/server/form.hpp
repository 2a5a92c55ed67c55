// Bodies of forms: urlencoded and multipart/form-data, strict and bounded; query strings; cookies.
#pragma once
#include "core/base/result.hpp"
#include "wechat/server/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat {

// Percent-decoding with '+' as blank; nullopt for malformed escapes, NUL or invalid UTF-8.
std::optional<std::string> url_decode(std::string_view s);
std::optional<std::string> path_decode(std::string_view s);      // the same, but '+' is a plus
std::string url_encode(std::string_view s);                      // everything but unreserved characters
std::optional<name_values> parse_urlencoded(std::string_view s); // at most 2000 pairs
name_values parse_cookies(std::string_view header);

struct multipart {
    name_values fields;
    std::vector<uploaded_file> files;
};
// Refuses: wrong or missing boundary, cut bodies, parts without a name, more than 200 parts.
std::optional<multipart> parse_multipart(std::string_view content_type, std::string_view body);

} // namespace wechat
