// Channels that go to people and not to WeChat users: e-mail, telephone, a group; their order as data.
#include "core/account/contact.hpp"
#include "core/account/member.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/unreached.hpp"
#include "notify/hub/wishes.hpp"
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace core;
using notify::address_kind;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using db::write_tx;

void prove_email(hub_world& w, std::string_view name, std::string_view address) {
    const auto who = w.acting(name);
    const auto sent = w.write([&](write_tx& tx) { return account::begin_email(tx, who, address); }).value();
    w.write([&](write_tx& tx) -> result<account::email_outcome> {
         return account::verify_email(tx, who, sent.code);
     }).value();
}

result<> order(hub_world& w, std::string_view name, std::string_view kind,
               std::vector<std::string> channels) {
    const auto who = w.acting(name);
    return w.write([&](write_tx& tx) { return notify::set_channel_order(tx, who, kind, channels); });
}

} // namespace

TEST_CASE("N5 e-mail goes to the address that is proved at that moment, to people who still belong, and is "
          "nowhere in clear") {
    hub_world w({}, {}, true);
    w.second.needed = address_kind::email;
    prove_email(w, "chenzhiming", "planted-first@example.com");
    w.event();
    w.drain();
    CHECK(w.second.addresses() == std::vector<std::string>{"planted-first@example.com"});
    CHECK(w.count("SELECT count(*) FROM delivery WHERE address LIKE '%planted%' OR body LIKE '%planted%'") ==
          0);
    w.second.calls.clear();
    w.second.script = [](const auto&, std::size_t nth) {
        return answer(nth == 1 ? verdict::not_sent : verdict::accepted);
    };
    w.event();
    w.drain();
    SUBCASE("changed meanwhile") {
        prove_email(w, "chenzhiming", "second@example.com");
        w.live(10s);
        CHECK(w.second.addresses().back() == "second@example.com");
    }
    SUBCASE("taken away meanwhile") {
        const auto who = w.acting("chenzhiming");
        w.write([&](write_tx& tx) { return account::remove_email(tx, who); }).value();
        w.live(10s);
        CHECK(w.second.calls.size() == 1);
    }
    SUBCASE("left the company meanwhile") {
        const auto admin = w.acting("admin");
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("DELETE FROM applicant_member WHERE login_id = $1", w.person("chenzhiming"));
             return {};
         }).value();
        w.live(10s);
        CHECK(w.second.calls.size() == 1);
        CHECK(w.read([&](db::read_view& v) { return notify::list_unreached(v, admin, 0, 10); }).empty());
    }
}

TEST_CASE("N7 an address that the mail server refuses is left alone for a week, its successor is not") {
    hub_world w({}, {}, true);
    w.second.needed = address_kind::email;
    prove_email(w, "chenzhiming", "gone@example.com");
    w.second.script = [](const notify::outgoing& m, std::size_t) {
        auto r = answer(m.address == "gone@example.com" ? verdict::user_refused : verdict::accepted, 550);
        r.refused = notify::refusal::all;
        return r;
    };
    w.event();
    w.event("order_received");
    w.live(1h, 1min);
    CHECK(w.second.calls.size() == 1);
    prove_email(w, "chenzhiming", "new@example.com");
    w.event("order_completed");
    w.drain();
    CHECK(w.second.addresses().back() == "new@example.com");
}

TEST_CASE("N2 first WeChat, then e-mail; people without WeChat by e-mail at once; a group once an event") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    prove_email(w, "chenzhiming", "chen@example.com");
    prove_email(w, "huanglihua", "huang@example.com");
    w.second.needed = address_kind::email;
    w.event();
    w.drain();
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oChen"});
    CHECK(w.second.addresses() == std::vector<std::string>{"huang@example.com"});
    w.second.calls.clear();
    w.second.needed = address_kind::group;
    w.event();
    w.drain();
    CHECK(w.second.addresses() == std::vector<std::string>{"group"});
    w.second.calls.clear();
    w.second.needed = address_kind::person;
    w.event();
    w.drain();
    CHECK(w.second.calls.size() == 1); // Huang; Chen has it by WeChat
}

TEST_CASE("N2 the order of channels is data, by kind, changed by the platform, with an audit row") {
    hub_world w({}, notify::wishes_of_people(), true);
    w.bind("chenzhiming", "oChen");
    CHECK(order(w, "guopeng", "", {"email"}).error().code == errc::not_allowed);
    CHECK(order(w, "admin", "order_lost", {"email"}).error().detail == "channel_order.kind");
    CHECK(order(w, "admin", "", {"email", "email"}).error().detail == "channel_order.channels");
    CHECK(order(w, "admin", "", {"pigeon"}).error().detail == "channel_order.channels");
    CHECK(order(w, "admin", "order_confirmed", {"email", "wechat"}).has_value());
    CHECK(order(w, "admin", "", {"wechat", "email"}).has_value());
    w.write([&](write_tx& tx) -> result<> { // the test's channel is called `second`
         tx.exec("UPDATE channel_order SET channels = replace(channels, 'email', 'second')");
         return {};
     })
        .value();
    w.event("order_confirmed");
    w.drain();
    CHECK(w.second.calls.size() == 1);
    CHECK(w.wechat.calls.empty());
    w.event("order_received");
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
    w.second.script = [](const auto&, std::size_t) { return answer(verdict::data_refused, 1); };
    w.event("order_confirmed");
    w.live(1min);
    CHECK(w.wechat.calls.size() == 2); // the other way round
    CHECK(order(w, "admin", "order_confirmed", {}).has_value());
    w.event("order_confirmed");
    w.drain();
    CHECK(w.wechat.calls.size() == 3);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'set_channel_order'") == 3);
    for (const auto channel : notify::shipped_order)
        CHECK(notify::channel_word(channel) != channel);
}

TEST_CASE("N8 each channel has its own rate and its own day") {
    notify::hub_settings s;
    s.by_channel["second"] = {2, 5};
    hub_world w(s, {}, true);
    w.wechat.without = "order_confirmed";
    for (const char* name : {"chenzhiming", "huanglihua"})
        w.bind(name, "o-" + std::string(name));
    for (int n = 0; n < 4; ++n)
        w.event();
    w.drain();
    CHECK(w.second.calls.size() == 2); // in this second
    w.time.advance(1s);
    w.drain();
    CHECK(w.second.calls.size() == 4);
    w.live(1h, 10s);
    CHECK(w.second.calls.size() == 5); // of this day
    w.event("order_received");
    w.drain();
    CHECK(w.wechat.calls.size() == 2); // not held up by it
    w.live(14h, 10min);
    CHECK(w.second.calls.size() == 8);
}
