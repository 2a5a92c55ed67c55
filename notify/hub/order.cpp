#include "notify/hub/order.hpp"

#include "core/journal/audit.hpp"
#include "notify/hub/order_store.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace notify {
namespace {

bool is_channel(std::string_view name) {
    return std::find(std::begin(shipped_order), std::end(shipped_order), name) != std::end(shipped_order);
}

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (const auto& n : names)
        all += (all.empty() ? "" : " ") + n;
    return all;
}

} // namespace

std::string_view channel_word(std::string_view channel) {
    if (channel == "wechat") return "模板消息";
    if (channel == "subscription") return "订阅通知";
    if (channel == "customer") return "客服消息";
    if (channel == "email") return "邮件";
    if (channel == "webhook") return "短信网关或群机器人";
    return channel;
}

std::string_view way_of(std::string_view channel) {
    return channel == "subscription" || channel == "customer" ? "wechat" : channel;
}

bool is_way(std::string_view name) {
    return std::find(std::begin(shipped_ways), std::end(shipped_ways), name) != std::end(shipped_ways);
}

std::string_view way_word(std::string_view way) {
    if (way == "wechat") return "微信";
    if (way == "email") return "邮件";
    if (way == "webhook") return "短信";
    return way;
}

core::result<> set_channel_order(core::db::write_tx& tx, const core::actor& who, std::string_view kind,
                                 const std::vector<std::string>& channels) {
    if (!who.is_platform()) return core::error(core::errc::not_allowed);
    if (!kind.empty() && core::outbox::find_kind(kind) == nullptr)
        return core::error(core::errc::invalid, "channel_order.kind", "kind");
    const bool known = std::all_of(channels.begin(), channels.end(), is_channel);
    if (!known || std::set<std::string>(channels.begin(), channels.end()).size() != channels.size())
        return core::error(core::errc::invalid, "channel_order.channels", "channels");
    const std::string text = joined(channels);
    if (channels.empty())
        store::drop_order(tx, kind);
    else
        store::put_order(tx, kind, text);
    core::audit::append(tx, who,
                        {.verb = "set_channel_order",
                         .subject_kind = "message_kind",
                         .after = core::value::object().set("kind", kind).set("channels", text)});
    return {};
}

} // namespace notify
