// Permission as a parameter: a read_view may read one snapshot, a write_tx may also change data.
// Nobody else can; both are made only by core::db::database.
#pragma once
#include "core/base/clock.hpp"
#include "core/base/vault.hpp"
#include "core/db/connection.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace core {
class id_source;
}

namespace core::db {

// The rows of one query. Resets its statement when it goes; rows are valid one at a time.
// The same SQL text must not be queried again while its rows are still being read.
class rows {
  public:
    explicit rows(statement& s) : statement_(&s) {}
    rows(rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    rows(const rows&) = delete;
    rows& operator=(const rows&) = delete;
    ~rows() {
        if (statement_ != nullptr) statement_->reset();
    }
    class iterator {
      public:
        explicit iterator(statement* s) : statement_(s) { ++*this; }
        row operator*() const { return statement_->current(); }
        iterator& operator++() {
            if (!statement_->step()) statement_ = nullptr;
            return *this;
        }
        bool operator!=(std::nullptr_t) const { return statement_ != nullptr; }

      private:
        statement* statement_;
    };
    iterator begin() { return iterator(statement_); }
    std::nullptr_t end() const { return nullptr; }

  private:
    statement* statement_;
};

class read_view {
  public:
    read_view(connection& c, const clock& time, const core::vault* v = nullptr)
        : connection_(&c), clock_(&time), vault_(v) {}
    read_view(const read_view&) = delete;
    read_view& operator=(const read_view&) = delete;

    instant now() const { return clock_->now(); }
    date today() const { return local_date(now()); }
    const core::vault& vault() const; // throws when the database was opened without a key

    // The rows of `sql` with $1, $2 … bound in order; statements are kept prepared per connection.
    template<class... A>
    rows query(std::string_view sql, const A&... values) {
        statement& s = connection_->prepared(sql);
        s.bind_all(values...);
        return rows(s);
    }
    // Calls `read` with the only or first row; nullopt without one.
    template<class F, class... A>
    auto query_one(F read, std::string_view sql, const A&... values)
        -> std::optional<decltype(read(std::declval<row>()))> {
        statement& s = connection_->prepared(sql);
        s.lend_all(values...);
        for (const row r : rows(s))
            return read(r);
        return std::nullopt;
    }
    template<class... A>
    std::int64_t query_number(std::string_view sql, const A&... values) {
        return query_one([](row r) { return r.number(0); }, sql, values...).value_or(0);
    }

  protected:
    connection* connection_;
    const clock* clock_;
    const core::vault* vault_;
};

class write_tx : public read_view {
  public:
    write_tx(connection& c, const clock& time, id_source& ids, const core::vault* v)
        : read_view(c, time, v), ids_(&ids) {}

    // Rows changed. Throws db_error, also for a broken CHECK or UNIQUE (rules are checked before).
    template<class... A>
    int exec(std::string_view sql, const A&... values) {
        return step(connection_->prepared(sql), values...);
    }
    // For the last change of an action, cheaper when it is the only one: nothing may be changed after it, and
    // when it changed a row the action must be kept. Otherwise the whole group fails.
    template<class... A>
    int exec_last(std::string_view sql, const A&... values) {
        const int changed = step(connection_->prepared_last(sql), values...);
        if (changed > 0) connection_->note_last_change();
        return changed;
    }
    std::int64_t new_id();
    // Runs after the COMMIT that makes this action durable, and not at all if it is undone. Must not throw.
    void after_commit(std::function<void()> f) { after_commit_.push_back(std::move(f)); }
    std::vector<std::function<void()>> take_after_commit() { return std::move(after_commit_); }

  private:
    template<class... A>
    int step(statement& s, const A&... values) {
        s.lend_all(values...);
        const rows all(s);
        s.step();
        return connection_->changes();
    }

    id_source* ids_;
    std::vector<std::function<void()>> after_commit_;
};

} // namespace core::db
