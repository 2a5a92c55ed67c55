#include "wechat/mp/customer_channel.hpp"

#include "core/account/binding.hpp"
#include "core/base/json.hpp"
#include "notify/hub/delivery.hpp"
#include "wechat/mp/answers.hpp"

namespace wechat::mp {
namespace {

using namespace std::chrono_literals;
constexpr auto window = 48h - 1min; // ours ends before WeChat's
constexpr int most = 5;

} // namespace

customer_channel::customer_channel(api& a, http_client& http)
    : push_channel(a, http, "/cgi-bin/message/custom/send") {}

bool customer_channel::may_go(core::db::read_view& view, std::string_view openid) const {
    const auto wrote = core::account::last_wrote(view, openid);
    return wrote && *wrote >= view.now() - window &&
           notify::count_handed_over(view, name(), openid, *wrote) < most;
}

std::string customer_channel::compose(const notify::message& m) const {
    std::string text = plain(m.title);
    for (const auto& f : m.fields)
        text.append("\n").append(plain(f.label)).append("：").append(plain(f.text));
    if (!m.url.empty())
        text.append("\n<a href=\"").append(service().config().public_url + m.url).append("\">查看详情</a>");
    core::value out = core::value::object();
    out.set("msgtype", "text");
    return core::to_json(out.set("text", core::value::object().set("content", text)));
}

std::string customer_channel::request_body(const notify::outgoing& m) const {
    if (!is_plain(m.address) || m.body.size() <= 2 || m.body.front() != '{') return {};
    std::string out("{\"touser\":\"");
    return out.append(m.address).append("\",").append(m.body, 1);
}

} // namespace wechat::mp
