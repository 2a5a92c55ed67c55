// Every address of the program, in one table.
#pragma once
#include "wechat/server/router.hpp"

#include <span>

namespace wechat {

std::span<const route> routes();

} // namespace wechat
