// Posts the platform's pushes to our server's callback address, as WeChat does: five seconds, up to three
// tries.
#pragma once
#include "wechat/mp/http_client.hpp"
#include "wechat/sandbox/platform.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

namespace wechat::sandbox {

class caller {
  public:
    caller(platform& p, std::string callback_url, mp::http_client& http);
    void run(const std::stop_token& stop);

  private:
    void deliver(const push& p);

    platform* platform_;
    std::string url_;
    mp::http_client* http_;
    std::mutex guard_;
    std::condition_variable_any wake_;
    bool poked_ = false;
};

} // namespace wechat::sandbox
