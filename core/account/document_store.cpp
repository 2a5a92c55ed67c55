#include "core/account/document_store.hpp"

namespace core::account::store {
namespace {

document document_of(db::row r) {
    document d;
    d.id = r.number(0);
    d.applicant_id = r.number(1);
    d.kind = r.text(2);
    d.file = {r.text(3), r.text(4), r.text(5), r.number(6)};
    d.uploaded_by = r.number(7);
    d.uploaded_at = r.time(8);
    return d;
}

} // namespace

void insert_document(db::write_tx& tx, const document& d) {
    tx.exec(
        R"sql(INSERT INTO applicant_document (id, applicant_id, kind, file_name, media_type, content_hash, size,
                    uploaded_by, uploaded_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql",
        d.id, d.applicant_id, d.kind, d.file.file_name, d.file.media_type, d.file.hash, d.file.size,
        d.uploaded_by, d.uploaded_at);
}

bool remove_document(db::write_tx& tx, std::int64_t id) {
    return tx.exec(
               R"sql(UPDATE applicant_document SET removed_at = $1 WHERE id = $2 AND removed_at IS NULL)sql",
               tx.now(), id) == 1;
}

std::optional<document> find_document(db::read_view& view, std::int64_t id) {
    return view.query_one(
        document_of,
        R"sql(SELECT id, applicant_id, kind, file_name, media_type, content_hash, size, uploaded_by,
                                  uploaded_at
                                FROM applicant_document WHERE id = $1 AND removed_at IS NULL)sql",
        id);
}

std::vector<document> list_documents(db::read_view& view, std::int64_t applicant_id) {
    std::vector<document> all;
    for (
        const auto r : view.query(
            R"sql(SELECT id, applicant_id, kind, file_name, media_type, content_hash, size, uploaded_by, uploaded_at
                   FROM applicant_document WHERE applicant_id = $1 AND removed_at IS NULL ORDER BY id)sql",
            applicant_id))
        all.push_back(document_of(r));
    return all;
}

} // namespace core::account::store

namespace core::account {

bool is_document_content(db::read_view& view, std::string_view content_hash) {
    return view.query_number(R"sql(SELECT count(*) FROM applicant_document WHERE content_hash = $1)sql",
                             content_hash) > 0;
}

} // namespace core::account
