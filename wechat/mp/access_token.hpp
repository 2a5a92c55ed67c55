// WeChat's access token, by stable_token: one refresh at a time, kept sealed across restarts, renewed before
// it dies, never asked for in a loop (wechat-platform.md 10).
#pragma once
#include "core/base/result.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/api_hosts.hpp"
#include "wechat/mp/breaker.hpp"
#include "wechat/mp/http_client.hpp"
#include "wechat/mp/settings.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp {

class access_token {
  public:
    access_token(const settings& s, http_client& http, core::db::database& db, breakers& stops,
                 api_hosts& hosts);

    // The token to use now; fetches when less than five minutes are left, and goes on with the old one while
    // it lives if that fails. Blocks while another thread fetches, and then takes what that one got. Refuses
    // with unavailable: WeChat away (asked again after five seconds), or stopped by a breaker.
    core::result<std::string> current();
    // After WeChat refused `used`: gives a newer one if there is one, else fetches once. Forces a new token
    // only if WeChat insists on the refused one: at most once in ten minutes and five times a day.
    core::result<std::string> renew(std::string_view used);

    std::optional<core::instant> expires_at() const; // for the status page

  private:
    core::result<std::string> fetch(bool force);
    core::result<std::string> fail(int code, const std::string& errmsg, const http_answer& answer);
    bool is_alive(core::instant now) const { return !token_.empty() && now < expires_; }
    void load();

    const settings* settings_;
    http_client* http_;
    core::db::database* db_;
    breakers* stops_;
    api_hosts* hosts_;
    mutable std::mutex guard_; // held during a fetch: single flight
    std::string token_;
    core::instant expires_{}, fetched_{};
    core::instant ask_again_{}; // after a failure that may pass by itself
    core::instant last_forced_{};
    int forced_today_ = 0;
    bool loaded_ = false;
};

} // namespace wechat::mp
