// 消息设置 as both sides of the counter show it: which kinds, by which ways, quiet hours, what WeChat says
// the person refuses. The rules are notify/hub/wishes and ways.
#pragma once
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <string>
#include <string_view>

namespace wechat::inbox {

// `wrong`: the refusal of what was typed just now, shown at its field; nullptr: none.
core::value settings_model(const request& r, core::db::read_view& view, services& s, std::string_view base,
                           const core::error* wrong);
// Fields: k (a kind that is wanted, repeated), those of ways.hpp, quiet (platform, none, own), quiet_from,
// quiet_until, and for companies mute. Everything or nothing.
core::result<> save_settings(const request& r, core::db::write_tx& tx, const services& s);
std::string wish_words(const services& s, const core::actor& who, std::string_view kind); // 预约已确认 …
core::result<response> forget_refusals(const request& r, core::db::write_tx& tx, std::string_view base);

} // namespace wechat::inbox
