// Files that no row names: an upload whose transaction was refused or never came. Collected at night and by a
// command, never by a request; a file is touched whenever its content is uploaded again, so age says that
// nobody is about to name it.
#pragma once
#include "core/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

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

// The same once a day from 03:00 (local) on, some of the folder's 256 parts at a time, so that whoever calls
// it every minute is not held up. Keeps its place in memory: begun anew after a restart.
class orphan_rounds {
  public:
    explicit orphan_rounds(std::filesystem::path folder) : folder_(std::move(folder)) {}
    // Goes through parts until `most` files were looked at, one part at least; nothing when the day's round
    // is over or it is too early.
    collected run_some(instant now, const std::function<bool(const std::string& hash)>& is_named,
                       int most = 5000);
    bool is_over() const { return part_ == parts; }

  private:
    static constexpr int parts = 256;
    std::filesystem::path folder_;
    date day_{};
    int part_ = parts;
};

} // namespace core::files
