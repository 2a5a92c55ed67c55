// Fetches from WeChat who follows: the list by pages of ten thousand, then what is not known of them by a
// hundred (wechat-platform.md 13); and the new openids after the account has moved. What follows from it is
// decided by core/account/follower.
#pragma once
#include "core/account/follower.hpp"
#include "core/base/result.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/api.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

// One call to WeChat and what it brought, for the sync that is under way. True: there is more to do now.
// Refuses as api does; the sync then stands still for a quarter of an hour and goes on where it was.
core::result<bool> sync_some(api& a, core::db::database& db);
// Begins the nightly one when it is due and works on any that is under way, also after a crash; stops early
// when `stop` says so. Refuses as sync_some.
template<class Stop>
core::result<> sync_if_due(api& a, core::db::database& db, const Stop& stop);

// From the beginning, or from where an earlier one stopped, to the end.
core::result<core::account::follower_sync> sync_followers(api& a, core::db::database& db,
                                                          std::string_view asked_by);

// Asks WeChat for the new openid of everybody known to follow or to be bound. Changes nothing.
struct move_plan {
    std::vector<core::account::openid_move> moves;
    std::vector<std::string> unknown; // WeChat knows no new openid: not a follower of the old account
};
core::result<move_plan> plan_move(api& a, core::db::database& db, std::string_view from_appid);

// ---- inline ----

bool may_sync_now(core::db::database& db); // one is under way, or due, and not to wait

template<class Stop>
core::result<> sync_if_due(api& a, core::db::database& db, const Stop& stop) {
    while (!stop() && may_sync_now(db)) {
        const auto more = sync_some(a, db);
        if (!more) return more.error();
        if (!*more) break;
    }
    return {};
}

} // namespace wechat::mp
