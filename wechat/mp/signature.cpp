#include "wechat/mp/signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace wechat::mp {
namespace {

using context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

} // namespace

std::string sign(std::initializer_list<std::string_view> parts) {
    // Fetched once: looking the algorithm up costs more than hashing.
    static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    thread_local const context c(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::array<std::string_view, 8> sorted{};
    if (parts.size() > sorted.size()) throw std::logic_error("too many parts to sign");
    std::copy(parts.begin(), parts.end(), sorted.begin());
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(parts.size());
    std::sort(sorted.begin(), end);
    std::array<unsigned char, 20> digest{};
    bool fine = EVP_DigestInit_ex2(c.get(), sha1, nullptr) == 1;
    for (auto p = sorted.begin(); fine && p != end; ++p)
        fine = EVP_DigestUpdate(c.get(), p->data(), p->size()) == 1;
    if (!fine || EVP_DigestFinal_ex(c.get(), digest.data(), nullptr) != 1)
        throw std::runtime_error("SHA-1 failed");
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out(40, '0');
    for (std::size_t i = 0; i < digest.size(); ++i) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    return out;
}

bool same_signature(std::string_view a, std::string_view b) {
    return a.size() == 40 && b.size() == 40 && CRYPTO_memcmp(a.data(), b.data(), 40) == 0;
}

} // namespace wechat::mp
