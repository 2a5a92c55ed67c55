#include "wechat/server/session.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "wechat/server/form.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <optional>

namespace wechat {
namespace {

namespace http = boost::beast::http;
using asio::redirect_error;
using boost::system::error_code;
template<class T>
using awaitable = asio::awaitable<T, executor>;
constexpr asio::use_awaitable_t<executor> use_awaitable{};
using tls_stream = asio::ssl::stream<socket>;

std::string_view view_of(boost::beast::string_view s) {
    return {s.data(), s.size()};
}

std::string_view reason_of(int status) {
    const auto s = http::obsolete_reason(static_cast<http::status>(status));
    return view_of(s);
}

// What a request's header breaks that Beast 1.81 lets through (stack.md 2); 0: nothing.
int smuggling_status(const http::request_parser<http::string_body>& parser) {
    const auto& head = parser.get();
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    for (const auto& field : head) {
        hosts += field.name() == http::field::host ? 1u : 0u;
        lengths += field.name() == http::field::content_length ? 1u : 0u;
        if (field.name() != http::field::transfer_encoding) continue;
        ++encodings;
        if (core::to_lower_ascii(view_of(field.value())) != "chunked") return 400;
    }
    if (encodings > 1 || lengths > 1 || (encodings == 1 && lengths > 0)) return 400;
    if (hosts > 1 || (hosts == 0 && head.version() >= 11)) return 400;
    if (head.version() != 10 && head.version() != 11) return 505;
    return 0;
}

int status_of(error_code failed) {
    if (failed == http::error::header_limit) return 431;
    if (failed == http::error::body_limit) return 413;
    if (failed == http::error::bad_version) return 505;
    return 400;
}

method method_of(http::verb v) {
    switch (v) {
    case http::verb::get:
        return method::get;
    case http::verb::head:
        return method::head;
    case http::verb::post:
        return method::post;
    default:
        return method::other;
    }
}

template<class Stream>
class connection final : public connection_state, public std::enable_shared_from_this<connection<Stream>> {
  public:
    connection(Stream stream, const connection_setup& s)
        : stream_(std::move(stream)), setup_(s), answered_(lowest().get_executor()) {
        error_code failed;
        const auto peer = lowest().remote_endpoint(failed);
        if (!failed) address = peer.address().to_string();
        lowest().set_option(asio::ip::tcp::no_delay(true), failed);
        place_ = setup_.book->all.insert(setup_.book->all.end(), this);
        ++setup_.book->per_address[address];
        ++setup_.book->open;
    }
    ~connection() override {
        setup_.book->all.erase(place_);
        const auto at = setup_.book->per_address.find(address);
        if (--at->second == 0) setup_.book->per_address.erase(at);
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

  private:
    using parser_type = http::request_parser<http::string_body>;

    socket& lowest() {
        if constexpr (std::is_same_v<Stream, socket>)
            return stream_;
        else
            return stream_.next_layer();
    }
    void within(std::chrono::milliseconds d) { deadline = steady::now() + d; }

    awaitable<void> run(std::shared_ptr<connection> self) {
        (void)self; // keeps this alive while the coroutine runs
        error_code failed;
        if constexpr (!std::is_same_v<Stream, socket>) {
            within(setup_.options->limits.handshake);
            co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                             redirect_error(use_awaitable, failed));
            if (failed) co_return;
        }
        bool going_on = true;
        while (going_on)
            going_on = co_await serve_one();
        co_await shut_down();
    }

    awaitable<void> shut_down() {
        error_code failed;
        if constexpr (!std::is_same_v<Stream, socket>) {
            within(std::chrono::seconds(2));
            if (lowest().is_open()) co_await stream_.async_shutdown(redirect_error(use_awaitable, failed));
        }
        if (lowest().is_open()) lowest().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
        lowest().close(failed);
    }

    // False: the connection is done.
    awaitable<bool> serve_one() {
        parser_type parser;
        parser.header_limit(static_cast<std::uint32_t>(setup_.options->limits.header_bytes));
        parser.eager(false);
        parser.body_limit(boost::none);
        idle = buffered_ == 0;
        if (last || (setup_.book->stopping && idle)) co_return false;
        within(setup_.options->limits.idle);
        const int head_status = co_await read_header(parser);
        if (head_status < 0) co_return false; // closed between requests
        if (head_status > 0) co_return co_await write_refusal(head_status);
        if (const int wrong = smuggling_status(parser); wrong != 0) co_return co_await write_refusal(wrong);
        request r;
        if (!fill(r, parser)) co_return co_await write_refusal(400);
        const int body_status = co_await read_body(parser, r);
        if (body_status < 0) co_return false;
        if (body_status > 0) co_return co_await write_refusal(body_status);
        r.body = std::move(parser.get().body());
        const bool keep = parser.get().keep_alive();
        const bool head_only = r.method == method::head;
        ++setup_.book->requests;
        co_await answer(std::move(r));
        if (!ready_) co_return false;
        co_return co_await write_answer(keep, head_only);
    }

    // 0: the header is complete; < 0: the peer closed; > 0: the status to refuse with.
    awaitable<int> read_header(parser_type& parser) {
        bool begun = false;
        for (;;) {
            if (buffered_ > 0) {
                if (!begun) {
                    begun = true;
                    idle = false;
                    within(setup_.options->limits.header);
                }
                error_code failed;
                const std::size_t used =
                    parser.put(asio::const_buffer(buffer_.data() + start_, buffered_), failed);
                start_ += used;
                buffered_ -= used;
                if (failed && failed != http::error::need_more) co_return status_of(failed);
                if (parser.is_header_done()) co_return 0;
                if (buffered_ >= setup_.options->limits.header_bytes) co_return 431;
            }
            const bool more = co_await read_more();
            if (!more) co_return -1;
        }
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

    bool fill(request& r, const parser_type& parser) {
        const auto& head = parser.get();
        r.method = method_of(head.method());
        r.secure = !std::is_same_v<Stream, socket>;
        const auto target = view_of(head.target());
        if (!target.starts_with('/')) return false;
        const auto question = std::min(target.find('?'), target.size());
        const auto raw_path = target.substr(0, question);
        if (raw_path.find('+') == std::string_view::npos) {
            auto path = url_decode(raw_path);
            if (!path) return false;
            r.path = std::move(*path);
        } else {
            r.path = std::string(raw_path);
        }
        if (question < target.size()) {
            auto query = parse_urlencoded(target.substr(question + 1));
            if (!query) return false;
            r.query = std::move(*query);
        }
        for (const auto& field : head)
            r.headers.add(core::to_lower_ascii(view_of(field.name_string())),
                          std::string(view_of(field.value())));
        r.host = std::string(r.header("host"));
        if (!core::is_utf8(r.host) || r.host.find_first_of(" /\\@") != std::string::npos) return false;
        if (const auto cookies = r.header("cookie"); !cookies.empty()) r.cookies = parse_cookies(cookies);
        const auto& proxies = setup_.listener->trusted_proxies;
        r.remote_address =
            proxies.empty() ? address : person_address(address, r.header("x-forwarded-for"), proxies);
        if (!proxies.empty() && is_listed(address, proxies))
            r.secure = r.header("x-forwarded-proto") == "https";
        return true;
    }

    awaitable<int> read_body(parser_type& parser, const request& r) {
        const std::size_t limit = setup_.to->body_limit(r.method, r.path);
        const auto length = parser.content_length();
        if (length && *length > limit) co_return 413;
        if (parser.is_done()) co_return 0;
        parser.body_limit(limit);
        parser.eager(true);
        if (core::to_lower_ascii(r.header("expect")) == "100-continue") {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            error_code failed;
            within(setup_.options->limits.write);
            co_await asio::async_write(stream_, asio::buffer(go_on), redirect_error(use_awaitable, failed));
            if (failed) co_return -1;
        }
        // Slower than the least rate ends the connection (guarantees W1).
        const auto grace = std::chrono::seconds(10);
        const auto begun = steady::now();
        std::size_t received = 0;
        for (;;) {
            if (buffered_ > 0) {
                error_code failed;
                const std::size_t used =
                    parser.put(asio::const_buffer(buffer_.data() + start_, buffered_), failed);
                start_ += used;
                buffered_ -= used;
                received += used;
                if (failed && failed != http::error::need_more) co_return status_of(failed);
                if (parser.is_done()) co_return 0;
            }
            deadline =
                begun + grace + std::chrono::seconds(received / setup_.options->limits.body_bytes_per_second);
            const bool more = co_await read_more();
            if (!more) co_return -1;
        }
    }

    awaitable<void> answer(request r) {
        ready_.reset();
        const auto patience = setup_.to->patience_of(r.method, r.path);
        within(patience.most + std::chrono::seconds(5));
        const auto self = this->shared_from_this();
        const auto io = lowest().get_executor();
        const auto here = std::this_thread::get_id();
        const auto turn = ++turn_; // an answer that comes too late must not be taken for the next request's
        const answer_fn take = [self, io, here, turn](response made) {
            if (std::this_thread::get_id() == here) return self->set_ready(turn, std::move(made));
            auto shared = std::make_shared<response>(std::move(made));
            asio::post(io, [self, turn, shared] { self->set_ready(turn, std::move(*shared)); });
        };
        setup_.to->handle(std::move(r), take);
        if (ready_) co_return;
        answered_.expires_after(patience.most);
        waiting_ = true;
        error_code ignored;
        co_await answered_.async_wait(redirect_error(use_awaitable, ignored));
        waiting_ = false;
        if (!ready_ && lowest().is_open()) ready_.emplace(patience.late());
    }

    void set_ready(std::uint64_t turn, response made) {
        if (ready_ || turn != turn_) return;
        ready_.emplace(std::move(made));
        if (waiting_) answered_.cancel();
    }

    awaitable<bool> write_answer(bool keep, bool head_only) {
        response made = std::move(*ready_);
        keep = keep && !last && !setup_.book->stopping;
        const std::string_view body =
            made.shared_body.empty() ? std::string_view(made.body) : made.shared_body;
        out_.clear();
        out_.append("HTTP/1.1 ")
            .append(std::to_string(made.status))
            .append(" ")
            .append(reason_of(made.status));
        out_.append("\r\n");
        const bool has_body = made.status != 304 && made.status != 204;
        if (has_body) {
            if (!made.content_type.empty())
                out_.append("Content-Type: ").append(made.content_type).append("\r\n");
            out_.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
        }
        for (const auto& [name, value] : made.headers)
            out_.append(name).append(": ").append(value).append("\r\n");
        if (!keep) out_.append("Connection: close\r\n");
        out_.append("\r\n");
        const bool large = body.size() > 64 * 1024;
        if (has_body && !head_only && !large) out_.append(body);
        error_code failed;
        within(setup_.options->limits.write);
        co_await asio::async_write(stream_, asio::buffer(out_), redirect_error(use_awaitable, failed));
        for (std::size_t at = 0; large && !failed && !head_only && has_body && at < body.size();
             at += 64 * 1024) {
            within(setup_.options->limits.write); // progress renews the time
            const auto piece =
                asio::buffer(body.data() + at, std::min<std::size_t>(64 * 1024, body.size() - at));
            co_await asio::async_write(stream_, piece, redirect_error(use_awaitable, failed));
        }
        if (out_.capacity() > 256 * 1024) std::string().swap(out_);
        co_return !failed && keep;
    }

    // A request that cannot be understood: one answer, then the connection ends (guarantees W2).
    awaitable<bool> write_refusal(int status) {
        ++setup_.book->refused;
        ready_.emplace(text(std::to_string(status) + "\n", status));
        co_await write_answer(false, false);
        // What the peer still sends is read and thrown away for a moment, so that it sees the answer, not a
        // reset.
        within(std::chrono::seconds(1));
        error_code failed;
        lowest().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
        for (int i = 0; i < 64 && !failed; ++i) {
            const auto room = asio::buffer(buffer_);
            co_await lowest().async_read_some(room, redirect_error(use_awaitable, failed));
        }
        error_code ignored;
        lowest().close(ignored);
        co_return false;
    }

    Stream stream_;
    connection_setup setup_;
    timer answered_;
    std::list<connection_state*>::iterator place_;
    std::string buffer_ = std::string(4096, '\0');
    std::size_t start_ = 0, buffered_ = 0;
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

bool in_block(const asio::ip::address& a, const std::string& block) {
    error_code failed;
    if (block.find('/') == std::string::npos) return asio::ip::make_address(block, failed) == a && !failed;
    if (a.is_v4()) {
        const auto net = asio::ip::make_network_v4(block, failed);
        if (failed) return false;
        return asio::ip::make_network_v4(a.to_v4(), net.prefix_length()).canonical() == net.canonical();
    }
    const auto net = asio::ip::make_network_v6(block, failed);
    if (failed) return false;
    return asio::ip::make_network_v6(a.to_v6(), net.prefix_length()).canonical() == net.canonical();
}

} // namespace

bool is_listed(std::string_view address, const std::vector<std::string>& blocks) {
    error_code failed;
    const auto a = asio::ip::make_address(std::string(address), failed);
    if (failed) return false;
    for (const auto& b : blocks)
        if (in_block(a, b)) return true;
    return false;
}

std::string person_address(std::string_view peer, std::string_view forwarded,
                           const std::vector<std::string>& proxies) {
    std::string current(peer);
    while (is_listed(current, proxies) && !forwarded.empty()) {
        const auto comma = forwarded.rfind(',');
        const auto last =
            core::trim(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
        forwarded = comma == std::string_view::npos ? std::string_view() : forwarded.substr(0, comma);
        error_code failed;
        const auto parsed = asio::ip::make_address(std::string(last), failed);
        if (failed) break;
        current = parsed.to_string();
    }
    return current;
}

void start_plain(socket s, const connection_setup& setup) {
    std::make_shared<connection<socket>>(std::move(s), setup)->start();
}

void start_tls(socket s, std::shared_ptr<asio::ssl::context> tls, const connection_setup& setup) {
    tls_connection_stream stream(std::move(s), std::move(tls));
    std::make_shared<connection<tls_connection_stream>>(std::move(stream), setup)->start();
}

} // namespace wechat
