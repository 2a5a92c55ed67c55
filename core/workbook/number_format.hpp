// Numbers and dates as workbooks keep them: day serials of two epochs, formats that show a number as a date,
// numbers as people read them.
#pragma once
#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace core::workbook {

// Built-in formats by number (ECMA-376 18.8.30, Chinese ones too): 14-22, 27-36, 45-47, 50-58.
bool is_date_format(int built_in);
// yyyy"年"m"月" is one; [Red]0.00"d" is not: quoted text, colours and escapes don't count.
bool is_date_format(std::string_view code);

// How many digits a format of nothing but zeros shows (00000: 5); 0: any other format.
std::uint8_t digits_of_format(std::string_view code);

// The calendar date of a day serial, its time of day cut off. The 1900 system has a 29 February 1900 that
// never was (serial 60): nullopt, as for anything below day 1 or beyond the year 9999.
std::optional<date> date_of_serial(double serial, bool from_1904);
int serial_of_date(date d); // of the 1900 system, from 1900-03-01 on

// The shortest decimal that is exactly this number again, without exponent: 0.1, 123456789012345680.
std::string decimal_text(double n);
// Digits from the first to the last that says something; those before the point all count (1200: 4).
int significant_digits(std::string_view decimal);

} // namespace core::workbook
