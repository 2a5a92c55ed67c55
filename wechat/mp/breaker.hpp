// Why calls to WeChat are not made for a while: what only the operator can mend (IP whitelist, AppSecret,
// the account) and used-up quotas. Nothing of this is cured by trying again (wechat-platform.md 10, 22).
#pragma once
#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

inline constexpr std::string_view token_path = "/cgi-bin/stable_token";

enum class cause {
    ip_whitelist, // this server's address is not allowed: every call, five minutes
    secret,       // AppID or AppSecret wrong, frozen or missing: every call, five minutes
    forbidden,    // this API is not ours to use: this path, ten minutes
    quota_day,    // this path until midnight in Guangdong
    quota_minute  // this path for a minute
};
std::string_view code_of(cause c); // "ip_whitelist", as in texts and JSON
bool is_quota(cause c);
bool mends_itself(cause c); // a minute's quota: nobody need do anything

struct block {
    cause why = cause::forbidden;
    std::string path; // "": every call
    int errcode = 0;
    std::string rid;
    std::string caller_ip; // ip_whitelist: the address that must be in the list, as WeChat saw it
    core::instant since, until;
};

// Any thread.
class breakers {
  public:
    // Heeds codes of the classes account and quota; anything else is ignored. On the token call 40001 means
    // that the AppSecret is wrong.
    void note(std::string_view path, int errcode, std::string_view errmsg, core::instant now);
    void note_success(std::string_view path); // of the token call: opens everything but quotas
    void lift_all();                          // quotas too: they may have been cleared in the console
    void forget_account(); // all but quotas: the next call will tell whether they still hold
    std::optional<block> find(std::string_view path, core::instant now) const; // what stops this path now
    std::vector<block> all(core::instant now) const;

  private:
    mutable std::mutex guard_;
    std::vector<block> blocks_;
};

core::error stopped_error(const block& b); // what stands still and until when, in words (wechat.stopped)
core::error cause_error(const block& b);   // why, and what to do (wechat.cause.…)

// "1.2.3.4" out of "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist"; "" when there is none.
std::string caller_ip_of(std::string_view errmsg);

} // namespace wechat::mp
