// The composition root: makes the parts, plugs them together, starts and stops the threads.
#pragma once
#include "wechat/config.hpp"

namespace wechat {

// Serves until SIGTERM or SIGINT; SIGHUP reloads certificates. Throws for what the operator must mend.
int run_server(const config& c);
// Sends what is due now, and ends; the calls made. Refuses beside a running server.
int run_hub_once(const config& c);
int run_sandbox(const config& c);

} // namespace wechat
