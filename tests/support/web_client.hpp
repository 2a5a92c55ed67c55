// A client of the HTTP server with bare hands: sends any bytes over TCP or TLS, reads answers one by one, can
// be slow, silent or gone. Waits at most `patience` for anything, so that a test fails and never hangs.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tests {

struct web_answer {
    int status = 0;
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;
    std::string header(const std::string& lower_case_name) const;
};

class web_client {
  public:
    struct options {
        std::uint16_t port = 0;
        bool tls = true;
        int lowest = 0, highest = 0;    // TLS version as OpenSSL writes it; 0: any
        std::string alpn;               // protocols separated by commas
        std::string from = "127.0.0.1"; // own address; any of 127.0.0.0/8
        int receive_buffer = 0;         // bytes; small for a client that does not read
        bool handshake = true;          // false: connect, and say nothing
        std::chrono::milliseconds patience{5000};
    };
    explicit web_client(options o);
    ~web_client();
    web_client(web_client&&) noexcept;
    web_client& operator=(web_client&&) noexcept;

    bool connected() const;        // the connection and the handshake went well
    bool send(std::string_view b); // false: the other side has closed
    // The next answer; nullopt: closed instead. `without_body`: the answer to a HEAD.
    std::optional<web_answer> read(bool without_body = false);
    std::string read_rest();                       // everything until the close
    bool stays_quiet(std::chrono::milliseconds d); // false: something came or the other side closed
    bool closes();                        // the other side closes within the patience, sending nothing more
    bool said_goodbye() const;            // TLS close_notify was received
    void close();                         // without a goodbye
    std::string tls_version() const;      // "TLSv1.3"
    std::string chosen_protocol() const;  // by ALPN
    std::string certificate_name() const; // common name of the server's certificate

  private:
    struct state;
    std::unique_ptr<state> state_;
};

// A self-signed certificate and its key, as PEM files in `folder`. Throws when they cannot be made.
struct certificate_files {
    std::filesystem::path certificate, key;
};
certificate_files make_certificate(const std::filesystem::path& folder, std::string_view common_name);

} // namespace tests
