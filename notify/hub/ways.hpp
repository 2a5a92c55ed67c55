// By which ways a person wants to be told and which first: one list for everything, others for single kinds.
// The in-site inbox is no way: it always has everything. What they do not want at all is wishes.hpp.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

using way_names = std::vector<std::string>; // of shipped_ways (order.hpp), the first is tried first

// Their list for this kind, else the one for everything; nullopt: neither, the platform's order holds.
std::optional<way_names> find_ways(core::db::read_view& view, std::int64_t login, std::string_view kind);
// The actor's own lists by kind; "": the one for everything.
std::map<std::string, way_names, std::less<>> list_ways_of(core::db::read_view& view, const core::actor& who);
// The actor's own list for a kind, or for everything (""); nullopt takes it away. Empty: the inbox alone, but
// for notices of safety, which then go as the platform has it. Refuses not_allowed (nobody signed in),
// invalid wish.kind (no such kind, or none that this side is told), wish.ways (unknown or repeated),
// wish.always (a notice of safety by no way).
core::result<> set_ways(core::db::write_tx& tx, const core::actor& who, std::string_view kind,
                        const std::optional<way_names>& ways);

} // namespace notify
