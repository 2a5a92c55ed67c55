// The schema's version: numbered files schema/NNNN_name.sql, applied forward only, never edited.
#pragma once
#include "core/base/clock.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace core::db {

struct migration {
    int version;           // NNNN
    std::string_view name; // "0001_base.sql"
    std::string_view sql;
};

std::vector<migration> known_migrations(); // in order; throws if the numbers have gaps

struct schema_state {
    int version = 0; // 0: no file or an empty one
    int newest = 0;  // newest this program knows
    bool is_current() const { return version == newest; }
    bool is_newer() const { return version > newest; } // file of a later program: refuse
};

schema_state
inspect_schema(const std::filesystem::path& file); // throws db_error if it is no database of ours

// Applies what is missing, each file in one transaction; gives the names applied. An existing database is
// first copied to `<file>.before-NNNN` (guarantees D6). Throws for a newer file, changing nothing.
std::vector<std::string> migrate(const std::filesystem::path& file, const clock& time);

} // namespace core::db
