// WeChat's message encryption: AES-256-CBC, blocks of 32, random(16) | be32 length | text | AppID
// (wechat-platform.md 5). Each way to be wrong has its own reason for the log.
#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace wechat::mp {

enum class crypto_fault { none, not_base64, bad_length, bad_padding, bad_message_length, wrong_appid };
std::string_view text_of(crypto_fault f);

class message_crypto {
  public:
    // 43 characters of base64 alphabet; the spare bits of the last one are ignored. Throws
    // std::invalid_argument.
    message_crypto(std::string_view encoding_aes_key, std::string appid);

    struct opened {
        crypto_fault fault = crypto_fault::none;
        std::string text;
    };
    opened decrypt(std::string_view base64) const;
    std::string encrypt(std::string_view text) const; // random prefix
    std::string encrypt(std::string_view text, std::span<const unsigned char, 16> prefix) const;

  private:
    std::array<unsigned char, 32> key_{};
    std::string appid_;
};

} // namespace wechat::mp
