#include "notify/hub/flow.hpp"

#include "notify/hub/retry.hpp"

#include <algorithm>

namespace notify {
namespace {

using namespace std::chrono_literals;
constexpr auto longest_probe_wait = 60s;
constexpr auto slowed_for = 10min; // then twice as fast, until it is as it was
constexpr std::int64_t unslowed = 100000;

} // namespace

std::int64_t flow::rate_now() const {
    if (slowed_to_ == 0) return per_second_;
    return per_second_ == 0 ? slowed_to_ : std::min(per_second_, slowed_to_);
}

bool flow::take(steady now) {
    if (now - second_ >= 1s) {
        taken_last_ = now - second_ < 2s ? taken_ : 0;
        second_ = now;
        taken_ = 0;
    }
    const auto most = rate_now();
    if (most != 0 && taken_ >= most) return false;
    ++taken_;
    return true;
}

std::chrono::milliseconds flow::until_next(steady now) const {
    const auto most = rate_now();
    if (most == 0 || taken_ < most || now - second_ >= 1s) return 0ms;
    return std::chrono::ceil<std::chrono::milliseconds>(second_ + 1s - now);
}

void flow::note(verdict v, core::instant now) {
    switch (v) {
    case verdict::not_sent:
    case verdict::in_doubt:
        ++silent_;
        return;
    case verdict::quota:
        paused_until_ = next_midnight(now);
        break;
    case verdict::slow_down: {
        paused_until_ = now + slow_pause;
        const auto before = std::max(taken_, taken_last_);
        slowed_to_ = std::max<std::int64_t>(1, std::min(before, rate_now() == 0 ? before : rate_now()) / 2);
        faster_at_ = now + slow_pause + slowed_for;
        break;
    }
    case verdict::account_down:
        paused_until_ = now + account_pause;
        break;
    case verdict::accepted:
        if (slowed_to_ != 0 && (now >= faster_at_ || is_astray(faster_at_, now))) {
            slowed_to_ = slowed_to_ * 2 >= unslowed ? 0 : slowed_to_ * 2;
            faster_at_ = now + slowed_for;
        }
        break;
    default:
        break;
    }
    silent_ = 0;
    probe_wait_ = 5s;
    probe_at_ = {};
}

std::optional<core::instant> flow::paused_until(core::instant now) const {
    if (!paused_until_ || now >= *paused_until_ || is_astray(*paused_until_, now)) return std::nullopt;
    return paused_until_;
}

bool flow::may_probe(core::instant now) const {
    return now >= probe_at_ || is_astray(probe_at_, now);
}

std::optional<core::instant> flow::next_probe() const {
    return silent_ >= open_after ? std::optional(probe_at_) : std::nullopt;
}

void flow::probing(core::instant now) {
    probe_at_ = now + probe_wait_;
    probe_wait_ = std::min<std::chrono::seconds>(probe_wait_ * 2, longest_probe_wait);
}

} // namespace notify
