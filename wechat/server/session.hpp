// One connection: reads requests with Beast's parser in our own loop, hands them to dispatch, writes answers.
// One of the three places with coroutines; see the compiler trap in wechat/README.md before editing.
#pragma once
#include "wechat/server/dispatch.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace wechat {

namespace asio = boost::asio;
using executor = asio::io_context::executor_type;
using socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, executor>;
using steady = std::chrono::steady_clock;

// What the sweep of the listener looks at; lives as long as the connection, and ends on the io thread.
class connection_state {
  public:
    virtual ~connection_state() = default;
    virtual void close() = 0; // at once, whatever it waits for
    virtual void leave() = 0; // when idle: says goodbye (close_notify), then closes
    steady::time_point deadline = steady::time_point::max();
    bool idle = true;    // between requests: a graceful stop ends it at once
    bool last = false;   // finish this request, then close
    std::string address; // of the peer
    std::string network; // that its connections are counted for
};

// Shared by the connections of a server; touched on the io thread only.
struct connection_book {
    std::list<connection_state*> all;
    std::map<std::string, std::size_t, std::less<>> per_network;
    std::size_t body_bytes = 0; // of requests being received or answered
    bool stopping = false;      // nothing new is taken
    bool stopped = false;       // everything was closed
    std::atomic<std::uint64_t> requests = 0, open = 0, refused = 0;
};

struct connection_setup {
    const server_options* options;
    const listen_options* listener;
    dispatcher* to;
    connection_book* book;
};

// Takes the socket over; the connection lives until it is closed.
void start_plain(socket s, const connection_setup& setup);
void start_tls(socket s, std::shared_ptr<asio::ssl::context> tls, const connection_setup& setup);

} // namespace wechat
