// The scripted mode of the sandbox: phones do what a text says, line by line, and what is expected of the
// chat is waited for. The words are in wechat/README.md.
#pragma once
#include "core/base/result.hpp"
#include "wechat/server/router.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::sandbox {

class platform;

struct script_step {
    int line = 0;
    std::string said; // the line
    bool good = false;
    std::string seen; // what was found, or what is wrong
};

// Runs until the first line that fails. `expect` waits `patience` at most.
std::vector<script_step> play(platform& p, std::string_view script, std::chrono::milliseconds patience);

core::result<response> run_script(const request& r, services& s); // POST /control/script

} // namespace wechat::sandbox
