// On-site trips (现场检定行程, domain.md 12): an institution's day on the road, with stops in order; each
// stop is one confirmed on-site order. States, the table T1-T7, and the verbs that walk it. Orders change
// only by the verbs of core/appointment: receiving and results are entered there. Reading is in queries.hpp.
#pragma once
#include "core/appointment/appointment.hpp"
#include "core/journal/transition.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::trip {

enum class trip_status { none, planned, under_way, done, cancelled };
inline constexpr std::array<trip_status, 4> trip_states = {trip_status::planned, trip_status::under_way,
                                                           trip_status::done, trip_status::cancelled};
std::string_view code_of(trip_status s); // as stored: "under_way"
status_tag trip_tag(trip_status s);      // 已计划, 进行中, 已完成, 已取消
std::span<const transition<trip_status>> transitions();

// What applicants are told: half a day, never a minute.
enum class window { morning, afternoon };
std::string_view code_of(window w);
std::string_view text_of(window w); // 上午, 下午
std::optional<window> parse_window(std::string_view code);

inline constexpr std::size_t most_stops = 30, most_people = 10;

struct equipment {
    std::vector<std::int64_t> team; // logins of the institution; at least one verifier
    std::string vehicle;            // number plate or name, at most 30 characters
    std::string standards;          // measurement standards to take, at most 500 characters
};
// T1. Gives the id. Refuses not_allowed, trip.day (past), trip.team (field `team`: nobody, too many, not of
// this institution, no verifier), field.long, and for each order what add_stop refuses.
result<std::int64_t> plan_trip(db::write_tx& tx, const actor& who, date day, const equipment& with,
                               std::span<const std::int64_t> orders);
// T2, while it is planned. Refuses stale_state (`version`: somebody saved meanwhile), as plan_trip.
result<> change_trip(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version,
                     const equipment& with);

// T3, while it is planned or under way: at the end, with the window its period lies in. Refuses
// trip.order (arg number: not an on-site order of this institution, confirmed, for this day), trip.taken (on
// another trip), trip.full.
result<> add_stop(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t order);
// The company is told when it had been told of this visit: its order stays.
result<> remove_stop(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t order);
// All stops in their new order. Refuses trip.order_of (not exactly the stops of this trip).
result<> reorder_stops(db::write_tx& tx, const actor& who, std::int64_t id,
                       std::span<const std::int64_t> orders);
struct stop_detail {
    window when = window::morning;
    std::string place;       // where exactly, at most 200 characters; empty: as the instruments say
    std::string access_note; // power, crane, shut-down time, safety training; at most 200 characters
};
result<> set_stop(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t order,
                  const stop_detail& d);

// T4: tells each company whose window was not told yet, or has changed since; gives how many. May be
// repeated.
result<int> announce_trip(db::write_tx& tx, const actor& who, std::int64_t id);

// T5, by the team or the scheduler, on its day (trip.not_today), with a stop (trip.empty).
result<> start_trip(db::write_tx& tx, const actor& who, std::int64_t id);
// T6, when every stop is done: its order completed or returned. Refuses trip.unfinished (arg n). Instruments
// that were not found are not_tested; orders that were cancelled or moved do not count.
result<> finish_trip(db::write_tx& tx, const actor& who, std::int64_t id);

// T7: typhoon, rain, a broken vehicle. `keep`: the orders stay confirmed for another trip, and companies that
// were told of this visit are told that it is off; `cancel`: each is cancelled, told by A10. Received and
// finished ones stay as they are. With a reason (trip.reason, 1..100 characters).
enum class orders_do { keep, cancel };
result<> cancel_trip(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                     orders_do what);
// T7b, while it is planned: trip and orders go to another day, each at the time it has (A13); all or none.
// Refuses trip.day, trip.same_day, trip.reason, and trip.not_moved (args number, why) with one for each order
// that does not fit. Windows must be announced again.
result<> move_trip(db::write_tx& tx, const actor& who, std::int64_t id, date day, std::string_view reason);

// A whole day of orders at once (appointment::move_day), and what that makes of the trips planned for it: a
// trip whose waiting stops all went to the new day goes with them (T7b; windows follow the new times and must
// be announced again); one that nothing is left of is cancelled (T7); any other stays, and the stops that
// went are `gone`. Refuses as appointment::move_day.
struct trip_after {
    std::int64_t id = 0;
    enum class kind { moved, cancelled, stays } what = kind::stays;
    int gone = 0; // stops that are not on the trip's day any more
};
struct day_moved {
    std::vector<appointment::day_moved> orders;
    std::vector<trip_after> trips;
};
result<day_moved> move_day(db::write_tx& tx, const actor& who, std::int64_t institution,
                           const appointment::day_move& m);

} // namespace core::trip
