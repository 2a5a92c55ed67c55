// A small world for a test: a fresh migrated database on disk, a clock that stands still, a key. Named people
// and companies are made by the world_*.hpp files beside this one, which speak the verbs of core.
#pragma once
#include "core/base/clock.hpp"
#include "core/db/database.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace tests {

// A folder of its own that goes with the object.
class temp_folder {
  public:
    temp_folder();
    ~temp_folder();
    temp_folder(const temp_folder&) = delete;
    temp_folder& operator=(const temp_folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Tuesday 2026-11-24 10:00 in Guangdong.
inline const core::instant tuesday_morning = core::local_instant(*core::parse_date("2026-11-24"), 10 * 60);

class world {
  public:
    explicit world(core::instant start = tuesday_morning);

    temp_folder folder;
    core::fixed_clock time;
    std::filesystem::path file() const { return folder.path() / "qiangjian.db"; }
    core::db::database& db() { return *db_; }
    void close();                                          // as when the program has stopped
    void reopen();                                         // as after a restart of the program
    void replace_with(const std::filesystem::path& other); // goes on with a copy of this database

    template<class F>
    auto write(F f) {
        return db().write(std::move(f));
    }
    template<class F>
    auto read(F f) {
        return db().read(std::move(f));
    }
    std::int64_t count(std::string_view sql) {
        return read([&](core::db::read_view& v) { return v.query_number(sql); });
    }

  private:
    std::unique_ptr<core::db::database> db_;
};

} // namespace tests
