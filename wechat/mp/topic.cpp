// Which words and buttons ask for what.
#include "core/base/text.hpp"
#include "wechat/mp/conversation.hpp"

#include <algorithm>
#include <array>

namespace wechat::mp {
namespace {

struct word {
    std::string_view text;
    topic means;
};

// In this order: 解绑 holds 绑 but is no wish to bind, 证书查询 and 查询电话 are no list of orders.
constexpr auto words = std::to_array<word>({
    {"单号查询", topic::ask_number}, {"查单号", topic::ask_number}, {"查询单号", topic::ask_number},
    {"解绑", topic::unbind},         {"解除绑定", topic::unbind},   {"取消绑定", topic::unbind},
    {"注销", topic::unbind},         {"绑定", topic::bind},         {"登录", topic::bind},
    {"登陆", topic::bind},           {"注册", topic::bind},         {"到期", topic::due},
    {"有效期", topic::due},          {"过期", topic::due},          {"证书", topic::due},
    {"人工", topic::contact},        {"电话", topic::contact},      {"客服", topic::contact},
    {"联系", topic::contact},        {"地址", topic::contact},      {"改期", topic::change},
    {"改约", topic::change},         {"取消预约", topic::change},   {"退约", topic::change},
    {"检定查询", topic::latest},     {"查询", topic::latest},       {"最近", topic::latest},
    {"进度", topic::latest},         {"我的预约", topic::latest},   {"预约", topic::book},
    {"送检", topic::book},           {"备案", topic::filing},       {"帮助", topic::help},
    {"说明", topic::help},           {"help", topic::help},         {"?", topic::help},
});

struct key {
    std::string_view name;
    topic means;
};
constexpr auto keys = std::to_array<key>({
    {"VERIFY_LATEST10", topic::latest},
    {"QUERY_NUMBER", topic::ask_number},
    {"QUERY_DUE", topic::due},
    {"CONTACT", topic::contact},
    {"HELP", topic::help},
});

} // namespace

std::optional<topic> topic_of(std::string_view text) {
    std::string plain = core::to_lower_ascii(core::to_half_width(text));
    std::erase_if(plain, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    for (const auto& w : words)
        if (plain.find(w.text) != std::string::npos) return w.means;
    return std::nullopt;
}

std::optional<topic> topic_of_key(std::string_view event_key) {
    const auto at = std::find_if(keys.begin(), keys.end(), [&](const key& k) { return k.name == event_key; });
    if (at == keys.end()) return std::nullopt;
    return at->means;
}

} // namespace wechat::mp
