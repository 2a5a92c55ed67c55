#include "wechat/server/session.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "wechat/server/address.hpp"
#include "wechat/server/head.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <thread>

namespace wechat {
namespace {

namespace http = boost::beast::http;
using asio::redirect_error;
using boost::system::error_code;
template<class T>
using awaitable = asio::awaitable<T, executor>;
constexpr asio::use_awaitable_t<executor> use_awaitable{};
using tls_stream = asio::ssl::stream<socket>;

constexpr std::size_t small_buffer = 4 * 1024; // what an idle connection keeps
constexpr std::size_t body_buffer = 16 * 1024; // one TLS record
constexpr std::size_t piece_size = 64 * 1024;  // of a large answer; each has its own time
constexpr int closed = -1;                     // instead of a status: the peer has gone

template<class Stream>
class connection final : public connection_state, public std::enable_shared_from_this<connection<Stream>> {
  public:
    connection(Stream stream, const connection_setup& s)
        : stream_(std::move(stream)), setup_(s), answered_(lowest().get_executor()) {
        error_code failed;
        const auto peer = lowest().remote_endpoint(failed);
        if (!failed) address = plain_address(peer.address().to_string());
        network = counted_network(address);
        lowest().set_option(asio::ip::tcp::no_delay(true), failed);
        place_ = setup_.book->all.insert(setup_.book->all.end(), this);
        ++setup_.book->per_network[network];
        ++setup_.book->open;
    }
    ~connection() override {
        give_back_body();
        setup_.book->all.erase(place_);
        const auto at = setup_.book->per_network.find(network);
        if (--at->second == 0) setup_.book->per_network.erase(at);
        --setup_.book->open;
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void start() {
        const auto self = this->shared_from_this();
        asio::co_spawn(lowest().get_executor(), run(self), asio::detached);
    }

    void close() override {
        error_code ignored;
        lowest().close(ignored);
        answered_.cancel();
    }

    void leave() override {
        error_code ignored;
        last = true;
        lowest().cancel(ignored);
    }

  private:
    static constexpr bool is_tls = !std::is_same_v<Stream, socket>;

    socket& lowest() {
        if constexpr (is_tls)
            return stream_.next_layer();
        else
            return stream_;
    }
    const server_limits& limits() const { return setup_.options->limits; }
    void within(std::chrono::milliseconds d) { deadline = steady::now() + d; }

    awaitable<void> run(std::shared_ptr<connection> self) {
        (void)self; // keeps this alive while the coroutine runs
        try {
            co_await live();
        } catch (const std::exception& e) { // no memory: this connection ends, the others go on
            core::log::error(setup_.options->name, "a connection failed",
                             core::value::object().set("why", e.what()));
        }
    }

    awaitable<void> live() {
        if constexpr (is_tls) {
            error_code failed;
            within(limits().handshake);
            co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                             redirect_error(use_awaitable, failed));
            if (failed) co_return;
        }
        within(limits().header); // the first request is what the connection was made for
        bool going_on = true;
        while (going_on)
            going_on = co_await serve_one();
        co_await shut_down();
    }

    // Says goodbye, then throws away for a moment what the peer still sends, so that it sees the answer and
    // not a reset.
    awaitable<void> shut_down() {
        idle = false;
        error_code failed;
        if (!lowest().is_open()) co_return;
        within(setup_.book->stopping ? limits().linger / 4 : limits().linger);
        if constexpr (is_tls) co_await stream_.async_shutdown(redirect_error(use_awaitable, failed));
        failed = {};
        lowest().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
        for (int i = 0; i < 64 && !failed; ++i) {
            const auto room = asio::buffer(buffer_);
            co_await lowest().async_read_some(room, redirect_error(use_awaitable, failed));
        }
        lowest().close(failed);
    }

    // False: the connection is done.
    awaitable<bool> serve_one() {
        request_parser parser;
        parser.header_limit(static_cast<std::uint32_t>(limits().header_bytes));
        parser.eager(false);
        parser.body_limit(boost::none);
        // Requests sent before the answers to earlier ones were: so many in a row, then the connection ends.
        ahead_ = buffered_ > 0 ? ahead_ + 1 : 0;
        if (ahead_ >= limits().pipelined_requests) last = true;
        const int head_status = co_await read_header(parser);
        if (head_status == closed) co_return false;
        if (head_status > 0) co_return co_await refuse(head_status);
        if (const int wrong = forbidden_status(parser); wrong != 0) co_return co_await refuse(wrong);
        auto r = read_head(parser);
        if (!r) co_return co_await refuse(400);
        fill_in(*r);
        const bool keep = parser.get().keep_alive();
        const unsigned version = parser.get().version();
        const bool head_only = r->method == method::head;
        const int body_status = co_await read_body(parser, *r);
        if (body_status == closed) co_return false;
        if (body_status > 0) co_return co_await refuse(body_status);
        r->body = std::move(parser.get().body());
        ++setup_.book->requests;
        co_await answer(std::move(*r));
        give_back_body();
        if (!ready_) co_return false;
        co_return co_await write_answer(keep, head_only, version);
    }

    // 0: the header is complete; else the status to refuse with.
    awaitable<int> read_header(request_parser& parser) {
        bool begun = false;
        std::size_t consumed = 0;
        idle = buffered_ == 0;
        if (idle && (last || setup_.book->stopping)) co_return closed;
        for (;;) {
            if (buffered_ > 0) {
                if (!begun) within(limits().header); // per request, not per byte
                begun = true;
                idle = false;
                error_code failed;
                const std::size_t used =
                    parser.put(asio::const_buffer(buffer_.data() + start_, buffered_), failed);
                take(used);
                consumed += used;
                if (failed && failed != http::error::need_more) co_return status_of(failed);
                const bool done = parser.is_header_done();
                const std::size_t length = done ? consumed : consumed + buffered_; // Beast counts a line's
                if (length > limits().header_bytes) co_return 431;
                if (done) co_return 0;
            }
            const bool more = co_await read_more();
            if (!more) co_return closed;
        }
    }

    void take(std::size_t n) {
        start_ += n;
        buffered_ -= n;
    }

    awaitable<bool> read_more() {
        if (start_ > 0 && buffered_ > 0) std::memmove(buffer_.data(), buffer_.data() + start_, buffered_);
        start_ = 0;
        if (buffered_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
        error_code failed;
        const auto room = asio::buffer(buffer_.data() + buffered_, buffer_.size() - buffered_);
        const std::size_t n = co_await stream_.async_read_some(room, redirect_error(use_awaitable, failed));
        buffered_ += n;
        co_return !failed && n > 0;
    }

    void fill_in(request& r) {
        const auto& proxies = setup_.listener->trusted_proxies;
        r.secure = is_tls;
        r.remote_address = address;
        if (proxies.empty() || !is_listed(address, proxies)) return;
        std::string forwarded; // several lines are one list
        for (const auto line : r.headers.all("x-forwarded-for"))
            forwarded.append(forwarded.empty() ? "" : ",").append(line);
        r.remote_address = person_address(address, forwarded, proxies);
        r.secure = r.header("x-forwarded-proto") == "https";
    }

    // Memory for bodies is bounded over all connections; false when there is none left.
    bool take_body(std::size_t n) {
        if (setup_.book->body_bytes + n > limits().bodies_bytes) return false;
        setup_.book->body_bytes += n;
        held_ += n;
        return true;
    }
    void give_back_body() {
        setup_.book->body_bytes -= held_;
        held_ = 0;
    }

    awaitable<int> read_body(request_parser& parser, const request& r) {
        const std::size_t limit = setup_.to->body_limit(r.method, r.path);
        const auto length = parser.content_length();
        if (length && *length > limit) co_return 413;
        if (parser.is_done()) co_return 0;
        const std::size_t announced = length ? static_cast<std::size_t>(*length) : 0;
        if (!take_body(announced)) co_return 503;
        parser.body_limit(limit);
        parser.eager(true);
        if (parser.get().version() >= 11 && core::to_lower_ascii(r.header("expect")) == "100-continue") {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            error_code failed;
            within(limits().write);
            co_await asio::async_write(stream_, asio::buffer(go_on), redirect_error(use_awaitable, failed));
            if (failed) co_return closed;
        }
        if (announced > small_buffer && buffer_.size() < body_buffer) buffer_.resize(body_buffer);
        const auto begun = steady::now();
        std::size_t received = 0;
        for (;;) {
            if (buffered_ > 0) {
                error_code failed;
                const std::size_t used =
                    parser.put(asio::const_buffer(buffer_.data() + start_, buffered_), failed);
                take(used);
                received += used;
                if (!length && !take_body(used)) co_return 503;
                if (failed && failed != http::error::need_more) co_return status_of(failed);
                if (parser.is_done()) break;
                // Chunks may be framed by little, not buried: their extensions count for nothing else.
                if (buffered_ >= limits().header_bytes || received > 8 * limit + body_buffer) co_return 413;
            }
            // Slower than the least rate ends the connection (guarantees W1).
            deadline = begun + limits().body_grace +
                       std::chrono::milliseconds(received * 1000 / limits().body_bytes_per_second);
            const bool more = co_await read_more();
            if (!more) co_return closed;
        }
        if (buffer_.size() > small_buffer && buffered_ == 0) {
            std::string(small_buffer, '\0').swap(buffer_);
            start_ = 0;
        }
        co_return 0;
    }

    // Leaves the answer in ready_; without one when the connection was closed meanwhile.
    awaitable<void> answer(request r) {
        ready_.reset();
        // The handler holds no part of this connection: it may come back when the connection has long gone,
        // and from another thread. `turn`: too late an answer is not taken for the next request's.
        const std::weak_ptr<connection> self = this->weak_from_this();
        const auto io = lowest().get_executor();
        const auto here = std::this_thread::get_id();
        const auto turn = ++turn_;
        const answer_fn take_answer = [self, io, here, turn](response made) {
            if (std::this_thread::get_id() == here) {
                if (const auto c = self.lock()) c->set_ready(turn, std::move(made));
                return;
            }
            auto shared = std::make_shared<response>(std::move(made));
            asio::post(io, [self, turn, shared] {
                if (const auto c = self.lock()) c->set_ready(turn, std::move(*shared));
            });
        };
        const auto ticket = setup_.to->handle(std::move(r), take_answer);
        if (ready_) co_return;
        const auto most = setup_.to->patience_of(ticket);
        co_await wait_for_answer(most);
        if (ready_ || !lowest().is_open()) co_return;
        if (auto late = setup_.to->give_up(ticket))
            ready_.emplace(std::move(*late));
        else
            co_await wait_for_answer(std::chrono::seconds(5)); // it is being handed over at this moment
    }

    awaitable<void> wait_for_answer(std::chrono::milliseconds most) {
        if (!lowest().is_open()) co_return; // closed before it came to wait
        within(most + std::chrono::seconds(5));
        answered_.expires_after(most);
        waiting_ = true;
        error_code ignored;
        co_await answered_.async_wait(redirect_error(use_awaitable, ignored));
        waiting_ = false;
    }

    void set_ready(std::uint64_t turn, response made) {
        if (ready_ || turn != turn_) return;
        ready_.emplace(std::move(made));
        if (waiting_) answered_.cancel();
    }

    awaitable<bool> write_answer(bool keep, bool head_only, unsigned version) {
        const response made = std::move(*ready_);
        ready_.reset();
        if (made.status == 0) {
            error_code ignored;
            lowest().set_option(asio::socket_base::linger(true, 0), ignored); // a reset, not a goodbye
            close();
            co_return false;
        }
        keep = keep && !last && !setup_.book->stopping;
        const std::string_view all =
            made.shared_body.empty() ? std::string_view(made.body) : made.shared_body;
        const std::string_view body = head_only || !has_body(made) ? std::string_view() : all;
        out_.clear();
        out_.reserve(512 + std::min(body.size(), piece_size));
        write_head(out_, made, all.size(), keep, version);
        const bool large = body.size() > piece_size;
        if (!large) out_.append(body);
        error_code failed;
        within(limits().write);
        co_await asio::async_write(stream_, asio::buffer(out_), redirect_error(use_awaitable, failed));
        for (std::size_t at = 0; large && !failed && at < body.size(); at += piece_size) {
            within(limits().write); // progress renews the time
            const auto piece = asio::buffer(body.data() + at, std::min(piece_size, body.size() - at));
            co_await asio::async_write(stream_, piece, redirect_error(use_awaitable, failed));
        }
        if (out_.capacity() > small_buffer) std::string().swap(out_);
        if (failed) close(); // nobody reads: no goodbye either
        if (keep) within(limits().idle);
        co_return !failed && keep;
    }

    // A request that cannot be understood or taken: one answer, then the connection ends (guarantees W2).
    awaitable<bool> refuse(int status) {
        ++setup_.book->refused;
        ready_.emplace(setup_.to->refuse_unread(status, is_tls));
        co_return co_await write_answer(false, false, 11);
    }

    Stream stream_;
    connection_setup setup_;
    timer answered_;
    std::list<connection_state*>::iterator place_;
    std::string buffer_ = std::string(small_buffer, '\0');
    std::size_t start_ = 0, buffered_ = 0;
    std::size_t ahead_ = 0; // requests in a row that were sent ahead of an answer
    std::size_t held_ = 0;  // of the book's body bytes
    std::string out_;
    std::optional<response> ready_;
    bool waiting_ = false;
    std::uint64_t turn_ = 0;
};

// Keeps the TLS context of its time alive: a reload makes a new one for new connections.
class tls_connection_stream : public tls_stream {
  public:
    tls_connection_stream(socket s, std::shared_ptr<asio::ssl::context> context)
        : tls_stream(std::move(s), *context), context_(std::move(context)) {}

  private:
    std::shared_ptr<asio::ssl::context> context_;
};

} // namespace

void start_plain(socket s, const connection_setup& setup) {
    std::make_shared<connection<socket>>(std::move(s), setup)->start();
}

void start_tls(socket s, std::shared_ptr<asio::ssl::context> tls, const connection_setup& setup) {
    tls_connection_stream stream(std::move(s), std::move(tls));
    std::make_shared<connection<tls_connection_stream>>(std::move(stream), setup)->start();
}

} // namespace wechat
