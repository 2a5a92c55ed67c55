// The sandbox's addresses: WeChat's API host and the phones in the browser.
#pragma once
#include "wechat/server/router.hpp"

#include <span>

namespace wechat::sandbox {

std::span<const route> routes();

} // namespace wechat::sandbox
