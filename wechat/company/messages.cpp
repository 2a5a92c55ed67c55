// 消息 of a company's person: the pages of wechat/inbox in its frame.
#include "wechat/inbox/messages.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/inbox/pages.hpp"
#include "wechat/inbox/settings.hpp"

namespace wechat::company {
namespace {

constexpr inbox::place here{"/messages", "company/", "消息", "消息 / 全部消息", "消息 / 消息设置", render};

} // namespace

response messages(const request& r, read_view& view, services& s) {
    return inbox::list_page(here, r, view, s);
}

result<response> show_message(const request& r, services& s) {
    return inbox::item_page(here, r, s);
}

result<response> read_messages(const request& r, write_tx& tx, services&) {
    return inbox::mark_all_read(r, tx, here.base);
}

result<response> unread_message(const request& r, write_tx& tx, services&) {
    return inbox::mark_unread(r, tx, here.base);
}

response message_settings(const request& r, read_view& view, services& s) {
    return inbox::settings_page(here, r, view, s);
}

result<response> save_message_settings(const request& r, services& s) {
    return inbox::save_settings_page(here, r, s);
}

result<response> forget_refusals(const request& r, write_tx& tx, services&) {
    return inbox::forget_refusals(r, tx, here.base);
}

} // namespace wechat::company
