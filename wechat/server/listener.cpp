#include "wechat/server/session.hpp"

#include "core/base/log.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/ssl.h>

#include <future>
#include <thread>

namespace wechat {
namespace {

using boost::system::error_code;
using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;
template<class T>
using awaitable = asio::awaitable<T, executor>;
constexpr asio::use_awaitable_t<executor> use_awaitable{};
constexpr auto sweep_every = std::chrono::milliseconds(250);

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

struct listening {
    listening(asio::io_context& io, const listen_options& o) : options(o), door(io.get_executor()) {}
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
            if (!failed) {
                welcome(l, std::move(s));
                continue;
            }
            if (!l.door.is_open()) co_return;
            pause.expires_after(std::chrono::milliseconds(100)); // out of descriptors: let some go
            co_await pause.async_wait(redirect_error(use_awaitable, failed));
        }
    }

    void welcome(listening& l, socket s) {
        error_code failed;
        const auto peer = s.remote_endpoint(failed);
        if (failed) return;
        const auto& limits = options.limits;
        const auto at = book.per_address.find(peer.address().to_string());
        const std::size_t same = at == book.per_address.end() ? 0 : at->second;
        if (book.open >= limits.connections || same >= limits.connections_per_address) {
            ++book.refused;
            s.close(failed);
            return;
        }
        const connection_setup setup{&options, &l.options, &dispatch, &book};
        if (l.tls)
            start_tls(std::move(s), l.tls, setup);
        else
            start_plain(std::move(s), setup);
    }

    // Deadlines of all connections are looked at four times a second: cheaper than a timer each.
    awaitable<void> watch() {
        error_code stopped;
        while (!stopped) {
            sweep.expires_after(sweep_every);
            co_await sweep.async_wait(redirect_error(use_awaitable, stopped));
            const auto now = steady::now();
            std::vector<connection_state*> late;
            for (auto* c : book.all)
                if (c->deadline < now) late.push_back(c);
            for (auto* c : late)
                c->close();
        }
    }

    void close_doors() {
        error_code ignored;
        for (auto& d : doors)
            d->door.close(ignored);
        book.stopping = true;
        std::vector<connection_state*> idle;
        for (auto* c : book.all) {
            if (c->idle)
                idle.push_back(c);
            else
                c->last = true;
        }
        for (auto* c : idle)
            c->close();
    }

    void close_all() {
        const std::vector<connection_state*> left(book.all.begin(), book.all.end());
        for (auto* c : left)
            c->close();
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
    state_->dispatch.stop();
    asio::post(state_->io, [this] { state_->close_all(); });
    state_->thread.join();
}

response server::dispatch(request r) {
    std::promise<response> made;
    state_->dispatch.handle(std::move(r), [&](response answered) { made.set_value(std::move(answered)); });
    return made.get_future().get();
}

server::counters server::count() const {
    return {state_->book.requests.load(), state_->book.open.load(), state_->book.refused.load()};
}

} // namespace wechat
