#include "wechat/mp/crypto.hpp"

#include "core/base/ids.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

namespace wechat::mp {
namespace {

using context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* bytes_of(std::string& s) {
    return reinterpret_cast<unsigned char*>(s.data());
}

constexpr auto alphabet = [] {
    std::array<bool, 256> is{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
        is[static_cast<unsigned char>(c)] = true;
    return is;
}();

// Strict: the standard alphabet, '=' only at the end, length a multiple of four.
bool decode_base64(std::string_view text, std::string& out) {
    if (text.empty() || text.size() % 4 != 0) return false;
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=')
        ++padding;
    bool fine = true; // without leaving early: text of WeChat's is right to its end
    for (const char c : text.substr(0, text.size() - padding))
        fine = fine && alphabet[static_cast<unsigned char>(c)];
    if (!fine) return false;
    out.resize(text.size() / 4 * 3);
    const int n = EVP_DecodeBlock(bytes_of(out), bytes_of(text), static_cast<int>(text.size()));
    if (n < 0) return false;
    out.resize(static_cast<std::size_t>(n) - padding); // EVP_DecodeBlock counts the padding's zero bytes
    return true;
}

std::string encode_base64(std::string_view raw) {
    std::string out((raw.size() + 2) / 3 * 4 + 1, '\0');
    const int n = EVP_EncodeBlock(bytes_of(out), bytes_of(raw), static_cast<int>(raw.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

using aes_key = std::array<unsigned char, 32>;

// One direction with the key it was last used with: setting the same key again would cost as much as a short
// message.
class cipher {
  public:
    explicit cipher(bool encrypting) : encrypting_(encrypting) {}

    void run(const aes_key& key, std::string_view in, std::string& out) {
        static EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
        const bool known = key_ == key;
        key_.reset(); // until this went well
        out.resize(in.size() + 16);
        int n = 0;
        int tail = 0;
        // The key's first half is the IV; padding is by hand, since OpenSSL only knows blocks of 16.
        bool fine = EVP_CipherInit_ex2(c_.get(), known ? nullptr : aes, known ? nullptr : key.data(),
                                       key.data(), encrypting_ ? 1 : 0, nullptr) == 1;
        if (!known) fine = fine && EVP_CIPHER_CTX_set_padding(c_.get(), 0) == 1;
        fine =
            fine &&
            EVP_CipherUpdate(c_.get(), bytes_of(out), &n, bytes_of(in), static_cast<int>(in.size())) == 1 &&
            EVP_CipherFinal_ex(c_.get(), bytes_of(out) + n, &tail) == 1;
        if (!fine) throw std::runtime_error("AES failed");
        out.resize(static_cast<std::size_t>(n + tail));
        key_ = key;
    }

  private:
    context c_{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
    bool encrypting_;
    std::optional<aes_key> key_;
};

void run_aes(const aes_key& key, bool encrypting, std::string_view in, std::string& out) {
    thread_local std::array<cipher, 2> ciphers{cipher(false), cipher(true)};
    ciphers[encrypting ? 1 : 0].run(key, in, out);
}

} // namespace

std::string_view text_of(crypto_fault f) {
    switch (f) {
    case crypto_fault::none:
        return "none";
    case crypto_fault::not_base64:
        return "not base64";
    case crypto_fault::bad_length:
        return "length of the ciphertext";
    case crypto_fault::bad_padding:
        return "padding";
    case crypto_fault::bad_message_length:
        return "length of the message";
    case crypto_fault::wrong_appid:
        return "another AppID";
    }
    return "unknown";
}

message_crypto::message_crypto(std::string_view aes_key, std::string appid) : appid_(std::move(appid)) {
    std::string raw;
    if (aes_key.size() != 43 || !decode_base64(std::string(aes_key) + "=", raw) || raw.size() != 32)
        throw std::invalid_argument("EncodingAESKey must be 43 letters and digits");
    std::copy(raw.begin(), raw.end(), key_.begin());
}

message_crypto::opened message_crypto::decrypt(std::string_view base64) const {
    const auto refused = [](crypto_fault f) { return opened{f, {}}; };
    std::string sealed;
    if (!decode_base64(base64, sealed)) return refused(crypto_fault::not_base64);
    if (sealed.empty() || sealed.size() % 32 != 0) return refused(crypto_fault::bad_length);
    std::string plain;
    run_aes(key_, false, sealed, plain);
    const std::size_t pad = static_cast<unsigned char>(plain.back());
    if (pad < 1 || pad > 32) return refused(crypto_fault::bad_padding);
    for (std::size_t i = plain.size() - pad; i < plain.size(); ++i)
        if (static_cast<unsigned char>(plain[i]) != pad) return refused(crypto_fault::bad_padding);
    const std::size_t body = plain.size() - pad;
    if (body < 20) return refused(crypto_fault::bad_message_length);
    std::uint64_t n = 0;
    for (std::size_t i = 16; i < 20; ++i)
        n = n << 8 | static_cast<unsigned char>(plain[i]);
    if (20 + n > body) return refused(crypto_fault::bad_message_length);
    const std::string_view rest = std::string_view(plain).substr(20 + n, body - 20 - n);
    if (rest != appid_) return refused(crypto_fault::wrong_appid);
    return {crypto_fault::none, plain.substr(20, n)};
}

std::string message_crypto::encrypt(std::string_view text) const {
    std::array<unsigned char, 16> prefix{};
    core::random_bytes(prefix);
    return encrypt(text, prefix);
}

std::string message_crypto::encrypt(std::string_view text, std::span<const unsigned char, 16> prefix) const {
    std::string plain(reinterpret_cast<const char*>(prefix.data()), 16);
    plain.reserve(text.size() + appid_.size() + 64);
    for (const int shift : {24, 16, 8, 0})
        plain += static_cast<char>(text.size() >> shift & 0xFF);
    plain.append(text).append(appid_);
    const std::size_t pad = 32 - plain.size() % 32;
    plain.append(pad, static_cast<char>(pad));
    std::string sealed;
    run_aes(key_, true, plain, sealed);
    return encode_base64(sealed);
}

} // namespace wechat::mp
