#include "core/base/vault.hpp"

#include "core/base/ids.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace core {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

unsigned char* bytes_of(std::string& s) {
    return reinterpret_cast<unsigned char*>(s.data());
}
const unsigned char* bytes_of(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}

} // namespace

std::string vault::seal(std::string_view plain) const {
    std::string out(nonce_bytes + plain.size() + tag_bytes, '\0');
    random_bytes({bytes_of(out), nonce_bytes});
    unsigned long long written = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(out) + nonce_bytes, &written, bytes_of(plain),
                                               plain.size(), nullptr, 0, nullptr, bytes_of(out), key_.data());
    return out;
}

std::optional<std::string> vault::open(std::string_view sealed) const {
    if (sealed.size() < nonce_bytes + tag_bytes) return std::nullopt;
    const std::string_view body = sealed.substr(nonce_bytes);
    std::string out(body.size() - tag_bytes, '\0');
    unsigned long long written = 0;
    const int failed =
        crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(out), &written, nullptr, bytes_of(body),
                                                   body.size(), nullptr, 0, bytes_of(sealed), key_.data());
    if (failed != 0) return std::nullopt;
    return out;
}

vault::key vault::new_key() {
    key k{};
    random_bytes(k);
    return k;
}

vault::key vault::read_key_file(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string hex;
    in >> hex;
    key k{};
    std::size_t written = 0;
    const bool good =
        hex.size() == 2 * k.size() &&
        sodium_hex2bin(k.data(), k.size(), hex.data(), hex.size(), nullptr, &written, nullptr) == 0 &&
        written == k.size();
    if (!good)
        throw std::runtime_error(file.string() +
                                 " does not hold a key of 64 hex digits; restore it from your backup, or "
                                 "make one for a new database with `openssl rand -hex 32`");
    return k;
}

void vault::write_key_file(const std::filesystem::path& file, const key& k) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) throw std::runtime_error("cannot create " + file.string() + " (it may exist already)");
    std::string hex(2 * k.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), k.data(), k.size());
    hex.back() = '\n';
    const auto written = ::write(fd, hex.data(), hex.size());
    const int failed = ::fsync(fd);
    ::close(fd);
    if (written != static_cast<ssize_t>(hex.size()) || failed != 0)
        throw std::runtime_error("cannot write " + file.string());
}

} // namespace core
