// The whole site of a test without sockets: the order world, every part put together as app.cpp does, a
// simulated WeChat behind the API on loopback, and browsers that keep cookies. Templates are strict: a name
// that a page's model lacks fails the test.
#pragma once
#include "notify/hub/hub.hpp"
#include "notify/message/channel.hpp"
#include "tests/support/world_orders.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/callback.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/server/assets.hpp"
#include "wechat/server/server.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests {

// Accepts everything and keeps it.
class kept_messages : public notify::channel {
  public:
    explicit kept_messages(std::string_view name = "wechat",
                           notify::address_kind needed = notify::address_kind::openid)
        : name_(name), needed_(needed) {}
    std::string_view name() const override { return name_; }
    notify::address_kind needs() const override { return needed_; }
    void send(const source& next, const sink& done) override;
    std::vector<notify::outgoing> all;
    // The latest of this kind to this person; fails the test when there is none.
    notify::outgoing last(std::string_view kind, std::string_view openid) const;

  private:
    std::string_view name_;
    notify::address_kind needed_;
};

class site : public order_world {
  public:
    explicit site(core::instant start = tuesday_morning);
    ~site();

    wechat::response send(wechat::request r); // as if the header and the body had just been read
    void run_hub();                           // until nothing is left to send
    std::string say(std::string_view openid, std::string_view text); // in the chat; the reply's text
    std::string answer_pushes(); // posts what the platform pushes to our callback; the last reply's text

    wechat::mp::settings& settings(); // what the operator would have configured; changes count at once

    kept_messages messages, mails{"email", notify::address_kind::email};
    std::unique_ptr<wechat::sandbox::platform> platform;
    wechat::services services;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

using form_fields = std::vector<std::pair<std::string, std::string>>;

class browser {
  public:
    explicit browser(site& s, std::string address = "203.0.113.5")
        : site_(&s), address_(std::move(address)) {}

    wechat::response get(std::string_view target); // path and query
    // As a form of our page is sent: our Origin, the session's token, unless `as` says otherwise.
    struct manner {
        bool token = true;
        std::string origin = "https://qj.test"; // "": none
        std::string once;                       // Idempotency-Key
    };
    wechat::response post(std::string_view path, const form_fields& form, const manner& as);
    wechat::response post(std::string_view path, const form_fields& form = {}) {
        return post(path, form, {});
    }
    // With files, as multipart/form-data.
    wechat::response post_files(std::string_view path, const form_fields& form,
                                const std::vector<wechat::uploaded_file>& files);
    wechat::response sign_in(std::string_view username, std::string_view password = "demo-2026");
    void use_agent(std::string_view user_agent) { agent_ = user_agent; } // "" at first
    void take_session(std::string_view token) { cookies_["__Host-session"] = token; }
    std::string cookie(const std::string& name) const;
    std::string csrf(); // of its session; "" without one

  private:
    wechat::request make(wechat::method m, std::string_view target);
    wechat::response send(wechat::request r);

    site* site_;
    std::string address_, agent_;
    std::map<std::string, std::string> cookies_;
};

std::string location_of(const wechat::response& r); // of a redirect, "" without
bool contains(const wechat::response& r, std::string_view text);

} // namespace tests
