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

// A look at personal data that the law wants to know of (S13): papers, phones in clear, an export of a
// person.
void record_view(db::write_tx& tx, const actor& who, std::string_view subject_kind, std::int64_t subject_id,
                 std::string_view what, std::int64_t applicant_id);

struct recorded {
    std::int64_t id = 0, actor_id = 0, subject_id = 0;
    instant at;
    std::string actor_kind, actor_name, source, request_id, verb, subject_kind, note;
    value before, after;
};
// The history of one thing, oldest first.
std::vector<recorded> list_for(db::read_view& view, std::string_view subject_kind, std::int64_t subject_id);

struct entry_filter {
    std::int64_t actor_id = 0; // 0: anybody
    std::string verb, subject_kind;
    std::optional<instant> from, until; // from <= at < until
};
struct entry_key { // where the page before ended
    std::int64_t time = 0, id = 0;
};
// 操作日志, newest first, at most `limit`: everything for the platform, what concerns the institution for its
// administrator, what concerns the company for its owner, nothing for others.
std::vector<recorded> list_entries(db::read_view& view, const actor& who, const entry_filter& f,
                                   std::optional<entry_key> after, int limit);

// The id of the first row whose seal is broken; nullopt when the whole chain holds.
std::optional<std::int64_t> find_broken(db::read_view& view);

} // namespace core::audit
