// What may be set about appointments: one table with the usual value, range and meaning of each rule. A rule
// is the institution's, else the platform's, else the usual one. First and last bookable day and the time to
// answer are fields of the institution itself (core/catalogue: lead_days, horizon_days, confirm_days).
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace core::appointment {

struct rule {
    std::string_view name;
    int usual, least, most;
    std::string_view meaning; // as the settings page shows it
};
inline constexpr std::array<rule, 10> rules = {{
    {"orders.auto_confirm", 0, 0, 1, "预约提交后自动确认（1 是，0 否）"},
    {"orders.cancel_hours", 0, 0, 720, "已确认的预约，开始前多少小时起企业不能取消"},
    {"orders.move_hours", 0, 0, 720, "已确认的预约，开始前多少小时起企业不能改期"},
    {"orders.most_open", 50, 1, 10'000, "一家企业在本机构最多同时有多少个未办结的预约单"},
    {"orders.most_per_day", 20, 1, 1'000, "一家企业在本机构同一天最多多少个预约单"},
    {"orders.no_shows", 3, 0, 100, "爽约多少次后须由机构代约（0 不限制）"},
    {"orders.no_show_days", 90, 1, 730, "爽约次数按最近多少天计算"},
    {"orders.finish_days", 7, 1, 60, "收检后多少个工作日完检（告知企业的预计日期）"},
    {"results.less_one_day", 1, 0, 1, "有效期至比周期届满日早一天（1 是，0 否）"},
    {"slots.makeup_weekday", 5, 1, 7, "调休上班的周末没有自己的时段时，按星期几的时段开放"},
}};
const rule* find_rule(std::string_view name); // nullptr for a name that does not exist

// The value that counts at this institution. Throws for a name that does not exist.
int rule_at(db::read_view& view, std::int64_t institution, std::string_view name);

struct rule_value {
    const rule* what = nullptr;
    int value = 0;    // that counts
    bool own = false; // set by the institution itself
};
// All rules at the institution, in the order of the table. For its administrators and schedulers, and the
// platform.
result<std::vector<rule_value>> list_rules(db::read_view& view, const actor& who, std::int64_t institution);
// By administrators of the institution; of the platform too, and with institution 0 for all that have none of
// their own. nullopt: back to the platform's, or the usual one. Refuses not_allowed, rule.name, rule.range
// (args least, most).
result<> set_rule(db::write_tx& tx, const actor& who, std::int64_t institution, std::string_view name,
                  std::optional<int> value);

} // namespace core::appointment
