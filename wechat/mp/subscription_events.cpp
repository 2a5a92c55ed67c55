#include "wechat/mp/subscription_events.hpp"

#include "core/base/text.hpp"
#include "notify/hub/wishes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {
namespace {

constexpr std::string_view channel = "subscription";
constexpr int refused_code = 43101;

enum class verdict { takes, refuses, says_nothing };

// A refused window takes nothing away: what was subscribed to before still holds. The settings do.
verdict of_window(std::string_view word) {
    return word == "accept" ? verdict::takes : verdict::says_nothing;
}

verdict of_settings(std::string_view word) {
    return word == "reject" ? verdict::refuses : word == "accept" ? verdict::takes : verdict::says_nothing;
}

verdict of_sending(std::string_view code) {
    return code == "0" ? verdict::takes : code == "43101" ? verdict::refuses : verdict::says_nothing;
}

struct known_event {
    std::string_view name, list, word;
    verdict (*judge)(std::string_view);
};
constexpr known_event events[] = {
    {"subscribe_msg_popup_event", "SubscribeMsgPopupEvent/List/", "SubscribeStatusString", of_window},
    {"subscribe_msg_change_event", "SubscribeMsgChangeEvent/List/", "SubscribeStatusString", of_settings},
    {"subscribe_msg_sent_event", "SubscribeMsgSentEvent/List/", "ErrorCode", of_sending},
};

void record(core::db::write_tx& tx, const settings& s, std::string_view openid, std::string_view template_id,
            verdict v) {
    for (const auto& [kind, id] : s.subscription_ids) {
        if (id != template_id) continue; // several kinds may share a template
        if (v == verdict::takes) notify::record_acceptance(tx, channel, openid, kind);
        if (v == verdict::refuses) notify::record_refusal(tx, channel, openid, kind, refused_code);
    }
}

} // namespace

void record_subscription_event(core::db::write_tx& tx, const settings& s, const message& m) {
    const auto name = core::to_lower_ascii(m.event);
    for (const auto& e : events) {
        if (e.name != name) continue;
        const auto ids = m.all_of(std::string(e.list) + "TemplateId");
        const auto words = m.all_of(std::string(e.list).append(e.word));
        if (ids.size() != words.size()) return; // nobody can say which word is about which template
        for (std::size_t n = 0; n < ids.size(); ++n)
            record(tx, s, m.from, ids[n], e.judge(words[n]));
    }
}

} // namespace wechat::mp
