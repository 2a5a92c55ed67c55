// followers sync, followers status, followers move.
#include "core/account/follower.hpp"
#include "notify/hub/openid_move.hpp"
#include "wechat/commands/command.hpp"
#include "wechat/mp/follower_sync.hpp"

#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

namespace wechat::commands {
namespace {

namespace account = core::account;

// The server may run beside these: they use its kept token and its database.
struct desk : opened_base {
    explicit desk(const arguments& a)
        : opened_base(a), http(mp::client_options(settings.wechat)), api(settings.wechat, http, db) {
        if (!settings.wechat_enabled)
            throw config_error("wechat.enabled is false: there is no account to ask");
    }
    mp::http_client http;
    mp::api api;
};

int refuse(const char* command, const core::error& e) {
    std::string why = e.detail;
    for (const auto& [name, text] : e.args)
        why += " " + name + "=" + text;
    std::fprintf(stderr, "%s: %s\n", command, why.c_str());
    return 1;
}

void line(const char* what, std::int64_t n) {
    std::printf("%-34s %lld\n", what, static_cast<long long>(n));
}

void print(const account::follower_sync& s) {
    std::printf("%-34s %s\n", "list of", core::moment_text(s.begun_at).c_str());
    if (s.finished_at)
        std::printf("%-34s %s\n", "finished", core::moment_text(*s.finished_at).c_str());
    else
        std::printf("%-34s %s%s%s\n", "under way, at", std::string(code_of(s.stage)).c_str(),
                    s.trouble.empty() ? "" : "; stands still: ", s.trouble.c_str());
    line("followers by WeChat's count", s.total);
    line("in its list", s.seen);
    line("new to us", s.added);
    line("back again", s.returned);
    line("left unnoticed, bindings undone", s.gone);
    line("unionid and scene fetched", s.detailed);
    if (!s.complete)
        std::puts("The list is shorter than WeChat's count (people came while it was read), so nobody was "
                  "marked as\n"
                  "gone. The next one will.");
}

int sync(const arguments& a) {
    desk d(a);
    const auto done = mp::sync_followers(d.api, d.db, "command");
    if (!done) {
        std::fputs("followers sync: it stands still and goes on where it is: run it again, or wait for the "
                   "schedule\n",
                   stderr);
        return refuse("followers sync", done.error());
    }
    print(*done);
    return 0;
}

int status(const arguments& a) {
    opened_base base(a);
    base.db.read([](core::db::read_view& v) {
        const auto n = account::count_followers(v);
        line("following", n.following);
        line("left", n.left);
        line("WeChat users bound", n.bound);
        line("of them known not to follow", n.bound_outside);
        if (const auto last = account::find_last_sync(v))
            print(*last);
        else
            std::puts("no list has been fetched yet");
    });
    return 0;
}

void print(const notify::moved_openids& done) {
    line("people moved", done.people.people);
    line("bindings moved", done.people.bindings);
    line("sessions moved", done.people.sessions);
    line("staff tags moved", done.people.tags);
    line("waiting messages sent to new ones", done.messages);
    line("that follow what is on its way", done.later);
    for (const auto& openid : done.people.conflicts)
        std::printf("left as it is, its new openid is bound to another person: %s\n", openid.c_str());
}

// A dry run is the real one, undone: its figures are those that --yes will give.
core::result<notify::moved_openids> carry_out(core::db::database& db,
                                              const std::vector<account::openid_move>& moves, bool for_good) {
    std::optional<notify::moved_openids> done;
    const auto kept = db.write([&](core::db::write_tx& tx) -> core::result<> {
        auto moved = notify::move_openids(tx, by_command(), moves);
        if (!moved) return moved.error();
        done = *std::move(moved);
        if (!for_good) return core::error(core::errc::conflict);
        return {};
    });
    if (!kept && (for_good || !done)) return kept.error();
    return *std::move(done);
}

int move(const arguments& a) {
    desk d(a);
    const auto plan = mp::plan_move(d.api, d.db, a.text("from"));
    if (!plan) return refuse("followers move", plan.error());
    line("WeChat users with a new openid", static_cast<std::int64_t>(plan->moves.size()));
    line("without one, left as they are", static_cast<std::int64_t>(plan->unknown.size()));
    const bool for_good = a.flag("yes");
    const auto done = carry_out(d.db, plan->moves, for_good);
    if (!done) return refuse("followers move", done.error());
    print(*done);
    if (!for_good) std::puts("nothing was changed; --yes carries it out");
    return done->people.conflicts.empty() ? 0 : 1;
}

} // namespace

std::vector<command> follower_commands() {
    return {
        {"followers sync",
         "fetch from WeChat who follows, and mark those who left; goes on after a failure",
         {},
         sync},
        {"followers status", "how many follow and are bound, and what the last list brought", {}, status},
        {"followers move",
         "after the account has moved: give bindings and waiting messages the new openids that WeChat tells; "
         "without --yes a dry run",
         {{"from", takes::text, "AppID of the account before", true},
          {"yes", takes::flag, "carry it out, all in one transaction"}},
         move},
    };
}

} // namespace wechat::commands
