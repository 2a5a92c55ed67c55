#include "wechat/staff/delivery_words.hpp"

#include "notify/message/channel.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wechat::staff {
namespace {

using word = std::pair<std::string_view, std::string_view>;

// As the clerk and the settling of answers write them into the delivery, and WeChat's receipts.
constexpr auto reasons = std::to_array<word>({
    {"unbound or not following", "对方已解绑，或没有关注公众号，没有发送。"},
    {"no such address of theirs any more", "对方已经没有这个邮箱或号码，没有发送。"},
    {"test mode: not a listed address", "系统在试运行，只发给名单里的人，没有发送。"},
    {"expired", "等到能发时消息已经过期，没有发送。"},
    {"no longer true", "等到能发时内容已经不再属实，例如已经办好，没有发送。"},
    {"sent to their other openid", "对方换了微信身份，这条已发到新的那里。"},
    {"refused on the platform's side", "对方最近拒收过这类通知，一周内不再试。系统会改用下一种方式。"},
    {"not open to this person now", "这种方式现在发不到对方，系统会改用下一种方式。"},
    {"its outcome could not be recorded",
     "发送结果没能记入数据库，对方可能已经收到。请先电话确认，再决定是否重发。"},
    {"template refused", "消息模板不可用，恢复后自动再发。"},
    {"template refused; sent by another channel", "消息模板不可用，已由其他方式发给对方。"},
    {"failed:user block", "微信回执：对方拒收公众号的消息，没有送到。"},
    {"failed: system failed", "微信回执：微信系统出错，没有送到。可以重发。"},
    {"failed:system failed", "微信回执：微信系统出错，没有送到。可以重发。"},
});

// What the channels note of a try that had no code, by how it begins; a rest that is a number is kept.
constexpr auto notes = std::to_array<word>({
    {"answer of status ", "回答的内容无法识别，HTTP 状态码 "},
    {"the connection was closed before any answer", "连接在回答之前断开"},
    {"the program stopped before the answer came", "程序停止时还没有等到回答"},
    {"the stored text is no message", "保存的内容不是一条消息"},
    {"address or text cannot be mailed", "邮箱地址或内容不能写成邮件"},
    {"address or body are not WeChat's", "openid 或内容不符合微信的格式"},
    {"no template id for ", "没有配置消息模板"},
    {"wechat.account_down", "公众号配置有误或被限制，暂停调用"},
    {"wechat.quota", "调用次数已用完，暂停调用"},
    {"wechat.", "没有取得 access_token，没有调用"},
    {"Timeout was reached", "等待回答超时"},
    {"Couldn't connect to server", "连不上对方的服务器"},
    {"Could not connect to server", "连不上对方的服务器"},
    {"Couldn't resolve host name", "找不到对方服务器的域名"},
    {"Could not resolve host", "找不到对方服务器的域名"},
    {"Server returned nothing", "对方没有回答就断开了连接"},
    {"Failure when receiving data", "接收回答时连接断开"},
    {"Failed sending data", "发送时连接断开"},
    {"SSL peer certificate", "对方的证书不可信"},
    {"SSL connect error", "没有建立安全连接"},
    {"Error in the HTTP2 framing layer", "接收回答时连接断开"},
});

std::string text(services& s, const std::string& key) {
    return s.problems->text_of(core::error(core::errc::invalid, key));
}

std::string_view class_name(mp::error_class c) {
    using mp::error_class;
    switch (c) {
    case error_class::user:
        return "user";
    case error_class::data:
        return "data";
    case error_class::one_template:
        return "one_template";
    case error_class::quota_day:
        return "quota_day";
    case error_class::quota_minute:
        return "quota_minute";
    case error_class::account:
        return "account";
    case error_class::retry:
    case error_class::refresh_token:
        return "retry";
    case error_class::ok:
    case error_class::benign:
        return "";
    case error_class::authorise:
    case error_class::unknown:
        break;
    }
    return "unknown";
}

// What a try came to, by the name of its verdict, or what was done without one.
std::string_view outcome_word(std::string_view outcome) {
    using notify::verdict;
    static constexpr auto words = std::to_array<std::pair<verdict, std::string_view>>(
        {{verdict::accepted, "微信已接收"},
         {verdict::not_sent, "没有发出，稍后再发"},
         {verdict::in_doubt, "微信没有明确答复，是否收到不明"},
         {verdict::user_refused, "用户未关注或不接收"},
         {verdict::data_refused, "微信不接受消息内容"},
         {verdict::template_refused, "消息模板不可用"},
         {verdict::quota, "当天发送次数已用完"},
         {verdict::slow_down, "发送太快，稍后再发"},
         {verdict::account_down, "公众号配置有误或被限制"}});
    for (const auto& [v, said] : words)
        if (notify::name_of(v) == outcome) return said;
    if (outcome == "given_up") return "三十分钟没有回执，不再发送";
    if (outcome == "repeated") return "三十分钟没有回执，再发一次，对方可能看到两条";
    return outcome;
}

} // namespace

std::string_view reason_word(std::string_view errmsg) {
    const auto at =
        std::find_if(reasons.begin(), reasons.end(), [&](const word& w) { return w.first == errmsg; });
    return at == reasons.end() ? std::string_view() : at->second;
}

std::string note_word(std::string_view errmsg) {
    if (errmsg.empty()) return {};
    const auto at =
        std::find_if(notes.begin(), notes.end(), [&](const word& w) { return errmsg.starts_with(w.first); });
    if (at == notes.end()) return "对方的答复：" + std::string(errmsg);
    const auto rest = errmsg.substr(at->first.size());
    const bool is_number = !rest.empty() && rest.find_first_not_of("0123456789") == std::string_view::npos;
    return std::string(at->second) + (is_number ? std::string(rest) : "");
}

bool is_try(std::string_view outcome) {
    for (int v = 0; v < notify::verdict_count; ++v)
        if (notify::name_of(static_cast<notify::verdict>(v)) == outcome) return true;
    return false;
}

bool is_wechat(std::string_view channel) {
    return channel == "wechat" || channel == "subscription" || channel == "customer";
}

std::string explain(services& s, std::string_view channel, std::string_view status, int attempts,
                    std::string_view errmsg) {
    if (const auto known = reason_word(errmsg); !known.empty() && notify::is_settled(status))
        return std::string(known);
    if (const std::string own = "delivery.elsewhere." + std::string(status);
        !is_wechat(channel) && s.problems->has(own))
        return text(s, own);
    if (status == "queued") return attempts > 0 ? text(s, "delivery.queued_again") : "";
    return s.problems->has("delivery.state." + std::string(status))
               ? text(s, "delivery.state." + std::string(status))
               : "";
}

std::string advice(services& s, int errcode) {
    if (errcode == 0) return {};
    const std::string own = "delivery.do." + std::to_string(errcode);
    if (s.problems->has(own)) return text(s, own);
    const auto kind = class_name(mp::class_of(errcode));
    return kind.empty() ? std::string() : text(s, "delivery.do." + std::string(kind));
}

std::string advice_now(services& s, std::string_view channel, std::string_view status, int errcode) {
    if (!is_wechat(channel)) return {};
    const bool over =
        status == "delivered" || status == "accepted" || status == "queued" || status == "sending";
    return over ? std::string() : advice(s, errcode);
}

std::string step_word(std::string_view channel, std::string_view outcome, std::string_view text) {
    if (outcome == "receipt") {
        const auto known = reason_word(text);
        return known.empty() ? "微信回执：没有送到（" + std::string(text) + "）" : std::string(known);
    }
    if (outcome == "resent") return std::string(text) + "要求重发";
    constexpr std::string_view subject = "微信"; // who took or refused it is not named for other ways
    auto said = outcome_word(outcome);
    if (!is_wechat(channel) && said.starts_with(subject)) said.remove_prefix(subject.size());
    return std::string(said);
}

} // namespace wechat::staff
