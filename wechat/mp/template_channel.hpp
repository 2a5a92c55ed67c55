// The WeChat channel of the notification hub: template messages, many at once over few connections.
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

class template_channel final : public notify::channel {
  public:
    explicit template_channel(api& a);
    std::string_view name() const override { return "wechat"; }
    bool carries(std::string_view kind) const override; // a template id is configured
    // {"url": "https://…", "data": {"thing3": {"value": "…"}}}: the request without what is the person's.
    std::string compose(const notify::message& m) const override;
    void send(const source& next, const sink& done) override;
    void wake() override;
    void give_up() override;

    // The request body: touser, template_id, client_msg_id before what compose() made. "" when the kind has
    // no template id or the stored parts could not be WeChat's.
    std::string request_body(const notify::outgoing& m) const;

  private:
    struct under_way {
        notify::outgoing message;
        std::string token; // that it was sent with
        bool again = false;
    };
    bool fill(http_request& r, under_way& w);
    bool refresh(const std::string& refused); // false: no newer token
    notify::send_result settle(const under_way& w, notify::send_result r);

    api* api_;
    std::map<std::string, std::string, std::less<>> template_part_; // kind -> "template_id":"…",
    std::vector<under_way> slots_;
    std::deque<under_way> again_; // refused for their token, once
    std::string token_, base_, url_;
    std::set<std::string> restricted_; // openids refused with 50002 in a row
};

notify::send_result judge_answer(const http_answer& a);

} // namespace wechat::mp
