// Calls to WeChat's API: every one goes through here. Adds the token, renews it once when refused, and turns
// WeChat's codes into refusals with the cause logged (never an address: it holds secrets).
#pragma once
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "wechat/mp/access_token.hpp"
#include "wechat/mp/http_client.hpp"
#include "wechat/mp/settings.hpp"

#include <string>
#include <string_view>

namespace wechat::mp {

http_client::options client_options(const settings& s);

struct oauth_identity {
    std::string openid;
    std::string unionid; // "" when WeChat did not say
};

class api {
  public:
    api(const settings& s, http_client& http, core::db::database& db);

    // POST (or GET without body) to `path`, e.g. "/cgi-bin/menu/create". Refuses with unavailable
    // (wechat.away, wechat.account_down, wechat.quota) or invalid (wechat.refused, args errcode and errmsg).
    core::result<core::value> post(std::string_view path, const core::value& body);
    core::result<core::value> get(std::string_view path, std::string_view query = {});

    // Web OAuth, scope snsapi_base (wechat-platform.md 20). `state` is hex; `redirect_path` our own.
    std::string authorize_url(std::string_view redirect_path, std::string_view state) const;
    // Refuses: oauth.code_used (40029, 40163, 42003: start again), oauth.snapshot (virtual openid),
    // wechat.away.
    core::result<oauth_identity> exchange_code(std::string_view code);

    access_token& token() { return token_; }
    http_client& http() { return *http_; }
    const settings& config() const { return *settings_; }

  private:
    core::result<core::value> send(std::string_view path, std::string_view query, const std::string& body);

    const settings* settings_;
    http_client* http_;
    access_token token_;
};

// WeChat's request id out of an errmsg ("… rid: 6…"), "" without one.
std::string rid_of(std::string_view errmsg);

} // namespace wechat::mp
