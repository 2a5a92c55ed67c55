#include "notify/hub/pump.hpp"

#include "core/base/log.hpp"
#include "notify/hub/retry.hpp"

#include <algorithm>
#include <thread>

namespace notify {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t least_in_hand = 64, most_in_hand = 2048;
constexpr auto answers_within = 4s; // of what is under way when the program stops
constexpr auto notice_release_within = 3s;
constexpr auto stale_after = 500ms; // claimed longer ago: asked again whether it may go (N5)

void log_fault(const std::exception& e) {
    core::log::error("notify", "a round of the hub failed", core::value::object().set("why", e.what()));
}

} // namespace

pump::pump(core::db::database& db, channel& c, fanout& f, const preferences& prefs,
           const hub_settings& settings)
    : db_(&db), channel_(&c), clerk_(db, c, f, prefs, settings),
      flow_(settings.limits_of(c.name()).per_second) {}

void pump::recover() {
    clerk_.recover();
    if (const auto until = clerk_.paused_until()) {
        const std::lock_guard<std::mutex> hold(guard_);
        flow_.pause_until(*until);
        pause_saved_ = stopped_ = true;
        release_seen_ = clerk_.released_at();
    }
}

void pump::wake() {
    {
        const std::lock_guard<std::mutex> hold(guard_);
        poked_ = true;
        more_ready_ = true;
    }
    clerk_wakes_.notify_one();
}

// ---- the sender's side ----

std::optional<outgoing> pump::next() {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto now = db_->time().now();
    const auto steady = db_->time().steady();
    if (stopping_ || flow_.paused_until(now)) {
        give_back_all();
        return std::nullopt;
    }
    while (!in_hand_.empty()) {
        auto& first = in_hand_.front();
        const bool held_by_breaker = flow_.is_open(now) && !first.what.doubt_since && !first.is_probe;
        if (held_by_breaker || steady - first.at > stale_after) {
            settled_.push_back({std::move(first.what), std::nullopt});
            in_hand_.pop_front();
            clerk_wakes_.notify_one();
            continue;
        }
        if (!flow_.take(steady)) return std::nullopt;
        outgoing m;
        m.delivery = first.what.id;
        m.client_msg_id = first.what.client_msg_id;
        m.address = first.what.target.empty() ? first.what.address : first.what.target;
        m.kind = first.what.kind;
        m.body = std::move(first.what.body);
        under_way_.emplace(m.delivery, std::move(first.what));
        in_hand_.pop_front();
        ++calls_;
        if (in_hand_.size() < target_ / 2 && more_ready_) clerk_wakes_.notify_one();
        return m;
    }
    return std::nullopt;
}

void pump::done(const outgoing& m, send_result r) {
    const std::lock_guard<std::mutex> hold(guard_);
    flow_.note(r.result, db_->time().now());
    ++answers_[static_cast<std::size_t>(r.result)];
    auto at = under_way_.find(m.delivery);
    if (at == under_way_.end()) return; // given up meanwhile, and in doubt
    settled_.push_back({std::move(at->second), std::move(r)});
    under_way_.erase(at);
    ++finished_;
    if (settled_.size() == 1 || (stopping_ && under_way_.empty())) clerk_wakes_.notify_one();
}

// With the lock held.
void pump::give_back_all() {
    for (auto& c : in_hand_)
        settled_.push_back({std::move(c.what), std::nullopt});
    if (!in_hand_.empty()) clerk_wakes_.notify_one();
    in_hand_.clear();
}

// The channel gave up with messages under way: nobody knows what became of them.
void pump::doubt_all() {
    const std::lock_guard<std::mutex> hold(guard_);
    for (auto& [id, d] : under_way_)
        settled_.push_back({std::move(d), send_result{}});
    under_way_.clear();
    clerk_wakes_.notify_one();
}

void pump::send_what_is_in_hand() {
    channel_->send([this] { return next(); },
                   [this](const outgoing& m, send_result r) { done(m, std::move(r)); });
}

void pump::run_sender(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            send_what_is_in_hand();
        } catch (const std::exception& e) {
            core::log::error("notify", "sending failed", core::value::object().set("why", e.what()));
            doubt_all();
        }
        std::unique_lock<std::mutex> hold(guard_);
        if (in_hand_.empty())
            sender_wakes_.wait(hold, stop, [&] { return !in_hand_.empty(); });
        else if (const auto pause = flow_.until_next(db_->time().steady()); pause > 0ms)
            sender_wakes_.wait_for(hold, stop, pause, [] { return false; });
    }
}

// ---- the clerk's side ----

allowance pump::room() {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto now = db_->time().now();
    const auto steady = db_->time().steady();
    if (steady - measured_ >= 250ms) {
        if (steady - measured_ < 500ms) target_ = std::clamp(finished_, least_in_hand, most_in_hand);
        measured_ = steady;
        finished_ = 0;
    }
    allowance a;
    if (stopping_ || flow_.paused_until(now) || in_hand_.size() > target_ / 2) return a;
    a.limit = static_cast<int>(std::max(target_, least_in_hand) - in_hand_.size());
    if (flow_.rate_now() != 0) a.limit = std::min(a.limit, static_cast<int>(flow_.rate_now() / 2 + 1));
    a.only_doubtful = flow_.is_open(now);
    a.probe = a.only_doubtful && flow_.may_probe(now);
    return a;
}

// What 45009 said is kept for the next process. An operator's release of a pause or of the breaker is noticed
// here, and told to the channel, which may have brakes of its own.
void pump::sync_pause() {
    std::optional<core::instant> until;
    bool stopped = false;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        until = flow_.paused_until(db_->time().now());
        stopped = until || flow_.is_open(db_->time().now());
    }
    if (!stopped) {
        pause_saved_ = stopped_ = false;
        return;
    }
    const auto released = clerk_.released_at();
    if (!stopped_) {
        stopped_ = true;
        release_seen_ = released;
    }
    if (until && *until == next_midnight(db_->time().now()) && !pause_saved_) {
        clerk_.pause(*until, "the day's quota is used up (45009)");
        pause_saved_ = true;
    }
    if (released == release_seen_) return;
    channel_->release();
    const std::lock_guard<std::mutex> hold(guard_);
    flow_.release();
    pause_saved_ = stopped_ = false;
}

bool pump::bookkeep(claiming how) {
    std::vector<outcome> settled;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        settled.swap(settled_);
        poked_ = false;
    }
    const bool any = !settled.empty();
    auto unwritten = clerk_.record(std::move(settled));
    const bool failing = !unwritten.empty();
    if (failing) {
        const std::lock_guard<std::mutex> hold(guard_);
        std::move(unwritten.begin(), unwritten.end(), std::back_inserter(settled_));
    }
    sync_pause();
    clerk_.settle_doubts();
    clerk_.follow_up(); // also of receipts, of silence, and of what a killed process left
    const auto a = how == claiming::nothing ? allowance{} : room();
    auto claimed = a.limit > 0 && !failing ? clerk_.claim(a) : std::vector<delivery>{};
    const std::lock_guard<std::mutex> hold(guard_);
    more_ready_ = !claimed.empty() || in_hand_.size() > target_ / 2;
    failing_ = failing;
    for (auto& d : claimed) {
        const bool probe = a.only_doubtful && !d.doubt_since;
        if (probe) flow_.probing(db_->time().now());
        in_hand_.push_back({std::move(d), db_->time().steady(), probe});
    }
    if (!claimed.empty()) {
        channel_->wake();
        sender_wakes_.notify_one();
    }
    return !failing && (any || !claimed.empty());
}

std::chrono::milliseconds pump::until_next_work() const {
    const auto now = db_->time().now();
    auto wait = std::chrono::milliseconds(30s);
    // What was due already when this round claimed nothing is held or over a limit: asking a hundred times a
    // second would not change it. Whoever makes or releases something wakes the clerk.
    const auto at = [&](std::optional<core::instant> t) {
        if (t) wait = std::min(wait, *t <= now ? 200ms : std::max<std::chrono::milliseconds>(*t - now, 10ms));
    };
    std::optional<core::instant> pause, probe;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        pause = flow_.paused_until(now);
        probe = flow_.next_probe();
    }
    if (pause) {
        at(pause);
        return std::min(wait, std::chrono::milliseconds(notice_release_within));
    }
    at(clerk_.next_due());
    if (probe) wait = std::max(wait, std::chrono::milliseconds(200)); // what is due waits for the breaker
    at(probe);
    return wait;
}

void pump::run(const std::stop_token& stop) {
    std::jthread sender([this](const std::stop_token& s) { run_sender(s); });
    for (;;) {
        bool busy = false;
        std::chrono::milliseconds wait = 1s; // after a fault
        try {
            busy = bookkeep(claiming::what_may_go);
            if (!busy) wait = until_next_work();
        } catch (const std::exception& e) {
            log_fault(e);
        }
        if (stop.stop_requested()) break;
        if (busy) continue;
        std::unique_lock<std::mutex> hold(guard_);
        if (failing_) {
            clerk_wakes_.wait_for(hold, stop, 1s, [] { return false; });
            continue;
        }
        clerk_wakes_.wait_for(hold, stop, wait, [&] {
            return poked_ || !settled_.empty() || (more_ready_ && in_hand_.size() < target_ / 2);
        });
    }
    {
        const std::lock_guard<std::mutex> hold(guard_);
        stopping_ = true;
        give_back_all();
    }
    channel_->wake();
    sender.request_stop();
    {
        // What is under way has some seconds for its answer; then it is in doubt, as after a crash.
        std::unique_lock<std::mutex> hold(guard_);
        clerk_wakes_.wait_for(hold, answers_within, [&] { return under_way_.empty(); });
        if (!under_way_.empty()) channel_->give_up();
    }
    sender.join();
    {
        const std::lock_guard<std::mutex> hold(guard_);
        give_back_all();
    }
    try {
        bookkeep(claiming::nothing);
    } catch (const std::exception& e) { // what is not recorded is in doubt after the next start
        log_fault(e);
    }
}

int pump::run_once() {
    bookkeep(claiming::what_may_go);
    const auto before = now().calls;
    send_what_is_in_hand();
    {
        const std::lock_guard<std::mutex> hold(guard_);
        give_back_all();
    }
    bookkeep(claiming::nothing);
    return static_cast<int>(now().calls - before);
}

pump::state pump::now() const {
    const std::lock_guard<std::mutex> hold(guard_);
    state s;
    s.channel = channel_->name();
    s.paused_until = flow_.paused_until(db_->time().now());
    s.breaker_open = flow_.is_open(db_->time().now());
    s.is_stuck = failing_;
    s.rate = flow_.rate_now();
    s.in_hand = in_hand_.size();
    s.under_way = under_way_.size();
    s.calls = calls_;
    s.answers = answers_;
    return s;
}

} // namespace notify
