#include "core/files/orphans.hpp"

#include "core/base/ids.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace core::files {
namespace {

namespace fs = std::filesystem;

bool is_hash(std::string_view name) {
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_older(const fs::path& file, instant limit) {
    std::error_code gone;
    const auto written = fs::last_write_time(file, gone);
    if (gone) return false;
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::file_clock::to_sys(written)) <
           limit;
}

// Set aside first: an upload of the same content touches the file in its place, or finds none and writes it
// anew. So a file that is still old when it is aside will be named by nobody.
bool remove_unnamed(const fs::path& file, instant limit, collected& done) {
    const fs::path aside = file.string() + ".aside-" + random_hex(4);
    std::error_code gone;
    fs::rename(file, aside, gone);
    if (gone) return false;
    if (!is_older(aside, limit)) {
        fs::rename(aside, file);
        return false;
    }
    done.bytes += static_cast<std::int64_t>(fs::file_size(aside));
    ++done.files;
    fs::remove(aside);
    return true;
}

} // namespace

collected collect_orphans(const fs::path& folder, instant now, std::chrono::hours age,
                          const std::function<bool(const std::string& hash)>& is_named) {
    if (age < std::chrono::hours(1)) throw std::invalid_argument("orphans: an age below an hour is no guard");
    const instant limit = now - age;
    std::vector<fs::path> old;
    collected done;
    if (!fs::exists(folder)) return done;
    for (const auto& one : fs::recursive_directory_iterator(folder))
        if (one.is_regular_file())
            is_older(one.path(), limit) ? old.push_back(one.path()) : void(++done.kept);
    for (const auto& file : old) {
        const std::string name = file.filename().string();
        const bool ours = is_hash(name.substr(0, 64)); // whole, or a part of an upload: hash and more
        const bool named = is_hash(name) && is_named(name);
        if (!ours || named || !remove_unnamed(file, limit, done)) ++done.kept;
    }
    return done;
}

collected orphan_rounds::run_some(instant now, const std::function<bool(const std::string&)>& is_named,
                                  int most) {
    constexpr int at_minute = 3 * 60;
    constexpr std::chrono::hours age{24};
    constexpr std::string_view digits = "0123456789abcdef";
    const date today = local_date(now);
    if (today != day_ && now >= local_instant(today, at_minute)) {
        day_ = today;
        part_ = 0;
    }
    collected all;
    while (part_ < parts && all.files + all.kept < most) {
        const auto n = static_cast<std::size_t>(part_++);
        const auto some =
            collect_orphans(folder_ / std::string{digits[n / 16], digits[n % 16]}, now, age, is_named);
        all.files += some.files;
        all.kept += some.kept;
        all.bytes += some.bytes;
    }
    return all;
}

} // namespace core::files
