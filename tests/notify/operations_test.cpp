// What people do to the hub and see of it: sending again, holding, test mode, numbers.
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <set>

namespace {

using namespace core;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using db::write_tx;

errc resend(hub_world& w, std::string_view name, std::int64_t id) {
    const auto who = w.acting(name);
    const auto done = w.write([&](write_tx& tx) { return notify::resend(tx, who, id); });
    return done ? errc::full : done.error().code; // full: done
}
constexpr auto done = errc::full;

} // namespace

TEST_CASE(
    "N17 a failed message is sent again by one press, once, with an audit row; foreign ones do not exist") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.script = [](const auto&, std::size_t nth) {
        return nth == 1 ? answer(verdict::data_refused, 47003) : answer(verdict::accepted);
    };
    w.event("order_confirmed", w.acting("linxiaomin").institution_id);
    w.drain();
    const auto failed = w.only();
    CHECK(failed.errcode == 47003);
    CHECK(w.tries(failed)[0].errmsg == "told to fail rid: 6-test");
    CHECK(resend(w, "oujianwen", failed.id) == errc::not_found);   // another institution
    CHECK(resend(w, "fengjianguo", failed.id) == errc::not_found); // a regulator
    CHECK(resend(w, "chenzhiming", failed.id) == errc::not_found); // a company
    CHECK(resend(w, "guopeng", failed.id + 1) == errc::not_found);
    CHECK(resend(w, "guopeng", failed.id) == done);
    CHECK(resend(w, "guopeng", failed.id) == errc::stale_state);
    w.drain();
    CHECK(w.wechat.calls.size() == 2);
    CHECK(w.wechat.calls[1].what.client_msg_id != w.wechat.calls[0].what.client_msg_id);
    CHECK(w.only().status == "accepted");
    CHECK(w.tries(w.only()).size() == 3); // refused, sent again by staff, accepted
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'resend'") == 1);
    CHECK(resend(w, "guopeng", failed.id) == errc::stale_state);
}

TEST_CASE("N17 what may be sent again, by state; what may have arrived is marked") {
    for (const std::string status : {"queued", "sending", "accepted", "delivered", "dropped", "uncertain",
                                     "blocked", "failed", "dead", "parked"}) {
        hub_world w;
        w.bind("chenzhiming", "oChen");
        w.event();
        w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::not_sent); };
        w.drain();
        const int lane = status == "queued" || status == "sending" || status == "uncertain" ? 2 : 0;
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("UPDATE delivery SET status = $1, lane = $2, doubt_since = $3", status, lane,
                     status == "uncertain" ? std::optional(w.time.now()) : std::nullopt);
             return {};
         }).value();
        const bool may = status == "uncertain" || status == "blocked" || status == "failed" ||
                         status == "dead" || status == "parked";
        CHECK_MESSAGE((resend(w, "admin", w.only().id) == done) == may, status);
        CHECK(w.only().may_repeat == (status == "uncertain" || status == "dead"));
        CHECK(notify::may_resend(status) == may);
        CHECK(notify::delivery_word(status) != "");
    }
}

TEST_CASE(
    "N17 the states of a message are those of the schema, each with a word of its own; three are open") {
    hub_world w;
    const auto written = w.read([](db::read_view& v) {
        return v
            .query_one([](db::row r) { return r.text(0); },
                       "SELECT sql FROM sqlite_master WHERE name = 'delivery'")
            .value();
    });
    std::set<std::string_view> words;
    int open = 0;
    for (const auto state : notify::delivery_states) {
        CHECK_MESSAGE(written.find("'" + std::string(state) + "'") != std::string::npos, state);
        words.insert(notify::delivery_word(state));
        open += notify::is_settled(state) ? 0 : 1;
    }
    CHECK(words.size() == notify::delivery_states.size());
    CHECK(open == 3);
}

TEST_CASE("S1 lists and single deliveries: staff of the institution, the platform, nobody else") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    const auto city = w.acting("linxiaomin").institution_id;
    const auto county = w.acting("oujianwen").institution_id;
    for (int n = 0; n < 3; ++n)
        w.event("order_confirmed", city);
    w.event("order_confirmed", county);
    w.wechat.script = [](const auto&, std::size_t nth) {
        return answer(nth == 2 ? verdict::data_refused : verdict::accepted, nth == 2 ? 47003 : 0);
    };
    w.drain();
    const auto seen = [&](std::string_view name, std::string_view status = "", std::int64_t before = 0,
                          int limit = 10) {
        const auto who = w.acting(name);
        return w.read([&](db::read_view& v) {
            return notify::list_deliveries(v, who, {std::string(status)}, before, limit);
        });
    };
    CHECK(seen("guopeng").size() == 3);
    CHECK(seen("guopeng")[0].applicant_name != "");
    CHECK(seen("guopeng", "failed").size() == 1);
    CHECK(seen("guopeng", "accepted").size() == 2);
    CHECK(seen("oujianwen").size() == 1);
    CHECK(seen("oujianwen", "failed").empty());
    CHECK(seen("admin").size() == 4);
    CHECK(seen("admin", "failed").size() == 1);
    CHECK(seen("admin", "accepted").size() == 3);
    CHECK(seen("chenzhiming").empty());
    CHECK(seen("fengjianguo").empty());
    const auto page = seen("guopeng", "", 0, 2);
    REQUIRE(page.size() == 2);
    CHECK(seen("guopeng", "", page[1].id, 2).size() == 1);
    const auto one = [&](std::string_view name, std::int64_t id) {
        const auto who = w.acting(name);
        return w.read([&](db::read_view& v) { return notify::get_delivery(v, who, id).has_value(); });
    };
    CHECK(one("guopeng", page[0].id));
    CHECK_FALSE(one("oujianwen", page[0].id));
    CHECK_FALSE(one("chenzhiming", page[0].id));
}

TEST_CASE("N18 held: nothing is sent by itself, also after a restart; events are kept; released: they go") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    CHECK(w.write([&](write_tx& tx) { return notify::hold(tx, w.acting("guopeng"), "x"); }).error().code ==
          errc::not_allowed);
    w.write([&](write_tx& tx) { return notify::hold(tx, w.system(), "restored from a backup"); }).value();
    w.event();
    w.live(1h, 10s);
    w.restart();
    w.live(1h, 10s);
    CHECK(w.wechat.calls.empty());
    CHECK(w.only().status == "queued");
    const auto s = w.read([](db::read_view& v) { return notify::status_of(v); });
    REQUIRE(s.states.size() == 1);
    CHECK(s.states[0].held);
    CHECK(s.states[0].reason == "restored from a backup");
    w.write([&](write_tx& tx) { return notify::release(tx, w.system()); }).value();
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb IN ('hold', 'release')") == 2);
}

TEST_CASE("N19 test mode sends to listed openids only") {
    notify::hub_settings s;
    s.only_to = {"oHuang"};
    hub_world w(s);
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.event();
    w.drain();
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oHuang"});
    CHECK(w.deliveries()[0].errmsg == "test mode: not a listed address");
}

TEST_CASE("the numbers for the metrics page count what waits, by class, and how long") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oChen" ? verdict::in_doubt : verdict::data_refused, 0);
    };
    w.event();
    w.event("certificates_due");
    w.live(12min);
    w.write([&](write_tx& tx) { return notify::hold(tx, w.system(), "test"); }).value();
    w.event();
    w.event("certificates_due");
    const auto before = w.time.now();
    w.drain();
    w.event();
    w.time.advance(90s);
    const auto s = w.read([](db::read_view& v) { return notify::status_of(v); });
    CHECK(s.waiting.uncertain == 1);
    CHECK(s.waiting.failed == 2);
    CHECK(s.waiting.status == 2);
    CHECK(s.waiting.reminders == 3);
    CHECK(s.waiting.to_fan_out == 1);
    REQUIRE(s.waiting.oldest);
    CHECK(*s.waiting.oldest <= before);
    REQUIRE(s.used.size() == 1);
    CHECK(s.used[0].calls_today == static_cast<std::int64_t>(w.wechat.calls.size()));
}

TEST_CASE(
    "N17 what waits for the morning on purpose is not waiting too long; what was tried or is a status is") {
    notify::preferences wishes;
    wishes.not_before = [](db::read_view&, std::int64_t, instant now) { return now + 9h; }; // quiet hours
    hub_world w({}, wishes);
    w.bind("chenzhiming", "oChen");
    const auto oldest = [&] {
        return w.read([](db::read_view& v) { return notify::status_of(v); }).waiting.oldest;
    };
    w.event("certificates_due");
    w.drain();
    w.time.advance(1h);
    CHECK_FALSE(oldest().has_value());
    w.wechat.script = [](const notify::outgoing&, std::size_t) { return answer(verdict::in_doubt); };
    w.event();
    const auto made = w.time.now();
    w.drain(); // tried, and waits for its next try
    w.time.advance(1s);
    REQUIRE(oldest().has_value());
    CHECK(*oldest() == made);
    w.time.advance(9h);
    REQUIRE(oldest().has_value());
    CHECK(*oldest() < made); // the reminder is due
}

TEST_CASE("N17 sent again to the WeChat that the person has bound by now; without any it is refused with a "
          "reason") {
    hub_world w;
    const auto first = w.bind("chenzhiming", "oChen");
    w.wechat.script = [](const notify::outgoing&, std::size_t) {
        return answer(verdict::data_refused, 47003);
    };
    w.event();
    w.drain();
    w.wechat.script = nullptr;
    const auto id = w.deliveries()[0].id;
    w.unbind(first);
    const auto who = w.acting("admin");
    const auto refused = w.write([&](write_tx& tx) { return notify::resend(tx, who, id); });
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail == "delivery.no_way");
    CHECK(w.deliveries()[0].status == "failed");
    w.bind("chenzhiming", "oChenNew");
    CHECK(resend(w, "admin", id) == done);
    w.drain();
    CHECK(w.wechat.addresses() == std::vector<std::string>{"oChen", "oChenNew"});
    CHECK(w.deliveries()[0].status == "accepted");
}

TEST_CASE(
    "N17 the life of a message keeps its first acceptance, the receipt's words, and who sent it again") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.event();
    w.drain();
    const auto sent = w.time.now();
    w.time.advance(5min);
    w.receipt("oChen", w.wechat.last_msgid, "failed:user block");
    w.time.advance(1h);
    const auto steps = [&] {
        const auto d = w.deliveries()[0];
        return w.read([&](db::read_view& v) { return notify::list_tries(v, d); });
    };
    auto all = steps();
    REQUIRE(all.size() == 2);
    CHECK(all[0].outcome == "accepted");
    CHECK(all[0].at == sent);
    CHECK(all[1].outcome == "receipt");
    CHECK(all[1].errmsg == "failed:user block");
    CHECK(all[1].at == sent + 5min);
    CHECK(resend(w, "admin", w.deliveries()[0].id) == done);
    w.drain();
    w.receipt("oChen", w.wechat.last_msgid);
    all = steps();
    REQUIRE(all.size() == 4);
    CHECK(all[2].outcome == "resent");
    CHECK(all[2].errmsg == w.acting("admin").name);
    CHECK(all[3].outcome == "accepted");
    CHECK(w.deliveries()[0].status == "delivered");
}

TEST_CASE("N9 a receipt that was faster than the answer leaves its words in the message's life") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.before_answer = [&](const notify::outgoing&) {
        w.receipt("oChen", w.wechat.last_msgid + 1, "failed: system failed");
    };
    w.event();
    w.drain();
    const auto d = w.deliveries()[0];
    const auto all = w.read([&](db::read_view& v) { return notify::list_tries(v, d); });
    REQUIRE(all.size() == 2);
    CHECK(all[0].outcome == "accepted");
    CHECK(all[1].errmsg == "failed: system failed");
}

TEST_CASE("N8 a release after midnight also hurries what was paused the day before") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.time.advance(core::local_instant(core::local_date(w.time.now()), 23 * 60 + 58) - w.time.now());
    w.wechat.script = [](const notify::outgoing&, std::size_t) {
        return answer(verdict::account_down, 40164);
    };
    w.event();
    w.drain();
    w.wechat.script = nullptr;
    w.wechat.calls.clear();
    w.time.advance(3min); // the next day; the pause lasts five
    w.write([&](write_tx& tx) { return notify::release(tx, w.system()); }).value();
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
}

TEST_CASE("N18 a second hold leaves since when and why as they were") {
    hub_world w;
    w.write([&](write_tx& tx) { return notify::hold(tx, w.system(), "the gateway is being moved"); }).value();
    const auto since = w.time.now();
    w.time.advance(1h);
    const auto again = w.write([&](write_tx& tx) { return notify::hold(tx, w.system(), "other"); });
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().detail == "hub.held");
    const auto s = w.read([](db::read_view& v) { return notify::status_of(v); });
    REQUIRE(s.states.size() == 1);
    CHECK(s.states[0].reason == "the gateway is being moved");
    CHECK(s.states[0].changed_at == since);
}
