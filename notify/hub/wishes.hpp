// What people want to be told, and when: switches per kind, quiet hours for reminders (guarantees N13).
// Changes of status and in-site inboxes know no quiet hours. The hub asks through `preferences`
// (audience.hpp).
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "notify/hub/audience.hpp"

#include <string_view>
#include <vector>

namespace notify {

// From the settings notify.quiet_from (22:00) and notify.quiet_until (08:00), minutes of the local day;
// equal: no quiet hours. `now` itself outside of them, else the moment they end.
core::instant after_quiet_hours(core::db::read_view& view, core::instant now);

// The actor's own switch for a kind; the inbox keeps showing it. Refuses not_allowed (nobody signed in),
// invalid wish.kind (no such kind, or none that this side is told).
core::result<> set_wish(core::db::write_tx& tx, const core::actor& who, std::string_view kind, bool wanted);
struct wish {
    std::string_view kind;
    bool is_wanted = true;
};
std::vector<wish> list_wishes(core::db::read_view& view, const core::actor& who); // every kind of this side

// As the hub asks: switches, quiet hours, and whether a reminder is still true.
preferences wishes_of_people();

} // namespace notify
