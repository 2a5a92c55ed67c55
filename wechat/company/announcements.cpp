// 平台公告: the whole text behind an announcement's message (M6).
#include "core/announcement/announcement.hpp"

#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"

namespace wechat::company {

response show_announcement(const request& r, read_view& view, services& s) {
    const auto found = core::announcement::get_published(view, r.actor, r.id(0));
    if (!found) return refuse(r, s, found.error());
    core::value paragraphs = core::value::array();
    for (const auto text : core::announcement::paragraphs_of(*found))
        paragraphs.push(core::value::object().set("text", text));
    core::value model =
        core::value::object().set("title", found->title).set("paragraphs", std::move(paragraphs));
    model.set("at", core::short_moment_text(found->sent_at.value_or(found->changed_at)));
    model.set("recalled", found->status == core::announcement::announcement_status::recalled);
    return render(r, view, s, "company/announcement", found->title, "消息 / 平台公告", std::move(model));
}

} // namespace wechat::company
