// The WeChat channel of the notification hub: template messages, many at once over few connections.
#pragma once
#include "notify/message/channel.hpp"
#include "wechat/mp/api.hpp"

#include <string>
#include <vector>

namespace wechat::mp {

class template_channel final : public notify::channel {
  public:
    explicit template_channel(api& a) : api_(&a) {}
    void send(std::span<const notify::outgoing> batch,
              const std::function<void(std::size_t, notify::send_result)>& done) override;

    // The request body: touser, template_id, url made absolute, client_msg_id, data. "" when the kind has no
    // template id configured or the stored body is malformed.
    std::string body_of(const notify::outgoing& m) const;

  private:
    api* api_;
};

notify::send_result judge_answer(const http_answer& a);

} // namespace wechat::mp
