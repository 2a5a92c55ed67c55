// What became of the messages of one announcement, in figures.
#pragma once
#include "core/db/transaction.hpp"

#include <cstdint>
#include <string_view>

namespace notify {

struct told_counts {
    std::int64_t waiting = 0; // queued, on their way, in doubt
    std::int64_t accepted = 0, delivered = 0, blocked = 0;
    std::int64_t failed = 0; // failed, parked, or nobody ever knew
    std::int64_t dropped = 0;
};
// From the tally kept of each announcement: the same cost however many were told.
told_counts count_told(core::db::read_view& view, std::int64_t announcement);
// Whether the tallies are what the messages say, for the command `db check`; reads every announcement's.
bool has_told_drift(core::db::read_view& view);
void rebuild_told(core::db::write_tx& tx);

} // namespace notify
