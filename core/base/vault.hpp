// Sealing of personal data and secrets at rest (guarantees S12): XChaCha20-Poly1305 by libsodium, with a key
// that lies outside the database. Not for passwords (core/account hashes those).
#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace core {

class vault {
  public:
    using key = std::array<unsigned char, 32>;
    explicit vault(const key& k) : key_(k) {}

    std::string seal(std::string_view plain) const;                 // random nonce in front
    std::optional<std::string> open(std::string_view sealed) const; // nullopt: cut, altered or another key

    static key new_key();
    // A file of 64 hex digits, 0600. Throws, naming the file and the remedy.
    static key read_key_file(const std::filesystem::path& file);
    static void write_key_file(const std::filesystem::path& file, const key& k); // refuses to overwrite

  private:
    key key_;
};

} // namespace core
