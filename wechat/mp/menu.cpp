#include "wechat/mp/menu.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "wechat/mp/conversation.hpp"

#include <algorithm>
#include <array>

namespace wechat::mp {
namespace {

constexpr std::size_t most_buttons = 3, most_entries = 5;
constexpr std::size_t most_name_on_top = 16, most_name_below = 60, most_key = 128, most_url = 1024;

core::error bad(std::string_view key, const std::string& name) {
    return core::error(core::errc::invalid, std::string(key)).with("name", name);
}

enum class target { url, key, answered_key, media };
struct button_type {
    std::string_view name;
    target wants;
};
// view_limited and the article types are for media of the account's console; miniprogram is not ours.
constexpr auto types = std::to_array<button_type>({{"view", target::url},
                                                   {"click", target::answered_key},
                                                   {"scancode_push", target::key},
                                                   {"scancode_waitmsg", target::key},
                                                   {"pic_sysphoto", target::key},
                                                   {"pic_photo_or_album", target::key},
                                                   {"pic_weixin", target::key},
                                                   {"location_select", target::key},
                                                   {"media_id", target::media},
                                                   {"view_limited", target::media}});

core::result<> check_target(const core::value& b, const std::string& name, target wants) {
    const std::string url = b.text("url"), key = b.text("key"), media = b.text("media_id");
    switch (wants) {
    case target::url:
        if (!url.starts_with("https://") || url.size() > most_url || url != core::tidy_line(url))
            return bad("menu.url", name);
        break;
    case target::answered_key:
        if (!topic_of_key(key)) return bad("menu.key", name);
        [[fallthrough]];
    case target::key:
        if (key.empty() || key.size() > most_key) return bad("menu.key", name);
        break;
    case target::media:
        if (media.empty()) return bad("menu.key", name);
        break;
    }
    return {};
}

core::result<> check_leaf(const core::value& b, std::size_t most_name) {
    const std::string name = b.text("name");
    if (core::trim(name).empty() || name.size() > most_name) return bad("menu.name", name);
    const std::string type = b.text("type");
    const auto known =
        std::find_if(types.begin(), types.end(), [&](const button_type& t) { return t.name == type; });
    if (known == types.end()) return bad("menu.type", name);
    return check_target(b, name, known->wants);
}

core::result<> check_button(const core::value& b) {
    const core::value* below = b.find("sub_button");
    if (below == nullptr) return check_leaf(b, most_name_on_top);
    const std::string name = b.text("name");
    if (core::trim(name).empty() || name.size() > most_name_on_top) return bad("menu.name", name);
    if (b.find("type") != nullptr) return bad("menu.type", name);
    const auto* entries = below->as_list();
    if (entries == nullptr || entries->empty() || entries->size() > most_entries)
        return bad("menu.entries", name);
    for (const auto& e : *entries) {
        if (e.find("sub_button") != nullptr) return bad("menu.entries", name);
        if (auto checked = check_leaf(e, most_name_below); !checked) return checked;
    }
    return {};
}

void add_lines(std::vector<menu_line>& out, const core::value& button, int depth) {
    menu_line l;
    l.depth = depth;
    l.name = button.text("name");
    const core::value* below = button.find("sub_button");
    const auto* entries = below == nullptr ? nullptr : below->as_list();
    const bool has_entries = entries != nullptr && !entries->empty(); // WeChat adds empty lists
    if (!has_entries) {
        l.type = button.text("type");
        for (const std::string_view name : {"url", "key", "media_id"})
            if (l.target.empty()) l.target = button.text(name);
    }
    out.push_back(std::move(l));
    if (!has_entries) return;
    for (const auto& e : *entries)
        add_lines(out, e, depth + 1);
}

// "tag_id" comes back as text or number.
std::string tag_of(const core::value& menu) {
    const core::value* rule = menu.find("matchrule");
    if (rule == nullptr) return {};
    const std::string text = rule->text("tag_id");
    return !text.empty() ? text : std::to_string(rule->number("tag_id"));
}

bool is_no_menu(const core::error& e) {
    return std::any_of(e.args.begin(), e.args.end(),
                       [](const auto& a) { return a.first == "errcode" && a.second == "46003"; });
}

} // namespace

core::result<core::value> read_menu(const core::template_set& templates, const std::string& file,
                                    const std::string& public_url) {
    core::value model = core::value::object();
    model.set("public_url", public_url);
    auto menu = core::parse_json(templates.render("menu/" + file, model));
    if (!menu) return bad("menu.file", file);
    const core::value* buttons = menu->find("button");
    const auto* list = buttons == nullptr ? nullptr : buttons->as_list();
    if (list == nullptr || list->empty() || list->size() > most_buttons) return bad("menu.buttons", file);
    for (const auto& b : *list)
        if (auto checked = check_button(b); !checked) return checked.error();
    return std::move(*menu);
}

core::result<menu_set> load_menus(const core::template_set& templates, const settings& s) {
    auto all = read_menu(templates, "menu.json", s.public_url);
    if (!all) return all.error();
    menu_set set{std::move(*all), {}};
    if (s.staff_tag == 0) return set;
    auto staff = read_menu(templates, "staff.json", s.public_url);
    if (!staff) return staff.error();
    staff->set("matchrule", core::value::object().set("tag_id", std::to_string(s.staff_tag)));
    set.staff = std::move(*staff);
    return set;
}

std::vector<menu_line> lines_of(const core::value& menu) {
    std::vector<menu_line> out;
    const core::value* buttons = menu.find("button");
    if (buttons == nullptr || buttons->as_list() == nullptr) return out;
    for (const auto& b : *buttons->as_list())
        add_lines(out, b, 0);
    return out;
}

// Longest common subsequence over at most 18 lines a side.
std::vector<menu_difference> compare(const std::vector<menu_line>& live,
                                     const std::vector<menu_line>& wanted) {
    const std::size_t n = live.size(), m = wanted.size();
    std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1, 0));
    for (std::size_t i = n; i-- > 0;)
        for (std::size_t j = m; j-- > 0;)
            common[i][j] = live[i] == wanted[j] ? common[i + 1][j + 1] + 1
                                                : std::max(common[i + 1][j], common[i][j + 1]);
    std::vector<menu_difference> out;
    std::size_t i = 0, j = 0;
    while (i < n || j < m) {
        if (i < n && j < m && live[i] == wanted[j]) {
            out.push_back({line_change::same, wanted[j]});
            ++i;
            ++j;
        } else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1])) {
            out.push_back({line_change::removed, live[i++]});
        } else {
            out.push_back({line_change::added, wanted[j++]});
        }
    }
    return out;
}

bool is_same(const std::vector<menu_difference>& d) {
    return std::all_of(d.begin(), d.end(),
                       [](const menu_difference& l) { return l.change == line_change::same; });
}

core::result<live_menus> fetch_menus(api& a, std::int64_t staff_tag) {
    auto answer = a.get("/cgi-bin/menu/get");
    live_menus live;
    if (!answer) {
        if (is_no_menu(answer.error())) return live;
        return answer.error();
    }
    if (const core::value* menu = answer->find("menu")) live.all = *menu;
    const core::value* conditional = answer->find("conditionalmenu");
    if (conditional == nullptr || conditional->as_list() == nullptr) return live;
    for (const auto& c : *conditional->as_list()) {
        if (staff_tag == 0 || tag_of(c) != std::to_string(staff_tag)) continue;
        live.staff = c; // the newest matching one wins, and it comes last
        live.staff_menuid = c.text("menuid").empty() ? std::to_string(c.number("menuid")) : c.text("menuid");
    }
    return live;
}

void record_published(core::db::database& db, const core::actor& who) {
    db.write([&](core::db::write_tx& tx) -> core::result<> {
          core::audit::append(tx, who, {.verb = "publish_menu", .subject_kind = "menu", .subject_id = 0});
          return {};
      }).value();
}

core::result<published> publish_menus(api& a, const menu_set& wanted) {
    const std::int64_t tag = wanted.staff ? std::stoll(tag_of(*wanted.staff)) : 0;
    const auto live = fetch_menus(a, tag);
    if (!live) return live.error();
    published done;
    if (lines_of(live->all) != lines_of(wanted.all)) {
        if (auto sent = a.post("/cgi-bin/menu/create", wanted.all); !sent) return sent.error();
        done.all = true;
    }
    if (!wanted.staff) return done;
    if (live->staff && lines_of(*live->staff) == lines_of(*wanted.staff)) return done;
    if (live->staff) {
        auto gone =
            a.post("/cgi-bin/menu/delconditional", core::value::object().set("menuid", live->staff_menuid));
        if (!gone) return gone.error();
    }
    if (auto sent = a.post("/cgi-bin/menu/addconditional", *wanted.staff); !sent) return sent.error();
    done.staff = true;
    return done;
}

} // namespace wechat::mp
