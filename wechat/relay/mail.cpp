#include "wechat/relay/mail.hpp"

#include "core/account/contact.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace wechat::relay {
namespace {

constexpr std::string_view end = "\r\n";
constexpr std::size_t subject_most = 120; // characters

std::string domain_of(std::string_view address) {
    return std::string(address.substr(address.rfind('@') + 1));
}

// Canonical line ends, so that a bare CR or LF never reaches a server that reads them as its own.
std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : core::tidy_text(text)) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out + std::string(end);
}

} // namespace

std::string encode_base64(std::string_view bytes, std::size_t line) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::size_t in_line = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned bits = 0;
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= have ? digits[bits >> (18 - 6 * k) & 63u] : '=';
        in_line += 4;
        if (line != 0 && in_line >= line && i + 3 < bytes.size()) {
            out += end;
            in_line = 0;
        }
    }
    return out;
}

std::string encode_words(std::string_view utf8) {
    constexpr std::size_t most_bytes = 42; // 75 less "=?UTF-8?B?" and "?=", in base64
    std::string out;
    while (!utf8.empty()) {
        const auto piece = core::cut_bytes(utf8, most_bytes);
        if (piece.empty()) break;
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + encode_base64(piece) + "?=";
        utf8.remove_prefix(piece.size());
    }
    return out;
}

std::string mail_date(core::instant now) {
    static constexpr std::array<const char*, 7> days = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto d = core::local_date(now);
    const int minute = core::local_minute_of_day(now);
    const auto second = core::to_ms(now) / 1000 % 60;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %u %s %d %02d:%02d:%02d +0800",
                  days[static_cast<std::size_t>(core::iso_weekday(d) - 1)], static_cast<unsigned>(d.day()),
                  months[static_cast<unsigned>(d.month()) - 1], static_cast<int>(d.year()), minute / 60,
                  minute % 60, static_cast<int>(second));
    return text.data();
}

std::string compose_mail(const mail_address& from, std::string_view to, const mail_text& what,
                         std::string_view id, core::instant now) {
    if (!core::account::is_email(from.address) || !core::account::is_email(to))
        throw std::invalid_argument("no e-mail address");
    const bool plain_id = !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
    });
    if (!plain_id) throw std::invalid_argument("no id of a mail");
    const std::string name = core::tidy_line(from.name);
    std::string out;
    const auto header = [&](std::string_view field, std::string_view text) {
        out.append(field).append(": ").append(text).append(end);
    };
    header("Date", mail_date(now));
    header("From", name.empty() ? "<" + from.address + ">" : encode_words(name) + " <" + from.address + ">");
    header("To", "<" + std::string(to) + ">");
    header("Subject", encode_words(core::shorten(core::tidy_line(what.subject), subject_most)));
    header("Message-ID", "<" + std::string(id) + "@" + domain_of(from.address) + ">");
    header("Auto-Submitted", "auto-generated");
    header("MIME-Version", "1.0");
    header("Content-Type", "text/plain; charset=UTF-8");
    header("Content-Transfer-Encoding", "base64");
    out.append(end).append(encode_base64(with_crlf(what.text), 76)).append(end);
    return out;
}

} // namespace wechat::relay
