// The account's menu: files in templates/menu/ with our own address put in, checked against WeChat's limits,
// compared with what is live, then published. `menu.json` is everybody's, `staff.json` the one shown to the
// followers with a tag (conditional menu).
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/api.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

struct menu_set {
    core::value all;                  // {"button":[…]}
    std::optional<core::value> staff; // with its matchrule; only when a tag is configured
};
// Refuses invalid, naming the button (arg name): menu.file (not JSON), menu.buttons (not 1 to 3),
// menu.entries (not 1 to 5, or nested), menu.name (empty, over 16 bytes on top or 60 below), menu.type,
// menu.key (1 to 128 bytes, known to the chat), menu.url (https, at most 1024 bytes) (wechat-platform.md 12).
core::result<core::value> read_menu(const core::template_set& templates, const std::string& file,
                                    const std::string& public_url);
core::result<menu_set> load_menus(const core::template_set& templates, const settings& s);

// One button as people read it, in order; a button with entries comes before them.
struct menu_line {
    int depth = 0;
    std::string name, type, target; // type "" for one with entries
    bool operator==(const menu_line&) const = default;
};
std::vector<menu_line> lines_of(const core::value& menu);

enum class line_change { same, added, removed };
struct menu_difference {
    line_change change;
    menu_line line;
};
// What publishing `wanted` would change in `live`, in the order of the result.
std::vector<menu_difference> compare(const std::vector<menu_line>& live,
                                     const std::vector<menu_line>& wanted);
bool is_same(const std::vector<menu_difference>& d);

struct live_menus {
    core::value all = core::value::object(); // no buttons when there is no menu
    std::optional<core::value> staff;        // the conditional one of our tag
    std::string staff_menuid;
};
core::result<live_menus> fetch_menus(api& a, std::int64_t staff_tag);

struct published {
    bool all = false, staff = false; // what was sent; false: it was so already
};
// Sends only what differs from what is live. Refuses what the API refuses.
core::result<published> publish_menus(api& a, const menu_set& wanted);
void record_published(core::db::database& db, const core::actor& who); // the audit row of it (S13)

} // namespace wechat::mp
