// From one channel to the next, and what is left for the telephone.
#include "core/account/member.hpp"
#include "notify/hub/unreached.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/support/query_plans.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

namespace {

using namespace core;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using db::write_tx;

std::vector<notify::unreached> listed(hub_world& w, std::string_view name = "admin",
                                      std::int64_t before = 0) {
    const auto who = w.acting(name);
    return w.read([&](db::read_view& v) { return notify::list_unreached(v, who, before, 50); });
}

result<> close(hub_world& w, std::string_view name, std::int64_t id, std::string_view note = "已电话告知") {
    const auto who = w.acting(name);
    return w.write([&](write_tx& tx) { return notify::close_unreached(tx, who, id, note); });
}

void answers(tests::scripted_channel& c, verdict v, int errcode = 0) {
    c.script = [v, errcode](const auto&, std::size_t) { return answer(v, errcode); };
}

} // namespace

TEST_CASE("N2 whatever ends a message for a person, the next channel has it once, and the last leads to the "
          "list for the telephone") {
    const std::map<verdict, std::string> ends = {{verdict::user_refused, "blocked"},
                                                 {verdict::data_refused, "failed"},
                                                 {verdict::in_doubt, "dead"},
                                                 {verdict::template_refused, "parked"}};
    for (const auto& [v, state] : ends) {
        hub_world w({}, {}, true);
        w.bind("chenzhiming", "oChen");
        answers(w.wechat, v, v == verdict::in_doubt ? 0 : 40000);
        answers(w.second, v, v == verdict::in_doubt ? 0 : 40000);
        w.event("order_confirmed", w.acting("guopeng").institution_id);
        w.live(3h, 20s);
        w.restart();
        w.live(1h, 1min);
        const auto all = w.deliveries();
        INFO(state);
        REQUIRE(all.size() == 2);
        CHECK(all[0].channel == "wechat");
        CHECK(all[0].status == (v == verdict::template_refused ? "dropped" : state));
        CHECK(all[1].channel == "second");
        CHECK(all[1].status == state);
        CHECK(all[1].may_repeat == (v == verdict::in_doubt));
        const auto list = listed(w, "guopeng");
        REQUIRE(list.size() == 1);
        CHECK(list[0].login_id == w.person("chenzhiming"));
        CHECK(list[0].person_name == "陈志明");
        CHECK(list[0].applicant_name != "");
        CHECK(list[0].phone != "");
        CHECK(list[0].title == "预约成功提醒");
        CHECK(list[0].delivery_id == all[1].id);
        CHECK_FALSE(list[0].colleague_told);
        CHECK_FALSE(list[0].is_read);
    }
}

TEST_CASE("N2 what another channel has is not sent again when the template is mended") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    answers(w.wechat, verdict::template_refused, 40037);
    w.second.closed_to = "oHuang";
    w.event();
    w.event(); // parked without being tried
    w.drain();
    CHECK(w.second.addresses() == std::vector<std::string>{"oChen", "oChen"});
    CHECK(listed(w).size() == 2); // Huang waits for the template, and may be phoned meanwhile
    w.wechat.script = nullptr;
    w.wechat.calls.clear();
    w.write([&](write_tx& tx) { return notify::release(tx, w.system()); }).value();
    w.drain();
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oHuang", "oHuang"});
    CHECK(w.second.calls.size() == 2);
    CHECK(listed(w).empty()); // reached after all
}

TEST_CASE("N2 who is told on one phone is not told by another channel for the other") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    w.bind("chenzhiming", "oChenTablet");
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return m.address == "oChen" ? answer(verdict::user_refused, 43101) : answer(verdict::accepted);
    };
    w.event();
    w.live(1h, 10s);
    CHECK(w.wechat.calls.size() == 2);
    CHECK(w.second.calls.empty());
    CHECK(listed(w).empty());
    answers(w.wechat, verdict::user_refused, 43101);
    w.event();
    w.live(1h, 10s);
    CHECK(w.second.calls.size() == 2); // both phones, by the next channel, once each
}

TEST_CASE("N2 unbound before it was sent: no other channel as long as their other phone may get it") {
    hub_world w({}, {}, true);
    const auto chen = w.bind("chenzhiming", "oChen");
    w.bind("chenzhiming", "oChenTablet");
    answers(w.wechat, verdict::not_sent);
    w.event();
    w.drain();
    w.unbind(chen);
    w.live(1h, 10s);
    CHECK(w.second.calls.empty()); // the tablet still waits for WeChat
    CHECK(w.deliveries()[0].status == "dropped");
}

TEST_CASE("N3 refused after a doubtful try: the next channel has it at once, marked; a late receipt is the "
          "first one's") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    w.wechat.script = [&](const notify::outgoing&, std::size_t nth) {
        if (nth == 1) return answer(verdict::in_doubt); // WeChat executed it all the same
        if (nth == 2) return answer(verdict::user_refused, 43101);
        return answer(verdict::in_doubt); // and this one not
    };
    w.event();
    w.live(10s);
    auto all = w.deliveries();
    REQUIRE(all.size() == 2);
    CHECK(all[0].status == "blocked");
    CHECK(all[1].may_repeat);
    CHECK(w.second.calls.size() == 1);
    SUBCASE("a number that nobody knows is its first try's when nothing else was tried") {
        w.receipt("oChen", 77);
        CHECK(w.deliveries()[0].status == "delivered");
    }
    SUBCASE("with another one in doubt behind it, it is not guessed whose it is") {
        w.event("order_received");
        w.drain();
        w.receipt("oChen", 77);
        all = w.deliveries();
        CHECK(all[0].status == "blocked");
        CHECK(all[2].status == "queued"); // still in doubt, and tried again
        CHECK(all[2].doubt_since);
    }
}

TEST_CASE("N2 a channel is not asked for an address outside its window, at the fan-out or at the claim") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    w.wechat.closed_to = "oChen";
    w.event();
    w.drain();
    CHECK(w.wechat.calls.empty());
    CHECK(w.second.calls.size() == 1);
    w.wechat.closed_to.clear();
    answers(w.wechat, verdict::not_sent);
    w.event();
    w.drain();
    w.wechat.closed_to = "oChen";
    w.live(1min);
    CHECK(w.second.calls.size() == 2);
}

TEST_CASE("N2 where nothing is remembered, what is in doubt is not tried again, also after a crash") {
    hub_world w;
    w.wechat.knows_ids = w.wechat.tells_later = false;
    w.bind("chenzhiming", "oChen");
    SUBCASE("an answer got lost") {
        answers(w.wechat, verdict::in_doubt);
        w.event();
        w.live(29min, 10s);
    }
    SUBCASE("the program ended meanwhile") {
        w.event();
        w.wechat.before_answer = [](const auto&) { throw std::runtime_error("killed"); };
        CHECK_THROWS(w.drain());
        w.wechat.before_answer = nullptr;
        w.restart();
        w.live(29min, 10s);
    }
    CHECK(w.wechat.calls.size() == 1);
    CHECK(w.only().status == "uncertain");
    w.wechat.script = nullptr;
    w.live(2min, 10s);
    CHECK(w.wechat.calls.size() == 2); // a change of status, once more, marked
    CHECK(w.only().may_repeat);
    CHECK(w.only().status == "accepted");
}

TEST_CASE("N17 nobody of the company has an address: the institution is told whom to phone, once; who wants "
          "nothing is left alone") {
    hub_world w;
    const auto city = w.acting("guopeng").institution_id;
    w.event("order_confirmed", city);
    w.event("certificates_due", city); // a reminder is nothing to phone about
    w.drain();
    auto list = listed(w, "guopeng");
    REQUIRE(list.size() == 1);
    CHECK(list[0].login_id == 0);
    CHECK(list[0].person_name != ""); // the company's contact
    CHECK(list[0].phone != "");
    CHECK(list[0].delivery_id == 0);
    CHECK(listed(w, "oujianwen").empty());   // another institution
    CHECK(listed(w, "chenzhiming").empty()); // a company
    CHECK(listed(w, "fengjianguo").empty()); // a regulator
    CHECK(listed(w).size() == 1);
    CHECK(listed(w, "guopeng", list[0].id).empty());
    CHECK(close(w, "oujianwen", list[0].id).error().code == errc::not_found);
    CHECK(close(w, "chenzhiming", list[0].id).error().code == errc::not_found);
    CHECK(close(w, "guopeng", list[0].id, std::string(201, 'x')).error().detail == "unreached.note");
    CHECK(close(w, "guopeng", list[0].id).has_value());
    CHECK(close(w, "guopeng", list[0].id).error().detail == "unreached.closed");
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'close_unreached' AND note = '已电话告知'") == 1);
    CHECK(listed(w).empty());
    w.bind("chenzhiming", "oChen");
    const auto chen = w.acting("chenzhiming");
    w.write([&](write_tx& tx) { return account::mute_notifications(tx, chen, true); }).value();
    w.event("order_confirmed", city);
    w.drain();
    CHECK(w.wechat.calls.empty());
    CHECK(listed(w).empty());
}

TEST_CASE(
    "N17 what is closed is listed with who, when and the note, the last first, page by page, to those whose "
    "it is; several are closed at once, each with its own answer") {
    hub_world w;
    const auto city = w.acting("guopeng"), far = w.acting("oujianwen");
    for (int n = 0; n < 7; ++n)
        w.event("order_confirmed", city.institution_id);
    w.event("order_confirmed", far.institution_id);
    w.drain();
    std::vector<std::int64_t> ids;
    for (const auto& u : listed(w, "guopeng"))
        ids.push_back(u.id);
    REQUIRE(ids.size() == 7);
    const auto foreign = listed(w, "oujianwen").at(0).id;
    const auto close_many = [&](std::vector<std::int64_t> which, std::string_view note) {
        return w
            .write([&](write_tx& tx) -> result<std::vector<notify::closing>> {
                return notify::close_many_unreached(tx, city, which, note);
            })
            .value();
    };
    const auto closed = [&](std::string_view name, notify::closed_key after, int limit) {
        const auto who = w.acting(name);
        return w.read([&](db::read_view& v) { return notify::list_closed_unreached(v, who, after, limit); });
    };
    CHECK(closed("guopeng", {}, 50).empty());
    CHECK(close(w, "guopeng", ids[0], "第一个").has_value());
    w.time.advance(1min);
    const auto answers = close_many({ids[1], ids[0], foreign, 4711, ids[2]}, " 已逐个\n告知 ");
    REQUIRE(answers.size() == 5);
    CHECK_FALSE(answers[0].refused);
    CHECK(answers[1].refused->detail == "unreached.closed");
    CHECK(answers[1].company != "");
    CHECK(answers[2].refused->code == errc::not_found);
    CHECK(answers[2].company == ""); // not theirs to know
    CHECK(answers[3].refused->code == errc::not_found);
    CHECK_FALSE(answers[4].refused);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'close_unreached' AND note = '已逐个 告知'") == 2);
    for (const auto& one : close_many({ids[3]}, std::string(201, 'x')))
        CHECK(one.refused->detail == "unreached.note");
    // One more is reached after all.
    const auto event = listed(w, "guopeng").at(0).outbox_id;
    w.time.advance(1min);
    w.write([&](write_tx& tx) -> result<> {
         tx.exec("UPDATE unreached SET closed_at = $1 WHERE outbox_id = $2", tx.now(), event);
         return {};
     }).value();
    const auto all = closed("guopeng", {}, 50);
    REQUIRE(all.size() == 4);
    CHECK(all[0].closed_by == 0);
    CHECK(all[0].closer_name == "");
    CHECK(all[1].closed_by == city.login_id);
    CHECK(all[1].closer_name != "");
    CHECK(all[1].note == "已逐个 告知");
    CHECK(all[3].id == ids[0]);
    CHECK(all[3].note == "第一个");
    std::vector<std::int64_t> paged;
    for (notify::closed_key at;;) {
        const auto page = closed("guopeng", at, 1);
        if (page.empty()) break;
        paged.push_back(page[0].id);
        at = notify::key_of(page[0]);
    }
    CHECK(paged == std::vector<std::int64_t>{all[0].id, all[1].id, all[2].id, all[3].id});
    CHECK(closed("admin", {}, 50).size() == 4);
    for (const auto* stranger : {"oujianwen", "chenzhiming", "fengjianguo"})
        CHECK(closed(stranger, {}, 50).empty());
    CHECK(listed(w, "guopeng").size() == 3);
}

TEST_CASE("N17 every list of who is to be phoned walks an index") {
    hub_world w;
    const auto see = [](const std::string&, const std::string& step) {
        const bool bounded =
            step == "SCAN some" || step == "SCAN unreached USING INDEX unreached_open"; // open ones
        CHECK((!step.starts_with("SCAN") || bounded));
        CHECK(step.find("TEMP B-TREE") == std::string::npos);
    };
    CHECK(tests::walk_query_plans(w.file(), "notify/hub/unreached_store.cpp", see) >= 8);
}

TEST_CASE("N9 N17 reached after all: by a late receipt, or sent again; a colleague who has it is told of") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    const auto city = w.acting("guopeng").institution_id;
    w.event("order_confirmed", city);
    w.drain();
    const auto sent = w.deliveries()[0];
    w.receipt("oChen", sent.msgid, "failed: system failed");
    w.drain();
    auto list = listed(w);
    REQUIRE(list.size() == 1);
    CHECK(list[0].colleague_told);
    CHECK(list[0].reason == "failed: system failed");
    SUBCASE("a late success") {
        w.receipt("oChen", sent.msgid);
    }
    SUBCASE("sent again") {
        const auto who = w.acting("guopeng");
        w.write([&](write_tx& tx) { return notify::resend(tx, who, sent.id); }).value();
        w.drain();
    }
    CHECK(listed(w).empty());
    CHECK(w.read([&](db::read_view& v) { return notify::status_of(v).unreached; }) == 0);
}

TEST_CASE("N8 the operator's release lifts pauses of every kind and the channel's own brakes at once") {
    for (const auto v : {verdict::quota, verdict::account_down, verdict::slow_down}) {
        hub_world w;
        w.bind("chenzhiming", "oChen");
        w.bind("huanglihua", "oHuang");
        w.wechat.script = [v](const auto&, std::size_t nth) {
            return nth == 1 ? answer(v, 45009) : answer(verdict::accepted);
        };
        w.event();
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
        w.time.advance(5s);
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
        w.write([&](write_tx& tx) { return notify::release(tx, w.system()); }).value();
        w.live(3s); // after 45011 one a second
        CHECK(w.wechat.released == 1);
        CHECK(w.wechat.calls.size() == 3);
        for (const auto& d : w.deliveries())
            CHECK(d.status == "accepted");
        w.time.advance(1h);
        w.drain();
        CHECK(w.wechat.released == 1);
    }
}

TEST_CASE("W4 the operator's release closes the breaker too") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    for (int n = 0; n < 3; ++n)
        w.event();
    answers(w.wechat, verdict::not_sent);
    w.live(15min, 10s);
    REQUIRE(w.the_hub->channels()[0].breaker_open);
    w.wechat.script = nullptr;
    w.write([&](write_tx& tx) { return notify::release(tx, w.system()); }).value();
    w.drain();
    CHECK_FALSE(w.the_hub->channels()[0].breaker_open);
    for (const auto& d : w.deliveries())
        CHECK(d.status == "accepted");
}

TEST_CASE("N17 closed to everybody who wants it: somebody is to be phoned") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.closed_to = "oChen";
    w.event("order_confirmed", w.acting("guopeng").institution_id);
    w.drain();
    CHECK(w.deliveries().empty());
    CHECK(listed(w, "guopeng").size() == 1);
}

TEST_CASE("N7 the operator's release takes every parked message, under new ids") {
    hub_world w;
    constexpr int phones = 1203; // more than one group
    for (int n = 0; n < phones; ++n)
        w.bind("chenzhiming", "oPhone" + std::to_string(n));
    answers(w.wechat, verdict::template_refused, 40037);
    w.event();
    w.drain();
    // The first ones gave way to the person's other phones.
    const auto parked = w.count("SELECT count(*) FROM delivery WHERE status = 'parked'");
    REQUIRE(parked > 1000);
    std::set<std::string> old;
    for (const auto& d : w.deliveries())
        old.insert(d.client_msg_id);
    w.wechat.script = nullptr;
    w.write([&](write_tx& tx) { return notify::release(tx, w.system()); }).value();
    w.live(2min, 1s);
    CHECK(w.count("SELECT count(*) FROM delivery WHERE status = 'accepted'") == parked);
    for (const auto& d : w.deliveries())
        CHECK((d.status == "dropped" || !old.contains(d.client_msg_id)));
}

namespace {

// As the program runs: threads of its own, until the end of the test.
struct running {
    explicit running(hub_world& w) : thread([&w](const std::stop_token& stop) { w.the_hub->run(stop); }) {}
    std::jthread thread;
};

template<class F>
bool soon(F holds) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!holds())
        if (std::chrono::steady_clock::now() > end) return false;
    return true;
}

} // namespace

TEST_CASE(
    "N2 in the running program the next channel has it at once: after a refusal, after a late receipt, after "
    "a process that was killed between outcome and follow-up") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    const auto second = [&](std::string_view status) {
        return w.count("SELECT count(*) FROM delivery WHERE channel = 'second' AND status = '" +
                       std::string(status) + "'");
    };
    SUBCASE("a refusal") {
        answers(w.wechat, verdict::data_refused, 47003);
        const running program(w);
        w.event();
        w.the_hub->poke();
        CHECK(soon([&] { return second("accepted") == 1; }));
    }
    SUBCASE("a late receipt") {
        const running program(w);
        w.event();
        w.the_hub->poke();
        REQUIRE(
            soon([&] { return w.count("SELECT count(*) FROM delivery WHERE status = 'accepted'") == 1; }));
        w.write([&](write_tx& tx) -> result<> {
             CHECK(notify::record_receipt(tx, "oChen", tx.query_number("SELECT max(msgid) FROM delivery"),
                                          "failed:user block"));
             return {};
         }).value();
        w.the_hub->poke(); // as the callback does
        CHECK(soon([&] { return second("accepted") == 1; }));
    }
    SUBCASE("killed in between") {
        w.event();
        w.drain();
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("UPDATE delivery SET status = 'failed', follow_up = $1",
                     static_cast<int>(notify::follow_up::fall_back));
             return {};
         }).value();
        w.restart();
        const running program(w);
        CHECK(soon([&] { return second("accepted") == 1; }));
    }
}
