#include "wechat/sandbox/tokens.hpp"

#include "core/base/ids.hpp"

#include <chrono>

namespace wechat::sandbox {

using namespace std::chrono_literals;

bool tokens::pair::is_good(std::string_view t, core::instant now) const {
    return !t.empty() && ((t == token && now < expires_at) || (t == older && now < older_until));
}

void tokens::pair::renew(core::instant now, bool older_lives) {
    older = token;
    older_until = older_lives ? now + 5min : now;
    token = "sandbox_" + core::random_hex(32);
    expires_at = now + 2h;
}

tokens::granted tokens::renew(core::instant now) {
    legacy_.renew(now, true);
    return {legacy_.token, 7200};
}

std::optional<tokens::granted> tokens::stable(core::instant now, bool force) {
    if (force && now - forced_at_ >= 30s) {
        const auto today = core::local_date(now);
        if (today != forced_day_) forced_today_ = 0;
        if (forced_today_ >= 20) return std::nullopt;
        forced_day_ = today;
        ++forced_today_;
        forced_at_ = now;
        stable_.renew(now, false);
    } else if (stable_.token.empty() || stable_.expires_at - now < 5min) {
        stable_.renew(now, true);
    }
    return granted{stable_.token, static_cast<std::int64_t>((stable_.expires_at - now) / 1s)};
}

bool tokens::is_good(std::string_view token, core::instant now) const {
    return legacy_.is_good(token, now) || stable_.is_good(token, now);
}

bool tokens::was_ours(std::string_view token) const {
    return !token.empty() && (token == legacy_.token || token == stable_.token);
}

void tokens::expire() {
    for (pair* p : {&legacy_, &stable_})
        p->expires_at = p->older_until = {};
}

} // namespace wechat::sandbox
