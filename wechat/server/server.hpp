// The HTTP(S) server: listens, reads requests, answers them through dispatch. Asio and Beast stay behind
// this header (listener.cpp, session.cpp, dispatch.cpp).
#pragma once
#include "wechat/server/router.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {
class clock;
}
namespace core::db {
class database;
}

namespace wechat {

struct server_limits {
    using duration = std::chrono::milliseconds;
    std::size_t header_bytes = 16 * 1024;
    std::size_t bodies_bytes = 256 * 1024 * 1024; // of all connections together; more get 503
    std::size_t connections = 4096;
    std::size_t connections_per_address = 256; // IPv6: per /64; listed proxies are not counted
    std::size_t pipelined_requests = 16;       // sent in a row without waiting for answers; then the end
    std::size_t queued_requests = 512;         // handlers waiting per pool; more get 503 at once
    std::size_t queued_outside = 64;           // of those that wait for others' servers
    std::size_t body_bytes_per_second = 1024;  // slower bodies are cut, after body_grace
    duration handshake = std::chrono::seconds(15);
    duration header = std::chrono::seconds(30); // from the connection or the first byte to the empty line
    duration body_grace = std::chrono::seconds(10);
    duration idle = std::chrono::seconds(60);        // keep-alive
    duration write = std::chrono::seconds(30);       // without progress
    duration answer = std::chrono::seconds(60);      // a handler that takes longer: 503
    duration stop = std::chrono::seconds(10);        // graceful stop
    duration linger = std::chrono::seconds(1);       // for the peer's goodbye
    duration sweep = std::chrono::milliseconds(250); // how often the deadlines are looked at
};

struct listen_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; // 0: any; see server::port()
    bool tls = true;
    std::filesystem::path certificate;        // PEM chain
    std::filesystem::path key;                // PEM, 0600
    std::vector<std::string> trusted_proxies; // addresses or CIDR whose X-Forwarded-For is believed
};

struct server_options {
    std::vector<listen_options> listeners;
    server_limits limits;
    int page_threads = 2;
    int task_threads = 2;
    int outside_threads = 4;        // routes that wait for others' servers: WeChat
    std::vector<std::string> hosts; // allowed Host values; empty: any
    std::string name = "http";      // part in log lines
    // Answers before routing (assets, verification files, echo route of the bench); nullptr or no value: go
    // on.
    std::function<std::optional<response>(const request&)> static_answer;
    bool secure_headers = true;             // HSTS, CSP …; the sandbox's phone page needs its own CSP
    std::string frame_ancestors = "'none'"; // who may frame our pages: only the sandbox, in development
    bool log_requests = true;
};

class server {
  public:
    // `db` may be null for a server without pages and actions (sandbox): then only task and async routes.
    server(server_options o, std::span<const route> routes, services& s, core::db::database* db,
           const core::clock& time);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    void start(); // binds and begins to answer; throws naming address and remedy
    std::uint16_t port(std::size_t listener = 0) const;
    void reload_certificates(); // SIGHUP: a bad new one keeps the old, with a log line
    void stop();                // finish what is in flight, within limits.stop; then closes. Blocks
    // Runs one request through routing, guards and handler without sockets (scenarios).
    response dispatch(request r);
    struct counters {
        std::uint64_t requests, connections_open, refused;
    };
    counters count() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace wechat
