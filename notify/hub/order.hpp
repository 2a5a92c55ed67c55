// In which order channels are tried, by kind: rows that the platform's administrator changes. Which of them a
// person wants, and which first, is ways.hpp; which addresses they have core/account.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "notify/hub/audience.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace notify {

// Every channel there may be, in the shipped order: the hub leaves out those that are not configured.
inline constexpr std::string_view shipped_order[] = {"wechat", "subscription", "customer", "email",
                                                     "webhook"};
std::string_view channel_word(std::string_view channel); // 模板消息 …, for pages

// Channels as people know them: the three of WeChat are one way.
inline constexpr std::string_view shipped_ways[] = {"wechat", "email", "webhook"};
std::string_view way_of(std::string_view channel);
bool is_way(std::string_view name);              // of shipped_ways
std::string_view way_word(std::string_view way); // 微信 …, for pages

channel_orders list_channel_orders(core::db::read_view& view);
// Kind "": all kinds without an order of their own. An empty list takes the row away. By the platform;
// refuses not_allowed, invalid channel_order.kind, channel_order.channels (unknown or repeated).
core::result<> set_channel_order(core::db::write_tx& tx, const core::actor& who, std::string_view kind,
                                 const std::vector<std::string>& channels);

} // namespace notify
