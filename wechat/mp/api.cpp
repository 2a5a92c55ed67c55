#include "wechat/mp/api.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"

namespace wechat::mp {
namespace {

core::error refusal_of(int code, const std::string& errmsg) {
    switch (class_of(code)) {
    case error_class::account:
        return core::error(core::errc::unavailable, "wechat.account_down");
    case error_class::quota_day:
    case error_class::quota_minute:
        return core::error(core::errc::unavailable, "wechat.quota");
    case error_class::retry:
    case error_class::refresh_token:
    case error_class::unknown:
        return core::error(core::errc::unavailable, "wechat.away");
    default:
        break;
    }
    return core::error(core::errc::invalid, "wechat.refused")
        .with("errcode", std::to_string(code))
        .with("errmsg", errmsg);
}

void log_failure(std::string_view path, const http_answer& a, int code, const std::string& errmsg) {
    core::value fields = core::value::object();
    fields.set("api", path).set("status", a.status).set("errcode", code).set("meaning", meaning_of(code));
    fields.set("rid", rid_of(errmsg)).set("why", a.why);
    core::log::warn("wechat", "a call to WeChat failed", fields);
}

} // namespace

http_client::options client_options(const settings& s) {
    http_client::options o;
    o.ca_file = s.ca_file;
    o.connect_timeout_ms = s.connect_timeout_ms;
    o.total_timeout_ms = s.total_timeout_ms;
    o.connections = static_cast<std::size_t>(s.push_connections);
    return o;
}

std::string rid_of(std::string_view errmsg) {
    const auto at = errmsg.find("rid: ");
    if (at == std::string_view::npos) return {};
    const auto rid = errmsg.substr(at + 5);
    return std::string(rid.substr(0, rid.find_first_of(" ,;")));
}

api::api(const settings& s, http_client& http, core::db::database& db)
    : settings_(&s), http_(&http), token_(s, http, db) {}

core::result<core::value> api::post(std::string_view path, const core::value& body) {
    return send(path, {}, core::to_json(body));
}

core::result<core::value> api::get(std::string_view path, std::string_view query) {
    return send(path, query, {});
}

core::result<core::value> api::send(std::string_view path, std::string_view query, const std::string& body) {
    auto token = token_.current();
    for (int attempt = 0; token; ++attempt) {
        std::string url = settings_->api_base + std::string(path) + "?access_token=" + percent_encode(*token);
        if (!query.empty()) url.append("&").append(query);
        const auto answer = http_->call({url, body});
        auto parsed =
            answer.fate == http_answer::fate::answered ? core::parse_json(answer.body) : std::nullopt;
        const int code = parsed ? static_cast<int>(parsed->number("errcode")) : 0;
        if (parsed && code == 0) return std::move(*parsed);
        if (!parsed) {
            log_failure(path, answer, 0, {});
            return core::error(core::errc::unavailable, "wechat.away");
        }
        if (class_of(code) == error_class::refresh_token && attempt == 0) {
            token = token_.renew(*token);
            continue;
        }
        log_failure(path, answer, code, parsed->text("errmsg"));
        return refusal_of(code, parsed->text("errmsg"));
    }
    return token.error();
}

std::string api::authorize_url(std::string_view redirect_path, std::string_view state) const {
    // Order of the parameters and the fragment are obligatory (wechat-platform.md 20).
    return settings_->oauth_base + "/connect/oauth2/authorize?appid=" + settings_->appid +
           "&redirect_uri=" + percent_encode(settings_->public_url + std::string(redirect_path)) +
           "&response_type=code&scope=snsapi_base&state=" + std::string(state) +
           "&connect_redirect=1#wechat_redirect";
}

core::result<oauth_identity> api::exchange_code(std::string_view code) {
    const auto answer =
        http_->call({settings_->api_base + "/sns/oauth2/access_token?appid=" + settings_->appid +
                         "&secret=" + percent_encode(settings_->secret) + "&code=" + percent_encode(code) +
                         "&grant_type=authorization_code",
                     {}});
    const auto body =
        answer.fate == http_answer::fate::answered ? core::parse_json(answer.body) : std::nullopt;
    const int failed = body ? static_cast<int>(body->number("errcode")) : 0;
    if (!body || failed != 0) {
        log_failure("/sns/oauth2/access_token", answer, failed, body ? body->text("errmsg") : "");
        if (class_of(failed) == error_class::authorise)
            return core::error(core::errc::invalid, "oauth.code_used");
        return body ? refusal_of(failed, body->text("errmsg"))
                    : core::error(core::errc::unavailable, "wechat.away");
    }
    if (body->number("is_snapshotuser") == 1) return core::error(core::errc::not_allowed, "oauth.snapshot");
    oauth_identity who{body->text("openid"), body->text("unionid")};
    if (who.openid.empty() || who.openid.size() > 64)
        return core::error(core::errc::unavailable, "wechat.away");
    return who;
}

} // namespace wechat::mp
