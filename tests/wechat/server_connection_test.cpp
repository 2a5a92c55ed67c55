#include "tests/wechat/server_support.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <thread>

namespace {

using namespace tests;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

const std::string get = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

bool is_served(web_client c) {
    if (!c.connected() || !c.send(get)) return false;
    const auto answer = c.read();
    return answer && answer->body == "hello";
}

// How long until the server ends this connection without a word of HTTP.
std::chrono::milliseconds time_to_end(web_client& c) {
    const auto begun = steady::now();
    CHECK(c.closes());
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begun);
}

TEST_CASE("W1 a client that never shakes hands is let go") {
    const test_server s;
    auto c = s.client({.handshake = false});
    const auto took = time_to_end(c);
    CHECK(took >= 150ms);
    CHECK(took < 3s);
}

TEST_CASE("W1 a header has its time as a whole: a byte now and then does not renew it") {
    const test_server s([](wechat::server_options& o) { o.limits.idle = 10s; }, false);
    auto c = s.plain();
    const auto begun = steady::now();
    while (steady::now() - begun < 5s && c.send("G") && c.stays_quiet(20ms)) {
    }
    CHECK(c.closes());
    CHECK(steady::now() - begun < 3s);
}

TEST_CASE("W1 half a header, a silent new connection and an idle kept one end in their times") {
    const test_server s([](wechat::server_options& o) { o.limits.idle = 1500ms; });
    auto half = s.client();
    half.send("GET /hello HTTP/1.1\r\nHo");
    auto silent = s.client();
    auto idle = s.client();
    idle.send(get);
    CHECK(idle.read()->status == 200);
    const auto begun = steady::now();
    CHECK(time_to_end(half) < 3s);
    CHECK(time_to_end(silent) < 3s);
    CHECK(steady::now() - begun < 1400ms); // the header's 200 ms, not the idle ones
    CHECK(time_to_end(idle) < 3s);
    CHECK(idle.said_goodbye());
    CHECK(silent.said_goodbye());
}

TEST_CASE("W1 a body slower than the least rate is cut; one that keeps it may take long") {
    const test_server s([](wechat::server_options& o) { o.limits.body_bytes_per_second = 10'000; });
    auto slow = s.client();
    slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n123");
    CHECK(time_to_end(slow) < 3s);
    auto steady_one = s.client();
    steady_one.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8000\r\n\r\n");
    for (int i = 0; i < 8; ++i) { // 0.4 s in all, more than the grace
        REQUIRE(steady_one.send(std::string(1000, 'x')));
        if (i < 7) REQUIRE(steady_one.stays_quiet(50ms));
    }
    CHECK(steady_one.read()->body.size() == 8000);
}

TEST_CASE("W1 a client that does not read is let go") {
    const test_server s({}, false);
    auto c = s.plain({.receive_buffer = 4096});
    c.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto until = steady::now() + 5s;
    while ((s->count().requests == 0 || s->count().connections_open > 0) && steady::now() < until)
        std::this_thread::yield();
    CHECK(s->count().requests == 1);
    CHECK(s->count().connections_open == 0);
    CHECK(c.read_rest().size() < 16u * 1024 * 1024);
}

TEST_CASE("W1 a new client is served within a second beside hundreds of slow and silent ones") {
    const test_server s([](wechat::server_options& o) {
        o.limits = wechat::server_limits();
        o.limits.connections_per_address = 1000;
    });
    std::vector<web_client> slow;
    for (int i = 0; i < 400; ++i) {
        const bool silent = i % 4 != 0; // half a handshake costs nothing to send
        slow.push_back(s.client({.handshake = !silent}));
        if (!silent) slow.back().send("GET /hello HTTP/1.1\r\nX: ");
    }
    const auto begun = steady::now();
    CHECK(is_served(s.client()));
    CHECK(steady::now() - begun < 1s);
    for (auto& c : slow) // half-open: gone without a word
        c.close();
    CHECK(is_served(s.client()));
}

TEST_CASE("Connections have a limit in all and per address; the next client is served when one leaves") {
    const test_server s([](wechat::server_options& o) {
        o.limits.connections = 4;
        o.limits.connections_per_address = 2;
        o.limits.idle = o.limits.header = 10s;
    });
    auto a = s.client();
    auto b = s.client();
    REQUIRE(b.connected());
    CHECK_FALSE(s.client().connected());
    auto c = s.client({.from = "127.0.0.2"});
    auto d = s.client({.from = "127.0.0.2"});
    REQUIRE(d.connected());
    CHECK_FALSE(s.client({.from = "127.0.0.3"}).connected());
    CHECK(s->count().refused == 2);
    a.close();
    const auto until = steady::now() + 5s;
    while (s->count().connections_open > 3 && steady::now() < until)
        std::this_thread::yield();
    CHECK(is_served(s.client({.from = "127.0.0.3"})));
}

TEST_CASE("Connections of a listed proxy are not counted against one address") {
    const test_server s(
        [](wechat::server_options& o) {
            o.limits.connections_per_address = 1;
            o.listeners[0].trusted_proxies = {"127.0.0.0/8"};
        },
        false);
    auto a = s.plain();
    auto b = s.plain();
    a.send(get);
    b.send(get);
    CHECK(a.read()->status == 200);
    CHECK(b.read()->status == 200);
}

TEST_CASE("S10 TLS 1.2 and 1.3 are spoken, older ones not; ALPN gives http/1.1") {
    const test_server s;
    CHECK(s.client({.lowest = 0x0304, .highest = 0x0304}).tls_version() == "TLSv1.3");
    CHECK(s.client({.lowest = 0x0303, .highest = 0x0303}).tls_version() == "TLSv1.2");
    CHECK(is_served(s.client({.lowest = 0x0303, .highest = 0x0303})));
    CHECK_FALSE(s.client({.lowest = 0x0302, .highest = 0x0302}).connected());
    CHECK_FALSE(s.client({.lowest = 0x0301, .highest = 0x0301}).connected());
    CHECK(s.client({.alpn = "h2,http/1.1"}).chosen_protocol() == "http/1.1");
    CHECK(s.client({.alpn = "h2"}).chosen_protocol().empty());
    CHECK(is_served(s.client({.alpn = "h2,http/1.1"})));
}

TEST_CASE("Plain HTTP to the TLS port is closed, and the server goes on") {
    const test_server s;
    auto c = s.plain();
    c.send(get);
    c.read_rest();
    CHECK(is_served(s.client()));
}

TEST_CASE("A new certificate serves new connections, old ones go on; a bad one changes nothing") {
    test_server s([](wechat::server_options& o) { o.limits.idle = o.limits.header = 10s; });
    const captured_log log;
    auto old = s.client();
    CHECK(old.certificate_name() == "first.test");
    make_certificate(s.folder.path(), "second.test");
    s->reload_certificates();
    std::string name;
    for (int i = 0; i < 200 && name != "second.test"; ++i) // taken over by the io thread
        name = s.client().certificate_name();
    CHECK(name == "second.test");
    CHECK(is_served(std::move(old)));

    std::ofstream(s.certificate.certificate) << "no certificate";
    s->reload_certificates();
    CHECK(s.client().certificate_name() == "second.test");
    const temp_folder other; // a key that does not belong to the certificate
    const auto foreign = make_certificate(other.path(), "third.test");
    std::filesystem::copy_file(foreign.certificate, s.certificate.certificate,
                               std::filesystem::copy_options::overwrite_existing);
    s->reload_certificates();
    CHECK(s.client().certificate_name() == "second.test");
    CHECK(is_served(s.client()));
    const auto lines = log.lines();
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("certificate reloaded") != std::string::npos);
    CHECK(lines[1].find("the old one stays") != std::string::npos);
    CHECK(lines[2].find("the old one stays") != std::string::npos);
}

TEST_CASE("A server that cannot listen says where and what to do") {
    const test_server first;
    const auto start_second = [&] {
        const test_server second([&](wechat::server_options& o) { o.listeners[0].port = first.port(); });
    };
    CHECK_THROWS_WITH_AS(start_second(), doctest::Contains("set another port"), std::runtime_error);
    const auto no_certificate = [] {
        const test_server s([](wechat::server_options& o) { o.listeners[0].certificate = "/nowhere.pem"; });
    };
    CHECK_THROWS_WITH_AS(no_certificate(), doctest::Contains("/nowhere.pem"), std::runtime_error);
    const auto no_address = [] {
        const test_server s([](wechat::server_options& o) { o.listeners[0].address = "here"; });
    };
    CHECK_THROWS_WITH_AS(no_address(), doctest::Contains("'here' is no address"), std::runtime_error);
    const auto bad_proxy = [] {
        const test_server s(
            [](wechat::server_options& o) { o.listeners[0].trusted_proxies = {"10.0.0.0/99"}; });
    };
    CHECK_THROWS_WITH_AS(bad_proxy(), doctest::Contains("10.0.0.0/99"), std::runtime_error);
}

TEST_CASE("D8 a graceful stop finishes what is in flight, ends the idle at once, takes nothing new") {
    test_server s([](wechat::server_options& o) {
        o.limits.idle = o.limits.header = o.limits.answer = 10s;
        o.limits.stop = 5s;
    });
    auto idle = s.client();
    idle.send(get);
    CHECK(idle.read()->status == 200);
    auto busy = s.client();
    busy.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
    held().wait_for(1);
    const auto port = s.port();
    std::jthread stopping([&] { s->stop(); });
    CHECK(idle.closes());
    CHECK(idle.said_goodbye());
    CHECK_FALSE(web_client({.port = port}).connected());
    held().release("finished");
    const auto answer = busy.read();
    REQUIRE(answer);
    CHECK(answer->body == "finished");
    CHECK(answer->header("connection") == "close");
    CHECK(busy.closes());
}

TEST_CASE("D8 a graceful stop leaves within its limit, whatever a handler does") {
    test_server s([](wechat::server_options& o) {
        o.limits.answer = 10s;
        o.limits.stop = 200ms;
    });
    auto stuck = s.client();
    stuck.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
    held().wait_for(1);
    auto shaking = s.client({.handshake = false});
    const auto begun = steady::now();
    s->stop();
    CHECK(steady::now() - begun < 2s);
    CHECK(stuck.closes());
    CHECK(shaking.closes());
    s->stop(); // a second time is nothing
}

TEST_CASE("The plain listener believes forwarded addresses and schemes of listed proxies only") {
    const test_server behind(
        [](wechat::server_options& o) { o.listeners[0].trusted_proxies = {"127.0.0.1"}; }, false);
    const auto ask = [&](const std::string& from, const std::string& lines) {
        auto c = behind.plain({.from = from});
        c.send("GET /address HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
        return c.read()->body;
    };
    CHECK(ask("127.0.0.1", "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n") ==
          "203.0.113.5 https");
    CHECK(ask("127.0.0.1", "") == "127.0.0.1 http");
    CHECK(ask("127.0.0.2", "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n") ==
          "127.0.0.2 http");
    // The proxy adds a line of its own: what the person wrote before it is not believed.
    CHECK(ask("127.0.0.1", "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.5\r\n") ==
          "203.0.113.5 http");
    const test_server direct({}, false);
    auto c = direct.plain();
    c.send("GET /address HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.5\r\n\r\n");
    CHECK(c.read()->body == "127.0.0.1 http");
}

} // namespace
