// Text as people type it: UTF-8 checks, blanks, full-width forms, counting and cutting by character.
// No domain rules; those are with the fields they concern.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace core {

bool is_utf8(std::string_view s);                 // well-formed, no surrogates, at most U+10FFFF
std::size_t count_characters(std::string_view s); // Unicode code points; malformed bytes count one each
std::string cut_characters(std::string_view s, std::size_t most); // at most `most` code points
std::string shorten(std::string_view s, std::size_t most); // as above, the last one becomes … when cut
std::string_view cut_bytes(std::string_view s, std::size_t most); // on a character boundary
std::string to_half_width(std::string_view s); // full-width ASCII and ideographic space to ASCII
std::string to_upper_ascii(std::string_view s);
std::string to_lower_ascii(std::string_view s);
std::string_view trim(std::string_view s); // blanks of all scripts, and what nobody sees (U+200B, U+FEFF)
// One line: trims, folds runs of blanks (but U+3000) and line breaks to one space, drops control and unseen
// characters.
std::string tidy_line(std::string_view s);
// Several lines: trims, normalises line ends to \n, drops other control characters.
std::string tidy_text(std::string_view s);
std::vector<std::string> split_words(std::string_view s); // by blanks of all scripts
std::string mask_phone(std::string_view phone);           // 138****1234, 0757-****0000
// For comparing names and numbers only (domain.md 8.3): half-width, upper case, no blanks, dashes to '-'.
std::string comparison_key(std::string_view s);

} // namespace core
