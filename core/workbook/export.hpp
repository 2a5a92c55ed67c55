// Workbooks that the platform gives out, in the columns that it reads (columns.*): the template to fill in
// (模板, M16), a company's instruments, and the rows of a file that could not be imported, each with its
// reason.
#pragma once
#include "core/workbook/import_file.hpp"

#include <filesystem>
#include <functional>

namespace core::workbook {

// Headings with * and notes, lists to choose from, dates checked, numbers as text, an example row that is
// never imported, and a second sheet that explains every column.
void write_template(db::read_view& view, const std::filesystem::path& to);

// The actor's instruments, newest first, row by row in constant memory. Gives how many. Refuses not_allowed
// to anyone but a company; too_many (export.rows) above `most`, which could not be read again.
result<int> export_instruments(db::read_view& view, const actor& who, const std::filesystem::path& to,
                               std::size_t most = limits().rows);

// Its text in the pages' language; from problems.txt, which core does not read.
using say = std::function<std::string(const error& why)>;
// The rows with problems as they were sent, in their columns, and a last column 错误原因. Gives how many
// rows. Refuses what reading the file refuses.
result<int> write_errors(const upload& u, const read_file& file, const report& checked, const say& words,
                         const deadline& until, const std::filesystem::path& to);

} // namespace core::workbook
