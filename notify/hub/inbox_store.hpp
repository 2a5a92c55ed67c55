// SQL of in-site inboxes: events of the outbox for one reader, and how far he has read. An inbox is the union
// of a few ranges of an index, one for each audience of the outbox's kinds that the reader belongs to.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/outbox.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace notify::store {

// Whose inbox. applicant_id 0: as staff of institution_id (0: the platform) with these roles.
struct reader {
    std::int64_t login_id = 0, applicant_id = 0, institution_id = 0;
    unsigned roles = 0;
};

struct inbox_row {
    core::outbox::pending event;
    bool is_read = false;
};
struct inbox_rows {
    std::vector<inbox_row> rows;
    std::int64_t next = 0; // 0: that was all
};
// Newest first, at most `limit` that are wanted, looking at no more than `looked_at` of each audience.
using wanted_fn = std::function<bool(std::string_view kind, bool is_read)>;
inbox_rows list_inbox(core::db::read_view& view, const reader& r, const wanted_fn& wanted,
                      std::int64_t before, int limit, int looked_at);
int count_unread(core::db::read_view& view, const reader& r, int most);
std::optional<inbox_row> find_in_inbox(core::db::read_view& view, const reader& r, std::int64_t id);
std::int64_t newest_in_inbox(core::db::read_view& view, const reader& r);

// Everything up to this event is read, but for exceptions. Without a row: what happened before the person's
// account was made.
std::int64_t read_to(core::db::read_view& view, const reader& r);
void set_read_to(core::db::write_tx& tx, const reader& r, std::int64_t id); // drops the exceptions below
void set_exception(core::db::write_tx& tx, const reader& r, std::int64_t id, bool is_read);
void drop_exception(core::db::write_tx& tx, const reader& r, std::int64_t id);
void drop_unread_exceptions(core::db::write_tx& tx, const reader& r, std::int64_t up_to);
// The oldest unread event above the mark; nullopt: none.
std::optional<std::int64_t> first_unread(core::db::read_view& view, const reader& r);

} // namespace notify::store
