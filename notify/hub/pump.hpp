// One channel at work: a clerk who claims and records, a sender who keeps the channel full. Both ways of
// working take the same two steps, bookkeep() and send_what_is_in_hand(): run() gives each a thread,
// run_once() takes them in turns, for tests and `hub --once`.
#pragma once
#include "notify/hub/clerk.hpp"
#include "notify/hub/flow.hpp"

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <unordered_map>
#include <utility>
#include <vector>

namespace notify {

class pump {
  public:
    pump(core::db::database& db, channel& c, fanout& f, const preferences& prefs,
         const hub_settings& settings);

    int run_once(); // calls made; repeat until 0
    void recover(); // before the first round of a process
    void run(const std::stop_token& stop);
    void wake(); // new deliveries may be there; any thread
    // Called after a round that may have given another channel something. Set before the first round.
    void on_passed_on(std::function<void()> f) { clerk_.on_passed_on(std::move(f)); }

    struct state {
        std::string channel;
        std::optional<core::instant> paused_until;
        bool breaker_open = false;
        bool is_stuck = false; // outcomes cannot be written: nothing is claimed until they are
        std::int64_t rate = 0; // calls a second at present, 0: no limit
        std::size_t in_hand = 0, under_way = 0;
        std::int64_t calls = 0;                            // since the start
        std::array<std::int64_t, verdict_count> answers{}; // likewise, by verdict
    };
    state now() const;

  private:
    std::optional<outgoing> next();
    void done(const outgoing& m, send_result r);
    void give_back_all();
    void doubt_all();
    allowance room();
    enum class claiming { what_may_go, nothing };
    bool bookkeep(claiming how); // record, decide, claim; false: nothing was left to do
    void send_what_is_in_hand(); // until the channel has nothing under way
    void sync_pause();
    std::chrono::milliseconds until_next_work() const;
    void run_sender(const std::stop_token& stop);

    core::db::database* db_;
    channel* channel_;
    clerk clerk_;

    mutable std::mutex guard_; // of everything below
    std::condition_variable_any clerk_wakes_, sender_wakes_;
    flow flow_;
    struct hand {
        delivery what;
        std::chrono::steady_clock::time_point at;
        bool is_probe = false; // goes although the breaker is open
    };
    std::deque<hand> in_hand_;
    std::unordered_map<std::int64_t, delivery> under_way_;
    std::vector<outcome> settled_; // not yet written
    std::size_t target_ = 64;      // messages to have in hand: a quarter of a second's work
    std::chrono::steady_clock::time_point measured_{};
    std::size_t finished_ = 0; // since measured_
    std::int64_t calls_ = 0;
    std::array<std::int64_t, verdict_count> answers_{};
    bool poked_ = true, stopping_ = false, more_ready_ = true, pause_saved_ = false, stopped_ = false,
         failing_ = false;
    std::optional<core::instant> release_seen_; // when stopped_ began
};

} // namespace notify
