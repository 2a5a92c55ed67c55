// SQL of announcements and their audience.
#pragma once
#include "core/announcement/announcement.hpp"

namespace core::announcement::store {

std::int64_t insert(db::write_tx& tx, const draft& d, std::int64_t author);
bool rewrite(db::write_tx& tx, std::int64_t id, std::int64_t version,
             const draft& d); // a draft of this version
// Guarded by status; also sets the moment that belongs to the new one.
bool move(db::write_tx& tx, std::int64_t id, announcement_status from, announcement_status to);
bool remove(db::write_tx& tx, std::int64_t id, announcement_status from);
std::optional<announcement> find(db::read_view& view, std::int64_t id);
std::vector<announcement> list(db::read_view& view, std::int64_t before, int limit);
std::optional<announcement> find_sending(db::read_view& view); // the oldest
void advance(db::write_tx& tx, std::int64_t id, std::int64_t cursor, std::int64_t told);
std::vector<std::int64_t> list_audience(db::read_view& view, const draft& d, std::int64_t after, int most);
bool is_in_audience(db::read_view& view, const draft& d, std::int64_t applicant);
audience_size count_audience(db::read_view& view, const draft& d);
bool has_staff_binding(db::read_view& view, std::int64_t login);
std::optional<announcement_status> status_behind(db::read_view& view, std::int64_t outbox_id);

} // namespace core::announcement::store
