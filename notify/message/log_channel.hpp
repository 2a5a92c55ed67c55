// A channel that sends nothing and accepts everything: for running without WeChat (wechat.enabled = false).
#pragma once
#include "notify/message/channel.hpp"

namespace notify {

class log_channel final : public channel {
  public:
    std::string_view name() const override { return "log"; }
    void send(const source& next, const sink& done) override;
};

} // namespace notify
