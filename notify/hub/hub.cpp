#include "notify/hub/hub.hpp"

#include "core/base/log.hpp"
#include "notify/hub/order.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace notify {

hub::hub(core::db::database& db, const message_book& book, std::vector<channel*> channels,
         hub_settings settings, preferences prefs)
    : db_(&db), settings_(std::move(settings)), prefs_(std::move(prefs)),
      fanout_(db, book, channels, prefs_) {
    for (channel* c : channels) {
        pumps_.push_back(std::make_unique<pump>(db, *c, fanout_, prefs_, settings_));
        pumps_.back()->on_passed_on([this] {
            for (const auto& p : pumps_)
                p->wake();
        });
        const std::string way(way_of(c->name()));
        const bool known = std::find(ways_.begin(), ways_.end(), way) != ways_.end();
        if (c->needs() != address_kind::group && !known && is_way(way)) ways_.push_back(way);
    }
}

void hub::recover() {
    for (const auto& p : pumps_)
        p->recover();
}

int hub::run_once() {
    while (fanout_.run_once() > 0) {
    }
    int calls = 0;
    for (const auto& p : pumps_)
        calls += p->run_once();
    return calls;
}

void hub::poke() {
    {
        const std::lock_guard<std::mutex> hold(guard_);
        poked_ = true;
    }
    wake_.notify_one();
}

void hub::run_fanout(const std::stop_token& stop) {
    using namespace std::chrono_literals;
    while (!stop.stop_requested()) {
        bool poked = false;
        {
            std::unique_lock<std::mutex> hold(guard_);
            wake_.wait_for(hold, stop, 1s, [&] { return poked_; });
            poked = std::exchange(poked_, false);
        }
        try {
            // A message sent again is no new event, and due at once: who poked has something for the pumps.
            for (bool something = poked; !stop.stop_requested(); something = false) {
                something = fanout_.run_once() > 0 || something;
                if (!something) break;
                for (const auto& p : pumps_)
                    p->wake();
            }
        } catch (const std::exception& e) {
            core::log::error("notify", "a fan-out failed", core::value::object().set("why", e.what()));
        }
    }
}

// As often as the base refuses; false: asked to stop meanwhile.
bool hub::recover_at_last(const std::stop_token& stop) {
    using namespace std::chrono_literals;
    for (;;) {
        try {
            recover();
            return true;
        } catch (const std::exception& e) {
            core::log::error("notify", "what was in flight could not be taken up; tried again",
                             core::value::object().set("why", e.what()));
        }
        std::unique_lock<std::mutex> hold(guard_);
        wake_.wait_for(hold, stop, 1s, [] { return false; });
        if (stop.stop_requested()) return false;
    }
}

void hub::run(const std::stop_token& stop) {
    if (!recover_at_last(stop)) return;
    std::vector<std::jthread> threads;
    for (const auto& p : pumps_)
        threads.emplace_back([&p](const std::stop_token& s) { p->run(s); });
    run_fanout(stop);
    for (auto& t : threads)
        t.request_stop();
}

int hub::mend(std::string_view kind) {
    constexpr int group = 200;
    int mended = 0;
    for (int n = group; n == group;) {
        n = db_->write([&](core::db::write_tx& tx) -> core::result<int> {
                   return fanout_.mend_some(tx, kind, group);
               })
                .value();
        mended += n;
    }
    if (mended > 0)
        for (const auto& p : pumps_)
            p->wake();
    return mended;
}

std::vector<pump::state> hub::channels() const {
    std::vector<pump::state> all;
    for (const auto& p : pumps_)
        all.push_back(p->now());
    return all;
}

} // namespace notify
