#include "notify/hub/told.hpp"

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

} // namespace

told_counts count_told(core::db::read_view& view, std::string_view kind, std::string_view subject_kind,
                       std::int64_t subject_id) {
    told_counts n;
    for (const auto r :
         view.query(R"sql(SELECT d.status, count(*) FROM outbox o JOIN delivery d ON d.outbox_id = o.id
                                         WHERE o.subject_kind = $1 AND o.subject_id = $2 AND o.kind = $3
                                         GROUP BY d.status)sql",
                    subject_kind, subject_id, kind))
        slot_of(n, r.view(0)) += r.number(1);
    return n;
}

} // namespace notify
