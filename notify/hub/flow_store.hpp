// SQL of what holds a channel back beyond a restart: hold, pause, calls of the day, parked kinds, refusals.
#pragma once
#include "core/db/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notify::store {

struct channel_state {
    std::string channel; // '*': everything
    bool held = false;
    std::optional<core::instant> paused_until;
    std::string reason;
    core::instant changed_at;
};
std::vector<channel_state> list_states(core::db::read_view& view);
bool is_held(core::db::read_view& view, std::string_view channel); // it, or everything
// When the operator last released everything; nullopt: never, or held since.
std::optional<core::instant> released_at(core::db::read_view& view);
std::optional<core::instant> find_pause(core::db::read_view& view, std::string_view channel);
void set_held(core::db::write_tx& tx, std::string_view channel, bool held, std::string_view reason);
void set_pause(core::db::write_tx& tx, std::string_view channel, std::optional<core::instant> until,
               std::string_view reason);

std::int64_t count_calls(core::db::read_view& view, std::string_view channel, core::date day,
                         std::string_view kind);                        // kind "": all
std::vector<std::string> list_channels_ever(core::db::read_view& view); // that made a call on any day
struct kind_use {
    std::string channel, kind;
    std::int64_t calls = 0;
};
std::vector<kind_use> list_kinds_used(core::db::read_view& view, core::date day);
struct trouble_count {
    std::string status;
    int errcode = 0; // 0: without an answer, or none of the other side's
    std::int64_t n = 0;
};
std::vector<trouble_count> count_trouble(core::db::read_view& view);
std::vector<std::string> list_channels_used(core::db::read_view& view, core::date day);
void add_calls(core::db::write_tx& tx, std::string_view channel, core::date day, std::string_view kind,
               std::int64_t n);

void take_back_call(core::db::write_tx& tx, std::string_view channel, core::date day, std::string_view kind);

void park(core::db::write_tx& tx, std::string_view channel, std::string_view kind, std::string_view reason);
bool unpark(core::db::write_tx& tx, std::string_view channel, std::string_view kind);
std::vector<std::string> list_parked_kinds(core::db::read_view& view, std::string_view channel);
struct parked_kind {
    std::string channel, kind, reason;
    core::instant since;
};
std::vector<parked_kind> list_parked_kinds(core::db::read_view& view);

void put_refusal(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                 std::string_view kind, int errcode);
bool has_refusals(core::db::read_view& view, std::string_view channel);
// Told at or after `since` that this address does not get this kind, or none at all.
bool is_refused(core::db::read_view& view, std::string_view channel, std::string_view address,
                std::string_view kind, core::instant since);
void forget_refusal(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                    std::string_view kind);
void forget_refusals(core::db::write_tx& tx, std::string_view channel, std::string_view address);

struct waiting {
    std::int64_t status = 0, reminders = 0; // ready or behind another, by urgency
    std::int64_t in_flight = 0, uncertain = 0, failed = 0, blocked = 0, dead = 0, parked = 0;
    std::int64_t to_fan_out = 0;
    std::optional<core::instant> oldest; // created_at of what waits longest
};
waiting count_waiting(core::db::read_view& view);

} // namespace notify::store
