// The encrypted text query over keep-alive connections, HTTPS and HTTP, beside an empty echo route of the
// same server in the same run; and the stages alone, so that one sees where the time goes. Client and server
// share the machine: read ratios and CPU per request.
#include "wechat/mp/callback.hpp"
#include "core/account/demo.hpp"
#include "core/appointment/demo.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/log.hpp"
#include "core/db/migrate.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/signature.hpp"
#include "wechat/server/server.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using wechat::request;
using wechat::response;

constexpr int connections = 32;

void echo(request r, wechat::services&, wechat::answer_fn answer) {
    answer(wechat::text(std::move(r.body)));
}

// CPU seconds of every thread but the client's.
double server_cpu(const std::atomic<std::int64_t>& client_ns) {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    const auto seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(u.ru_utime) + seconds(u.ru_stime) - static_cast<double>(client_ns.load()) / 1e9;
}

std::int64_t thread_cpu_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// One keep-alive connection, driven without blocking by the client thread.
class connection {
  public:
    connection(std::uint16_t port, SSL_CTX* tls) {
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("connect");
        const int one = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (tls == nullptr) return;
        ssl_ = SSL_new(tls);
        SSL_set_fd(ssl_, fd_);
        if (SSL_connect(ssl_) != 1) throw std::runtime_error("TLS handshake");
    }
    ~connection() {
        if (ssl_ != nullptr) SSL_free(ssl_);
        close(fd_);
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    int fd() const { return fd_; }
    void send(const std::string& bytes) {
        begun = clock_type::now();
        const auto n = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                       : ::write(fd_, bytes.data(), bytes.size());
        if (n != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("short write");
    }
    // True when a whole answer is there.
    bool receive(bool& good) {
        std::array<char, 16384> part{};
        const auto n = ssl_ != nullptr ? SSL_read(ssl_, part.data(), part.size())
                                       : ::read(fd_, part.data(), part.size());
        if (n <= 0) throw std::runtime_error("the server closed");
        in_.append(part.data(), static_cast<std::size_t>(n));
        const auto end = in_.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        const auto at = in_.find("Content-Length: ");
        const auto length = static_cast<std::size_t>(std::atoll(in_.c_str() + at + 16));
        if (in_.size() < end + 4 + length) return false;
        good = in_.compare(9, 3, "200") == 0 && length > 7;
        in_.clear();
        return true;
    }
    clock_type::time_point begun;

  private:
    int fd_ = -1;
    SSL* ssl_ = nullptr;
    std::string in_;
};

struct figures {
    double per_second = 0, p50_ms = 0, p99_ms = 0, cpu_us = 0;
    long bad = 0;
};

template<class Next>
figures drive(std::uint16_t port, SSL_CTX* tls, Next next, std::chrono::milliseconds length) {
    figures f;
    std::atomic<std::int64_t> client_ns = 0;
    std::vector<double> latencies;
    const double cpu_before = server_cpu(client_ns);
    const auto begun = clock_type::now();
    std::thread client([&] {
        const std::int64_t mine = thread_cpu_ns();
        std::vector<std::unique_ptr<connection>> all;
        std::vector<pollfd> waits;
        for (int i = 0; i < connections; ++i) {
            all.push_back(std::make_unique<connection>(port, tls));
            waits.push_back({all.back()->fd(), POLLIN, 0});
            all.back()->send(next());
        }
        const auto until = clock_type::now() + length;
        int open = connections;
        while (open > 0) {
            poll(waits.data(), waits.size(), 1000);
            const bool over = clock_type::now() > until;
            for (std::size_t i = 0; i < waits.size(); ++i) {
                if ((waits[i].revents & POLLIN) == 0) continue;
                bool good = false;
                if (!all[i]->receive(good)) continue;
                latencies.push_back(
                    std::chrono::duration<double, std::milli>(clock_type::now() - all[i]->begun).count());
                f.bad += good ? 0 : 1;
                if (!over) {
                    all[i]->send(next());
                } else {
                    waits[i].fd = -1;
                    --open;
                }
            }
        }
        client_ns = thread_cpu_ns() - mine;
    });
    client.join();
    const double seconds = std::chrono::duration<double>(clock_type::now() - begun).count();
    const double cpu = server_cpu(client_ns) - cpu_before;
    std::sort(latencies.begin(), latencies.end());
    const auto n = latencies.size();
    f.per_second = static_cast<double>(n) / seconds;
    f.p50_ms = latencies[n / 2];
    f.p99_ms = latencies[n * 99 / 100];
    f.cpu_us = cpu / static_cast<double>(n) * 1e6;
    return f;
}

void print(const char* name, const figures& f) {
    std::printf("%-28s %8.0f req/s   p50 %6.2f ms   p99 %6.2f ms   %6.1f us CPU/req%s\n", name, f.per_second,
                f.p50_ms, f.p99_ms, f.cpu_us, f.bad > 0 ? "   WRONG ANSWERS" : "");
}

template<class F>
void stage(const char* name, F f) {
    for (int i = 0; i < 200; ++i)
        f();
    std::array<double, 9> rounds{};
    for (auto& r : rounds) {
        const auto begun = clock_type::now();
        for (int i = 0; i < 2000; ++i)
            f();
        r = std::chrono::duration<double, std::micro>(clock_type::now() - begun).count() / 2000;
    }
    std::sort(rounds.begin(), rounds.end());
    std::printf("  %-44s %6.2f us\n", name, rounds[4]);
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const auto length = std::chrono::milliseconds(argc > 2 ? std::atoi(argv[2]) * 1000 : 4000);
    core::log::set_level(core::log::level::error);
    const core::machine_clock time;
    const auto file = folder / "bench-callback.db";
    core::db::migrate(file, time);
    core::db::database::options options;
    options.file = file;
    options.readers = 4;
    options.key = core::vault::new_key();
    core::db::database db(options, time);
    core::demo::load(db).value();
    const std::string number = db.read([](core::db::read_view& v) {
        const auto who = core::account::acting_as(v, "chenzhiming");
        const std::array<std::int64_t, 1> company = {who.applicant_id};
        return core::appointment::list_latest(v, company, 1).front().number;
    });

    const core::template_set templates({});
    wechat::mp::settings settings;
    settings.appid = "wx0123456789abcdef";
    settings.original_id = "gh_0123456789ab";
    settings.token = "benchtoken";
    settings.encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    settings.public_url = "https://localhost";
    settings.freshness_seconds = 86400;
    const wechat::mp::callback callback(settings, templates);
    wechat::services s;
    s.time = &time;
    s.db = &db;
    s.wechat = &settings;
    s.callback = const_cast<wechat::mp::callback*>(&callback);

    wechat::route post_callback{.method = wechat::method::post,
                                .pattern = "/wx/callback",
                                .who = wechat::wechat_callback,
                                .async = wechat::mp::callback_post};
    wechat::route post_echo = post_callback;
    post_echo.pattern = "/echo";
    post_echo.async = echo;
    const std::array<wechat::route, 2> routes = {post_callback, post_echo};
    wechat::server_options o;
    for (const bool tls : {true, false}) {
        wechat::listen_options l;
        l.tls = tls;
        l.certificate = folder / "server.pem";
        l.key = folder / "server.key";
        o.listeners.push_back(l);
    }
    wechat::server server(o, routes, s, &db, time);
    server.start();

    const wechat::mp::message_crypto crypto(settings.encoding_aes_key, settings.appid);
    std::int64_t id = 6265774840459235675;
    const auto plain = [&] {
        ++id;
        return "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n<FromUserName><![CDATA[oBench" +
               std::to_string(id % 1000) + "]]></FromUserName>\n<CreateTime>" +
               std::to_string(core::to_ms(time.now()) / 1000) +
               "</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[" + number +
               "]]></Content>\n<MsgId>" + std::to_string(id) + "</MsgId>\n</xml>";
    };
    const auto callback_request = [&] {
        const std::string sealed = crypto.encrypt(plain());
        const std::string t = std::to_string(core::to_ms(time.now()) / 1000);
        const std::string body =
            "<xml>\n<ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n<Encrypt><![CDATA[" + sealed +
            "]]></Encrypt>\n</xml>";
        return "POST /wx/callback?signature=" + wechat::mp::sign({settings.token, t, "415670741"}) +
               "&timestamp=" + t + "&nonce=415670741&openid=oBench&encrypt_type=aes&msg_signature=" +
               wechat::mp::sign({settings.token, t, "415670741", sealed}) +
               " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    const std::string echo_request =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 522\r\n\r\n" +
        std::string(522, 'x');

    SSL_CTX* tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(tls, SSL_MODE_AUTO_RETRY);
    const std::uint16_t https = server.port(0);
    const std::uint16_t http = server.port(1);
    drive(
        https, tls, [&] { return echo_request; }, 500ms);
    std::printf("%d keep-alive connections, one client thread on the same machine\n", connections);
    const auto echo_tls = drive(
        https, tls, [&] { return echo_request; }, length);
    print("HTTPS echo (the ceiling)", echo_tls);
    const auto query_tls = drive(https, tls, callback_request, length);
    print("HTTPS encrypted text query", query_tls);
    const auto echo_plain = drive(
        http, nullptr, [&] { return echo_request; }, length);
    print("HTTP  echo", echo_plain);
    const auto query_plain = drive(http, nullptr, callback_request, length);
    print("HTTP  encrypted text query", query_plain);
    std::printf(
        "CPU per request, query to echo: %.1f over HTTPS, %.1f over HTTP (goal over HTTPS: at most 5)\n",
        query_tls.cpu_us / echo_tls.cpu_us, query_plain.cpu_us / echo_plain.cpu_us);

    std::puts("stages, one thread, nothing else running:");
    request r;
    r.method = wechat::method::post;
    const std::string sealed = crypto.encrypt(plain());
    const std::string t = std::to_string(core::to_ms(time.now()) / 1000);
    r.query.add("timestamp", t);
    r.query.add("nonce", "415670741");
    r.query.add("encrypt_type", "aes");
    r.query.add("msg_signature", wechat::mp::sign({settings.token, t, "415670741", sealed}));
    r.body = "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[" + sealed +
             "]]></Encrypt></xml>";
    auto proved = callback.accept(r, time.now());
    auto& accepted = std::get<wechat::mp::accepted>(proved);
    stage("accept: envelope, signature, AES, message", [&] { (void)callback.accept(r, time.now()); });
    std::string reply;
    stage("inbox, look-up, text, reply (no commit)", [&] {
        db.write([&](core::db::write_tx& tx) -> core::result<> {
              for (int i = 0; i < 20; ++i) {
                  accepted.what.msg_id = std::to_string(++id);
                  reply = callback.answer(tx, accepted).reply;
              }
              return core::error(core::errc::invalid); // undone: the commit is not part of this stage
          }).has_value();
    });
    std::puts("    (of 20 messages in one undone transaction)");
    stage("seal: AES, signature, envelope", [&] { (void)callback.seal(accepted, reply, time.now()); });
    stage("find_by_number", [&] {
        db.read(
            [&](core::db::read_view& v) { return core::appointment::find_by_number(v, number).has_value(); });
    });
    server.stop();
    SSL_CTX_free(tls);
}
