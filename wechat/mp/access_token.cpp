#include "wechat/mp/access_token.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/mp/token_store.hpp"

namespace wechat::mp {
namespace {

using namespace std::chrono_literals;
constexpr std::string_view kind = "access_token";
constexpr auto early = 300s;   // the platform renews in the last five minutes
constexpr auto breaker = 5min; // after an error only the operator can mend
constexpr auto between_forced = 10min;
constexpr int forced_per_day = 5;

core::error away(std::string detail) {
    return core::error(core::errc::unavailable, std::move(detail));
}

} // namespace

access_token::access_token(const settings& s, http_client& http, core::db::database& db)
    : settings_(&s), http_(&http), db_(&db) {}

void access_token::load() {
    if (loaded_) return;
    loaded_ = true;
    const auto kept = db_->read([](core::db::read_view& v) { return token_store::find(v, kind); });
    if (!kept) return;
    token_ = kept->token;
    expires_ = kept->expires_at;
}

core::result<std::string> access_token::current() {
    const std::lock_guard<std::mutex> hold(guard_);
    load();
    if (!token_.empty() && db_->time().now() + early < expires_) return token_;
    return fetch(false);
}

core::result<std::string> access_token::renew(std::string_view used) {
    const std::lock_guard<std::mutex> hold(guard_);
    load();
    if (token_ != used && !token_.empty()) return token_;
    auto fresh = fetch(false);
    if (!fresh || *fresh != used) return fresh;
    const auto now = db_->time().now();
    if (core::local_date(now) != core::local_date(last_forced_)) forced_today_ = 0;
    if (now < last_forced_ + between_forced || forced_today_ >= forced_per_day) {
        core::log::error("wechat", "WeChat refuses its own access token; check AppID and AppSecret");
        return away("wechat.token_refused");
    }
    last_forced_ = now;
    ++forced_today_;
    return fetch(true);
}

core::result<std::string> access_token::fetch(bool force) {
    const auto now = db_->time().now();
    if (now < blocked_until_) return away("wechat.account_down");
    core::value ask = core::value::object();
    ask.set("grant_type", "client_credential")
        .set("appid", settings_->appid)
        .set("secret", settings_->secret);
    ask.set("force_refresh", force);
    const auto answer = http_->call({settings_->api_base + "/cgi-bin/stable_token", core::to_json(ask)});
    const auto body =
        answer.fate == http_answer::fate::answered ? core::parse_json(answer.body) : std::nullopt;
    if (!body || body->find("access_token") == nullptr) {
        const int code = body ? static_cast<int>(body->number("errcode")) : 0;
        if (class_of(code) == error_class::account || code == 40001) blocked_until_ = now + breaker;
        // errmsg names the address that is missing in the whitelist; it holds no secret.
        core::value fields = core::value::object();
        fields.set("errcode", code).set("meaning", meaning_of(code));
        fields.set("why", body ? body->text("errmsg") : answer.why);
        core::log::error("wechat", "no access token", fields);
        return away(class_of(code) == error_class::account ? "wechat.account_down" : "wechat.away");
    }
    token_ = body->text("access_token");
    expires_ = now + std::chrono::seconds(body->number("expires_in"));
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           token_store::put(tx, kind, {token_, expires_});
           return {};
       })
        .value();
    return token_;
}

std::optional<core::instant> access_token::expires_at() const {
    const std::lock_guard<std::mutex> hold(guard_);
    if (token_.empty()) return std::nullopt;
    return expires_;
}

} // namespace wechat::mp
