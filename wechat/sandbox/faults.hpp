// What the sandbox is told to do wrong, per API path and person: error codes, delays, cut connections,
// strange bodies; and what becomes of receipts and of the order of events. At random: chaos.hpp.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wechat::sandbox {

struct fault {
    int times = 0;       // for the next n calls; 0: none
    int errcode = 0;     // answer with this code, not executing the call
    int delay_ms = 0;    // answer late
    bool after = false;  // execute the call first, then lose or spoil the answer: the ambiguous case
    bool html = false;   // answer a gateway's page with status 502
    bool broken = false; // answer half a JSON text with status 200
    bool reset = false;  // close the connection without an answer

    bool is_none() const { return errcode == 0 && delay_ms == 0 && !html && !broken && !reset; }
    bool is_no_answer() const { return html || broken || reset; }
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
    receipt_fate receipt() {
        const std::lock_guard<std::mutex> hold(guard_);
        receipt_fate r = receipts_;
        if (drop_every_ > 0 && ++receipts_seen_ % drop_every_ == 0) r.copies = 0;
        return r;
    }
    // "*": every path; with an openid only calls about this person.
    void set(const std::string& path, fault f, const std::string& openid = {}) {
        const std::lock_guard<std::mutex> hold(guard_);
        all_[{path, openid}] = f;
    }
    void clear() {
        const std::lock_guard<std::mutex> hold(guard_);
        all_.clear();
        receipts_ = {};
        drop_every_ = 0;
        swaps_ = 0;
    }
    // The fault for this call, counted down: of this person at this path, else of the path, else of all.
    fault take(const std::string& path, const std::string& openid) {
        const std::lock_guard<std::mutex> hold(guard_);
        const std::string any = "*";
        const std::string nobody;
        for (const auto& key :
             {key_of(path, openid), key_of(any, openid), key_of(path, nobody), key_of(any, nobody)}) {
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
    struct waiting {
        std::string path, openid;
        fault what;
    };
    std::vector<waiting> list() const { // what is still to come
        const std::lock_guard<std::mutex> hold(guard_);
        std::vector<waiting> out;
        for (const auto& [key, f] : all_)
            if (f.times > 0) out.push_back({key.first, key.second, f});
        return out;
    }
    // What becomes of all receipts from now on, and which k-th are dropped besides.
    receipt_fate receipts() const {
        const std::lock_guard<std::mutex> hold(guard_);
        return receipts_;
    }
    void set_receipts(receipt_fate f) {
        const std::lock_guard<std::mutex> hold(guard_);
        receipts_ = std::move(f);
    }
    int dropped_every() const {
        const std::lock_guard<std::mutex> hold(guard_);
        return drop_every_;
    }
    void drop_receipts(int every) { // every k-th; 0 none, 1 all
        const std::lock_guard<std::mutex> hold(guard_);
        drop_every_ = every;
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

  private:
    using place = std::pair<std::string, std::string>; // path, openid
    static place key_of(const std::string& path, const std::string& openid) { return {path, openid}; }

    mutable std::mutex guard_;
    std::map<place, fault> all_;
    receipt_fate receipts_;
    int drop_every_ = 0;
    int swaps_ = 0;
    std::int64_t receipts_seen_ = 0;
};

} // namespace wechat::sandbox
