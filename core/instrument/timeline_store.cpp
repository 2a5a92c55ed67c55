#include "core/instrument/timeline_store.hpp"

#include "core/base/json.hpp"

namespace core::instrument::store {
namespace {

// Columns: id, at, verb, note, actor_kind, actor_name, institution_id, institution, order number,
// certificate, before, after.
std::vector<happened> read_all(db::rows found, happening what) {
    std::vector<happened> all;
    for (const auto r : found) {
        happened h;
        h.id = r.number(0);
        h.at = r.time(1);
        h.what = what;
        h.verb = r.text(2);
        h.note = r.text(3);
        h.actor_kind = r.text(4);
        h.actor_name = r.text(5);
        h.institution_id = r.number(6);
        h.institution = r.text(7);
        h.order_number = r.text(8);
        h.certificate_no = r.text(9);
        h.before = parse_json(r.view(10)).value_or(value::object());
        h.after = parse_json(r.view(11)).value_or(value::object());
        all.push_back(std::move(h));
    }
    return all;
}

} // namespace

std::vector<happened> list_changes(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                   std::int64_t before, int limit) {
    return read_all(
        view.query(R"sql(SELECT u.id, u.at, u.verb, u.note, u.actor_kind, u.actor_name, u.institution_id,
                                       coalesce(n.name, ''), '', '', u.before, u.after
                                     FROM audit u LEFT JOIN institution n ON n.id = u.institution_id
                                     WHERE u.subject_kind = 'instrument' AND u.subject_id = $1 AND u.id < $2
                                       AND ($3 = 0 OR u.institution_id IN (0, $3))
                                     ORDER BY u.id DESC LIMIT $4)sql",
                   instrument, before, whose, limit),
        happening::change);
}

std::vector<happened> list_orders(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                  std::int64_t before, int limit) {
    return read_all(
        view.query(R"sql(SELECT u.id, u.at, u.verb, u.note, u.actor_kind, u.actor_name, u.institution_id,
                                       coalesce(n.name, ''), o.number, '', '{}', '{}'
                                     FROM appointment_line l JOIN appointment_order o ON o.id = l.order_id
                                       JOIN audit u ON u.subject_kind = 'order' AND u.subject_id = o.id
                                       LEFT JOIN institution n ON n.id = u.institution_id
                                     WHERE l.instrument_id = $1 AND u.id < $2 AND ($3 = 0 OR o.institution_id = $3)
                                     ORDER BY u.id DESC LIMIT $4)sql",
                   instrument, before, whose, limit),
        happening::order);
}

std::vector<happened> list_results(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                   std::int64_t before, int limit) {
    return read_all(
        view.query(R"sql(SELECT v.id, v.recorded_at, v.result, v.failed_items, 'staff', v.verifier,
                                       v.institution_id, n.name, o.number, v.certificate_no, '{}', '{}'
                                     FROM appointment_line l JOIN appointment_order o ON o.id = l.order_id
                                       JOIN verification_result v ON v.line_id = l.id
                                       JOIN institution n ON n.id = v.institution_id
                                     WHERE l.instrument_id = $1 AND v.id < $2 AND ($3 = 0 OR v.institution_id = $3)
                                     ORDER BY v.id DESC LIMIT $4)sql",
                   instrument, before, whose, limit),
        happening::result);
}

std::vector<happened> list_messages(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                    std::int64_t before, int limit) {
    auto all = read_all(view.query(R"sql(SELECT b.id, b.at, b.kind, '', 'system', '', b.institution_id,
                                           coalesce(n.name, ''), '', '', '{}', '{}'
                                         FROM outbox b LEFT JOIN institution n ON n.id = b.institution_id
                                         WHERE b.subject_kind = 'instrument' AND b.subject_id = $1 AND b.id < $2 AND b.to_company = 1
                                           AND ($3 = 0 OR b.institution_id IN (0, $3))
                                         ORDER BY b.id DESC LIMIT $4)sql",
                                   instrument, before, whose, limit),
                        happening::message);
    auto of_orders = read_all(view.query(R"sql(SELECT b.id, b.at, b.kind, '', 'system', '', b.institution_id,
                                                 coalesce(n.name, ''), o.number, '', '{}', '{}'
                                               FROM appointment_line l JOIN appointment_order o ON o.id = l.order_id
                                                 JOIN outbox b ON b.subject_kind = 'order' AND b.subject_id = o.id
                                                 LEFT JOIN institution n ON n.id = b.institution_id
                                               WHERE l.instrument_id = $1 AND b.id < $2 AND b.to_company = 1
                                                 AND ($3 = 0 OR o.institution_id = $3)
                                               ORDER BY b.id DESC LIMIT $4)sql",
                                         instrument, before, whose, limit),
                              happening::message);
    std::move(of_orders.begin(), of_orders.end(), std::back_inserter(all));
    return all;
}

} // namespace core::instrument::store
