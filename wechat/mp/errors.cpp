#include "wechat/mp/errors.hpp"

#include <algorithm>
#include <array>

namespace wechat::mp {
namespace {

// Sorted by code.
constexpr auto table = std::to_array<known_error>({
    {-1, error_class::retry, "system busy"},
    {0, error_class::ok, "ok"},
    {40001, error_class::refresh_token, "access_token wrong or not the latest"},
    {40002, error_class::data, "grant_type wrong"},
    {40003, error_class::user, "openid wrong or of another account"},
    {40004, error_class::data, "media type wrong"},
    {40005, error_class::data, "file type wrong"},
    {40006, error_class::data, "file size wrong"},
    {40007, error_class::data, "media_id wrong"},
    {40008, error_class::data, "message type wrong"},
    {40009, error_class::data, "image size wrong"},
    {40010, error_class::data, "voice size wrong"},
    {40011, error_class::data, "video size wrong"},
    {40012, error_class::data, "thumbnail size wrong"},
    {40013, error_class::account, "appid wrong"},
    {40014, error_class::refresh_token, "access_token invalid"},
    {40015, error_class::data, "menu type wrong"},
    {40016, error_class::data, "number of menu buttons wrong"},
    {40017, error_class::data, "menu button type wrong"},
    {40018, error_class::data, "menu button name length wrong"},
    {40019, error_class::data, "menu button key length wrong"},
    {40020, error_class::data, "menu button url length wrong"},
    {40021, error_class::data, "menu version wrong"},
    {40022, error_class::data, "submenu depth wrong"},
    {40023, error_class::data, "number of submenu buttons wrong"},
    {40024, error_class::data, "submenu button type wrong"},
    {40025, error_class::data, "submenu button name length wrong"},
    {40026, error_class::data, "submenu button key length wrong"},
    {40027, error_class::data, "submenu button url length wrong"},
    {40028, error_class::data, "menu user wrong"},
    {40029, error_class::authorise, "OAuth code invalid"},
    {40030, error_class::authorise, "refresh_token invalid"},
    {40031, error_class::data, "openid list wrong"},
    {40032, error_class::data, "openid list too long"},
    {40033, error_class::data, "body contains \\u escapes"},
    {40035, error_class::data, "parameter wrong"},
    {40036, error_class::one_template, "template_id length wrong"},
    {40037, error_class::one_template, "template_id invalid"},
    {40038, error_class::data, "request format wrong"},
    {40039, error_class::data, "url length wrong"},
    {40048, error_class::data, "url domain wrong"},
    {40054, error_class::data, "menu url domain wrong"},
    {40055, error_class::data, "submenu url domain wrong"},
    {40066, error_class::data, "url wrong"},
    {40097, error_class::data, "argument wrong"},
    {40125, error_class::account, "AppSecret wrong"},
    {40163, error_class::authorise, "OAuth code already used"},
    {40164, error_class::account, "this server's address is not in the IP whitelist"},
    {40243, error_class::account, "AppSecret is frozen"},
    {41001, error_class::data, "access_token missing"},
    {41002, error_class::account, "appid missing"},
    {41003, error_class::data, "refresh_token missing"},
    {41004, error_class::account, "AppSecret missing"},
    {41005, error_class::data, "media data missing"},
    {41006, error_class::data, "media_id missing"},
    {41007, error_class::data, "menu data missing"},
    {41008, error_class::data, "OAuth code missing"},
    {41009, error_class::data, "openid missing"},
    {41028, error_class::data, "form_id wrong"},
    {41029, error_class::data, "form_id used"},
    {41030, error_class::data, "page wrong"},
    {42001, error_class::refresh_token, "access_token expired"},
    {42002, error_class::authorise, "refresh_token expired"},
    {42003, error_class::authorise, "OAuth code expired"},
    {42007, error_class::authorise, "the person changed the WeChat password"},
    {43001, error_class::data, "GET needed"},
    {43002, error_class::data, "POST needed"},
    {43003, error_class::data, "HTTPS needed"},
    {43004, error_class::user, "the person does not follow the account"},
    {43019, error_class::user, "the person is in the account's blacklist"},
    {43100, error_class::quota_day, "templates changed too often"},
    {43101, error_class::user, "the person refused this message"},
    {43107, error_class::account, "subscription ability banned"},
    {43108, error_class::retry, "concurrent send"},
    {43116, error_class::one_template, "template limited for abuse"},
    {44001, error_class::data, "media empty"},
    {44002, error_class::data, "POST body empty"},
    {44003, error_class::data, "news empty"},
    {44004, error_class::data, "text empty"},
    {45001, error_class::data, "media too large"},
    {45002, error_class::data, "text too long"},
    {45003, error_class::data, "title too long"},
    {45004, error_class::data, "description too long"},
    {45005, error_class::data, "url too long"},
    {45006, error_class::data, "picture url too long"},
    {45007, error_class::data, "voice too long"},
    {45008, error_class::data, "too many articles"},
    {45009, error_class::quota_day, "daily quota used up"},
    {45010, error_class::data, "too many menus"},
    {45011, error_class::quota_minute, "per-minute limit"},
    {45015, error_class::user, "reply window closed"},
    {45016, error_class::data, "system group"},
    {45017, error_class::data, "group name too long"},
    {45018, error_class::data, "too many groups"},
    {45026, error_class::account, "too many templates"},
    {45035, error_class::account, "address of this server is not registered"},
    {45047, error_class::user, "customer-service count over the limit"},
    {45056, error_class::data, "too many tags"},
    {45059, error_class::data, "the person has too many tags"},
    {45065, error_class::benign, "clientmsgid exists"},
    {45066, error_class::retry, "clientmsgid repeated too fast"},
    {45067, error_class::data, "clientmsgid too long"},
    {45157, error_class::data, "tag name taken or wrong"},
    {45158, error_class::data, "tag name too long"},
    {45159, error_class::data, "no such tag"},
    {46001, error_class::data, "no such media"},
    {46002, error_class::data, "no such menu version"},
    {46003, error_class::benign, "no menu"},
    {46004, error_class::user, "the person does not exist"},
    {47001, error_class::data, "body is not JSON"},
    {47003, error_class::data, "template data do not match their kinds"},
    {48001, error_class::account, "API not authorised for this account"},
    {48002, error_class::user, "the person switched messages of this account off"},
    {48004, error_class::account, "API forbidden for violations"},
    {48005, error_class::data, "material in use"},
    {48006, error_class::quota_day, "clear_quota used up"},
    {48008, error_class::account, "no permission for this message type"},
    {49003, error_class::user, "openid of another account"},
    {50001, error_class::authorise, "the person has not authorised this API"},
    {50002, error_class::user, "the person is restricted"},
    {50005, error_class::user, "the person does not follow the account"},
    {50007, error_class::account, "account frozen"},
    {61004, error_class::account, "this server's address is not in the IP whitelist"},
    {61024, error_class::account, "component token required"},
    {61450, error_class::retry, "system error"},
    {61500, error_class::data, "date format wrong"},
    {65301, error_class::data, "no such menuid"},
    {65302, error_class::data, "no such user for a menu"},
    {65303, error_class::data, "no default menu"},
    {65304, error_class::data, "match rule empty"},
    {65305, error_class::data, "too many conditional menus"},
    {65306, error_class::data, "the account may not have conditional menus"},
    {65307, error_class::data, "conditional menu empty"},
    {65308, error_class::data, "button without an answer"},
    {65309, error_class::data, "conditional menus are switched off"},
    {65310, error_class::data, "country empty in the match rule"},
    {65311, error_class::data, "province empty in the match rule"},
    {65312, error_class::data, "country wrong in the match rule"},
    {65313, error_class::data, "province wrong in the match rule"},
    {65314, error_class::data, "city wrong in the match rule"},
    {65315, error_class::data, "match rule wrong"},
    {65316, error_class::data, "too many outside domains"},
    {65317, error_class::data, "menu url wrong"},
    {65318, error_class::data, "conditional menu wrong"},
    {65319, error_class::data, "conditional menu wrong"},
    {65320, error_class::data, "menu filter no longer allowed"},
    {87009, error_class::data, "signature error"},
    {89501, error_class::account, "IP call awaits the administrator's confirmation"},
    {89503, error_class::account, "IP call needs the administrator's confirmation"},
    {89506, error_class::account, "IP call refused by the administrator"},
    {89507, error_class::account, "IP call refused by the administrator for an hour"},
});

const known_error* find(int code) {
    const auto at = std::lower_bound(table.begin(), table.end(), code,
                                     [](const known_error& e, int c) { return e.code < c; });
    return at != table.end() && at->code == code ? &*at : nullptr;
}

} // namespace

std::span<const known_error> known_errors() {
    return table;
}

error_class class_of(int code) {
    const auto* e = find(code);
    return e == nullptr ? error_class::unknown : e->kind;
}

std::string_view meaning_of(int code) {
    const auto* e = find(code);
    return e == nullptr ? std::string_view() : e->meaning;
}

action action_of(error_class c) {
    switch (c) {
    case error_class::ok:
    case error_class::benign:
        return action::nothing;
    case error_class::refresh_token:
        return action::renew_token;
    case error_class::retry:
    case error_class::unknown: // a few times, then shown with errmsg and rid
        return action::retry_later;
    case error_class::quota_day:
        return action::wait_for_day;
    case error_class::quota_minute:
        return action::wait_a_minute;
    case error_class::user:
        return action::mark_user;
    case error_class::data:
        return action::give_up;
    case error_class::one_template:
        return action::park_template;
    case error_class::account:
        return action::pause_and_alarm;
    case error_class::authorise:
        return action::authorise_again;
    }
    return action::retry_later;
}

notify::verdict verdict_of(error_class c) {
    using notify::verdict;
    switch (c) {
    case error_class::ok:
    case error_class::benign:
        return verdict::accepted;
    case error_class::refresh_token:
        return verdict::not_sent; // the one retry has failed too
    case error_class::retry:
    case error_class::unknown:
        return verdict::in_doubt; // -1 does not say whether it was sent
    case error_class::quota_day:
        return verdict::quota;
    case error_class::quota_minute:
        return verdict::slow_down;
    case error_class::user:
        return verdict::user_refused;
    case error_class::data:
    case error_class::authorise:
        return verdict::data_refused;
    case error_class::one_template:
        return verdict::template_refused;
    case error_class::account:
        return verdict::account_down;
    }
    return verdict::in_doubt;
}

} // namespace wechat::mp
