// SQL of reminders: rounds, what has been told, and whom they concern.
#pragma once
#include "core/reminder/reminder.hpp"

#include <map>
#include <string>

namespace core::reminder::store {

struct round {
    instant due_at;
    date since;              // what fell due after this day
    std::int64_t cursor = 0; // subjects up to this id have been told
    bool finished = false;
};
std::optional<round> find_newest(db::read_view& view, std::string_view job);
void begin(db::write_tx& tx, std::string_view job, const round& r);
void advance(db::write_tx& tx, std::string_view job, const round& r);
// False when this subject was told of this milestone before.
bool mark(db::write_tx& tx, std::string_view kind, std::int64_t subject, std::string_view milestone);
int forget(db::write_tx& tx, instant before); // what was told so long ago

// Instruments that end that day, are in no order and may be used: by company after `after`, and by name.
struct ending {
    std::int64_t applicant_id = 0;
    std::string applicant_name, name;
    int pieces = 0;
};
std::vector<ending> list_ending(db::read_view& view, date day, std::int64_t after, int limit);
int count_ending(db::read_view& view, std::int64_t applicant, date day);
std::vector<std::int64_t> list_confirmed(db::read_view& view, date day, std::int64_t after, int limit);
struct day_list {
    int orders = 0, pieces = 0, starts = 0; // starts: minute of the first
};
day_list count_confirmed(db::read_view& view, std::int64_t institution, date day);
std::vector<std::int64_t> list_institutions(db::read_view& view, std::int64_t after, int limit);
std::vector<std::int64_t> list_regulators(db::read_view& view, std::int64_t after, int limit); // logins

} // namespace core::reminder::store
