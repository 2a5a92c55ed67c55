// What the sandbox is told to do wrong, per API path: error codes, delays, cut connections, strange bodies.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace wechat::sandbox {

struct fault {
    int times = 0;      // for the next n calls; 0: none
    int errcode = 0;    // answer with this code, not executing the call
    int delay_ms = 0;   // answer late
    bool after = false; // execute the call first, then lose or spoil the answer: the ambiguous case
    bool html = false;  // answer a gateway's page with status 502
    bool reset = false; // close the connection without an answer
};

class fault_switches {
  public:
    void set(std::string path, fault f) { // "*": every path
        const std::lock_guard<std::mutex> hold(guard_);
        all_[std::move(path)] = f;
    }
    void clear() {
        const std::lock_guard<std::mutex> hold(guard_);
        all_.clear();
    }
    // The fault for this call, counted down.
    fault take(std::string_view path) {
        const std::lock_guard<std::mutex> hold(guard_);
        auto at = all_.find(path);
        if (at == all_.end() || at->second.times <= 0) at = all_.find("*");
        if (at == all_.end() || at->second.times <= 0) return {};
        --at->second.times;
        return at->second;
    }
    // Receipts to lose: true when this one is to be dropped (every k-th; 0 none, 1 all).
    bool loses_receipt() {
        const std::lock_guard<std::mutex> hold(guard_);
        return drop_every_ > 0 && ++receipts_ % drop_every_ == 0;
    }
    void drop_receipts(int every) {
        const std::lock_guard<std::mutex> hold(guard_);
        drop_every_ = every;
    }

  private:
    std::mutex guard_;
    std::map<std::string, fault, std::less<>> all_;
    int drop_every_ = 0;
    std::int64_t receipts_ = 0;
};

} // namespace wechat::sandbox
