// Reception (A6, A7, A14): instruments compared with their filing, line by line.
#include "core/appointment/appointment.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/order_step.hpp"
#include "core/appointment/rule.hpp"
#include "core/base/text.hpp"
#include "core/filing/filing.hpp"

#include <algorithm>
#include <array>

namespace core::appointment {
namespace {

bool is_booked(const line& l) {
    return l.status == line_status::booked;
}

// What the desk decided about each booked line; lines not named agree with their filing.
struct verdicts {
    std::vector<problem_line> problems; // reasons in words
    std::vector<absent_line> absent;
};

const line* find_booked(const order& o, std::int64_t id) {
    const auto found = std::find_if(o.lines.begin(), o.lines.end(),
                                    [&](const line& l) { return l.id == id && is_booked(l); });
    return found == o.lines.end() ? nullptr : &*found;
}

// 出厂编号与备案不符：实物为 A-12
result<std::string> words_of(const problem_line& p, const std::string& field) {
    const auto known = text_of(desk_reasons, p.code);
    if (!p.code.empty() && known.empty())
        return error(errc::invalid, "order.reason_code", "code_" + std::to_string(p.line_id));
    const bool needs_words = p.code.empty() || p.code == "other";
    const auto text = check_reason(p.reason, needs_words, field);
    if (!text || needs_words) return text;
    return text->empty() ? std::string(known) : shorten(std::string(known) + "：" + *text, 100);
}

result<verdicts> check_verdicts(const order& o, const reception& r) {
    verdicts v;
    std::vector<error> wrong;
    std::vector<std::int64_t> named;
    const auto take = [&](std::int64_t id, const std::string& field) {
        const bool twice = std::find(named.begin(), named.end(), id) != named.end();
        named.push_back(id);
        if (twice || find_booked(o, id) == nullptr)
            wrong.push_back(error(errc::invalid, "order.line", field));
        return !twice;
    };
    for (const auto& p : r.problems) {
        const std::string field = "reason_" + std::to_string(p.line_id);
        if (!take(p.line_id, field)) continue;
        auto text = words_of(p, field);
        if (!text)
            wrong.push_back(text.error());
        else
            v.problems.push_back({p.line_id, std::move(*text), p.code});
    }
    for (const auto& a : r.absent) {
        const std::string field = "reason_" + std::to_string(a.line_id);
        if (!take(a.line_id, field)) continue;
        auto text = check_reason(a.reason, true, field);
        if (!text)
            wrong.push_back(text.error());
        else
            v.absent.push_back({a.line_id, std::move(*text)});
    }
    if (!wrong.empty()) return all_of(std::move(wrong));
    return v;
}

// Counted pieces and the day it will be done, for the receipt.
result<> put_receipt(db::read_view& view, const order& o, const reception& r, int received,
                     store::change& c) {
    if (r.counted && *r.counted != received)
        return error(errc::invalid, "order.counted", "counted").with("n", std::to_string(received));
    const date today = view.today();
    if (r.finish_on && (!r.finish_on->ok() || *r.finish_on < today || *r.finish_on > add_days(today, 366)))
        return error(errc::invalid, "order.finish_on", "finish_on");
    const int days = rule_at(view, o.institution_id, "orders.finish_days");
    c.counted = r.counted.value_or(received);
    c.finish_on = r.finish_on ? *r.finish_on : catalogue::add_working_days(view, today, days);
    return {};
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

result<> return_line(db::write_tx& tx, const actor& who, const line& l, std::string_view reason,
                     std::string_view code) {
    if (!store::set_line(tx, l.id, line_status::booked, line_status::returned, reason, code))
        return stale(order_status::confirmed);
    return filing::unfile_at_desk(tx, who, l.instrument_id, reason); // F8
}

template<class T>
const T* find_line(std::span<const T> list, std::int64_t id) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const T& x) { return x.line_id == id; });
    return found == list.end() ? nullptr : &*found;
}

result<> sort_lines(db::write_tx& tx, const actor& who, const order& o, const verdicts& v) {
    for (const auto& l : o.lines) {
        if (!is_booked(l)) continue;
        if (const auto* p = find_line<problem_line>(v.problems, l.id)) {
            if (auto done = return_line(tx, who, l, p->reason, p->code); !done) return done.error();
            continue;
        }
        const auto* a = find_line<absent_line>(v.absent, l.id);
        const auto to = a != nullptr ? line_status::not_tested : line_status::checked_in;
        if (!store::set_line(tx, l.id, line_status::booked, to, a != nullptr ? a->reason : ""))
            return stale(o.status);
    }
    return {};
}

// For the journal: what did not simply agree.
value told(const verdicts& v) {
    value lines = value::array();
    const auto put = [&](std::int64_t line, line_status to, std::string_view reason) {
        lines.push(value::object()
                       .set("line", std::to_string(line))
                       .set("result", code_of(to))
                       .set("reason", reason));
    };
    for (const auto& p : v.problems)
        put(p.line_id, line_status::returned, p.reason);
    for (const auto& a : v.absent)
        put(a.line_id, line_status::not_tested, a.reason);
    return lines;
}

// Not brought, and nothing recorded: free, but undone with the reception.
bool is_absent(const line& l) {
    return l.status == line_status::not_tested && l.result_version == 0;
}

bool is_bookable(db::read_view& view, std::int64_t instrument, std::int64_t institution) {
    actor program;
    program.kind = actor_kind::system;
    const auto i = instrument::get(view, program, instrument);
    return i && i->filing_status == "filed" && i->institution_id == institution && i->line_status.empty() &&
           store::asked_of(view, std::array{instrument}).empty();
}

result<> book_again(db::write_tx& tx, const order& o) {
    for (const auto& l : o.lines) {
        if (l.status != line_status::checked_in && !is_absent(l)) continue;
        if (!store::set_line(tx, l.id, l.status, line_status::booked, "")) return stale(o.status);
    }
    return {};
}

} // namespace

result<> receive_order(db::write_tx& tx, const actor& who, std::int64_t id, const reception& r) {
    auto seen = begin(tx, who, id, "receive");
    if (!seen) return seen.error();
    const auto booked = std::count_if(seen->what.lines.begin(), seen->what.lines.end(), is_booked);
    const auto v = check_verdicts(seen->what, r);
    if (!v) return v.error();
    const auto received = booked - static_cast<std::ptrdiff_t>(v->problems.size() + v->absent.size());
    const bool all_bad = static_cast<std::ptrdiff_t>(v->problems.size()) == booked;
    if (received == 0 && !all_bad) return error(errc::invalid, "order.nothing_received");
    auto s = all_bad ? begin(tx, who, id, "return") : std::move(seen); // A7 instead of A6
    if (!s) return s.error();
    store::change c;
    c.reason = reasons_of(v->problems);
    if (!all_bad)
        if (auto fine = put_receipt(tx, s->what, r, static_cast<int>(received), c); !fine)
            return fine.error();
    const std::string reason = c.reason;
    if (auto done = apply_step(tx, *s, std::move(c)); !done) return done.error();
    if (auto done = sort_lines(tx, who, s->what, *v); !done) return done.error();
    tell(tx, who, id, *s->row, reason, {.lines = told(*v)});
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
            if (auto done = return_line(tx, who, l, *text, ""); !done) return done.error();
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
    if (std::any_of(lines.begin(), lines.end(),
                    [](const line& l) { return has_result(l.status) && !is_absent(l); }))
        return error(errc::conflict, "order.has_results");
    for (const auto& l : lines) // somebody may have booked or returned it since
        if (is_absent(l) && !is_bookable(tx, l.instrument_id, s->what.institution_id))
            return error(errc::conflict, "order.rebooked").with("name", l.name);
    store::change c;
    c.reason = *text;
    if (auto done = apply_step(tx, *s, c); !done) return done.error();
    if (auto done = book_again(tx, s->what); !done) return done.error();
    tell(tx, who, id, *s->row, *text);
    return {};
}

} // namespace core::appointment
