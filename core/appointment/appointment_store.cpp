#include "core/appointment/appointment_store.hpp"

#include "core/appointment/search_store.hpp"
#include "core/base/text.hpp"
#include "core/instrument/listing.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace core::appointment::store {
namespace {

line line_of(db::row r) {
    line l;
    l.id = r.number(0);
    l.instrument_id = r.number(1);
    l.status = line_status_of(r.view(2));
    l.reason = r.text(3);
    l.name = r.text(4);
    l.model = r.text(5);
    l.serial_no = r.text(6);
    l.own_no = r.text(7);
    l.measuring_range = r.text(8);
    l.accuracy_class = r.text(9);
    l.manufacturer = r.text(10);
    l.instrument_code = r.text(11);
    l.location_text = r.text(12);
    if (!r.is_null(13)) l.period_months = r.small(13);
    l.result_version = r.small(14);
    l.certificate_no = r.text(15);
    l.failed_items = r.text(16);
    l.verifier = r.text(17);
    l.checker = r.text(18);
    l.verified_on = r.maybe_date(19);
    l.valid_until = r.maybe_date(20);
    l.reason_code = r.text(21);
    l.l1 = r.text(22);
    l.l2 = r.text(23);
    l.approver = r.text(24);
    l.result_id = r.number(25);
    l.has_file = r.flag(26);
    return l;
}

// An order is found by its status and day too: taken out before a change of it, put back as it is then.
template<class F>
bool with_search(db::write_tx& tx, std::int64_t order, bool changes, F update) {
    if (!changes) return update();
    const std::string before = searched_grams(tx, order);
    const bool done = update();
    if (done) put_changed(tx, order, before);
    return done;
}

} // namespace

std::int64_t id_of(db::read_view& view, std::string_view number) {
    return view.query_number(R"sql(SELECT id FROM appointment_order WHERE number = $1)sql", number);
}

void insert_order(db::write_tx& tx, const order& o, std::int64_t created_by) {
    const std::string phone = tx.vault().seal(o.contact_phone);
    tx.exec(
        R"sql(INSERT INTO appointment_order (id, number, applicant_id, institution_id, method, day, starts, ends, status, pieces,
                contact_name, contact_phone, note, reason, created_at, created_by, due_at, status_at, overbooked, no_show, version)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, $16, $14, $17, 0, 1))sql",
        o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day, o.starts, o.ends,
        code_of(o.status), o.pieces, o.contact_name, db::blob_view{phone}, o.note, o.created_at, created_by,
        o.due_at, o.overbooked);
    put_searched(tx, o.id);
    instrument::keep_client(tx, o.institution_id, o.applicant_id);
}

bool apply(db::write_tx& tx, const change& c) {
    const auto closed = is_final(c.to) ? std::optional(tx.now()) : std::nullopt;
    return with_search(tx, c.id, c.from != c.to, [&] {
        return tx.exec(
                   R"sql(UPDATE appointment_order SET status = $1, status_at = $2, closed_at = $3, reason = $4, suggested_day = $5,
                       suggested_starts = $6, suggested_ends = $7, no_show = $8, counted = coalesce($9, counted),
                       finish_on = coalesce($10, finish_on), version = version + 1
                     WHERE id = $11 AND status = $12)sql",
                   code_of(c.to), tx.now(), closed, c.reason, c.suggested_day, c.suggested_starts,
                   c.suggested_ends, c.no_show, c.counted, c.finish_on, c.id, code_of(c.from)) == 1;
    });
}

void blank_contact(db::write_tx& tx, std::int64_t order) {
    const std::string none = tx.vault().seal("");
    with_search(tx, order, true, [&] {
        return tx.exec(
                   R"sql(UPDATE appointment_order SET contact_name = '', contact_phone = $1, version = version + 1
                             WHERE id = $2)sql",
                   db::blob_view{none}, order) == 1;
    });
}

bool touch(db::write_tx& tx, std::int64_t id, order_status in) {
    return tx.exec(
               R"sql(UPDATE appointment_order SET version = version + 1 WHERE id = $1 AND status = $2)sql",
               id, code_of(in)) == 1;
}

bool apply_move(db::write_tx& tx, const order& o, order_status to, const new_time& t) {
    return with_search(tx, o.id, o.status != to || o.day != t.day, [&] {
        return tx.exec(
                   R"sql(UPDATE appointment_order SET status = $1, day = $2, starts = $3, ends = $4, due_at = $5, status_at = $6,
                       overbooked = $7, reason = $8, version = version + 1
                     WHERE id = $9 AND status = $10 AND day = $11 AND starts = $12)sql",
                   code_of(to), t.day, t.starts, t.ends, t.due_at, tx.now(), t.overbooked, t.reason, o.id,
                   code_of(o.status), o.day, o.starts) == 1;
    });
}

std::vector<std::int64_t> list_expired(db::read_view& view, int most) {
    std::vector<std::int64_t> all;
    for (const auto r : view.query(
             R"sql(SELECT id FROM appointment_order
                   WHERE closed_at IS NULL AND day <= $1
                     AND ((status = 'pending' AND (day < $1 OR ends <= $2)) OR (status = 'confirmed' AND day < $1))
                   ORDER BY day, id LIMIT $3)sql",
             view.today(), local_minute_of_day(view.now()), most))
        all.push_back(r.number(0));
    return all;
}

std::vector<std::int64_t> list_movable(db::read_view& view, std::int64_t institution, const day_move& m,
                                       int most) {
    std::vector<std::int64_t> all;
    for (const auto r : view.query(
             R"sql(SELECT id FROM appointment_order
                   WHERE institution_id = $1 AND day = $2 AND ($3 = '' OR method = $3)
                     AND status IN ('pending', 'confirmed') AND (starts, id) > ($4, $5)
                   ORDER BY starts, id LIMIT $6)sql",
             institution, m.from, m.method, m.after.starts, m.after.id, most))
        all.push_back(r.number(0));
    return all;
}

int count_open(db::read_view& view, std::int64_t applicant, std::int64_t institution) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM appointment_order
              WHERE applicant_id = $1 AND institution_id = $2 AND closed_at IS NULL)sql",
        applicant, institution));
}

int count_open_on(db::read_view& view, std::int64_t applicant, std::int64_t institution, date day) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM appointment_order
              WHERE applicant_id = $1 AND institution_id = $2 AND day = $3 AND closed_at IS NULL)sql",
        applicant, institution, day));
}

int count_no_shows(db::read_view& view, std::int64_t applicant, std::int64_t institution, date since) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM appointment_order
              WHERE applicant_id = $1 AND institution_id = $2 AND day >= $3 AND no_show = 1)sql",
        applicant, institution, since));
}

void insert_line(db::write_tx& tx, std::int64_t order, const instrument::instrument& i) {
    tx.exec(
        R"sql(INSERT INTO appointment_line (id, order_id, instrument_id, status, reason, reason_code, l1, l2, instrument_status, is_open,
                status_at)
              VALUES ($1, $2, $3, 'booked', '', '', $4, $5, $6, 1, $7))sql",
        tx.new_id(), order, i.id, i.l1, i.l2, i.instrument_status, tx.now());
    instrument::relist_booked(tx, i.id, true);
}

bool set_line(db::write_tx& tx, std::int64_t line, line_status from, line_status to, std::string_view reason,
              std::string_view reason_code) {
    const bool done =
        tx.exec(
            R"sql(UPDATE appointment_line SET status = $1, reason = $2, reason_code = $3, is_open = $4, status_at = $5
                     WHERE id = $6 AND status = $7)sql",
            code_of(to), reason, reason_code, is_open(to), tx.now(), line, code_of(from)) == 1;
    if (done && is_open(from) != is_open(to))
        instrument::relist_booked(
            tx, tx.query_number(R"sql(SELECT instrument_id FROM appointment_line WHERE id = $1)sql", line),
            is_open(to));
    return done;
}

void drop_lines(db::write_tx& tx, std::int64_t order) {
    std::vector<std::int64_t> booked;
    for (const auto r :
         tx.query(R"sql(SELECT instrument_id FROM appointment_line WHERE order_id = $1 AND is_open = 1)sql",
                  order))
        booked.push_back(r.number(0));
    tx.exec(R"sql(UPDATE appointment_line SET status = 'dropped', is_open = 0, status_at = $1
                  WHERE order_id = $2 AND is_open = 1)sql",
            tx.now(), order);
    for (const auto id : booked)
        instrument::relist_booked(tx, id, false);
}

std::array<std::int64_t, batch> batch_of(std::span<const std::int64_t> ids, std::size_t from) {
    std::array<std::int64_t, batch> some{};
    const auto rest = ids.subspan(from);
    std::copy_n(rest.begin(), std::min(rest.size(), batch), some.begin());
    return some;
}

namespace {

constexpr std::string_view lines_of_orders =
    R"sql(SELECT l.id, l.instrument_id, l.status, l.reason, i.name, i.model, i.serial_no, i.own_no, i.measuring_range,
             i.accuracy_class, i.manufacturer, coalesce(i.instrument_code, ''), i.location_text, i.period_months,
             coalesce(v.version, 0), coalesce(v.certificate_no, ''), coalesce(v.failed_items, ''),
             coalesce(v.verifier, ''), coalesce(v.checker, ''), v.verified_on, v.valid_until, l.reason_code, l.l1, l.l2,
             coalesce(v.approver, ''), coalesce(v.id, 0), f.result_id IS NOT NULL, l.order_id
           FROM appointment_line l JOIN instrument i ON i.id = l.instrument_id
           LEFT JOIN verification_result v ON v.line_id = l.id AND v.version =
             (SELECT max(w.version) FROM verification_result w WHERE w.line_id = l.id)
           LEFT JOIN certificate_file f ON f.result_id = v.id
           WHERE l.order_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
           ORDER BY l.id)sql";

template<class F>
void for_lines_of(db::read_view& view, std::span<const std::int64_t> orders, F take) {
    for (std::size_t at = 0; at < orders.size(); at += batch) {
        const auto k = batch_of(orders, at);
        for (const auto r :
             view.query(lines_of_orders, k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10],
                        k[11], k[12], k[13], k[14], k[15], k[16], k[17], k[18], k[19]))
            take(r.number(27), line_of(r));
    }
}

} // namespace

std::vector<line> list_lines(db::read_view& view, std::int64_t order) {
    std::vector<line> all;
    for_lines_of(view, std::array{order}, [&](std::int64_t, line l) { all.push_back(std::move(l)); });
    return all;
}

void put_lines(db::read_view& view, std::vector<order>& orders) {
    std::vector<std::int64_t> ids;
    std::unordered_map<std::int64_t, order*> by_id;
    for (auto& o : orders) {
        ids.push_back(o.id);
        by_id[o.id] = &o;
    }
    for_lines_of(view, ids, [&](std::int64_t id, line l) { by_id.at(id)->lines.push_back(std::move(l)); });
}

std::vector<std::int64_t> lines_with_certificate(db::read_view& view, std::int64_t institution,
                                                 std::string_view number, std::int64_t except_line) {
    std::vector<std::int64_t> all;
    for (const auto r : view.query(
             R"sql(SELECT DISTINCT v.line_id FROM verification_result v
                   WHERE v.institution_id = $1 AND v.certificate_key = $2 AND v.line_id <> $3
                     AND (v.version = (SELECT max(w.version) FROM verification_result w WHERE w.line_id = v.line_id)
                       OR EXISTS (SELECT 1 FROM certificate_file f WHERE f.result_id = v.id))
                   LIMIT 20)sql",
             institution, comparison_key(number), except_line))
        all.push_back(r.number(0));
    return all;
}

void insert_result(db::write_tx& tx, std::int64_t institution, std::int64_t recorded_by, int version,
                   const line_result& r) {
    const std::string_view kind = r.result == "passed"   ? "certificate"
                                  : r.result == "failed" ? "rejection_notice"
                                                         : "none";
    tx.exec(
        R"sql(INSERT INTO verification_result (id, line_id, version, result, certificate_kind, certificate_no, certificate_key,
                institution_id, verified_on, valid_until, failed_items, verifier, checker, approver, recorded_by, recorded_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16))sql",
        tx.new_id(), r.line_id, version, r.result, kind, r.certificate_no, comparison_key(r.certificate_no),
        institution, r.verified_on, r.valid_until, r.failed_items, r.verifier, r.checker, r.approver,
        recorded_by, tx.now());
}

std::string status_when_booked(db::read_view& view, std::int64_t line) {
    return view
        .query_one([](db::row r) { return r.text(0); },
                   R"sql(SELECT instrument_status FROM appointment_line WHERE id = $1)sql", line)
        .value_or("");
}

std::vector<std::int64_t> asked_of(db::read_view& view, std::span<const std::int64_t> ids) {
    std::vector<std::int64_t> all;
    for (std::size_t at = 0; at < ids.size(); at += batch) {
        const auto k = batch_of(ids, at);
        for (const auto r : view.query(
                 R"sql(SELECT instrument_id FROM filing_request
                       WHERE status = 'open' AND instrument_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
                         $13, $14, $15, $16, $17, $18, $19, $20))sql",
                 k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13],
                 k[14], k[15], k[16], k[17], k[18], k[19]))
            all.push_back(r.number(0));
    }
    return all;
}

std::optional<line_result> find_earlier_result(db::read_view& view, std::int64_t instrument,
                                               std::int64_t line) {
    return view.query_one(
        [](db::row r) {
            line_result found;
            found.line_id = r.number(0);
            found.result = r.text(1);
            found.certificate_no = r.text(2);
            found.verified_on = r.maybe_date(3);
            found.valid_until = r.maybe_date(4);
            return found;
        },
        R"sql(SELECT l.id, v.result, v.certificate_no, v.verified_on, v.valid_until
              FROM appointment_line l JOIN verification_result v ON v.line_id = l.id
              WHERE l.instrument_id = $1 AND l.id < $2 AND l.status IN ('passed', 'failed')
                AND v.version = (SELECT max(w.version) FROM verification_result w WHERE w.line_id = l.id)
              ORDER BY l.id DESC LIMIT 1)sql",
        instrument, line);
}

bool has_later_result(db::read_view& view, std::int64_t instrument, std::int64_t line) {
    return view.query_number(R"sql(SELECT count(*) FROM appointment_line
                                   WHERE instrument_id = $1 AND id > $2 AND status IN ('passed', 'failed'))sql",
                             instrument, line) > 0;
}

} // namespace core::appointment::store
