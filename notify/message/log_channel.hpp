// A channel that sends nothing and accepts everything: for running without WeChat (wechat.enabled = false).
#pragma once
#include "notify/message/channel.hpp"

namespace notify {

class log_channel final : public channel {
  public:
    void send(std::span<const outgoing> batch,
              const std::function<void(std::size_t, send_result)>& done) override;
};

} // namespace notify
