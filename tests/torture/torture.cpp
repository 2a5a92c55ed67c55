// Thousands of changes of filings, orders and companies while the process is killed -9 at random points and
// WeChat and an SMS gateway fail in every way they can. Afterwards each change was told once to each person
// it is for, by one of three channels, in order, none is lost, and whom no channel reached is on the list of
// people to phone (guarantees N1, N2, N4, N5, N6, N7, N9, N11, D1).
// usage: torture FOLDER SECONDS MOST_FAULTS_A_MESSAGE SEED   (FOLDER as made by scripts/dev-config)
#include "core/base/ids.hpp"
#include "core/base/log.hpp"
#include "core/base/value.hpp"
#include "tests/torture/count.hpp"
#include "tests/torture/life.hpp"
#include "tests/torture/receiver.hpp"
#include "tests/torture/setting.hpp"
#include "wechat/mp/http_client.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/caller.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/sandbox/routes.hpp"
#include "wechat/server/server.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>

namespace {

using namespace std::chrono_literals;
using namespace torture;
using clock_type = std::chrono::steady_clock;

constexpr int percent_of_calls = 25;
constexpr int long_run = 120; // seconds: then every verb was walked and every fault met

struct outside { // WeChat
    outside(const wechat::config& c, const core::clock& time, const std::vector<member>& members)
        : config(c), platform(account_of(c), time) {
        for (const auto& m : members) {
            if (platform.find_phone(openid_of(m.username))) continue;
            platform.add_phone(openid_of(m.username), m.username);
            platform.use([&](wechat::sandbox::state& its) {
                for (const auto& [kind, id] : c.wechat.subscription_ids)
                    its.find(openid_of(m.username))->subscriptions[id] = 1;
            });
        }
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
        for (const auto& [kind, id] : c.wechat.subscription_ids) {
            a.subscriptions[id].title = kind;
            a.subscriptions[id].long_term = true;
        }
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

// The child's log goes to a file: refusals for good are errors there, and meant.
pid_t begin(const char* program, const std::filesystem::path& folder, const char* how, std::uint64_t seed) {
    const std::string where = folder.string();
    const std::string dice = std::to_string(seed);
    const std::string log = (folder / "log").string();
    std::array<char*, 5> argv = {const_cast<char*>(program), const_cast<char*>(where.c_str()),
                                 const_cast<char*>(how), const_cast<char*>(dice.c_str()), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    pid_t child = 0;
    const int failed = posix_spawn(&child, program, &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) throw std::runtime_error("spawn");
    return child;
}

int end_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

template<class Map>
void print(const char* title, const Map& all) {
    std::printf("%s:", title);
    for (const auto& [name, n] : all)
        std::printf(" %s %d,", name.c_str(), n);
    std::printf("\n");
}

void report(tally& t, const sums& all, const outside& there, const receiver& gateway, bool is_long) {
    std::printf("%d changes, %d events; %d times a person was told, %d refused for good and listed, "
                "%d marked as possibly seen twice, %d failures of which no word came\n",
                all.changes, all.events, all.told, all.refused_for_good, all.marked_doubles,
                all.silent_failures);
    print("changes", all.by_verb);
    print("executed", all.by_channel);
    std::printf("second tries recognised by their id: %lld by WeChat, %d by the gateway\n",
                static_cast<long long>(there.platform.duplicates()), gateway.second_tries());
    auto struck = there.platform.random().struck();
    for (const auto& [name, n] : gateway.struck())
        struck[name] = n;
    print("faults met", struck);
    t.expect(all.changes > 0 && all.told > 0, "nothing was changed or nobody told: nothing is proved");
    if (!is_long) return;
    for (const auto& [verb, n] : all.by_verb)
        t.expect(n > 0, "never walked: " + verb);
    for (const auto* channel : {"template", "subscription", "webhook"})
        t.expect(all.by_channel.contains(channel), std::string("never used: ") + channel);
    for (const auto& [name, n] : struck)
        t.expect(n > 0, "never met: " + name);
}

int torment(const char* program, const std::filesystem::path& folder, int seconds, int most_faults,
            std::uint64_t seed) {
    core::log::set_level(core::log::level::error);
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 dice(seed);
    const auto c = load(folder);
    prepare(c);
    tally t;
    const auto before = t.now(c);
    const core::machine_clock time;
    std::vector<member> members;
    {
        core::db::database db(options_of(c), time);
        members = db.read([](core::db::read_view& v) { return list_members(v); });
    }
    outside there(c, time, members);
    receiver gateway(c.https, time);
    keep_receiver_port(folder, gateway.port());
    there.platform.random().set(percent_of_calls, most_faults, std::mt19937_64(dice()));
    gateway.set_chaos(percent_of_calls, most_faults, dice());
    int kills = 0;
    for (const auto end = clock_type::now() + std::chrono::seconds(seconds); clock_type::now() < end;) {
        const pid_t child = begin(program, folder, "live", dice());
        std::this_thread::sleep_for(std::chrono::milliseconds(400 + static_cast<int>(dice() % 2000)));
        kill(child, SIGKILL);
        const int status = end_of(child);
        t.expect(status == 128 + SIGKILL, "the program ended by itself with " + std::to_string(status));
        if (status != 128 + SIGKILL) break;
        ++kills;
    }
    there.platform.random().set(0, 0, {}); // what is left is told to a world that works again
    gateway.set_chaos(0, 0, 0);
    const auto begun = clock_type::now();
    const int status = end_of(begin(program, folder, "finish", dice()));
    t.expect(status == 0, "the last run ended with " + std::to_string(status));
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(clock_type::now() - begun);
    std::printf("%d times kill -9; the rest was told within %lld s\n", kills,
                static_cast<long long>(took.count()));
    const auto sent = there.platform.sent();
    const auto all = t.count(c, before, {&sent, gateway.executed()}, folder / "acknowledged");
    report(t, all, there, gateway, seconds >= long_run);
    std::printf("%d passed, %d failed\n", t.wrong() == 0 ? 1 : 0, t.wrong());
    return t.wrong() == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    if (argc < 3) return 2;
    const std::filesystem::path folder = argv[1];
    const std::string how = argv[2];
    try {
        if (how == "live" || how == "finish")
            return live(folder, how == "live", std::strtoull(argc > 3 ? argv[3] : "0", nullptr, 10));
        const std::uint64_t any =
            (std::uint64_t{core::random_below(1u << 31)} << 31) + core::random_below(1u << 31);
        return torment(argv[0], folder, std::atoi(argv[2]), argc > 3 ? std::atoi(argv[3]) : 3,
                       argc > 4 ? std::strtoull(argv[4], nullptr, 10) : any);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "torture: %s\n", e.what());
        return 1;
    }
}
