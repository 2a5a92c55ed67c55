// A client for benches: keep-alive connections driven without blocking by one thread, as fast as answers come
// or at a given rate. Client and server share the machine, so the client's own CPU is counted apart.
#pragma once
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace bench {

using clock_type = std::chrono::steady_clock;

// One keep-alive connection.
class connection {
  public:
    connection(std::uint16_t port, SSL_CTX* tls) {
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("connect");
        const int one = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (tls == nullptr) return;
        ssl_ = SSL_new(tls);
        SSL_set_fd(ssl_, fd_);
        if (SSL_connect(ssl_) != 1) throw std::runtime_error("TLS handshake");
    }
    ~connection() {
        if (ssl_ != nullptr) SSL_free(ssl_);
        close(fd_);
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    int fd() const { return fd_; }
    // `due`: when it should have been sent; waiting for a free connection counts as latency.
    void send(const std::string& bytes, clock_type::time_point due) {
        begun = due;
        busy = true;
        const auto n = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                       : ::write(fd_, bytes.data(), bytes.size());
        if (n != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("short write");
    }
    // The status when a whole answer is there, else 0. `length`: of its body.
    int receive(std::size_t& length) {
        std::array<char, 16384> part{};
        const auto n = ssl_ != nullptr ? SSL_read(ssl_, part.data(), part.size())
                                       : ::read(fd_, part.data(), part.size());
        if (n <= 0) throw std::runtime_error("the server closed");
        in_.append(part.data(), static_cast<std::size_t>(n));
        const auto end = in_.find("\r\n\r\n");
        if (end == std::string::npos) return 0;
        const auto at = in_.find("Content-Length: ");
        length = static_cast<std::size_t>(std::atoll(in_.c_str() + at + 16));
        if (in_.size() < end + 4 + length) return 0;
        const int status = std::atoi(in_.c_str() + 9);
        in_.clear();
        busy = false;
        return status;
    }
    clock_type::time_point begun;
    bool busy = false;

  private:
    int fd_ = -1;
    SSL* ssl_ = nullptr;
    std::string in_;
};

struct load {
    std::uint16_t port = 0;
    SSL_CTX* tls = nullptr;
    std::function<std::string()> next; // a request, ready to send
    std::chrono::milliseconds length{4000};
    int connections = 32;
    double per_second = 0;       // 0: as fast as answers come
    std::size_t least_bytes = 8; // a shorter body is a wrong answer ("success")
};

struct figures {
    double per_second = 0, p50_ms = 0, p99_ms = 0, most_ms = 0, cpu_us = 0;
    double waits = 0; // of the server's threads, for each other or the disk, a request
    long answered = 0, refused = 0, bad = 0, unsent = 0; // refused: 503; unsent: no connection was free
};

inline double own_cpu_seconds() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    const auto seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

inline long waits_of(int who) { // RUSAGE_SELF, RUSAGE_THREAD
    rusage u{};
    getrusage(who, &u);
    return u.ru_nvcsw;
}

inline double thread_cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Of this process, in MB.
inline double resident_mb() {
    std::unique_ptr<FILE, int (*)(FILE*)> in(std::fopen("/proc/self/statm", "r"), std::fclose);
    long pages = 0, resident = 0;
    if (in == nullptr || std::fscanf(in.get(), "%ld %ld", &pages, &resident) != 2) return 0;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

class driver {
  public:
    explicit driver(const load& l) : load_(l) {}

    figures run() {
        const double cpu_before = own_cpu_seconds();
        const long waits_before = waits_of(RUSAGE_SELF);
        const auto begun = clock_type::now();
        std::thread client([this] { drive(); });
        client.join();
        const double seconds = std::chrono::duration<double>(clock_type::now() - begun).count();
        std::sort(latencies_.begin(), latencies_.end());
        const auto n = latencies_.size();
        f_.answered = static_cast<long>(n);
        if (n == 0) return f_;
        f_.per_second = static_cast<double>(n) / seconds;
        f_.p50_ms = latencies_[n / 2];
        f_.p99_ms = latencies_[n * 99 / 100];
        f_.most_ms = latencies_.back();
        f_.cpu_us = (own_cpu_seconds() - cpu_before - client_cpu_) / static_cast<double>(n) * 1e6;
        f_.waits = static_cast<double>(waits_of(RUSAGE_SELF) - waits_before - client_waits_) /
                   static_cast<double>(n);
        return f_;
    }

  private:
    void drive() {
        const double cpu = thread_cpu_seconds();
        for (int i = 0; i < load_.connections; ++i) {
            all_.push_back(std::make_unique<connection>(load_.port, load_.tls));
            waits_.push_back({all_.back()->fd(), POLLIN, 0});
        }
        const auto begun = clock_type::now();
        const auto until = begun + load_.length;
        if (load_.per_second == 0)
            for (auto& c : all_)
                c->send(load_.next(), begun);
        for (;;) {
            const auto now = clock_type::now();
            if (load_.per_second > 0 && now < until) send_due(begun, now);
            const bool open = std::any_of(all_.begin(), all_.end(), [](const auto& c) { return c->busy; });
            if (!open && now >= until) break;
            poll(waits_.data(), waits_.size(), load_.per_second > 0 && now < until ? 1 : 1000);
            for (std::size_t i = 0; i < all_.size(); ++i)
                if ((waits_[i].revents & POLLIN) != 0) take(*all_[i], clock_type::now() < until);
        }
        client_cpu_ = thread_cpu_seconds() - cpu;
        client_waits_ = waits_of(RUSAGE_THREAD);
    }

    void send_due(clock_type::time_point begun, clock_type::time_point now) {
        const auto due =
            static_cast<long>(std::chrono::duration<double>(now - begun).count() * load_.per_second);
        for (; sent_ < due; ++sent_) {
            const std::size_t from = free_from_;
            while (all_[free_from_]->busy) {
                free_from_ = (free_from_ + 1) % all_.size();
                if (free_from_ == from) break;
            }
            if (all_[free_from_]->busy) {
                ++f_.unsent;
                continue;
            }
            all_[free_from_]->send(
                load_.next(),
                begun + std::chrono::duration_cast<clock_type::duration>(
                            std::chrono::duration<double>(static_cast<double>(sent_) / load_.per_second)));
        }
    }

    void take(connection& c, bool go_on) {
        std::size_t length = 0;
        const int status = c.receive(length);
        if (status == 0) return;
        if (status == 503)
            ++f_.refused;
        else
            latencies_.push_back(
                std::chrono::duration<double, std::milli>(clock_type::now() - c.begun).count());
        if (status != 503 && (status != 200 || length < load_.least_bytes)) ++f_.bad;
        if (load_.per_second == 0 && go_on) c.send(load_.next(), clock_type::now());
    }

    load load_;
    figures f_;
    std::vector<std::unique_ptr<connection>> all_;
    std::vector<pollfd> waits_;
    std::vector<double> latencies_;
    std::size_t free_from_ = 0;
    long sent_ = 0;
    double client_cpu_ = 0;
    long client_waits_ = 0;
};

inline figures drive(const load& l) {
    return driver(l).run();
}

} // namespace bench
