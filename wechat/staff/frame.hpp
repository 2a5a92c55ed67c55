// What every staff page has around it.
#pragma once
#include "core/appointment/queries.hpp"
#include "core/base/value.hpp"
#include "wechat/frame/parts.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/router.hpp"

#include <string>
#include <string_view>

namespace wechat::staff {

response render(const request& r, core::db::read_view& view, services& s, std::string_view page,
                std::string_view title, std::string_view crumbs, core::value model, int status = 200);
response refuse(const request& r, core::db::read_view& view, services& s, const core::error& e);
core::value tab(std::string_view href, std::string_view label, int count, bool current);
std::string waited(core::instant since, core::instant now); // 已等 2 天
struct deadline {
    std::string text;       // 剩 3 小时, 剩 5 个工作日, 超时 1 个工作日
    std::string_view style; // late, soon or ""
};
// working_days: from today to the deadline, below zero when it has passed; less than a day is said in hours.
deadline deadline_of(core::instant due, core::instant now, int working_days);

} // namespace wechat::staff
