// Thousands of changes while the process is killed -9 at random points and WeChat misbehaves in every way the
// sandbox knows: errors, delays, answers lost before and after the work, receipts lost, early, late, doubled
// and without a number. Afterwards each change was executed exactly once for each bound person, none is lost,
// and each person saw them in order (guarantees N1, N2, N4, N5, N9, N11, D1). usage: torture FOLDER SECONDS
// MOST_FAULTS_A_MESSAGE   (FOLDER as made by scripts/dev-config)
#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/account/demo.hpp"
#include "core/appointment/demo.hpp"
#include "core/base/log.hpp"
#include "core/db/backup.hpp"
#include "core/db/migrate.hpp"
#include "core/journal/audit.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/config.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/callback.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/template_channel.hpp"
#include "wechat/routes.hpp"
#include "wechat/sandbox/caller.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/sandbox/routes.hpp"
#include "wechat/server/server.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using core::db::read_view;
using core::db::write_tx;
using clock_type = std::chrono::steady_clock;

const std::vector<std::string> people = {"chenzhiming", "huanglihua", "liangminyi",
                                         "zhouwei",     "wuhai",      "hejiaxin"};
std::string openid_of(const std::string& person) {
    return "oTorture_" + person;
}

wechat::config load(const std::filesystem::path& folder) {
    return wechat::load_config(folder / "qiangjian.toml", {}).values;
}

core::db::database::options options_of(const wechat::config& c) {
    core::db::database::options o;
    o.file = c.database_file();
    o.readers = 6;
    o.key = core::vault::read_key_file(c.key_file);
    return o;
}

// ---- the process that is killed: database, callback server, hub, and people who change things ----

class changer {
  public:
    changer(core::db::database& db, notify::hub& hub, const std::filesystem::path& log)
        : db_(&db), hub_(&hub),
          admin_(db.read([](read_view& v) { return core::account::acting_as(v, "admin"); })),
          log_(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

    // Suspends or resumes this company, and notes it as done when it is answered as done.
    void change(std::int64_t company) {
        bool suspended = false;
        const auto done = db_->write([&](write_tx& tx) -> core::result<> {
            const auto a = core::account::find_applicant(tx, company);
            suspended = a->status == "suspended";
            auto changed = suspended ? core::account::resume_applicant(tx, admin_, company)
                                     : core::account::suspend_applicant(tx, admin_, company, "试验");
            if (changed) tx.after_commit([this] { hub_->poke(); });
            return changed;
        });
        if (!done) return;
        const std::string line = std::to_string(company) + "\n";
        if (write(log_, line.data(), line.size()) < 0) std::_Exit(3);
    }

  private:
    core::db::database* db_;
    notify::hub* hub_;
    core::actor admin_;
    int log_;
};

std::vector<std::int64_t> companies_of(core::db::database& db) {
    return db.read([](read_view& v) {
        std::vector<std::int64_t> all;
        for (const auto r : v.query("SELECT DISTINCT applicant_id FROM binding ORDER BY applicant_id"))
            all.push_back(r.number(0));
        return all;
    });
}

bool is_quiet(core::db::database& db) {
    return db.read([](read_view& v) {
        return v.query_number("SELECT (SELECT count(*) FROM outbox_pending) + (SELECT count(*) FROM delivery "
                              "WHERE lane > 0)") == 0;
    });
}

// Works until killed, or without changes until nothing is left to do.
int live(const std::filesystem::path& folder, bool changing) {
    const auto c = load(folder);
    core::log::set_level(core::log::level::error);
    const core::machine_clock time;
    core::db::database db(options_of(c), time);
    const core::template_set templates({});
    const notify::message_book book(templates);
    wechat::mp::http_client http(wechat::mp::client_options(c.wechat));
    wechat::mp::api api(c.wechat, http, db);
    wechat::mp::callback callback(c.wechat, templates);
    wechat::mp::template_channel channel(api);
    notify::hub_settings unlimited;
    unlimited.per_day = 0;
    notify::hub hub(db, book, {&channel}, unlimited);
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
    if (changing) {
        changer who(db, hub, folder / "acknowledged");
        const auto companies = companies_of(db);
        std::vector<std::jthread> threads;
        for (std::size_t n = 0; n < companies.size(); ++n)
            threads.emplace_back([&, n] {
                for (;;) {
                    who.change(companies[n]);
                    std::this_thread::sleep_for(std::chrono::milliseconds(core::random_below(30)));
                }
            });
        threads.clear(); // never
    }
    while (!is_quiet(db))
        std::this_thread::sleep_for(50ms);
    hub_thread.request_stop();
    hub_thread.join();
    web.stop();
    return 0;
}

// ---- the world around it ----

void prepare(const wechat::config& c) {
    std::filesystem::create_directories(c.data_dir);
    core::vault::write_key_file(c.key_file, core::vault::new_key());
    const core::machine_clock time;
    core::db::migrate(c.database_file(), time);
    core::db::database db(options_of(c), time);
    core::demo::load(db).value();
    db.write([](write_tx& tx) -> core::result<> {
          for (const auto& p : people)
              core::account::bind_wechat(tx, core::account::acting_as(tx, p), openid_of(p), "").value();
          tx.exec("DELETE FROM outbox_pending"); // what the demo data tell is not counted here
          return {};
      }).value();
}

struct outside { // WeChat
    outside(const wechat::config& c, const core::clock& time) : config(c), platform(account_of(c), time) {
        for (const auto& p : people)
            platform.add_phone(openid_of(p), p);
        wechat::mp::http_client::options o;
        o.ca_file = c.sandbox_certificate_ca;
        o.total_timeout_ms = 5000;
        http = std::make_unique<wechat::mp::http_client>(o);
        caller =
            std::make_unique<wechat::sandbox::caller>(platform, c.wechat.public_url + c.callback_path, *http);
        s.time = &time;
        s.wechat = &config.wechat;
        s.platform = &platform;
        wechat::server_options so;
        wechat::listen_options l = c.https;
        l.address = "127.0.0.1";
        l.port = static_cast<std::uint16_t>(c.sandbox_port);
        so.listeners.push_back(l);
        so.task_threads = 16;
        so.log_requests = false;
        web = std::make_unique<wechat::server>(std::move(so), wechat::sandbox::routes(), s, nullptr, time);
        web->start();
        calling = std::jthread([this](const std::stop_token& stop) { caller->run(stop); });
    }
    ~outside() { web->stop(); }
    static wechat::sandbox::account account_of(const wechat::config& c) {
        wechat::sandbox::account a;
        a.appid = c.wechat.appid;
        a.original_id = c.wechat.original_id;
        a.secret = c.wechat.secret;
        a.keys = {c.wechat.token, c.wechat.encoding_aes_key, c.wechat.appid};
        for (const auto& [kind, id] : c.wechat.template_ids)
            a.templates[id].title = kind;
        return a;
    }
    wechat::config config;
    wechat::sandbox::platform platform;
    std::unique_ptr<wechat::mp::http_client> http;
    std::unique_ptr<wechat::sandbox::caller> caller;
    wechat::services s;
    std::unique_ptr<wechat::server> web;
    std::jthread calling;
};

pid_t begin(const char* program, const std::filesystem::path& folder, const char* how) {
    const std::string where = folder.string();
    std::vector<char*> argv = {const_cast<char*>(program), const_cast<char*>(where.c_str()),
                               const_cast<char*>(how), nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, program, nullptr, nullptr, argv.data(), environ) != 0)
        throw std::runtime_error("spawn");
    return child;
}

int end_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wrong = 0;
void expect(bool good, const std::string& what) {
    if (good) return;
    if (++wrong <= 20) std::printf("WRONG: %s\n", what.c_str());
}

struct told {
    std::int64_t outbox = 0, delivery = 0;
    bool may_repeat = false;
    std::string status;
};

void check(const wechat::config& c, const wechat::sandbox::platform& platform,
           const std::filesystem::path& acknowledged) {
    core::db::check_integrity(c.database_file());
    const core::machine_clock time;
    core::db::database db(options_of(c), time);
    expect(!db.read([](read_view& v) { return core::audit::find_broken(v); }), "the audit chain is broken");
    std::map<std::int64_t, int> answered; // changes answered as done, by company
    std::ifstream in(acknowledged);
    for (std::int64_t company = 0; in >> company;)
        ++answered[company];
    std::map<std::string, told> by_client_id; // openid/client_msg_id
    std::map<std::int64_t, std::map<std::string, int>> by_event;
    int changes = 0, events = 0;
    db.read([&](read_view& v) {
        for (const auto& [company, n] : answered) {
            const auto there = v.query_number(
                "SELECT count(*) FROM audit WHERE verb IN ('suspend', 'resume') AND subject_id = $1",
                company);
            const auto evented =
                v.query_number("SELECT count(*) FROM outbox WHERE kind IN ('applicant_suspended', "
                               "'applicant_resumed') AND applicant_id = $1",
                               company);
            expect(there >= n, "a change answered as done is lost");
            expect(there == evented, "a change without its event, or an event without its change");
            changes += static_cast<int>(there);
        }
        for (const auto r : v.query("SELECT d.address, d.client_msg_id, d.outbox_id, d.id, d.may_repeat, "
                                    "d.status FROM delivery d")) {
            by_client_id[r.text(0) + "/" + r.text(1)] = {r.number(2), r.number(3), r.flag(4), r.text(5)};
            ++by_event[r.number(2)][r.text(0)];
            expect(r.text(5) == "accepted" || r.text(5) == "delivered", "a delivery ended as " + r.text(5));
        }
        for (const auto r : v.query("SELECT id, applicant_id FROM outbox WHERE kind IN "
                                    "('applicant_suspended', 'applicant_resumed')")) {
            ++events;
            const auto bound = static_cast<std::size_t>(
                v.query_number("SELECT count(*) FROM binding WHERE applicant_id = $1", r.number(1)));
            const auto at = by_event.find(r.number(0));
            expect(at != by_event.end() && at->second.size() == bound,
                   "an event was not told to everybody bound");
        }
        return 0;
    });
    std::map<std::string, int> executed;
    std::map<std::string, std::int64_t> last;
    int messages = 0;
    const auto sent = platform.sent();
    for (const auto& m : *sent.as_list()) {
        ++messages;
        const std::string key = m.text("openid") + "/" + m.text("client_msg_id");
        expect(++executed[key] == 1, "executed twice: " + key);
        const auto at = by_client_id.find(key);
        expect(at != by_client_id.end(), "executed, but not ours: " + key);
        if (at == by_client_id.end()) continue;
        expect(at->second.outbox > last[m.text("openid")], "out of order: " + key);
        last[m.text("openid")] = at->second.outbox;
    }
    for (const auto& [key, t] : by_client_id)
        expect(executed.contains(key), "never executed: " + key);
    std::printf("%d changes, %d events, %d messages executed, %lld second tries that WeChat recognised\n",
                changes, events, messages, static_cast<long long>(platform.duplicates()));
}

int torture(const char* program, const std::filesystem::path& folder, int seconds, int most_faults) {
    core::log::set_level(core::log::level::error);
    const auto c = load(folder);
    prepare(c);
    const core::machine_clock time;
    outside wechat_side(c, time);
    wechat_side.platform.faults().set_chaos(25, most_faults);
    int kills = 0;
    for (const auto end = clock_type::now() + std::chrono::seconds(seconds); clock_type::now() < end;) {
        const pid_t child = begin(program, folder, "live");
        std::this_thread::sleep_for(std::chrono::milliseconds(300 + core::random_below(1700)));
        kill(child, SIGKILL);
        const int status = end_of(child);
        expect(status == 128 + SIGKILL, "the program ended by itself with " + std::to_string(status));
        if (status != 128 + SIGKILL) break;
        ++kills;
    }
    wechat_side.platform.faults().set_chaos(0, 0); // what is left is told to a WeChat that works again
    const auto begun = clock_type::now();
    const int status = end_of(begin(program, folder, "finish"));
    expect(status == 0, "the last run ended with " + std::to_string(status));
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(clock_type::now() - begun);
    std::printf("%d times kill -9; the rest was told within %lld s\n", kills,
                static_cast<long long>(took.count()));
    check(c, wechat_side.platform, folder / "acknowledged");
    std::printf("%d passed, %d failed\n", wrong == 0 ? 1 : 0, wrong);
    return wrong == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    if (argc < 3) return 2;
    const std::filesystem::path folder = argv[1];
    const std::string how = argv[2];
    try {
        if (how == "live" || how == "finish") return live(folder, how == "live");
        return torture(argv[0], folder, std::atoi(argv[2]), argc > 3 ? std::atoi(argv[3]) : 3);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "torture: %s\n", e.what());
        return 1;
    }
}
