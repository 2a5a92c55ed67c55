#include "tests/support/web_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace tests {
namespace {

using steady = std::chrono::steady_clock;

sockaddr_in loopback(const std::string& address, std::uint16_t port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &a.sin_addr);
    return a;
}

std::string lower(std::string s) {
    for (char& c : s)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return s;
}

web_answer parse_head(std::string_view head) {
    web_answer a;
    const auto first = head.substr(0, head.find("\r\n"));
    if (first.size() < 12 || !first.starts_with("HTTP/1.1 "))
        throw std::runtime_error("no status line: " + std::string(first));
    a.status = std::stoi(std::string(first.substr(9, 3)));
    for (auto at = first.size() + 2; at < head.size();) {
        const auto end = std::min(head.find("\r\n", at), head.size());
        const auto line = head.substr(at, end - at);
        const auto colon = line.find(": ");
        if (colon != std::string_view::npos)
            a.headers[lower(std::string(line.substr(0, colon)))] = std::string(line.substr(colon + 2));
        at = end + 2;
    }
    return a;
}

} // namespace

struct web_client::state {
    options with;
    int fd = -1;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    bool good = false, goodbye = false, ended = false;
    std::string buffered;

    ~state() {
        SSL_free(ssl);
        SSL_CTX_free(context);
        if (fd >= 0) ::close(fd);
    }

    bool wait(short what) const {
        pollfd p{fd, what, 0};
        return poll(&p, 1, static_cast<int>(with.patience.count())) == 1;
    }

    // Retries until done; false when the other side is gone or the patience is over.
    template<class F>
    bool tls_step(F step, int& result) {
        for (;;) {
            ERR_clear_error();
            result = step();
            if (result > 0) return true;
            const int why = SSL_get_error(ssl, result);
            if (why == SSL_ERROR_ZERO_RETURN) goodbye = true;
            if (why == SSL_ERROR_WANT_READ && wait(POLLIN)) continue;
            if (why == SSL_ERROR_WANT_WRITE && wait(POLLOUT)) continue;
            if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                throw std::runtime_error("the server neither answers nor closes");
            return false;
        }
    }

    void shake_hands() {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_security_level(context, 0); // so that old versions are offered at all
        if (with.lowest != 0) SSL_CTX_set_min_proto_version(context, with.lowest);
        if (with.highest != 0) SSL_CTX_set_max_proto_version(context, with.highest);
        ssl = SSL_new(context);
        std::string wire;
        for (std::size_t at = 0; at < with.alpn.size();) {
            const auto end = std::min(with.alpn.find(',', at), with.alpn.size());
            wire += static_cast<char>(end - at);
            wire += with.alpn.substr(at, end - at);
            at = end + 1;
        }
        if (!wire.empty())
            SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wire.data()),
                                static_cast<unsigned>(wire.size()));
        SSL_set_fd(ssl, fd);
        int result = 0;
        good = tls_step([&] { return SSL_connect(ssl); }, result);
    }

    void connect() {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (with.receive_buffer > 0)
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &with.receive_buffer, sizeof with.receive_buffer);
        const auto own = loopback(with.from, 0);
        const auto to = loopback("127.0.0.1", with.port);
        if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
            ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            return;
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        good = true;
        if (with.tls && with.handshake) shake_hands();
    }

    // Appends what comes; false at the end.
    bool fill() {
        if (ended) return false;
        char room[16384];
        int n = 0;
        if (ssl != nullptr) {
            if (!tls_step([&] { return SSL_read(ssl, room, sizeof room); }, n)) n = 0;
        } else {
            if (!wait(POLLIN)) throw std::runtime_error("the server neither answers nor closes");
            n = static_cast<int>(recv(fd, room, sizeof room, 0));
        }
        ended = n <= 0;
        if (n > 0) buffered.append(room, static_cast<std::size_t>(n));
        return n > 0;
    }
};

std::string web_answer::header(const std::string& name) const {
    const auto at = headers.find(name);
    return at == headers.end() ? std::string() : at->second;
}

web_client::web_client(options o) : state_(std::make_unique<state>()) {
    static const auto ignored = std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    (void)ignored;
    state_->with = std::move(o);
    state_->connect();
}
web_client::~web_client() = default;
web_client::web_client(web_client&&) noexcept = default;
web_client& web_client::operator=(web_client&&) noexcept = default;

bool web_client::connected() const {
    return state_->good;
}

bool web_client::send(std::string_view b) {
    while (!b.empty()) {
        int n = 0;
        if (state_->ssl != nullptr) {
            const auto step = [&] { return SSL_write(state_->ssl, b.data(), static_cast<int>(b.size())); };
            if (!state_->tls_step(step, n)) return false;
        } else {
            if (!state_->wait(POLLOUT)) throw std::runtime_error("the server does not read");
            n = static_cast<int>(::send(state_->fd, b.data(), b.size(), MSG_NOSIGNAL));
            if (n <= 0) return false;
        }
        b.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::optional<web_answer> web_client::read(bool without_body) {
    auto& in = state_->buffered;
    while (in.find("\r\n\r\n") == std::string::npos)
        if (!state_->fill()) return std::nullopt;
    const auto end = in.find("\r\n\r\n") + 4;
    web_answer a = parse_head(std::string_view(in).substr(0, end));
    in.erase(0, end);
    const auto length = a.header("content-length");
    const std::size_t n = without_body || length.empty() ? 0 : std::stoul(length);
    while (in.size() < n)
        if (!state_->fill()) return std::nullopt;
    a.body = in.substr(0, n);
    in.erase(0, n);
    return a;
}

std::string web_client::read_rest() {
    while (state_->fill()) {
    }
    return std::move(state_->buffered);
}

bool web_client::stays_quiet(std::chrono::milliseconds d) {
    pollfd p{state_->fd, POLLIN, 0};
    return poll(&p, 1, static_cast<int>(d.count())) == 0;
}

bool web_client::closes() {
    return state_->buffered.empty() && !state_->fill();
}

bool web_client::said_goodbye() const {
    return state_->goodbye;
}

void web_client::close() {
    const linger at_once{1, 0}; // a reset, as from a client that died
    setsockopt(state_->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(state_->fd);
    state_->fd = -1;
    state_->ended = true;
}

std::string web_client::tls_version() const {
    return SSL_get_version(state_->ssl);
}

std::string web_client::chosen_protocol() const {
    const unsigned char* at = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(state_->ssl, &at, &length);
    return std::string(reinterpret_cast<const char*>(at), length);
}

std::string web_client::certificate_name() const {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(state_->ssl),
                                                            X509_free);
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name, sizeof name);
    return name;
}

certificate_files make_certificate(const std::filesystem::path& folder, std::string_view common_name) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME* name = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()), -1, 0);
    X509_set_issuer_name(made.get(), name);
    if (X509_sign(made.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    const certificate_files files{folder / "server.pem", folder / "server.key"};
    const auto write = [](const std::filesystem::path& to, const auto& put) {
        const std::unique_ptr<FILE, decltype(&fclose)> out(fopen(to.c_str(), "w"), fclose);
        if (!out || put(out.get()) != 1) throw std::runtime_error("cannot write " + to.string());
    };
    write(files.certificate, [&](FILE* f) { return PEM_write_X509(f, made.get()); });
    write(files.key,
          [&](FILE* f) { return PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    return files;
}

} // namespace tests
