#include "core/appointment/slot_store.hpp"

namespace core::appointment::store {

std::vector<slot> list_slots(db::read_view& view, std::int64_t institution, std::string_view method,
                             date day) {
    std::vector<slot> all;
    for (
        const auto r : view.query(
            R"sql(SELECT p.starts AS starts, p.ends, p.instruments, coalesce(u.instruments, 0), p.orders, coalesce(u.orders, 0)
                   FROM slot_pattern p LEFT JOIN slot_usage u ON u.institution_id = p.institution_id
                     AND u.method = p.method AND u.day = $1 AND u.starts = p.starts
                   WHERE p.institution_id = $2 AND p.method = $3 AND p.weekday = $4
                   UNION ALL
                   SELECT u.starts AS starts, (SELECT max(o.ends) FROM appointment_order o WHERE o.institution_id = u.institution_id
                       AND o.day = u.day AND o.starts = u.starts AND o.method = u.method), 0, u.instruments, 0, u.orders
                   FROM slot_usage u
                   WHERE u.institution_id = $2 AND u.method = $3 AND u.day = $1 AND u.orders > 0
                     AND NOT EXISTS (SELECT 1 FROM slot_pattern p WHERE p.institution_id = $2 AND p.method = $3
                       AND p.weekday = $4 AND p.starts = u.starts)
                   ORDER BY starts)sql",
            day, institution, method, iso_weekday(day)))
        all.push_back({r.small(0), r.small(1), r.small(2), r.small(3), r.small(4), r.small(5)});
    return all;
}

std::optional<std::string> find_exception(db::read_view& view, std::int64_t institution, date day) {
    return view.query_one([](db::row r) { return r.text(0); },
                          R"sql(SELECT reason FROM slot_exception WHERE institution_id = $1 AND day = $2)sql",
                          institution, day);
}

bool take(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
          int pieces, int most, int most_orders) {
    if (pieces > most || most_orders < 1) return false; // the first order of a period meets no row to guard
    return tx.exec(
               R"sql(INSERT INTO slot_usage (institution_id, method, day, starts, instruments, orders) VALUES ($1, $2, $3, $4, $5, 1)
                     ON CONFLICT (institution_id, method, day, starts) DO UPDATE
                       SET instruments = slot_usage.instruments + excluded.instruments, orders = slot_usage.orders + 1
                       WHERE slot_usage.instruments + excluded.instruments <= $6 AND slot_usage.orders < $7)sql",
               institution, method, day, starts, pieces, most, most_orders) == 1;
}

bool give_back(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces) {
    return tx.exec(R"sql(UPDATE slot_usage SET instruments = instruments - $1, orders = orders - 1
                         WHERE institution_id = $2 AND method = $3 AND day = $4 AND starts = $5)sql",
                   pieces, institution, method, day, starts) == 1;
}

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday) {
    std::vector<period> all;
    for (const auto r : view.query(R"sql(SELECT starts, ends, instruments, orders FROM slot_pattern
                                         WHERE institution_id = $1 AND method = $2 AND weekday = $3 ORDER BY starts)sql",
                                   institution, method, weekday))
        all.push_back({r.small(0), r.small(1), r.small(2), r.small(3)});
    return all;
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
