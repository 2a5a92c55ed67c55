// What the program does by itself beside answering requests: rounds by the clock, and what WeChat is asked or
// told at the start. Each `run_…` returns when told to stop. No rules here: each line calls a verb.
#pragma once
#include "core/base/template.hpp"
#include "core/db/database.hpp"
#include "notify/hub/hub.hpp"
#include "notify/message/message.hpp"
#include "wechat/breaker_alarm.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/callback.hpp"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stop_token>

namespace wechat {

// Ends a pause early: whoever made work for the schedule does not wait for its next minute. Any thread.
class alarm {
  public:
    void ring();
    // True when it was rung, also before; false after the pause, or when told to stop.
    bool wait(const std::stop_token& stop, std::chrono::milliseconds pause);

  private:
    std::mutex guard_;
    std::condition_variable_any wake_;
    bool rung_ = false;
};

// What falls due by the clock: expired orders, old sessions, inbox rows, files that nothing names,
// announcements. Once a minute, and when the alarm rings.
void run_schedule(const std::stop_token& stop, core::db::database& db, notify::hub& hub,
                  mp::callback& callback, alarm& work, const std::filesystem::path& attachments);

// Who follows, once a night (core/account/follower); with a thread of its own, for it may take an hour.
void run_follower_sync(const std::stop_token& stop, mp::api& api, core::db::database& db);

// What WeChat is told or asked beside messages, and who is told that it refuses, once a minute: however slow
// it is, the schedule goes on.
void run_errands(const std::stop_token& stop, core::db::database& db, mp::api& api, breaker_alarm& alarm);

// Makes the account's menus those of the templates; a refusal is logged.
void publish_menus(mp::api& api, core::db::database& db, const core::template_set& templates);

// What the account's own templates say about our messages, kept for the page; kinds that were parked and fit
// now go on. False: a list could not be read, and what was known of it stays.
bool check_templates(mp::api& api, core::db::database& db, const notify::message_book& book,
                     notify::hub& hub);
// The same until WeChat has answered: it may be down when we start. Then it returns.
void run_template_check(const std::stop_token& stop, mp::api& api, core::db::database& db,
                        const notify::message_book& book, notify::hub& hub,
                        std::chrono::milliseconds pause = std::chrono::minutes(5));

} // namespace wechat
