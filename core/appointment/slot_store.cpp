#include "core/appointment/slot_store.hpp"

namespace core::appointment::store {
namespace {

std::vector<period> periods_of(db::rows found) {
    std::vector<period> all;
    for (const auto r : found)
        all.push_back({r.small(0), r.small(1), r.small(2), r.small(3)});
    return all;
}

std::vector<slot> taken_of(db::read_view& view, std::int64_t institution, std::string_view method, date day) {
    std::vector<slot> all;
    for (const auto r : view.query(
             R"sql(SELECT starts, ends, instruments, orders FROM slot_usage
                   WHERE institution_id = $1 AND method = $2 AND day = $3 AND orders > 0 ORDER BY starts)sql",
             institution, method, day))
        all.push_back({r.small(0), r.small(1), 0, r.small(2), 0, r.small(3)});
    return all;
}

} // namespace

std::vector<slot> list_slots(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                             int weekday) {
    auto offered = list_special(view, institution, method, day);
    if (offered.empty()) offered = list_pattern(view, institution, method, weekday);
    std::vector<slot> all = taken_of(view, institution, method, day);
    for (const auto& p : offered) {
        auto at = std::lower_bound(all.begin(), all.end(), p.starts,
                                   [](const slot& s, int starts) { return s.starts < starts; });
        if (at == all.end() || at->starts != p.starts) at = all.insert(at, slot{.starts = p.starts});
        at->ends = p.ends;
        at->capacity = p.instruments;
        at->orders = p.orders;
    }
    return all;
}

std::vector<group_state> list_groups(db::read_view& view, std::int64_t institution, std::string_view method,
                                     date day, int weekday) {
    std::vector<group_state> all;
    for (const auto r : view.query(
             R"sql(SELECT g.starts, g.l1, g.l2, g.instruments, coalesce(u.instruments, 0)
                   FROM slot_group_limit g LEFT JOIN slot_group_usage u ON u.institution_id = g.institution_id
                     AND u.method = g.method AND u.day = $1 AND u.starts = g.starts AND u.l1 = g.l1 AND u.l2 = g.l2
                   WHERE g.institution_id = $2 AND g.method = $3 AND g.weekday = $4
                   ORDER BY g.starts, g.l1, g.l2)sql",
             day, institution, method, weekday))
        all.push_back({r.small(0), r.text(1), r.text(2), r.small(3), r.small(4)});
    return all;
}

std::vector<group_state> list_group_usage(db::read_view& view, std::int64_t institution,
                                          std::string_view method, date day) {
    std::vector<group_state> all;
    for (const auto r : view.query(R"sql(SELECT starts, l1, l2, instruments FROM slot_group_usage
                                         WHERE institution_id = $1 AND method = $2 AND day = $3 AND l2 <> '')sql",
                                   institution, method, day))
        all.push_back({r.small(0), r.text(1), r.text(2), 0, r.small(3)});
    return all;
}

int group_taken(db::read_view& view, std::int64_t institution, std::string_view method, date day, int starts,
                std::string_view l1, std::string_view l2) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT coalesce(sum(instruments), 0) FROM slot_group_usage
              WHERE institution_id = $1 AND method = $2 AND day = $3 AND starts = $4 AND l1 = $5 AND l2 = $6)sql",
        institution, method, day, starts, l1, l2));
}

std::vector<date> list_taken_days(db::read_view& view, std::int64_t institution, std::string_view method,
                                  date from) {
    std::vector<date> all;
    for (const auto r : view.query(
             R"sql(SELECT DISTINCT day FROM slot_usage
                   WHERE institution_id = $1 AND method = $2 AND day >= $3 AND orders > 0 ORDER BY day)sql",
             institution, method, from))
        all.push_back(r.maybe_date(0).value_or(date{}));
    return all;
}

std::optional<std::string> find_exception(db::read_view& view, std::int64_t institution, date day) {
    return view.query_one([](db::row r) { return r.text(0); },
                          R"sql(SELECT reason FROM slot_exception WHERE institution_id = $1 AND day = $2)sql",
                          institution, day);
}

bool take(db::write_tx& tx, const slot_key& k, int ends, int pieces, int most, int most_orders) {
    if (pieces > most || most_orders < 1) return false; // the first order of a period meets no row to guard
    return tx.exec(
               R"sql(INSERT INTO slot_usage (institution_id, method, day, starts, ends, instruments, orders)
                       VALUES ($1, $2, $3, $4, $5, $6, 1)
                     ON CONFLICT (institution_id, method, day, starts) DO UPDATE
                       SET instruments = slot_usage.instruments + excluded.instruments, orders = slot_usage.orders + 1
                       WHERE slot_usage.instruments + excluded.instruments <= $7 AND slot_usage.orders < $8)sql",
               k.institution, k.method, k.day, k.starts, ends, pieces, most, most_orders) == 1;
}

bool take_group(db::write_tx& tx, const slot_key& k, const group_load& g, int most) {
    if (g.pieces > most) return false;
    return tx.exec(
               R"sql(INSERT INTO slot_group_usage (institution_id, method, day, starts, l1, l2, instruments)
                       VALUES ($1, $2, $3, $4, $5, $6, $7)
                     ON CONFLICT (institution_id, method, day, starts, l1, l2) DO UPDATE
                       SET instruments = slot_group_usage.instruments + excluded.instruments
                       WHERE slot_group_usage.instruments + excluded.instruments <= $8)sql",
               k.institution, k.method, k.day, k.starts, g.l1, g.l2, g.pieces, most) == 1;
}

bool give_back(db::write_tx& tx, const slot_key& k, int pieces) {
    return tx.exec(R"sql(UPDATE slot_usage SET instruments = instruments - $1, orders = orders - 1
                         WHERE institution_id = $2 AND method = $3 AND day = $4 AND starts = $5)sql",
                   pieces, k.institution, k.method, k.day, k.starts) == 1;
}

bool give_back_group(db::write_tx& tx, const slot_key& k, const group_load& g) {
    return tx.exec(
               R"sql(UPDATE slot_group_usage SET instruments = instruments - $1
                     WHERE institution_id = $2 AND method = $3 AND day = $4 AND starts = $5 AND l1 = $6 AND l2 = $7)sql",
               g.pieces, k.institution, k.method, k.day, k.starts, g.l1, g.l2) == 1;
}

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday) {
    return periods_of(view.query(R"sql(SELECT starts, ends, instruments, orders FROM slot_pattern
                         WHERE institution_id = $1 AND method = $2 AND weekday = $3 ORDER BY starts)sql",
                                 institution, method, weekday));
}

void clear_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday) {
    tx.exec(R"sql(DELETE FROM slot_pattern WHERE institution_id = $1 AND method = $2 AND weekday = $3)sql",
            institution, method, weekday);
}

void add_period(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                const period& p) {
    tx.exec(
        R"sql(INSERT INTO slot_pattern (id, institution_id, method, weekday, starts, ends, instruments, orders)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8))sql",
        tx.new_id(), institution, method, weekday, p.starts, p.ends, p.instruments, p.orders);
}

std::vector<period> list_special(db::read_view& view, std::int64_t institution, std::string_view method,
                                 date day) {
    return periods_of(view.query(R"sql(SELECT starts, ends, instruments, orders FROM slot_special
                                       WHERE institution_id = $1 AND method = $2 AND day = $3 ORDER BY starts)sql",
                                 institution, method, day));
}

void clear_special(db::write_tx& tx, std::int64_t institution, std::string_view method, date day) {
    tx.exec(R"sql(DELETE FROM slot_special WHERE institution_id = $1 AND method = $2 AND day = $3)sql",
            institution, method, day);
}

void add_special(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                 const period& p) {
    tx.exec(R"sql(INSERT INTO slot_special (institution_id, method, day, starts, ends, instruments, orders)
                  VALUES ($1, $2, $3, $4, $5, $6, $7))sql",
            institution, method, day, p.starts, p.ends, p.instruments, p.orders);
}

std::vector<group_limit> list_limits(db::read_view& view, std::int64_t institution, std::string_view method,
                                     int weekday, int starts) {
    std::vector<group_limit> all;
    for (const auto r : view.query(
             R"sql(SELECT l1, l2, instruments FROM slot_group_limit
                   WHERE institution_id = $1 AND method = $2 AND weekday = $3 AND starts = $4 ORDER BY l1, l2)sql",
             institution, method, weekday, starts))
        all.push_back({r.text(0), r.text(1), r.small(2)});
    return all;
}

void clear_limits(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                  int starts) {
    tx.exec(R"sql(DELETE FROM slot_group_limit
                  WHERE institution_id = $1 AND method = $2 AND weekday = $3 AND starts = $4)sql",
            institution, method, weekday, starts);
}

void add_limit(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday, int starts,
               const group_limit& g) {
    tx.exec(
        R"sql(INSERT INTO slot_group_limit (institution_id, method, weekday, starts, l1, l2, instruments)
              VALUES ($1, $2, $3, $4, $5, $6, $7))sql",
        institution, method, weekday, starts, g.l1, g.l2, g.instruments);
}

void drop_stray_limits(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday) {
    tx.exec(R"sql(DELETE FROM slot_group_limit WHERE institution_id = $1 AND method = $2 AND weekday = $3
                    AND starts NOT IN (SELECT p.starts FROM slot_pattern p
                                       WHERE p.institution_id = $1 AND p.method = $2 AND p.weekday = $3))sql",
            institution, method, weekday);
}

std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from) {
    std::vector<exception_day> all;
    for (
        const auto r : view.query(
            R"sql(SELECT e.day, e.reason, (SELECT count(*) FROM appointment_order o WHERE o.institution_id = e.institution_id
                       AND o.day = e.day AND o.status IN ('pending', 'confirmed'))
                   FROM slot_exception e WHERE e.institution_id = $1 AND e.day >= $2 ORDER BY e.day LIMIT 400)sql",
            institution, from))
        all.push_back({r.maybe_date(0).value_or(date{}), r.text(1), r.small(2)});
    return all;
}

void put_exception(db::write_tx& tx, std::int64_t institution, date day, std::string_view reason) {
    tx.exec(R"sql(INSERT INTO slot_exception (institution_id, day, reason) VALUES ($1, $2, $3)
                  ON CONFLICT (institution_id, day) DO UPDATE SET reason = excluded.reason)sql",
            institution, day, reason);
}

bool drop_exception(db::write_tx& tx, std::int64_t institution, date day) {
    return tx.exec(R"sql(DELETE FROM slot_exception WHERE institution_id = $1 AND day = $2)sql", institution,
                   day) == 1;
}

} // namespace core::appointment::store
