// Reading trips: one, an institution's, one's own day on the road, what is still to be planned, and what a
// company may know of the visit. Tenancy is in here (S1). Changes nothing.
#pragma once
#include "core/trip/trip.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::trip {

// From its order, never stored: what the order is decides.
enum class stop_state {
    waiting,   // confirmed, for this day
    under_way, // received: results are being entered
    done,      // completed or returned
    gone       // cancelled, expired, or moved to another day: nothing to do here
};
std::string_view text_of(stop_state s); // 待检, 检定中, 已完成, 已取消或改期

struct stop {
    std::int64_t order_id = 0;
    int seq = 0; // 1 first
    stop_detail detail;
    std::string told; // the day and window that the company was told, "" nothing yet
    stop_state state = stop_state::waiting;
    appointment::order order;  // phone masked unless the actor plans or goes there
    std::string place() const; // detail.place, else where the instruments are
};
struct member {
    std::int64_t login_id = 0;
    std::string name;
};
struct trip {
    std::int64_t id = 0, institution_id = 0, version = 0;
    date day;
    trip_status status = trip_status::none;
    std::string vehicle, standards, reason, institution_name;
    std::vector<member> team;
    std::vector<stop> stops; // in their order
    instant created_at, status_at;
    bool has(std::int64_t login) const; // is of the team
};

// Of the actor's institution, of a regulator's region, any for the platform. Else not_found.
result<trip> get_trip(db::read_view& view, const actor& who, std::int64_t id);
struct summary { // a row of the list
    std::int64_t id = 0;
    date day;
    trip_status status = trip_status::none;
    std::string vehicle;
    int stops = 0, done = 0, gone = 0, pieces = 0; // as stop_state says
};
struct key { // where the page before ended
    std::optional<date> day;
    std::int64_t id = 0;
};
// Of the actor's institution, oldest first, `from` to `to`; of another one for whoever reads more than one:
// the platform, a regulator of its region.
std::vector<summary> list_trips(db::read_view& view, const actor& who, date from, date to, const key& after,
                                int limit, std::int64_t institution = 0);
// M36: where the actor goes on this day, in order.
std::vector<trip> list_my_trips(db::read_view& view, const actor& who, date day);

// Confirmed on-site orders of a day that are on no trip, by county, the county with most first: what one trip
// may take together.
struct candidate {
    std::int64_t order_id = 0;
    std::string number, applicant_name, place, county; // county: code of where the instruments are
    int starts = 0, ends = 0, pieces = 0;
};
struct county_group {
    std::string code, name;
    int pieces = 0;
    std::vector<candidate> orders; // by time
};
std::vector<county_group> propose_stops(db::read_view& view, const actor& who, date day);

// What the company knows: only what it was told. Its own order, else nothing.
struct visit {
    date day;
    window when = window::morning;
    bool under_way = false;
};
std::optional<visit> find_visit(db::read_view& view, const actor& who, std::int64_t order);

} // namespace core::trip
