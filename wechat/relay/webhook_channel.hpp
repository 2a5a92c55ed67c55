// The webhook channel of the hub: a signed POST for every notice, to an institute's SMS gateway or to the
// robot of a chat group. What the receiver must check is in notify/README.md.
#pragma once
#include "core/base/clock.hpp"
#include "notify/message/channel.hpp"
#include "wechat/mp/http_client.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::relay {

struct webhook_settings {
    std::string url;    // "": no webhook
    std::string secret; // of the signature, at least 16 characters
    std::string to =
        "phones"; // phones: people with a number, which is told; people: without it; group: once an event
    bool allow_plain_http = false;
    std::filesystem::path ca_file; // instead of the system's
    int connect_timeout_ms = 3000, total_timeout_ms = 10000;
    std::size_t connections = 4;
};
mp::http_client::options client_options(const webhook_settings& s);

class webhook_channel final : public notify::channel {
  public:
    webhook_channel(webhook_settings s, mp::http_client& http, const core::clock& time, std::string site);
    std::string_view name() const override { return "webhook"; }
    notify::address_kind needs() const override;
    bool has_receipts() const override { return false; }
    std::string compose(const notify::message& m) const override;
    void send(const source& next, const sink& done) override;
    void wake() override;
    void give_up() override;

    // {"id", "kind", "phone", "title", "text", "url"}; "" when the stored parts are no message.
    std::string request_body(const notify::outgoing& m) const;

  private:
    webhook_settings settings_;
    mp::http_client* http_;
    const core::clock* time_;
    std::string site_;
    std::vector<notify::outgoing> slots_;
};

// Hex of HMAC-SHA256 over "timestamp.body".
std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body);
// 2xx and 409 (had it already): done. 422: this person cannot be reached so. 429: slower. Other 4xx and 3xx:
// the settings or our data are wrong. 5xx or no answer: in doubt; the id makes a second try safe.
notify::send_result judge_webhook(const mp::http_answer& a);

} // namespace wechat::relay
