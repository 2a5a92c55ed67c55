#include "wechat/rounds.hpp"

#include "core/account/binding.hpp"
#include "core/account/reset.hpp"
#include "core/account/scan.hpp"
#include "core/account/session.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/actor.hpp"
#include "core/base/log.hpp"
#include "core/db/holders.hpp"
#include "core/files/orphans.hpp"
#include "core/privacy/privacy.hpp"
#include "core/reminder/reminder.hpp"
#include "notify/hub/receipts.hpp"
#include "notify/hub/schedule.hpp"
#include "wechat/mp/callback_store.hpp"
#include "wechat/mp/follower_sync.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/mp/staff_tags.hpp"
#include "wechat/mp/template_check.hpp"
#include "wechat/mp/unionids.hpp"
#include "wechat/server/guard_store.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <utility>

namespace wechat {
namespace {

using namespace std::chrono_literals;

// `round` now and after each pause until told to stop. What it throws is logged: the next one may do better.
template<typename F>
void repeat(const std::stop_token& stop, std::chrono::seconds pause, const char* name, F round,
            alarm* work = nullptr) {
    alarm nobodys;
    while (!stop.stop_requested()) {
        try {
            round();
        } catch (const std::exception& e) {
            core::log::error(name, "a round failed", core::value::object().set("why", e.what()));
        }
        (work == nullptr ? nobodys : *work).wait(stop, pause);
    }
}

// What nobody needs any more (S15), once a day at night; again after a restart, which then finds little.
void forget_at_night(core::db::database& db, core::date& done) {
    const auto now = db.read([](core::db::read_view& view) { return view.now(); });
    constexpr int at_minute = 3 * 60;
    const core::date today = core::local_date(now);
    if (done == today || now < core::local_instant(today, at_minute)) return;
    constexpr int most = 500; // others wait for a transaction of so many
    while (db.write([&](core::db::write_tx& tx) -> core::result<int> {
                 return core::privacy::forget_some(tx, most);
             }).value() > 0) {
    }
    done = today;
}

// Files that nothing names any more, some each minute from 03:00 on.
void collect_files(core::db::database& db, core::files::orphan_rounds& rounds) {
    const auto now = db.read([](core::db::read_view& view) { return view.now(); });
    const auto holders =
        db.read([](core::db::read_view& view) { return core::db::holders(view, "content_hash"); });
    const auto done = rounds.run_some(now, [&](const std::string& hash) {
        return db.read([&](core::db::read_view& view) { return holders.hold(view, hash); });
    });
    if (done.files > 0)
        core::log::info("schedule", "files that nothing names are removed",
                        core::value::object().set("files", done.files).set("bytes", done.bytes));
}

void purge(core::db::write_tx& tx) {
    core::account::purge_sessions(tx);
    core::account::purge_oauth(tx);
    core::account::purge_scans(tx);
    core::account::purge_resets(tx);
    guard_store::purge_done(tx, tx.now() - 24h);
    notify::purge_receipts(tx);
    core::reminder::forget_told(tx);
}

// Faster than callbacks can come (K1: 500 a second), in pieces that others need not wait for.
void purge_inbox(core::db::database& db) {
    constexpr int most = 2000, pieces = 30;
    for (int n = 0; n < pieces; ++n) {
        const int gone = db.write([&](core::db::write_tx& tx) -> core::result<int> {
                               return mp::inbox::purge(tx, tx.now() - 24h * 7, most);
                           }).value();
        if (gone < most) return;
    }
}

} // namespace

void alarm::ring() {
    const std::lock_guard<std::mutex> hold(guard_);
    rung_ = true;
    wake_.notify_all();
}

bool alarm::wait(const std::stop_token& stop, std::chrono::milliseconds pause) {
    std::unique_lock<std::mutex> hold(guard_);
    wake_.wait_for(hold, stop, pause, [this] { return rung_; });
    return std::exchange(rung_, false);
}

void run_schedule(const std::stop_token& stop, core::db::database& db, notify::hub& hub,
                  mp::callback& callback, alarm& work, const std::filesystem::path& attachments) {
    const auto poke = [&hub] { hub.poke(); };
    core::date forgotten{};
    core::files::orphan_rounds orphans(attachments);
    const auto round = [&] {
        db.write([&](core::db::write_tx& tx) -> core::result<> {
              if (core::appointment::expire_orders(tx, 100) > 0) tx.after_commit(poke);
              core::appointment::follow_names(tx, 5);
              purge(tx);
              return {};
          }).value();
        purge_inbox(db);
        forget_at_night(db, forgotten);
        collect_files(db, orphans);
        notify::run_reminders(db, poke);
        notify::tell_announcements(db, poke);
        callback.catch_up(db); // what overload or an earlier run left waiting
    };
    repeat(stop, 60s, "schedule", round, &work);
}

void run_follower_sync(const std::stop_token& stop, mp::api& api, core::db::database& db) {
    repeat(stop, 20s, "followers", [&] {
        const auto done = mp::sync_if_due(api, db, [&stop] { return stop.stop_requested(); });
        if (!done)
            core::log::warn("followers", "the list of followers stands still",
                            core::value::object().set("why", done.error().detail));
    });
}

void run_errands(const std::stop_token& stop, core::db::database& db, mp::api& api, breaker_alarm& alarm) {
    repeat(stop, 60s, "errands", [&] {
        alarm.look(db, api.blocks());
        mp::tell_staff_tags(api, db);
        mp::learn_unionids(api, db);
    });
}

void publish_menus(mp::api& api, core::db::database& db, const core::template_set& templates) {
    const auto wanted = mp::load_menus(templates, api.config());
    const auto done = wanted ? mp::publish_menus(api, *wanted) : core::result<mp::published>(wanted.error());
    if (!done)
        core::log::warn("wechat", "the menu could not be published",
                        core::value::object().set("why", done.error().detail));
    else if (done->all || done->staff) {
        core::log::info("wechat", "menu published");
        core::actor program;
        program.kind = core::actor_kind::system;
        program.source = "schedule";
        mp::record_published(db, program);
    }
}

namespace {

// A message that does not fit would be refused (47003), each time, for each person.
void report(std::string_view what, const mp::template_check& c) {
    core::log::error("wechat", what,
                     core::value::object()
                         .set("kind", c.kind)
                         .set("state", mp::code_of(c.found))
                         .set("the_template_lacks", mp::joined(c.unknown, " "))
                         .set("we_leave_out", mp::joined(c.empty, " ")));
}

// Where the other template names a field otherwise, the file of the kind says so.
bool check_subscription_templates(mp::api& api, const notify::message_book& book) {
    if (api.config().subscription_ids.empty()) return true;
    const auto granted = mp::fetch_subscription_templates(api);
    if (!granted) {
        core::log::warn("wechat", "the account's subscription templates could not be read",
                        core::value::object().set("why", granted.error().detail));
        return false;
    }
    for (const auto& c : mp::check_subscriptions(book, api.config(), *granted))
        if (c.found != mp::template_check::state::ok)
            report(
                "a message does not fit its subscription template: see subscription= in templates/README.md",
                c);
    return true;
}

} // namespace

bool check_templates(mp::api& api, core::db::database& db, const notify::message_book& book,
                     notify::hub& hub) {
    const bool all_read = check_subscription_templates(api, book);
    const auto granted = mp::fetch_templates(api);
    if (!granted) {
        core::log::warn("wechat", "the account's templates could not be read",
                        core::value::object().set("why", granted.error().detail));
        return false;
    }
    const auto all = mp::check_all(book, api.config(), *granted);
    db.write([&](core::db::write_tx& tx) -> core::result<> {
          mp::keep_checks(tx, all);
          return {};
      }).value();
    for (const auto& c : all) {
        using state = mp::template_check::state;
        if (c.found == state::ok)
            hub.mend(c.kind);
        else if (c.found != state::no_id)
            report("a message does not fit the account's template", c);
    }
    return all_read;
}

void run_template_check(const std::stop_token& stop, mp::api& api, core::db::database& db,
                        const notify::message_book& book, notify::hub& hub, std::chrono::milliseconds pause) {
    alarm nobodys;
    while (!stop.stop_requested() && !check_templates(api, db, book, hub))
        nobodys.wait(stop, pause);
}

} // namespace wechat
