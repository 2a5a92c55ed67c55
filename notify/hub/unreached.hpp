// Who could not be told: no channel reached them, or nobody of the company has an address. For the
// institution to phone. The in-site inbox has the event all the same.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

struct unreached {
    std::int64_t id = 0, outbox_id = 0, applicant_id = 0, institution_id = 0;
    std::int64_t login_id = 0;    // 0: nobody of the company has an address
    std::int64_t delivery_id = 0; // the last that failed, 0: none was possible
    std::string kind, title;
    std::string applicant_name,
        person_name;    // person_name: of the company's contact when there is no login_id
    std::string phone;  // the person's, else the company's: who shows it records the view
    core::value facts;  // of the event
    std::string reason; // of the last delivery, "" without one
    core::instant at;
    bool is_read = false;        // they have seen it in the in-site inbox since
    bool colleague_told = false; // another person of the company got it
    // Of closed ones.
    std::optional<core::instant> closed_at;
    std::int64_t closed_by = 0; // 0: reached after all
    std::string closer_name, note;
};

// Open ones, newest first: staff those of their institution, the platform's administrator all, others none.
// At most `limit` with an id below `before` (0: from the newest).
std::vector<unreached> list_unreached(core::db::read_view& view, const core::actor& who, std::int64_t before,
                                      int limit);
// Closed ones, likewise, the last closed first; after this one (zero: from the newest).
struct closed_key {
    std::int64_t time = 0, id = 0;
};
closed_key key_of(const unreached& u);
std::vector<unreached> list_closed_unreached(core::db::read_view& view, const core::actor& who,
                                             closed_key after, int limit);
inline constexpr int unreached_counted = 100;
std::int64_t count_unreached(core::db::read_view& view, const core::actor& who); // no further than that

// Told by phone, or not to be told any more; with an audit row. Staff of its institution and the platform's
// administrator. Refuses not_found, not_allowed (a regulator), stale_state unreached.closed, invalid
// unreached.note (longer than 200 characters).
core::result<> close_unreached(core::db::write_tx& tx, const core::actor& who, std::int64_t id,
                               std::string_view note);
// Several with one note, each by itself: what is refused does not hold up the others.
struct closing {
    std::int64_t id = 0;
    std::string company; // whose, "" when it is not theirs to know
    std::optional<core::error> refused;
};
std::vector<closing> close_many_unreached(core::db::write_tx& tx, const core::actor& who,
                                          std::span<const std::int64_t> ids, std::string_view note);

} // namespace notify
