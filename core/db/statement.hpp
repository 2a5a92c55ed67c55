// A prepared statement and its rows. SQLite's C interface stays behind this file (core/db).
#pragma once
#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

namespace core::db {

// Columns are read by position, 0 first. NULL reads as 0, "" or nullopt.
class row {
  public:
    explicit row(sqlite3_stmt* s) : statement_(s) {}
    bool is_null(int column) const;
    std::int64_t number(int column) const;
    int small(int column) const { return static_cast<int>(number(column)); }
    bool flag(int column) const { return number(column) != 0; }
    std::string text(int column) const;
    std::string_view view(int column) const; // valid until the next row
    std::string blob(int column) const;
    instant time(int column) const { return from_ms(number(column)); }
    std::optional<std::int64_t> maybe_number(int column) const;
    std::optional<std::string> maybe_text(int column) const;
    std::optional<instant> maybe_time(int column) const;
    std::optional<date> maybe_date(int column) const; // text YYYY-MM-DD

  private:
    sqlite3_stmt* statement_;
};

struct blob_view {
    std::string_view bytes;
};

class statement {
  public:
    statement(sqlite3* connection, std::string_view sql); // throws db_error
    ~statement();
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;

    // Binds $1, $2 … in order. Text is copied: rows are often read after the caller's temporaries are gone.
    template<class... A>
    void bind_all(const A&... values) {
        copies_text_ = true;
        int n = 0;
        (bind(++n, values), ...);
        expect_parameters(n);
    }
    // The same without copying, when the values outlive the reading.
    template<class... A>
    void lend_all(const A&... values) {
        copies_text_ = false;
        int n = 0;
        (bind(++n, values), ...);
        expect_parameters(n);
    }
    bool is_read_only() const { return read_only_; }
    bool step(); // true: a row is there
    void reset();
    row current() const { return row(statement_); }

    void bind(int n, std::int64_t v);
    void bind(int n, int v) { bind(n, static_cast<std::int64_t>(v)); }
    void bind(int n, bool v) { bind(n, static_cast<std::int64_t>(v)); }
    void bind(int n, std::string_view v);
    void bind(int n, const std::string& v) { bind(n, std::string_view(v)); }
    void bind(int n, const char* v) { bind(n, std::string_view(v)); }
    void bind(int n, blob_view v);
    void bind(int n, instant v) { bind(n, to_ms(v)); }
    void bind(int n, date v);
    void bind(int n, std::nullopt_t);
    template<class T>
    void bind(int n, const std::optional<T>& v) {
        if (v)
            bind(n, *v);
        else
            bind(n, std::nullopt);
    }

  private:
    void expect_parameters(int n) const;
    void check(int code) const;
    sqlite3* connection_;
    sqlite3_stmt* statement_ = nullptr;
    int parameters_ = 0;
    bool read_only_ = true;
    bool copies_text_ = true;
};

} // namespace core::db
