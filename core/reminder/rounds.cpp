// When rounds fall due, and how they are gone through: a bounded number of subjects a transaction, the place
// kept, so that a killed process goes on where it was.
#include "core/reminder/rounds.hpp"

#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace core::reminder {
namespace {

int minute_of(db::read_view& view, const job& j) {
    return setting::number(view, "reminders." + std::string(j.name) + "_at");
}

bool falls_on(db::read_view& view, const job& j, date d) {
    switch (j.on) {
    case rhythm::daily:
        return true;
    case rhythm::working_days:
        return catalogue::is_working_day(view, d);
    case rhythm::mondays:
        return iso_weekday(d) == 1;
    }
    return true;
}

constexpr int longest_gap = 20; // days between two due times: no holidays are longer

} // namespace

std::vector<int> milestones(db::read_view& view) {
    constexpr std::string_view name = "reminders.days";
    const auto& what = *setting::find_known(name);
    std::vector<int> all;
    for (const auto& word : split_words(setting::find(view, name).value_or(std::string(what.usual))))
        if (all.size() < setting::most_numbers && setting::fits(what, word)) all.push_back(std::stoi(word));
    std::sort(all.begin(), all.end(), std::greater<>());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

instant last_due(db::read_view& view, const job& j, instant now) {
    const int minute = minute_of(view, j);
    date d = local_date(now);
    if (local_instant(d, minute) > now) d = add_days(d, -1);
    for (int i = 0; i < longest_gap && !falls_on(view, j, d); ++i)
        d = add_days(d, -1);
    return local_instant(d, minute);
}

instant next_due(db::read_view& view, const job& j, instant now) {
    const int minute = minute_of(view, j);
    date d = local_date(now);
    if (local_instant(d, minute) <= now) d = add_days(d, 1);
    for (int i = 0; i < longest_gap && !falls_on(view, j, d); ++i)
        d = add_days(d, 1);
    return local_instant(d, minute);
}

instant next_due(db::read_view& view, instant now) {
    instant first = next_due(view, jobs[0], now);
    for (const auto& j : jobs)
        first = std::min(first, next_due(view, j, now));
    return first;
}

namespace {

// The round to work on: one left unfinished, else the one that is due and was not run.
std::optional<store::round> open_round(db::write_tx& tx, const job& j) {
    const auto newest = store::find_newest(tx, j.name);
    if (newest && !newest->finished) return newest;
    const instant due = last_due(tx, j, tx.now());
    if (newest && newest->due_at >= due) return std::nullopt; // done, or the clock was set back
    const date day = local_date(due);
    const date yesterday = add_days(day, -1);
    store::round r{due, newest ? local_date(newest->due_at) : yesterday, 0, false};
    r.since = std::clamp(r.since, add_days(day, -most_days_back), yesterday);
    store::begin(tx, j.name, r);
    return r;
}

} // namespace

int forget_told(db::write_tx& tx) {
    return store::forget(tx, tx.now() - std::chrono::hours(24 * 731));
}

bool run_some(db::write_tx& tx, const job& j, int most) {
    auto r = open_round(tx, j);
    if (!r) return false;
    const step done = j.name == "certificates"     ? tell_certificates(tx, *r, most)
                      : j.name == "tomorrow"       ? tell_tomorrow(tx, *r, most)
                      : j.name == "staff_tomorrow" ? tell_staff_tomorrow(tx, *r, most)
                      : j.name == "staff"          ? tell_staff(tx, *r, most)
                      : j.name == "regions"        ? tell_regions(tx, *r, most)
                                                   : throw std::logic_error("a reminder job without a round");
    r->cursor = done.cursor;
    r->finished = !done.more;
    store::advance(tx, j.name, *r);
    return done.more;
}

} // namespace core::reminder
