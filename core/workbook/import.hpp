// 导入 (M17) and 逐行导入 (M18): rows of a file become instruments, each once, however often the file or the
// row is sent. Reading and checking come before (import_file.*) and outside the transaction.
#pragma once
#include "core/db/database.hpp"
#include "core/workbook/import_file.hpp"

#include <chrono>

namespace core::workbook {

enum class import_mode {
    all,  // every row or none
    valid // the right ones; the others are told
};

// What an import has come to; kept, so that the same file gets the same answer.
struct import_job {
    std::int64_t id = 0, applicant_id = 0;
    std::string file_name, file_hash;
    std::string mode;     // all, valid, rows (逐行导入)
    bool is_done = false; // rows: never known
    int rows = 0;         // in the file; rows: so far
    int imported = 0, wrong = 0, repeated = 0;
    std::uint32_t last_row = 0; // stored or passed over up to here
    instant created_at, updated_at;
    bool is_again = false; // this answer was given before
};

// Every row in one transaction, a job and audit rows with them; checked in it, so that nothing can change in
// between, and told in `told`. A file of which every row is in since an import before changes nothing and
// gives the job of that time; what was deleted since (F5) may come in again. Refuses import.has_problems
// (told), import.running (the same file is being imported by valid rows).
result<import_job> import_all(db::write_tx& tx, const actor& who, const read_file& file, report& told);
// The next good rows, at most `most`; call it again until the job is done. Goes on where an earlier call, or
// program, has stopped. A file that has nothing new since it was imported gets the same answer; one whose
// cause of wrong rows is mended, or whose instruments were deleted, goes in for the rest. A row that became
// wrong since the check counts as wrong or repeated.
result<import_job> import_some(db::write_tx& tx, const actor& who, const read_file& file,
                               const report& checked, int most = 500);

// One row as the browser read it. Sent again it gives the same instrument, by file and row number, until that
// is deleted (F5).
struct sent_cell {
    std::string label; // heading of its column
    cell_kind kind = cell_kind::text;
    bool is_date = false;
    std::string text; // a number as digits, a date as YYYY-MM-DD
};
struct sent_row {
    std::string file_name, file_hash; // SHA-256, hex
    std::uint32_t number = 0;         // in the file, from 1
    std::vector<sent_cell> cells;
};
struct row_receipt {
    std::int64_t instrument_id = 0, job_id = 0;
    bool is_again = false;
    std::vector<problem> doubts;
};
// Refuses invalid with every wrong field, conflict import.repeats_record, invalid import.hash,
// import.example (the template's example row).
result<row_receipt> import_row(db::write_tx& tx, const actor& who, const sent_row& r);
// Rows of this file that are in already: where 逐行导入 goes on.
std::vector<std::uint32_t> list_imported_rows(db::read_view& view, const actor& who,
                                              std::string_view file_hash);

// What the company's earlier import of this whole file has come to.
std::optional<import_job> find_import(db::read_view& view, const actor& who, std::string_view file_hash);
// The company's own; else not_found.
result<import_job> get_import(db::read_view& view, const actor& who, std::int64_t id);
std::vector<import_job> list_imports(db::read_view& view, const actor& who, std::int64_t before, int limit);

// The whole: reads outside everything, checks, stores. Of import_mode::valid other writers get their turn
// between its parts; a file with values that cannot be read never gets to the writer. The report tells what
// is wrong, also when it is refused with import.has_problems. Without a deadline: two minutes by the
// database's clock.
inline constexpr std::chrono::minutes most_import_time{2};
struct import_outcome {
    read_file file;
    report checked;
    result<import_job> stored;
};
result<import_outcome> import_upload(db::database& db, const actor& who, const upload& u, import_mode mode,
                                     const deadline& until);
result<import_outcome> import_upload(db::database& db, const actor& who, const upload& u, import_mode mode);

} // namespace core::workbook
