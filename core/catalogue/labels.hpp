// The enumerations of the instrument form (Figure 8) with the manual's Chinese words. One table each, used by
// forms, validation, pages and import alike.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace core {

struct label {
    std::string_view code; // as stored
    std::string_view text; // as shown
};

inline constexpr std::array<label, 4> purposes = {
    {{"trade", "贸易结算"}, {"safety", "安全防护"}, {"medical", "医疗卫生"}, {"environment", "环境监测"}}};
inline constexpr std::array<label, 2> methods = {{{"deliver", "送检"}, {"onsite", "现场"}}};
inline constexpr std::array<label, 2> origins = {{{"domestic", "国产"}, {"imported", "进口"}}};
inline constexpr std::array<label, 2> instrument_types = {
    {{"working", "工作计量器具"}, {"standard", "计量标准器具"}}};
// How it is used, as a company says when it submits a filing; "" when it did not say.
inline constexpr std::array<label, 2> declared_uses = {
    {{"listed", "与目录的范围一致"}, {"otherwise", "其他用法，如单位内部使用"}}};
inline constexpr std::array<label, 5> instrument_states = {
    {{"new", "新增"}, {"in_use", "在用"}, {"stopped", "停用"}, {"scrapped", "报废"}, {"repair", "维修"}}};
inline constexpr std::array<label, 3> supervisions = {
    {{"P", "型式批准"}, {"V", "强制检定"}, {"P+V", "型式批准、强制检定"}}};
inline constexpr std::array<label, 4> levels = {
    {{"province", "省级"}, {"city", "市级"}, {"county", "县级"}, {"town", "镇街"}}};
inline constexpr std::array<label, 3> results = {
    {{"passed", "合格"}, {"failed", "不合格"}, {"not_tested", "未检"}}};

constexpr std::string_view text_of(std::span<const label> table, std::string_view code) {
    for (const auto& l : table)
        if (l.code == code) return l.text;
    return {};
}
constexpr bool is_code_of(std::span<const label> table, std::string_view code) {
    return !text_of(table, code).empty();
}

// A status tag: ux.md section 5 (mute, info, move, ok, warn, bad) and its word.
struct status_tag {
    std::string_view tag;
    std::string_view text;
};

} // namespace core
