#include "wechat/relay/webhook_channel.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace wechat::relay {
namespace {

using notify::verdict;
constexpr std::size_t said_most = 200; // bytes of the receiver's answer that are kept

std::string text_of(const core::value& body) {
    std::string text;
    const auto* labels = body.find("labels");
    const auto* data = body.find("data");
    if (labels == nullptr || data == nullptr || labels->as_members() == nullptr) return text;
    for (const auto& [name, label] : *labels->as_members())
        text.append(text.empty() ? "" : "，")
            .append(label.as_text() == nullptr ? name : *label.as_text())
            .append("：")
            .append(data->text(name));
    return text;
}

verdict verdict_of(int status) {
    if ((status >= 200 && status < 300) || status == 409) return verdict::accepted;
    if (status == 422) return verdict::user_refused;
    if (status == 429) return verdict::slow_down;
    if (status == 400 || status == 413 || status == 415) return verdict::data_refused;
    if (status == 408 || status == 425) return verdict::not_sent;
    if (status >= 300 && status < 500) return verdict::account_down; // moved, secret refused, no such path
    return verdict::in_doubt;
}

} // namespace

mp::http_client::options client_options(const webhook_settings& s) {
    mp::http_client::options o;
    o.ca_file = s.ca_file;
    o.connect_timeout_ms = s.connect_timeout_ms;
    o.total_timeout_ms = s.total_timeout_ms;
    o.connections = s.connections;
    o.allow_plain_http = s.allow_plain_http;
    return o;
}

std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
    const std::string signed_text = std::string(timestamp) + "." + std::string(body);
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    const auto* made = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                            reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
                            digest.data(), &size);
    if (made == nullptr || size != digest.size()) throw std::runtime_error("HMAC failed");
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (const auto b : digest)
        out.append({hex[b >> 4], hex[b & 15]});
    return out;
}

notify::send_result judge_webhook(const mp::http_answer& a) {
    notify::send_result r;
    if (a.fate == mp::http_answer::fate::answered) {
        r.result = verdict_of(a.status);
        r.errcode = r.result == verdict::accepted ? 0 : a.status;
        if (r.errcode != 0) r.errmsg = core::tidy_line(core::cut_bytes(a.body, said_most));
        if (!core::is_utf8(r.errmsg)) r.errmsg = "answer of status " + std::to_string(a.status);
    } else {
        const bool not_sent = a.fate == mp::http_answer::fate::not_sent;
        r.result = not_sent ? verdict::not_sent : verdict::in_doubt;
        r.errmsg = a.why;
    }
    return r;
}

webhook_channel::webhook_channel(webhook_settings s, mp::http_client& http, const core::clock& time,
                                 std::string site)
    : settings_(std::move(s)), http_(&http), time_(&time), site_(std::move(site)),
      slots_(http.connections()) {}

notify::address_kind webhook_channel::needs() const {
    if (settings_.to == "group") return notify::address_kind::group;
    return settings_.to == "people" ? notify::address_kind::person : notify::address_kind::phone;
}

std::string webhook_channel::compose(const notify::message& m) const {
    return notify::full_body_of(m, site_);
}

std::string webhook_channel::request_body(const notify::outgoing& m) const {
    const auto body = core::parse_json(m.body);
    if (!body || body->text("title").empty()) return {};
    core::value out = core::value::object();
    out.set("id", m.client_msg_id).set("kind", m.kind);
    if (settings_.to == "phones") out.set("phone", m.address);
    out.set("title", body->text("title")).set("text", text_of(*body));
    return core::to_json(out.set("url", body->text("url")));
}

void webhook_channel::send(const source& next, const sink& done) {
    http_->stream(
        [&](std::size_t slot, mp::http_request& r) {
            while (auto m = next()) {
                r.url = settings_.url;
                r.body = request_body(*m);
                slots_[slot] = std::move(*m);
                if (!r.body.empty()) {
                    const std::string stamp = std::to_string(core::to_ms(time_->now()) / 1000);
                    r.headers = {
                        "Idempotency-Key: " + slots_[slot].client_msg_id, "X-Qiangjian-Timestamp: " + stamp,
                        "X-Qiangjian-Signature: v1=" + webhook_signature(settings_.secret, stamp, r.body)};
                    return true;
                }
                notify::send_result bad;
                bad.result = verdict::data_refused;
                bad.errmsg = "the stored text is no message";
                done(slots_[slot], std::move(bad));
            }
            return false;
        },
        [&](std::size_t slot, const mp::http_answer& a) { done(slots_[slot], judge_webhook(a)); });
}

void webhook_channel::wake() {
    http_->wake();
}

void webhook_channel::give_up() {
    http_->give_up();
}

} // namespace wechat::relay
