// Reminders by the calendar (U9): certificates that run out, tomorrow's appointments for companies and for
// staff, the day's work for staff, the week's for regulators. Each round runs once per due time, across
// restarts, downtime and clock jumps; each subject is told once per milestone (guarantees N12). Appends
// events; notify/hub tells people.
#pragma once
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace core::reminder {

enum class rhythm { daily, working_days, mondays };
struct job {
    std::string_view name; // of the setting reminders.<name>_at (minute of the day) and of the rounds
    rhythm on;
};
inline constexpr std::array<job, 5> jobs = {{{"certificates", rhythm::daily},
                                             {"tomorrow", rhythm::daily},
                                             {"staff_tomorrow", rhythm::daily},
                                             {"staff", rhythm::working_days},
                                             {"regions", rhythm::mondays}}};

// Days before the end of a certificate at which its company is reminded; the setting reminders.days, five at
// most, numbers separated by blanks (60 30 15 7 1).
std::vector<int> milestones(db::read_view& view);
// The newest moment at or before `now` at which the job fell due, and the first one after it.
instant last_due(db::read_view& view, const job& j, instant now);
instant next_due(db::read_view& view, const job& j, instant now);
instant next_due(db::read_view& view, instant now); // of any job

inline constexpr int most_days_back = 7; // what a round after downtime still makes up for

// Goes on with the round that is due, telling at most `most` subjects. True: there is more to do now. A round
// that is over is recorded and never run again, also when the clock is set back.
bool run_some(db::write_tx& tx, const job& j, int most);

int forget_told(db::write_tx& tx); // of more than two years ago

// Asked right before a reminder leaves: is what the event says still so? Unknown kinds and changes of status
// are always true.
bool is_still_true(db::read_view& view, std::int64_t outbox_id);

} // namespace core::reminder
