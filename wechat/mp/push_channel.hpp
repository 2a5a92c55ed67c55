// What the three ways of WeChat to send somebody something have in common: many calls at once over few
// connections, the token renewed once when refused, our brakes, and WeChat's codes as verdicts.
#pragma once
#include "notify/message/channel.hpp"
#include "wechat/mp/api.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

class push_channel : public notify::channel {
  public:
    // `http` is this channel's alone; `path` of the call.
    push_channel(api& a, http_client& http, std::string_view path);
    void send(const source& next, const sink& done) override;
    void wake() override;
    void give_up() override;
    void release() override; // the API client's breakers for this call, and those of every call

    // The whole request, "" when the stored parts could not be WeChat's.
    virtual std::string request_body(const notify::outgoing& m) const = 0;

  protected:
    const api& service() const { return *api_; }

  private:
    struct under_way {
        notify::outgoing message;
        std::string token; // that it was sent with
        bool again = false;
    };
    bool fill(http_request& r, under_way& w);
    bool refresh(const std::string& refused); // false: no newer token
    notify::send_result settle(const under_way& w, notify::send_result r);
    notify::send_result refuse_unsent(const notify::outgoing& m) const;

    api* api_;
    http_client* http_;
    std::string path_;
    std::vector<under_way> slots_;
    std::deque<under_way> again_; // refused for their token, once
    std::string token_, base_, url_;
    std::set<std::string> restricted_;                // openids refused with 50002 in a row
    std::map<std::string, int, std::less<>> misfits_; // kinds refused with 47003 in a row, how often
};

notify::send_result judge_answer(const http_answer& a);
// Openids, template ids and our ids go into requests as they are: WeChat's alphabet, at most 64.
bool is_plain(std::string_view s);

} // namespace wechat::mp
