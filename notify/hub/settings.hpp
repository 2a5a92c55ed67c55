// What the operator sets about the hub. Filled by wechat/config.*.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace notify {

struct hub_settings {
    std::int64_t per_second = 0;       // calls a second and channel; 0: as fast as it goes
    std::int64_t per_day = 100000;     // calls a day and channel (the platform's quota); 0: no limit
    std::int64_t reserve_percent = 20; // of the day's calls, kept for changes of status (N8)
    std::map<std::string, std::int64_t, std::less<>> kind_per_day; // calls a day of one kind
    std::vector<std::string> only_to; // test mode: addresses that get anything at all (N19); empty: everybody
};

} // namespace notify
