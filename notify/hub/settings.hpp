// What the operator sets about the hub. Filled by wechat/config.*.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

struct channel_limits {
    std::int64_t per_second = 0; // calls; 0: as fast as it goes
    std::int64_t per_day = 0;    // calls, the quota of the other side; 0: no limit
};

struct hub_settings {
    std::int64_t per_second = 0;       // calls a second and channel; 0: as fast as it goes
    std::int64_t per_day = 100000;     // calls a day and channel (the platform's quota); 0: no limit
    std::int64_t reserve_percent = 20; // of the day's calls, kept for changes of status (N8)
    std::map<std::string, std::int64_t, std::less<>> kind_per_day; // calls a day of one kind
    std::map<std::string, channel_limits, std::less<>> by_channel; // those with limits of their own
    // Test mode: openids, e-mail addresses, numbers that get anything at all (N19); empty: everybody.
    std::vector<std::string> only_to;

    channel_limits limits_of(std::string_view channel) const {
        const auto own = by_channel.find(channel);
        return own == by_channel.end() ? channel_limits{per_second, per_day} : own->second;
    }
};

} // namespace notify
