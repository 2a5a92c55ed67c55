// HTTP calls to WeChat, by libcurl: certificate and name checked, no redirects, answers bounded, deadlines.
// Tells apart what was certainly not sent and what is in doubt. A request is made once: what libcurl would
// send again by itself is in doubt. Addresses are never logged (they hold tokens).
#pragma once
#include "core/base/clock.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

struct http_request {
    std::string url;
    std::string body;                      // POST with JSON when not empty, else GET
    std::vector<std::string> headers = {}; // further ones, "Name: value"; of stream() only
};

struct http_answer {
    enum class fate { answered, not_sent, in_doubt };
    http_answer::fate fate = fate::in_doubt;
    int status = 0;
    std::string body;                  // at most 1 MiB
    std::string why;                   // libcurl's words, without the address
    std::optional<core::instant> date; // the other side's clock, when it says
};

class http_client {
  public:
    struct options {
        std::filesystem::path ca_file; // besides the system's store
        int connect_timeout_ms = 3000;
        int total_timeout_ms = 10000;
        std::size_t connections = 32;  // most at once in stream()
        bool allow_plain_http = false; // for a sandbox on loopback only
    };
    explicit http_client(options o);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    http_answer call(const http_request& r); // any thread

    // Keeps up to `connections` requests under way over kept connections. `next` is asked for the request of
    // a free slot (0 .. connections - 1) whenever there is one, and after wake(); false: none now. `done` is
    // called as answers come; from then on the slot is free. All on this thread, one caller at a time;
    // returns when `next` gives nothing and nothing is under way.
    void stream(const std::function<bool(std::size_t slot, http_request&)>& next,
                const std::function<void(std::size_t slot, http_answer)>& done);
    void wake();    // a stream() that waits asks `next` again; any thread
    void give_up(); // a stream() ends what is under way, in doubt, and returns; any thread
    std::size_t connections() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

std::string percent_encode(std::string_view s); // for query values

} // namespace wechat::mp
