// Runs what falls due by the calendar (core/reminder) in short transactions, so that nobody waits for a
// hundred thousand reminders. Called by the program's schedule; starts no thread.
#pragma once
#include "core/db/database.hpp"

#include <functional>

namespace notify {

// Everything that is due now. `told` is called after each transaction that may have appended events. Gives
// how many transactions there were.
int run_reminders(core::db::database& db, const std::function<void()>& told);

// The announcements that are being sent, company by company; the same way.
int tell_announcements(core::db::database& db, const std::function<void()>& told);

} // namespace notify
