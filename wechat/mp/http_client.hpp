// HTTP calls to WeChat, by libcurl: certificate and name checked, no redirects, answers bounded, deadlines.
// Tells apart what was certainly not sent and what is in doubt. Addresses are never logged (they hold
// tokens).
#pragma once
#include "core/base/clock.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp {

struct http_request {
    std::string url;
    std::string body; // POST with JSON when not empty, else GET
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
        std::size_t connections = 32;  // most at once in send_all
        bool allow_plain_http = false; // for a sandbox on loopback only
    };
    explicit http_client(options o);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    http_answer call(const http_request& r); // any thread

    // Sends every request, at most `connections` at once over kept connections; `done` is called on this
    // thread as answers come. One caller at a time (the hub's thread). `next` gives the i-th request when its
    // turn comes, so that a batch need not be built at once.
    void send_all(std::size_t count, const std::function<http_request(std::size_t)>& next,
                  const std::function<void(std::size_t, http_answer)>& done);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

std::string percent_encode(std::string_view s); // for query values

} // namespace wechat::mp
