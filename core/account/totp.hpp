// Codes of a second factor as pure arithmetic: HOTP (RFC 4226), TOTP with SHA-1, 30 seconds and six digits as
// authenticator apps have it (RFC 6238), and base32 for the seed (RFC 4648). Keeps nothing.
#pragma once
#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace core::account {

inline constexpr std::chrono::seconds totp_period{30};

std::string base32(std::string_view bytes); // without padding
std::string hotp(std::string_view seed, std::int64_t counter, int digits = 6);
std::int64_t totp_step(instant at); // whole periods since 1970
// The step whose code this is: the present one, the one before or the one after, and later than `after`, so
// that no code is taken twice. Blanks in `typed` don't matter.
std::optional<std::int64_t> find_totp_step(std::string_view seed, std::string_view typed, instant now,
                                           std::int64_t after);
// For the QR code of an authenticator app.
std::string totp_uri(std::string_view seed, std::string_view issuer, std::string_view account);

} // namespace core::account
