// The hub: whom it tells, in what order, and what each answer of WeChat leads to.
#include "notify/hub/retry.hpp"
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

namespace {

using namespace core;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using db::write_tx;

// Of twenty people whose messages end the same way at once: when the next tries are.
std::set<std::int64_t> next_tries_after(verdict v) {
    hub_world w;
    for (int n = 0; n < 20; ++n)
        w.bind("chenzhiming", "oPhone" + std::to_string(n));
    w.wechat.script = [v](const auto&, std::size_t) { return answer(v); };
    w.event();
    w.drain();
    std::set<std::int64_t> moments;
    for (const auto& d : w.deliveries())
        if (d.attempts == 1) moments.insert(to_ms(d.next_at));
    return moments;
}

} // namespace

TEST_CASE("U6 N2 each change reaches each bound person of the company once, and nobody else") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.bind("liangminyi", "oLiang"); // another company
    const auto id = w.event("order_confirmed");
    CHECK(w.drain() == 2);
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oChen", "oHuang"});
    CHECK(w.drain() == 0);
    for (const auto& d : w.deliveries()) {
        CHECK(d.outbox_id == id);
        CHECK(d.status == "accepted");
        CHECK(d.client_msg_id == "qj" + std::to_string(d.id));
        CHECK(d.msgid > 3487542469355618313);
        CHECK(d.title == "预约成功提醒");
        CHECK(w.tries(d).size() == 1);
    }
    w.restart();
    CHECK(w.drain() == 0);
}

TEST_CASE("N2 every kind reaches those its row names: companies, staff with the role, the platform") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    const auto bind_staff = [&](std::string_view name, std::string_view openid) {
        const auto who = w.acting(name);
        w.write([&](write_tx& tx) { return account::bind_staff_wechat(tx, who, openid); }).value();
        return who.institution_id;
    };
    const auto city = bind_staff("linxiaomin", "oReviewerScheduler");
    bind_staff("guopeng", "oDesk");
    bind_staff("oujianwen", "oCounty");
    bind_staff("admin", "oAdmin");
    for (const auto& kind : outbox::kinds) {
        w.wechat.calls.clear();
        // Of the platform alone: of institution 0. wechat_unbound is for people of either.
        const bool platform = kind.to_staff.has(role::platform_admin) && !kind.to_staff.has(role::front_desk);
        w.event(kind.name, platform ? 0 : city);
        w.drain();
        std::set<std::string> expected;
        if (kind.to_company) expected.insert("oChen");
        if (kind.to_staff.any({role::filing_reviewer, role::scheduler}))
            expected.insert("oReviewerScheduler");
        if (kind.to_staff.has(role::front_desk)) expected.insert("oDesk");
        if (platform) expected.insert("oAdmin");
        const auto told = w.wechat.addresses();
        CHECK_MESSAGE(std::set<std::string>(told.begin(), told.end()) == expected, kind.name);
        CHECK_MESSAGE(told.size() == expected.size(), kind.name);
    }
}

TEST_CASE("N2 staff are told in their own words and led to their own page; one person alone if it says so") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    const auto who = w.acting("linxiaomin");
    w.write([&](write_tx& tx) { return account::bind_staff_wechat(tx, who, "oLin"); }).value();
    w.event("order_submitted", who.institution_id);
    w.drain();
    std::map<std::string, std::string> titles, bodies;
    for (const auto& d : w.deliveries()) {
        titles[d.address] = d.title;
        bodies[d.address] = d.body;
    }
    CHECK(titles["oChen"] == "预约提交通知");
    CHECK(titles["oLin"] == "新预约待确认");
    CHECK(bodies["oChen"].find("/wx/enter?to=/orders/") != std::string::npos);
    CHECK(bodies["oLin"].find("/staff/orders/") != std::string::npos);
    CHECK(bodies["oHuang"] == bodies["oChen"]);
    w.wechat.calls.clear();
    w.event({.kind = "order_confirmed", .subject_kind = "order", .login_id = w.person("huanglihua")});
    w.drain();
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oHuang"});
}

TEST_CASE("N4 a person sees the changes in order, whatever the answers; one message in flight per person") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("liangminyi", "oLiang");
    for (int n = 0; n < 6; ++n)
        w.event();
    w.event({.kind = "order_confirmed", .subject_kind = "order", .applicant_id = w.demo.applicants[1]});
    w.wechat.script = [](const notify::outgoing&, std::size_t nth) {
        return answer(nth == 1 ? verdict::not_sent : nth == 4 ? verdict::in_doubt : verdict::accepted);
    };
    w.live(20min);
    std::vector<std::int64_t> accepted;
    std::int64_t last_tried = 0;
    for (const auto& c : w.wechat.calls) {
        if (c.what.address != "oChen") continue;
        CHECK(c.what.delivery >= last_tried); // never an older one after a newer
        last_tried = c.what.delivery;
    }
    for (const auto& d : w.deliveries())
        CHECK(d.status == "accepted");
    CHECK(w.wechat.calls.size() == 9);
}

TEST_CASE("N4 the schema itself allows one message per address on its way") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.event();
    w.event();
    w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
    w.drain();
    CHECK(w.count("SELECT count(*) FROM delivery WHERE lane = 2") == 1);
    CHECK(w.count("SELECT count(*) FROM delivery WHERE lane = 1") == 1);
    CHECK_THROWS(w.write([](write_tx& tx) -> result<> {
        tx.exec("UPDATE delivery SET lane = 2");
        return {};
    }));
}

TEST_CASE("N5 unbound, rebound to another, or gone: asked again right before sending") {
    hub_world w;
    const auto chen = w.bind("chenzhiming", "oChen");
    SUBCASE("unbound between fan-out and claim") {
        w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
        w.event();
        w.drain();
        w.unbind(chen);
        w.wechat.calls.clear();
        w.live(1h, 10s);
        CHECK(w.wechat.calls.empty());
        CHECK(w.only().status == "dropped");
    }
    SUBCASE("the phone now belongs to another company") {
        w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
        w.event();
        w.drain();
        w.unbind(chen);
        w.bind("liangminyi", "oChen");
        w.wechat.calls.clear();
        w.wechat.script = nullptr;
        w.live(1h, 10s);
        CHECK(w.wechat.calls.empty());
        w.event({.kind = "order_confirmed", .subject_kind = "order", .applicant_id = w.demo.applicants[1]});
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
    }
    SUBCASE("unbound and bound again: what was for the old binding is not sent") {
        w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
        w.event();
        w.drain();
        w.unbind(chen);
        w.bind("chenzhiming", "oChen");
        w.wechat.calls.clear();
        w.live(1h, 10s);
        CHECK(w.wechat.calls.empty());
    }
    SUBCASE("unfollowed, or the person disabled") {
        w.event();
        w.write([&](write_tx& tx) -> result<> {
             account::record_unfollow(tx, "oChen", tx.now());
             return {};
         }).value();
        w.drain();
        CHECK(w.wechat.calls.empty());
        CHECK_FALSE(w.binding_is_open(chen));
    }
    SUBCASE("left the company, the WeChat still bound") {
        w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
        w.event();
        w.drain();
        w.wechat.calls.clear();
        w.wechat.script = nullptr;
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("DELETE FROM applicant_member WHERE login_id = $1", w.person("chenzhiming"));
             return {};
         }).value();
        w.live(1h, 10s);
        CHECK(w.wechat.calls.empty());
        CHECK(w.only().status == "dropped");
    }
    SUBCASE("while it is being sent, the next one of the same person is stopped") {
        w.event();
        w.event();
        w.wechat.before_answer = [&](const notify::outgoing&) {
            if (w.binding_is_open(chen)) w.unbind(chen);
        };
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
        CHECK(w.deliveries()[0].status == "accepted");
        CHECK(w.deliveries()[1].status == "dropped");
    }
    SUBCASE("claimed but not sent within half a second: asked again") {
        w.bind("huanglihua", "oHuang");
        w.event();
        w.wechat.before_answer = [&](const notify::outgoing& m) {
            w.time.advance(600ms);
            if (m.address == "oChen")
                w.unbind(w.read([](db::read_view& v) { return account::list_by_openid(v, "oHuang"); })[0].id);
        };
        w.drain();
        CHECK(w.wechat.addresses() == std::vector<std::string>{"oChen"});
    }
}

TEST_CASE(
    "N5 staff who lost the role, moved to another institution, or may not sign in any more, are not told") {
    hub_world w;
    const auto lin = w.acting("linxiaomin");
    w.write([&](write_tx& tx) { return account::bind_staff_wechat(tx, lin, "oLin"); }).value();
    w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
    w.event("order_submitted", lin.institution_id);
    w.drain();
    REQUIRE(w.wechat.addresses() == std::vector<std::string>{"oLin"});
    w.wechat.calls.clear();
    w.wechat.script = nullptr;
    const auto set = [&](std::string_view sql, std::int64_t value) {
        w.write([&](write_tx& tx) -> result<> {
             tx.exec(sql, value, lin.login_id);
             return {};
         }).value();
    };
    bool told = false;
    SUBCASE("still a scheduler") {
        set("UPDATE staff_member SET roles = $1 WHERE login_id = $2", role_set{role::scheduler}.bits());
        told = true;
    }
    SUBCASE("not a scheduler any more") {
        set("UPDATE staff_member SET roles = $1 WHERE login_id = $2", role_set{role::front_desk}.bits());
    }
    SUBCASE("moved") {
        set("UPDATE staff_member SET institution_id = $1 WHERE login_id = $2",
            w.acting("oujianwen").institution_id);
    }
    SUBCASE("disabled") {
        set("UPDATE login SET status = CASE WHEN $1 = 0 THEN 'disabled' END WHERE id = $2", 0);
    }
    w.live(1h, 10s);
    CHECK(w.wechat.calls.size() == (told ? 1 : 0));
    CHECK(w.only().status == (told ? "accepted" : "dropped"));
}

TEST_CASE("N7 every verdict has its state, and permanent ones are never tried unchanged again") {
    struct expectation {
        verdict v;
        notify::refusal refused;
        const char* status;
        std::size_t calls_in_an_hour;
    };
    using notify::refusal;
    const std::vector<expectation> table = {
        {verdict::accepted, refusal::message, "accepted", 1},
        {verdict::user_refused, refusal::message, "blocked", 1},
        {verdict::user_refused, refusal::kind, "blocked", 1},
        {verdict::user_refused, refusal::all, "blocked", 1},
        {verdict::user_refused, refusal::gone, "blocked", 1},
        {verdict::user_refused, refusal::unlikely, "blocked", 2},
        {verdict::data_refused, refusal::message, "failed", 1},
        {verdict::template_refused, refusal::message, "parked", 1},
        {verdict::quota, refusal::message, "queued", 1},
    };
    for (const auto& e : table) {
        hub_world w;
        w.bind("chenzhiming", "oChen");
        w.event();
        w.wechat.script = [&](const auto&, std::size_t) {
            auto r = answer(e.v, e.v == verdict::accepted ? 0 : 12345);
            r.refused = e.refused;
            return r;
        };
        w.live(1h, 10s);
        INFO(std::string(notify::name_of(e.v)), " ", static_cast<int>(e.refused));
        CHECK(w.only().status == e.status);
        CHECK(w.wechat.calls.size() == e.calls_in_an_hour);
        if (e.v != verdict::accepted) CHECK(w.tries(w.only()).front().outcome == notify::name_of(e.v));
    }
}

TEST_CASE("N7 not following stops all of that person: bindings end, nothing more is sent") {
    hub_world w;
    const auto chen = w.bind("chenzhiming", "oChen");
    w.event();
    w.event();
    w.wechat.script = [](const auto&, std::size_t) {
        auto r = answer(verdict::user_refused, 43004);
        r.refused = notify::refusal::gone;
        return r;
    };
    w.live(1min);
    CHECK(w.wechat.calls.size() == 1);
    CHECK_FALSE(w.binding_is_open(chen));
    CHECK(w.deliveries()[1].status == "dropped");
}

TEST_CASE("N7 who refuses a kind gets the others; after a week a new notice of it is tried again") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.event("order_confirmed");
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        auto r = answer(m.kind == "order_confirmed" ? verdict::user_refused : verdict::accepted, 43101);
        r.refused = notify::refusal::kind;
        return r;
    };
    w.drain();
    w.event("order_confirmed");
    w.event("order_received");
    w.drain();
    CHECK(w.wechat.calls.size() == 2); // the second order_confirmed was not even tried
    CHECK(w.deliveries()[1].status == "blocked");
    CHECK(w.deliveries()[2].status == "accepted");
    w.time.advance(24h * 8);
    w.event("order_confirmed");
    w.drain();
    CHECK(w.wechat.calls.size() == 3);
}

TEST_CASE("N7 a refused template parks its kind until the operator releases it; other kinds go on") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.event("order_confirmed");
    w.event("order_confirmed");
    w.event("order_received");
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.kind == "order_confirmed" ? verdict::template_refused : verdict::accepted, 40037);
    };
    w.live(1h, 1min);
    CHECK(w.wechat.calls.size() == 2);
    CHECK(w.deliveries()[0].status == "parked");
    CHECK(w.deliveries()[1].status == "parked");
    CHECK(w.deliveries()[2].status == "accepted");
    w.wechat.script = nullptr;
    CHECK(w.write([&](write_tx& tx) { return notify::release(tx, w.acting("linxiaomin")); }).error().code ==
          errc::not_allowed);
    w.write([&](write_tx& tx) { return notify::release(tx, w.acting("admin")); }).value();
    w.drain();
    for (const auto& d : w.deliveries())
        CHECK(d.status == "accepted");
}

TEST_CASE("N7 an account error makes everything wait five minutes") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.event();
    w.wechat.script = [](const auto&, std::size_t nth) {
        return nth == 1 ? answer(verdict::account_down, 40164) : answer(verdict::accepted);
    };
    w.live(4min);
    CHECK(w.wechat.calls.size() == 1);
    w.live(2min);
    CHECK(w.wechat.calls.size() == 3);
}

TEST_CASE("N8 45009: no call until 00:00 China time, also after a restart; an operator may release it") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.event();
    w.wechat.script = [](const auto&, std::size_t nth) {
        return nth == 1 ? answer(verdict::quota, 45009) : answer(verdict::accepted);
    };
    w.drain();
    w.restart();
    w.event();
    SUBCASE("midnight") {
        w.live(13h + 59min, 1min); // it is ten in the morning
        CHECK(w.wechat.calls.size() == 1);
        w.live(2min);
        CHECK(w.wechat.calls.size() == 5);
        CHECK(w.wechat.calls[1].at == local_instant(*parse_date("2026-11-25"), 0));
    }
    SUBCASE("released") {
        w.live(1h, 1min);
        w.write([&](write_tx& tx) { return notify::release(tx, w.acting("admin")); }).value();
        w.live(2min);
        CHECK(w.wechat.calls.size() > 1);
    }
}

TEST_CASE("N8 reminders leave a fifth of the day's calls to changes of status") {
    notify::hub_settings s;
    s.per_day = 10;
    hub_world w(s);
    w.bind("chenzhiming", "oChen");
    const auto calls = [&] { return w.wechat.calls.size(); };
    for (int n = 0; n < 20; ++n)
        w.event("certificates_due");
    w.live(1min);
    CHECK(calls() == 8);
    for (int n = 0; n < 5; ++n)
        w.event();
    w.live(1min);
    CHECK(calls() == 10);
    w.live(14h, 10min); // a new day
    CHECK(calls() == 10 + 8);
    CHECK(w.wechat.calls[10].what.kind == "order_confirmed"); // those that waited go first
}

TEST_CASE("N8 a quota of one kind holds within one claim too") {
    notify::hub_settings s;
    s.kind_per_day["order_received"] = 2;
    hub_world w(s);
    for (int n = 0; n < 10; ++n)
        w.bind("chenzhiming", "oPhone" + std::to_string(n));
    w.event("order_received");
    w.event("order_confirmed");
    w.live(1h, 1min);
    std::map<std::string, int> calls;
    for (const auto& c : w.wechat.calls)
        ++calls[c.what.kind];
    CHECK(calls["order_received"] == 2);
    CHECK(calls["order_confirmed"] >= 2); // two phones; those behind a held-back one wait for it
}

TEST_CASE("N6 retries are spread: twenty people whose messages fail together do not come back together") {
    CHECK(next_tries_after(verdict::not_sent).size() > 1);
}

TEST_CASE("N6 what one outage leaves in doubt comes back spread too, at every step of the schedule") {
    CHECK(next_tries_after(verdict::in_doubt).size() > 1);
    for (const auto since : {0s, 5s, 20s, 60s, 150s, 300s}) {
        const auto soonest = notify::after_doubt(since, 0).value();
        const auto latest = notify::after_doubt(since, 99).value();
        CHECK(latest - soonest >= 1s);
        CHECK(since + latest < notify::memory); // WeChat still knows the id
    }
    CHECK_FALSE(notify::after_doubt(500s, 0));
}

TEST_CASE("N8 a quota of one kind holds back that kind only") {
    notify::hub_settings s;
    s.kind_per_day["order_received"] = 2;
    hub_world w(s);
    w.bind("chenzhiming", "oChen");
    for (int n = 0; n < 4; ++n)
        w.event("order_received");
    w.live(1min);
    CHECK(w.wechat.calls.size() == 2);
    w.live(14h, 10min);
    CHECK(w.wechat.calls.size() == 4);
}

TEST_CASE("N8 45011: a minute's pause, then at half the rate, then faster again") {
    notify::flow f(100);
    const fixed_clock time(tests::tuesday_morning);
    auto now = time.now();
    auto steady = time.steady();
    int taken = 0;
    while (f.take(steady))
        ++taken;
    CHECK(taken == 100);
    CHECK(f.until_next(steady) == 1000ms);
    f.note(verdict::slow_down, now);
    CHECK(f.paused_until(now) == now + 60s);
    CHECK_FALSE(f.paused_until(now + 60s));
    CHECK(f.rate_now() == 50);
    now += 12min;
    f.note(verdict::accepted, now);
    CHECK(f.rate_now() == 100);
}

TEST_CASE("N8 the rate a second is kept") {
    notify::hub_settings s;
    s.per_second = 3;
    hub_world w(s);
    for (const auto* name : {"chenzhiming", "huanglihua"})
        w.bind(name, std::string("o") + name);
    for (int n = 0; n < 5; ++n)
        w.event();
    w.live(10s, 200ms);
    CHECK(w.wechat.calls.size() == 10);
    for (std::size_t n = 3; n < w.wechat.calls.size(); ++n)
        CHECK(w.wechat.calls[n].at - w.wechat.calls[n - 3].at >= 1s);
}

TEST_CASE(
    "N14 a change of status overtakes reminders: in the fan-out, in the queue, and of the same person") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    for (int n = 0; n < 300; ++n)
        w.event("certificates_due");
    w.event("order_confirmed");
    w.drain();
    CHECK(w.wechat.calls.size() == 602);
    CHECK(w.wechat.calls[0].what.kind == "order_confirmed");
    CHECK(w.wechat.calls[1].what.kind == "order_confirmed");
}

TEST_CASE("N12 what is past or no longer true is not sent; a reminder waits for its hour") {
    bool still = true;
    notify::preferences p;
    p.still_true = [&](db::read_view&, std::int64_t) { return still; };
    hub_world w({}, p);
    w.bind("chenzhiming", "oChen");
    w.event({.kind = "certificates_due", .subject_kind = "applicant", .expires_at = w.time.now() + 10min});
    SUBCASE("in time") {
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
    }
    SUBCASE("held until it was past") {
        w.write([&](write_tx& tx) { return notify::hold(tx, w.acting("admin"), "test"); }).value();
        w.live(11min, 1min);
        w.write([&](write_tx& tx) { return notify::release(tx, w.acting("admin")); }).value();
        w.drain();
        CHECK(w.wechat.calls.empty());
        CHECK(w.only().status == "dropped");
        CHECK(w.only().errmsg == "expired");
    }
    SUBCASE("cancelled a second ago") {
        still = false;
        w.drain();
        CHECK(w.wechat.calls.empty());
        CHECK(w.only().errmsg == "no longer true");
    }
}

TEST_CASE(
    "N13 preferences: unwanted kinds are not sent, quiet hours hold reminders and no changes of status") {
    notify::preferences p;
    std::int64_t quiet_one = 0;
    p.wants = [&](db::read_view&, std::int64_t login, std::string_view kind) {
        return login != quiet_one || kind != "order_received";
    };
    instant quiet_until{};
    p.not_before = [&](db::read_view&, std::int64_t, instant now) { return std::max(now, quiet_until); };
    hub_world w({}, p);
    quiet_until = w.time.now() + 8h;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    quiet_one = w.person("chenzhiming");
    w.event("order_received");
    w.event("certificates_due");
    w.drain();
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oHuang"});
    w.live(8h, 10min);
    CHECK(w.wechat.calls.size() == 3);
}

TEST_CASE("N the next channel for whom the first does not reach, once") {
    hub_world w({}, {}, true);
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oChen" ? verdict::data_refused : verdict::accepted, 47003);
    };
    w.event();
    w.live(1min);
    CHECK(w.wechat.calls.size() == 2);
    CHECK(w.second.addresses() == std::vector<std::string>{"oChen"});
    w.restart();
    w.live(1min);
    CHECK(w.second.calls.size() == 1);
    w.wechat.without = "order_received"; // a kind that this channel does not carry
    w.event("order_received");
    w.drain();
    CHECK(w.wechat.calls.size() == 2);
    CHECK(w.second.calls.size() == 3);
}

TEST_CASE("W4 the breaker: silence stops fresh messages, one at a time finds out that it is over") {
    hub_world w;
    for (int n = 0; n < 40; ++n)
        w.event("order_confirmed"); // to nobody yet
    w.drain();
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    std::vector<std::string> people;
    for (int n = 0; n < 30; ++n)
        people.push_back("o" + std::to_string(n));
    for (const auto& openid : people)
        w.bind("chenzhiming", openid);
    w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
    w.event();
    w.live(10min);
    const auto while_down = w.wechat.calls.size();
    CHECK(while_down < 60); // not 32 people by ten tries
    CHECK(w.the_hub->channels()[0].breaker_open);
    w.wechat.script = nullptr;
    w.live(2min);
    CHECK_FALSE(w.the_hub->channels()[0].breaker_open);
    for (const auto& d : w.deliveries())
        CHECK(d.status == "accepted");
    CHECK(w.deliveries().size() == 32);
}
