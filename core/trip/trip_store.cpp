#include "core/trip/trip_store.hpp"

#include <algorithm>

namespace core::trip::store {
namespace {

trip_status status_of(std::string_view code) {
    return *std::find_if(trip_states.begin(), trip_states.end(),
                         [&](const auto s) { return code_of(s) == code; });
}

trip trip_of(db::row r) {
    trip t;
    t.id = r.number(0);
    t.institution_id = r.number(1);
    t.day = parse_date(r.view(2)).value();
    t.status = status_of(r.view(3));
    t.vehicle = r.text(4);
    t.standards = r.text(5);
    t.reason = r.text(6);
    t.created_at = r.time(7);
    t.status_at = r.time(8);
    t.version = r.number(9);
    t.institution_name = r.text(10);
    return t;
}

stop stop_of(db::row r) {
    stop s;
    s.order_id = r.number(0);
    s.seq = r.small(1);
    s.detail.when = parse_window(r.view(2)).value();
    s.detail.place = r.text(3);
    s.detail.access_note = r.text(4);
    s.told = r.text(5);
    return s;
}

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> ids;
    for (const auto r : found)
        ids.push_back(r.number(0));
    return ids;
}

} // namespace

void insert(db::write_tx& tx, const trip& t, std::int64_t created_by) {
    tx.exec(
        R"sql(INSERT INTO trip (id, institution_id, day, status, vehicle, standards, reason, created_by, created_at, status_at,
                    version)
                  VALUES ($1, $2, $3, 'planned', $4, $5, '', $6, $7, $8, 1))sql",
        t.id, t.institution_id, t.day, t.vehicle, t.standards, created_by, tx.now(), tx.now());
}

bool apply(db::write_tx& tx, const change& c) {
    const std::optional<instant> moved = c.from == c.to ? std::nullopt : std::optional(tx.now());
    return tx.exec(
               R"sql(UPDATE trip SET status = $1, day = coalesce($2, day), vehicle = coalesce($3, vehicle),
                           standards = coalesce($4, standards), reason = coalesce($5, reason),
                           status_at = coalesce($6, status_at), version = version + 1
                         WHERE id = $7 AND status = $8 AND version = $9)sql",
               code_of(c.to), c.day, c.vehicle, c.standards, c.reason, moved, c.id, code_of(c.from),
               c.version) == 1;
}

void set_team(db::write_tx& tx, std::int64_t id, std::span<const std::int64_t> logins) {
    tx.exec(R"sql(DELETE FROM trip_member WHERE trip_id = $1)sql", id);
    for (const auto login : logins)
        tx.exec(R"sql(INSERT INTO trip_member (trip_id, login_id) VALUES ($1, $2))sql", id, login);
}

void add_stop(db::write_tx& tx, std::int64_t id, int seq, std::int64_t order, window when) {
    tx.exec(R"sql(INSERT INTO trip_stop (trip_id, order_id, seq, half_day, place, access_note, told, is_open)
                  VALUES ($1, $2, $3, $4, '', '', '', 1))sql",
            id, order, seq, code_of(when));
}

bool drop_stop(db::write_tx& tx, std::int64_t id, std::int64_t order) {
    return tx.exec(R"sql(DELETE FROM trip_stop WHERE trip_id = $1 AND order_id = $2)sql", id, order) == 1;
}

void set_place_in_order(db::write_tx& tx, std::int64_t id, std::int64_t order, int seq) {
    tx.exec(R"sql(UPDATE trip_stop SET seq = $1 WHERE trip_id = $2 AND order_id = $3)sql", seq, id, order);
}

void set_stop(db::write_tx& tx, std::int64_t id, std::int64_t order, const stop_detail& d) {
    tx.exec(R"sql(UPDATE trip_stop SET half_day = $1, place = $2, access_note = $3
                  WHERE trip_id = $4 AND order_id = $5)sql",
            code_of(d.when), d.place, d.access_note, id, order);
}

void set_told(db::write_tx& tx, std::int64_t id, std::int64_t order, std::string_view told) {
    tx.exec(R"sql(UPDATE trip_stop SET told = $1 WHERE trip_id = $2 AND order_id = $3)sql", told, id, order);
}

void close_stops(db::write_tx& tx, std::int64_t id) {
    tx.exec(R"sql(UPDATE trip_stop SET is_open = 0 WHERE trip_id = $1)sql", id);
}

std::optional<trip> find(db::read_view& view, std::int64_t id) {
    auto t = view.query_one(
        trip_of,
        R"sql(SELECT t.id, t.institution_id, t.day, t.status, t.vehicle, t.standards, t.reason, t.created_at,
                t.status_at, t.version, i.name
              FROM trip t JOIN institution i ON i.id = t.institution_id WHERE t.id = $1)sql",
        id);
    if (!t) return t;
    for (const auto r : view.query(R"sql(SELECT m.login_id, l.display_name FROM trip_member m
                                           JOIN login l ON l.id = m.login_id
                                         WHERE m.trip_id = $1 ORDER BY m.login_id)sql",
                                   id))
        t->team.push_back({r.number(0), r.text(1)});
    for (const auto r :
         view.query(R"sql(SELECT order_id, seq, half_day, place, access_note, told FROM trip_stop
                                         WHERE trip_id = $1 ORDER BY seq, order_id)sql",
                    id))
        t->stops.push_back(stop_of(r));
    return t;
}

std::vector<summary> list_of_institution(db::read_view& view, std::int64_t institution, const key& after,
                                         date to, int limit) {
    std::vector<summary> all;
    for (const auto r : view.query(
             R"sql(SELECT t.id, t.day, t.status, t.vehicle, count(o.id),
                     coalesce(sum(CASE WHEN o.status IN ('completed', 'order_returned') THEN 1 ELSE 0 END), 0),
                     coalesce(sum(CASE WHEN o.status IN ('rejected', 'cancelled', 'expired')
                                         OR (o.status IN ('pending', 'confirmed') AND (o.status = 'pending' OR o.day <> t.day))
                                       THEN 1 ELSE 0 END), 0),
                     coalesce(sum(o.pieces), 0)
                   FROM trip t LEFT JOIN trip_stop s ON s.trip_id = t.id
                     LEFT JOIN appointment_order o ON o.id = s.order_id
                   WHERE t.institution_id = $1 AND (t.day, t.id) > ($2, $3) AND t.day <= $4
                   GROUP BY t.day, t.id, t.status, t.vehicle ORDER BY t.day, t.id LIMIT $5)sql",
             institution, after.day, after.id, to, limit))
        all.push_back({r.number(0), parse_date(r.view(1)).value(), status_of(r.view(2)), r.text(3),
                       r.small(4), r.small(5), r.small(6), r.small(7)});
    return all;
}

std::vector<std::int64_t> list_of_member(db::read_view& view, std::int64_t login, std::int64_t institution,
                                         date day) {
    return ids_of(
        view.query(R"sql(SELECT t.id FROM trip t JOIN trip_member m ON m.trip_id = t.id AND m.login_id = $1
                                   WHERE t.institution_id = $2 AND t.day = $3 AND t.status <> 'cancelled'
                                   ORDER BY t.id)sql",
                   login, institution, day));
}

std::vector<std::int64_t> list_planned(db::read_view& view, std::int64_t institution, date day) {
    return ids_of(view.query(R"sql(SELECT id FROM trip
                                   WHERE institution_id = $1 AND day = $2 AND status = 'planned' ORDER BY id)sql",
                             institution, day));
}

std::optional<open_stop> find_open_stop(db::read_view& view, std::int64_t order) {
    return view.query_one(
        [](db::row r) {
            return open_stop{r.number(0), parse_date(r.view(1)).value()};
        },
        R"sql(SELECT t.id, t.day FROM trip_stop s JOIN trip t ON t.id = s.trip_id
              WHERE s.order_id = $1 AND s.is_open = 1)sql",
        order);
}

std::optional<told_visit> find_visit(db::read_view& view, std::int64_t order) {
    return view.query_one(
        [](db::row r) {
            return told_visit{r.number(0), parse_date(r.view(1)).value(), r.text(2), r.text(3),
                              status_of(r.view(4))};
        },
        R"sql(SELECT t.id, t.day, s.half_day, s.told, t.status FROM trip_stop s JOIN trip t ON t.id = s.trip_id
              WHERE s.order_id = $1 AND s.is_open = 1)sql",
        order);
}

std::vector<candidate> list_candidates(db::read_view& view, std::int64_t institution, date day) {
    std::vector<candidate> all;
    for (
        const auto r : view.query(
            R"sql(SELECT o.id, o.number, a.name, min(i.location_text), min(substr(i.region_code, 1, 6)), o.starts, o.ends,
                     o.pieces
                   FROM (SELECT p.id, p.number, p.applicant_id, p.starts, p.ends, p.pieces FROM appointment_order p
                         WHERE p.institution_id = $1 AND p.day = $2 AND p.method = 'onsite' AND p.status = 'confirmed'
                           AND NOT EXISTS (SELECT 1 FROM trip_stop s JOIN trip t ON t.id = s.trip_id
                                           WHERE s.order_id = p.id AND s.is_open = 1 AND t.day = p.day)
                         ORDER BY p.starts, p.id LIMIT 500) o
                     JOIN applicant a ON a.id = o.applicant_id
                     JOIN appointment_line l ON l.order_id = o.id JOIN instrument i ON i.id = l.instrument_id
                   GROUP BY o.id, o.number, a.name, o.starts, o.ends, o.pieces ORDER BY o.starts, o.id)sql",
            institution, day))
        all.push_back(
            {r.number(0), r.text(1), r.text(2), r.text(3), r.text(4), r.small(5), r.small(6), r.small(7)});
    return all;
}

} // namespace core::trip::store
