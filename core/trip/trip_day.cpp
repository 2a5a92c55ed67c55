// The day itself: telling windows, starting, finishing, and when the weather ends it.
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/text.hpp"
#include "core/journal/outbox.hpp"
#include "core/trip/trip.hpp"
#include "core/trip/trip_step.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace core::trip {
namespace {

bool is_waiting(const stop& s) {
    return s.state == stop_state::waiting;
}

// What a company was told last, to notice what has changed.
std::string telling(const trip& t, const stop& s) {
    return to_text(t.day) + " " + std::string(code_of(s.detail.when));
}

void announce_stop(db::write_tx& tx, const step& walked, const stop& s) {
    const auto& t = walked.what;
    value facts = appointment::facts_of(tx, s.order);
    const std::string words(text_of(s.detail.when));
    facts.set("window", words).set("window_words", date_words(t.day, tx.today()) + words);
    outbox::append(tx, {.kind = walked.row->event,
                        .subject_kind = "order",
                        .subject_id = s.order_id,
                        .applicant_id = s.order.applicant_id,
                        .institution_id = t.institution_id,
                        .facts = std::move(facts)});
    store::set_told(tx, t.id, s.order_id, telling(t, s));
}

result<std::string> check_reason(std::string_view reason) {
    std::string text = tidy_line(reason);
    if (!is_utf8(text) || text.empty() || count_characters(text) > 100)
        return error(errc::invalid, "trip.reason", "reason");
    return text;
}

error not_moved(const stop& s, const error& why) {
    error e = error(errc::conflict, "trip.not_moved", "order_" + std::to_string(s.order_id))
                  .with("number", s.order.number)
                  .with("applicant", s.order.applicant_name);
    for (const auto& a : why.args)
        if (a.first != "number") e.args.push_back(a);
    return e;
}

// Windows follow the times that the orders have now: those that lost their period got another of the day.
void follow_times(db::write_tx& tx, const trip& t, std::span<const stop* const> went) {
    for (const auto* s : went)
        if (window_of(s->order) != s->detail.when)
            store::set_stop(tx, t.id, s->order_id,
                            {window_of(s->order), s->detail.place, s->detail.access_note});
}

result<> go_along(db::write_tx& tx, const step& s, const actor& who, std::span<const stop* const> went,
                  date to, std::string_view reason) {
    store::change c;
    c.day = to;
    value detail = value::object().set("day", to_text(to)).set("day_was", to_text(s.what.day));
    if (auto done = finish(tx, who, s, c, reason, std::move(detail)); !done) return done;
    follow_times(tx, s.what, went);
    return {};
}

// What a trip becomes after the orders of its day have gone.
result<trip_after> settle_trip(db::write_tx& tx, const actor& who, std::int64_t id,
                               const appointment::day_move& m) {
    auto s = begin(tx, who, id, m.to ? "move" : "cancel");
    if (!s) return s.error();
    const auto& stops = s->what.stops;
    std::vector<const stop*> went;
    trip_after after{id, trip_after::kind::stays, 0};
    bool is_left = stops.empty(); // a plan without stops yet is nobody's to cancel
    for (const auto& each : stops) {
        is_left = is_left || each.state != stop_state::gone;
        after.gone += each.state == stop_state::gone ? 1 : 0;
        if (m.to && each.order.status == appointment::order_status::confirmed && each.order.day == *m.to)
            went.push_back(&each);
    }
    if (is_left) return after;
    const std::string reason = tidy_line(m.reason);
    if (!went.empty()) {
        if (auto done = go_along(tx, *s, who, went, *m.to, reason); !done) return done.error();
        after.what = trip_after::kind::moved;
        after.gone -= static_cast<int>(went.size());
        return after;
    }
    if (auto done = cancel_trip(tx, who, id, reason, orders_do::keep); !done) return done.error();
    after.what = trip_after::kind::cancelled;
    return after;
}

} // namespace

result<int> announce_trip(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "announce");
    if (!s) return s.error();
    std::vector<const stop*> fresh;
    for (const auto& each : s->what.stops)
        if (is_waiting(each) && each.told != telling(s->what, each)) fresh.push_back(&each);
    if (fresh.empty()) return 0;
    value numbers = value::array();
    for (const auto* each : fresh)
        numbers.push(each->order.number);
    if (auto done = finish(tx, who, *s, {}, "", value::object().set("orders", std::move(numbers))); !done)
        return done.error();
    for (const auto* each : fresh)
        announce_stop(tx, *s, *each);
    return static_cast<int>(fresh.size());
}

result<> start_trip(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "start");
    if (!s) return s.error();
    if (s->what.day != tx.today()) return error(errc::invalid, "trip.not_today");
    if (std::none_of(s->what.stops.begin(), s->what.stops.end(), is_waiting))
        return error(errc::invalid, "trip.empty");
    return finish(tx, who, *s, {}, "");
}

result<> finish_trip(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "finish");
    if (!s) return s.error();
    const auto open = std::count_if(s->what.stops.begin(), s->what.stops.end(), [](const stop& each) {
        return each.state == stop_state::waiting || each.state == stop_state::under_way;
    });
    if (open > 0) return error(errc::invalid, "trip.unfinished").with("n", std::to_string(open));
    if (auto done = finish(tx, who, *s, {}, ""); !done) return done;
    store::close_stops(tx, id);
    return {};
}

result<> cancel_trip(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                     orders_do what) {
    auto s = begin(tx, who, id, "cancel");
    if (!s) return s.error();
    const auto text = check_reason(reason);
    if (!text) return text.error();
    store::change c;
    c.reason = *text;
    value detail = value::object().set("orders", what == orders_do::cancel ? "cancelled" : "kept");
    if (auto done = finish(tx, who, *s, c, *text, std::move(detail)); !done) return done;
    store::close_stops(tx, id);
    for (const auto& each : s->what.stops) {
        if (what == orders_do::keep) call_off(tx, *s, each, *text);
        if (what == orders_do::keep || !is_waiting(each)) continue;
        if (auto done = appointment::cancel_order(tx, who, each.order_id, *text); !done) return done; // A10
    }
    return {};
}

result<> move_trip(db::write_tx& tx, const actor& who, std::int64_t id, date day, std::string_view reason) {
    auto s = begin(tx, who, id, "move");
    if (!s) return s.error();
    if (!day.ok() || day < tx.today()) return error(errc::invalid, "trip.day", "day");
    if (day == s->what.day) return error(errc::invalid, "trip.same_day", "day");
    const auto text = check_reason(reason);
    if (!text) return text.error();
    store::change c;
    c.day = day;
    value detail = value::object().set("day", to_text(day)).set("day_was", to_text(s->what.day));
    if (auto done = finish(tx, who, *s, c, *text, std::move(detail)); !done) return done;
    std::vector<error> wrong;
    for (const auto& each : s->what.stops) {
        if (!is_waiting(each)) continue;
        if (auto done = appointment::move_order(tx, who, each.order_id,
                                                {.day = day, .starts = each.order.starts, .reason = *text});
            !done) // A13
            wrong.push_back(not_moved(each, done.error()));
    }
    if (wrong.empty()) return {};
    error first = std::move(wrong.front());
    first.also.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
    return first; // the whole transaction is undone
}

result<day_moved> move_day(db::write_tx& tx, const actor& who, std::int64_t institution,
                           const appointment::day_move& m) {
    auto orders = appointment::move_day(tx, who, institution, m);
    if (!orders) return orders.error();
    day_moved all{std::move(*orders), {}};
    for (const auto id : store::list_planned(tx, institution, m.from)) {
        auto after = settle_trip(tx, who, id, m);
        if (!after) return after.error();
        all.trips.push_back(*after);
    }
    return all;
}

} // namespace core::trip
