// Back-pressure: what a slow channel has in hand is bounded, the rest waits where it can be counted and
// overtaken.
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace core;
using tests::hub_world;
using namespace std::chrono_literals;

// Takes one message and holds it until it is opened.
class held_channel final : public notify::channel {
  public:
    std::string_view name() const override { return "wechat"; }
    void send(const source& next, const sink& done) override {
        while (auto m = next()) {
            std::unique_lock<std::mutex> hold(guard_);
            kinds_.push_back(m->kind);
            wake_.wait(hold, [&] { return open_; });
            hold.unlock();
            notify::send_result r;
            r.result = notify::verdict::accepted;
            r.msgid = m->delivery;
            done(*m, std::move(r));
        }
    }
    void open() {
        {
            const std::lock_guard<std::mutex> hold(guard_);
            open_ = true;
        }
        wake_.notify_all();
    }
    std::vector<std::string> kinds() const {
        const std::lock_guard<std::mutex> hold(guard_);
        return kinds_;
    }

  private:
    mutable std::mutex guard_;
    std::condition_variable wake_;
    std::vector<std::string> kinds_;
    bool open_ = false;
};

} // namespace

TEST_CASE("N14 back-pressure: a slow channel holds a bounded number, the rest waits in the base, is counted, "
          "and is "
          "overtaken by a change of status") {
    constexpr int phones = 300, most_in_hand = 64;
    hub_world w;
    for (int n = 0; n < phones; ++n)
        w.bind("chenzhiming", "oPhone" + std::to_string(n));
    w.bind("huanglihua", "oHuang");
    held_channel slow;
    notify::hub hub(w.db(), hub_world::book(), {&slow});
    const auto now = [&] { return w.read([](db::read_view& v) { return notify::status_of(v).waiting; }); };
    w.event("certificates_due");
    std::jthread running([&](const std::stop_token& stop) { hub.run(stop); });
    while (slow.kinds().empty())
        std::this_thread::yield();
    CHECK(now().in_flight <= most_in_hand + 1);
    CHECK(now().reminders >= phones - most_in_hand);
    const auto state = hub.channels()[0];
    CHECK(state.under_way == 1);
    CHECK(state.in_hand <= most_in_hand);
    w.event({.kind = "order_confirmed", .subject_kind = "order", .login_id = w.person("huanglihua")});
    hub.poke();
    while (now().status == 0)
        std::this_thread::yield();
    slow.open();
    while (now().status + now().reminders + now().in_flight > 0)
        std::this_thread::yield();
    running.request_stop();
    running.join();
    const auto sent = slow.kinds();
    CHECK(sent.size() == phones + 2);
    std::size_t at = 0;
    while (at < sent.size() && sent[at] != "order_confirmed")
        ++at;
    CHECK(at <= 2 * most_in_hand); // before what was not in hand yet
}

TEST_CASE("N17 a message that is sent again goes at once: poking the hub wakes a channel that sleeps") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    held_channel channel;
    channel.open();
    notify::hub hub(w.db(), hub_world::book(), {&channel});
    w.event("order_confirmed");
    std::jthread running([&](const std::stop_token& stop) { hub.run(stop); });
    const auto status = [&] { return w.only().status; };
    const auto within = [](std::chrono::seconds most, auto holds) {
        for (const auto end = std::chrono::steady_clock::now() + most; std::chrono::steady_clock::now() < end;
             std::this_thread::yield())
            if (holds()) return true;
        return false;
    };
    REQUIRE(within(20s, [&] { return channel.kinds().size() == 1; }));
    REQUIRE(within(20s, [&] { return status() == "accepted"; }));
    const auto admin = w.acting("admin");
    w.receipt("oChen", w.only().msgid, "failed: system failed");
    REQUIRE(status() == "failed");
    w.write([&](db::write_tx& tx) { return notify::resend(tx, admin, w.only().id); }).value();
    hub.poke();
    // By itself it would look again after half a minute: nothing is due that it knows of.
    CHECK(within(10s, [&] { return channel.kinds().size() == 2; }));
    CHECK(within(10s, [&] { return status() == "accepted"; }));
}

TEST_CASE("N10 D8 a base that fails ends neither the hub's start nor its stop, and nothing is lost by it") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    held_channel channel;
    channel.open();
    w.event("order_confirmed");
    const auto rename = [&](std::string_view from, std::string_view to) {
        w.write([&](db::write_tx& tx) -> result<> {
             tx.exec("ALTER TABLE " + std::string(from) + " RENAME TO " + std::string(to));
             return {};
         }).value();
    };
    std::stop_source stopped;
    stopped.request_stop();
    notify::hub hub(w.db(), hub_world::book(), {&channel});
    const notify::preferences prefs;
    const notify::hub_settings settings;
    const std::vector<notify::channel*> channels = {&channel};
    notify::fanout fanout(w.db(), hub_world::book(), channels, prefs);
    notify::pump pump(w.db(), channel, fanout, prefs, settings);
    rename("delivery", "delivery_away");
    CHECK_THROWS(hub.recover()); // the base does refuse
    CHECK_NOTHROW(hub.run(stopped.get_token()));
    CHECK_NOTHROW(pump.run(stopped.get_token())); // its first and its last round fail
    CHECK(channel.kinds().empty());
    rename("delivery_away", "delivery");
    while (hub.run_once() > 0) {
    }
    CHECK(channel.kinds() == std::vector<std::string>{"order_confirmed"});
}
