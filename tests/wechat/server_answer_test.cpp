#include "core/base/json.hpp"
#include "tests/wechat/server_support.hpp"
#include "wechat/server/address.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <latch>
#include <set>
#include <thread>

namespace {

using namespace tests;
using namespace std::chrono_literals;

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

void logging(wechat::server_options& o) {
    o.log_requests = true;
}

TEST_CASE("A handler that never answers gets the route's late answer, with all headers and one log line") {
    const captured_log log;
    const test_server s(logging);
    auto c = s.client();
    c.send(get("/never"));
    const auto answer = c.read();
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "late");
    CHECK(answer->header("strict-transport-security") == "max-age=31536000");
    CHECK(answer->header("x-request-id").size() == 12);
    CHECK(log.wait_for(1).size() == 1);
}

TEST_CASE("An answer that comes too late is not taken for the next request's, nor logged a second time") {
    const captured_log log;
    const test_server s(logging);
    auto c = s.client();
    c.send(get("/held-short"));
    held().wait_for(1);
    CHECK(c.read()->body == "late");
    c.send(get("/held"));
    held().wait_for(2);
    {
        const std::lock_guard<std::mutex> lock(held().guard);
        held().waiting.front()(wechat::text("of the first request"));
        held().waiting.erase(held().waiting.begin());
    }
    held().release("of the second request");
    CHECK(c.read()->body == "of the second request");
    CHECK(log.wait_for(2).size() == 2);
}

TEST_CASE("A handler that outlasts the server's patience: 503, and the result is said to be unknown") {
    const test_server s([](wechat::server_options& o) { o.limits.answer = 50ms; });
    auto c = s.client();
    c.send(get("/held"));
    const auto answer = c.read();
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->body.find(answer->header("x-request-id")) != std::string::npos);
    c.send(get("/hello"));
    CHECK(c.read()->body == "hello");
}

TEST_CASE("A full queue is answered with 503 and Retry-After at once, and the queue goes on") {
    static std::latch* gate = nullptr;
    static std::atomic<int> running = 0;
    static constexpr auto slow = std::to_array<wechat::route>({
        wechat::get_task("/slow", wechat::anyone,
                         [](const wechat::request&, wechat::services&) -> core::result<wechat::response> {
                             ++running;
                             gate->wait();
                             return wechat::text("done");
                         }),
    });
    std::latch released(1);
    gate = &released;
    running = 0;
    wechat::services nothing;
    const core::machine_clock time;
    wechat::server_options o;
    wechat::listen_options l;
    l.tls = false;
    o.listeners.push_back(l);
    o.limits.queued_requests = 2;
    o.task_threads = 1;
    o.log_requests = false;
    wechat::server s(o, slow, nothing, nullptr, time);
    s.start();
    std::vector<web_client> clients;
    const auto ask = [&] {
        clients.emplace_back(web_client::options{.port = s.port(), .tls = false});
        clients.back().send(get("/slow"));
    };
    ask();
    while (running == 0)
        std::this_thread::yield();
    ask(); // two more wait
    ask();
    int refused = 0;
    for (int i = 0; i < 3; ++i) { // which of the waiting ones came first is not known
        ask();
    }
    for (auto& c : clients) {
        if (&c != &clients[3] && &c != &clients[4] && &c != &clients[5]) continue;
        const auto answer = c.read();
        REQUIRE(answer);
        refused += answer->status == 503 && answer->header("retry-after") == "5" ? 1 : 0;
        CHECK(answer->header("x-content-type-options") == "nosniff");
    }
    CHECK(refused == 3);
    released.count_down();
    for (int i = 0; i < 3; ++i)
        CHECK(clients[static_cast<std::size_t>(i)].read()->body == "done");
}

TEST_CASE(
    "W4 tasks that wait for others' servers hold up only each other; more than may wait get 503 at once") {
    static std::latch* gate = nullptr;
    static std::atomic<int> running = 0;
    static constexpr auto table = std::to_array<wechat::route>({
        wechat::waiting_outside(
            wechat::get_task("/outside", wechat::anyone,
                             [](const wechat::request&, wechat::services&) -> core::result<wechat::response> {
                                 ++running;
                                 gate->wait();
                                 return wechat::text("done");
                             })),
        wechat::get_task("/own", wechat::anyone,
                         [](const wechat::request&, wechat::services&) -> core::result<wechat::response> {
                             return wechat::text("own");
                         }),
    });
    std::latch released(1);
    gate = &released;
    running = 0;
    wechat::services nothing;
    const core::machine_clock time;
    wechat::server_options o;
    wechat::listen_options l;
    l.tls = false;
    o.listeners.push_back(l);
    o.limits.queued_outside = 1;
    o.task_threads = 1;
    o.outside_threads = 2;
    o.log_requests = false;
    wechat::server s(o, table, nothing, nullptr, time);
    s.start();
    std::vector<web_client> clients;
    const auto ask = [&](const char* path) -> web_client& {
        clients.emplace_back(web_client::options{.port = s.port(), .tls = false});
        clients.back().send(get(path));
        return clients.back();
    };
    clients.reserve(8);
    for (const int n : {1, 2}) { // until every thread of theirs is taken
        ask("/outside");
        while (running < n)
            std::this_thread::yield();
    }
    CHECK(ask("/own").read()->body == "own");
    ask("/outside"); // waits; the one after it finds no room, whichever of the two comes first
    ask("/outside");
    CHECK(ask("/own").read()->body == "own");
    released.count_down();
    int done = 0, refused = 0;
    for (const std::size_t n : {0U, 1U, 3U, 4U}) {
        const auto answer = clients[n].read();
        REQUIRE(answer);
        done += answer->body == "done" ? 1 : 0;
        refused += answer->status == 503 ? 1 : 0;
    }
    CHECK(done + refused == 4);
    CHECK(refused == 1);
}

TEST_CASE("S14 an exception is a 500 with a request id and without its cause, logged once with it") {
    const captured_log log;
    const test_server s;
    auto c = s.client();
    c.send(get("/throw"));
    const auto answer = c.read();
    REQUIRE(answer);
    CHECK(answer->status == 500);
    CHECK(answer->body.find("planted") == std::string::npos);
    const auto lines = log.wait_for(1);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("planted cause 4711") != std::string::npos);
    CHECK(lines[0].find(answer->header("x-request-id")) != std::string::npos);
    c.send(get("/hello")); // the connection and the server go on
    CHECK(c.read()->body == "hello");
}

TEST_CASE("S10 every answer carries the security headers and its request id, and shows no version") {
    const captured_log quiet;
    const test_server s;
    std::set<std::string> ids;
    const auto check = [&](const std::string& bytes) {
        CAPTURE(bytes.substr(0, 60));
        auto c = s.client();
        c.send(bytes);
        const auto a = c.read();
        REQUIRE(a);
        CAPTURE(a->status);
        CHECK(a->header("strict-transport-security") == "max-age=31536000");
        CHECK(a->header("x-content-type-options") == "nosniff");
        CHECK(a->header("referrer-policy") == "same-origin");
        CHECK(a->header("cache-control") == "no-store");
        CHECK(a->header("date").ends_with(" GMT"));
        CHECK(a->header("date").size() == 29);
        CHECK(a->header("server").empty());
        const auto csp = a->header("content-security-policy");
        CHECK(csp.find("default-src 'none'") != std::string::npos);
        CHECK(csp.find("frame-ancestors 'none'") != std::string::npos);
        CHECK(csp.find("unsafe") == std::string::npos);
        CHECK(ids.insert(a->header("x-request-id")).second);
    };
    for (const auto* path : {"/hello", "/nothing", "/throw", "/full", "/never", "/echo", "/things/1"})
        check(get(path));
    check("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n");
    check("GET /hello HTTP/1.1\r\n\r\n");
    check("garbage\r\n\r\n");
    check("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'x') + "\r\n\r\n");
}

TEST_CASE("Each request leaves one log line: route pattern and no personal data, refused ones too") {
    const captured_log log;
    const test_server s(logging);
    const std::vector<std::string> requests = {
        get("/things/13800138000?name=%E9%99%88"), get("/hello"), get("/nothing/13800138000"),
        "POST /echo HTTP/1.1\r\nHost: a\r\nCookie: __Host-session=13800138000\r\nContent-Length: "
        "11\r\n\r\n13800138000",
        "GET /hello/13800138000 HTTP/1.1\r\n\r\n"};
    for (const auto& r : requests) {
        auto c = s.client();
        c.send(r);
        CHECK(c.read());
    }
    const auto lines = log.wait_for(requests.size());
    REQUIRE(lines.size() == requests.size());
    const std::array<std::string, 5> routes = {"/things/{}", "/hello", "-", "/echo", "unread"};
    const std::array<int, 5> statuses = {200, 200, 404, 200, 400};
    for (std::size_t n = 0; n < lines.size(); ++n) {
        CAPTURE(lines[n]);
        const auto v = core::parse_json(lines[n]);
        REQUIRE(v);
        CHECK(v->text("route") == routes[n]);
        CHECK(v->number("status") == statuses[n]);
        CHECK(v->text("request").size() == 12);
        CHECK(v->text("level") == "info");
        CHECK(lines[n].find("13800138000") == std::string::npos);
        CHECK(lines[n].find("127.0.0.1") == std::string::npos);
    }
}

struct forwarding {
    std::string peer, forwarded, person;
};

TEST_CASE("The person's address is the last one that no listed proxy forwarded") {
    const std::vector<std::string> proxies = {"10.0.0.0/8", "127.0.0.1", "2001:db8:1::/48", "192.0.2.128/25"};
    const auto table = std::to_array<forwarding>({
        {"10.1.2.3", "203.0.113.5", "203.0.113.5"},
        {"10.1.2.3", "198.51.100.1, 203.0.113.5", "203.0.113.5"},
        {"10.1.2.3", "203.0.113.5, 10.9.9.9", "203.0.113.5"},
        {"10.1.2.3", "198.51.100.1, 203.0.113.5, 10.9.9.9,127.0.0.1", "203.0.113.5"},
        {"203.0.113.9", "198.51.100.1", "203.0.113.9"},
        {"11.0.0.1", "198.51.100.1", "11.0.0.1"},
        {"10.1.2.3", "", "10.1.2.3"},
        {"10.1.2.3", "unknown", "10.1.2.3"},
        {"10.1.2.3", "203.0.113.5, unknown", "10.1.2.3"},
        {"10.1.2.3", "203.0.113.5:4711", "10.1.2.3"},
        {"10.1.2.3", "10.7.7.7", "10.7.7.7"},
        {"10.1.2.3", ",,", "10.1.2.3"},
        {"2001:db8:1::1", "2001:db8:2::7", "2001:db8:2::7"},
        {"2001:db8:2::1", "203.0.113.5", "2001:db8:2::1"},
        {"192.0.2.200", "203.0.113.5", "203.0.113.5"},
        {"192.0.2.100", "203.0.113.5", "192.0.2.100"},
        {"::ffff:10.1.2.3", "::ffff:203.0.113.5", "203.0.113.5"},
    });
    for (const auto& row : table) {
        CAPTURE(row.peer);
        CAPTURE(row.forwarded);
        CHECK(wechat::person_address(row.peer, row.forwarded, proxies) == row.person);
    }
    CHECK(wechat::person_address("10.1.2.3", "203.0.113.5", {}) == "10.1.2.3");
}

TEST_CASE("Blocks and addresses: what is listed, what counts together, what is neither") {
    CHECK(wechat::is_listed("10.255.0.1", {"10.0.0.0/8"}));
    CHECK_FALSE(wechat::is_listed("11.0.0.1", {"10.0.0.0/8"}));
    CHECK(wechat::is_listed("203.0.113.5", {"0.0.0.0/0"}));
    CHECK_FALSE(wechat::is_listed("2001:db8::1", {"0.0.0.0/0"}));
    CHECK(wechat::is_listed("2001:DB8::1", {"2001:db8::1"}));
    CHECK_FALSE(wechat::is_listed("", {"0.0.0.0/0"}));
    CHECK_FALSE(wechat::is_listed("localhost", {"localhost"}));
    for (const auto* good : {"10.0.0.0/8", "10.0.0.1", "::1", "2001:db8::/32", "0.0.0.0/0"})
        CHECK(wechat::is_address_or_block(good));
    for (const auto* bad :
         {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "a/8", "10.0.0.0/-1", "10.0.0.0/8x"})
        CHECK_FALSE(wechat::is_address_or_block(bad));
    CHECK(wechat::counted_network("203.0.113.5") == "203.0.113.5");
    CHECK(wechat::counted_network("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::");
    CHECK(wechat::counted_network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::");
    CHECK(wechat::counted_network("2001:db8:1:3::1") == "2001:db8:1:3::");
    CHECK(wechat::plain_address("::ffff:203.0.113.5") == "203.0.113.5");
}

} // namespace
