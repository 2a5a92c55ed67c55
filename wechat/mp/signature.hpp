// WeChat's signatures: SHA-1 over sorted parts, lower-case hex, compared in constant time.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace wechat::mp {

// hex(SHA1(concat(sort(parts)))): plain byte order of the texts (wechat-platform.md 3, 4).
std::string sign(std::initializer_list<std::string_view> parts);
bool same_signature(std::string_view a, std::string_view b); // both 40 characters, else false

} // namespace wechat::mp
