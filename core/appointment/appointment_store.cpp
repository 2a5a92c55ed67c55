#include "core/appointment/appointment_store.hpp"

namespace core::appointment {
namespace {

order order_of(db::read_view& view, db::row r) {
    order o;
    o.id = r.number(0);
    o.number = r.text(1);
    o.applicant_id = r.number(2);
    o.institution_id = r.number(3);
    o.method = r.text(4);
    o.day = r.maybe_date(5).value_or(date{});
    o.starts = r.small(6);
    o.ends = r.small(7);
    o.status = r.text(8);
    o.pieces = r.small(9);
    o.contact_name = r.text(10);
    o.contact_phone = view.vault().open(r.blob(11)).value_or("");
    o.note = r.text(12);
    o.reason = r.text(13);
    o.suggested_day = r.maybe_date(14);
    if (!r.is_null(15)) o.suggested_starts = r.small(15);
    o.created_at = r.time(16);
    o.due_at = r.time(17);
    o.status_at = r.time(18);
    o.applicant_name = r.text(19);
    o.institution_name = r.text(20);
    o.institution_address = r.text(21);
    o.institution_phone = r.text(22);
    o.institution_hours = r.text(23);
    o.bring_note = r.text(24);
    return o;
}

std::vector<order> orders_of(db::read_view& view, db::rows found) {
    std::vector<order> all;
    for (const auto r : found)
        all.push_back(order_of(view, r));
    return all;
}

std::string contains(std::string_view text) {
    return "%" + std::string(text) + "%";
}

bool is_bound(db::read_view& view, std::int64_t applicant) {
    return view.query_number(
               R"sql(SELECT count(*) FROM binding WHERE applicant_id = $1 AND unbound_at IS NULL)sql",
               applicant) > 0;
}

std::vector<work_order> as_work(db::read_view& view, std::vector<order> found) {
    std::vector<work_order> all;
    for (auto& o : found) {
        work_order w;
        const auto lines = store::list_lines(view, o.id);
        w.items = summarise(lines);
        if (const auto s = find_slot(view, o.institution_id, o.method, o.day, o.starts)) {
            w.taken = s->taken;
            w.capacity = s->capacity;
        }
        w.bound = is_bound(view, o.applicant_id);
        w.what = std::move(o);
        w.what.lines = lines;
        all.push_back(std::move(w));
    }
    return all;
}

} // namespace

std::vector<order> list_latest(db::read_view& view, std::int64_t applicant, int limit) {
    return orders_of(
        view,
        view.query(R"sql(SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day, o.starts,
                                              o.ends, o.status, o.pieces, '', NULL, o.note, o.reason, o.suggested_day,
                                              o.suggested_starts, o.created_at, o.due_at, o.status_at, '', i.name, i.address,
                                              i.phone, i.hours, i.bring_note
                                            FROM appointment_order o JOIN institution i ON i.id = o.institution_id
                                            WHERE o.applicant_id = $1 ORDER BY o.id DESC LIMIT $2)sql",
                   applicant, limit));
}

std::optional<order> find_public(db::read_view& view, std::string_view number) {
    return view.query_one(
        [](db::row r) {
            order o;
            o.number = r.text(0);
            o.status = r.text(1);
            o.method = r.text(2);
            o.day = r.maybe_date(3).value_or(date{});
            o.starts = r.small(4);
            o.ends = r.small(5);
            o.institution_name = r.text(6);
            o.institution_address = r.text(7);
            o.institution_phone = r.text(8);
            o.bring_note = r.text(9);
            o.applicant_id = r.number(10);
            return o;
        },
        R"sql(SELECT o.number, o.status, o.method, o.day, o.starts, o.ends, i.name, i.address, i.phone, i.bring_note, o.applicant_id
              FROM appointment_order o JOIN institution i ON i.id = o.institution_id WHERE o.number = $1)sql",
        number);
}

std::vector<order> list_own(db::read_view& view, const actor& who, const order_filter& f, std::int64_t after,
                            int limit) {
    auto all = orders_of(
        view,
        view.query(R"sql(SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day, o.starts,
                                                  o.ends, o.status, o.pieces, o.contact_name, o.contact_phone, o.note, o.reason,
                                                  o.suggested_day, o.suggested_starts, o.created_at, o.due_at, o.status_at,
                                                  a.name, i.name, i.address, i.phone, i.hours, i.bring_note
                                                FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id
                                                JOIN institution i ON i.id = o.institution_id
                                                WHERE o.applicant_id = $1 AND ($2 = '' OR o.status = $3) AND ($4 = 0 OR o.id < $5)
                                                ORDER BY o.id DESC LIMIT $6)sql",
                   who.applicant_id, f.status, f.status, after, after, limit));
    for (auto& o : all)
        o.lines = store::list_lines(view, o.id);
    return all;
}

std::vector<work_order> list_work(db::read_view& view, const actor& who, const order_filter& f,
                                  work_key after, int limit) {
    const std::string like = contains(f.text);
    if (f.status == "pending")
        return as_work(
            view,
            orders_of(
                view,
                view.query(R"sql(SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day,
                                  o.starts, o.ends, o.status, o.pieces, o.contact_name, o.contact_phone, o.note, o.reason,
                                  o.suggested_day, o.suggested_starts, o.created_at, o.due_at, o.status_at, a.name, i.name,
                                  i.address, i.phone, i.hours, i.bring_note
                                FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id
                                JOIN institution i ON i.id = o.institution_id
                                WHERE o.institution_id = $1 AND o.status = 'pending'
                                  AND (o.due_at > $2 OR (o.due_at = $3 AND o.id > $4))
                                  AND ($5 = '' OR o.method = $6)
                                  AND ($7 = '' OR o.number LIKE $8 OR a.name LIKE $9 OR o.contact_name LIKE $10)
                                ORDER BY o.due_at, o.id LIMIT $11)sql",
                           who.institution_id, after.time, after.time, after.id, f.method, f.method, f.text,
                           like, like, like, limit)));
    return as_work(
        view,
        orders_of(view,
                  view.query(R"sql(SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day,
                                  o.starts, o.ends, o.status, o.pieces, o.contact_name, o.contact_phone, o.note, o.reason,
                                  o.suggested_day, o.suggested_starts, o.created_at, o.due_at, o.status_at, a.name, i.name,
                                  i.address, i.phone, i.hours, i.bring_note
                                FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id
                                JOIN institution i ON i.id = o.institution_id
                                WHERE o.institution_id = $1 AND ($2 = '' OR o.status = $3) AND ($4 = 0 OR o.id < $5)
                                  AND ($6 = '' OR o.method = $7)
                                  AND ($8 = '' OR o.number LIKE $9 OR a.name LIKE $10 OR o.contact_name LIKE $11)
                                ORDER BY o.id DESC LIMIT $12)sql",
                             who.institution_id, f.status, f.status, after.id, after.id, f.method, f.method,
                             f.text, like, like, like, limit)));
}

std::vector<work_order> list_day(db::read_view& view, const actor& who, date day) {
    return as_work(
        view,
        orders_of(view,
                  view.query(R"sql(SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day,
                                  o.starts, o.ends, o.status, o.pieces, o.contact_name, o.contact_phone, o.note, o.reason,
                                  o.suggested_day, o.suggested_starts, o.created_at, o.due_at, o.status_at, a.name, i.name,
                                  i.address, i.phone, i.hours, i.bring_note
                                FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id
                                JOIN institution i ON i.id = o.institution_id
                                WHERE o.institution_id = $1 AND o.day = $2 AND o.status IN ('confirmed', 'received', 'completed')
                                ORDER BY o.starts, o.id LIMIT 200)sql",
                             who.institution_id, day)));
}

counts count(db::read_view& view, const actor& who) {
    counts c;
    const bool staff = who.kind == actor_kind::staff;
    const auto add = [&c](db::row r) {
        const std::string_view s = r.view(0);
        const int n = r.small(1);
        if (s == "pending")
            c.pending = n;
        else if (s == "confirmed")
            c.confirmed = n;
        else if (s == "rejected")
            c.rejected = n;
        else if (s == "received")
            c.received = n;
        else if (s == "completed")
            c.completed = n;
        else if (s == "order_returned")
            c.order_returned = n;
        else if (s == "cancelled")
            c.cancelled = n;
        else if (s == "expired")
            c.expired = n;
    };
    if (!staff) {
        for (
            const auto r : view.query(
                R"sql(SELECT status, count(*) FROM appointment_order WHERE applicant_id = $1 GROUP BY status)sql",
                who.applicant_id))
            add(r);
        return c;
    }
    for (
        const auto r : view.query(
            R"sql(SELECT status, count(*) FROM appointment_order WHERE institution_id = $1 GROUP BY status)sql",
            who.institution_id))
        add(r);
    c.late = static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM appointment_order WHERE institution_id = $1 AND status = 'pending' AND due_at < $2)sql",
        who.institution_id, view.now()));
    c.today = static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM appointment_order WHERE institution_id = $1 AND day = $2 AND status = 'confirmed')sql",
        who.institution_id, view.today()));
    return c;
}

namespace store {

std::vector<slot> list_slots(db::read_view& view, std::int64_t institution, std::string_view method,
                             date day) {
    std::vector<slot> all;
    for (
        const auto r : view.query(
            R"sql(SELECT p.starts, p.ends, p.instruments, coalesce(u.instruments, 0), p.orders, coalesce(u.orders, 0)
                                         FROM slot_pattern p LEFT JOIN slot_usage u ON u.institution_id = p.institution_id
                                           AND u.method = p.method AND u.day = $1 AND u.starts = p.starts
                                         WHERE p.institution_id = $2 AND p.method = $3 AND p.weekday = $4 ORDER BY p.starts)sql",
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
    return tx.exec(
               R"sql(INSERT INTO slot_usage (institution_id, method, day, starts, instruments, orders) VALUES ($1, $2, $3, $4, $5, 1)
                         ON CONFLICT (institution_id, method, day, starts) DO UPDATE
                           SET instruments = slot_usage.instruments + excluded.instruments, orders = slot_usage.orders + 1
                           WHERE slot_usage.instruments + excluded.instruments <= $6 AND slot_usage.orders < $7)sql",
               institution, method, day, starts, pieces, most, most_orders) == 1;
}

void give_back(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces) {
    tx.exec(R"sql(UPDATE slot_usage SET instruments = instruments - $1, orders = orders - 1
                  WHERE institution_id = $2 AND method = $3 AND day = $4 AND starts = $5)sql",
            pieces, institution, method, day, starts);
}

void put_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                 const slot& s) {
    tx.exec(
        R"sql(INSERT INTO slot_pattern (id, institution_id, method, weekday, starts, ends, instruments, orders)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                  ON CONFLICT (institution_id, method, weekday, starts) DO UPDATE SET ends = excluded.ends,
                    instruments = excluded.instruments, orders = excluded.orders)sql",
        tx.new_id(), institution, method, weekday, s.starts, s.ends, s.capacity, s.orders);
}

bool has_number(db::read_view& view, std::string_view number) {
    return id_of(view, number) != 0;
}

std::int64_t id_of(db::read_view& view, std::string_view number) {
    return view.query_number(R"sql(SELECT id FROM appointment_order WHERE number = $1)sql", number);
}

void insert_order(db::write_tx& tx, const order& o, std::int64_t created_by) {
    const std::string phone = tx.vault().seal(o.contact_phone);
    tx.exec(
        R"sql(INSERT INTO appointment_order (id, number, applicant_id, institution_id, method, day, starts, ends, status, pieces,
                    contact_name, contact_phone, note, reason, created_at, created_by, due_at, status_at, version)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, $16, $17, 1))sql",
        o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day, o.starts, o.ends, o.status,
        o.pieces, o.contact_name, db::blob_view{phone}, o.note, o.created_at, created_by, o.due_at,
        o.created_at);
}

void insert_line(db::write_tx& tx, std::int64_t order, std::int64_t instrument) {
    tx.exec(
        R"sql(INSERT INTO appointment_line (id, order_id, instrument_id, status, reason, is_open, status_at)
                  VALUES ($1, $2, $3, 'booked', '', 1, $4))sql",
        tx.new_id(), order, instrument, tx.now());
}

bool apply(db::write_tx& tx, const change& c) {
    const instant now = tx.now();
    const std::optional<instant> closed = c.closes ? std::optional(now) : std::nullopt;
    return tx.exec(
               R"sql(UPDATE appointment_order SET status = $1, status_at = $2, closed_at = $3, reason = $4,
                           suggested_day = $5, suggested_starts = $6, version = version + 1
                         WHERE id = $7 AND status = $8)sql",
               c.to, now, closed, c.reason, c.suggested_day, c.suggested_starts, c.id, c.from) == 1;
}

bool apply_move(db::write_tx& tx, const order& o, std::string_view to, date day, int starts, int ends,
                instant due) {
    return tx.exec(
               R"sql(UPDATE appointment_order SET status = $1, day = $2, starts = $3, ends = $4, due_at = $5, status_at = $6,
                           version = version + 1
                         WHERE id = $7 AND status = $8)sql",
               to, day, starts, ends, due, tx.now(), o.id, o.status) == 1;
}

bool set_line(db::write_tx& tx, std::int64_t line, std::string_view from, std::string_view to,
              std::string_view reason) {
    const bool open = to == "booked" || to == "checked_in";
    return tx.exec(R"sql(UPDATE appointment_line SET status = $1, reason = $2, is_open = $3, status_at = $4
                         WHERE id = $5 AND status = $6)sql",
                   to, reason, open, tx.now(), line, from) == 1;
}

void drop_lines(db::write_tx& tx, std::int64_t order) {
    tx.exec(
        R"sql(UPDATE appointment_line SET status = 'dropped', is_open = 0, status_at = $1 WHERE order_id = $2 AND is_open = 1)sql",
        tx.now(), order);
}

std::optional<order> find(db::read_view& view, std::int64_t id) {
    auto found = view.query_one(
        [&](db::row r) { return order_of(view, r); },
        R"sql(SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day, o.starts, o.ends, o.status,
                                        o.pieces, o.contact_name, o.contact_phone, o.note, o.reason, o.suggested_day,
                                        o.suggested_starts, o.created_at, o.due_at, o.status_at, a.name, i.name, i.address, i.phone,
                                        i.hours, i.bring_note
                                      FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id
                                      JOIN institution i ON i.id = o.institution_id WHERE o.id = $1)sql",
        id);
    if (found) found->lines = list_lines(view, id);
    return found;
}

std::vector<line> list_lines(db::read_view& view, std::int64_t order) {
    std::vector<line> all;
    for (const auto r : view.query(
             R"sql(SELECT l.id, l.instrument_id, l.status, l.reason, i.name, i.model, i.serial_no, i.own_no,
                                           i.measuring_range, i.manufacturer, i.period_months, coalesce(v.result, ''),
                                           coalesce(v.certificate_no, ''), coalesce(v.failed_items, ''), coalesce(v.verifier, ''),
                                           v.verified_on, v.valid_until
                                         FROM appointment_line l JOIN instrument i ON i.id = l.instrument_id
                                         LEFT JOIN verification_result v ON v.line_id = l.id AND v.version =
                                           (SELECT max(w.version) FROM verification_result w WHERE w.line_id = l.id)
                                         WHERE l.order_id = $1 ORDER BY l.id)sql",
             order)) {
        line l;
        l.id = r.number(0);
        l.instrument_id = r.number(1);
        l.status = r.text(2);
        l.reason = r.text(3);
        l.name = r.text(4);
        l.model = r.text(5);
        l.serial_no = r.text(6);
        l.own_no = r.text(7);
        l.measuring_range = r.text(8);
        l.manufacturer = r.text(9);
        if (!r.is_null(10)) l.period_months = r.small(10);
        l.result = r.text(11);
        l.certificate_no = r.text(12);
        l.failed_items = r.text(13);
        l.verifier = r.text(14);
        l.verified_on = r.maybe_date(15);
        l.valid_until = r.maybe_date(16);
        all.push_back(std::move(l));
    }
    return all;
}

int result_version(db::read_view& view, std::int64_t line) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT coalesce(max(version), 0) FROM verification_result WHERE line_id = $1)sql", line));
}

bool has_certificate(db::read_view& view, std::int64_t institution, std::string_view number,
                     std::int64_t except_line) {
    return view.query_number(
               R"sql(SELECT count(*) FROM verification_result WHERE institution_id = $1 AND certificate_no = $2 AND line_id <> $3)sql",
               institution, number, except_line) > 0;
}

void insert_result(db::write_tx& tx, std::int64_t institution, std::int64_t recorded_by, int version,
                   const line_result& r) {
    const std::string_view kind = r.result == "passed"   ? "certificate"
                                  : r.result == "failed" ? "rejection_notice"
                                                         : "none";
    tx.exec(
        R"sql(INSERT INTO verification_result (id, line_id, version, result, certificate_kind, certificate_no, institution_id,
                    verified_on, valid_until, failed_items, verifier, checker, recorded_by, recorded_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))sql",
        tx.new_id(), r.line_id, version, r.result, kind, r.certificate_no, institution, r.verified_on,
        r.valid_until, r.failed_items, r.verifier, r.checker, recorded_by, tx.now());
}

std::vector<std::int64_t> list_expired(db::read_view& view, instant now, date today, int most) {
    std::vector<std::int64_t> all;
    const int minute = local_minute_of_day(now);
    for (const auto r : view.query(R"sql(SELECT id FROM appointment_order
                                         WHERE (status = 'pending' AND (day < $1 OR (day = $2 AND ends <= $3)))
                                            OR (status = 'confirmed' AND day < $4)
                                         ORDER BY id LIMIT $5)sql",
                                   today, today, minute, today, most))
        all.push_back(r.number(0));
    return all;
}

} // namespace store
} // namespace core::appointment
