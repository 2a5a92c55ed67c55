// The in-site inbox: what a person was told, whatever the channels do (N15). Read straight from the outbox,
// so an event is there in the transaction of the change; only what has been read is kept per person.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/outbox.hpp"
#include "notify/message/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// What an inbox is sorted by, for filters.
enum class topic {
    any,
    filing,   // 备案
    order,    // 预约与检定
    reminder, // 到期, 明日预约, 工作提醒: everything of urgency reminder
    account   // 账号: the company's registration, bindings
};
topic topic_of(const core::outbox::kind& k);            // never any
std::string_view code_of(topic t);                      // in addresses; any: ""
topic parse_topic(std::string_view code);               // any for everything else
std::vector<topic> list_topics(const core::actor& who); // those in which this person is told something

struct inbox_filter {
    topic of = topic::any;
    bool unread_only = false;
};
struct inbox_item {
    std::int64_t id = 0; // of the event
    core::instant at;
    std::string kind;
    bool is_read = false;
    message words; // filled for the side of the counter this person stands on, at full length
    core::value facts;
};
struct inbox_page {
    std::vector<inbox_item> items; // newest first
    // Go on with this as `before`; 0: that was all. A page may be short, or empty, and still have a next: a
    // filter looks at a bounded number of events at a time.
    std::int64_t next = 0;
};

// What this actor was told, at most `limit` with an id below `before` (0: from the newest): the events of the
// company he acts for, or those of his institution (the platform's: of the platform) for his roles. A
// regulator has what was addressed to him. Nobody else has an inbox.
inline constexpr int inbox_looked_at = 500; // events a filter looks at, for each audience of the person
inbox_page list_inbox(core::db::read_view& view, const message_book& book, const core::actor& who,
                      const inbox_filter& f, std::int64_t before, int limit);
// One of them; not_found for any other.
core::result<inbox_item> get_inbox_item(core::db::read_view& view, const message_book& book,
                                        const core::actor& who, std::int64_t id);

// Cheap enough for every page: ranges of an index, counted no further than `inbox_most`.
inline constexpr int inbox_most = 100;
int count_unread(core::db::read_view& view, const core::actor& who);
std::int64_t newest_in_inbox(core::db::read_view& view, const core::actor& who); // its id; 0: none

// One event of his own inbox; refuses not_found for any other. Repeating is fine.
core::result<> mark_read(core::db::write_tx& tx, const core::actor& who, std::int64_t id);
core::result<> mark_unread(core::db::write_tx& tx, const core::actor& who, std::int64_t id);
// Everything up to and with this event (0, or one that is not there yet: the newest there is); what comes
// later stays unread.
core::result<> mark_all_read(core::db::write_tx& tx, const core::actor& who, std::int64_t up_to);

} // namespace notify
