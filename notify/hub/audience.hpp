// Who is told of an event, and by which ways: the people of its company and of its institution, their
// addresses, what they want, and in what order channels are tried. The only place to change for a new channel
// or preference; in-site inboxes do not depend on it.
#pragma once
#include "core/account/contact.hpp"
#include "core/journal/outbox.hpp"
#include "notify/message/channel.hpp"

#include <functional>
#include <map>
#include <optional>
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

using channel_orders = std::map<std::string, std::vector<std::string>, std::less<>>;

// The settings of people, as the hub asks them. Replaced by what stores them; by default everybody wants
// everything by every channel.
struct preferences {
    // Does this person want this kind outside the in-site inbox?
    std::function<bool(core::db::read_view&, std::int64_t login, std::string_view kind)> wants =
        [](core::db::read_view&, std::int64_t, std::string_view) { return true; };
    // The ways (order.hpp) this person wants this kind by, the first is tried first. nullopt: as the kind has
    // it. They order and leave out the kind's channels, and never add one.
    std::function<std::optional<std::vector<std::string>>(core::db::read_view&, std::int64_t login,
                                                          std::string_view kind)>
        ways = [](core::db::read_view&, std::int64_t, std::string_view) {
            return std::optional<std::vector<std::string>>();
        };
    // Not before this moment (quiet hours); now or earlier: at once. Asked for reminders only (N13).
    std::function<core::instant(core::db::read_view&, std::int64_t login, core::instant)> not_before =
        [](core::db::read_view&, std::int64_t, core::instant now) { return now; };
    // Asked right before a reminder is sent: is it still true (N12)?
    std::function<bool(core::db::read_view&, std::int64_t outbox)> still_true =
        [](core::db::read_view&, std::int64_t) { return true; };
    // Channels in the order of trying, by kind ("": any other): a person without ways of their own gets the
    // first that reaches them; when that ends without reaching them, the next. A kind without a row: all
    // channels of the hub in their order. Asked once a group of events.
    std::function<channel_orders(core::db::read_view&)> orders = [](core::db::read_view&) {
        return channel_orders{};
    };
};

// What to look for in core/account/contact; nullopt: openids and groups are not there.
std::optional<core::account::contact> contact_of(address_kind k);

// Everybody whom this event is to be told and who has an address of this kind.
std::vector<way> list_ways(core::db::read_view& view, const core::outbox::pending& event,
                           address_kind needed);

} // namespace notify
