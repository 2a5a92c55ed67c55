// The notification hub against a local HTTPS receiver in a process of its own: messages a second and our CPU
// for each, bookkeeping included; the share of connections ÷ latency when answers take 100 ms; changes of
// status while 100,000 reminders are fanned out and sent. The receiver shares the machine.
#include "core/appointment/demo.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/db/migrate.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/template_channel.hpp"
#include "wechat/server/server.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using core::db::read_view;
using core::db::write_tx;

// ---- the receiver: a process that answers every send, at once or after a while ----

std::atomic<std::int64_t> receiver_msgid{3487542469355618313};
std::chrono::milliseconds receiver_latency{0};
struct late {
    clock_type::time_point due;
    wechat::answer_fn answer;
};
std::mutex late_guard;
std::deque<late> late_answers;

wechat::response accepted() {
    return wechat::json("{\"errcode\":0,\"errmsg\":\"ok\",\"msgid\":" + std::to_string(++receiver_msgid) +
                        "}");
}

void send_template(wechat::request, wechat::services&, wechat::answer_fn answer) {
    if (receiver_latency == 0ms) return answer(accepted());
    const std::lock_guard<std::mutex> hold(late_guard);
    late_answers.push_back({clock_type::now() + receiver_latency, std::move(answer)});
}

void stable_token(wechat::request, wechat::services&, wechat::answer_fn answer) {
    answer(wechat::json("{\"access_token\":\"bench\",\"expires_in\":7200}"));
}

void answer_late_ones() {
    for (;;) {
        std::this_thread::sleep_for(1ms);
        std::vector<late> due;
        {
            const std::lock_guard<std::mutex> hold(late_guard);
            while (!late_answers.empty() && late_answers.front().due <= clock_type::now()) {
                due.push_back(std::move(late_answers.front()));
                late_answers.pop_front();
            }
        }
        for (auto& l : due)
            l.answer(accepted());
    }
}

[[noreturn]] void receive(const std::filesystem::path& folder, int tell_port) {
    const core::machine_clock time;
    wechat::services s;
    s.time = &time;
    wechat::route send{.method = wechat::method::post,
                       .pattern = "/cgi-bin/message/template/send",
                       .who = wechat::wechat_callback,
                       .async = send_template};
    wechat::route token = send;
    token.pattern = "/cgi-bin/stable_token";
    token.async = stable_token;
    const std::array<wechat::route, 2> routes = {send, token};
    wechat::server_options o;
    wechat::listen_options l;
    l.certificate = folder / "server.pem";
    l.key = folder / "server.key";
    o.listeners.push_back(l);
    o.log_requests = false;
    wechat::server server(o, routes, s, nullptr, time);
    server.start();
    const std::uint16_t port = server.port(0);
    if (write(tell_port, &port, sizeof port) != sizeof port) std::_Exit(1);
    answer_late_ones();
    std::_Exit(0);
}

struct receiver {
    receiver(const std::filesystem::path& folder, std::chrono::milliseconds latency) {
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) throw std::runtime_error("pipe");
        process = fork();
        if (process == 0) {
            receiver_latency = latency;
            receive(folder, ends[1]);
        }
        if (read(ends[0], &port, sizeof port) != sizeof port) throw std::runtime_error("no receiver");
    }
    ~receiver() {
        kill(process, SIGKILL);
        waitpid(process, nullptr, 0);
    }
    pid_t process = 0;
    std::uint16_t port = 0;
};

// ---- the sender ----

double own_cpu() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    const auto seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

class site {
  public:
    site(const std::filesystem::path& folder, const receiver& to, const char* name)
        : file(folder / (std::string("push-") + name + ".db")), templates({}), book(templates) {
        core::db::migrate(file, time);
        core::db::database::options o;
        o.file = file;
        o.readers = 4;
        o.key = core::vault::new_key();
        db = std::make_unique<core::db::database>(o, time);
        core::demo::load(*db).value();
        db->write([](write_tx& tx) -> core::result<> {
              tx.exec("DELETE FROM outbox_pending");
              return {};
          }).value();
        settings.appid = "wx0123456789abcdef";
        settings.secret = "bench";
        settings.public_url = "https://localhost";
        settings.api_base = "https://localhost:" + std::to_string(to.port);
        settings.ca_file = folder / "ca.pem";
        for (const auto& k : core::outbox::kinds)
            settings.template_ids[std::string(k.name)] = "bench-" + std::string(k.name);
        wechat::mp::http_client::options h;
        h.ca_file = settings.ca_file;
        http = std::make_unique<wechat::mp::http_client>(h);
        api = std::make_unique<wechat::mp::api>(settings, *http, *db);
        channel = std::make_unique<wechat::mp::template_channel>(*api);
        notify::hub_settings unlimited;
        unlimited.per_day = 0;
        hub =
            std::make_unique<notify::hub>(*db, book, std::vector<notify::channel*>{channel.get()}, unlimited);
    }
    ~site() {
        stop();
        db.reset();
        for (const char* tail : {"", "-wal", "-shm", ".lock"})
            std::filesystem::remove(file.string() + tail);
    }
    void start() {
        runner = std::jthread([this](const std::stop_token& s) { hub->run(s); });
    }
    void stop() {
        if (!runner.joinable()) return;
        runner.request_stop();
        runner.join();
    }
    std::int64_t count(const char* sql) {
        return db->read([&](read_view& v) { return v.query_number(sql); });
    }
    // `people` companies like the first, each with one bound phone.
    void add_companies(int people) {
        db->write([&](write_tx& tx) -> core::result<> {
              tx.exec("CREATE TEMP TABLE one AS SELECT * FROM applicant ORDER BY id LIMIT 1");
              const auto login = tx.query_number("SELECT min(id) FROM login");
              for (int n = 0; n < people; ++n) {
                  const auto id = tx.new_id();
                  tx.exec("UPDATE one SET id = $1, uscc = $2", id,
                          "B" + std::to_string(10000000000000000 + n));
                  tx.exec("INSERT INTO applicant SELECT * FROM one");
                  tx.exec(
                      "INSERT INTO binding (id, openid, login_id, applicant_id, bound_at, union_asked_at) "
                      "VALUES ($1, $2, $3, $4, 0, 0)",
                      tx.new_id(), "oBench_" + std::to_string(n), login, id);
                  tx.exec("INSERT INTO applicant_member (applicant_id, login_id, roles) VALUES ($1, $2, 1)",
                          id,
                          login); // asked at the claim
                  companies.push_back(id);
              }
              tx.exec("DROP TABLE one");
              return {};
          }).value();
    }
    void append(write_tx& tx, std::string_view kind, std::int64_t company) {
        core::value f = core::value::object();
        f.set("number", "261148273058").set("institution", "佛山市质量计量监督检测中心").set("order_id", "1");
        f.set("date", "2026-11-25").set("from", "10:00").set("to", "11:30").set("address", "示例路 8 号");
        f.set("applicant", "示例制造有限公司").set("items", "压力表 5 台件").set("due", "2026-12-24");
        f.set("days", 30).set("pieces", 5);
        core::outbox::append(tx,
                             {.kind = kind, .subject_kind = "order", .applicant_id = company, .facts = f});
    }
    void append_to_all(std::string_view kind) {
        db->write([&](write_tx& tx) -> core::result<> {
              for (const auto c : companies)
                  append(tx, kind, c);
              return {};
          }).value();
    }

    core::machine_clock time;
    std::filesystem::path file;
    core::template_set templates;
    notify::message_book book;
    wechat::mp::settings settings;
    std::unique_ptr<core::db::database> db;
    std::unique_ptr<wechat::mp::http_client> http;
    std::unique_ptr<wechat::mp::api> api;
    std::unique_ptr<wechat::mp::template_channel> channel;
    std::unique_ptr<notify::hub> hub;
    std::vector<std::int64_t> companies;
    std::jthread runner;
};

constexpr const char* not_accepted = "SELECT count(*) FROM delivery WHERE status <> 'accepted'";

void fan_out_only(site& s) { // everything queued before the clock starts
    const notify::preferences prefs;
    std::vector<notify::channel*> channels{s.channel.get()};
    notify::fanout f(*s.db, s.book, channels, prefs);
    while (f.run_once() > 0) {
    }
}

double drain(site& s, std::int64_t messages) { // seconds
    const auto begun = clock_type::now();
    s.start();
    while (s.count("SELECT count(*) FROM delivery WHERE lane > 0") > 0)
        std::this_thread::sleep_for(20ms);
    const double took = std::chrono::duration<double>(clock_type::now() - begun).count();
    s.stop();
    if (s.count(not_accepted) != 0 || s.count("SELECT count(*) FROM delivery") != messages) {
        std::puts("WRONG: not every message was accepted");
        std::exit(1);
    }
    return took;
}

void at_once(const std::filesystem::path& folder, int messages) {
    const receiver to(folder, 0ms);
    site s(folder, to, "at-once");
    s.add_companies(messages);
    s.append_to_all("order_confirmed");
    fan_out_only(s);
    const double before = own_cpu();
    const double took = drain(s, messages);
    std::printf(
        "answers at once        %7d messages  %7.0f messages/s  %6.1f us of our CPU each (goals 10000, 80)\n",
        messages, messages / took, (own_cpu() - before) / messages * 1e6);
}

void with_latency(const std::filesystem::path& folder, int messages) {
    constexpr auto latency = 100ms;
    const receiver to(folder, latency);
    site s(folder, to, "latency");
    s.add_companies(messages);
    s.append_to_all("order_confirmed");
    fan_out_only(s);
    const double took = drain(s, messages);
    const double ceiling = static_cast<double>(s.http->connections()) / 0.1;
    std::printf("answers after 100 ms   %7d messages  %7.0f messages/s  %6.1f %% of connections / latency "
                "(goal 90)\n",
                messages, messages / took, 100.0 * messages / took / ceiling);
}

void overtaking(const std::filesystem::path& folder, int reminders) {
    const receiver to(folder, 0ms);
    site s(folder, to, "overtaking");
    s.add_companies(reminders);
    s.append_to_all("certificates_due");
    const auto begun = clock_type::now();
    s.start();
    double fanned_out = 0;
    std::size_t changes = 0;
    while (s.count("SELECT count(*) FROM delivery WHERE lane > 0") > 0 || fanned_out == 0) {
        s.db->write([&](write_tx& tx) -> core::result<> {
                s.append(tx, "order_confirmed", s.companies[changes++ * 7919 % s.companies.size()]);
                tx.after_commit([&] { s.hub->poke(); });
                return {};
            })
            .value();
        std::this_thread::sleep_for(25ms);
        if (fanned_out == 0 && s.count("SELECT count(*) FROM outbox_pending WHERE urgency = 2") == 0)
            fanned_out = std::chrono::duration<double>(clock_type::now() - begun).count();
    }
    s.stop();
    std::vector<std::int64_t> waits;
    s.db->read([&](read_view& v) {
        for (const auto r :
             v.query("SELECT d.status_at - o.at FROM delivery d JOIN outbox o ON o.id = d.outbox_id "
                     "WHERE d.urgency = 1 AND d.status = 'accepted'"))
            waits.push_back(r.number(0));
        return 0;
    });
    std::sort(waits.begin(), waits.end());
    std::printf("%d reminders fanned out in %.1f s (goal 60), all sent in %.1f s; meanwhile %zu changes of "
                "status, commit to "
                "accepted: p50 %lld ms, p99 %lld ms (goal 1000)\n",
                reminders, fanned_out, std::chrono::duration<double>(clock_type::now() - begun).count(),
                waits.size(), static_cast<long long>(waits[waits.size() / 2]),
                static_cast<long long>(waits[waits.size() * 99 / 100]));
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const int scale = argc > 2 ? std::max(1, std::atoi(argv[2])) : 1; // 10: a tenth of the messages
    std::signal(SIGPIPE, SIG_IGN);
    core::log::set_level(core::log::level::error);
    at_once(folder, 20000 / scale);
    with_latency(folder, 3000 / scale);
    overtaking(folder, 100000 / scale);
}
