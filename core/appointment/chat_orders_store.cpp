#include "core/appointment/chat_orders.hpp"

#include <algorithm>

namespace core::appointment {
namespace {

void add_latest(db::read_view& view, std::int64_t applicant, int limit, std::vector<order>& out) {
    for (
        const auto r : view.query(
            R"sql(SELECT o.id, o.number, o.status, o.method, o.day, o.starts, o.ends, o.pieces, o.reason, a.name
                   FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id
                   WHERE o.applicant_id = $1 ORDER BY o.id DESC LIMIT $2)sql",
            applicant, limit)) {
        auto& o = out.emplace_back();
        o.id = r.number(0);
        o.number = r.text(1);
        o.status = parse_order_status(r.view(2)).value();
        o.method = r.text(3);
        o.day = r.maybe_date(4).value_or(date{});
        o.starts = r.small(5);
        o.ends = r.small(6);
        o.pieces = r.small(7);
        o.reason = r.text(8);
        o.applicant_name = r.text(9);
    }
}

} // namespace

std::vector<order> list_for_chat(db::read_view& view, std::span<const std::int64_t> applicants, int limit) {
    std::vector<order> all;
    all.reserve(applicants.size() * static_cast<std::size_t>(limit)); // one person acts for a few companies
    for (const auto id : applicants)
        add_latest(view, id, limit, all);
    if (applicants.size() > 1)
        std::sort(all.begin(), all.end(), [](const order& a, const order& b) { return a.id > b.id; });
    if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
    return all;
}

} // namespace core::appointment
