// The account has moved and its followers have new openids: the people of core/account, and the messages that
// wait for them, in one transaction.
#pragma once
#include "core/account/follower.hpp"
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <span>

namespace notify {

struct moved_openids {
    core::account::move_report people;
    int messages = 0; // waiting or parked, sent to the new openids from now on
    int later = 0;    // behind something that is on its way or in doubt: they follow when their turn comes
};
// As core::account::move_openids. A message that is on its way, or in doubt, ends at the openid where it was
// begun (N6); staff may send again what failed there, and it goes to the new one. What was sent stays as it
// was.
core::result<moved_openids> move_openids(core::db::write_tx& tx, const core::actor& who,
                                         std::span<const core::account::openid_move> moves);

} // namespace notify
