// WeChat's side of the encrypted callback: signs and encrypts as the platform does, and opens our replies.
// Written apart from wechat/mp/crypto.* on purpose, so that the product's crypto is not checked by itself.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace wechat::sandbox {

struct wire_keys {
    std::string token;
    std::string encoding_aes_key; // 43 characters
    std::string appid;
};

std::string sign(const wire_keys& k, std::string_view timestamp, std::string_view nonce,
                 std::string_view encrypt);
std::string encrypt(const wire_keys& k, std::string_view plain);
std::optional<std::string> decrypt(const wire_keys& k, std::string_view encrypt_base64);
// Text between <name> and </name>, CDATA removed; enough for the envelopes and replies of our own server.
std::string element(std::string_view xml, std::string_view name);

} // namespace wechat::sandbox
