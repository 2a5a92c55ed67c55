#include "notify/hub/openid_move.hpp"

#include "notify/hub/delivery_store.hpp"

namespace notify {

core::result<moved_openids> move_openids(core::db::write_tx& tx, const core::actor& who,
                                         std::span<const core::account::openid_move> moves) {
    auto people = core::account::move_openids(tx, who, moves);
    if (!people) return people.error();
    moved_openids done;
    done.people = *std::move(people);
    for (auto& [what, openid] : store::list_astray(tx))
        done.messages += store::readdress(tx, what, openid) ? 1 : 0;
    done.later = store::count_astray(tx);
    return done;
}

} // namespace notify
