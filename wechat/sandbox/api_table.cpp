// The addresses of the simulated API host: method, path, whether it wants a token, calls a day.
#include "wechat/sandbox/apis.hpp"

#include <algorithm>
#include <array>

namespace wechat::sandbox {
namespace {

constexpr bool by_token = true;
constexpr bool free_of_token = false;

constexpr auto table = std::to_array<api_row>({
    {method::get, "/cgi-bin/token", free_of_token, 2000, token},
    {method::post, "/cgi-bin/stable_token", free_of_token, 500'000, stable_token},
    {method::get, "/cgi-bin/ticket/getticket", by_token, 0, get_ticket},
    {method::post, "/cgi-bin/openapi/quota/get", by_token, 0, get_quota},
    {method::post, "/cgi-bin/openapi/quota/clear", by_token, 0, clear_path_quota},
    {method::post, "/cgi-bin/openapi/rid/get", by_token, 0, get_rid},
    {method::post, "/cgi-bin/clear_quota", by_token, 0, clear_quota},
    {method::post, "/cgi-bin/clear_quota/v2", free_of_token, 0, clear_quota_by_secret},
    {method::get, "/cgi-bin/getcallbackip", by_token, 0, list_addresses},
    {method::get, "/cgi-bin/get_api_domain_ip", by_token, 0, list_addresses},
    {method::post, "/cgi-bin/callback/check", by_token, 0, check_callback},
    {method::get, "/cgi-bin/user/info", by_token, 5'000'000, user_info},
    {method::post, "/cgi-bin/user/info/batchget", by_token, 5'000'000, user_info_batch},
    {method::post, "/cgi-bin/user/info/updateremark", by_token, 10'000, set_remark},
    {method::get, "/cgi-bin/user/get", by_token, 500, user_list},
    {method::post, "/cgi-bin/changeopenid", by_token, 0, change_openid},
    {method::post, "/cgi-bin/tags/create", by_token, 1000, create_tag},
    {method::get, "/cgi-bin/tags/get", by_token, 1000, list_tags},
    {method::post, "/cgi-bin/tags/update", by_token, 1000, update_tag},
    {method::post, "/cgi-bin/tags/delete", by_token, 1000, delete_tag},
    {method::post, "/cgi-bin/tags/members/batchtagging", by_token, 100'000, tag_people},
    {method::post, "/cgi-bin/tags/members/batchuntagging", by_token, 100'000, untag_people},
    {method::post, "/cgi-bin/tags/getidlist", by_token, 100'000, tags_of},
    {method::post, "/cgi-bin/user/tag/get", by_token, 1000, tag_members},
    {method::post, "/cgi-bin/message/template/send", by_token, 100'000, send_template},
    {method::post, "/cgi-bin/message/subscribe/bizsend", by_token, 0, send_subscription},
    {method::post, "/cgi-bin/message/custom/send", by_token, 500'000, send_custom},
    {method::post, "/cgi-bin/message/custom/typing", by_token, 0, show_typing},
    {method::get, "/cgi-bin/template/get_all_private_template", by_token, 0, list_templates},
    {method::post, "/cgi-bin/template/api_add_template", by_token, 0, add_template},
    {method::post, "/cgi-bin/template/del_private_template", by_token, 0, delete_template},
    {method::get, "/cgi-bin/template/get_industry", by_token, 0, get_industry},
    {method::post, "/cgi-bin/template/api_set_industry", by_token, 0, set_industry},
    {method::get, "/wxaapi/newtmpl/gettemplate", by_token, 0, list_subscription_templates},
    {method::post, "/wxaapi/newtmpl/addtemplate", by_token, 0, add_subscription_template},
    {method::post, "/wxaapi/newtmpl/deltemplate", by_token, 0, delete_subscription_template},
    {method::get, "/wxaapi/newtmpl/getcategory", by_token, 0, subscription_categories},
    {method::get, "/wxaapi/newtmpl/getpubtemplatetitles", by_token, 0, subscription_titles},
    {method::get, "/wxaapi/newtmpl/getpubtemplatekeywords", by_token, 0, subscription_keywords},
    {method::post, "/cgi-bin/menu/create", by_token, 1000, create_menu},
    {method::get, "/cgi-bin/menu/get", by_token, 10'000, get_menu},
    {method::get, "/cgi-bin/menu/delete", by_token, 1000, delete_menu},
    {method::get, "/cgi-bin/get_current_selfmenu_info", by_token, 10'000, current_menu},
    {method::post, "/cgi-bin/menu/addconditional", by_token, 2000, add_conditional_menu},
    {method::post, "/cgi-bin/menu/delconditional", by_token, 2000, delete_conditional_menu},
    {method::post, "/cgi-bin/menu/trymatch", by_token, 20'000, try_match},
    {method::post, "/cgi-bin/qrcode/create", by_token, 100'000, create_qr},
    {method::post, "/cgi-bin/media/upload", by_token, 100'000, upload_media},
    {method::get, "/cgi-bin/media/get", by_token, 200'000, get_media},
    {method::get, "/sns/oauth2/access_token", free_of_token, 0, exchange_code},
    {method::get, "/sns/oauth2/refresh_token", free_of_token, 0, refresh_sns_token},
    {method::get, "/sns/userinfo", free_of_token, 0, sns_user},
    {method::get, "/sns/auth", free_of_token, 0, check_sns_token},
});

} // namespace

std::span<const api_row> api_table() {
    return table;
}

const api_row* find_api(std::string_view path) {
    const auto at =
        std::find_if(table.begin(), table.end(), [&](const api_row& r) { return r.path == path; });
    return at == table.end() ? nullptr : &*at;
}

} // namespace wechat::sandbox
