#include "wechat/mp/access_token.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/mp/token_store.hpp"

namespace wechat::mp {
namespace {

using namespace std::chrono_literals;
constexpr std::string_view kind = "access_token";
constexpr auto early = 300s;  // the platform renews in the last five minutes
constexpr auto settled = 30s; // a fresh answer is not asked for again, however little is left
constexpr auto pause = 5s;    // after WeChat was away
constexpr auto between_forced = 10min;
constexpr int forced_per_day = 5;

core::error unavailable(std::string detail) {
    return core::error(core::errc::unavailable, std::move(detail));
}

} // namespace

access_token::access_token(const settings& s, http_client& http, core::db::database& db, breakers& stops,
                           api_hosts& hosts)
    : settings_(&s), http_(&http), db_(&db), stops_(&stops), hosts_(&hosts) {}

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
    const auto now = db_->time().now();
    if (is_alive(now) && (now + early < expires_ || now < fetched_ + settled)) return token_;
    auto fresh = fetch(false);
    if (!fresh && is_alive(now)) return token_;
    return fresh;
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
        return unavailable("wechat.token_refused");
    }
    last_forced_ = now;
    ++forced_today_;
    return fetch(true);
}

core::result<std::string> access_token::fetch(bool force) {
    const auto now = db_->time().now();
    if (const auto stop = stops_->find(token_path, now))
        return unavailable(is_quota(stop->why) ? "wechat.quota" : "wechat.account_down");
    if (now < ask_again_) return unavailable("wechat.away");
    core::value ask = core::value::object();
    ask.set("grant_type", "client_credential")
        .set("appid", settings_->appid)
        .set("secret", settings_->secret)
        .set("force_refresh", force);
    const auto answer = call_either(*http_, *hosts_, std::string(token_path), core::to_json(ask));
    const auto body =
        answer.fate == http_answer::fate::answered ? core::parse_json(answer.body) : std::nullopt;
    const std::string token = body ? body->text("access_token") : "";
    if (token.empty())
        return fail(body ? static_cast<int>(body->number("errcode")) : 0, body ? body->text("errmsg") : "",
                    answer);
    stops_->note_success(token_path);
    token_ = token;
    fetched_ = now;
    expires_ = now + std::chrono::seconds(body->number("expires_in"));
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           token_store::put(tx, kind, {token_, expires_});
           return {};
       })
        .value();
    return token_;
}

core::result<std::string> access_token::fail(int code, const std::string& errmsg, const http_answer& answer) {
    const auto now = db_->time().now();
    core::value fields = core::value::object();
    fields.set("errcode", code).set("meaning", meaning_of(code)).set("rid", rid_of(errmsg));
    fields.set("errmsg", redact(errmsg, *settings_)).set("why", answer.why);
    core::log::error("wechat", "no access token", fields);
    stops_->note(token_path, code, errmsg, now);
    if (const auto stop = stops_->find(token_path, now))
        return unavailable(is_quota(stop->why) ? "wechat.quota" : "wechat.account_down");
    ask_again_ = now + pause;
    return unavailable("wechat.away");
}

std::optional<core::instant> access_token::expires_at() const {
    const std::lock_guard<std::mutex> hold(guard_);
    if (token_.empty()) return std::nullopt;
    return expires_;
}

} // namespace wechat::mp
