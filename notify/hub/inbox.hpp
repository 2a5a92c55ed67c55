// The in-site inbox: what a person was told, whatever the channels do (N15). Read straight from the outbox,
// so an event is there in the transaction of the change; only what has been read is kept per person.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "notify/message/message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace notify {

struct inbox_item {
    std::int64_t id = 0; // of the event
    core::instant at;
    std::string kind;
    bool is_read = false;
    message words; // filled for the side of the counter this person stands on
};

// What this actor was told, newest first, at most `limit` with an id below `before` (0: from the newest): the
// events of the company he acts for, or those of his institution (the platform's: of the platform) for his
// roles. A regulator has what was addressed to him. Nobody else has an inbox.
std::vector<inbox_item> list_inbox(core::db::read_view& view, const message_book& book,
                                   const core::actor& who, std::int64_t before, int limit);

// Cheap enough for every page: counts no further than `inbox_most`.
inline constexpr int inbox_most = 100;
int count_unread(core::db::read_view& view, const core::actor& who);

// One event of his own inbox; refuses not_found for any other. Repeating is fine.
core::result<> mark_read(core::db::write_tx& tx, const core::actor& who, std::int64_t id);
core::result<> mark_unread(core::db::write_tx& tx, const core::actor& who, std::int64_t id);
// Everything up to and with this event (0: the newest there is); what comes later stays unread.
core::result<> mark_all_read(core::db::write_tx& tx, const core::actor& who, std::int64_t up_to);

} // namespace notify
