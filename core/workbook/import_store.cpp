#include "core/workbook/import_store.hpp"

namespace core::workbook {
namespace {

import_job job_of(db::row r) {
    import_job j;
    j.id = r.number(0);
    j.applicant_id = r.number(1);
    j.file_name = r.text(2);
    j.file_hash = r.text(3);
    j.mode = r.text(4);
    j.is_done = r.flag(5);
    j.rows = r.small(6);
    j.imported = r.small(7);
    j.wrong = r.small(8);
    j.repeated = r.small(9);
    j.last_row = static_cast<std::uint32_t>(r.number(10));
    j.created_at = r.time(11);
    j.updated_at = r.time(12);
    return j;
}

} // namespace

std::vector<import_job> list_imports(db::read_view& view, const actor& who, std::int64_t before, int limit) {
    std::vector<import_job> all;
    if (!who.is_applicant()) return all;
    for (const auto r :
         view.query(R"sql(SELECT id, applicant_id, file_name, file_hash, mode, is_done, rows, imported, wrong,
                                           repeated, last_row, created_at, updated_at
                                         FROM import_job WHERE applicant_id = $1 AND ($2 = 0 OR id < $3)
                                         ORDER BY id DESC LIMIT $4)sql",
                    who.applicant_id, before, before, limit))
        all.push_back(job_of(r));
    return all;
}

namespace store {

std::optional<import_job> find_job(db::read_view& view, std::int64_t applicant, std::string_view file_hash,
                                   bool by_rows) {
    return view.query_one(
        job_of, R"sql(SELECT id, applicant_id, file_name, file_hash, mode, is_done, rows, imported, wrong,
                                          repeated, last_row, created_at, updated_at
                                        FROM import_job WHERE applicant_id = $1 AND file_hash = $2 AND by_rows = $3)sql",
        applicant, file_hash, by_rows);
}

std::optional<import_job> find_job(db::read_view& view, std::int64_t id) {
    return view.query_one(
        job_of, R"sql(SELECT id, applicant_id, file_name, file_hash, mode, is_done, rows, imported, wrong,
                                          repeated, last_row, created_at, updated_at
                                        FROM import_job WHERE id = $1)sql",
        id);
}

void insert_job(db::write_tx& tx, const import_job& j, std::int64_t login) {
    tx.exec(
        R"sql(INSERT INTO import_job (id, applicant_id, login_id, file_name, file_hash, by_rows, mode, is_done, rows,
                    imported, wrong, repeated, last_row, created_at, updated_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15))sql",
        j.id, j.applicant_id, login, j.file_name, j.file_hash, j.mode == "rows", j.mode, j.is_done, j.rows,
        j.imported, j.wrong, j.repeated, static_cast<std::int64_t>(j.last_row), j.created_at, j.updated_at);
}

void update_job(db::write_tx& tx, const import_job& j) {
    tx.exec(
        R"sql(UPDATE import_job SET is_done = $1, rows = $2, imported = $3, wrong = $4, repeated = $5, last_row = $6,
                    mode = $7, updated_at = $8
                  WHERE id = $9)sql",
        j.is_done, j.rows, j.imported, j.wrong, j.repeated, static_cast<std::int64_t>(j.last_row), j.mode,
        tx.now(), j.id);
}

std::optional<std::int64_t> find_row(db::read_view& view, std::int64_t job, std::uint32_t row) {
    return view.query_one(
        [](db::row r) { return r.number(0); },
        R"sql(SELECT instrument_id FROM import_row WHERE job_id = $1 AND row_number = $2)sql", job,
        static_cast<std::int64_t>(row));
}

void insert_row(db::write_tx& tx, std::int64_t job, std::uint32_t row, std::int64_t instrument) {
    tx.exec(R"sql(INSERT INTO import_row (job_id, row_number, instrument_id) VALUES ($1, $2, $3)
                  ON CONFLICT (job_id, row_number) DO UPDATE SET instrument_id = excluded.instrument_id)sql",
            job, static_cast<std::int64_t>(row), instrument);
}

std::vector<std::uint32_t> list_rows(db::read_view& view, std::int64_t job) {
    std::vector<std::uint32_t> all;
    for (const auto r :
         view.query(R"sql(SELECT r.row_number FROM import_row r JOIN instrument i ON i.id = r.instrument_id
                          WHERE r.job_id = $1 AND i.filing_status <> 'deleted' ORDER BY r.row_number)sql",
                    job))
        all.push_back(static_cast<std::uint32_t>(r.number(0)));
    return all;
}

} // namespace store
} // namespace core::workbook
