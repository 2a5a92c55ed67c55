// The audit journal: every change with who, when, from where, before and after. Append-only (triggers), each
// row sealed with the hash of the row before it. Written in the transaction of the change, never after.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::audit {

struct entry {
    std::string_view verb;         // "confirm"
    std::string_view subject_kind; // "order", "instrument", "login", …
    std::int64_t subject_id = 0;
    value before = value::object(); // only what changed
    value after = value::object();
    std::string note;              // reason given by the actor
    std::int64_t applicant_id = 0; // whose data it concerns; 0: nobody's
    std::int64_t institution_id = 0;
};

void append(db::write_tx& tx, const actor& who, const entry& e);

struct recorded {
    std::int64_t id = 0;
    instant at;
    std::string actor_kind, actor_name, source, verb, note;
    value before, after;
};
// The history of one thing, oldest first.
std::vector<recorded> list_for(db::read_view& view, std::string_view subject_kind, std::int64_t subject_id);

// The id of the first row whose seal is broken; nullopt when the whole chain holds.
std::optional<std::int64_t> find_broken(db::read_view& view);

} // namespace core::audit
