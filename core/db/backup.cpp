#include "core/db/backup.hpp"

#include "core/db/connection.hpp"
#include "core/db/migrate.hpp"
#include "core/db/process_lock.hpp"
#include "core/db/transaction.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace core::db {
namespace {

void sync_path(const std::filesystem::path& p, int flags) {
    const int fd = ::open(p.c_str(), flags | O_CLOEXEC);
    if (fd < 0) throw db_error(SQLITE_CANTOPEN, "cannot open " + p.string() + " to sync it");
    const int failed = ::fsync(fd);
    ::close(fd);
    if (failed != 0) throw db_error(SQLITE_IOERR_FSYNC, "cannot sync " + p.string());
}

void copy_pages(connection& from, connection& to) {
    sqlite3_backup* job = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
    if (job == nullptr) throw db_error(sqlite3_extended_errcode(to.handle()), sqlite3_errmsg(to.handle()));
    int code = SQLITE_OK;
    do {
        code = sqlite3_backup_step(job, 256);
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED) sqlite3_sleep(20);
    } while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED);
    sqlite3_backup_finish(job);
    if (code != SQLITE_DONE) throw db_error(code, std::string("backup stopped: ") + sqlite3_errstr(code));
}

} // namespace

void check_integrity(const std::filesystem::path& file) {
    connection c(file, access::read_only);
    const machine_clock time;
    read_view view(c, time);
    const auto verdict = view.query_one([](row r) { return r.text(0); }, "PRAGMA integrity_check(1)");
    if (verdict != "ok") throw db_error(SQLITE_CORRUPT, file.string() + ": " + verdict.value_or("no answer"));
    const auto table = view.query_one([](row r) { return r.text(0); }, "PRAGMA foreign_key_check");
    if (table)
        throw db_error(SQLITE_CONSTRAINT_FOREIGNKEY, file.string() + ": broken reference in table " + *table);
}

void restore_from(const std::filesystem::path& copy, const std::filesystem::path& file) {
    if (!std::filesystem::exists(copy)) throw db_error(SQLITE_CANTOPEN, copy.string() + " does not exist");
    const auto state = inspect_schema(copy);
    if (state.is_newer())
        throw db_error(SQLITE_SCHEMA, copy.string() + " is of a newer program; use that one to restore it");
    const process_lock alone(file);
    if (std::filesystem::exists(file)) backup_to(file, file.string() + ".before-restore");
    const std::filesystem::path part = file.string() + ".restored";
    backup_to(copy, part);
    // The old log must be gone before the name changes: it would be replayed into the restored file.
    for (const char* tail : {"-wal", "-shm"})
        std::filesystem::remove(file.string() + tail);
    std::filesystem::rename(part, file);
    sync_path(std::filesystem::absolute(file).parent_path(), O_RDONLY | O_DIRECTORY);
}

void backup_to(const std::filesystem::path& file, const std::filesystem::path& target) {
    const std::filesystem::path part = target.string() + ".part";
    std::filesystem::remove(part);
    try {
        {
            connection from(file, access::read_only);
            connection to(part, access::read_write);
            copy_pages(from, to);
        }
        check_integrity(part);
        std::filesystem::remove(part.string() + "-wal");
        std::filesystem::remove(part.string() + "-shm");
        std::filesystem::permissions(part, std::filesystem::perms::owner_read |
                                               std::filesystem::perms::owner_write);
        sync_path(part, O_RDONLY);
        std::filesystem::rename(part, target);
        const auto folder = std::filesystem::absolute(target).parent_path();
        sync_path(folder, O_RDONLY | O_DIRECTORY);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        throw;
    }
}

} // namespace core::db
