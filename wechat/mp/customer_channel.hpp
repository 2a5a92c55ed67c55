// Customer-service messages: to who has written to the account in the last 48 hours, five of ours at most
// since (wechat-platform.md 17). WeChat counts itself and says 45015 or 45047: then the next channel.
#pragma once
#include "wechat/mp/push_channel.hpp"

#include <string>
#include <string_view>

namespace wechat::mp {

class customer_channel final : public push_channel {
  public:
    customer_channel(api& a, http_client& http);
    std::string_view name() const override { return "customer"; }
    bool remembers() const override { return false; }
    bool has_receipts() const override { return false; }
    bool may_go(core::db::read_view& view, std::string_view openid) const override;
    // {"msgtype": "text", "text": {"content": …}}: title, a line a field, a link.
    std::string compose(const notify::message& m) const override;
    std::string request_body(const notify::outgoing& m) const override;
};

} // namespace wechat::mp
