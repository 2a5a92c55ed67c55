#include "wechat/inbox/pages.hpp"

#include "core/db/database.hpp"
#include "wechat/inbox/messages.hpp"
#include "wechat/inbox/settings.hpp"

#include <string>
#include <utility>

namespace wechat::inbox {
namespace {

std::string page_of(const place& here, std::string_view name) {
    return std::string(here.folder).append(name);
}

response settings_with(const place& here, const request& r, core::db::read_view& view, services& s,
                       const core::error* wrong) {
    return here.frame(r, view, s, page_of(here, "message_settings"),
                      wrong == nullptr ? "消息设置" : "错误：消息设置", here.settings_crumbs,
                      settings_model(r, view, s, here.base, wrong),
                      wrong == nullptr ? 200 : status_of(wrong->code));
}

} // namespace

response list_page(const place& here, const request& r, core::db::read_view& view, services& s) {
    return here.frame(r, view, s, page_of(here, "messages"), here.title, here.crumbs,
                      list_model(r, view, s, here.base), 200);
}

core::result<response> item_page(const place& here, const request& r, services& s) {
    auto found = open(r, s, here.base);
    if (!found) return found.error();
    return s.db->read([&](core::db::read_view& view) {
        return here.frame(r, view, s, page_of(here, "message"), found->title, here.crumbs,
                          std::move(found->model), 200);
    });
}

response settings_page(const place& here, const request& r, core::db::read_view& view, services& s) {
    return settings_with(here, r, view, s, nullptr);
}

core::result<response> save_settings_page(const place& here, const request& r, services& s) {
    const auto done = s.db->write([&](core::db::write_tx& tx) { return save_settings(r, tx, s); });
    if (done) return see_other(std::string(here.base) + "/settings?done=saved");
    const auto wrong = done.error();
    return s.db->read([&](core::db::read_view& view) { return settings_with(here, r, view, s, &wrong); });
}

} // namespace wechat::inbox
