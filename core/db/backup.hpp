// A consistent copy of a database that is in use, by SQLite's online backup.
#pragma once
#include <filesystem>

namespace core::db {

// Copies `file` to `target` while others read and write it. The target gets its name only when the copy is
// complete, passed integrity_check and foreign_key_check, and is synced to disk (guarantees D7).
// Replaces an existing target. Throws db_error; then no target is left behind.
void backup_to(const std::filesystem::path& file, const std::filesystem::path& target);

// Puts a copy made by backup_to in the place of `file`, checked before and after; what was there is kept as
// `<file>.before-restore`. Refuses (db_error) while another process serves `file`, and a copy that is damaged
// or of a newer program; then nothing is changed.
void restore_from(const std::filesystem::path& copy, const std::filesystem::path& file);

// Throws db_error naming the first fault.
void check_integrity(const std::filesystem::path& file);

} // namespace core::db
