#include "core/appointment/chat_orders.hpp"

#include <algorithm>

namespace core::appointment {
namespace {

// One company's newest behind what is there; none that is older than `oldest`.
void add_latest(db::read_view& view, std::int64_t applicant, std::int64_t oldest, int limit,
                std::vector<chat_line>& out) {
    for (const auto r :
         view.query(R"sql(SELECT id, number, status, day, starts, ends, pieces, reason FROM appointment_order
                          WHERE applicant_id = $1 AND id > $2 ORDER BY id DESC LIMIT $3)sql",
                    applicant, oldest, limit)) {
        auto& line = out.emplace_back();
        line.id = r.number(0);
        line.applicant_id = applicant;
        line.number = r.text(1);
        line.status = parse_order_status(r.view(2)).value();
        line.day = r.maybe_date(3).value_or(date{});
        line.starts = r.small(4);
        line.ends = r.small(5);
        line.pieces = r.small(6);
        line.reason = r.text(7);
    }
}

} // namespace

std::string chat_line::time_words(date today) const {
    return date_words(day, today) + range_text(starts, ends);
}

std::vector<chat_line> list_for_chat(db::read_view& view, std::span<const std::int64_t> applicants,
                                     int limit) {
    const auto most = static_cast<std::size_t>(limit);
    const auto newer = [](const chat_line& a, const chat_line& b) { return a.id > b.id; };
    std::vector<chat_line> all;
    all.reserve(2 * most);
    for (const auto id : applicants) {
        const auto before = static_cast<std::ptrdiff_t>(all.size());
        add_latest(view, id, all.size() == most ? all.back().id : 0, limit, all);
        std::inplace_merge(all.begin(), all.begin() + before, all.end(), newer);
        if (all.size() > most) all.resize(most);
    }
    return all;
}

} // namespace core::appointment
