// What WeChat says about subscriptions counts at once, over what we believed (N7): the events of section 7.
#include "notify/hub/flow_store.hpp"
#include "notify/hub/retry.hpp"
#include "tests/wechat/mp_support.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using core::db::read_view;
using core::db::write_tx;
using tests::some_openid;
constexpr std::string_view other_openid = "oSomebody0000000000000000002";

struct subscription_world : tests::account_world {
    subscription_world() : desk(*this, configured()) {}
    static wechat::mp::settings configured() {
        auto s = tests::account_settings();
        s.subscription_ids = {
            {"order_confirmed", "T-order"}, {"order_moved", "T-order"}, {"order_received", "T-desk"}};
        return s;
    }
    void refused(std::string_view openid, std::string_view kind, std::string_view channel = "subscription") {
        write([&](write_tx& tx) -> core::result<> {
            notify::store::put_refusal(tx, channel, openid, kind, 43101);
            return {};
        }).value();
    }
    bool is_refused(std::string_view openid, std::string_view kind,
                    std::string_view channel = "subscription") {
        return read([&](read_view& v) {
            return notify::store::is_refused(v, channel, openid, kind, v.now() - notify::believe_refusal);
        });
    }
    // An event with one List for each template and word.
    void say(std::string_view event, std::string_view element, std::string_view name,
             const std::vector<std::pair<std::string, std::string>>& lists) {
        std::string extra("<" + std::string(element) + ">");
        for (const auto& [id, word] : lists)
            extra += "<List><" + std::string(name) + "><![CDATA[" + word + "]]></" + std::string(name) +
                     "><TemplateId><![CDATA[" + id + "]]></TemplateId><PopupScene>1</PopupScene></List>";
        extra += "</" + std::string(element) + ">";
        CHECK(desk.event(event, extra).empty()); // success, and nothing said
    }
    tests::callback_desk desk;
};

} // namespace

TEST_CASE("N7 43101 is believed until WeChat says otherwise: each event, each word, of this person, template "
          "and channel alone") {
    struct row {
        std::string_view event, element, name, word;
        bool refused_before, refused_after;
    };
    constexpr row table[] = {
        {"subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "SubscribeStatusString", "accept", true,
         false},
        {"subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "SubscribeStatusString", "reject", true,
         true},
        {"subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "SubscribeStatusString", "reject", false,
         false},
        {"subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "SubscribeStatusString", "", true, true},
        {"subscribe_msg_change_event", "SubscribeMsgChangeEvent", "SubscribeStatusString", "reject", false,
         true},
        {"subscribe_msg_change_event", "SubscribeMsgChangeEvent", "SubscribeStatusString", "accept", true,
         false},
        {"subscribe_msg_sent_event", "SubscribeMsgSentEvent", "ErrorCode", "0", true, false},
        {"subscribe_msg_sent_event", "SubscribeMsgSentEvent", "ErrorCode", "43101", false, true},
        {"subscribe_msg_sent_event", "SubscribeMsgSentEvent", "ErrorCode", "47003", true, true},
        {"SUBSCRIBE_msg_popup_event", "SubscribeMsgPopupEvent", "SubscribeStatusString", "accept", true,
         false},
    };
    for (const auto& r : table) {
        CAPTURE(r.event);
        CAPTURE(r.word);
        subscription_world w;
        for (const auto* kind : {"order_confirmed", "order_moved"})
            if (r.refused_before) w.refused(some_openid, kind);
        w.refused(some_openid, "order_received");
        w.refused(some_openid, "order_confirmed", "wechat");
        w.refused(other_openid, "order_confirmed");
        w.say(r.event, r.element, r.name, {{"T-order", std::string(r.word)}});
        CHECK(w.is_refused(some_openid, "order_confirmed") == r.refused_after);
        CHECK(w.is_refused(some_openid, "order_moved") == r.refused_after); // the same template
        CHECK(w.is_refused(some_openid, "order_received"));
        CHECK(w.is_refused(some_openid, "order_confirmed", "wechat"));
        CHECK(w.is_refused(other_openid, "order_confirmed"));
    }
}

TEST_CASE("N7 K6 an event about several templates, about foreign ones, and one that cannot be read") {
    subscription_world w;
    const auto all_refused = [&] {
        for (const auto* kind : {"order_confirmed", "order_received"})
            w.refused(some_openid, kind);
    };
    all_refused();
    w.say("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "SubscribeStatusString",
          {{"T-order", "reject"}, {"T-foreign", "accept"}, {"T-desk", "accept"}});
    CHECK(w.is_refused(some_openid, "order_confirmed"));
    CHECK_FALSE(w.is_refused(some_openid, "order_received"));
    all_refused();
    CHECK(w.desk.event("subscribe_msg_popup_event", "").empty());
    CHECK(
        w.desk
            .event(
                "subscribe_msg_popup_event",
                "<SubscribeMsgPopupEvent><List><TemplateId>T-order</TemplateId></List><List>"
                "<TemplateId>T-desk</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
                "</SubscribeMsgPopupEvent>")
            .empty());
    CHECK(w.is_refused(some_openid, "order_confirmed"));
    CHECK(w.is_refused(some_openid, "order_received"));
}
