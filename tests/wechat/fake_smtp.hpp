// An SMTP server on loopback that answers by a script and keeps the letters it took. One thread a connection.
#pragma once
#include "tests/support/web_client.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tests {

class fake_smtp {
  public:
    struct letter {
        std::string from, to, content; // content: header and body, dots unstuffed
    };
    // `certificate` nullptr: no TLS, and STARTTLS is not offered; else TLS from the first byte.
    explicit fake_smtp(const certificate_files* certificate = nullptr);
    ~fake_smtp();
    fake_smtp(const fake_smtp&) = delete;
    fake_smtp& operator=(const fake_smtp&) = delete;

    std::uint16_t port() const { return port_; }
    // What is answered to a verb from now on: "BANNER", "EHLO", "MAIL", "RCPT", "DATA", "END" (after the
    // message);
    // "" closes the connection instead.
    void answer(std::string verb, std::string reply);
    std::vector<letter> letters() const;
    std::vector<std::string> commands() const; // verbs, in the order in which they came
    int connections() const { return connections_; }

  private:
    struct talk;
    void accept_all();
    void serve(int socket);
    std::string reply_to(const std::string& verb) const;

    void* tls_ = nullptr;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex guard_;
    std::map<std::string, std::string> script_;
    std::vector<letter> letters_;
    std::vector<std::string> commands_;
    std::vector<int> open_;
    std::atomic<int> connections_ = 0;
    std::atomic<bool> stopping_ = false;
    std::vector<std::jthread> threads_;
    std::jthread accepting_;
};

} // namespace tests
