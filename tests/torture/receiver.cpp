#include "tests/torture/receiver.hpp"

#include "core/base/json.hpp"

#include <array>
#include <utility>

namespace torture {
namespace {

receiver* the_receiver = nullptr; // routes are plain functions

core::result<wechat::response> take_notice(const wechat::request& r, wechat::services&) {
    return the_receiver->take(r);
}

constexpr std::array<wechat::route, 1> routes = {wechat::post_task("/notices", wechat::anyone, take_notice)};

} // namespace

receiver::receiver(wechat::listen_options where, const core::clock& time) {
    the_receiver = this;
    services_.time = &time;
    wechat::server_options o;
    where.address = "127.0.0.1";
    where.port = 0;
    o.listeners.push_back(std::move(where));
    o.task_threads = 8;
    o.log_requests = false;
    web_ = std::make_unique<wechat::server>(std::move(o), routes, services_, nullptr, time);
    web_->start();
}

receiver::~receiver() {
    web_->stop();
}

void receiver::set_chaos(int percent, int most, std::uint64_t seed) {
    const std::lock_guard<std::mutex> hold(guard_);
    percent_ = percent;
    most_ = most;
    dice_.seed(seed);
}

// With the lock held.
receiver::fate receiver::decide(const std::string& id, bool& cut) {
    if (percent_ == 0 || static_cast<int>(dice_() % 100) >= percent_ || met_[id] >= most_) return fate::fine;
    ++met_[id];
    const auto dice = dice_() % 100;
    cut = dice_() % 2 == 0;
    const auto note = [&](std::string_view name, fate f) {
        ++struck_[std::string(name)];
        return f;
    };
    if (dice < 42) return note(cut ? "gateway cut before" : "gateway 500 before", fate::not_executed);
    if (dice < 90) return note(cut ? "gateway cut after" : "gateway 500 after", fate::executed_unanswered);
    if (dice < 96) return note("gateway 422 unreachable", fate::unreachable);
    return note("gateway 429 too fast", fate::too_fast);
}

core::result<wechat::response> receiver::take(const wechat::request& r) {
    const auto body = core::parse_json(r.body);
    const std::string id = body ? body->text("id") : "";
    if (id.empty()) return wechat::text("no notice", 400);
    bool cut = false;
    fate f = fate::fine;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        f = decide(id, cut);
        if (known_.contains(id)) {
            ++second_tries_;
            if (f == fate::unreachable) f = fate::fine; // it has told this person already
        } else if (f == fate::fine || f == fate::executed_unanswered) {
            known_[id] = true;
            executed_.push_back(id);
        }
    }
    switch (f) {
    case fate::fine:
        return wechat::text("told", 200);
    case fate::unreachable:
        return wechat::text("no such person", 422);
    case fate::too_fast:
        return wechat::text("too fast", 429);
    case fate::not_executed:
    case fate::executed_unanswered:
        break;
    }
    return cut ? wechat::text("", 0) : wechat::text("error", 500);
}

std::vector<std::string> receiver::executed() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return executed_;
}

int receiver::second_tries() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return second_tries_;
}

std::map<std::string, int> receiver::struck() const {
    const std::lock_guard<std::mutex> hold(guard_);
    auto all = struck_;
    for (const char* name : {"gateway cut before", "gateway 500 before", "gateway cut after",
                             "gateway 500 after", "gateway 422 unreachable", "gateway 429 too fast"})
        all.try_emplace(name, 0);
    return all;
}

} // namespace torture
