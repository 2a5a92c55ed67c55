#include "tests/torture/life.hpp"

#include "core/account/binding.hpp"
#include "core/account/demo.hpp"
#include "core/base/log.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/wishes.hpp"
#include "tests/torture/changes.hpp"
#include "tests/torture/setting.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/callback.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/routes.hpp"
#include "wechat/server/server.hpp"
#include "wechat/ways_out.hpp"

#include <thread>
#include <vector>

namespace torture {
namespace {

using namespace std::chrono_literals;
using core::db::read_view;
using core::db::write_tx;

std::int64_t count_waiting(core::db::database& db) {
    return db.read([](read_view& v) {
        return v.query_number("SELECT (SELECT count(*) FROM outbox_pending) + (SELECT count(*) FROM delivery "
                              "WHERE lane > 0) + (SELECT count(*) FROM delivery WHERE follow_up > 0)");
    });
}

// Nothing goes on by itself any more: all that is open waits half an hour for a receipt, or behind such.
bool is_silent(core::db::database& db) {
    return db.read([](read_view& v) {
        return v.query_number(
                   "SELECT (SELECT count(*) FROM outbox_pending) + (SELECT count(*) FROM delivery "
                   "WHERE lane = 2 AND status <> 'uncertain') + (SELECT count(*) FROM delivery WHERE "
                   "follow_up > 0)") == 0;
    });
}

void bind_again(write_tx& tx, const member& m) {
    const auto who = core::account::acting_as(tx, m.username, m.applicant_id);
    const auto openid = openid_of(m.username);
    if (tx.query_number(
            "SELECT count(*) FROM binding WHERE openid = $1 AND coalesce(applicant_id, 0) = $2 AND "
            "unbound_at IS NULL",
            openid, m.applicant_id) != 0)
        return;
    core::account::record_follow(tx, openid, "", tx.now());
    // Refused while the other side is a suspended company: next time.
    if (m.applicant_id == 0)
        static_cast<void>(core::account::bind_staff_wechat(tx, who, openid));
    else
        static_cast<void>(core::account::bind_wechat(tx, who, openid, ""));
}

// A refusal is believed for a week; here people change their minds sooner, else nothing would go by WeChat.
void welcome_back(core::db::database& db, const std::vector<member>& members) {
    db.write([&](write_tx& tx) -> core::result<> {
          for (const auto& m : members) {
              for (const char* channel : {"wechat", "subscription", "webhook"})
                  notify::store::forget_refusals(tx, channel, openid_of(m.username));
              try {
                  bind_again(tx, m);
              } catch (const std::runtime_error&) {
                  continue; // acting_as: the company is suspended at this moment
              }
          }
          return {};
      }).value();
}

// What 45009, 45011, 40164, 429 and 40037 stopped goes on when somebody says so.
void release(core::db::database& db, notify::hub& hub) {
    core::actor command;
    command.kind = core::actor_kind::system;
    db.write([&](write_tx& tx) { return notify::release(tx, command); }).value();
    hub.poke();
}

void operate(const std::stop_token& stop, core::db::database& db, notify::hub& hub, bool changing) {
    const auto members = db.read([](read_view& v) { return list_members(v); });
    for (int round = 0; !stop.stop_requested(); ++round) {
        bool stopped = db.read([](read_view& v) { return !notify::status_of(v).parked.empty(); });
        for (const auto& c : hub.channels())
            stopped = stopped || c.paused_until || c.breaker_open;
        if (stopped) release(db, hub);
        if (changing && round % 4 == 0) welcome_back(db, members);
        std::this_thread::sleep_for(250ms);
    }
}

void change_for_ever(core::db::database& db, notify::hub& hub, const std::filesystem::path& folder,
                     std::uint64_t seed) {
    constexpr int people_at_once = 2;     // of each company
    constexpr std::int64_t backlog = 600; // then they wait: told shall be what is changed
    note_book notes(folder / "acknowledged");
    std::vector<std::jthread> threads;
    for (const auto company : db.read([](read_view& v) { return list_companies(v); }))
        for (int n = 0; n < people_at_once; ++n)
            threads.emplace_back([&, company, own = seed + static_cast<std::uint64_t>(threads.size())] {
                changer who(db, hub, notes, company, own);
                for (;;) {
                    if (count_waiting(db) < backlog) who.step();
                    std::this_thread::sleep_for(std::chrono::milliseconds(core::random_below(20)));
                }
            });
    threads.clear(); // never
}

void finish(core::db::database& db, notify::hub& hub, moved_clock& time) {
    while (!is_silent(db))
        std::this_thread::sleep_for(50ms);
    while (count_waiting(db) != 0) {
        time.move(31min);
        hub.poke();
        std::this_thread::sleep_for(100ms);
        while (!is_silent(db))
            std::this_thread::sleep_for(50ms);
    }
}

} // namespace

int live(const std::filesystem::path& folder, bool changing, std::uint64_t seed) {
    const auto c = load(folder);
    core::log::set_level(core::log::level::error);
    moved_clock time;
    core::db::database db(options_of(c), time);
    const core::template_set templates({});
    const notify::message_book book(templates);
    wechat::mp::http_client http(wechat::mp::client_options(c.wechat));
    wechat::mp::api api(c.wechat, http, db);
    wechat::mp::callback callback(c.wechat, templates);
    wechat::ways_out ways(c, api, book, templates, time);
    notify::hub hub(db, book, ways.channels(), c.hub, notify::wishes_of_people());
    wechat::services s;
    s.time = &time;
    s.db = &db;
    s.wechat = &c.wechat;
    s.api = &api;
    s.callback = &callback;
    s.hub = &hub;
    wechat::server_options o;
    o.listeners.push_back(c.https);
    o.log_requests = false;
    wechat::server web(std::move(o), wechat::routes(), s, &db, time);
    web.start();
    std::jthread hub_thread([&](const std::stop_token& stop) { hub.run(stop); });
    std::jthread operating([&](const std::stop_token& stop) { operate(stop, db, hub, changing); });
    if (changing) change_for_ever(db, hub, folder, seed);
    finish(db, hub, time);
    operating.request_stop();
    operating.join();
    hub_thread.request_stop();
    hub_thread.join();
    web.stop();
    return 0;
}

} // namespace torture
