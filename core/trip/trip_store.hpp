// SQL of trips.
#pragma once
#include "core/trip/queries.hpp"

namespace core::trip::store {

void insert(db::write_tx& tx, const trip& t, std::int64_t created_by);
struct change {
    std::int64_t id = 0, version = 0;
    trip_status from = trip_status::none, to = trip_status::none;
    std::optional<date> day;
    std::optional<std::string> vehicle, standards, reason;
};
bool apply(db::write_tx& tx, const change& c); // false: changed meanwhile
void set_team(db::write_tx& tx, std::int64_t id, std::span<const std::int64_t> logins);
void add_stop(db::write_tx& tx, std::int64_t id, int seq, std::int64_t order, window when);
bool drop_stop(db::write_tx& tx, std::int64_t id, std::int64_t order);
void set_place_in_order(db::write_tx& tx, std::int64_t id, std::int64_t order, int seq);
void set_stop(db::write_tx& tx, std::int64_t id, std::int64_t order, const stop_detail& d);
void set_told(db::write_tx& tx, std::int64_t id, std::int64_t order, std::string_view told);
void close_stops(db::write_tx& tx, std::int64_t id); // the orders are free for other trips

std::optional<trip> find(db::read_view& view, std::int64_t id); // without its orders' contents
std::vector<summary> list_of_institution(db::read_view& view, std::int64_t institution, const key& after,
                                         date to, int limit);
std::vector<std::int64_t> list_of_member(db::read_view& view, std::int64_t login, std::int64_t institution,
                                         date day);
std::vector<std::int64_t> list_planned(db::read_view& view, std::int64_t institution, date day);
struct open_stop {
    std::int64_t trip_id = 0;
    date day;
};
std::optional<open_stop> find_open_stop(db::read_view& view, std::int64_t order);
struct told_visit {
    std::int64_t trip_id = 0;
    date day;
    std::string when, told;
    trip_status status = trip_status::none;
};
std::optional<told_visit> find_visit(db::read_view& view, std::int64_t order);
std::vector<candidate> list_candidates(db::read_view& view, std::int64_t institution, date day);

} // namespace core::trip::store
