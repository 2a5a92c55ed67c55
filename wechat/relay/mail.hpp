// An e-mail as bytes: RFC 5322 header and a UTF-8 text as base64. Whatever stands in the texts, a header is
// one line and an address is an address.
#pragma once
#include "core/base/clock.hpp"

#include <string>
#include <string_view>

namespace wechat::relay {

struct mail_text {
    std::string subject, text; // UTF-8; any line ends
};
struct mail_address {
    std::string address, name; // name: UTF-8, may be empty
};

// `id` without brackets, ASCII: the same for every try of a message, so that whoever gets it twice shows it
// once. Auto-Submitted says that no human wrote it (RFC 3834): no out-of-office answers. Throws
// std::invalid_argument for addresses that core::account::is_email does not take.
std::string compose_mail(const mail_address& from, std::string_view to, const mail_text& what,
                         std::string_view id, core::instant now);

std::string encode_words(std::string_view utf8); // RFC 2047, B, words of at most 75, folded
std::string encode_base64(std::string_view bytes, std::size_t line = 0); // line 0: in one line
std::string mail_date(core::instant now);                                // Tue, 24 Nov 2026 10:00:00 +0800

} // namespace wechat::relay
