// By which ways a person wants to be told, and which first: their list before the kind's order.
#include "core/account/contact.hpp"
#include "core/account/member.hpp"
#include "notify/hub/inbox.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/unreached.hpp"
#include "notify/hub/ways.hpp"
#include "notify/hub/wishes.hpp"
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace core;
using notify::verdict;
using notify::way_names;
using tests::answer;
using namespace std::chrono_literals;
using db::read_view;
using db::write_tx;

// WeChat, and e-mail behind it; Chen has both, Huang WeChat alone.
struct ways_world : tests::hub_world {
    explicit ways_world(std::string second_name = "email")
        : hub_world({}, notify::wishes_of_people(), true, std::move(second_name)) {
        if (second.name() == "email") second.needed = notify::address_kind::email;
        bind("chenzhiming", "oChen");
        bind("huanglihua", "oHuang");
        prove_email("chenzhiming", "chen@example.com");
    }
    void prove_email(std::string_view name, std::string_view address) {
        const auto who = acting(name);
        const auto sent = write([&](write_tx& tx) { return account::begin_email(tx, who, address); }).value();
        write([&](write_tx& tx) -> result<account::email_outcome> {
            return account::verify_email(tx, who, sent.code);
        }).value();
    }
    // "" when it was done, else why not.
    std::string set(std::string_view name, std::string_view kind, const std::optional<way_names>& ways) {
        const auto who = name.empty() ? visitor() : acting(name);
        const auto done = write([&](write_tx& tx) { return notify::set_ways(tx, who, kind, ways); });
        return done ? std::string() : done.error().detail.empty() ? "refused" : done.error().detail;
    }
    // Who gets an event of this kind, by each way.
    struct told {
        std::vector<std::string> wechat, second;
    };
    told tell(std::string_view kind, std::int64_t institution = 0) {
        wechat.calls.clear();
        second.calls.clear();
        event(kind, institution);
        live(1min, 10s);
        return {wechat.addresses(), second.addresses()};
    }
    std::size_t to_phone() {
        const auto who = acting("admin");
        return read([&](read_view& v) { return notify::list_unreached(v, who, 0, 50); }).size();
    }
};

using names = std::vector<std::string>;

notify::send_result kind_refused() {
    auto r = answer(verdict::user_refused, 43101);
    r.refused = notify::refusal::kind;
    return r;
}

} // namespace

TEST_CASE(
    "U6 a person's own order of ways comes before the kind's, for everything or for one kind; others are "
    "told as ever") {
    ways_world w;
    auto t = w.tell("order_confirmed");
    CHECK(t.wechat == names{"oChen", "oHuang"});
    CHECK(t.second.empty());
    CHECK(w.set("chenzhiming", "", way_names{"email", "wechat"}).empty());
    CHECK(w.set("chenzhiming", "order_received", way_names{"wechat"}).empty());
    t = w.tell("order_confirmed");
    CHECK(t.wechat == names{"oHuang"});
    CHECK(t.second == names{"chen@example.com"});
    t = w.tell("order_received");
    CHECK(t.wechat == names{"oChen", "oHuang"});
    CHECK(t.second.empty());
    // His second way when the first does not reach him, and no further than his list.
    w.second.script = [](const auto&, std::size_t) { return answer(verdict::data_refused, 550); };
    t = w.tell("order_confirmed");
    CHECK(t.wechat == names{"oHuang", "oChen"});
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oChen" ? verdict::data_refused : verdict::accepted, 47003);
    };
    t = w.tell("order_received");
    CHECK(t.second.empty());
    CHECK(w.to_phone() == 1);
    w.wechat.script = w.second.script = nullptr;
    CHECK(w.set("chenzhiming", "", std::nullopt).empty());
    t = w.tell("order_confirmed");
    CHECK(t.wechat == names{"oChen", "oHuang"});
}

TEST_CASE("U6 a way that the person does not have is skipped; who named only such ways is to be phoned, who "
          "named none is left alone") {
    ways_world w;
    CHECK(w.set("huanglihua", "", way_names{"email", "wechat"}).empty());
    auto t = w.tell("order_confirmed");
    CHECK(t.wechat == names{"oChen", "oHuang"});
    CHECK(t.second.empty());
    CHECK(w.to_phone() == 0);
    const auto chen = w.acting("chenzhiming");
    w.write([&](write_tx& tx) { return account::remove_email(tx, chen); }).value();
    for (const auto* name : {"chenzhiming", "huanglihua"})
        CHECK(w.set(name, "", way_names{"email"}).empty());
    t = w.tell("order_confirmed");
    CHECK((t.wechat.empty() && t.second.empty()));
    CHECK(w.to_phone() == 1); // nobody of the company could be told
    CHECK(w.set("chenzhiming", "", way_names{}).empty());
    w.tell("order_confirmed");
    CHECK(w.to_phone() == 1);
    CHECK(w.read([&](read_view& v) { return notify::count_unread(v, chen); }) >= 3); // the inbox has all
}

TEST_CASE(
    "N13 a kind that is switched off stays off whatever the ways say; a notice of safety is told by the "
    "other ways too, last") {
    ways_world w;
    const auto chen = w.acting("chenzhiming"), huang = w.acting("huanglihua");
    for (const auto& who : {chen, huang})
        w.write([&](write_tx& tx) { return notify::set_wish(tx, who, "order_moved", false); }).value();
    CHECK(w.set("chenzhiming", "order_moved", way_names{"email", "wechat"}).empty());
    auto t = w.tell("order_moved");
    CHECK((t.wechat.empty() && t.second.empty()));
    CHECK(w.to_phone() == 0);
    CHECK(w.read([&](read_view& v) { return notify::count_unread(v, chen); }) >= 1);
    for (const auto* name : {"chenzhiming", "huanglihua"})
        CHECK(w.set(name, "", way_names{}).empty());
    t = w.tell("order_confirmed");
    CHECK((t.wechat.empty() && t.second.empty()));
    t = w.tell("wechat_bound");
    CHECK(t.wechat == names{"oChen", "oHuang"});
    CHECK(w.set("chenzhiming", "", way_names{"email"}).empty());
    w.second.script = [](const auto&, std::size_t) { return answer(verdict::data_refused, 550); };
    t = w.tell("wechat_bound");
    CHECK(t.second == names{"chen@example.com"});
    CHECK(t.wechat == names{"oHuang", "oChen"});
}

TEST_CASE("U6 the platform says which ways a kind may take: a person's list orders and leaves out, and never "
          "adds one") {
    ways_world w;
    const auto admin = w.acting("admin");
    w.write([&](write_tx& tx) {
         return notify::set_channel_order(tx, admin, "order_confirmed", {"wechat"});
     }).value();
    CHECK(w.set("chenzhiming", "", way_names{"email", "wechat"}).empty());
    auto t = w.tell("order_confirmed");
    CHECK(t.wechat == names{"oChen", "oHuang"});
    CHECK(t.second.empty());
    // A group is nobody's: it has every event, whatever people want.
    w.second.needed = notify::address_kind::group;
    for (const auto* name : {"chenzhiming", "huanglihua"})
        CHECK(w.set(name, "", way_names{}).empty());
    t = w.tell("order_received");
    CHECK(t.wechat.empty());
    CHECK(t.second == names{"group"});
}

TEST_CASE("U6 WeChat is one way to people: its channels follow each other in the platform's order") {
    ways_world w("subscription");
    CHECK(w.set("chenzhiming", "", way_names{"wechat"}).empty());
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oChen" ? verdict::user_refused : verdict::accepted, 43101);
    };
    auto t = w.tell("order_confirmed");
    CHECK(t.second == names{"oChen"});
    for (const auto channel : notify::shipped_order) {
        CHECK(notify::is_way(notify::way_of(channel)));
        CHECK(notify::way_word(notify::way_of(channel)) != notify::way_of(channel));
    }
    for (const auto way : notify::shipped_ways)
        CHECK(notify::way_of(way) == way);
    CHECK(w.the_hub->ways() == names{"wechat"});
}

TEST_CASE("U6 an order that was changed while a message was under way: the ways not yet tried follow") {
    ways_world w;
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oChen" ? verdict::not_sent : verdict::accepted);
    };
    w.event("order_confirmed");
    w.drain();
    CHECK(w.set("chenzhiming", "", way_names{"email", "wechat"}).empty());
    w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::data_refused, 47003); };
    w.live(1min, 5s);
    CHECK(w.second.addresses() == names{"chen@example.com"});
    CHECK(w.to_phone() == 0);
    // Switched off meanwhile: left alone.
    w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
    CHECK(w.set("chenzhiming", "", std::nullopt).empty());
    w.event("order_moved");
    w.drain();
    const auto chen = w.acting("chenzhiming"), huang = w.acting("huanglihua");
    for (const auto& who : {chen, huang})
        w.write([&](write_tx& tx) { return notify::set_wish(tx, who, "order_moved", false); }).value();
    w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::data_refused, 47003); };
    w.live(1min, 5s);
    CHECK(w.second.calls.size() == 1);
    CHECK(w.to_phone() == 0);
}

TEST_CASE(
    "U6 ways are one's own, of ways that there are, once each, for kinds that one is told; every change "
    "is recorded") {
    ways_world w;
    CHECK(w.set("", "", way_names{"wechat"}) == "refused");
    CHECK(w.set("chenzhiming", "", way_names{"pigeon"}) == "wish.ways");
    CHECK(w.set("chenzhiming", "", way_names{"customer"}) == "wish.ways"); // a channel, no way
    CHECK(w.set("chenzhiming", "", way_names{"email", "email"}) == "wish.ways");
    CHECK(w.set("chenzhiming", "order_lost", way_names{"email"}) == "wish.kind");
    CHECK(w.set("chenzhiming", "staff_summary", way_names{"email"}) == "wish.kind");
    CHECK(w.set("chenzhiming", "wechat_bound", way_names{}) == "wish.always");
    CHECK(w.set("chenzhiming", "wechat_bound", way_names{"email"}).empty());
    CHECK(w.set("guopeng", "staff_summary", way_names{"email"}).empty()); // of the institution
    CHECK(w.set("chenzhiming", "", way_names{"email"}).empty());
    CHECK(w.set("chenzhiming", "", way_names{"email"}).empty()); // again: nothing to record
    CHECK(w.set("chenzhiming", "order_moved", std::nullopt).empty());
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'set_ways'") == 3);
    const auto chen = w.acting("chenzhiming"), huang = w.acting("huanglihua");
    const auto own = w.read([&](read_view& v) { return notify::list_ways_of(v, chen); });
    CHECK(own.size() == 2);
    CHECK(own.at("") == way_names{"email"});
    CHECK(own.at("wechat_bound") == way_names{"email"});
    CHECK(w.read([&](read_view& v) { return notify::list_ways_of(v, huang); }).empty());
    CHECK_FALSE(w.read([&](read_view& v) { return notify::find_ways(v, huang.login_id, "order_moved"); }));
}

TEST_CASE(
    "N7 who subscribes again is told by subscription again with the next message, within the week that the "
    "refusal would be believed") {
    ways_world w("subscription");
    w.wechat.without = "order_confirmed"; // no template of its own: subscription comes first
    w.second.script = [](const auto&, std::size_t) { return kind_refused(); };
    w.event("order_confirmed");
    w.live(1min, 10s);
    const auto refused = w.second.calls.size();
    CHECK(refused == 2);
    w.second.script = nullptr;
    w.event("order_confirmed");
    w.live(1min, 10s);
    CHECK(w.second.calls.size() == refused); // believed
    w.write([&](write_tx& tx) -> result<> {
         notify::record_acceptance(tx, "subscription", "oChen", "order_confirmed");
         return {};
     }).value();
    w.event("order_confirmed");
    w.live(1min, 10s);
    REQUIRE(w.second.calls.size() == refused + 1);
    CHECK(w.second.addresses().back() == "oChen");
}
