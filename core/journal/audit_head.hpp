// The end of the audit chain, noted outside the database after every commit: who cuts rows off the end, or
// makes the whole chain anew, can't make this file agree as well without touching it too (guarantees S13).
#pragma once
#include "core/db/transaction.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace core::audit {

struct head {
    std::int64_t id = 0; // of the last row
    std::string hash;    // its seal
};
std::optional<head> find_head(db::read_view& view); // none without rows

// "<database>.audit-head": one line, written in place, so that a crash leaves the old or the new one. It may
// be behind the database (a crash between commit and note), never before it.
std::filesystem::path head_file(const std::filesystem::path& database);
// For database::options::after_commit. Makes the file (0600) when it isn't there. Throws when it can't.
std::function<void(db::read_view&)> keep_head(const std::filesystem::path& file);
struct noted {
    std::optional<head> last; // none: no such file
    bool readable = true;     // false: it is there, but says nothing
};
noted read_head(const std::filesystem::path& file);
// The row that was last when the head was noted is gone, or is another one now.
bool is_cut(db::read_view& view, const head& kept);

} // namespace core::audit
