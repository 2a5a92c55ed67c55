#include "core/base/clock.hpp"

#include <array>
#include <string>

namespace core {
namespace {

using namespace std::chrono;
constexpr auto shanghai = hours(8);

// With leading zeros up to `width`; nothing here is negative.
void put(std::string& out, int n, std::size_t width = 1) {
    const std::string digits = std::to_string(n);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out.append(digits);
}

int number_of(month m) {
    return static_cast<int>(static_cast<unsigned>(m));
}
int number_of(day d) {
    return static_cast<int>(static_cast<unsigned>(d));
}

void put_minute(std::string& out, int minute) {
    put(out, minute / 60, 2);
    out += ':';
    put(out, minute % 60, 2);
}

std::optional<int> digits(std::string_view s) {
    int n = 0;
    for (const char c : s) {
        if (c < '0' || c > '9') return std::nullopt;
        n = n * 10 + (c - '0');
    }
    return n;
}

struct wall {
    date day;
    hh_mm_ss<milliseconds> time;
};

wall wall_time(instant t) {
    const auto local = t + shanghai;
    const auto day = floor<days>(local);
    return {date(day), hh_mm_ss<milliseconds>(local - day)};
}

} // namespace

instant machine_clock::now() const {
    return floor<milliseconds>(system_clock::now());
}
steady_clock::time_point machine_clock::steady() const {
    return steady_clock::now();
}

date local_date(instant t) {
    return date(floor<days>(t + shanghai));
}

int local_minute_of_day(instant t) {
    const auto local = t + shanghai;
    return static_cast<int>(duration_cast<minutes>(local - floor<days>(local)).count());
}

instant local_instant(date d, int minute_of_day) {
    return instant(sys_days(d)) + minutes(minute_of_day) - shanghai;
}

std::string to_text(date d) {
    std::string out;
    put(out, static_cast<int>(d.year()), 4);
    out += '-';
    put(out, number_of(d.month()), 2);
    out += '-';
    put(out, number_of(d.day()), 2);
    return out;
}

std::string to_minute_text(int minute) {
    std::string out;
    put_minute(out, minute);
    return out;
}

std::optional<date> parse_date(std::string_view s) {
    if (s.size() != 10 || s[4] != '-' || s[7] != '-') return std::nullopt;
    const auto y = digits(s.substr(0, 4));
    const auto m = digits(s.substr(5, 2));
    const auto d = digits(s.substr(8, 2));
    if (!y || !m || !d) return std::nullopt;
    const date result{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!result.ok() || *y < 1900) return std::nullopt;
    return result;
}

std::optional<int> parse_minute(std::string_view s) {
    if (s.size() != 5 || s[2] != ':') return std::nullopt;
    const auto h = digits(s.substr(0, 2));
    const auto m = digits(s.substr(3, 2));
    if (!h || !m || *h > 23 || *m > 59) return std::nullopt;
    return *h * 60 + *m;
}

date add_days(date d, int n) {
    return date(sys_days(d) + days(n));
}

date add_months(date d, int n) {
    const auto moved = d + months(n);
    return moved.ok() ? date(moved) : date(moved.year() / moved.month() / last);
}

int iso_weekday(date d) {
    return static_cast<int>(weekday(sys_days(d)).iso_encoding());
}

std::string date_words(date d, date today) {
    static constexpr std::array<const char*, 7> names = {"一", "二", "三", "四", "五", "六", "日"};
    std::string out;
    out.reserve(64); // a range of hours often follows
    if (d.year() != today.year()) {
        put(out, static_cast<int>(d.year()));
        out.append("年");
    }
    put(out, number_of(d.month()));
    out.append("月");
    put(out, number_of(d.day()));
    return out.append("日（周").append(names[static_cast<std::size_t>(iso_weekday(d) - 1)]).append("）");
}

std::string moment_text(instant t) {
    const auto w = wall_time(t);
    std::string out = to_text(w.day);
    out += ' ';
    put(out, static_cast<int>(w.time.hours().count()), 2);
    out += ':';
    put(out, static_cast<int>(w.time.minutes().count()), 2);
    out += ':';
    put(out, static_cast<int>(w.time.seconds().count()), 2);
    return out;
}

std::string short_moment_text(instant t) {
    return moment_text(t).substr(5, 11);
}

std::string range_text(int from, int to) {
    std::string out;
    put_minute(out, from);
    out.append("–");
    put_minute(out, to);
    return out;
}

} // namespace core
