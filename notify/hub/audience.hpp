// Who is told of an event, and by which ways: the people of its company and of its institution, their
// addresses, what they want, and in what order channels are tried. The only place to change for a new channel
// or preference; in-site inboxes do not depend on it.
#pragma once
#include "core/journal/outbox.hpp"
#include "notify/message/channel.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// One address of one person.
struct way {
    std::int64_t login_id = 0;   // 0: a group
    std::int64_t binding_id = 0; // 0: no binding stands behind it
    std::string address;
    notify::side side = notify::side::company;
    bool is_muted = false; // has an address, and wants nothing of this company outside the inbox
};

// The settings of people, as the hub asks them. Replaced by what stores them; by default everybody wants
// everything by every channel.
struct preferences {
    // Does this person want this kind by this channel?
    std::function<bool(core::db::read_view&, std::int64_t login, std::string_view kind,
                       std::string_view channel)>
        wants = [](core::db::read_view&, std::int64_t, std::string_view, std::string_view) { return true; };
    // Not before this moment (quiet hours); now or earlier: at once. Asked for reminders only (N13).
    std::function<core::instant(core::db::read_view&, std::int64_t login, core::instant)> not_before =
        [](core::db::read_view&, std::int64_t, core::instant now) { return now; };
    // Asked right before a reminder is sent: is it still true (N12)?
    std::function<bool(core::db::read_view&, std::int64_t outbox)> still_true =
        [](core::db::read_view&, std::int64_t) { return true; };
    // Channels in the order of trying for a kind: a person gets the first that reaches them; when that ends
    // blocked, failed or dead, the next (fallback). Empty: all channels of the hub in their order.
    std::function<std::vector<std::string>(std::string_view kind)> order = [](std::string_view) {
        return std::vector<std::string>{};
    };
};

// Everybody whom this event is to be told and who has an address of this kind.
std::vector<way> list_ways(core::db::read_view& view, const core::outbox::pending& event,
                           address_kind needed);

} // namespace notify
