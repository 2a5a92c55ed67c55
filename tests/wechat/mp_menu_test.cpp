// wechat/mp/menu: the files fit WeChat's limits and our routes, and only what differs is published.
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/routes.hpp"
#include "wechat/server/form.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace {

using namespace wechat::mp;
using core::value;

class menu_folder {
  public:
    explicit menu_folder(std::string_view json) {
        std::filesystem::copy(SOURCE_DIR "/templates", folder_.path() / "t",
                              std::filesystem::copy_options::recursive);
        std::ofstream(folder_.path() / "t/menu/menu.json") << json;
        core::template_set::options o;
        o.folder = folder_.path() / "t";
        templates_ = std::make_unique<core::template_set>(o);
    }
    std::string refusal() const {
        const auto menu = read_menu(*templates_, "menu.json", "https://example.com");
        return menu ? "" : menu.error().detail;
    }

  private:
    tests::temp_folder folder_;
    std::unique_ptr<core::template_set> templates_;
};

std::string button(std::string_view more) {
    return "{\"name\":\"甲\"," + std::string(more) + "}";
}
std::string menu_with(const std::string& buttons) {
    return "{\"button\":[" + buttons + "]}";
}
std::string click() {
    return button(R"("type":"click","key":"CONTACT")");
}
std::string entries(int n) {
    std::string all;
    for (int i = 0; i < n; ++i)
        all += (i > 0 ? "," : "") + click();
    return button("\"sub_button\":[" + all + "]");
}

value menu_of(const std::string& json) {
    return core::parse_json(json).value();
}

} // namespace

TEST_CASE("U3 the menu files: inside every limit of WeChat, buttons we answer, addresses we serve") {
    auto s = tests::account_settings();
    s.staff_tag = 101;
    const auto set = load_menus(tests::strict_templates(), s);
    REQUIRE(set.has_value());
    REQUIRE(set->staff.has_value());
    CHECK(set->staff->find("matchrule")->text("tag_id") == "101");
    const auto lines = lines_of(set->all);
    CHECK(lines.front().name == "我的强检");
    int tops = 0;
    for (const auto* menu : {&set->all, &*set->staff})
        for (const auto& l : lines_of(*menu)) {
            CAPTURE(l.name);
            tops += l.depth == 0 ? 1 : 0;
            // What a phone shows of a name: four characters on top, eight below.
            CHECK(core::count_characters(l.name) <= (l.depth == 0 ? 4 : 8));
            if (l.type != "view") continue;
            const std::string home = "https://example.com";
            REQUIRE(l.target.starts_with(home + "/"));
            std::string path = l.target.substr(home.size());
            if (const auto to = path.find("?to="); to != std::string::npos) path = path.substr(to + 4);
            path = *wechat::url_decode(path);
            path = path.substr(0, path.find('?'));
            bool served = false;
            for (const auto& r : wechat::routes())
                served = served || (r.pattern == path && r.method == wechat::method::get);
            CHECK_MESSAGE(served, path);
        }
    CHECK(tops == 6);
    s.staff_tag = 0;
    CHECK_FALSE(load_menus(tests::strict_templates(), s)->staff.has_value());
}

TEST_CASE("U3 menu files that WeChat would refuse, each named") {
    const std::string long_top(17, 'x'), long_below(61, 'x'), long_key(129, 'x'), long_url(1025, 'x');
    const std::vector<std::pair<std::string, std::string>> table = {
        {"{", "menu.file"},
        {"{}", "menu.buttons"},
        {menu_with(""), "menu.buttons"},
        {menu_with(click() + "," + click() + "," + click() + "," + click()), "menu.buttons"},
        {menu_with(R"({"name":"","type":"click","key":"CONTACT"})"), "menu.name"},
        {menu_with("{\"name\":\"" + long_top + R"(","type":"click","key":"CONTACT"})"), "menu.name"},
        {menu_with(
             button("\"sub_button\":[{\"name\":\"" + long_below + R"(","type":"click","key":"CONTACT"}])")),
         "menu.name"},
        {menu_with(entries(0)), "menu.entries"},
        {menu_with(entries(6)), "menu.entries"},
        {menu_with(button("\"sub_button\":[" + entries(1) + "]")), "menu.entries"},
        {menu_with(button(R"("type":"click","sub_button":[)" + click() + "]")), "menu.type"},
        {menu_with(button(R"("key":"CONTACT")")), "menu.type"},
        {menu_with(button(R"("type":"VIEW","url":"https://example.com/")")), "menu.type"},
        {menu_with(button(R"("type":"click","key":"NOBODY_ANSWERS")")), "menu.key"},
        {menu_with(button(R"("type":"click")")), "menu.key"},
        {menu_with(button("\"type\":\"scancode_push\",\"key\":\"" + long_key + "\"")), "menu.key"},
        {menu_with(button(R"("type":"view")")), "menu.url"},
        {menu_with(button(R"("type":"view","url":"http://example.com/")")), "menu.url"},
        {menu_with(button(R"("type":"view","url":"https://example.com/a b\n")")), "menu.url"},
        {menu_with(button("\"type\":\"view\",\"url\":\"https://" + long_url + "\"")), "menu.url"},
        {menu_with(click() + "," + entries(5) + "," + entries(1)), ""},
    };
    for (const auto& [json, refusal] : table) {
        CAPTURE(json);
        CHECK(menu_folder(json).refusal() == refusal);
    }
}

TEST_CASE("U3 comparing menus: what WeChat adds is no difference, moves and changes are") {
    const auto ours = menu_of(menu_with(click() + "," + entries(2)));
    const auto theirs = menu_of(
        R"({"button":[{"type":"click","name":"甲","key":"CONTACT","sub_button":[]},{"name":"甲","sub_button":[
            {"type":"click","name":"甲","key":"CONTACT","sub_button":[]},{"type":"click","name":"甲","key":"CONTACT","sub_button":[]}]}]})");
    CHECK(is_same(compare(lines_of(theirs), lines_of(ours))));
    const auto none = compare({}, lines_of(ours));
    CHECK(none.size() == 4);
    CHECK_FALSE(is_same(none));
    for (const auto& l : none)
        CHECK(l.change == line_change::added);
    const std::vector<menu_line> a = {{0, "1", "click", "k"}, {0, "2", "click", "k"}, {0, "3", "click", "k"}};
    const std::vector<menu_line> b = {{0, "1", "click", "k"}, {0, "3", "click", "k"}, {0, "4", "click", "k"}};
    const auto d = compare(a, b);
    REQUIRE(d.size() == 4);
    CHECK(d[0].change == line_change::same);
    CHECK(d[1].change == line_change::removed);
    CHECK(d[1].line.name == "2");
    CHECK(d[2].change == line_change::same);
    CHECK(d[3].change == line_change::added);
    CHECK(is_same(compare(a, a)));
}
