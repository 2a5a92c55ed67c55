// The whole content as text in a stable order, for comparing two databases: after an upgrade, a restore, a
// crash. Not an exchange format.
#pragma once
#include <filesystem>
#include <iosfwd>

namespace core::db {

// One line a row, `table` and `column=value` separated by tabs, tables by name, rows by their primary key;
// text with tab, newline and backslash escaped, blobs in hex, NULL as \N. Leaves out what is not business:
// sessions, tries, tokens, search indexes. Reads one snapshot; the database may be in use. Throws db_error.
void export_state(const std::filesystem::path& file, std::ostream& out);

} // namespace core::db
