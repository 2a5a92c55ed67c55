// The value rules of template messages since 2023 (wechat-platform.md 15): any text becomes one that WeChat
// takes for its kind of field. Not a judge of meaning: what a field should say is in templates/messages.
#pragma once
#include <string>
#include <string_view>

namespace notify {

// thing3, time2, character_string1 …: a kind this program can fit, and a number. `const` is not among them:
// its values are approved one by one, so no text of ours can be made to fit.
bool is_field_name(std::string_view name);

// Cleans and cuts: one line, never empty, no characters that strict kinds refuse; thing at most 20 characters
// with … when cut, character_string ASCII at most 32, phrase at most 5 Chinese characters, time and date as
// 2026年11月25日 10:00~11:30 (guarantees N16). Throws std::invalid_argument for what is no field name.
std::string fit_value(std::string_view field_name, std::string_view text);
// A path of ours: visible ASCII, nothing else.
std::string fit_path(std::string_view text);

} // namespace notify
