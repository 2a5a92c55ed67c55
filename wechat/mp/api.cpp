#include "wechat/mp/api.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>

namespace wechat::mp {
namespace {

constexpr std::string_view oauth_path = "/sns/oauth2/access_token";

core::error away() {
    return core::error(core::errc::unavailable, "wechat.away");
}

core::error stopped_by(const block& b) {
    return core::error(core::errc::unavailable, is_quota(b.why) ? "wechat.quota" : "wechat.account_down")
        .with("cause", std::string(code_of(b.why)))
        .with("errcode", std::to_string(b.errcode))
        .with("ip", b.caller_ip);
}

// What WeChat said; nullopt for a cut, no answer, and what a gateway says in its place: also JSON, but of
// another status and without WeChat's code.
std::optional<core::value> words_of(const http_answer& a) {
    if (a.fate != http_answer::fate::answered) return std::nullopt;
    auto parsed = core::parse_json(a.body);
    if (parsed && a.status != 200 && parsed->find("errcode") == nullptr) return std::nullopt;
    return parsed;
}

bool is_openid_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
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
    return std::string(rid.substr(0, std::min<std::size_t>(rid.find_first_of(" ,;"), 64)));
}

std::string redact(std::string_view errmsg, const settings& s) {
    std::string out(errmsg.substr(0, 300));
    for (const auto* secret : {&s.secret, &s.website_secret, &s.token, &s.token_previous, &s.encoding_aes_key,
                               &s.encoding_aes_key_previous})
        for (auto at = secret->empty() ? std::string::npos : out.find(*secret); at != std::string::npos;
             at = out.find(*secret))
            out.replace(at, secret->size(), "***");
    // Whatever looks like an openid or a token: long runs of their alphabet. A rid has 27 at most.
    std::string clear;
    for (std::size_t i = 0; i < out.size();) {
        std::size_t end = i;
        while (end < out.size() && is_openid_character(out[end]))
            ++end;
        if (end - i >= 28)
            clear.append(out, i, 6).append("…");
        else
            clear.append(out, i, end - i);
        if (end < out.size()) clear += out[end];
        i = end + 1;
    }
    return clear;
}

http_answer call_either(http_client& http, api_hosts& hosts, const std::string& path_and_query,
                        const std::string& body) {
    const std::string first = hosts.base();
    auto answer = http.call({first + path_and_query, body});
    if (answer.fate != http_answer::fate::not_sent || !hosts.leave(first)) return answer;
    const std::string second = hosts.base();
    answer = http.call({second + path_and_query, body});
    if (answer.fate == http_answer::fate::not_sent) hosts.leave(second);
    return answer;
}

api::api(const settings& s, http_client& http, core::db::database& db)
    : settings_(&s), http_(&http), db_(&db), hosts_(s, db.time()), token_(s, http, db, breakers_, hosts_) {}

core::result<core::value> api::post(std::string_view path, const core::value& body) {
    return send(path, {}, core::to_json(body));
}

core::result<core::value> api::get(std::string_view path, std::string_view query) {
    return send(path, query, {});
}

std::string api::url_of(std::string_view path, std::string_view token) const {
    return hosts_.base() + std::string(path) + "?access_token=" + percent_encode(token);
}

std::optional<core::error> api::stopped(std::string_view path) const {
    const auto b = breakers_.find(path, db_->time().now());
    if (!b) return std::nullopt;
    return stopped_by(*b);
}

void api::note_answer(std::string_view path, int errcode, std::string_view errmsg) {
    breakers_.note(path, errcode, errmsg, db_->time().now());
}

http_answer api::call(const std::string& path_and_query, const std::string& body) {
    return call_either(*http_, hosts_, path_and_query, body);
}

void api::log_failure(std::string_view path, const http_answer& a, int code,
                      const std::string& errmsg) const {
    core::value fields = core::value::object();
    fields.set("api", path).set("status", a.status).set("errcode", code).set("meaning", meaning_of(code));
    fields.set("rid", rid_of(errmsg)).set("errmsg", redact(errmsg, *settings_)).set("why", a.why);
    const bool is_fault = class_of(code) != error_class::benign;
    core::log::write(is_fault ? core::log::level::warn : core::log::level::debug, "wechat",
                     "a call to WeChat failed", fields);
}

core::error api::refuse(std::string_view path, const http_answer& a, int code, const std::string& errmsg) {
    log_failure(path, a, code, errmsg);
    note_answer(path, code, errmsg);
    if (const auto stop = stopped(path)) return *stop;
    switch (action_of(class_of(code))) {
    case action::retry_later:
    case action::renew_token:
        return away();
    default:
        return core::error(core::errc::invalid, "wechat.refused")
            .with("errcode", std::to_string(code))
            .with("errmsg", redact(errmsg, *settings_))
            .with("rid", rid_of(errmsg));
    }
}

core::result<core::value> api::send(std::string_view path, std::string_view query, const std::string& body) {
    if (auto stop = stopped(path)) return std::move(*stop);
    auto token = token_.current();
    for (int attempt = 0; token; ++attempt) {
        std::string target = std::string(path) + "?access_token=" + percent_encode(*token);
        if (!query.empty()) target.append("&").append(query);
        const auto answer = call(target, body);
        auto parsed = words_of(answer);
        if (!parsed) {
            log_failure(path, answer, 0, {});
            return away();
        }
        const int code = static_cast<int>(parsed->number("errcode"));
        if (code == 0) return std::move(*parsed);
        if (class_of(code) == error_class::refresh_token && attempt == 0) {
            token = token_.renew(*token);
            continue;
        }
        return refuse(path, answer, code, parsed->text("errmsg"));
    }
    if (auto stop = stopped(path)) return std::move(*stop); // says why there is no token
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
    if (auto stop = stopped(oauth_path)) return std::move(*stop);
    const auto answer = call(std::string(oauth_path) + "?appid=" + settings_->appid +
                                 "&secret=" + percent_encode(settings_->secret) +
                                 "&code=" + percent_encode(code) + "&grant_type=authorization_code",
                             {});
    const auto body = words_of(answer);
    if (!body) {
        log_failure(oauth_path, answer, 0, {});
        return away();
    }
    const int failed = static_cast<int>(body->number("errcode"));
    if (failed != 0) {
        auto refused = refuse(oauth_path, answer, failed, body->text("errmsg"));
        if (class_of(failed) == error_class::authorise)
            return core::error(core::errc::invalid, "oauth.code_used");
        return refused;
    }
    if (body->number("is_snapshotuser") == 1) return core::error(core::errc::not_allowed, "oauth.snapshot");
    oauth_identity who{body->text("openid"), body->text("unionid")};
    if (who.openid.empty() || who.openid.size() > 64) return away();
    return who;
}

std::string api::website_url(std::string_view redirect_path, std::string_view state) const {
    return settings_->oauth_base + "/connect/qrconnect?appid=" + settings_->website_appid +
           "&redirect_uri=" + percent_encode(settings_->public_url + std::string(redirect_path)) +
           "&response_type=code&scope=snsapi_login&state=" + std::string(state) + "#wechat_redirect";
}

// Another application's secret: what is wrong with it must not stop the account's own calls.
core::result<oauth_identity> api::exchange_website_code(std::string_view code) {
    const auto answer = call(std::string(oauth_path) + "?appid=" + settings_->website_appid +
                                 "&secret=" + percent_encode(settings_->website_secret) +
                                 "&code=" + percent_encode(code) + "&grant_type=authorization_code",
                             {});
    const auto body = words_of(answer);
    const int failed = body ? static_cast<int>(body->number("errcode")) : 0;
    if (!body || failed != 0) {
        core::value fields = core::value::object();
        fields.set("errcode", failed).set("meaning", meaning_of(failed)).set("why", answer.why);
        if (body) fields.set("errmsg", redact(body->text("errmsg"), *settings_));
        core::log::warn("wechat", "the website's sign-in failed", fields);
    }
    if (!body) return away();
    switch (class_of(failed)) {
    case error_class::ok:
        break;
    case error_class::authorise:
        return core::error(core::errc::invalid, "oauth.code_used");
    case error_class::account:
        return core::error(core::errc::unavailable, "website.settings")
            .with("errcode", std::to_string(failed));
    default:
        return away();
    }
    oauth_identity who{body->text("openid"), body->text("unionid")};
    if (who.unionid.empty()) return core::error(core::errc::unavailable, "website.no_union");
    if (who.unionid.size() > 64) return away();
    return who;
}

} // namespace wechat::mp
