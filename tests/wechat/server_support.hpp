// A server of its own routes on loopback, with limits that a test can wait for. No database.
#pragma once
#include "core/base/clock.hpp"
#include "tests/support/web_client.hpp"
#include "tests/support/world.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/server.hpp"

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace tests {

// Routes: GET /hello "hello", POST /echo the body, POST /form "a=b;" of the fields, GET /big 16 MiB,
// GET /address the person's address and scheme, GET /throw, GET /full a full disk, GET /never (asynchronous,
// answered with "late" in time), GET /held and GET /held-short (answered when released, the latter late after
// 30 ms).
std::span<const wechat::route> test_routes();

// Answers of /held and /held-short wait here. One test at a time.
struct held_answers {
    std::mutex guard;
    std::vector<wechat::answer_fn> waiting;
    std::size_t count();
    void wait_for(std::size_t n); // until so many wait; a test fails after five seconds
    void release(std::string text);
};
held_answers& held();

wechat::server_limits short_limits(); // nothing waits longer than about a second

class test_server {
  public:
    explicit test_server(const std::function<void(wechat::server_options&)>& change = {}, bool tls = true);
    ~test_server();

    std::uint16_t port(std::size_t n = 0) const { return server_->port(n); }
    web_client client(web_client::options o = {}) const;
    web_client plain(web_client::options o = {}) const; // of the first listener, without TLS
    wechat::server* operator->() const { return server_.get(); }

    temp_folder folder;
    certificate_files certificate;

  private:
    core::machine_clock time_;
    wechat::services services_;
    std::unique_ptr<wechat::server> server_;
};

// Collects the log lines written while it lives.
class captured_log {
  public:
    captured_log();
    ~captured_log();
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;
    std::vector<std::string> lines() const;
    std::vector<std::string> wait_for(std::size_t n) const; // until there are so many; at most five seconds

  private:
    mutable std::mutex guard_;
    std::vector<std::string> lines_;
};

} // namespace tests
