// What handlers may use. Filled once by wechat/app.*; everything here outlives every request.
#pragma once
#include "core/account/password.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/server/problem.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/view.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace notify {
class hub;
class message_book;
} // namespace notify
namespace wechat::mp {
class api;
class callback;
class doctor;
class jsapi_ticket;
} // namespace wechat::mp
namespace wechat::sandbox {
class platform;
}

namespace wechat {

struct services {
    const core::clock* time = nullptr;
    core::db::database* db = nullptr;
    const view* pages = nullptr;
    const problem_texts* problems = nullptr;
    const mp::settings* wechat = nullptr;
    mp::api* api = nullptr;
    mp::callback* callback = nullptr;
    mp::doctor* doctor = nullptr;       // only when we talk to WeChat
    mp::jsapi_ticket* ticket = nullptr; // likewise
    notify::hub* hub = nullptr;
    notify::message_book* messages = nullptr;
    // Mails a code to an address (relay/email_channel); empty: e-mail is not configured.
    std::function<core::result<>(const std::string& address, const std::string& code)> mail_code;
    std::function<void()> wake_schedule;    // there is work for the rounds by the clock; empty: nobody waits
    std::function<std::string()> metrics;   // figures for the admin listener; empty: none
    core::account::hash_cost password_cost; // of hashes made at a sign-in
    std::filesystem::path attachments;      // folder of content-addressed files
    sandbox::platform* platform = nullptr;  // only in `qiangjian sandbox`; never in a production server
};

// Whether this page is given WeChat's JS-SDK (flag js_sdk of its model): inside WeChat only.
inline bool offers_js_sdk(const request& r, const services& s) {
    return s.ticket != nullptr && r.in_wechat();
}

} // namespace wechat
