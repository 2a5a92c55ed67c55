// The value rules of template messages since 2023 (wechat-platform.md 15): any text becomes one that WeChat
// takes for its kind of field. Not a judge of meaning: what a field should say is in templates/messages.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// thing3, time2, character_string1 …: a kind this program can fit, and a number. `const` is not among them:
// its values are approved one by one, so no text of ours can be made to fit.
bool is_field_name(std::string_view name);

// Cleans and cuts: one line, never empty, no characters that strict kinds refuse; thing at most 20 characters
// with … when cut, character_string ASCII at most 32, phrase at most 5 Chinese characters, time and date as
// 2026年11月25日 10:00~11:30 (guarantees N16). Throws std::invalid_argument for what is no field name.
std::string fit_value(std::string_view field_name, std::string_view text);
// Several items in one field: whole ones, as many as there is room for, and how many there are:
// 「JD202601、JD202602 等 5 份」. Never cuts within an item of several.
std::string fit_list(std::string_view field_name, const std::vector<std::string>& items);
// What stands in the field when there is nothing to say is made up: a day or an amount nobody meant.
bool needs_value(std::string_view field_name);
// A path of ours: visible ASCII, nothing else.
std::string fit_path(std::string_view text);

} // namespace notify
