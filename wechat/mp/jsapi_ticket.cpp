#include "wechat/mp/jsapi_ticket.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "wechat/mp/signature.hpp"
#include "wechat/mp/token_store.hpp"

#include <chrono>

namespace wechat::mp {
namespace {

using namespace std::chrono_literals;
constexpr std::string_view kind = "jsapi_ticket";
constexpr auto early = 300s;  // of 7200: a page signed now must still open
constexpr auto settled = 30s; // a fresh answer is not asked for again, however little is left
constexpr auto pause = 5s;    // after a failure
constexpr std::size_t longest_url = 2048;

} // namespace

// The account stands before the ticket: after a change of AppID the old one must not come back.
void jsapi_ticket::load() {
    if (loaded_) return;
    loaded_ = true;
    const auto kept = db_->read([](core::db::read_view& v) { return token_store::find(v, kind); });
    const std::string whose = api_->config().appid + "\n";
    if (!kept || !kept->token.starts_with(whose)) return;
    ticket_ = kept->token.substr(whose.size());
    expires_ = kept->expires_at;
}

core::result<std::string> jsapi_ticket::current() {
    const std::lock_guard<std::mutex> hold(guard_);
    load();
    const auto now = db_->time().now();
    if (is_alive(now) && (now + early < expires_ || now < fetched_ + settled)) return ticket_;
    if (now < ask_again_) return is_alive(now) ? core::result<std::string>(ticket_) : failure_;
    auto fresh = fetch();
    if (fresh) return fresh;
    ask_again_ = now + pause;
    failure_ = fresh.error();
    if (is_alive(now)) return ticket_;
    return fresh;
}

core::result<std::string> jsapi_ticket::fetch() {
    const auto answer = api_->get("/cgi-bin/ticket/getticket", "type=jsapi");
    if (!answer) return answer.error();
    std::string fresh = answer->text("ticket");
    if (fresh.empty() || fresh.size() > 512) return core::error(core::errc::unavailable, "wechat.away");
    ticket_ = std::move(fresh);
    fetched_ = db_->time().now();
    expires_ = fetched_ + std::chrono::seconds(answer->number("expires_in"));
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           token_store::put(tx, kind, {api_->config().appid + "\n" + ticket_, expires_});
           return {};
       })
        .value();
    return ticket_;
}

core::result<page_signature> jsapi_ticket::sign(std::string_view url) {
    if (!is_page_of(url, api_->config().public_url)) return core::error(core::errc::invalid, "js.address");
    const auto ticket = current();
    if (!ticket) return ticket.error();
    page_signature s;
    s.appid = api_->config().appid;
    s.nonce = core::random_hex(16);
    s.timestamp = core::to_ms(db_->time().now()) / 1000;
    s.signature = sign_page(*ticket, s.nonce, s.timestamp, url);
    return s;
}

std::string sign_page(std::string_view ticket, std::string_view nonce, std::int64_t timestamp,
                      std::string_view url) {
    std::string text = "jsapi_ticket=";
    text.append(ticket).append("&noncestr=").append(nonce);
    text.append("&timestamp=").append(std::to_string(timestamp)).append("&url=").append(url);
    return mp::sign({text});
}

bool is_page_of(std::string_view url, std::string_view public_url) {
    if (url.size() > longest_url || !url.starts_with(public_url)) return false;
    const auto rest = url.substr(public_url.size());
    const bool ends_host = rest.empty() || rest[0] == '/' || rest[0] == '?';
    return ends_host && rest.find('#') == std::string_view::npos && url == core::tidy_line(url);
}

} // namespace wechat::mp
