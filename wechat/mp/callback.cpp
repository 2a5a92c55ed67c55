#include "wechat/mp/callback.hpp"

#include "core/base/ids.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/callback_store.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/signature.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace wechat::mp {
namespace {

constexpr std::size_t most_waiting = 4000; // actions queued for the writer; more are answered 503 at once

std::optional<std::int64_t> seconds_of(std::string_view text) {
    std::int64_t n = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return n;
}

bool is_echo(std::string_view s) {
    return !s.empty() && s.size() <= 128 && std::all_of(s.begin(), s.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
               c == '/' || c == '=' || c == '_' || c == '-';
    });
}

// What identifies a message: a retry repeats all of these, two different ones never do (section 6).
std::string key_of(const message& m) {
    std::string all;
    for (const std::string_view part :
         {std::string_view(m.from), std::string_view(m.type), std::string_view(m.event),
          std::string_view(m.event_key), std::string_view(m.msg_id), std::string_view(m.ticket),
          std::string_view(m.scan_result)})
        all.append(part).append("\x1f");
    all.append(std::to_string(m.create_time));
    return core::sha256_hex(all);
}

response refused() {
    return text("forbidden\n", 403);
} // one answer for every reason

} // namespace

std::string_view text_of(rejection r) {
    switch (r) {
    case rejection::unsigned_request:
        return "no signature";
    case rejection::repeated_parameter:
        return "a parameter is given twice";
    case rejection::bad_timestamp:
        return "timestamp";
    case rejection::stale:
        return "stale";
    case rejection::wrong_mode:
        return "encrypt_type does not fit the configured mode";
    case rejection::bad_envelope:
        return "envelope";
    case rejection::bad_signature:
        return "signature";
    case rejection::bad_ciphertext:
        return "ciphertext";
    case rejection::bad_message:
        return "message";
    case rejection::wrong_account:
        return "another account's message";
    }
    return "unknown";
}

callback::callback(const settings& s, const core::template_set& templates)
    : settings_(&s), conversation_(templates, s.public_url) {
    for (const auto* token : {&s.token, &s.token_previous})
        if (!token->empty()) tokens_.push_back(*token);
    for (const auto* key : {&s.encoding_aes_key, &s.encoding_aes_key_previous})
        if (!key->empty()) keys_.emplace_back(*key, s.appid);
}

std::optional<std::string> callback::check_address(const request& r) const {
    const auto echo = r.query.get("echostr");
    if (!is_echo(echo)) return std::nullopt;
    for (const auto& token : tokens_)
        if (same_signature(sign({token, r.query.get("timestamp"), r.query.get("nonce")}),
                           r.query.get("signature")))
            return std::string(echo);
    return std::nullopt;
}

std::variant<accepted, rejection> callback::accept(const request& r, core::instant now) const {
    for (const std::string_view name : {"signature", "timestamp", "nonce", "msg_signature", "encrypt_type"})
        if (r.query.count(name) > 1) return rejection::repeated_parameter;
    accepted a;
    a.timestamp = r.query.get("timestamp");
    a.nonce = r.query.get("nonce");
    if (a.timestamp.empty() || a.nonce.empty()) return rejection::unsigned_request;
    const auto stamped = seconds_of(a.timestamp);
    if (!stamped) return rejection::bad_timestamp;
    const std::int64_t now_s = core::to_ms(now) / 1000;
    if (*stamped < now_s - settings_->freshness_seconds || *stamped > now_s + settings_->freshness_seconds)
        return rejection::stale;
    const auto type = r.query.get("encrypt_type");
    const bool says_encrypted = type == "aes";
    if (settings_->mode == message_mode::safe && !says_encrypted) return rejection::wrong_mode;
    if (settings_->mode == message_mode::plaintext && says_encrypted) return rejection::wrong_mode;
    if (!says_encrypted && !type.empty() && type != "raw") return rejection::wrong_mode;
    if (says_encrypted) return open_encrypted(r, std::move(a));
    a.encrypted = false;
    a.signature = r.query.get("signature");
    const bool signed_by_us = std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& t) {
        return same_signature(sign({t, a.timestamp, a.nonce}), a.signature);
    });
    if (!signed_by_us) return rejection::bad_signature;
    a.plain = r.body;
    auto m = read_message(a.plain);
    if (!m) return rejection::bad_message;
    if (m->to != settings_->original_id) return rejection::wrong_account;
    a.what = std::move(*m);
    return a;
}

std::variant<accepted, rejection> callback::open_encrypted(const request& r, accepted a) const {
    const auto sealed = read_envelope(r.body);
    if (!sealed) return rejection::bad_envelope;
    a.signature = r.query.get("msg_signature");
    const bool signed_by_us = std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& t) {
        return same_signature(sign({t, a.timestamp, a.nonce, *sealed}), a.signature);
    });
    if (!signed_by_us) return rejection::bad_signature;
    for (a.key = 0; a.key < keys_.size(); ++a.key) {
        auto opened = keys_[a.key].decrypt(*sealed);
        if (opened.fault != crypto_fault::none) continue;
        a.plain = std::move(opened.text);
        auto m = read_message(a.plain);
        if (!m) return rejection::bad_message;
        if (m->to != settings_->original_id) return rejection::wrong_account;
        a.what = std::move(*m);
        return a;
    }
    return rejection::bad_ciphertext;
}

std::string callback::answer(core::db::write_tx& tx, const accepted& a) const {
    const std::string key = key_of(a.what);
    const inbox::entry e{key, core::sha256_hex(a.plain), a.signature, a.what.from, a.what.kind()};
    if (!inbox::insert(tx, e)) return inbox::reply_of(tx, key);
    const std::string said = conversation_.reply_to(tx, a.what);
    std::string reply = said.empty() ? "success" : text_reply(a.what, said, core::to_ms(tx.now()) / 1000);
    inbox::set_reply(tx, key, reply);
    return reply;
}

response callback::seal(const accepted& a, std::string_view reply, core::instant now) const {
    if (reply.empty() || reply == "success") return text("success");
    if (!a.encrypted) return xml(std::string(reply));
    const std::string sealed = keys_[a.key].encrypt(reply);
    const std::string timestamp = std::to_string(core::to_ms(now) / 1000);
    return xml(
        reply_envelope(sealed, sign({tokens_.front(), timestamp, a.nonce, sealed}), timestamp, a.nonce));
}

response callback_check(const request& r, core::db::read_view&, services& s) {
    const auto echo = s.callback == nullptr ? std::nullopt : s.callback->check_address(r);
    return echo ? text(*echo) : refused();
}

void callback_post(request r, services& s, answer_fn answer) {
    if (s.callback == nullptr) return answer(refused());
    auto proved = s.callback->accept(r, s.time->now());
    if (const auto* why = std::get_if<rejection>(&proved)) {
        const auto level =
            *why == rejection::unsigned_request ? core::log::level::debug : core::log::level::warn;
        core::log::write(level, "wechat", "callback refused",
                         core::value::object().set("request", r.request_id).set("why", text_of(*why)));
        return answer(refused());
    }
    if (s.db->waiting() > most_waiting) return answer(text("", 503)); // WeChat tries again (guarantees K2)
    struct turn {
        accepted what;
        std::string reply;
    };
    auto t = std::make_shared<turn>(turn{std::move(std::get<accepted>(proved)), {}});
    auto shared_answer = std::make_shared<answer_fn>(std::move(answer));
    s.db->submit(
        [t, &s](core::db::write_tx& tx) {
            t->reply = s.callback->answer(tx, t->what);
            return true;
        },
        [t, &s, shared_answer](const std::exception_ptr& failed) {
            if (!failed) return (*shared_answer)(s.callback->seal(t->what, t->reply, s.time->now()));
            // Nothing is stored: WeChat's next try finds a clean state. Never 5xx for a message's content.
            core::log::error("wechat", "a callback could not be stored");
            (*shared_answer)(text("", 503));
        });
}

response callback_late() {
    return text("success");
}

} // namespace wechat::mp
