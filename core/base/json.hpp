// JSON text to core::value and back. UTF-8 is written unescaped (WeChat refuses \uXXXX, errcode 40033);
// integers stay 64-bit. Fractions are refused: nothing of ours has any.
#pragma once
#include "core/base/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace core {

std::string to_json(const value& v);
std::optional<value> parse_json(std::string_view text); // nullopt: malformed, too deep (32), or has fractions

} // namespace core
