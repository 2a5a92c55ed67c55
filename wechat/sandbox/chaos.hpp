// Trouble at random for messages and tokens, for scripts/torture: every way in which WeChat can fail, by
// weight. What is told to fail on purpose is in faults.hpp.
#pragma once
#include "wechat/sandbox/faults.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace wechat::sandbox {

class chaos {
  public:
    // `percent` of the calls; but no message meets more than `most`, so that each gets through in the end.
    // 0 percent: none. `dice` gives any number; asked with the lock held.
    using dice = std::function<std::uint64_t()>;
    void set(int percent, int most, dice d);
    // For a call of this path with this client_msg_id. What names its refusal is never executed; what leaves
    // the caller in doubt comes before or after the work is done.
    fault strike(std::string_view path, const std::string& client_msg_id);
    // Lost, doubled, late, without a number, or failed; as it should be when it does not strike.
    receipt_fate receipt(receipt_fate usual);
    std::map<std::string, int, std::less<>> struck() const; // how often, by name

  private:
    bool strikes(); // with the lock held
    int below(int bound);

    mutable std::mutex guard_;
    dice dice_;
    int percent_ = 0, most_ = 0;
    std::map<std::string, int, std::less<>> met_; // by client_msg_id
    std::map<std::string, int, std::less<>> struck_;
};

} // namespace wechat::sandbox
