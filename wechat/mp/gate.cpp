#include "wechat/mp/gate.hpp"

#include "wechat/mp/signature.hpp"

#include <algorithm>
#include <charconv>

namespace wechat::mp {
namespace {

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

rejection rejection_of(crypto_fault f) {
    switch (f) {
    case crypto_fault::not_base64:
        return rejection::not_base64;
    case crypto_fault::bad_padding:
        return rejection::bad_padding;
    case crypto_fault::bad_message_length:
        return rejection::bad_message_length;
    case crypto_fault::wrong_appid:
        return rejection::wrong_appid;
    case crypto_fault::bad_length:
    case crypto_fault::none:
        break;
    }
    return rejection::bad_cipher_length;
}

} // namespace

std::string_view text_of(rejection r) {
    switch (r) {
    case rejection::unsigned_request:
        return "no signature";
    case rejection::repeated_parameter:
        return "a parameter is given twice";
    case rejection::bad_timestamp:
        return "timestamp is no number";
    case rejection::stale:
        return "stale: clocks differ or an old request was sent again";
    case rejection::wrong_mode:
        return "encrypt_type does not fit the configured mode";
    case rejection::bad_envelope:
        return "envelope";
    case rejection::bad_signature:
        return "signature";
    case rejection::not_base64:
        return "ciphertext is not base64";
    case rejection::bad_cipher_length:
        return "length of the ciphertext";
    case rejection::bad_padding:
        return "padding";
    case rejection::bad_message_length:
        return "length of the message";
    case rejection::wrong_appid:
        return "another AppID";
    case rejection::bad_message:
        return "message is not XML of WeChat";
    case rejection::wrong_account:
        return "another account's message";
    case rejection::replayed:
        return "signature of another message";
    }
    return "unknown";
}

gate::gate(const settings& s) : settings_(&s) {
    for (const auto* token : {&s.token, &s.token_previous})
        if (!token->empty()) tokens_.push_back(*token);
    for (const auto* key : {&s.encoding_aes_key, &s.encoding_aes_key_previous})
        if (!key->empty()) keys_.emplace_back(*key, s.appid);
}

std::optional<std::string> gate::check_address(const request& r) const {
    for (const std::string_view name : {"signature", "timestamp", "nonce", "echostr"})
        if (r.query.count(name) != 1) return std::nullopt;
    const auto echo = r.query.get("echostr");
    if (!is_echo(echo)) return std::nullopt;
    for (const auto& token : tokens_)
        if (same_signature(sign({token, r.query.get("timestamp"), r.query.get("nonce")}),
                           r.query.get("signature")))
            return std::string(echo);
    return std::nullopt;
}

std::variant<accepted, rejection> gate::accept(const request& r, core::instant now) const {
    accepted a;
    if (const auto refused = check_parameters(r, a, now)) return *refused;
    if (const auto refused = a.encrypted ? open_sealed(r, a) : open_plain(r, a)) return *refused;
    return a;
}

std::optional<rejection> gate::check_parameters(const request& r, accepted& a, core::instant now) const {
    for (const std::string_view name : {"signature", "timestamp", "nonce", "msg_signature", "encrypt_type"})
        if (r.query.count(name) > 1) return rejection::repeated_parameter;
    a.timestamp = r.query.get("timestamp");
    a.nonce = r.query.get("nonce");
    if (a.timestamp.empty() || a.nonce.empty()) return rejection::unsigned_request;
    const auto stamped = seconds_of(a.timestamp);
    if (!stamped) return rejection::bad_timestamp;
    const std::int64_t now_s = core::to_ms(now) / 1000;
    if (*stamped < now_s - settings_->freshness_seconds || *stamped > now_s + settings_->freshness_seconds)
        return rejection::stale;
    // Compatible mode sends the plain fields as well, but nothing signs them: only the sealed ones count.
    a.encrypted = settings_->mode != message_mode::plaintext;
    const auto type = r.query.get("encrypt_type");
    const bool fits = a.encrypted ? type == "aes" : type.empty() || type == "raw";
    if (!fits) return rejection::wrong_mode;
    return std::nullopt;
}

std::optional<rejection> gate::open_plain(const request& r, accepted& a) const {
    a.signature = r.query.get("signature");
    for (a.token = 0; a.token < tokens_.size(); ++a.token)
        if (same_signature(sign({tokens_[a.token], a.timestamp, a.nonce}), a.signature)) break;
    if (a.token == tokens_.size()) return rejection::bad_signature;
    a.plain = r.body;
    return read_text(a);
}

std::optional<rejection> gate::open_sealed(const request& r, accepted& a) const {
    const auto sealed = read_envelope(r.body);
    if (!sealed) return rejection::bad_envelope;
    a.signature = r.query.get("msg_signature");
    for (a.token = 0; a.token < tokens_.size(); ++a.token)
        if (same_signature(sign({tokens_[a.token], a.timestamp, a.nonce, *sealed}), a.signature)) break;
    if (a.token == tokens_.size()) return rejection::bad_signature;
    auto first_fault = crypto_fault::none;
    for (a.key = 0; a.key < keys_.size(); ++a.key) {
        auto opened = keys_[a.key].decrypt(*sealed);
        if (opened.fault == crypto_fault::none) {
            a.plain = std::move(opened.text);
            return read_text(a);
        }
        if (a.key == 0) first_fault = opened.fault; // of the current key: the previous one garbles everything
    }
    return rejection_of(first_fault);
}

std::optional<rejection> gate::read_text(accepted& a) const {
    // A person may type what XML knows no sign for: the message is genuine all the same, and is answered.
    if (a.plain.find('\0') != std::string::npos) {
        std::erase(a.plain, '\0');
        a.is_mended = true;
    }
    auto m = read_message(a.plain);
    if (!m) return rejection::bad_message;
    if (m->to != settings_->original_id) return rejection::wrong_account;
    a.what = std::move(*m);
    a.is_mended = a.is_mended || a.what.is_cut;
    return std::nullopt;
}

std::string gate::seal(const accepted& a, std::string_view reply, core::instant now) const {
    if (!a.encrypted) return std::string(reply);
    const std::string sealed = keys_[a.key].encrypt(reply);
    const std::string timestamp = std::to_string(core::to_ms(now) / 1000);
    const std::string signature = sign({tokens_[a.token], timestamp, a.nonce, sealed});
    return reply_envelope(sealed, signature, timestamp, a.nonce);
}

} // namespace wechat::mp
