// Every way a message can leave the house, made of the configuration, in the order in which they are tried.
#pragma once
#include "notify/message/log_channel.hpp"
#include "wechat/config.hpp"
#include "wechat/mp/customer_channel.hpp"
#include "wechat/mp/subscription_channel.hpp"
#include "wechat/mp/template_channel.hpp"
#include "wechat/relay/email_channel.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wechat {

class ways_out {
  public:
    ways_out(const config& c, mp::api& api, const notify::message_book& book,
             const core::template_set& templates, const core::clock& time);

    // Those that are configured; without any, one that only writes log lines.
    const std::vector<notify::channel*>& channels() const { return in_order_; }
    bool has_mail() const { return smtp_ != nullptr; }
    core::result<> mail_code(const std::string& address, const std::string& code);
    core::result<> mail_alarm(const std::string& address, const std::string& subject,
                              const std::string& text);

  private:
    void add(std::unique_ptr<notify::channel> c);

    const core::template_set* templates_;
    const core::clock* time_;
    std::vector<std::unique_ptr<mp::http_client>> clients_; // a channel's threads have theirs alone
    std::unique_ptr<relay::smtp_client> smtp_;
    std::vector<std::unique_ptr<notify::channel>> owned_;
    std::vector<notify::channel*> in_order_;
};

} // namespace wechat
