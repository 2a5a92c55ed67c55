// SQL of imports: jobs, and the rows of 逐行导入 that are in.
#pragma once
#include "core/workbook/import.hpp"

namespace core::workbook::store {

// `by_rows`: the job of 逐行导入, which goes beside that of the whole file.
std::optional<import_job> find_job(db::read_view& view, std::int64_t applicant, std::string_view file_hash,
                                   bool by_rows);
std::optional<import_job> find_job(db::read_view& view, std::int64_t id);
void insert_job(db::write_tx& tx, const import_job& j, std::int64_t login);
void update_job(db::write_tx& tx, const import_job& j);
std::optional<std::int64_t> find_row(db::read_view& view, std::int64_t job, std::uint32_t row); // instrument
void insert_row(db::write_tx& tx, std::int64_t job, std::uint32_t row, std::int64_t instrument);
std::vector<std::uint32_t> list_rows(db::read_view& view, std::int64_t job);

} // namespace core::workbook::store
