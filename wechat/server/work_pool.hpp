// A few threads with a bounded queue, for handlers that must not run on the io thread.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wechat {

class work_pool {
  public:
    work_pool(int threads, std::size_t most_waiting) : most_(most_waiting) {
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
    }
    ~work_pool() { stop(); }
    work_pool(const work_pool&) = delete;
    work_pool& operator=(const work_pool&) = delete;

    // False when the queue is full or the pool stops: the caller answers 503.
    bool post(std::function<void()> job) {
        {
            const std::lock_guard<std::mutex> hold(guard_);
            if (jobs_.size() >= most_ || stopping_) return false;
            jobs_.push_back(std::move(job));
        }
        ready_.notify_one();
        return true;
    }
    void stop() { // what is queued is still done
        {
            const std::lock_guard<std::mutex> hold(guard_);
            stopping_ = true;
        }
        for (auto& t : threads_)
            t.request_stop();
        threads_.clear();
    }

  private:
    void run(const std::stop_token& stop) {
        std::unique_lock<std::mutex> hold(guard_);
        for (;;) {
            ready_.wait(hold, stop, [&] { return !jobs_.empty(); });
            if (jobs_.empty()) return;
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            hold.unlock();
            job();
            job = nullptr;
            hold.lock();
        }
    }

    std::size_t most_;
    std::mutex guard_;
    std::condition_variable_any ready_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

} // namespace wechat
