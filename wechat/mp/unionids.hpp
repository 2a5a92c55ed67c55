// Learns the unionids of bound followers, which neither their messages nor the silent sign-in tell: the
// website's sign-in (qrconnect) finds people by them (wechat-platform.md 13, 21).
#pragma once
#include "core/db/database.hpp"
#include "wechat/mp/api.hpp"

namespace wechat::mp {

// One round: asks for at most a hundred, one call; without a website application in the settings nothing. Who
// has none is asked again after a day. Gives how many were learned.
int learn_unionids(api& a, core::db::database& db);

} // namespace wechat::mp
