#include "tests/wechat/mp_fake_wechat.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <ctime>

namespace tests {

fake_wechat::fake_wechat(const core::clock& time) : time_(&time) {
    wechat::server_options o;
    wechat::listen_options l;
    l.tls = false;
    o.listeners.push_back(l);
    o.log_requests = false;
    o.static_answer = [this](const wechat::request& r) { return std::optional(serve(r)); };
    server_ = std::make_unique<wechat::server>(std::move(o), std::span<const wechat::route>(), services_,
                                               nullptr, time);
    server_->start();
}

fake_wechat::~fake_wechat() {
    server_->stop();
}

std::string fake_wechat::base() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
}

void fake_wechat::answer(std::string_view path, std::string json) {
    const std::lock_guard<std::mutex> hold(guard_);
    script_[std::string(path)].push_back(std::move(json));
}

std::vector<fake_wechat::call> fake_wechat::calls(std::string_view path) const {
    const std::lock_guard<std::mutex> hold(guard_);
    std::vector<call> some;
    for (const auto& c : calls_)
        if (path.empty() || c.path == path) some.push_back(c);
    return some;
}

void fake_wechat::forget() {
    const std::lock_guard<std::mutex> hold(guard_);
    calls_.clear();
}

wechat::response fake_wechat::serve(const wechat::request& r) {
    auto made = answer_of(r);
    const std::time_t now = core::to_ms(time_->now()) / 1000;
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> date{};
    std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made.add("Date", date.data());
    return made;
}

wechat::response fake_wechat::answer_of(const wechat::request& r) {
    const std::lock_guard<std::mutex> hold(guard_);
    std::string query;
    for (const auto& [name, value] : r.query)
        query += "&" + name + "=" + value;
    calls_.push_back({r.path, std::string(r.query.get("access_token")), query, r.body});
    const auto at = script_.find(r.path);
    if (at == script_.end() || at->second.empty()) {
        if (r.path == "/cgi-bin/stable_token")
            return wechat::json(R"({"access_token":"T-planted-token-1","expires_in":7200})");
        if (!r.query.get("echostr").empty()) return wechat::text(std::string(r.query.get("echostr")));
        return wechat::json(R"({"errcode":0,"errmsg":"ok"})");
    }
    const std::string said = at->second.front();
    if (at->second.size() > 1) at->second.pop_front();
    if (said == cut) return wechat::text("", 0);
    if (said.starts_with("502 {")) return wechat::json(said.substr(4), 502);
    if (!said.starts_with("{")) return wechat::html(said, 502);
    return wechat::text(said); // WeChat's content type is not dependable either
}

std::string unused_address() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    bind(fd, reinterpret_cast<sockaddr*>(&at), size);
    getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    close(fd); // bound once, so nobody else is likely to take it now
    return "http://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
}

} // namespace tests
