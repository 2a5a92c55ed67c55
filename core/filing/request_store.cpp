#include "core/filing/request_store.hpp"

#include "core/base/json.hpp"
#include "core/instrument/listing.hpp"

#include <limits>

namespace core::filing::store {
namespace {

value texts_of(const std::vector<changed_field>& changes, std::string changed_field::*which) {
    value all = value::object();
    for (const auto& c : changes)
        all.set(c.field, c.*which);
    return all;
}

request request_of(db::row r) {
    request q;
    q.id = r.number(0);
    q.instrument_id = r.number(1);
    q.applicant_id = r.number(2);
    q.institution_id = r.number(3);
    q.kind = r.view(4) == "cancel" ? request_kind::cancel : request_kind::change;
    q.status = r.text(5);
    q.why = r.text(6);
    q.note = r.text(7);
    const value before = parse_json(r.view(8)).value_or(value::object());
    const value after = parse_json(r.view(9)).value_or(value::object());
    if (const auto* members = after.as_members())
        for (const auto& [field, text] : *members)
            q.changes.push_back({field, before.text(field), after.text(field)});
    q.asked_at = r.time(10);
    q.due_at = r.time(11);
    q.decided_at = r.maybe_time(12);
    q.answer = r.text(13);
    q.name = r.text(14);
    q.model = r.text(15);
    q.serial_no = r.text(16);
    q.applicant_name = r.text(17);
    q.institution_name = r.text(18);
    return q;
}

} // namespace

void insert_request(db::write_tx& tx, const request& r, std::int64_t asked_by) {
    tx.exec(
        R"sql(INSERT INTO filing_request (id, instrument_id, applicant_id, institution_id, kind, status, why, note,
                    before, after, asked_by, asked_at, due_at, answer)
                  VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11, $12, ''))sql",
        r.id, r.instrument_id, r.applicant_id, r.institution_id,
        r.kind == request_kind::cancel ? "cancel" : "change", r.why, r.note,
        to_json(texts_of(r.changes, &changed_field::before)),
        to_json(texts_of(r.changes, &changed_field::after)), asked_by, r.asked_at, r.due_at);
}

bool close_request(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to,
                   std::string_view answer, std::int64_t decided_by) {
    return tx.exec(R"sql(UPDATE filing_request SET status = $1, answer = $2, decided_by = $3, decided_at = $4
                         WHERE id = $5 AND status = $6)sql",
                   to, answer, decided_by, tx.now(), id, from) == 1;
}

std::optional<request> find_request(db::read_view& view, std::int64_t id) {
    return view.query_one(
        request_of,
        R"sql(SELECT id, instrument_id, applicant_id, institution_id, kind, status, why, note, before, after, asked_at,
                due_at, decided_at, answer, name, model, serial_no, applicant_name, institution_name
              FROM filing_request_with_names WHERE id = $1)sql",
        id);
}

std::optional<request> find_open_request(db::read_view& view, std::int64_t instrument) {
    return view.query_one(
        request_of,
        R"sql(SELECT id, instrument_id, applicant_id, institution_id, kind, status, why, note, before, after, asked_at,
                due_at, decided_at, answer, name, model, serial_no, applicant_name, institution_name
              FROM filing_request_with_names WHERE instrument_id = $1 AND status = 'open')sql",
        instrument);
}

std::vector<request> list_open_requests(db::read_view& view, std::int64_t institution, request_key after,
                                        int limit) {
    std::vector<request> all;
    for (
        const auto r : view.query(
            R"sql(SELECT id, instrument_id, applicant_id, institution_id, kind, status, why, note, before, after,
                     asked_at, due_at, decided_at, answer, name, model, serial_no, applicant_name, institution_name
                   FROM filing_request_with_names
                   WHERE institution_id = $1 AND status = 'open' AND (due_at, id) > ($2, $3)
                   ORDER BY due_at, id LIMIT $4)sql",
            institution, after.time, after.id, limit))
        all.push_back(request_of(r));
    return all;
}

std::vector<request> list_requests_of(db::read_view& view, std::int64_t applicant, std::int64_t before,
                                      int limit) {
    std::vector<request> all;
    for (
        const auto r : view.query(
            R"sql(SELECT id, instrument_id, applicant_id, institution_id, kind, status, why, note, before, after,
                     asked_at, due_at, decided_at, answer, name, model, serial_no, applicant_name, institution_name
                   FROM filing_request_with_names
                   WHERE applicant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3)sql",
            applicant, before == 0 ? std::numeric_limits<std::int64_t>::max() : before, limit))
        all.push_back(request_of(r));
    return all;
}

void set_period(db::write_tx& tx, std::int64_t id, int period_months) {
    const auto was_listed = instrument::read_listed(tx, id);
    tx.exec(R"sql(UPDATE instrument SET period_months = nullif($1, 0) WHERE id = $2)sql", period_months, id);
    if (was_listed) instrument::relist(tx, *was_listed);
}

} // namespace core::filing::store
