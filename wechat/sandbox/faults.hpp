// What the sandbox is told to do wrong, per API path and person: error codes, delays, cut connections,
// strange bodies; and what becomes of receipts and of the order of events.
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
    std::string status = "success"; // "failed:user block", "failed: system failed"
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
        r.status = receipt_status_;
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
    // "*": every path; with an openid only calls about this person.
    void set(const std::string& path, fault f, const std::string& openid = {}) {
        const std::lock_guard<std::mutex> hold(guard_);
        all_[key_of(path, openid)] = f;
    }
    void clear() {
        const std::lock_guard<std::mutex> hold(guard_);
        all_.clear();
        receipt_status_ = "success";
        drop_every_ = 0;
        swaps_ = 0;
    }
    // The fault for this call, counted down: of this person at this path, else of the path, else of all.
    fault take(const std::string& path, const std::string& openid) {
        const std::lock_guard<std::mutex> hold(guard_);
        for (const auto& key : {key_of(path, openid), key_of("*", openid), path, std::string("*")}) {
            const auto at = all_.find(key);
            if (at == all_.end() || at->second.times <= 0) continue;
            --at->second.times;
            return at->second;
        }
        return {};
    }
    // Calls that are still to fail or to be slow: 0 once all that was told is under way.
    int left() const {
        const std::lock_guard<std::mutex> hold(guard_);
        int all = 0;
        for (const auto& [key, f] : all_)
            all += f.times;
        return all;
    }
    void set_receipts(std::string status) {
        const std::lock_guard<std::mutex> hold(guard_);
        receipt_status_ = std::move(status);
    }
    // The next n times two events wait, the later one is pushed first.
    void swap_events(int n) {
        const std::lock_guard<std::mutex> hold(guard_);
        swaps_ = n;
    }
    bool takes_swap() {
        const std::lock_guard<std::mutex> hold(guard_);
        return swaps_ > 0 && swaps_-- > 0;
    }
    void drop_receipts(int every) { // every k-th; 0 none, 1 all
        const std::lock_guard<std::mutex> hold(guard_);
        drop_every_ = every;
    }

  private:
    static std::string key_of(const std::string& path, const std::string& openid) {
        return openid.empty() ? path : path + " " + openid;
    }
    bool strikes() const {
        return chaos_percent_ > 0 && static_cast<int>(core::random_below(100)) < chaos_percent_;
    }

    mutable std::mutex guard_;
    std::map<std::string, fault, std::less<>> all_;
    int drop_every_ = 0;
    int swaps_ = 0;
    std::string receipt_status_ = "success";
    std::int64_t receipts_ = 0;
    int chaos_percent_ = 0, chaos_most_ = 0;
    std::map<std::string, int, std::less<>> met_; // faults by client_msg_id
};

} // namespace wechat::sandbox
