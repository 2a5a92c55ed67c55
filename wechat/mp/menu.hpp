// The account's menu: templates/menu/menu.json with our own address put in, checked against WeChat's limits.
#pragma once
#include "core/base/result.hpp"
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "wechat/mp/api.hpp"

namespace wechat::mp {

// Refuses (menu.invalid, arg why): more than 3 buttons or 5 entries, names over 16 or 60 bytes, keys over
// 128, addresses over 1024 bytes, a missing type (wechat-platform.md 12).
core::result<core::value> load_menu(const core::template_set& templates, const std::string& public_url);
core::result<> publish_menu(api& a, const core::value& menu);

} // namespace wechat::mp
