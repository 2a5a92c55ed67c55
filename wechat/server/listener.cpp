#include "wechat/server/session.hpp"

#include "core/base/log.hpp"
#include "wechat/server/address.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/ssl.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <thread>

namespace wechat {
namespace {

using boost::system::error_code;
using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;
template<class T>
using awaitable = asio::awaitable<T, executor>;
constexpr asio::use_awaitable_t<executor> use_awaitable{};

int choose_http_1_1(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* in,
                    unsigned n, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, length, ours, sizeof ours - 1, in, n) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

// Throws with the file's name in the message when certificate or key cannot be used.
std::shared_ptr<asio::ssl::context> make_tls(const listen_options& o) {
    auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* raw = tls->native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 0);
    SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_alpn_select_cb(raw, choose_http_1_1, nullptr);
    try {
        tls->use_certificate_chain_file(o.certificate.string());
        tls->use_private_key_file(o.key.string(), asio::ssl::context::pem);
    } catch (const std::exception& e) {
        throw std::runtime_error("cannot use certificate " + o.certificate.string() + " with key " +
                                 o.key.string() + ": " + e.what());
    }
    if (SSL_CTX_check_private_key(raw) != 1)
        throw std::runtime_error("key " + o.key.string() + " does not belong to certificate " +
                                 o.certificate.string());
    return tls;
}

// Every connection needs a descriptor; so do the database, its readers and calls to WeChat.
void make_room_for(std::size_t connections, const std::string& name) {
    constexpr rlim_t others = 256;
    const rlim_t needed = static_cast<rlim_t>(connections) + others;
    rlimit now{};
    if (getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur >= needed) return;
    const rlim_t had = now.rlim_cur;
    now.rlim_cur = now.rlim_max == RLIM_INFINITY ? needed : std::min(needed, now.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &now) != 0) now.rlim_cur = had;
    if (now.rlim_cur < needed)
        core::log::warn(name,
                        "fewer descriptors than limits.connections needs; raise the hard limit (ulimit -Hn)",
                        core::value::object()
                            .set("has", static_cast<std::int64_t>(now.rlim_cur))
                            .set("needs", static_cast<std::int64_t>(needed)));
}

struct listening {
    listening(asio::io_context& io, const listen_options& o) : options(o), door(io.get_executor()) {
        for (const auto& p : o.trusted_proxies)
            if (!is_address_or_block(p))
                throw std::runtime_error("trusted proxy '" + p +
                                         "' is neither an address nor a block such as 10.0.0.0/8");
    }
    listen_options options;
    acceptor door;
    std::shared_ptr<asio::ssl::context> tls;
};

} // namespace

struct server::state {
    state(server_options o, std::span<const route> routes, services& s, core::db::database* db,
          const core::clock& time)
        : options(std::move(o)), dispatch(options, routes, s, db, time), sweep(io.get_executor()) {
        for (const auto& l : options.listeners)
            doors.push_back(std::make_unique<listening>(io, l));
    }

    server_options options;
    asio::io_context io{1};
    dispatcher dispatch;
    connection_book book;
    std::vector<std::unique_ptr<listening>> doors;
    timer sweep;
    std::thread thread;

    void open(listening& l) {
        error_code failed;
        const auto address = asio::ip::make_address(l.options.address, failed);
        const std::string where = l.options.address + ":" + std::to_string(l.options.port);
        if (failed)
            throw std::runtime_error("'" + l.options.address +
                                     "' is no address to listen on; give an IP address such as 127.0.0.1");
        if (l.options.tls) l.tls = make_tls(l.options);
        const asio::ip::tcp::endpoint endpoint(address, l.options.port);
        l.door.open(endpoint.protocol());
        l.door.set_option(asio::socket_base::reuse_address(true));
        l.door.bind(endpoint, failed);
        if (failed)
            throw std::runtime_error("cannot listen on " + where + ": " + failed.message() +
                                     "; stop what uses it or set another port");
        l.door.listen();
        asio::co_spawn(io.get_executor(), accept(l), asio::detached);
    }

    awaitable<void> accept(listening& l) {
        timer pause(io.get_executor());
        while (l.door.is_open()) {
            error_code failed;
            socket s = co_await l.door.async_accept(redirect_error(use_awaitable, failed));
            if (!failed && welcome(l, std::move(s))) continue;
            if (!l.door.is_open()) co_return;
            pause.expires_after(std::chrono::milliseconds(100)); // out of descriptors: let some go
            co_await pause.async_wait(redirect_error(use_awaitable, failed));
        }
    }

    // False when this machine has no room for it; nothing that happens to one connection ends the accepting.
    bool welcome(listening& l, socket s) {
        try {
            error_code failed;
            const auto peer = s.remote_endpoint(failed);
            if (failed) return true; // gone already
            const auto& limits = options.limits;
            const std::string address = plain_address(peer.address().to_string());
            const auto at = book.per_network.find(counted_network(address));
            const std::size_t same = at == book.per_network.end() ? 0 : at->second;
            const bool crowded =
                same >= limits.connections_per_address && !is_listed(address, l.options.trusted_proxies);
            if (book.open >= limits.connections || crowded) {
                ++book.refused;
                s.close(failed);
                return true;
            }
            const connection_setup setup{&options, &l.options, &dispatch, &book};
            if (l.tls)
                start_tls(std::move(s), l.tls, setup);
            else
                start_plain(std::move(s), setup);
            return true;
        } catch (const std::exception& e) {
            core::log::error(options.name, "a connection could not be taken",
                             core::value::object().set("why", e.what()));
            return false;
        }
    }

    // Deadlines of all connections are looked at four times a second: cheaper than a timer each.
    awaitable<void> watch() {
        error_code ignored;
        while (!book.stopped) { // a cancelled timer may have expired already: that is no sign
            sweep.expires_after(options.limits.sweep);
            co_await sweep.async_wait(redirect_error(use_awaitable, ignored));
            const auto now = steady::now();
            for (auto* c : book.all) { // closing one cancels what it waits for; it ends later
                if (c->deadline >= now && !(book.stopping && c->idle)) continue;
                if (c->idle)
                    c->leave();
                else
                    c->close();
            }
        }
    }

    void close_doors() {
        error_code ignored;
        for (auto& d : doors)
            d->door.close(ignored);
        book.stopping = true;
        for (auto* c : book.all) {
            if (c->idle)
                c->leave();
            else
                c->last = true;
        }
    }

    void close_all() {
        for (auto* c : book.all)
            c->close();
        book.stopped = true;
        sweep.cancel();
    }
};

server::server(server_options o, std::span<const route> routes, services& s, core::db::database* db,
               const core::clock& time)
    : state_(std::make_unique<state>(std::move(o), routes, s, db, time)) {}

server::~server() {
    stop();
}

void server::start() {
    make_room_for(state_->options.limits.connections, state_->options.name);
    for (auto& d : state_->doors)
        state_->open(*d);
    asio::co_spawn(state_->io.get_executor(), state_->watch(), asio::detached);
    state_->thread = std::thread([this] { state_->io.run(); });
}

std::uint16_t server::port(std::size_t listener) const {
    return state_->doors.at(listener)->door.local_endpoint().port();
}

void server::reload_certificates() {
    for (auto& d : state_->doors) {
        if (!d->options.tls) continue;
        try {
            auto fresh = make_tls(d->options);
            listening* door = d.get();
            asio::post(state_->io, [door, fresh] { door->tls = fresh; });
            core::log::info(state_->options.name, "certificate reloaded");
        } catch (const std::exception& e) {
            core::log::error(state_->options.name, "the new certificate is not usable, the old one stays",
                             core::value::object().set("why", e.what()));
        }
    }
}

void server::stop() {
    if (!state_->thread.joinable()) return;
    asio::post(state_->io, [this] { state_->close_doors(); });
    const auto until = steady::now() + state_->options.limits.stop;
    while (state_->book.open > 0 && steady::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    state_->dispatch.stop(state_->book.open == 0);
    asio::post(state_->io, [this] { state_->close_all(); });
    state_->thread.join();
}

response server::dispatch(request r) {
    std::promise<response> made;
    (void)state_->dispatch.handle(std::move(r),
                                  [&](response answered) { made.set_value(std::move(answered)); });
    return made.get_future().get();
}

server::counters server::count() const {
    return {state_->book.requests.load(), state_->book.open.load(), state_->book.refused.load()};
}

} // namespace wechat
