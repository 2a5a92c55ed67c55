#include "core/db/database.hpp"

#include "core/base/log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace core::db {
namespace {

void step_once(connection& c, std::string_view sql) {
    statement& s = c.prepared(sql);
    const rows all(s);
    s.step();
}

// After a failed fsync nobody knows what is on disk: only a restart, which replays the WAL, can tell (D3).
void stop_if_sync_failed(const db_error& e) {
    if (e.code() != SQLITE_IOERR_FSYNC && e.code() != SQLITE_IOERR_DIR_FSYNC) return;
    log::error("db", "writing to disk failed, the program stops itself; check the disk, then start again");
    std::_Exit(70);
}

} // namespace

const core::vault& read_view::vault() const {
    if (vault_ == nullptr) throw std::logic_error("the database was opened without a key for sealed columns");
    return *vault_;
}

std::int64_t write_tx::new_id() {
    return ids_->next(now());
}

database::database(options o, const clock& time) : options_(std::move(o)), clock_(&time) {
    if (options_.key) vault_.emplace(*options_.key);
    if (options_.exclusive) lock_ = std::make_unique<process_lock>(options_.file);
    writer_ = std::make_unique<connection>(options_.file, access::read_write);
    go_on_with_ids();
    for (std::size_t i = 0; i < options_.readers; ++i)
        readers_.push_back(std::make_unique<connection>(options_.file, access::read_only));
}

// Every change writes an audit row near its end; a whole millisecond of ids behind it is free for certain.
void database::go_on_with_ids() {
    read_view view(*writer_, *clock_);
    const auto last = view.query_number(R"sql(SELECT coalesce(max(id), 0) FROM audit)sql");
    ids_.start_after(last + (std::int64_t{1} << 22));
}

database::~database() {
    readers_.clear();
    writer_.reset();
}

std::size_t database::waiting() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return queue_.size();
}

void database::submit(std::function<bool(write_tx&)> run, std::function<void(std::exception_ptr)> done) {
    auto made = std::make_unique<action>();
    made->run = std::move(run);
    made->done = std::move(done);
    made->blocking = false;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        queue_.push_back(made.release());
    }
    work_.notify_one();
}

namespace {
thread_local const database* acting = nullptr; // whose action this thread is in

struct in_action {
    explicit in_action(const database* whose) : outer(std::exchange(acting, whose)) {}
    ~in_action() { acting = outer; }
    in_action(const in_action&) = delete;
    in_action& operator=(const in_action&) = delete;
    const database* outer;
};
} // namespace

void database::run_and_wait(action& a) {
    if (acting == this) throw std::logic_error("db: a write inside a write would wait for itself");
    std::unique_lock<std::mutex> hold(guard_);
    queue_.push_back(&a);
    if (led_) changed_.wait(hold, [&] { return a.state != action::phase::waiting; });
    if (a.state == action::phase::finished) return;
    led_ = true;
    while (a.state != action::phase::finished)
        lead(hold);
    pass_on_lead();
}

void database::run_writer(const std::stop_token& stop, const std::function<void()>& answered) {
    std::unique_lock<std::mutex> hold(guard_);
    for (;;) {
        work_.wait(hold, stop, [&] { return !queue_.empty() && !led_; });
        if (queue_.empty() && stop.stop_requested()) return;
        if (queue_.empty() || led_) {
            changed_.wait(hold, [&] { return queue_.empty() || !led_; });
            continue;
        }
        led_ = true;
        while (!queue_.empty()) {
            lead(hold);
            if (!answered) continue;
            hold.unlock();
            answered();
            hold.lock();
        }
        led_ = false;
    }
}

// Commits one group. Called with the lock held and led_ set; gives the lock up while it works.
void database::lead(std::unique_lock<std::mutex>& hold) {
    const auto n = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.group_limit));
    std::vector<action*> group(queue_.begin(), queue_.begin() + n);
    queue_.erase(queue_.begin(), queue_.begin() + n);
    hold.unlock();
    commit_group(group);
    for (action*& a : group) {
        for (auto& f : a->after)
            f();
        if (a->blocking) continue;
        a->done(a->failure);
        delete a;
        a = nullptr;
    }
    hold.lock();
    // A blocking caller owns its action and may be gone as soon as the lock is given up.
    for (action* a : group)
        if (a != nullptr) a->state = action::phase::finished;
    changed_.notify_all();
}

// The next waiting caller leads; actions without a caller are left to run_writer().
void database::pass_on_lead() {
    led_ = false;
    for (action* a : queue_) {
        if (!a->blocking) continue;
        led_ = true;
        a->state = action::phase::leading;
        changed_.notify_all();
        return;
    }
    changed_.notify_all();
    work_.notify_one();
}

void database::commit_group(std::vector<action*>& group) {
    const auto fail_all = [&](const std::exception_ptr& why) {
        for (action* a : group) {
            if (!a->failure) a->failure = why;
            a->after.clear();
        }
    };
    try {
        step_once(*writer_, "BEGIN IMMEDIATE");
        bool any = false;
        for (action* a : group) {
            run_one(*a);
            any = any || a->kept;
        }
        if (!writer_->in_transaction())
            throw db_error(SQLITE_ABORT, "the transaction was lost to an earlier fault");
        step_once(*writer_, any ? "COMMIT" : "ROLLBACK");
        if (any && options_.after_commit) note_commit();
    } catch (const db_error& e) {
        stop_if_sync_failed(e);
        fail_all(std::current_exception());
        if (writer_->in_transaction()) writer_->run("ROLLBACK");
    }
}

void database::note_commit() {
    try {
        read_view view(*writer_, *clock_, vault_ ? &*vault_ : nullptr);
        options_.after_commit(view);
    } catch (const std::exception& e) {
        log::error("db", "what follows a commit failed", value::object().set("why", e.what()));
    }
}

void database::run_one(action& a) {
    writer_->begin_action();
    write_tx tx(*writer_, *clock_, ids_, vault_ ? &*vault_ : nullptr);
    try {
        const in_action here(this);
        a.kept = a.run(tx);
    } catch (...) {
        a.kept = false;
        a.failure = std::current_exception();
    }
    // A full disk or I/O error may have ended the whole transaction already.
    if (!writer_->in_transaction())
        throw db_error(SQLITE_ABORT, "the transaction was lost to a fault of the disk");
    if (a.kept) a.after = tx.take_after_commit();
    writer_->end_action(a.kept);
}

void database::checkpoint() {
    sqlite3_wal_checkpoint_v2(writer_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

database::lease::lease(database& d) : owner(&d) {
    std::unique_lock<std::mutex> hold(d.reader_guard_);
    d.reader_free_.wait(hold, [&] { return !d.readers_.empty(); });
    reader = std::move(d.readers_.back());
    d.readers_.pop_back();
    hold.unlock();
    step_once(*reader, "BEGIN");
}

database::lease::~lease() {
    try {
        step_once(*reader, "COMMIT");
    } catch (const db_error& e) {
        log::error("db", "a read transaction could not be ended", value::object().set("why", e.what()));
    }
    {
        const std::lock_guard<std::mutex> hold(owner->reader_guard_);
        owner->readers_.push_back(std::move(reader));
    }
    owner->reader_free_.notify_one();
}

} // namespace core::db
