#include "wechat/sandbox/caller.hpp"

#include "core/base/log.hpp"

namespace wechat::sandbox {

caller::caller(platform& p, std::string callback_url, mp::http_client& http)
    : platform_(&p), url_(std::move(callback_url)), http_(&http) {
    platform_->on_push([this] {
        {
            const std::lock_guard<std::mutex> hold(guard_);
            poked_ = true;
        }
        wake_.notify_one();
    });
}

void caller::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        for (const auto& p : platform_->take_pushes())
            deliver(p);
        const auto next = platform_->next_push();
        const auto wait = next ? std::chrono::milliseconds(20) : std::chrono::milliseconds(1000);
        std::unique_lock<std::mutex> hold(guard_);
        wake_.wait_for(hold, stop, wait, [&] { return poked_; });
        poked_ = false;
    }
}

void caller::deliver(const push& p) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto request = platform_->seal(p);
        const auto answer = http_->call({url_ + "?" + request.query, request.body});
        if (answer.fate != mp::http_answer::fate::answered || answer.status >= 500) continue;
        if (answer.status == 200) {
            const std::string reply = platform_->open_reply(answer.body);
            if (!reply.empty()) platform_->show_reply(p, reply);
            if (!reply.empty() || answer.body.empty() || answer.body == "success") return;
        }
        core::log::warn("sandbox", "the callback was refused",
                        core::value::object().set("status", answer.status));
        break;
    }
    platform_->note(p.openid, "该公众号暂时无法提供服务，请稍后再试");
}

} // namespace wechat::sandbox
