#include "wechat/mp/menu.hpp"

#include "core/base/json.hpp"

namespace wechat::mp {
namespace {

core::error bad(std::string why) {
    return core::error(core::errc::invalid, "menu.invalid").with("why", std::move(why));
}

core::result<> check_button(const core::value& b, std::size_t name_bytes) {
    const std::string name = b.text("name");
    if (name.empty() || name.size() > name_bytes) return bad("name of '" + name + "' is empty or too long");
    const core::value* below = b.find("sub_button");
    const auto* entries = below == nullptr ? nullptr : below->as_list();
    if (entries != nullptr) {
        if (entries->empty() || entries->size() > 5) return bad("'" + name + "' needs 1 to 5 entries");
        for (const auto& e : *entries) {
            if (e.find("sub_button") != nullptr) return bad("'" + e.text("name") + "' nests too deeply");
            if (auto checked = check_button(e, 60); !checked) return checked;
        }
        return {};
    }
    const std::string type = b.text("type");
    if (type == "view" && !b.text("url").empty() && b.text("url").size() <= 1024) return {};
    if (type != "view" && !type.empty() && !b.text("key").empty() && b.text("key").size() <= 128) return {};
    return bad("'" + name + "' needs a type with its url or key");
}

} // namespace

core::result<core::value> load_menu(const core::template_set& templates, const std::string& public_url) {
    core::value model = core::value::object();
    model.set("public_url", public_url);
    auto menu = core::parse_json(templates.render("menu/menu.json", model));
    const core::value* buttons = menu ? menu->find("button") : nullptr;
    const auto* list = buttons == nullptr ? nullptr : buttons->as_list();
    if (list == nullptr || list->empty() || list->size() > 3) return bad("menu.json needs 1 to 3 buttons");
    for (const auto& b : *list)
        if (auto checked = check_button(b, 16); !checked) return checked.error();
    return std::move(*menu);
}

core::result<> publish_menu(api& a, const core::value& menu) {
    auto answer = a.post("/cgi-bin/menu/create", menu);
    if (!answer) return answer.error();
    return {};
}

} // namespace wechat::mp
