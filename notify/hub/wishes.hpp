// What people want to be told, and when: switches per kind, quiet hours for reminders (guarantees N13), and
// what they refuse on the platform's side. Changes of status and in-site inboxes know no quiet hours. By
// which ways is ways.hpp. The hub asks through `preferences` (audience.hpp).
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "notify/hub/audience.hpp"
#include "notify/hub/inbox.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// Minutes of the local day; equal: no quiet hours.
struct quiet_hours {
    int from = 0, until = 0;
    bool is_own =
        false; // the person's, else the settings notify.quiet_from (22:00), notify.quiet_until (08:00)
};
quiet_hours find_quiet_hours(core::db::read_view& view, std::int64_t login); // login 0: the settings
// `now` itself outside of them, else the moment they end.
core::instant after_quiet_hours(core::db::read_view& view, std::int64_t login, core::instant now);
// The actor's own; nullopt: the platform's again. Refuses not_allowed (nobody signed in), invalid
// quiet.range.
core::result<> set_quiet_hours(core::db::write_tx& tx, const core::actor& who,
                               std::optional<quiet_hours> own);

// The actor's own switch for a kind; the inbox keeps showing it. Refuses not_allowed (nobody signed in),
// invalid wish.kind (no such kind, or none that this side is told), wish.always (a notice of safety).
core::result<> set_wish(core::db::write_tx& tx, const core::actor& who, std::string_view kind, bool wanted);
// All switches at once: on for these kinds, off for every other that may be switched off.
core::result<> set_wishes(core::db::write_tx& tx, const core::actor& who,
                          std::span<const std::string_view> wanted);
struct wish {
    std::string_view kind;
    topic of = topic::account;
    bool is_wanted = true;
    bool is_always = false; // cannot be switched off
};
bool concerns(const core::outbox::kind& k, const core::actor& who); // one that this person is told
std::vector<wish> list_wishes(core::db::read_view& view, const core::actor& who); // every kind of this side

// What the actor refuses on the platform's side, as the platform told us: not tried for a week.
struct refused_kind {
    std::string channel, kind; // kind "": every kind
    int errcode = 0;
    core::instant at, until;
};
std::vector<refused_kind> list_refusals(core::db::read_view& view, const core::actor& who);
// The platform told us otherwise: this address takes the kind by this channel again, or from now on not.
void record_acceptance(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                       std::string_view kind);
void record_refusal(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                    std::string_view kind, int errcode);
// The actor says that it is undone there: the next message is tried again. Refuses not_allowed.
core::result<> forget_refusals(core::db::write_tx& tx, const core::actor& who);

// As the hub asks: switches, ways, quiet hours, and whether a reminder is still true.
preferences wishes_of_people();

} // namespace notify
