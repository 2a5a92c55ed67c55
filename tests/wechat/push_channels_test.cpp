// Template message, subscription notification, customer message: the request, whom it may go to, what follows
// from a refusal, and that an operator's release is heeded by the API client too.
#include "core/account/binding.hpp"
#include "core/base/json.hpp"
#include "notify/hub/hub.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/customer_channel.hpp"
#include "wechat/mp/subscription_channel.hpp"
#include "wechat/mp/template_channel.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace wechat::mp;
using notify::refusal;
using notify::verdict;
using tests::fake_wechat;

constexpr std::string_view template_path = "/cgi-bin/message/template/send";
constexpr std::string_view subscription_path = "/cgi-bin/message/subscribe/bizsend";
constexpr std::string_view customer_path = "/cgi-bin/message/custom/send";

std::string refused(int code) {
    return R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":"no rid: 6-1"})";
}

http_client::options plain() {
    http_client::options o;
    o.allow_plain_http = true;
    o.connections = 2;
    return o;
}

// Our three channels before an API host that answers what it is told.
struct rig {
    rig() : settings(tests::account_settings()), fake(w.time) {
        settings.api_base = fake.base();
        settings.template_ids = {{"order_confirmed", "TID"}, {"order_received", "TID2"}};
        settings.subscription_ids = {{"order_confirmed", "SID"}};
        api = std::make_unique<wechat::mp::api>(settings, http, w.db());
        templates = std::make_unique<template_channel>(*api);
        subscription = std::make_unique<subscription_channel>(*api, second_http);
        customer = std::make_unique<customer_channel>(*api, third_http);
    }
    static notify::message words() {
        return {
            "order_confirmed", "预约成功提醒", "/wx/enter?to=/orders/1", {{"thing2", "检定机构", "示<b>市"}}};
    }
    notify::send_result send(push_channel& c, std::string kind = "order_confirmed") {
        notify::outgoing m;
        m.delivery = 1;
        m.client_msg_id = "qj1";
        m.address = "oChen";
        m.kind = std::move(kind);
        m.body = c.compose(words());
        std::optional<notify::outgoing> left = m;
        notify::send_result got;
        c.send([&] { return std::exchange(left, std::nullopt); },
               [&](const notify::outgoing&, notify::send_result r) { got = std::move(r); });
        return got;
    }
    core::value last(std::string_view path) const {
        return core::parse_json(fake.calls(path).back().body).value();
    }
    void hears(std::string_view openid, bool wrote) {
        w.write([&](core::db::write_tx& tx) -> core::result<> {
             core::account::record_presence(tx, openid, wrote, tx.now());
             return {};
         }).value();
    }
    bool may_go(std::string_view openid = "oChen") {
        return w.read([&](core::db::read_view& v) { return customer->may_go(v, openid); });
    }

    tests::world w;
    wechat::mp::settings settings;
    fake_wechat fake;
    http_client http{plain()}, second_http{plain()}, third_http{plain()};
    std::unique_ptr<wechat::mp::api> api;
    std::unique_ptr<template_channel> templates;
    std::unique_ptr<subscription_channel> subscription;
    std::unique_ptr<customer_channel> customer;
};

} // namespace

TEST_CASE("N a subscription notification has the template the person subscribed to, a page and the data") {
    rig r;
    CHECK(r.subscription->carries("order_confirmed"));
    CHECK_FALSE(r.subscription->carries("order_received"));
    CHECK_FALSE(r.subscription->remembers());
    CHECK(r.send(*r.subscription).result == verdict::accepted);
    const auto body = r.last(subscription_path);
    CHECK(body.text("touser") == "oChen");
    CHECK(body.text("template_id") == "SID");
    CHECK(body.text("page") == "https://example.com/wx/enter?to=/orders/1");
    CHECK(body.find("data")->find("thing2")->text("value") == "示<b>市");
    CHECK(body.find("client_msg_id") == nullptr);
    CHECK(r.send(*r.subscription, "order_received").result == verdict::template_refused);
    CHECK(r.fake.calls(subscription_path).size() == 1);
}

TEST_CASE("N16 a subscription notification has the names of its own template, and values fitted to those") {
    rig r;
    auto m = rig::words();
    m.fields = {{"thing2", "检定机构", "示例市", "示例市", "name5"},
                {"character_string1", "预约单号", "202600012345", "2026 0001 2345", "thing1"},
                {"time3", "预约时间", "2026年11月25日 10:00", "2026-11-25 10:00", "-"},
                {"thing4", "地址", "一楼收检大厅", "一楼收检大厅"}};
    const auto data = *core::parse_json(r.subscription->compose(m)).value().find("data");
    REQUIRE(data.as_members() != nullptr);
    CHECK(data.as_members()->size() == 3);
    CHECK(data.find("name5")->text("value") == "示例市");
    CHECK(data.find("thing1")->text("value") == "2026 0001 2345"); // uncut: the other field takes more
    CHECK(data.find("thing4")->text("value") == "一楼收检大厅");
    const auto own = *core::parse_json(r.templates->compose(m)).value().find("data");
    CHECK(own.as_members()->size() == 4);
    CHECK(own.find("thing2")->text("value") == "示例市");
}

TEST_CASE("N a customer message is text with a link, and what people typed is no link of theirs") {
    rig r;
    CHECK(r.send(*r.customer).result == verdict::accepted);
    const auto body = r.last(customer_path);
    CHECK(body.text("touser") == "oChen");
    CHECK(body.text("msgtype") == "text");
    CHECK(body.find("text")->text("content") ==
          "预约成功提醒\n检定机构：示＜b＞市\n<a "
          "href=\"https://example.com/wx/enter?to=/orders/1\">查看详情</a>");
}

TEST_CASE("N a customer message goes to who wrote in the last 48 hours; a tap on the menu is not writing") {
    rig r;
    CHECK_FALSE(r.may_go());
    r.hears("oChen", false);
    r.hears("oOther", true);
    CHECK_FALSE(r.may_go());
    r.hears("oChen", true);
    CHECK(r.may_go());
    r.w.time.advance(47h);
    CHECK(r.may_go());
    r.w.time.advance(1h);
    CHECK_FALSE(r.may_go());
    r.hears("oChen", true);
    CHECK(r.may_go());
    r.w.time.advance(40min);
    r.hears("oChen", true); // within the hour: the time that is kept stays the earlier one
    r.w.time.advance(47h + 20min);
    CHECK_FALSE(r.may_go());
}

TEST_CASE("N five customer messages of ours since the person wrote, then the next channel") {
    tests::hub_world w({}, {}, true);
    rig r;
    customer_channel channel(*r.api, r.third_http);
    w.bind("chenzhiming", "oChen");
    for (int n = 0; n < 5; ++n)
        w.event();
    w.drain();
    w.write([](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE delivery SET channel = 'customer'");
         core::account::record_presence(tx, "oChen", true, tx.now());
         return {};
     }).value();
    const auto may = [&] {
        return w.read([&](core::db::read_view& v) { return channel.may_go(v, "oChen"); });
    };
    CHECK_FALSE(may());
    w.write([](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE delivery SET status = 'failed' WHERE id = (SELECT min(id) FROM delivery)");
         return {};
     }).value();
    CHECK(may());
    w.time.advance(1min);
    w.event();
    w.drain();
    CHECK(may()); // a template message does not count
}

TEST_CASE("N6 a kept connection that is cut after the work: one execution, in doubt, by every channel") {
    rig r;
    const auto cut_once = [&](push_channel& c, std::string_view path) {
        CAPTURE(path);
        CHECK(r.send(c).result == verdict::accepted); // the connection is kept from here on
        r.fake.answer(path, std::string(fake_wechat::cut));
        r.fake.answer(path, R"({"errcode":0,"msgid":7})");
        const auto got = r.send(c);
        CHECK(got.result == verdict::in_doubt);
        CHECK(got.errmsg == "the connection was closed before any answer");
        CHECK(r.fake.calls(path).size() == 2);
        CHECK(r.send(c).result == verdict::accepted); // the client goes on
        CHECK(r.fake.calls(path).size() == 3);
    };
    cut_once(*r.customer, customer_path);
    cut_once(*r.subscription, subscription_path);
    cut_once(*r.templates, template_path);
}

TEST_CASE("N6 a single call on a kept connection is made once too: a code of OAuth is good for one") {
    rig r;
    const http_request ask{r.fake.base() + "/sns/oauth2/access_token", {}};
    CHECK(r.http.call(ask).fate == http_answer::fate::answered);
    r.fake.answer("/sns/oauth2/access_token", std::string(fake_wechat::cut));
    CHECK(r.http.call(ask).fate == http_answer::fate::in_doubt);
    CHECK(r.fake.calls("/sns/oauth2/access_token").size() == 2);
}

TEST_CASE(
    "N6 a customer message whose connection is cut after the work was done is uncertain, not sent again") {
    tests::hub_world w;
    fake_wechat fake(w.time);
    auto settings = tests::account_settings();
    settings.api_base = fake.base();
    http_client http(plain()), second_http(plain());
    wechat::mp::api api(settings, http, w.db());
    customer_channel customer(api, second_http);
    notify::hub hub(w.db(), tests::hub_world::book(), {&customer});
    const auto run = [&] {
        while (hub.run_once() > 0) {
        }
    };
    w.bind("chenzhiming", "oChen");
    w.write([&](core::db::write_tx& tx) -> core::result<> { // wrote to us, so that we may answer
         core::account::record_presence(tx, "oChen", true, tx.now());
         return {};
     })
        .value();
    w.event("order_confirmed");
    run();
    REQUIRE(fake.calls(customer_path).size() == 1);
    fake.answer(customer_path, std::string(fake_wechat::cut));
    w.event("order_received");
    run();
    CHECK(fake.calls(customer_path).size() == 2);
    CHECK(w.read([](core::db::read_view& v) {
        return v.query_number(
            "SELECT count(*) FROM delivery WHERE channel = 'customer' AND status = 'uncertain'");
    }) == 1);
}

TEST_CASE("N7 refusals of the three, each with how far it reaches") {
    struct row {
        int code;
        verdict expected;
        refusal reach;
    };
    const std::vector<row> table = {{43101, verdict::user_refused, refusal::kind},
                                    {45015, verdict::user_refused, refusal::message},
                                    {45047, verdict::user_refused, refusal::message},
                                    {40003, verdict::user_refused, refusal::unlikely},
                                    {43004, verdict::user_refused, refusal::gone},
                                    {48002, verdict::user_refused, refusal::all},
                                    {40037, verdict::template_refused, refusal::message},
                                    {41030, verdict::data_refused, refusal::message},
                                    {43108, verdict::in_doubt, refusal::message},
                                    {-1, verdict::in_doubt, refusal::message}};
    for (const auto& t : table) {
        rig r;
        for (const auto& [channel, path] : std::vector<std::pair<push_channel*, std::string_view>>{
                 {r.templates.get(), template_path},
                 {r.subscription.get(), subscription_path},
                 {r.customer.get(), customer_path}}) {
            r.fake.answer(path, refused(t.code));
            const auto got = r.send(*channel);
            CHECK_MESSAGE(got.result == t.expected, path, " ", t.code);
            CHECK(got.refused == t.reach);
        }
    }
}

TEST_CASE("N7 47003 once is this message's; three times in a row for a kind it is the template's") {
    rig r;
    r.fake.answer(template_path, refused(47003));
    CHECK(r.send(*r.templates).result == verdict::data_refused);
    CHECK(r.send(*r.templates).result == verdict::data_refused);
    CHECK(r.send(*r.templates, "order_received").result == verdict::data_refused); // counted apart
    CHECK(r.send(*r.templates).result == verdict::template_refused);
    r.fake.answer(template_path, R"({"errcode":0,"errmsg":"ok","msgid":1})");
    r.fake.answer(template_path, refused(47003));
    CHECK(r.send(*r.templates).result == verdict::template_refused); // the script's last answer once more
    CHECK(r.send(*r.templates).result == verdict::accepted);
    CHECK(r.send(*r.templates).result == verdict::data_refused); // begins anew
}

TEST_CASE("N8 after 45009 a release by the operator lets calls through at once, also in the API client") {
    rig r;
    r.fake.answer(template_path, refused(45009));
    r.fake.answer(template_path, R"({"errcode":0,"errmsg":"ok","msgid":1})");
    CHECK(r.send(*r.templates).result == verdict::quota);
    CHECK(r.send(*r.templates).result == verdict::quota);
    CHECK(r.fake.calls(template_path).size() == 1);
    CHECK(r.api->blocks().size() == 1);
    CHECK(r.send(*r.customer).result == verdict::accepted); // its own quota
    r.templates->release();
    CHECK(r.api->blocks().empty());
    CHECK(r.send(*r.templates).result == verdict::accepted);
    CHECK(r.fake.calls(template_path).size() == 2);
}
