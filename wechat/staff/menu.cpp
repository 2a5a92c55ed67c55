// 公众号 → 菜单: the tree of the file, what is live, what publishing would change, and the button.
#include "wechat/mp/menu.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

namespace wechat::staff {
namespace {

std::string_view type_word(std::string_view type) {
    if (type == "view") return "打开网页";
    if (type == "click") return "回复消息";
    if (type == "scancode_waitmsg" || type == "scancode_push") return "扫码";
    return type;
}

core::value rows_of(const std::vector<mp::menu_difference>& all) {
    core::value rows = core::value::array();
    for (const auto& d : all)
        rows.push(core::value::object()
                      .set("below", d.line.depth > 0)
                      .set("name", d.line.name)
                      .set("type", type_word(d.line.type))
                      .set("target", d.line.target)
                      .set("added", d.change == mp::line_change::added)
                      .set("removed", d.change == mp::line_change::removed));
    return rows;
}

// The operator is told what to mend; companies only that somebody is at it.
core::error cause_of(core::error e) {
    for (const auto& [name, text] : e.args)
        if (name == "cause") e.detail = "wechat.cause." + text;
    return e;
}

core::value section_of(std::string_view title, const core::value& live, const core::value& wanted) {
    const auto d = mp::compare(mp::lines_of(live), mp::lines_of(wanted));
    return core::value::object().set("title", title).set("same", mp::is_same(d)).set("rows", rows_of(d));
}

} // namespace

result<response> menu(const request& r, services& s) {
    core::value model = core::value::object();
    core::value sections = core::value::array();
    const auto wanted = mp::load_menus(s.pages->templates(), *s.wechat);
    const auto live =
        wanted ? mp::fetch_menus(*s.api, s.wechat->staff_tag) : core::result<mp::live_menus>(wanted.error());
    bool same = false;
    if (wanted && live) {
        sections.push(section_of("所有人的菜单", live->all, wanted->all));
        if (wanted->staff)
            sections.push(
                section_of("机构人员的菜单", live->staff.value_or(core::value::object()), *wanted->staff));
        same = true;
        for (const auto& one : *sections.as_list())
            same = same && one.flag("same");
    } else if (wanted) { // WeChat cannot be asked: the file can still be read
        sections.push(section_of("所有人的菜单（未能与线上比较）", wanted->all, wanted->all));
        if (wanted->staff)
            sections.push(section_of("机构人员的菜单（未能与线上比较）", *wanted->staff, *wanted->staff));
    }
    model.set("sections", std::move(sections)).set("same", same).set("may_publish", wanted && live && !same);
    const core::error why = live ? core::error() : cause_of(live.error());
    put_errors(model, s, live ? nullptr : &why);
    return s.db->read([&](read_view& view) {
        return render(r, view, s, "staff/menu", "公众号菜单", "公众号 / 菜单", std::move(model));
    });
}

result<response> publish_menu(const request& r, services& s) {
    const auto wanted = mp::load_menus(s.pages->templates(), *s.wechat);
    if (!wanted) return wanted.error();
    const auto done = mp::publish_menus(*s.api, *wanted);
    if (!done) return cause_of(done.error());
    if (!done->all && !done->staff) return see_other("/staff/menu?done=menu_same");
    mp::record_published(*s.db, r.actor);
    return see_other("/staff/menu?done=menu_published");
}

} // namespace wechat::staff
