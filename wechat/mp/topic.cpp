#include "wechat/mp/topic.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace wechat::mp {
namespace {

struct word {
    std::string_view text;
    topic means;
};

// In this order: 解绑 holds 绑 but is no wish to bind, 证书查询 and 查询电话 are no list of orders, 备案进度
// is no order's, and who asks when a certificate comes out means an order.
constexpr auto words = std::to_array<word>({
    {"单号查询", topic::ask_number},
    {"查单号", topic::ask_number},
    {"查询单号", topic::ask_number},
    {"密码", topic::password},
    {"解绑", topic::unbind},
    {"解除绑定", topic::unbind},
    {"取消绑定", topic::unbind},
    {"注销", topic::unbind},
    {"绑定", topic::bind},
    {"登录", topic::bind},
    {"登陆", topic::bind},
    {"注册", topic::bind},
    {"到期", topic::due},
    {"有效期", topic::due},
    {"过期", topic::due},
    {"人工", topic::contact},
    {"电话", topic::contact},
    {"客服", topic::contact},
    {"联系", topic::contact},
    {"地址", topic::contact},
    {"投诉", topic::contact},
    {"意见", topic::contact},
    {"建议", topic::contact},
    {"出来", topic::latest},
    {"出证", topic::latest},
    {"取证", topic::latest},
    {"领证", topic::latest},
    {"好了吗", topic::latest},
    {"证书", topic::due},
    {"备案", topic::filing},
    {"改期", topic::change},
    {"改约", topic::change},
    {"取消", topic::change},
    {"退约", topic::change},
    {"检定查询", topic::latest},
    {"查询", topic::latest},
    {"最近", topic::latest},
    {"进度", topic::latest},
    {"我的预约", topic::latest},
    {"预约", topic::book},
    {"送检", topic::book},
    {"谢", topic::thanks},
    {"帮助", topic::help},
    {"说明", topic::help},
    {"help", topic::help},
    {"?", topic::help},
    {"你好", topic::help},
    {"您好", topic::help},
});

// The lines of templates/text/chat/help.txt: people answer a numbered list with a number.
constexpr auto lines =
    std::to_array<topic>({topic::ask_number, topic::latest, topic::due, topic::bind, topic::contact});

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

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Length of a blank, a hyphen or a dash of any width at this place, 0 for none.
std::size_t gap_at(std::string_view s, std::size_t at) {
    if (std::string_view(" -\t\n\r").find(s[at]) != std::string_view::npos) return 1;
    for (const std::string_view dash : {"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\u00A0"})
        if (s.substr(at).starts_with(dash)) return dash.size();
    return 0;
}

// Digits with nothing but gaps between them, beside no letter; half-width text.
std::vector<std::string> runs_in(std::string_view s) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < s.size();) {
        if (!is_digit(s[at])) {
            ++at;
            continue;
        }
        const bool after_letter = at > 0 && is_letter(s[at - 1]);
        std::string run;
        std::size_t end = at;
        for (std::size_t gap = 0; end < s.size() && (is_digit(s[end]) || (gap = gap_at(s, end)) > 0);)
            if (is_digit(s[end]))
                run += s[end++];
            else
                end += gap;
        const bool before_letter = end < s.size() && is_letter(s[end]) && is_digit(s[end - 1]);
        if (!after_letter && !before_letter) all.push_back(std::move(run));
        at = end;
    }
    return all;
}

// yymm, as every order number begins.
bool begins_like_a_number(std::string_view digits, core::date today) {
    if (digits.size() < 4) return false;
    const int year = (digits[0] - '0') * 10 + digits[1] - '0',
              month = (digits[2] - '0') * 10 + digits[3] - '0';
    return year >= 20 && 2000 + year <= static_cast<int>(today.year()) && month >= 1 && month <= 12;
}

// The text without the first place where these digits stand, gaps aside.
std::string without(std::string_view text, std::string_view digits) {
    for (std::size_t from = 0; from < text.size(); ++from) {
        std::size_t at = from, matched = 0;
        while (at < text.size() && matched < digits.size()) {
            if (text[at] == digits[matched]) {
                ++at;
                ++matched;
            } else if (const std::size_t gap = matched > 0 ? gap_at(text, at) : 0; gap > 0)
                at += gap;
            else
                break;
        }
        if (matched == digits.size())
            return std::string(text.substr(0, from)) + "," + std::string(text.substr(at));
    }
    return {};
}

} // namespace

std::optional<typed_number> find_typed_number(std::string_view text, core::date today) {
    const std::string plain = core::to_half_width(text);
    const auto is_ours = [&](const std::optional<std::string>& n) {
        return n && core::is_order_number(*n) && begins_like_a_number(*n, today);
    };
    if (const auto number = core::find_order_number(plain); is_ours(number)) {
        const auto second = core::find_order_number(without(plain, *number));
        return typed_number{*number, true, is_ours(second) && *second != *number};
    }
    for (const auto& run : runs_in(plain))
        if (run.size() >= 11 && run.size() <= 13 && begins_like_a_number(run, today))
            return typed_number{run, false, false};
    return std::nullopt;
}

std::optional<topic> topic_of(std::string_view text) {
    std::string plain = core::to_lower_ascii(core::to_half_width(text));
    std::erase_if(plain, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    const std::string line = plain.size() == 2 && plain[1] == '.' ? plain.substr(0, 1) : plain;
    if (line.size() == 1 && line[0] >= '1' && line[0] < static_cast<char>('1' + lines.size()))
        return lines[static_cast<std::size_t>(line[0] - '1')];
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
