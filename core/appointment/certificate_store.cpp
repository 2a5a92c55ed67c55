#include "core/appointment/certificate_store.hpp"

namespace core::appointment::store {
namespace {

recorded_result result_of(db::row r) {
    recorded_result v;
    v.id = r.number(0);
    v.line_id = r.number(1);
    v.version = r.small(2);
    v.result = r.text(3);
    v.certificate_kind = r.text(4);
    v.certificate_no = r.text(5);
    v.verified_on = r.maybe_date(6);
    v.valid_until = r.maybe_date(7);
    v.failed_items = r.text(8);
    v.verifier = r.text(9);
    v.checker = r.text(10);
    v.approver = r.text(11);
    v.recorded_by = r.number(12);
    v.recorded_at = r.time(13);
    v.file_name = r.text(14);
    return v;
}

} // namespace

std::vector<recorded_result> list_versions(db::read_view& view, std::int64_t order) {
    std::vector<recorded_result> all;
    for (
        const auto r : view.query(
            R"sql(SELECT v.id, v.line_id, v.version, v.result, v.certificate_kind, v.certificate_no, v.verified_on,
                     v.valid_until, v.failed_items, v.verifier, v.checker, v.approver, v.recorded_by, v.recorded_at,
                     coalesce(f.file_name, '')
                   FROM appointment_line l JOIN verification_result v ON v.line_id = l.id
                   LEFT JOIN certificate_file f ON f.result_id = v.id
                   WHERE l.order_id = $1 ORDER BY l.id, v.version DESC)sql",
            order))
        all.push_back(result_of(r));
    return all;
}

std::optional<owner> owner_of_result(db::read_view& view, std::int64_t result_id) {
    return view.query_one(
        [](db::row r) {
            return owner{r.number(0), r.number(1), r.number(2), r.text(3)};
        },
        R"sql(SELECT o.id, o.applicant_id, o.institution_id, v.certificate_kind
              FROM verification_result v JOIN appointment_line l ON l.id = v.line_id
              JOIN appointment_order o ON o.id = l.order_id WHERE v.id = $1)sql",
        result_id);
}

std::optional<files::stored_file> find_certificate(db::read_view& view, std::int64_t result_id) {
    return view.query_one(
        [](db::row r) {
            return files::stored_file{r.text(0), "application/pdf", r.text(1), r.number(2)};
        },
        R"sql(SELECT file_name, content_hash, size FROM certificate_file WHERE result_id = $1)sql",
        result_id);
}

void insert_certificate(db::write_tx& tx, std::int64_t result_id, const files::stored_file& f,
                        std::int64_t uploaded_by) {
    tx.exec(
        R"sql(INSERT INTO certificate_file (result_id, file_name, size, content_hash, uploaded_by, uploaded_at)
              VALUES ($1, $2, $3, $4, $5, $6))sql",
        result_id, f.file_name, f.size, f.hash, uploaded_by, tx.now());
}

bool has_certificate_with(db::read_view& view, std::string_view content_hash) {
    return view
        .query_one([](db::row) { return true; },
                   R"sql(SELECT 1 FROM certificate_file WHERE content_hash = $1 LIMIT 1)sql", content_hash)
        .value_or(false);
}

} // namespace core::appointment::store
