// Which of WeChat's API hosts to call: the configured one, or the other while it cannot be reached.
#pragma once
#include "core/base/clock.hpp"
#include "wechat/mp/settings.hpp"

#include <mutex>
#include <string>
#include <string_view>

namespace wechat::mp {

// Any thread.
class api_hosts {
  public:
    api_hosts(const settings& s, const core::clock& time) : settings_(&s), time_(&time) {}

    std::string base() const; // "https://api.weixin.qq.com"
    // `base` refused the connection or has no address: the other one is used for five minutes. True when
    // there is another one to try.
    bool leave(std::string_view base);
    bool on_fallback() const {
        return !settings_->api_base_fallback.empty() && base() != settings_->api_base;
    }

  private:
    const settings* settings_;
    const core::clock* time_;
    mutable std::mutex guard_;
    core::instant away_until_{};
};

} // namespace wechat::mp
