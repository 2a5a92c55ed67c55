#include "tests/wechat/server_support.hpp"

#include "core/base/log.hpp"
#include "core/db/statement.hpp"

#include <array>
#include <stdexcept>
#include <thread>

namespace tests {
namespace {

using namespace wechat;

template<class F>
void wait_until(const F& done, const char* what) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) throw std::runtime_error(what);
        std::this_thread::yield();
    }
}

core::result<response> hello(const request&, services&) {
    return text("hello");
}
core::result<response> echo(const request& r, services&) {
    return text(r.body);
}
core::result<response> show_form(const request& r, services&) {
    std::string all;
    for (const auto& [name, value] : r.form)
        all += name + "=" + value + ";";
    for (const auto& f : r.files)
        all += f.field + ":" + f.file_name + ":" + std::to_string(f.bytes.size()) + ";";
    return text(all);
}
core::result<response> big(const request&, services&) {
    return text(std::string(16 * 1024 * 1024, 'x'));
}
core::result<response> show_address(const request& r, services&) {
    return text(r.remote_address + (r.secure ? " https" : " http"));
}
core::result<response> fail(const request&, services&) {
    throw std::runtime_error("planted cause 4711");
}
core::result<response> fill_disk(const request&, services&) {
    throw core::db::db_error(13, "planted full disk");
}
void keep_silent(request, services&, answer_fn) {}
response late() {
    return text("late");
}
void hold(request, services&, answer_fn answer) {
    const std::lock_guard<std::mutex> lock(held().guard);
    held().waiting.push_back(std::move(answer));
}

constexpr route asynchronous(std::string_view pattern, async_fn f, int within_ms, response (*late_answer)()) {
    route r{.method = method::get, .pattern = pattern, .who = anyone, .async = f};
    r.answer_within_ms = within_ms;
    r.late_answer = late_answer;
    return r;
}

} // namespace

std::span<const route> test_routes() {
    static constexpr auto table = std::to_array<route>({
        get_task("/hello", anyone, hello),
        post_task("/echo", anyone, echo),
        post_task("/form", anyone, show_form),
        get_task("/big", anyone, big),
        get_task("/address", anyone, show_address),
        get_task("/throw", anyone, fail),
        get_task("/full", anyone, fill_disk),
        get_task("/things/{}", anyone, hello),
        asynchronous("/never", keep_silent, 30, late),
        asynchronous("/held", hold, 0, nullptr),
        asynchronous("/held-short", hold, 30, late),
    });
    return table;
}

held_answers& held() {
    static held_answers one;
    return one;
}

std::size_t held_answers::count() {
    const std::lock_guard<std::mutex> lock(guard);
    return waiting.size();
}

void held_answers::wait_for(std::size_t n) {
    wait_until([&] { return count() >= n; }, "the request did not reach its handler");
}

void held_answers::release(std::string body) {
    std::vector<answer_fn> all;
    {
        const std::lock_guard<std::mutex> lock(guard);
        all.swap(waiting);
    }
    for (const auto& answer : all)
        answer(text(body));
}

server_limits short_limits() {
    using std::chrono::milliseconds;
    server_limits l;
    l.handshake = milliseconds(200);
    l.header = milliseconds(200);
    l.body_grace = milliseconds(200);
    l.idle = milliseconds(300);
    l.write = milliseconds(200);
    l.answer = milliseconds(300);
    l.stop = milliseconds(1000);
    l.linger = milliseconds(100);
    l.sweep = milliseconds(10);
    return l;
}

test_server::test_server(const std::function<void(server_options&)>& change, bool tls)
    : certificate(make_certificate(folder.path(), "first.test")) {
    server_options o;
    listen_options l;
    l.tls = tls;
    l.certificate = certificate.certificate;
    l.key = certificate.key;
    o.listeners.push_back(l);
    o.limits = short_limits();
    o.log_requests = false;
    if (change) change(o);
    services_.time = &time_;
    server_ = std::make_unique<server>(std::move(o), test_routes(), services_, nullptr, time_);
    server_->start();
}

test_server::~test_server() {
    held().release("gone");
}

web_client test_server::client(web_client::options o) const {
    o.port = port();
    return web_client(std::move(o));
}

web_client test_server::plain(web_client::options o) const {
    o.port = port();
    o.tls = false;
    return web_client(std::move(o));
}

captured_log::captured_log() {
    core::log::redirect([this](const std::string& line) {
        const std::lock_guard<std::mutex> lock(guard_);
        lines_.push_back(line);
    });
}

captured_log::~captured_log() {
    core::log::redirect({});
}

std::vector<std::string> captured_log::lines() const {
    const std::lock_guard<std::mutex> lock(guard_);
    return lines_;
}

std::vector<std::string> captured_log::wait_for(std::size_t n) const {
    wait_until([&] { return lines().size() >= n; }, "fewer log lines than expected");
    return lines();
}

} // namespace tests
