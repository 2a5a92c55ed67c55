// An official account for tests: its settings, its callback over a small world, and a WeChat that seals and
// opens with the sandbox's wire, written apart from wechat/mp.
#pragma once
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "tests/support/world_accounts.hpp"
#include "wechat/mp/callback.hpp"
#include "wechat/sandbox/wire.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

inline constexpr std::string_view our_account = "gh_0123456789ab";
inline constexpr std::string_view some_openid = "oSomebody0000000000000000001";

wechat::mp::settings account_settings();
const core::template_set& strict_templates();
core::value vectors(); // tests/data/wechat_vectors.json

// Signs as the platform does.
class platform_keys {
  public:
    explicit platform_keys(const wechat::mp::settings& s) : wire_{s.token, s.encoding_aes_key, s.appid} {}
    wechat::sandbox::wire_keys& wire() { return wire_; }
    // A sealed request, signed at this moment; `nonce` numbers the copies.
    wechat::request sealed(std::string_view plain, core::instant now,
                           std::string_view nonce = "415670741") const;
    wechat::request plain(std::string_view text, core::instant now,
                          std::string_view nonce = "415670741") const;
    // The reply inside an encrypted answer after every check of the envelope; nullopt: not valid.
    std::optional<std::string> open(const wechat::response& answer) const;

  private:
    wechat::sandbox::wire_keys wire_;
};

// Inner XML of messages and events.
std::string text_message(std::string_view content, std::string_view msg_id, core::instant now,
                         std::string_view from = some_openid);
std::string event_message(std::string_view event, std::string_view extra, core::instant now,
                          std::string_view from = some_openid);
std::string any_message(std::string_view type, std::string_view extra, core::instant now,
                        std::string_view from = some_openid);

// A callback that works on a world's database without threads: what was posted waits until pump().
class callback_desk {
  public:
    explicit callback_desk(account_world& w, wechat::mp::settings s = account_settings(),
                           const core::template_set& templates = strict_templates());
    // Posts and gives where the answer will be; no value before pump() unless answered at once.
    std::shared_ptr<std::optional<wechat::response>> post(wechat::request r);
    wechat::response ask(wechat::request r); // post, pump, the answer
    // Says something and gives the text of the reply; "" for success.
    std::string say(std::string_view content, std::string_view from = some_openid);
    std::string event(std::string_view name, std::string_view extra = {},
                      std::string_view from = some_openid);
    void pump();
    void restart(); // of the program: the callback's memory goes

    account_world& w;
    wechat::mp::settings settings;
    platform_keys keys;
    wechat::mp::callback& door() { return *door_; }

    std::string text_in(const wechat::response& answer) const; // "" for success

  private:
    const core::template_set* templates_;
    std::unique_ptr<wechat::mp::callback> door_;
    std::int64_t next_id_ = 6265774840459235675;
};

// Everything logged while it lives, line by line.
class log_lines {
  public:
    log_lines();
    ~log_lines();
    log_lines(const log_lines&) = delete;
    log_lines& operator=(const log_lines&) = delete;
    std::vector<std::string> with(std::string_view part) const;
    std::string all() const;

  private:
    std::shared_ptr<std::vector<std::string>> lines_;
};

} // namespace tests
