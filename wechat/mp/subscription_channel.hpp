// Subscription notifications (bizsend): for kinds with a template the person has subscribed to. One
// subscription, one message; whether there is one only WeChat knows, and says with 43101 (wechat-platform.md
// 16).
#pragma once
#include "wechat/mp/push_channel.hpp"

#include <string>
#include <string_view>

namespace wechat::mp {

class subscription_channel final : public push_channel {
  public:
    subscription_channel(api& a, http_client& http);
    std::string_view name() const override { return "subscription"; }
    bool carries(std::string_view kind) const override; // a subscription template is configured
    bool remembers() const override { return false; }   // no client_msg_id: it would use up two subscriptions
    bool has_receipts() const override { return false; }
    // {"page": "https://…", "data": {…}}
    std::string compose(const notify::message& m) const override;
    std::string request_body(const notify::outgoing& m) const override;
};

} // namespace wechat::mp
