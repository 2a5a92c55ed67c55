// WeChat's error codes and what follows from each (wechat-platform.md 22).
#pragma once
#include "notify/message/channel.hpp"

#include <span>
#include <string_view>

namespace wechat::mp {

enum class error_class {
    ok,
    refresh_token, // T: token refreshed once, one retry
    retry,         // R: later, with back-off
    quota_day,     // Q: until midnight
    quota_minute,  // Q: a minute
    user,          // U: this person cannot be reached so
    data,          // D: our request is wrong; never retried unchanged
    one_template,  // C for one template: park its messages
    account,       // C: everything waits for the operator
    authorise,     // A: send the person through OAuth again
    benign,        // says that what was asked for is so already
    unknown
};

struct known_error {
    int code;
    error_class kind;
    std::string_view meaning; // English, for logs and the staff page's detail
};

std::span<const known_error> known_errors();
error_class class_of(int errcode);
std::string_view meaning_of(int errcode); // "" when unknown
// What is done about it.
enum class action {
    nothing,      // ok, or so already
    renew_token,  // once, then the call once more
    retry_later,  // with back-off
    wait_for_day, // until midnight in Guangdong
    wait_a_minute,
    mark_user,       // this person cannot be reached so; no retry
    give_up,         // never unchanged; shown to the operator with rid
    park_template,   // this template's messages wait
    pause_and_alarm, // calls stop, the operator must act
    authorise_again  // the person goes through OAuth once more
};
action action_of(error_class c);
// What a class means for a template message that was sent with it.
notify::verdict verdict_of(error_class c);

} // namespace wechat::mp
