// 统一社会信用代码, GB 32100-2015: 18 characters of an alphabet of 31, the last one a check character.
#pragma once
#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace core::account {

// Normalises (trim, half-width, upper case) and checks. Refuses with field `uscc`: uscc.length (arg n),
// uscc.character (args character, place), uscc.check. Unknown region codes are not refused.
result<std::string> check_uscc(std::string_view typed);

// 1[3-9] and nine digits, or a land line with area code and perhaps an extension, given as 0757-12345678-123;
// blanks, hyphens and +86 removed (domain.md 8.2). Refuses with the given field: phone.required, phone.length
// (arg n), phone.form.
result<std::string> check_phone(std::string_view typed, std::string_view field = "phone");

} // namespace core::account
