// Handlers of the simulated API host.
#pragma once
#include "core/base/result.hpp"
#include "wechat/server/router.hpp"

namespace wechat::sandbox {

core::result<response> stable_token(const request& r, services& s);
core::result<response> list_callback_ips(const request& r, services& s);
core::result<response> send_template(const request& r, services& s);
core::result<response> list_templates(const request& r, services& s);
core::result<response> create_menu(const request& r, services& s);
core::result<response> get_menu(const request& r, services& s);
core::result<response> create_qr(const request& r, services& s);
core::result<response> user_info(const request& r, services& s);
core::result<response> user_list(const request& r, services& s);
core::result<response> exchange_code(const request& r, services& s);
core::result<response> authorize(const request& r, services& s);

} // namespace wechat::sandbox
