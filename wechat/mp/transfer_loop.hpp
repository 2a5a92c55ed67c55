// Many libcurl transfers at once on one thread: slots with a handle each, one multi handle that keeps the
// connections. What a transfer asks and what its end means is for its user: http_client, smtp_client.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>

namespace wechat::mp {

class transfer_loop {
  public:
    explicit transfer_loop(std::size_t slots);
    ~transfer_loop();
    transfer_loop(const transfer_loop&) = delete;
    transfer_loop& operator=(const transfer_loop&) = delete;

    // Prepares the next transfer on `easy` (a CURL*; is_new: never used before); false: there is none now.
    using filler = std::function<bool(std::size_t slot, void* easy, bool is_new)>;
    // Ended with a CURLcode; easy nullptr: given up, the handle and its connection are gone.
    using ender = std::function<void(std::size_t slot, int code, void* easy)>;

    // Fills free slots as long as there is something, and after wake(); the slot is free again when `done` is
    // called. All on this thread, one caller at a time; returns when nothing comes and nothing is under way.
    void run(const filler& next, const ender& done);
    void wake();    // any thread
    void give_up(); // run() ends what is under way and returns; any thread
    std::size_t slots() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace wechat::mp
