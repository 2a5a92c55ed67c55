#include "wechat/mp/subscription_channel.hpp"

#include "core/base/json.hpp"
#include "notify/message/fit_value.hpp"

namespace wechat::mp {

subscription_channel::subscription_channel(api& a, http_client& http)
    : push_channel(a, http, "/cgi-bin/message/subscribe/bizsend") {}

bool subscription_channel::carries(std::string_view kind) const {
    return service().config().subscription_ids.contains(kind);
}

namespace {

// As template messages have it, under the names that the subscription template has.
core::value subscribed_data_of(const notify::message& m) {
    core::value data = core::value::object();
    for (const auto& f : m.fields) {
        const auto name = notify::subscription_name(f);
        if (name.empty()) continue;
        data[name].set("value", name == f.name ? f.text : notify::fit_value(name, f.full));
    }
    return data;
}

} // namespace

std::string subscription_channel::compose(const notify::message& m) const {
    core::value out = core::value::object();
    if (!m.url.empty()) out.set("page", service().config().public_url + m.url);
    return core::to_json(out.set("data", subscribed_data_of(m)));
}

std::string subscription_channel::request_body(const notify::outgoing& m) const {
    const auto& ids = service().config().subscription_ids;
    const auto id = ids.find(m.kind);
    const bool fine = id != ids.end() && is_plain(id->second) && is_plain(m.address) && m.body.size() > 2 &&
                      m.body.front() == '{';
    if (!fine) return {};
    std::string out("{\"touser\":\"");
    out.append(m.address).append("\",\"template_id\":\"").append(id->second).append("\",");
    return out.append(m.body, 1);
}

} // namespace wechat::mp
