// Proves that a callback request is WeChat's: parameters, age, envelope, signature, key, AppID, account.
// Pure, without a database. Mode, tokens and keys come from the configuration, never from the request.
#pragma once
#include "core/base/clock.hpp"
#include "wechat/mp/crypto.hpp"
#include "wechat/mp/message.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/server/request.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wechat::mp {

// Why a request is refused: for the log only. From outside all look alike (guarantees K4).
enum class rejection {
    unsigned_request, // scanners and probes: no parameters at all
    repeated_parameter,
    bad_timestamp,
    stale,
    wrong_mode, // encrypt_type does not fit the configuration
    bad_envelope,
    bad_signature,
    not_base64,
    bad_cipher_length,
    bad_padding,
    bad_message_length,
    wrong_appid,
    bad_message,
    wrong_account, // ToUserName is not ours
    replayed // plaintext mode: the signature of another message; found by callback, which has the memory
};
std::string_view text_of(rejection r);

// A message that is proved genuine.
struct accepted {
    message what;
    std::string plain;     // its XML
    std::string signature; // that covered it; in plaintext mode it does not cover the text
    std::string timestamp, nonce;
    std::size_t token = 0; // which of our tokens signed it; the reply is signed with the same
    std::size_t key = 0;   // which of our keys opened it; the reply goes out with the same
    bool encrypted = true;
    bool is_mended = false; // genuine, but with a NUL (dropped) or more fields than are read
};

class gate {
  public:
    explicit gate(const settings& s); // throws std::invalid_argument for a malformed key

    // The address check of the console (section 3), plain in every mode: the echo, or nullopt.
    std::optional<std::string> check_address(const request& r) const;
    // In the order of wechat-platform.md 5.
    std::variant<accepted, rejection> accept(const request& r, core::instant now) const;
    // The body that goes out for this reply: encrypted when the message was, "success" never is.
    std::string seal(const accepted& a, std::string_view reply, core::instant now) const;

  private:
    std::optional<rejection> check_parameters(const request& r, accepted& a, core::instant now) const;
    std::optional<rejection> open_plain(const request& r, accepted& a) const;
    std::optional<rejection> open_sealed(const request& r, accepted& a) const;
    std::optional<rejection> read_text(accepted& a) const;

    const settings* settings_;
    std::vector<std::string> tokens_;  // current, previous
    std::vector<message_crypto> keys_; // current, previous
};

} // namespace wechat::mp
