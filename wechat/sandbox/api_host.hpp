// The simulated API host over HTTP: one handler for every row of the API table, with the faults switched on.
#pragma once
#include "core/base/result.hpp"
#include "wechat/server/router.hpp"

namespace wechat::sandbox {

core::result<response> serve_api(const request& r, services& s);

} // namespace wechat::sandbox
