// A whole day of orders moved to another, or cancelled, in one step: typhoon, broken bench, staff ill.
#include "core/appointment/calendar.hpp"
#include "core/appointment/order_step.hpp"
#include "core/appointment/slot_store.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstdlib>

namespace core::appointment {
namespace {

constexpr int most_moved = 500;
constexpr std::size_t longest_closing = 40; // characters of close_day

result<> check_day_move(db::read_view& view, const actor& who, std::int64_t institution, const day_move& m) {
    if (who.kind != actor_kind::staff || !who.is_staff_of(institution)) return error(errc::not_found);
    if (!who.roles.has(role::scheduler)) return error(errc::not_allowed);
    if (const auto text = check_reason(m.reason, true); !text) return text.error();
    if (!m.from.ok() || (m.to && !m.to->ok())) return error(errc::invalid, "slot.day", "day");
    if (m.to && *m.to == m.from) return error(errc::invalid, "order.same_time", "day");
    if (m.to && *m.to < view.today()) return error(errc::invalid, "slot.day", "day");
    return {};
}

// Its own period first, then the nearest ones of the day.
std::vector<slot> periods_for(db::read_view& view, const order& o, date day) {
    std::vector<slot> all;
    const date monday = add_days(day, 1 - iso_weekday(day));
    for (const auto& d : list_week(view, o.institution_id, o.method, monday, o.brings()))
        if (d.day == day) all = d.slots;
    std::stable_sort(all.begin(), all.end(), [&](const slot& a, const slot& b) {
        return std::abs(a.starts - o.starts) < std::abs(b.starts - o.starts);
    });
    return all;
}

// The suggestion of a cancelled order: the first free time after the day that is given up.
std::optional<suggestion> next_free(db::read_view& view, const order& o, date after) {
    const auto found = list_free(view, o.institution_id, o.method, o.brings(), add_days(after, 1), 1);
    if (found.empty()) return std::nullopt;
    return suggestion{found.front().day, found.front().starts};
}

day_moved cancel_one(db::write_tx& tx, const actor& who, const order& o, const day_move& m) {
    day_moved done{o.id, o.number, day_moved::kind::cancelled, std::nullopt, std::nullopt, {}};
    const auto other = next_free(tx, o, m.from);
    // A company whose order waits for an answer gets a rejection: A10 is for confirmed ones.
    const auto answer = o.status == order_status::pending ? reject_order(tx, who, o.id, m.reason, other)
                                                          : cancel_order(tx, who, o.id, m.reason, other);
    if (answer && other) done.when = slot_time{other->day, other->starts, 0};
    if (!answer) {
        done.what = day_moved::kind::stays;
        done.refused = answer.error();
    }
    return done;
}

day_moved move_one(db::write_tx& tx, const actor& who, const order& o, const day_move& m) {
    day_moved done{o.id, o.number, day_moved::kind::stays, std::nullopt, std::nullopt, {}};
    for (const auto& s : periods_for(tx, o, *m.to)) {
        const auto answer = move_order(tx, who, o.id, {*m.to, s.starts, m.reason, m.knowingly});
        if (answer) {
            done.what = day_moved::kind::moved;
            done.when = slot_time{*m.to, s.starts, s.ends};
            done.refused.reset();
            return done;
        }
        if (!done.refused) done.refused = answer.error(); // why its own period is not to be had
    }
    if (!done.refused) done.refused = error(errc::invalid, "slot.none", "slot");
    return done;
}

// Nobody else is to book the day that is given up. What the institution said before stays.
result<> close_left_day(db::write_tx& tx, const actor& who, std::int64_t institution, const day_move& m) {
    const bool whole = m.method.empty() && !m.stay_open && m.from >= tx.today();
    if (!whole || store::find_exception(tx, institution, m.from)) return {};
    return close_day(tx, who, institution, m.from, shorten(tidy_line(m.reason), longest_closing));
}

} // namespace

result<std::vector<day_moved>> move_day(db::write_tx& tx, const actor& who, std::int64_t institution,
                                        const day_move& m) {
    if (auto fine = check_day_move(tx, who, institution, m); !fine) return fine.error();
    if (auto done = close_left_day(tx, who, institution, m); !done) return done.error();
    std::vector<day_moved> all;
    for (const auto id : store::list_movable(tx, institution, m, most_moved)) {
        const auto o = store::find(tx, id).value();
        auto done = m.to ? move_one(tx, who, o, m) : cancel_one(tx, who, o, m);
        if (m.to && m.cancel_others && done.what == day_moved::kind::stays) done = cancel_one(tx, who, o, m);
        done.was = {o.starts, o.id};
        all.push_back(std::move(done));
    }
    return all;
}

} // namespace core::appointment
