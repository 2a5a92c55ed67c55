#include "core/db/connection.hpp"

#include "core/db/transaction.hpp"

#include <sqlite3.h>

namespace core::db {

bool db_error::is_constraint() const {
    return (code_ & 0xff) == SQLITE_CONSTRAINT;
}
bool db_error::is_full() const {
    return (code_ & 0xff) == SQLITE_FULL;
}

namespace {

// Before SQLite's first use. Its statistics of memory, which nobody reads, take a lock around every malloc.
void set_up_sqlite() {
    static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)done;
}

} // namespace

connection::connection(const std::filesystem::path& file, access a) {
    set_up_sqlite();
    const int flags =
        (a == access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE) |
        SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        const std::string why = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
        sqlite3_close(handle_);
        throw db_error(code, "cannot open " + file.string() + ": " + why);
    }
    sqlite3_extended_result_codes(handle_, 1);
    try {
        run("PRAGMA busy_timeout = 5000");
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = FULL");
        run("PRAGMA foreign_keys = ON");
        // REPLACE deletes like DELETE: the triggers that keep journal rows see it. An insert trigger would
        // cost every append a savepoint, and the search index its gathered words (30 % of an import).
        run("PRAGMA recursive_triggers = ON");
        run("PRAGMA trusted_schema = OFF");
        if (a == access::read_only) run("PRAGMA query_only = ON");
        if (a == access::read_write) {
            // Pages that many commits touch go into the file once in 16 MB of WAL instead of in 4; up to here
            // its index is one segment.
            run("PRAGMA wal_autocheckpoint = 4000");
            run("PRAGMA cache_size = -16000"); // KiB
        }
    } catch (...) {
        sqlite3_close(handle_);
        throw;
    }
}

connection::~connection() {
    statements_.clear();
    sqlite3_close(handle_);
}

statement& connection::prepared(std::string_view sql) {
    statement& s = find(sql);
    // The BEGIN after an action that lost its transaction is no change of that action.
    if (undo_ == undo::wanted && !s.is_read_only() && in_transaction()) make_undo_point();
    return s;
}

statement& connection::prepared_last(std::string_view sql) {
    if (unguarded_change_) throw std::logic_error("a second last change of an action");
    return find(sql);
}

void connection::make_undo_point() {
    if (unguarded_change_) throw std::logic_error("an action's change after its last one");
    run_once("SAVEPOINT action");
    undo_ = undo::made;
}

void connection::begin_action() {
    undo_ = undo::wanted;
    unguarded_change_ = false;
}

void connection::end_action(bool kept) {
    const bool made = undo_ == undo::made;
    undo_ = undo::none;
    if (!made && !kept && unguarded_change_)
        throw db_error(SQLITE_MISUSE, "an action was to be undone after its last change");
    if (made && !kept) run_once("ROLLBACK TO action");
    if (made) run_once("RELEASE action");
}

void connection::run_once(std::string_view sql) {
    statement& s = find(sql);
    const rows all(s);
    s.step();
}

statement& connection::find(std::string_view sql) {
    if (fail_after_ > 0 && --fail_after_ == 0)
        throw db_error(SQLITE_IOERR, "a fault asked for, before: " + std::string(sql));
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return *found->second;
    auto made = std::make_unique<statement>(handle_, sql);
    return *statements_.emplace(std::string(sql), std::move(made)).first->second;
}

void connection::run(std::string_view sql) {
    char* message = nullptr;
    const std::string text(sql);
    const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, &message);
    if (code == SQLITE_OK) return;
    std::string why = message == nullptr ? sqlite3_errstr(code) : message;
    sqlite3_free(message);
    throw db_error(sqlite3_extended_errcode(handle_), why);
}

int connection::changes() const {
    return sqlite3_changes(handle_);
}
bool connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

} // namespace core::db
