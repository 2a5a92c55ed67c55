// WeChat's access token, by stable_token: one refresh at a time, kept sealed across restarts, renewed before
// it dies, never asked for in a loop (wechat-platform.md 10).
#pragma once
#include "core/base/result.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/http_client.hpp"
#include "wechat/mp/settings.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp {

class access_token {
  public:
    access_token(const settings& s, http_client& http, core::db::database& db);

    // The token to use now; fetches when less than five minutes are left. Blocks while another thread
    // fetches. Refuses with unavailable: WeChat away, or the account needs the operator (then at once, for
    // five minutes).
    core::result<std::string> current();
    // After WeChat refused `used`: gives a newer one if there is one, else fetches once. Forces a new token
    // only if WeChat insists on the refused one: at most once in ten minutes and five times a day.
    core::result<std::string> renew(std::string_view used);

    std::optional<core::instant> expires_at() const; // for the status page

  private:
    core::result<std::string> fetch(bool force);
    void load();

    const settings* settings_;
    http_client* http_;
    core::db::database* db_;
    mutable std::mutex guard_; // held during a fetch: single flight
    std::string token_;
    core::instant expires_{};
    core::instant blocked_until_{};
    core::instant last_forced_{};
    int forced_today_ = 0;
    bool loaded_ = false;
};

} // namespace wechat::mp
