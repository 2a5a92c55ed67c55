// SQL of in-site inboxes: events of the outbox for one reader, and how far he has read.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/outbox.hpp"

#include <cstdint>
#include <optional>
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
std::vector<inbox_row> list_inbox(core::db::read_view& view, const reader& r, std::int64_t before, int limit);
int count_unread(core::db::read_view& view, const reader& r, int most);
bool is_in_inbox(core::db::read_view& view, const reader& r, std::int64_t id);
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
