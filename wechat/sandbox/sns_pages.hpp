// Pages of open.weixin.qq.com and mp.weixin.qq.com that people see: web authorisation in WeChat, scan sign-in
// on the desktop, pictures of QR codes (wechat-platform.md 14, 20, 21).
#pragma once
#include "core/base/result.hpp"
#include "wechat/server/router.hpp"

namespace wechat::sandbox {

core::result<response> authorize(const request& r, services& s);            // /connect/oauth2/authorize
core::result<response> website_sign_in(const request& r, services& s);      // /connect/qrconnect
core::result<response> show_sign_in_picture(const request& r, services& s); // /connect/qrcode/{uuid}
core::result<response> confirm_sign_in(const request& r, services& s);      // /connect/confirm, on the phone
core::result<response> decide_sign_in(const request& r, services& s);       // its form
core::result<response> show_code_picture(const request& r, services& s);    // /cgi-bin/showqrcode

} // namespace wechat::sandbox
