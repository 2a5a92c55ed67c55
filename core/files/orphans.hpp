// Files that no row names: an upload whose transaction was refused or never came. Collected by a command,
// never by a request; a file is touched whenever its content is uploaded again, so age says that nobody is
// about to name it.
#pragma once
#include "core/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace core::files {

struct collected {
    int files = 0; // removed
    int kept = 0;  // named by a row, or young
    std::int64_t bytes = 0;
};
// Removes what is older than `age` at `now` and not named by what `is_named` says of a hash (db::is_held),
// and parts of uploads that were never finished. Safe beside a running server. Throws for an age below an
// hour.
collected collect_orphans(const std::filesystem::path& folder, instant now, std::chrono::hours age,
                          const std::function<bool(const std::string& hash)>& is_named);

} // namespace core::files
