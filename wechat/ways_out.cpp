#include "wechat/ways_out.hpp"

#include "wechat/relay/webhook_channel.hpp"

#include <utility>

namespace wechat {
namespace {

constexpr std::size_t few = 4; // connections of the ways that are tried after template messages

} // namespace

ways_out::ways_out(const config& c, mp::api& api, const notify::message_book& book,
                   const core::template_set& templates, const core::clock& time)
    : templates_(&templates), time_(&time) {
    const auto client = [&](mp::http_client::options o) -> mp::http_client& {
        return *clients_.emplace_back(std::make_unique<mp::http_client>(std::move(o)));
    };
    auto with_few = mp::client_options(c.wechat);
    with_few.connections = few;
    if (c.wechat_enabled) {
        add(std::make_unique<mp::template_channel>(api, &book));
        if (!c.wechat.subscription_ids.empty())
            add(std::make_unique<mp::subscription_channel>(api, client(with_few)));
        if (c.wechat.customer_messages) add(std::make_unique<mp::customer_channel>(api, client(with_few)));
    }
    if (!c.mail.host.empty()) {
        smtp_ = std::make_unique<relay::smtp_client>(c.mail);
        add(std::make_unique<relay::email_channel>(*smtp_, templates, time, c.wechat.public_url));
    }
    if (!c.webhook.url.empty())
        add(std::make_unique<relay::webhook_channel>(c.webhook, client(relay::client_options(c.webhook)),
                                                     time, c.wechat.public_url));
    if (in_order_.empty()) add(std::make_unique<notify::log_channel>());
}

void ways_out::add(std::unique_ptr<notify::channel> c) {
    in_order_.push_back(c.get());
    owned_.push_back(std::move(c));
}

core::result<> ways_out::mail_code(const std::string& address, const std::string& code) {
    if (smtp_ == nullptr) return core::error(core::errc::unavailable, "email.off", "email");
    return relay::mail_code(*smtp_, *templates_, *time_, address, code);
}

core::result<> ways_out::mail_alarm(const std::string& address, const std::string& subject,
                                    const std::string& text) {
    if (smtp_ == nullptr) return core::error(core::errc::unavailable, "email.off", "email");
    return relay::mail_alarm(*smtp_, *time_, address, subject, text);
}

} // namespace wechat
