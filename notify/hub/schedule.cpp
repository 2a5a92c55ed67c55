#include "notify/hub/schedule.hpp"

#include "core/announcement/announcement.hpp"
#include "core/reminder/reminder.hpp"

namespace notify {
namespace {

constexpr int subjects_at_once = 500;

} // namespace

int run_reminders(core::db::database& db, const std::function<void()>& told) {
    int steps = 0;
    for (const auto& job : core::reminder::jobs)
        for (bool more = true; more; ++steps) {
            more = db.write([&](core::db::write_tx& tx) -> core::result<bool> {
                         return core::reminder::run_some(tx, job, subjects_at_once);
                     }).value();
            told();
        }
    return steps;
}

int tell_announcements(core::db::database& db, const std::function<void()>& told) {
    int steps = 0;
    for (bool more = true; more; ++steps) {
        more = db.write([&](core::db::write_tx& tx) -> core::result<bool> {
                     return core::announcement::tell_some(tx, subjects_at_once);
                 }).value();
        told();
    }
    return steps;
}

} // namespace notify
