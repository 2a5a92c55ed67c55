// Handlers of the phones in the browser, and of the switches tests use.
#pragma once
#include "core/base/result.hpp"
#include "wechat/server/router.hpp"

namespace wechat::sandbox {

core::result<response> phone_page(const request& r, services& s);   // GET /?phone=openid
core::result<response> phone_events(const request& r, services& s); // GET /phone/events?after=
// POST /phone/{follow,unfollow,say,tap,scan,accept,decline,refuse,unrefuse,snapshot}
core::result<response> phone_act(const request& r, services& s);
core::result<response> list_codes(const request& r, services& s);  // GET /phone/codes
core::result<response> set_fault(const request& r, services& s);   // POST /control/fault
core::result<response> list_faults(const request& r, services& s); // GET /control/faults
// POST /control/{phone,crowd,move,expire,quota,subscription}
core::result<response> change_world(const request& r, services& s);
core::result<response> list_secrets(const request& r, services& s); // GET /control/secrets
core::result<response> list_sent(const request& r, services& s);    // GET /control/sent

} // namespace wechat::sandbox
