// serve, sandbox, version.
#include "wechat/app.hpp"
#include "wechat/commands/command.hpp"

#include <cstdio>

namespace wechat::commands {
namespace {

int serve(const arguments& a) {
    return run_server(a.settings());
}

int sandbox(const arguments& a) {
    return run_sandbox(a.settings());
}

int version(const arguments&) {
    std::puts("qiangjian " QIANGJIAN_VERSION);
    return 0;
}

} // namespace

std::vector<command> service_commands() {
    return {
        {"serve", "serve the pages, the WeChat callback and the notification hub", {}, serve},
        {"sandbox", "a simulated WeChat platform with phones in the browser, on loopback", {}, sandbox},
        {"version", "print the version", {}, version, false},
    };
}

} // namespace wechat::commands
