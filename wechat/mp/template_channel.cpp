#include "wechat/mp/template_channel.hpp"

#include "core/base/json.hpp"

namespace wechat::mp {

std::string template_id_of(const settings& s, const notify::message_book* book, std::string_view kind) {
    const auto* words = book == nullptr ? nullptr : book->find(kind);
    if (words != nullptr && !words->template_id.empty()) return words->template_id;
    const auto at = s.template_ids.find(kind);
    return at == s.template_ids.end() ? std::string() : at->second;
}

core::value data_of(const notify::message& m) {
    core::value data = core::value::object();
    for (const auto& f : m.fields)
        data[f.name].set("value", f.text);
    return data;
}

template_channel::template_channel(api& a, const notify::message_book* book)
    : push_channel(a, a.http(), "/cgi-bin/message/template/send"), book_(book) {}

bool template_channel::carries(std::string_view kind) const {
    return !template_id_of(service().config(), book_, kind).empty();
}

std::string template_channel::compose(const notify::message& m) const {
    core::value out = core::value::object();
    if (!m.url.empty()) out.set("url", service().config().public_url + m.url);
    return core::to_json(out.set("data", data_of(m)));
}

std::string template_channel::request_body(const notify::outgoing& m) const {
    const std::string id = template_id_of(service().config(), book_, m.kind);
    const bool fine = is_plain(id) && is_plain(m.address) && is_plain(m.client_msg_id) && m.body.size() > 2 &&
                      m.body.front() == '{';
    if (!fine) return {};
    std::string out;
    out.reserve(m.body.size() + m.address.size() + id.size() + 80);
    out.append("{\"touser\":\"").append(m.address).append("\",\"template_id\":\"").append(id).append("\",");
    out.append("\"client_msg_id\":\"").append(m.client_msg_id).append("\",");
    return out.append(m.body, 1);
}

} // namespace wechat::mp
