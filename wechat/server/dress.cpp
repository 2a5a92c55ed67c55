// The headers that every answer has, whoever made it (S10): what a browser may do with it, how long it may be
// kept, when it was given.
#include "wechat/server/dispatch.hpp"

#include <array>
#include <ctime>
#include <string>
#include <string_view>

namespace wechat {
namespace {

constexpr std::string_view csp =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:";
constexpr std::string_view csp_rest =
    "; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

// "Tue, 24 Nov 2026 02:00:00 GMT"; made once a second and thread.
const std::string& date_text(core::instant now) {
    thread_local std::time_t made_for = -1;
    thread_local std::string text;
    const std::time_t seconds = core::to_ms(now) / 1000;
    if (seconds == made_for) return text;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> out{};
    const auto n = std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(out.data(), n);
    made_for = seconds;
    return text;
}

std::string policy_of(const response& r, std::string_view ancestors) {
    std::string policy(csp);
    if (!r.pictures_from.empty()) policy.append(" ").append(r.pictures_from);
    return policy.append(csp_rest).append(ancestors);
}

bool has_header(const response& r, std::string_view name) {
    for (const auto& [n, v] : r.headers)
        if (n == name) return true;
    return false;
}

} // namespace

void dispatcher::dress(response& answer, const std::string& request_id, bool secure) const {
    if (options_.secure_headers) {
        if (secure) answer.add("Strict-Transport-Security", "max-age=31536000");
        answer.add("X-Content-Type-Options", "nosniff");
        answer.add("Referrer-Policy", "same-origin");
        if (!has_header(answer, "Content-Security-Policy"))
            answer.add("Content-Security-Policy", policy_of(answer, options_.frame_ancestors));
    }
    if (!has_header(answer, "Cache-Control")) answer.add("Cache-Control", "no-store");
    if (!has_header(answer, "Date")) answer.add("Date", date_text(time_->now()));
    answer.add("X-Request-Id", request_id);
}

} // namespace wechat
