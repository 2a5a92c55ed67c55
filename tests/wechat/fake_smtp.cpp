#include "tests/wechat/fake_smtp.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace tests {

// One connection, plain or over TLS.
struct fake_smtp::talk {
    int socket;
    SSL* tls = nullptr;
    std::string buffer;

    talk(int s, void* context) : socket(s) {
        if (context == nullptr) return;
        tls = SSL_new(static_cast<SSL_CTX*>(context));
        SSL_set_fd(tls, socket);
        if (SSL_accept(tls) != 1) buffer = "QUIT\r\n"; // the client went away
    }
    talk(const talk&) = delete;
    talk& operator=(const talk&) = delete;
    ~talk() { SSL_free(tls); }
    bool read_some() {
        std::array<char, 4096> bytes{};
        const auto n = tls != nullptr ? SSL_read(tls, bytes.data(), static_cast<int>(bytes.size()))
                                      : static_cast<int>(recv(socket, bytes.data(), bytes.size(), 0));
        if (n <= 0) return false;
        buffer.append(bytes.data(), static_cast<std::size_t>(n));
        return true;
    }
    bool read_line(std::string& line) {
        for (;;) {
            if (const auto end = buffer.find("\r\n"); end != std::string::npos) {
                line = buffer.substr(0, end);
                buffer.erase(0, end + 2);
                return true;
            }
            if (!read_some()) return false;
        }
    }
    void say(const std::string& text) {
        const std::string line = text + "\r\n";
        if (tls != nullptr)
            SSL_write(tls, line.data(), static_cast<int>(line.size()));
        else
            (void)send(socket, line.data(), line.size(), MSG_NOSIGNAL);
    }
};

fake_smtp::fake_smtp(const certificate_files* certificate) {
    script_ = {{"BANNER", "220 fake ESMTP"}, {"EHLO", "250-fake\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME"},
               {"AUTH", "235 fine"},         {"MAIL", "250 fine"},
               {"RCPT", "250 fine"},         {"DATA", "354 go on"},
               {"END", "250 taken"},         {"RSET", "250 fine"},
               {"QUIT", "221 bye"}};
    if (certificate != nullptr) {
        SSL_CTX* context = SSL_CTX_new(TLS_server_method());
        const bool fine =
            SSL_CTX_use_certificate_chain_file(context, certificate->certificate.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context, certificate->key.c_str(), SSL_FILETYPE_PEM) == 1;
        if (!fine) throw std::runtime_error("certificate of the fake SMTP server");
        tls_ = context;
    }
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
        throw std::runtime_error("the fake SMTP server cannot listen");
    port_ = ntohs(at.sin_port);
    accepting_ = std::jthread([this] { accept_all(); });
}

fake_smtp::~fake_smtp() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    {
        const std::lock_guard<std::mutex> hold(guard_);
        for (const int s : open_)
            shutdown(s, SHUT_RDWR);
    }
    threads_.clear();
    for (const int s : open_)
        close(s);
    close(listener_);
    SSL_CTX_free(static_cast<SSL_CTX*>(tls_));
}

void fake_smtp::accept_all() {
    for (;;) {
        const int s = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (s < 0 || stopping_) return;
        ++connections_;
        const std::lock_guard<std::mutex> hold(guard_);
        open_.push_back(s);
        threads_.emplace_back([this, s] { serve(s); });
    }
}

std::string fake_smtp::reply_to(const std::string& verb) const {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto at = script_.find(verb);
    return at == script_.end() ? "502 what?" : at->second;
}

void fake_smtp::serve(int socket) {
    talk t(socket, tls_);
    letter l;
    const auto reply = [&](const std::string& verb) {
        const auto text = reply_to(verb);
        if (text.empty())
            shutdown(socket, SHUT_RDWR);
        else
            t.say(text);
        return !text.empty();
    };
    if (!reply("BANNER")) return;
    for (std::string line; t.read_line(line);) {
        const std::string verb = line.substr(0, 4);
        {
            const std::lock_guard<std::mutex> hold(guard_);
            commands_.push_back(verb);
        }
        if (line == "AUTH PLAIN") {
            t.say("334 ");
            t.read_line(line);
        }
        if (verb == "MAIL") l.from = line;
        if (verb == "RCPT") l.to = line;
        if (!reply(verb) || verb == "QUIT") return;
        if (verb != "DATA" || !reply_to("DATA").starts_with("3")) continue;
        l.content.clear();
        while (t.read_line(line) && line != ".")
            l.content += (line.starts_with("..") ? line.substr(1) : line) + "\r\n";
        if (line != ".") return;
        {
            const std::lock_guard<std::mutex> hold(guard_);
            letters_.push_back(l);
        }
        if (!reply("END")) return;
    }
}

void fake_smtp::answer(std::string verb, std::string reply) {
    const std::lock_guard<std::mutex> hold(guard_);
    script_[std::move(verb)] = std::move(reply);
}

std::vector<fake_smtp::letter> fake_smtp::letters() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return letters_;
}

std::vector<std::string> fake_smtp::commands() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return commands_;
}

} // namespace tests
