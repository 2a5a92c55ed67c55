#include "wechat/sandbox/routes.hpp"

#include "wechat/sandbox/api_host.hpp"
#include "wechat/sandbox/phone_pages.hpp"

#include <array>

namespace wechat::sandbox {

std::span<const route> routes() {
    static constexpr auto table = std::to_array<route>({
        post_task("/cgi-bin/stable_token", anyone, stable_token),
        get_task("/cgi-bin/getcallbackip", anyone, list_callback_ips),
        post_task("/cgi-bin/message/template/send", anyone, send_template),
        get_task("/cgi-bin/template/get_all_private_template", anyone, list_templates),
        post_task("/cgi-bin/menu/create", anyone, create_menu),
        get_task("/cgi-bin/menu/get", anyone, get_menu),
        post_task("/cgi-bin/qrcode/create", anyone, create_qr),
        get_task("/cgi-bin/user/info", anyone, user_info),
        get_task("/cgi-bin/user/get", anyone, user_list),
        get_task("/sns/oauth2/access_token", anyone, exchange_code),
        get_task("/connect/oauth2/authorize", anyone, authorize),
        get_task("/", anyone, phone_page),
        get_task("/phone/codes", anyone, list_codes),
        get_task("/phone/events", anyone, phone_events),
        post_task("/phone/{}", anyone, phone_act),
        post_task("/control/fault", anyone, set_fault),
        get_task("/control/sent", anyone, list_sent),
    });
    return table;
}

} // namespace wechat::sandbox
