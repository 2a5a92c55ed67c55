// The simulated WeChat's API without sockets: a desk that asks it as the product would, on a clock of its
// own.
#pragma once
#include "core/base/clock.hpp"
#include "core/base/value.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

inline const std::string first_phone = "oSandboxPhone0000000000000001";
inline const std::string second_phone = "oSandboxPhone0000000000000002";
inline const std::string sandbox_appid = "wx0123456789abcdef";
inline const std::string sandbox_secret = "0123456789abcdef0123456789abcdef";

struct sandbox_desk {
    explicit sandbox_desk(std::filesystem::path file = {});

    wechat::response ask(wechat::method m, std::string_view target, std::string body = {},
                         std::vector<wechat::uploaded_file> files = {});
    core::value get(std::string_view target);
    core::value post(std::string_view target, std::string body);
    core::value post_value(std::string_view target, const core::value& body);
    void sign_in();                              // takes a stable token, sent with what follows
    std::string legacy();                        // a token of /cgi-bin/token
    std::int64_t with(const std::string& token); // errcode of a harmless call

    core::fixed_clock time;
    wechat::sandbox::platform platform;
    wechat::services services;
    std::string token;
};

// Template T1 (thing1, character_string2) to a person.
core::value template_to(const std::string& openid, const std::string& thing,
                        const std::string& client_id = {});

} // namespace tests
