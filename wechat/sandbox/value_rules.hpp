// The platform's rules for template fields since 2023 (wechat-platform.md 15), as WeChat enforces them.
#pragma once
#include <string_view>

namespace wechat::sandbox {

// Whether `text` is accepted for a field named like "thing3", "character_string1", "time2", "phrase4".
bool is_accepted(std::string_view field_name, std::string_view text);

} // namespace wechat::sandbox
