// One SQLite connection with its prepared statements. Used by one thread at a time.
#pragma once
#include "core/db/statement.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace core::db {

class db_error : public std::runtime_error {
  public:
    db_error(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
    int code() const { return code_; } // SQLite's extended result code
    bool is_constraint() const;        // CHECK, UNIQUE, FOREIGN KEY …
    bool is_full() const;              // no space left

  private:
    int code_;
};

enum class access { read_write, read_only };

class connection {
  public:
    // Opens (and for read_write creates) the file; sets busy_timeout, WAL, synchronous=FULL, foreign_keys in
    // this order; read_only also sets query_only. Throws db_error.
    connection(const std::filesystem::path& file, access a);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // The statement for this text, prepared at first use and kept. The text's address and content may change.
    // Inside an action, the first one that changes anything is preceded by the action's savepoint.
    statement& prepared(std::string_view sql);
    // The same for the last change of an action: as its only change it needs no savepoint, since a statement
    // undoes itself when it fails. The caller tells note_last_change() that it changed something.
    statement& prepared_last(std::string_view sql);
    void note_last_change() { unguarded_change_ = undo_ == undo::wanted; }

    // An action of a group's transaction: what it did is kept or undone. A savepoint costs two statements and
    // a copy of every page changed under it, so that actions that only read, or end with one change, have
    // none. end_action throws when an action without a savepoint is to be undone after its change: a
    // programming error that costs the group.
    void begin_action();
    void end_action(bool kept);
    void run(std::string_view sql); // one or more statements without parameters or rows
    int changes() const;
    bool in_transaction() const;
    sqlite3* handle() const { return handle_; }

    // For tests of N1: the n-th prepared statement from now on fails as with a broken disk; 0: none does.
    void fail_after(int statements) { fail_after_ = statements; }
    bool is_fault_pending() const { return fail_after_ > 0; }

  private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    };
    enum class undo { none, wanted, made };

    statement& find(std::string_view sql);
    void run_once(std::string_view sql);
    void make_undo_point();

    sqlite3* handle_ = nullptr;
    undo undo_ = undo::none;
    bool unguarded_change_ = false;
    int fail_after_ = 0;
    std::unordered_map<std::string, std::unique_ptr<statement>, hash, std::equal_to<>> statements_;
};

} // namespace core::db
