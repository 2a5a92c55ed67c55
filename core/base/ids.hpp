// Identifiers and secrets made by the application: time-ordered row ids, random tokens, order numbers.
// The only place that draws random numbers.
#pragma once
#include "core/base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace core {

void random_bytes(std::span<unsigned char> out); // cryptographic; throws if the source fails
std::uint32_t random_below(std::uint32_t bound); // uniform in [0, bound)
std::string random_hex(std::size_t bytes);       // lower case, two characters a byte

// 63-bit ids that sort by time: milliseconds since 2020 above 22 bits of counter. Unique inside one
// process (one process per database, guarantees D4); a clock set back continues the old count.
class id_source {
  public:
    std::int64_t next(instant now);
    // Goes on behind an id of an earlier process, also when the clock was set back in between (D5).
    void start_after(std::int64_t id);

  private:
    std::int64_t last_ = 0;
};

// Order number (decisions.md): yymm, 7 random digits, 1 check digit. Not in sequence, short to type.
std::string make_order_number(instant now);
bool is_order_number(std::string_view twelve_digits);          // 12 ASCII digits and the right check digit
std::string show_order_number(std::string_view twelve_digits); // 2611 4827 3058
// Finds a number the way people type it: blanks, hyphens, dashes, full-width digits, inside a sentence,
// beside other numbers. Without a right one: twelve digits that were meant as one.
std::optional<std::string> find_order_number(std::string_view text);

std::string sha256_hex(std::string_view bytes);

} // namespace core
