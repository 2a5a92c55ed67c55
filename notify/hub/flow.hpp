// The brakes of one channel: rate, pauses, and a breaker for when the other side is down. In memory; what
// must outlive a restart (hold, quota used, pause until midnight) is in flow_store.*. Used by one thread at a
// time.
#pragma once
#include "core/base/clock.hpp"
#include "notify/message/channel.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace notify {

class flow {
  public:
    using steady = std::chrono::steady_clock::time_point;

    explicit flow(std::int64_t per_second) : per_second_(per_second) {}

    // May one more call start now? Takes it from this second's allowance.
    bool take(steady now);
    // When the next call may start, if the rate holds it back.
    std::chrono::milliseconds until_next(steady now) const;

    // What an answer says about the other side.
    void note(verdict v, core::instant now);
    // Everything waits until then: 45009, 45011, account errors.
    std::optional<core::instant> paused_until(core::instant now) const;
    void pause_until(core::instant t) { paused_until_ = t; }
    // The operator says that it is over: neither pause nor breaker.
    void release() {
        paused_until_.reset();
        silent_ = 0;
    }

    // The other side does not answer: only what is in doubt goes on, and one message now and then to see
    // whether it is back.
    bool is_open(core::instant) const { return silent_ >= open_after; }
    bool may_probe(core::instant now) const;
    std::optional<core::instant> next_probe() const;
    void probing(core::instant now); // one probe is on its way

    std::int64_t rate_now() const; // calls a second at present; 0: no limit

  private:
    static constexpr int open_after = 8; // failures in a row without any answer

    std::int64_t per_second_;
    std::int64_t slowed_to_ = 0; // after 45011; 0: not slowed
    core::instant faster_at_{};
    std::int64_t taken_ = 0, taken_last_ = 0;
    steady second_{};
    std::optional<core::instant> paused_until_;
    int silent_ = 0;
    std::chrono::seconds probe_wait_{5};
    core::instant probe_at_{};
};

} // namespace notify
