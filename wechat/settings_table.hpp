// Every setting of the program: key, where it goes, range, help. config.* reads files by this table.
#pragma once
#include "wechat/config.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wechat {

struct setting {
    std::string_view key; // "server.port"
    std::variant<std::string*, std::int64_t*, bool*, std::filesystem::path*, std::vector<std::string>*>
        target;
    std::string_view help; // what it is, its unit; part of error messages
    bool secret = false;
    std::int64_t least = 0, most = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string_view> one_of = {};
};

std::vector<setting> settings_of(config& c);
std::string shown(const setting& s); // the present value as TOML
// Turns what was read into what the parts take; throws config_error for combinations that cannot work.
void finish_settings(config& c);

} // namespace wechat
