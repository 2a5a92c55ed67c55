// The webhook: what is posted, how it is signed, what each answer means, against a receiver on loopback. And
// the client below it: many calls at once, giving up.
#include "core/base/json.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "wechat/relay/webhook_channel.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace wechat::relay;
using notify::refusal;
using notify::verdict;
using wechat::mp::http_answer;
using wechat::mp::http_client;
using wechat::mp::http_request;

class receiver {
  public:
    receiver() {
        wechat::server_options o;
        wechat::listen_options l;
        l.tls = false;
        o.listeners.push_back(l);
        o.log_requests = false;
        o.static_answer = [this](const wechat::request& r) {
            const std::lock_guard<std::mutex> hold(guard_);
            seen_.push_back(r);
            return std::optional(wechat::response{status, "text/plain", answer});
        };
        server_ = std::make_unique<wechat::server>(std::move(o), std::span<const wechat::route>(), services_,
                                                   nullptr, time_);
        server_->start();
    }
    ~receiver() { server_->stop(); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }
    std::vector<wechat::request> seen() const {
        const std::lock_guard<std::mutex> hold(guard_);
        return seen_;
    }
    int status = 200;
    std::string answer = "ok";

  private:
    core::machine_clock time_;
    wechat::services services_;
    mutable std::mutex guard_;
    std::vector<wechat::request> seen_;
    std::unique_ptr<wechat::server> server_;
};

// Takes connections (the system does, in its backlog) and never says a word.
class silent_listener {
  public:
    silent_listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        const bool fine = bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                          listen(socket_, 16) == 0 &&
                          getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0;
        if (!fine) throw std::runtime_error("no socket for a silent listener");
        port_ = ntohs(at.sin_port);
    }
    ~silent_listener() { close(socket_); }
    silent_listener(const silent_listener&) = delete;
    silent_listener& operator=(const silent_listener&) = delete;
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

  private:
    int socket_;
    std::uint16_t port_ = 0;
};

const std::string secret = "0123456789abcdef0123456789abcdef";
const core::instant at_ten = core::local_instant(*core::parse_date("2026-11-24"), 10 * 60);

struct sender {
    explicit sender(const std::string& url, std::string to = "phones")
        : settings(make(url, std::move(to))), http(client_options(settings)), time(at_ten),
          channel(settings, http, time, "https://example.com") {}
    static webhook_settings make(const std::string& url, std::string to) {
        webhook_settings s;
        s.url = url;
        s.secret = secret;
        s.to = std::move(to);
        s.allow_plain_http = true;
        return s;
    }
    notify::send_result send_one(std::string address = "13800001234") {
        notify::outgoing m;
        m.delivery = 1;
        m.client_msg_id = "qj1";
        m.address = std::move(address);
        m.kind = "order_confirmed";
        m.body = channel.compose({"order_confirmed",
                                  "预约成功提醒",
                                  "/orders/1",
                                  {{"thing1", "检定机构", "示例市…", "示例市\"计量\"检定测试所"},
                                   {"time3", "时间", "", "2026-11-25 10:00"}}});
        std::optional<notify::outgoing> left = m;
        notify::send_result got;
        channel.send([&] { return std::exchange(left, std::nullopt); },
                     [&](const notify::outgoing&, notify::send_result r) { got = std::move(r); });
        return got;
    }
    webhook_settings settings;
    http_client http;
    core::fixed_clock time;
    webhook_channel channel;
};

// As notify/README.md tells a receiver to do it.
bool is_genuine(const wechat::request& r, std::string_view key, core::instant now) {
    const std::string stamp(r.header("x-qiangjian-timestamp"));
    if (std::abs(std::stoll(stamp) - core::to_ms(now) / 1000) > 300) return false;
    const std::string text = stamp + "." + r.body;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    std::string expected = "v1=";
    for (unsigned i = 0; i < size; ++i) {
        std::array<char, 3> two{};
        std::snprintf(two.data(), two.size(), "%02x", digest[i]);
        expected += two.data();
    }
    return r.header("x-qiangjian-signature") == expected;
}

} // namespace

TEST_CASE("N the webhook posts who, what and where, signed, with an id that is the same at every try") {
    receiver r;
    sender s(r.url());
    CHECK(s.send_one().result == verdict::accepted);
    CHECK(s.send_one().result == verdict::accepted);
    const auto seen = r.seen();
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].header("idempotency-key") == "qj1");
    CHECK(seen[1].header("idempotency-key") == "qj1");
    CHECK(seen[0].body == seen[1].body);
    CHECK(seen[0].header("content-type") == "application/json; charset=utf-8");
    const auto body = core::parse_json(seen[0].body);
    REQUIRE(body);
    CHECK(body->text("id") == "qj1");
    CHECK(body->text("kind") == "order_confirmed");
    CHECK(body->text("phone") == "13800001234");
    CHECK(body->text("title") == "预约成功提醒");
    CHECK(body->text("text") == "检定机构：示例市\"计量\"检定测试所，时间：2026-11-25 10:00");
    CHECK(body->text("url") == "https://example.com/orders/1");
    CHECK(is_genuine(seen[0], secret, at_ten));
    CHECK_FALSE(is_genuine(seen[0], "another secret of 32 characters!", at_ten));
    CHECK_FALSE(is_genuine(seen[0], secret, at_ten + 6min)); // an old one, played again
    auto altered = seen[0];
    altered.body.replace(altered.body.find("138"), 3, "139");
    CHECK_FALSE(is_genuine(altered, secret, at_ten));
    CHECK(webhook_signature("key", "1", "body") == webhook_signature("key", "1", "body"));
    CHECK(webhook_signature("key", "1", "body") != webhook_signature("key", "2", "body"));
}

TEST_CASE("S12 the number of a person leaves the house only when the setting says so") {
    receiver r;
    CHECK(sender(r.url(), "phones").channel.needs() == notify::address_kind::phone);
    for (const char* to : {"people", "group"}) {
        sender s(r.url(), to);
        CHECK(s.channel.needs() ==
              (std::string_view(to) == "group" ? notify::address_kind::group : notify::address_kind::person));
        CHECK(s.send_one().result == verdict::accepted);
        CHECK(r.seen().back().body.find("13800001234") == std::string::npos);
    }
}

TEST_CASE("N7 what the receiver's answer means, every class of status") {
    const std::map<int, verdict> table = {
        {200, verdict::accepted},     {202, verdict::accepted},     {204, verdict::accepted},
        {409, verdict::accepted},     {422, verdict::user_refused}, {429, verdict::slow_down},
        {408, verdict::not_sent},     {425, verdict::not_sent},     {400, verdict::data_refused},
        {413, verdict::data_refused}, {415, verdict::data_refused}, {401, verdict::account_down},
        {403, verdict::account_down}, {404, verdict::account_down}, {410, verdict::account_down},
        {301, verdict::account_down}, {500, verdict::in_doubt},     {502, verdict::in_doubt},
        {503, verdict::in_doubt},     {504, verdict::in_doubt}};
    for (const auto& [status, expected] : table) {
        http_answer a;
        a.fate = http_answer::fate::answered;
        a.status = status;
        a.body = "why\nnot";
        const auto got = judge_webhook(a);
        CHECK_MESSAGE(got.result == expected, status);
        CHECK(got.errcode == (expected == verdict::accepted ? 0 : status));
        CHECK(got.errmsg == (expected == verdict::accepted ? "" : "why not"));
    }
    CHECK(judge_webhook({}).result == verdict::in_doubt);
    sender nowhere(tests::unused_address());
    CHECK(nowhere.send_one().result == verdict::not_sent);
    receiver r;
    r.status = 429;
    sender s(r.url());
    CHECK(s.send_one().result == verdict::slow_down);
}

TEST_CASE("S11 the webhook is called over https only, unless the setting says otherwise") {
    receiver r;
    auto settings = sender::make(r.url(), "phones");
    settings.allow_plain_http = false;
    http_client strict(client_options(settings));
    const core::fixed_clock time(at_ten);
    webhook_channel channel(settings, strict, time, "");
    notify::outgoing m;
    m.body = R"({"title":"t"})";
    std::optional<notify::outgoing> left = m;
    notify::send_result got;
    channel.send([&] { return std::exchange(left, std::nullopt); },
                 [&](const notify::outgoing&, notify::send_result result) { got = std::move(result); });
    CHECK(got.result == verdict::not_sent);
    CHECK(r.seen().empty());
}

TEST_CASE(
    "W4 http_client::stream keeps its slots full, gives each answer to its own request, and comes back") {
    receiver r;
    http_client::options o;
    o.allow_plain_http = true;
    o.connections = 4;
    http_client http(o);
    std::map<std::size_t, std::string> under_way;
    std::set<std::string> answered;
    std::size_t most = 0;
    int given = 0;
    http.stream(
        [&](std::size_t slot, http_request& ask) {
            if (given == 200) return false;
            CHECK(slot < 4);
            CHECK_FALSE(under_way.contains(slot));
            ask.url = r.url() + (given % 2 == 0 ? "" : "?odd");
            ask.body = "\"n" + std::to_string(given++) + "\"";
            under_way[slot] = ask.body;
            most = std::max(most, under_way.size());
            return true;
        },
        [&](std::size_t slot, const http_answer& a) {
            CHECK(a.fate == http_answer::fate::answered);
            CHECK(a.body == "ok");
            CHECK(answered.insert(under_way.at(slot)).second);
            under_way.erase(slot);
        });
    CHECK(answered.size() == 200);
    CHECK(most == 4);
    CHECK(under_way.empty());
    std::set<std::string> received;
    for (const auto& one : r.seen())
        received.insert(one.body);
    CHECK(received == answered);
    int asked = 0;
    http.stream([&](std::size_t, http_request&) { return ++asked, false; },
                [](std::size_t, const http_answer&) {});
    CHECK(asked == 1); // nothing to send: back at once
}

TEST_CASE("W4 http_client::stream asks again when it is woken while an answer is awaited") {
    silent_listener silent;
    http_client::options o;
    o.allow_plain_http = true;
    o.connections = 2;
    http_client http(o);
    std::atomic<int> begun = 0;
    std::atomic<bool> more = false;
    std::jthread other([&] {
        while (begun == 0)
            std::this_thread::yield();
        more = true;
        http.wake();
        while (begun < 2)
            std::this_thread::yield();
        http.give_up();
    });
    int in_doubt = 0;
    http.stream(
        [&](std::size_t, http_request& ask) {
            if (begun >= 2 || (begun == 1 && !more)) return false;
            ask.url = silent.url();
            ask.body = "{}";
            ++begun;
            return true;
        },
        [&](std::size_t, const http_answer& a) {
            CHECK(a.fate == http_answer::fate::in_doubt);
            CHECK(a.why == "the program stopped before the answer came");
            ++in_doubt;
        });
    CHECK(begun == 2);
    CHECK(in_doubt == 2);
    // The client can be used again: the slots are free, the connections new.
    receiver r;
    int given = 0, answered = 0;
    http.stream(
        [&](std::size_t, http_request& ask) {
            if (given == 3) return false;
            ask.url = r.url();
            ask.body = "\"" + std::to_string(given++) + "\"";
            return true;
        },
        [&](std::size_t, const http_answer& a) {
            answered += a.fate == http_answer::fate::answered ? 1 : 0;
        });
    CHECK(answered == 3);
}
