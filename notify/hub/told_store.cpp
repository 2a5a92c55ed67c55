#include "notify/hub/told.hpp"

#include "core/db/difference.hpp"

#include <string>
#include <string_view>

namespace notify {
namespace {

std::int64_t& slot_of(told_counts& n, std::string_view status) {
    if (status == "accepted") return n.accepted;
    if (status == "delivered") return n.delivered;
    if (status == "blocked") return n.blocked;
    if (status == "dropped") return n.dropped;
    if (status == "failed" || status == "dead" || status == "parked") return n.failed;
    return n.waiting;
}

constexpr std::string_view kept =
    R"sql(SELECT announcement_id, status, messages FROM announcement_tally WHERE messages > 0)sql";
constexpr std::string_view slow =
    R"sql(SELECT o.subject_id, d.status, count(*) FROM announcement n
            JOIN outbox o ON o.subject_kind = 'announcement' AND o.subject_id = n.id AND o.kind = 'announcement'
            JOIN delivery d ON d.outbox_id = o.id AND d.kind = 'announcement'
          GROUP BY o.subject_id, d.status)sql";

} // namespace

told_counts count_told(core::db::read_view& view, std::int64_t announcement) {
    told_counts n;
    for (const auto r :
         view.query(R"sql(SELECT status, messages FROM announcement_tally WHERE announcement_id = $1)sql",
                    announcement))
        slot_of(n, r.view(0)) += r.number(1);
    return n;
}

bool has_told_drift(core::db::read_view& view) {
    return core::db::differ(view, kept, slow);
}

void rebuild_told(core::db::write_tx& tx) {
    tx.exec(R"sql(DELETE FROM announcement_tally)sql");
    tx.exec("INSERT INTO announcement_tally (announcement_id, status, messages) " + std::string(slow));
}

} // namespace notify
