// The e-mail channel of the hub: notices to people with a verified address, when the channels before it did
// not reach them. SMTP knows no ids: what is in doubt is not sent again at once (notify/README.md).
#pragma once
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/template.hpp"
#include "notify/message/channel.hpp"
#include "wechat/relay/mail.hpp"
#include "wechat/relay/smtp_client.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wechat::relay {

class email_channel final : public notify::channel {
  public:
    // `site`: our address before the paths of messages.
    email_channel(smtp_client& client, const core::template_set& templates, const core::clock& time,
                  std::string site);
    std::string_view name() const override { return "email"; }
    notify::address_kind needs() const override { return notify::address_kind::email; }
    bool remembers() const override { return false; }
    bool has_receipts() const override { return false; }
    std::string compose(const notify::message& m) const override;
    void send(const source& next, const sink& done) override;
    void wake() override;
    void give_up() override;

    // The whole message; "" when the stored parts or the address cannot be mailed.
    std::string content_of(const notify::outgoing& m) const;

  private:
    smtp_client* client_;
    const core::template_set* templates_;
    const core::clock* time_;
    std::string site_;
    std::vector<notify::outgoing> slots_;
};

// RFC 5321 4.2.1: 2xx is done, 4xx may work later, 5xx never will. Where in the dialogue it was said decides
// what it is about: us, the person's address, or the message.
notify::send_result judge_reply(const smtp_answer& a);

// One mail outside the hub: the code that proves an address. Refuses unavailable email.away.
core::result<> mail_code(smtp_client& client, const core::template_set& templates, const core::clock& time,
                         const std::string& to, const std::string& code);

// One mail outside the hub to who runs it. Refuses unavailable email.away.
core::result<> mail_alarm(smtp_client& client, const core::clock& time, const std::string& to,
                          const std::string& subject, const std::string& text);

} // namespace wechat::relay
