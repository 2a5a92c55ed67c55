#include "core/db/process_lock.hpp"

#include "core/db/connection.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

namespace core::db {

process_lock::process_lock(const std::filesystem::path& file) {
    const std::string name = file.string() + ".lock";
    descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) throw db_error(SQLITE_CANTOPEN, "cannot create " + name);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor_);
        throw db_error(SQLITE_BUSY, "another process serves " + file.string() + "; stop it first");
    }
}

process_lock::~process_lock() {
    ::close(descriptor_);
}

} // namespace core::db
