// When to try again (decisions.md, guarantees N6): pure functions of what is known about a delivery.
#pragma once
#include "core/base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace notify {

// After a doubtful try: at least five more within nine minutes of the first doubt, then none until a receipt
// decides. WeChat remembers client_msg_id for ten minutes only. `jitter` 0..99 adds up to 25 %, at most half
// a minute, so that what one outage left in doubt does not come back all at once.
constexpr std::optional<std::chrono::milliseconds> after_doubt(std::chrono::milliseconds since_first_doubt,
                                                               unsigned jitter) {
    using namespace std::chrono_literals;
    constexpr std::chrono::milliseconds marks[] = {5s, 20s, 60s, 150s, 300s, 500s};
    for (const auto mark : marks)
        if (since_first_doubt < mark)
            return mark - since_first_doubt +
                   std::min<std::chrono::milliseconds>(mark / 4, 30s) * static_cast<int>(jitter % 100) / 100;
    return std::nullopt;
}

// After a try that certainly was not sent: 2, 4, 8 … seconds, at most ten minutes; `jitter` 0..99 adds up to
// 25 %.
constexpr std::chrono::milliseconds after_not_sent(int attempts, unsigned jitter) {
    using namespace std::chrono_literals;
    const int shift = attempts < 1 ? 0 : attempts > 9 ? 9 : attempts - 1;
    const std::chrono::milliseconds base =
        std::min<std::chrono::milliseconds>(2000ms * (1 << shift), 600'000ms);
    return base + base * static_cast<int>(jitter % 100) / 400;
}

inline constexpr std::chrono::minutes memory{9}; // of the platform, with a minute to spare: no try afterwards
inline constexpr std::chrono::minutes verdict_after{
    30}; // no receipt by then: a status message is repeated once
inline constexpr std::chrono::minutes account_pause{5}; // account errors: everything waits
inline constexpr std::chrono::days believe_refusal{
    7}; // then a new notice is tried again: people change their mind
inline constexpr std::chrono::seconds slow_pause{60}; // 45011

// Nothing waits longer than this: quiet hours and quotas end within a day. A moment further away was set by a
// clock that has been set back since (guarantees D5).
inline constexpr std::chrono::hours longest_wait{25};
constexpr bool is_astray(core::instant moment, core::instant now) {
    return moment - now > longest_wait;
}

// 45009: until 00:00 China time.
inline core::instant next_midnight(core::instant now) {
    return core::local_instant(core::add_days(core::local_date(now), 1), 0);
}

} // namespace notify
