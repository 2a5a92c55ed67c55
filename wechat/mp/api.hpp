// Calls to WeChat's API: every one goes through here. Adds the token, renews it once when refused, changes
// the host when one cannot be reached, keeps quiet while only the operator can help, and turns WeChat's codes
// into refusals with the cause logged (never an address: it holds secrets).
#pragma once
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "wechat/mp/access_token.hpp"
#include "wechat/mp/api_hosts.hpp"
#include "wechat/mp/breaker.hpp"
#include "wechat/mp/http_client.hpp"
#include "wechat/mp/settings.hpp"

#include <optional>
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
    // (wechat.away; wechat.account_down and wechat.quota with args cause, errcode, ip) or invalid
    // (wechat.refused with args errcode, errmsg, rid).
    core::result<core::value> post(std::string_view path, const core::value& body);
    core::result<core::value> get(std::string_view path, std::string_view query = {});

    // Web OAuth, scope snsapi_base (wechat-platform.md 20). `state` is hex; `redirect_path` our own.
    std::string authorize_url(std::string_view redirect_path, std::string_view state) const;
    // Refuses: oauth.code_used (40029, 40163, 42003: start again), oauth.snapshot (virtual openid),
    // wechat.away.
    core::result<oauth_identity> exchange_code(std::string_view code);

    // The same on a desktop by the Open Platform's website application (21): only the unionid says who it is.
    std::string website_url(std::string_view redirect_path, std::string_view state) const;
    // Refuses oauth.code_used (40029, 40163, 42003), website.no_union (the account is not bound to the Open
    // Platform account of the website application), website.settings (its AppID or secret is wrong),
    // wechat.away.
    core::result<oauth_identity> exchange_website_code(std::string_view code);

    // For the template channel, which sends many at once and judges each answer itself.
    std::string url_of(std::string_view path, std::string_view token) const;
    std::optional<core::error> stopped(std::string_view path) const; // while a breaker is open
    void note_answer(std::string_view path, int errcode, std::string_view errmsg);
    void lift_all() { breakers_.lift_all(); }    // the operator has mended it, or says so
    void probe() { breakers_.forget_account(); } // asks again what the operator may have mended meanwhile
    void note_unreachable() { hosts_.leave(hosts_.base()); }

    access_token& token() { return token_; }
    http_client& http() { return *http_; }
    const settings& config() const { return *settings_; }
    const api_hosts& hosts() const { return hosts_; }
    std::vector<block> blocks() const { return breakers_.all(db_->time().now()); } // for the status page

  private:
    core::result<core::value> send(std::string_view path, std::string_view query, const std::string& body);
    http_answer call(const std::string& path_and_query, const std::string& body);
    void log_failure(std::string_view path, const http_answer& a, int code, const std::string& errmsg) const;
    core::error refuse(std::string_view path, const http_answer& a, int code, const std::string& errmsg);

    const settings* settings_;
    http_client* http_;
    core::db::database* db_;
    breakers breakers_;
    api_hosts hosts_;
    access_token token_;
};

// WeChat's request id out of an errmsg ("… rid: 6…"), "" without one.
std::string rid_of(std::string_view errmsg);
// WeChat's words fit for a log: our secrets and tokens out, openids shortened.
std::string redact(std::string_view errmsg, const settings& s);
// One call that changes the host once when the first certainly got nothing. Used by api and access_token.
http_answer call_either(http_client& http, api_hosts& hosts, const std::string& path_and_query,
                        const std::string& body);

} // namespace wechat::mp
