#include "wechat/sandbox/routes.hpp"

#include "wechat/sandbox/api_host.hpp"
#include "wechat/sandbox/apis.hpp"
#include "wechat/sandbox/phone_pages.hpp"
#include "wechat/sandbox/script.hpp"
#include "wechat/sandbox/sns_pages.hpp"

#include <array>
#include <vector>

namespace wechat::sandbox {
namespace {

constexpr std::size_t largest_upload = 11 * 1024 * 1024;

constexpr auto pages = std::to_array<route>({
    get_task("/connect/oauth2/authorize", anyone, authorize),
    get_task("/connect/qrconnect", anyone, website_sign_in),
    get_task("/connect/qrcode/{}", anyone, show_sign_in_picture),
    get_task("/connect/confirm", anyone, confirm_sign_in),
    post_task("/connect/confirm", anyone, decide_sign_in),
    get_task("/cgi-bin/showqrcode", anyone, show_code_picture),
    get_task("/", anyone, phone_page),
    get_task("/phone/codes", anyone, list_codes),
    get_task("/phone/events", anyone, phone_events),
    post_task("/phone/{}", anyone, phone_act),
    post_task("/control/fault", anyone, set_fault),
    get_task("/control/faults", anyone, list_faults),
    get_task("/control/secrets", anyone, list_secrets),
    get_task("/control/sent", anyone, list_sent),
    post_task("/control/script", anyone, run_script),
    post_task("/control/{}", anyone, change_world),
});

// Each address of the API takes both methods: the wrong one gets WeChat's code for it.
std::vector<route> all_routes() {
    std::vector<route> all(pages.begin(), pages.end());
    for (const auto& row : api_table()) {
        all.push_back(get_task(row.path, anyone, serve_api));
        all.push_back(post_task(row.path, anyone, serve_api));
        all.back().body_limit = largest_upload;
    }
    return all;
}

} // namespace

std::span<const route> routes() {
    static const std::vector<route> table = all_routes();
    return table;
}

} // namespace wechat::sandbox
