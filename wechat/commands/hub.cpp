// hub once, hub status, hub hold, hub release.
#include "notify/hub/hub.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "wechat/app.hpp"
#include "wechat/commands/command.hpp"
#include "wechat/mp/errors.hpp"

#include <cstdio>
#include <string>

namespace wechat::commands {
namespace {

int once(const arguments& a) {
    const int calls = run_hub_once(a.settings());
    std::printf("%d messages handed to the channel; `qiangjian hub status` shows what is left\n", calls);
    return 0;
}

void show(const notify::hub_status& s, const notify::hub_settings& limits, core::instant now) {
    const auto& w = s.waiting;
    const auto line = [](const char* what, std::int64_t n) {
        std::printf("%-34s %lld\n", what, static_cast<long long>(n));
    };
    line("events not yet fanned out", w.to_fan_out);
    line("waiting: changes of status", w.status);
    line("waiting: reminders", w.reminders);
    line("in flight", w.in_flight);
    line("uncertain", w.uncertain);
    line("blocked by the receiver", w.blocked);
    line("failed", w.failed);
    line("dead: nobody ever knew", w.dead);
    line("parked: template refused", w.parked);
    const std::chrono::milliseconds longest = w.oldest ? now - *w.oldest : std::chrono::milliseconds(0);
    line("oldest waiting, seconds", longest / std::chrono::seconds(1));
    line("reached by no channel, to be phoned", s.unreached);
    for (const auto& u : s.used) {
        std::printf("calls today, %-21s %lld", u.channel.c_str(), static_cast<long long>(u.calls_today));
        if (const auto most = limits.limits_of(u.channel).per_day; most > 0)
            std::printf(" of %lld", static_cast<long long>(most));
        std::puts("");
    }
    for (const auto& u : s.used_by_kind) {
        const auto most = limits.kind_per_day.find(u.kind);
        std::printf("  %-9s %-22s %lld", u.channel.c_str(), u.kind.c_str(), static_cast<long long>(u.calls));
        if (most != limits.kind_per_day.end()) std::printf(" of %lld", static_cast<long long>(most->second));
        std::puts("");
    }
    for (const auto& c : s.states) {
        if (c.held)
            std::printf("HELD (%s) since %s: %s. `qiangjian hub release` ends it\n", c.channel.c_str(),
                        core::moment_text(c.changed_at).c_str(), c.reason.c_str());
        if (c.paused_until && *c.paused_until > now)
            std::printf("paused (%s) until %s: %s\n", c.channel.c_str(),
                        core::moment_text(*c.paused_until).c_str(), c.reason.c_str());
    }
    for (const auto& p : s.parked)
        std::printf("template of %s refused by %s since %s: %s\n", p.kind.c_str(), p.channel.c_str(),
                    core::moment_text(p.since).c_str(), p.reason.c_str());
}

int status(const arguments& a) {
    opened_base base(a);
    const auto& settings = base.settings;
    show(base.db.read([](core::db::read_view& v) { return notify::status_of(v); }), settings.hub,
         base.time.now());
    for (const auto& e : base.db.read([](core::db::read_view& v) { return notify::count_errors(v); }))
        std::printf("%-10s %6d %-32s %lld\n", e.status.c_str(), e.errcode,
                    e.errcode == 0 ? "no code of WeChat's" : std::string(mp::meaning_of(e.errcode)).c_str(),
                    static_cast<long long>(e.n));
    std::puts("breaker and pauses of the running server: /metrics on the admin port");
    return 0;
}

int hold(const arguments& a) {
    opened_base base(a);
    const auto why = a.text("reason");
    if (!base.db.write([&](core::db::write_tx& tx) { return notify::hold(tx, by_command(), why); })) {
        std::puts("held already: see since when and why with `qiangjian hub status`");
        return 1;
    }
    std::puts("held: events are kept and shown in the in-site inboxes, nothing is sent");
    return 0;
}

int release(const arguments& a) {
    opened_base base(a);
    base.db.write([&](core::db::write_tx& tx) { return notify::release(tx, by_command()); }).value();
    std::puts("released: what waits is sent");
    return 0;
}

} // namespace

std::vector<command> hub_commands() {
    return {
        {"hub once",
         "send what is due now and end; the server must be stopped (it does this itself)",
         {},
         once},
        {"hub status", "show what waits, what failed, what is held or paused", {}, status},
        {"hub hold",
         "send nothing until released; also while the server runs",
         {{"reason", takes::position, "why, for those who look at it later", true}},
         hold},
        {"hub release",
         "end a hold, a pause until midnight, and the parking of refused templates",
         {},
         release},
    };
}

} // namespace wechat::commands
