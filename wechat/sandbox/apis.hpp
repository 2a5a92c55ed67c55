// WeChat's API calls by topic, each a function of the platform's state and one call; api_table.cpp names the
// addresses. What is refused and with which code follows wechat-platform.md; no HTTP and no lock here.
#pragma once
#include "core/base/value.hpp"
#include "wechat/sandbox/state.hpp"
#include "wechat/server/request.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::sandbox {

struct api_call {
    const request* http = nullptr;
    core::value body; // parsed JSON; an empty object without one

    std::string query(std::string_view name) const { return std::string(http->query.get(name)); }
};

struct api_answer {
    api_answer(core::value v) : json(std::move(v)) {}
    core::value json;
    std::string bytes, media_type, file_name; // media/get: instead of JSON
};

using api_fn = api_answer (*)(state&, const api_call&);

struct api_row {
    wechat::method method;
    std::string_view path;
    bool needs_token;
    std::int64_t daily; // calls a day; 0: no limit
    api_fn run;
};
std::span<const api_row> api_table();
const api_row* find_api(std::string_view path);

// tokens and the account: token_api.cpp
api_answer token(state& s, const api_call& c);
api_answer stable_token(state& s, const api_call& c);
api_answer get_ticket(state& s, const api_call& c);
api_answer get_quota(state& s, const api_call& c);
api_answer clear_quota(state& s, const api_call& c);
api_answer clear_quota_by_secret(state& s, const api_call& c);
api_answer clear_path_quota(state& s, const api_call& c);
api_answer get_rid(state& s, const api_call& c);
api_answer list_addresses(state& s, const api_call& c);
api_answer check_callback(state& s, const api_call& c);

// people: user_api.cpp, tag_api.cpp
api_answer user_info(state& s, const api_call& c);
api_answer user_info_batch(state& s, const api_call& c);
api_answer user_list(state& s, const api_call& c);
api_answer set_remark(state& s, const api_call& c);
api_answer change_openid(state& s, const api_call& c);
api_answer create_tag(state& s, const api_call& c);
api_answer list_tags(state& s, const api_call& c);
api_answer update_tag(state& s, const api_call& c);
api_answer delete_tag(state& s, const api_call& c);
api_answer tag_members(state& s, const api_call& c);
api_answer tag_people(state& s, const api_call& c);
api_answer untag_people(state& s, const api_call& c);
api_answer tags_of(state& s, const api_call& c);

// messages: message_api.cpp, template_api.cpp
api_answer send_template(state& s, const api_call& c);
api_answer send_subscription(state& s, const api_call& c);
api_answer send_custom(state& s, const api_call& c);
api_answer show_typing(state& s, const api_call& c);
api_answer list_templates(state& s, const api_call& c);
api_answer add_template(state& s, const api_call& c);
api_answer delete_template(state& s, const api_call& c);
api_answer get_industry(state& s, const api_call& c);
api_answer set_industry(state& s, const api_call& c);
api_answer list_subscription_templates(state& s, const api_call& c);
api_answer add_subscription_template(state& s, const api_call& c);
api_answer delete_subscription_template(state& s, const api_call& c);
api_answer subscription_categories(state& s, const api_call& c);
api_answer subscription_titles(state& s, const api_call& c);
api_answer subscription_keywords(state& s, const api_call& c);

// menu: menu_api.cpp
api_answer create_menu(state& s, const api_call& c);
api_answer get_menu(state& s, const api_call& c);
api_answer delete_menu(state& s, const api_call& c);
api_answer current_menu(state& s, const api_call& c);
api_answer add_conditional_menu(state& s, const api_call& c);
api_answer delete_conditional_menu(state& s, const api_call& c);
api_answer try_match(state& s, const api_call& c);
core::value menu_for(const state& s, const phone& p); // the buttons this phone shows; null without a menu

// codes and media: media_api.cpp
api_answer create_qr(state& s, const api_call& c);
api_answer upload_media(state& s, const api_call& c);
api_answer get_media(state& s, const api_call& c);

// web sign-in: sns_api.cpp
std::string make_oauth_code(state& s, std::string_view openid, std::string_view appid,
                            std::string_view scope);
api_answer exchange_code(state& s, const api_call& c);
api_answer refresh_sns_token(state& s, const api_call& c);
api_answer sns_user(state& s, const api_call& c);
api_answer check_sns_token(state& s, const api_call& c);

} // namespace wechat::sandbox
