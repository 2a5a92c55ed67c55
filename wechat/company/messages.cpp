// 消息 of a company's person: the list, one message, read and unread.
#include "wechat/inbox/messages.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/inbox/settings.hpp"

#include <string>
#include <utility>

namespace wechat::company {
namespace {

constexpr std::string_view base = "/messages";

response settings_page(const request& r, read_view& view, services& s, const core::error* wrong) {
    return render(r, view, s, "company/message_settings", wrong == nullptr ? "消息设置" : "错误：消息设置",
                  "消息 / 消息设置", inbox::settings_model(r, view, s, base, wrong),
                  wrong == nullptr ? 200 : status_of(wrong->code));
}

} // namespace

response messages(const request& r, read_view& view, services& s) {
    return render(r, view, s, "company/messages", "消息", "消息 / 全部消息",
                  inbox::list_model(r, view, s, base));
}

result<response> show_message(const request& r, services& s) {
    auto found = inbox::open(r, s, base);
    if (!found) return found.error();
    return s.db->read([&](read_view& view) {
        return render(r, view, s, "company/message", found->title, "消息 / 全部消息",
                      std::move(found->model));
    });
}

result<response> read_messages(const request& r, write_tx& tx, services&) {
    return inbox::mark_all_read(r, tx, base);
}

result<response> unread_message(const request& r, write_tx& tx, services&) {
    return inbox::mark_unread(r, tx, base);
}

response message_settings(const request& r, read_view& view, services& s) {
    return settings_page(r, view, s, nullptr);
}

result<response> save_message_settings(const request& r, services& s) {
    const auto done = s.db->write([&](write_tx& tx) { return inbox::save_settings(r, tx); });
    if (done) return see_other(std::string(base) + "/settings?done=saved");
    const auto wrong = done.error();
    return s.db->read([&](read_view& view) { return settings_page(r, view, s, &wrong); });
}

result<response> forget_refusals(const request& r, write_tx& tx, services&) {
    return inbox::forget_refusals(r, tx, base);
}

} // namespace wechat::company
