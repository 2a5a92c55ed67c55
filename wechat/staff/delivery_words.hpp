// What states, tries, reasons and codes of a message are called on pages: plain Chinese, and what to do.
// Decides nothing; the life of a message is in notify/README.md.
#pragma once
#include "notify/hub/delivery.hpp"
#include "wechat/mp/services.hpp"

#include <string>
#include <string_view>

namespace wechat::staff {

// Codes and receipts are WeChat's; e-mail and gateways have neither.
bool is_wechat(std::string_view channel);
// The stored reason of an end without an answer, or a receipt's word: 内容已过期，没有发送。 "" when it has
// no words.
std::string_view reason_word(std::string_view errmsg);
// What a try without a code came to, for 技术信息; what the other side said in its own words is quoted.
std::string note_word(std::string_view errmsg);
// What the state means for the person at the desk, in a line: the reason when one is known.
std::string explain(services& s, std::string_view channel, std::string_view status, int attempts,
                    std::string_view errmsg);
// What an error of WeChat is in Chinese and what to do about it; "" for none.
std::string advice(services& s, int errcode);
// The last error matters as long as it is why the message stands where it stands.
std::string advice_now(services& s, std::string_view channel, std::string_view status, int errcode);
// One step of a message's life: 微信已接收, 回执：…, by its outcome. `text`: of the receipt, or who did it.
std::string step_word(std::string_view channel, std::string_view outcome, std::string_view text);
// Did this step hand the message over, so that it counts as a try?
bool is_try(std::string_view outcome);

} // namespace wechat::staff
