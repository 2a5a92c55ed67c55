// Finding messages for the staff page: by company, person, address, order number, kind, state and day. Reads
// only; what may be done with one is delivery.hpp.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/clock.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace notify {

struct delivery_search {
    // A twelve-digit order number, a company's name or its beginning, a person's whole name, an openid or
    // e-mail address or its beginning (six characters at least); "": everything.
    std::string text;
    std::string status, kind;           // "" any
    std::optional<core::date> from, to; // days on which the message was made, both included
};
struct found_delivery {
    std::int64_t id = 0, outbox_id = 0;
    std::string kind, title, channel, status, errmsg, applicant_name, person_name;
    int attempts = 0, errcode = 0;
    bool may_repeat = false;
    core::instant created_at, status_at;
};
struct found_page {
    std::vector<found_delivery> items; // newest first
    // Go on with this as `before`; 0: that was all. A page may be short and still have a next: a bounded
    // number of messages is looked at each time.
    std::int64_t next = 0;
    enum class by { nothing, order, address, people, company, unknown } found_by = by::nothing;
};
inline constexpr int deliveries_looked_at = 1000;
// Staff find what concerns their institution, the platform's administrator everything, others nothing.
found_page search_deliveries(core::db::read_view& view, const core::actor& who, const delivery_search& s,
                             std::int64_t before, int limit);

// How many are in each state that needs somebody: uncertain, blocked, failed, dead, parked. No further than
// 1000 each.
inline constexpr int counted_most = 1000;
std::map<std::string, int> count_trouble(core::db::read_view& view, const core::actor& who);

} // namespace notify
