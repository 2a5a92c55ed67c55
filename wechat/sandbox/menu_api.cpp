// The menu with its limits, and menus for some followers (wechat-platform.md 12).
#include "wechat/sandbox/apis.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace wechat::sandbox {
namespace {

constexpr auto keyed =
    std::to_array<std::string_view>({"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto",
                                     "pic_photo_or_album", "pic_weixin", "location_select"});
constexpr auto by_media = std::to_array<std::string_view>({"media_id", "view_limited"});
constexpr auto by_article = std::to_array<std::string_view>({"article_id", "article_view_limited"});

bool is_in(const auto& some, std::string_view name) {
    return std::find(some.begin(), some.end(), name) != some.end();
}

const core::value::list* list_of(const core::value& v, std::string_view name) {
    const auto* part = v.find(name);
    return part == nullptr ? nullptr : part->as_list();
}

bool is_web(const std::string& url) {
    return url.starts_with("https://") || url.starts_with("http://");
}

std::optional<core::value> wrong_leaf(state& s, const core::value& b, bool below) {
    const std::string name = b.text("name"), type = b.text("type"), url = b.text("url"), key = b.text("key");
    if (name.empty() || name.size() > (below ? 60u : 16u))
        return below ? s.refuse(40025, "invalid sub button name size")
                     : s.refuse(40018, "invalid button name size");
    if (type == "view" || type == "miniprogram") {
        if (url.empty() || url.size() > 1024)
            return below ? s.refuse(40027, "invalid sub button url size")
                         : s.refuse(40020, "invalid button url size");
        if (!is_web(url))
            return below ? s.refuse(40055, "invalid sub button url domain")
                         : s.refuse(40054, "invalid button url domain");
        if (type == "miniprogram" && (b.text("appid").empty() || b.text("pagepath").empty()))
            return s.refuse(40166, "invalid weapp appid");
        return std::nullopt;
    }
    if (is_in(keyed, type)) {
        if (key.empty() || key.size() > 128)
            return below ? s.refuse(40026, "invalid sub button key size")
                         : s.refuse(40019, "invalid button key size");
        return std::nullopt;
    }
    if (is_in(by_media, type) && !b.text("media_id").empty()) return std::nullopt;
    if (is_in(by_article, type) && !b.text("article_id").empty()) return std::nullopt;
    return below ? s.refuse(40023, "invalid sub button type") : s.refuse(40017, "invalid button type");
}

std::optional<core::value> wrong_menu(state& s, const core::value& menu) {
    const auto* buttons = list_of(menu, "button");
    if (buttons == nullptr || buttons->empty() || buttons->size() > 3)
        return s.refuse(40016, "invalid button size");
    for (const auto& b : *buttons) {
        const auto* below = list_of(b, "sub_button");
        if (below == nullptr || below->empty()) {
            if (auto wrong = wrong_leaf(s, b, false)) return wrong;
            continue;
        }
        if (b.text("name").empty() || b.text("name").size() > 16)
            return s.refuse(40018, "invalid button name size");
        if (below->size() > 5) return s.refuse(40022, "invalid sub button size");
        for (const auto& e : *below) {
            if (list_of(e, "sub_button") != nullptr && !list_of(e, "sub_button")->empty())
                return s.refuse(40021, "invalid menu level");
            if (auto wrong = wrong_leaf(s, e, true)) return wrong;
        }
    }
    return std::nullopt;
}

std::int64_t number_in(const core::value& v, std::string_view name) {
    const std::string text = v.text(name);
    std::int64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

bool matches(const core::value& menu, const phone& p) {
    const auto* rule = menu.find("matchrule");
    return rule != nullptr && p.tags.contains(number_in(*rule, "tag_id"));
}

// The buttons with WeChat's habit of an empty list below every leaf left out.
core::value buttons_of(const core::value& menu) {
    const auto* b = menu.find("button");
    return b == nullptr ? core::value::array() : *b;
}

} // namespace

core::value menu_for(const state& s, const phone& p) {
    if (s.menu.is_null()) return {};
    for (auto at = s.conditional_menus.rbegin(); at != s.conditional_menus.rend(); ++at)
        if (matches(at->second, p)) return buttons_of(at->second);
    return buttons_of(s.menu);
}

api_answer create_menu(state& s, const api_call& c) {
    if (auto wrong = wrong_menu(s, c.body)) return *wrong;
    s.menu = c.body;
    return fine();
}

api_answer get_menu(state& s, const api_call&) {
    if (s.menu.is_null()) return s.refuse(46003, "menu no exist");
    core::value out = core::value::object().set("menu", s.menu);
    if (s.conditional_menus.empty()) return out;
    core::value more = core::value::array();
    for (const auto& [id, menu] : s.conditional_menus) {
        core::value one = menu;
        more.push(one.set("menuid", id));
    }
    return out.set("conditionalmenu", std::move(more));
}

api_answer delete_menu(state& s, const api_call&) {
    s.menu = {};
    s.conditional_menus.clear();
    return fine();
}

api_answer current_menu(state& s, const api_call&) {
    core::value buttons = core::value::array();
    const core::value all = buttons_of(s.menu);
    for (const auto& b : *all.as_list()) {
        core::value one = b;
        if (const auto* below = list_of(b, "sub_button"); below != nullptr)
            one.set("sub_button", core::value::object().set("list", *below));
        buttons.push(std::move(one));
    }
    core::value v = core::value::object().set("is_menu_open", s.menu.is_null() ? 0 : 1);
    return v.set("selfmenu_info", core::value::object().set("button", std::move(buttons)));
}

api_answer add_conditional_menu(state& s, const api_call& c) {
    if (s.menu.is_null()) return s.refuse(65303, "there is no selfmenu, please create selfmenu first");
    if (auto wrong = wrong_menu(s, c.body)) return *wrong;
    const auto* rule = c.body.find("matchrule");
    if (rule == nullptr || rule->as_members() == nullptr || rule->as_members()->empty())
        return s.refuse(65305, "match rule empty");
    for (const auto& [name, value] : *rule->as_members())
        if (name != "tag_id" && name != "client_platform_type")
            return s.refuse(65320, "match rule not supported");
    if (rule->find("tag_id") != nullptr && !s.tags.contains(number_in(*rule, "tag_id")))
        return s.refuse(45159, "invalid tag id");
    const std::int64_t id = s.next_id++;
    s.conditional_menus.emplace_back(id, c.body);
    return core::value::object().set("menuid", std::to_string(id));
}

api_answer delete_conditional_menu(state& s, const api_call& c) {
    const std::int64_t id = number_in(c.body, "menuid");
    if (std::erase_if(s.conditional_menus, [id](const auto& m) { return m.first == id; }) == 0)
        return s.refuse(65301, "no such menuid");
    return fine();
}

api_answer try_match(state& s, const api_call& c) {
    const phone* p = s.find(c.body.text("user_id"));
    if (p == nullptr) return s.refuse(65314, "invalid user_id");
    if (s.menu.is_null()) return s.refuse(46003, "menu no exist");
    return core::value::object().set("button", menu_for(s, *p));
}

} // namespace wechat::sandbox
