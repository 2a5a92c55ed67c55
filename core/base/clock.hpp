// Time: instants are UTC milliseconds, calendar dates are Guangdong's (UTC+8, no daylight saving).
// The only place that asks the machine for the time; everything else is handed a clock or an instant.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace core {

using instant = std::chrono::sys_time<std::chrono::milliseconds>;
using date = std::chrono::year_month_day; // a calendar date in Asia/Shanghai

class clock {
  public:
    virtual ~clock() = default;
    virtual instant now() const = 0;
    // For durations and deadlines; never jumps.
    virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class machine_clock final : public clock {
  public:
    instant now() const override;
    std::chrono::steady_clock::time_point steady() const override;
};

// For tests: stands still until told to move.
class fixed_clock final : public clock {
  public:
    explicit fixed_clock(instant start) : now_(start) {}
    instant now() const override { return now_; }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_.time_since_epoch()));
    }
    void set(instant t) { now_ = t; }
    void advance(std::chrono::milliseconds d) { now_ += d; }

  private:
    instant now_;
};

inline std::int64_t to_ms(instant t) {
    return t.time_since_epoch().count();
}
inline instant from_ms(std::int64_t ms) {
    return instant(std::chrono::milliseconds(ms));
}

date local_date(instant t);
int local_minute_of_day(instant t);                  // 0..1439 in Asia/Shanghai
instant local_instant(date d, int minute_of_day);    // the moment of a local wall-clock time
std::string to_text(date d);                         // "2026-11-25"
std::string to_minute_text(int minute_of_day);       // "09:05"
std::optional<date> parse_date(std::string_view s);  // exactly YYYY-MM-DD and an existing day
std::optional<int> parse_minute(std::string_view s); // exactly HH:MM, 00:00..23:59
date add_days(date d, int days);
// Clamps to the last day of the month: 31 August + 6 months = 28 or 29 February (domain.md 10).
date add_months(date d, int months);
int iso_weekday(date d); // 1 Monday .. 7 Sunday

// Forms of ux.md section 8. `today` decides whether the year is shown.
std::string date_words(date d, date today);             // 11月25日（周三）, 2027年1月4日（周一）
std::string moment_text(instant t);                     // 2026-11-25 14:02:31 (logs, audit)
std::string short_moment_text(instant t);               // 11-25 14:02 (tables)
std::string range_text(int from_minute, int to_minute); // 10:00–11:30

} // namespace core
