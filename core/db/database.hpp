// The database: one writer with group commit, a pool of readers on snapshots. Starts no threads: whoever
// waits leads. A caller of write() may find itself committing the actions of others with its own.
#pragma once
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/db/process_lock.hpp"
#include "core/db/transaction.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <vector>

namespace core::db {

class database {
  public:
    struct options {
        std::filesystem::path file;
        std::size_t readers = 2;
        std::size_t group_limit = 256; // most actions in one transaction
        std::optional<vault::key> key; // for sealed columns; see core/base/vault.hpp
        bool exclusive = true;         // refuse a second process on the same file (guarantees D4)
        // Called once a group, after its COMMIT and before anybody is answered. Short; what it throws is
        // logged.
        std::function<void(read_view&)> after_commit;
    };

    // Opens an existing, migrated file. Throws db_error.
    database(options o, const clock& time);
    ~database();

    // Runs `f(write_tx&)` as an action of a shared transaction, and returns when that is committed (one fsync
    // for all that waited). f returns result<T>: a refusal undoes what it did, and only that. An exception
    // thrown by f undoes it too and is thrown here. Never nest; never wait for the network inside.
    template<class F>
    auto write(F f) -> std::invoke_result_t<F, write_tx&> {
        std::optional<std::invoke_result_t<F, write_tx&>> answer;
        action a;
        a.run = [&](write_tx& tx) {
            answer.emplace(f(tx));
            return answer->has_value();
        };
        run_and_wait(a);
        if (a.failure) std::rethrow_exception(a.failure);
        return std::move(*answer);
    }

    // As write(), but returns at once; false from `run` undoes what it did. `done` is called after the
    // COMMIT, on the thread that led the group, with the exception if there was one. Needs somebody to lead:
    // run_writer() on a thread of the caller.
    void submit(std::function<bool(write_tx&)> run, std::function<void(std::exception_ptr)> done);
    std::size_t waiting() const; // actions queued and not yet begun

    // Leads groups until asked to stop; what is queued by then is still committed. `answered` is called when
    // every `done` of a group was called: a `done` may leave to it what is cheaper for many at once.
    void run_writer(const std::stop_token& stop, const std::function<void()>& answered = {});

    // Runs `f(read_view&)` on one snapshot. Never hold it across a network write.
    template<class F>
    auto read(F f) -> std::invoke_result_t<F, read_view&> {
        const lease l(*this);
        read_view view(*l.reader, *clock_, vault_ ? &*vault_ : nullptr);
        return f(view);
    }

    const clock& time() const { return *clock_; }
    const std::filesystem::path& file() const { return options_.file; }
    void checkpoint(); // WAL into the file, as far as readers allow

    // For tests of N1: the n-th statement of the writer from now on fails, BEGIN and COMMIT included; 0: none
    // does. See tests/support/faults.hpp.
    void fail_after(int statements) { writer_->fail_after(statements); }
    bool is_fault_pending() const { return writer_->is_fault_pending(); }

  private:
    struct action {
        std::function<bool(write_tx&)> run; // false: undo
        std::function<void(std::exception_ptr)> done;
        std::exception_ptr failure;
        std::vector<std::function<void()>> after;
        enum class phase { waiting, leading, finished } state = phase::waiting;
        bool blocking = true;
        bool kept = false;
    };
    struct lease { // a reader connection in a read transaction
        explicit lease(database& d);
        ~lease();
        lease(const lease&) = delete;
        lease& operator=(const lease&) = delete;
        database* owner;
        std::unique_ptr<connection> reader;
    };

    void go_on_with_ids();
    void run_and_wait(action& a);
    void lead(std::unique_lock<std::mutex>& hold);
    void commit_group(std::vector<action*>& group);
    void note_commit();
    void run_one(action& a);
    void pass_on_lead();

    options options_;
    const clock* clock_;
    id_source ids_;
    std::optional<vault> vault_;
    std::unique_ptr<connection> writer_;
    std::unique_ptr<process_lock> lock_;

    mutable std::mutex guard_;
    std::condition_variable changed_;  // a blocking caller's phase changed
    std::condition_variable_any work_; // something to lead, for run_writer
    std::deque<action*> queue_;
    bool led_ = false;

    std::mutex reader_guard_;
    std::condition_variable reader_free_;
    std::vector<std::unique_ptr<connection>> readers_;
};

} // namespace core::db
