// What the sandbox is told to do wrong, per API path: error codes, delays, cut connections, strange bodies.
#pragma once
#include "core/base/ids.hpp"

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

    bool is_none() const { return errcode == 0 && delay_ms == 0 && !html && !reset; }
};

// What becomes of one receipt.
struct receipt_fate {
    int copies = 1;   // 0: lost
    int delay_ms = 0; // pushed later than the answer
    bool without_number = false;
};

class fault_switches {
  public:
    // Random trouble for template messages: `percent` of the calls, but no message meets more than `most`, so
    // that each gets through in the end. 0 percent: none.
    void set_chaos(int percent, int most) {
        const std::lock_guard<std::mutex> hold(guard_);
        chaos_percent_ = percent;
        chaos_most_ = most;
    }
    // For a call with this client_msg_id: busy, a gateway's page or nothing, before or after the work is
    // done, or slow.
    fault chaos_for(const std::string& client_msg_id) {
        const std::lock_guard<std::mutex> hold(guard_);
        if (!strikes() || met_[client_msg_id] >= chaos_most_) return {};
        ++met_[client_msg_id];
        fault f;
        f.after = core::random_below(2) == 0;
        switch (core::random_below(4)) {
        case 0:
            f.errcode = -1;
            break;
        case 1:
            f.html = true;
            break;
        case 2:
            f.reset = true;
            break;
        default:
            f.delay_ms = static_cast<int>(core::random_below(500));
            break;
        }
        return f;
    }
    receipt_fate receipt() {
        const std::lock_guard<std::mutex> hold(guard_);
        receipt_fate r;
        if (drop_every_ > 0 && ++receipts_ % drop_every_ == 0) r.copies = 0;
        if (!strikes()) return r;
        switch (core::random_below(4)) {
        case 0:
            r.copies = 0;
            break;
        case 1:
            r.copies = 2;
            break;
        case 2:
            r.delay_ms = static_cast<int>(core::random_below(3000));
            break;
        default:
            r.without_number = true;
            break;
        }
        return r;
    }
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
    void drop_receipts(int every) { // every k-th; 0 none, 1 all
        const std::lock_guard<std::mutex> hold(guard_);
        drop_every_ = every;
    }

  private:
    bool strikes() const {
        return chaos_percent_ > 0 && static_cast<int>(core::random_below(100)) < chaos_percent_;
    }

    std::mutex guard_;
    std::map<std::string, fault, std::less<>> all_;
    int drop_every_ = 0;
    std::int64_t receipts_ = 0;
    int chaos_percent_ = 0, chaos_most_ = 0;
    std::map<std::string, int, std::less<>> met_; // faults by client_msg_id
};

} // namespace wechat::sandbox
