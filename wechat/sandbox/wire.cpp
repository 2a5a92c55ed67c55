#include "wechat/sandbox/wire.hpp"

#include "core/base/ids.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace wechat::sandbox {
namespace {

using bytes = std::basic_string<unsigned char>;
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

bytes from_base64(std::string_view text) {
    bytes out(text.size() / 4 * 3 + 3, 0);
    const int n = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                  static_cast<int>(text.size()));
    if (n < 0) return {};
    const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
    out.resize(static_cast<std::size_t>(n) - padding);
    return out;
}

std::string to_base64(const bytes& in) {
    std::string out((in.size() + 2) / 3 * 4 + 1, '\0');
    const int n =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), in.data(), static_cast<int>(in.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

bytes key_of(const wire_keys& k) {
    bytes key = from_base64(k.encoding_aes_key + "=");
    if (key.size() < 32) throw std::runtime_error("EncodingAESKey is not 43 base64 characters");
    key.resize(32);
    return key;
}

bytes run(const wire_keys& k, const bytes& in, bool encrypting) {
    const bytes key = key_of(k);
    const cipher_context c(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    bytes out(in.size() + 32, 0);
    int n = 0;
    int tail = 0;
    const bool fine =
        EVP_CipherInit_ex(c.get(), EVP_aes_256_cbc(), nullptr, key.data(), key.data(), encrypting ? 1 : 0) ==
            1 &&
        EVP_CIPHER_CTX_set_padding(c.get(), 0) == 1 &&
        EVP_CipherUpdate(c.get(), out.data(), &n, in.data(), static_cast<int>(in.size())) == 1 &&
        EVP_CipherFinal_ex(c.get(), out.data() + n, &tail) == 1;
    if (!fine) return {};
    out.resize(static_cast<std::size_t>(n + tail));
    return out;
}

void append(bytes& to, std::string_view text) {
    to.append(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

} // namespace

std::string sign(const wire_keys& k, std::string_view timestamp, std::string_view nonce,
                 std::string_view encrypted) {
    std::array<std::string_view, 4> parts = {k.token, timestamp, nonce, encrypted};
    std::sort(parts.begin(), parts.end());
    std::string all;
    for (const auto p : parts)
        all.append(p);
    std::array<unsigned char, 20> digest{};
    EVP_Digest(all.data(), all.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (const auto b : digest)
        out.append({hex[b >> 4], hex[b & 15]});
    return out;
}

std::string encrypt(const wire_keys& k, std::string_view plain) {
    bytes all(16, 0);
    core::random_bytes(all);
    const auto n = static_cast<std::uint32_t>(plain.size());
    for (const int shift : {24, 16, 8, 0})
        all += static_cast<unsigned char>(n >> shift);
    append(all, plain);
    append(all, k.appid);
    const std::size_t pad = 32 - all.size() % 32;
    all.append(pad, static_cast<unsigned char>(pad));
    return to_base64(run(k, all, true));
}

std::optional<std::string> decrypt(const wire_keys& k, std::string_view encrypted) {
    const bytes raw = from_base64(encrypted);
    if (raw.empty() || raw.size() % 16 != 0) return std::nullopt;
    const bytes all = run(k, raw, false);
    if (all.size() < 32) return std::nullopt;
    const std::size_t pad = all.back();
    const std::size_t n =
        std::size_t{all[16]} << 24 | std::size_t{all[17]} << 16 | std::size_t{all[18]} << 8 | all[19];
    if (pad == 0 || pad > 32 || all.size() < 20 + n + pad + k.appid.size()) return std::nullopt;
    const std::string text(all.begin() + 20, all.end() - static_cast<std::ptrdiff_t>(pad));
    if (text.substr(n) != k.appid) return std::nullopt;
    return text.substr(0, n);
}

std::string element(std::string_view xml, std::string_view name) {
    const std::string open = "<" + std::string(name) + ">";
    const std::string close = "</" + std::string(name) + ">";
    const auto from = xml.find(open);
    const auto to = from == std::string_view::npos ? from : xml.rfind(close);
    if (to == std::string_view::npos || to < from + open.size()) return {};
    std::string text(xml.substr(from + open.size(), to - from - open.size()));
    for (const std::string_view mark : {"<![CDATA[", "]]>"})
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
            text.erase(at, mark.size());
    return text;
}

} // namespace wechat::sandbox
