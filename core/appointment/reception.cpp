// Reception (A6, A7, A14): instruments compared with their filing, line by line.
#include "core/appointment/appointment.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/order_step.hpp"
#include "core/base/text.hpp"
#include "core/filing/filing.hpp"

#include <algorithm>

namespace core::appointment {
namespace {

bool is_booked(const line& l) {
    return l.status == line_status::booked;
}

// Every problem must be of a booked line and say why.
result<std::vector<problem_line>> check_problems(const order& o, std::span<const problem_line> problems) {
    std::vector<problem_line> checked;
    std::vector<error> wrong;
    for (const auto& p : problems) {
        const std::string field = "reason_" + std::to_string(p.line_id);
        const bool ours = std::any_of(o.lines.begin(), o.lines.end(),
                                      [&](const line& l) { return l.id == p.line_id && is_booked(l); });
        const bool twice = std::any_of(checked.begin(), checked.end(),
                                       [&](const problem_line& c) { return c.line_id == p.line_id; });
        if (!ours || twice) {
            wrong.push_back(error(errc::invalid, "order.line", field));
            continue;
        }
        auto text = check_reason(p.reason, true, field);
        if (!text)
            wrong.push_back(text.error());
        else
            checked.push_back({p.line_id, std::move(*text)});
    }
    if (!wrong.empty()) return all_of(std::move(wrong));
    return checked;
}

// The reasons, each once: what the company reads first.
std::string reasons_of(std::span<const problem_line> problems) {
    std::vector<std::string_view> seen;
    std::string all;
    for (const auto& p : problems) {
        if (std::find(seen.begin(), seen.end(), p.reason) != seen.end()) continue;
        seen.push_back(p.reason);
        all += (all.empty() ? "" : "；") + p.reason;
    }
    return shorten(all, 100);
}

result<> return_line(db::write_tx& tx, const actor& who, const line& l, std::string_view reason) {
    if (!store::set_line(tx, l.id, line_status::booked, line_status::returned, reason))
        return stale(order_status::confirmed);
    return filing::unfile_at_desk(tx, who, l.instrument_id, reason); // F8
}

result<> sort_lines(db::write_tx& tx, const actor& who, const order& o,
                    std::span<const problem_line> problems) {
    for (const auto& l : o.lines) {
        if (!is_booked(l)) continue;
        const auto bad =
            std::find_if(problems.begin(), problems.end(), [&](const auto& p) { return p.line_id == l.id; });
        if (bad != problems.end()) {
            if (auto done = return_line(tx, who, l, bad->reason); !done) return done.error();
        } else if (!store::set_line(tx, l.id, line_status::booked, line_status::checked_in, "")) {
            return stale(o.status);
        }
    }
    return {};
}

} // namespace

result<> receive_order(db::write_tx& tx, const actor& who, std::int64_t id,
                       std::span<const problem_line> problems) {
    auto seen = begin(tx, who, id, "receive");
    if (!seen) return seen.error();
    const auto booked = std::count_if(seen->what.lines.begin(), seen->what.lines.end(), is_booked);
    const auto checked = check_problems(seen->what, problems);
    if (!checked) return checked.error();
    const bool all_bad = static_cast<std::ptrdiff_t>(checked->size()) == booked;
    auto s = all_bad ? begin(tx, who, id, "return") : std::move(seen); // A7 instead of A6
    if (!s) return s.error();
    store::change c;
    c.reason = reasons_of(*checked);
    if (auto done = apply_step(tx, *s, c); !done) return done.error();
    if (auto done = sort_lines(tx, who, s->what, *checked); !done) return done.error();
    tell(tx, who, id, *s->row, c.reason);
    return {};
}

result<> return_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "return");
    if (!s) return s.error();
    const auto text = check_reason(reason, true);
    if (!text) return text.error();
    store::change c;
    c.reason = *text;
    if (auto done = apply_step(tx, *s, c); !done) return done.error();
    for (const auto& l : s->what.lines)
        if (is_booked(l))
            if (auto done = return_line(tx, who, l, *text); !done) return done.error();
    tell(tx, who, id, *s->row, *text);
    return {};
}

result<> unreceive_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "unreceive");
    if (!s) return s.error();
    const auto text = check_reason(reason, true);
    if (!text) return text.error();
    if (local_date(s->what.status_at) != tx.today()) return error(errc::too_late, "order.unreceive_late");
    const auto& lines = s->what.lines;
    if (std::any_of(lines.begin(), lines.end(), [](const line& l) { return has_result(l.status); }))
        return error(errc::conflict, "order.has_results");
    store::change c;
    c.reason = *text;
    if (auto done = apply_step(tx, *s, c); !done) return done.error();
    for (const auto& l : lines)
        if (l.status == line_status::checked_in &&
            !store::set_line(tx, l.id, line_status::checked_in, line_status::booked, ""))
            return stale(s->what.status);
    tell(tx, who, id, *s->row, *text);
    return {};
}

} // namespace core::appointment
