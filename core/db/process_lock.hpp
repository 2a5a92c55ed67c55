// One process at a time serves a database file (guarantees D4); held as long as the object lives.
#pragma once
#include <filesystem>

namespace core::db {

class process_lock {
  public:
    // Throws db_error when another process holds the lock of this database file.
    explicit process_lock(const std::filesystem::path& file);
    ~process_lock();
    process_lock(const process_lock&) = delete;
    process_lock& operator=(const process_lock&) = delete;

  private:
    int descriptor_;
};

} // namespace core::db
