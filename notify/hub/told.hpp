// What became of the messages of one subject told to many, in figures.
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
// Messages of this kind about this subject; reads all of them.
told_counts count_told(core::db::read_view& view, std::string_view kind, std::string_view subject_kind,
                       std::int64_t subject_id);

} // namespace notify
