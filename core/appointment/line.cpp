#include "core/appointment/line.hpp"

#include "core/appointment/rule.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace core::appointment {
namespace {

struct named_status {
    line_status status;
    std::string_view code;
    status_tag tag;
};
constexpr std::array<named_status, 7> names = {{
    {line_status::booked, "booked", {"info", "已预约"}},
    {line_status::checked_in, "checked_in", {"move", "检定中"}},
    {line_status::passed, "passed", {"ok", "合格"}},
    {line_status::failed, "failed", {"bad", "不合格"}},
    {line_status::not_tested, "not_tested", {"mute", "未检"}},
    {line_status::returned, "returned", {"bad", "退单"}},
    {line_status::dropped, "dropped", {"mute", "已取消"}},
}};

const named_status& named(line_status s) {
    return *std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.status == s; });
}

} // namespace

std::string_view code_of(line_status s) {
    return named(s).code;
}

line_status line_status_of(std::string_view code) {
    const auto* found =
        std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.code == code; });
    if (found == names.end()) throw std::logic_error("no such line status: " + std::string(code));
    return found->status;
}

status_tag line_tag(line_status s) {
    return named(s).tag;
}

std::string summarise(std::span<const line> lines) {
    std::vector<std::pair<std::string, int>> kinds;
    for (const auto& l : lines) {
        const auto same =
            std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == l.name; });
        if (same == kinds.end())
            kinds.emplace_back(l.name, 1);
        else
            ++same->second;
    }
    std::stable_sort(kinds.begin(), kinds.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < kinds.size() && i < 2; ++i)
        text += (i == 0 ? "" : "、") + kinds[i].first + " " + std::to_string(kinds[i].second);
    if (kinds.size() > 2) text += " 等 " + std::to_string(kinds.size()) + " 种";
    return text;
}

bool is_less_one_day(db::read_view& view, std::int64_t institution) {
    return rule_at(view, institution, "results.less_one_day") != 0;
}

date propose_valid_until(date verified_on, int period_months, bool less_one_day) {
    const date end = add_months(verified_on, period_months);
    const bool is_clamped = end.day() != verified_on.day(); // a short month has taken the day already
    return less_one_day && !is_clamped ? add_days(end, -1) : end;
}

} // namespace core::appointment
