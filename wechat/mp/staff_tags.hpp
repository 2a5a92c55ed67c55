// Carries out the staff tag's queue (core/account/staff_wechat.hpp): tells WeChat who should see the staff
// menu.
#pragma once
#include "core/db/database.hpp"
#include "wechat/mp/api.hpp"

namespace wechat::mp {

// One round: every change that is due, one call each, at most fifty; no transaction is open meanwhile. WeChat
// away or stopped by a breaker: the round ends and the rest waits. A refusal waits longer each time, from a
// minute up to six hours; the tag of a person who left the account is off already. Without a tag in the
// settings nothing is told. Gives how many were told.
int tell_staff_tags(api& a, core::db::database& db);

} // namespace wechat::mp
