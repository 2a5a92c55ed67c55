// 消息 as both sides of the counter show it: models for the templates of company/ and staff/, which put them
// into their own frame. What a person was told and has read is notify/hub/inbox.
#pragma once
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "notify/message/message.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <string>
#include <string_view>

namespace wechat::inbox {

// The bell of every page: unread (0 to 100), has_unread, unread_text (99+), bell_label for screen readers.
void put_bell(core::value& frame, core::db::read_view& view, const core::actor& who);

// Its first facts in a line: 预约单号：2611 4827 3058，检定机构：…
std::string summary_of(const notify::message& m, const core::value& facts);

// `base` is /messages or /staff/messages. Filters of the address: topic, unread=1, after.
core::value list_model(const request& r, core::db::read_view& view, services& s, std::string_view base);
// One message at full length; reading it is what marks it read, in a transaction of its own.
struct opened {
    std::string title;
    core::value model;
};
core::result<opened> open(const request& r, services& s, std::string_view base);

core::result<response> mark_all_read(const request& r, core::db::write_tx& tx, std::string_view base);
core::result<response> mark_unread(const request& r, core::db::write_tx& tx, std::string_view base);

} // namespace wechat::inbox
