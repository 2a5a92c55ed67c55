// 消息 and 消息设置 as pages of one side of the counter: company/ and staff/ say where theirs lie and give
// their frame; everything else is the same.
#pragma once
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <string_view>

namespace wechat::inbox {

// One side of the counter.
struct place {
    std::string_view base;   // /messages
    std::string_view folder; // of its templates, with a slash at the end
    std::string_view title, crumbs, settings_crumbs;
    response (*frame)(const request& r, core::db::read_view& view, services& s, std::string_view page,
                      std::string_view title, std::string_view crumbs, core::value model, int status);
};

response list_page(const place& here, const request& r, core::db::read_view& view, services& s);
core::result<response> item_page(const place& here, const request& r, services& s); // marks it read
response settings_page(const place& here, const request& r, core::db::read_view& view, services& s);
// Shown again with what was typed when a field is refused.
core::result<response> save_settings_page(const place& here, const request& r, services& s);

} // namespace wechat::inbox
