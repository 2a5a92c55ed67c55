// Nobody knows: doubtful answers, receipts, crashes, and bookkeeping that fails after a send.
#include "notify/hub/retry.hpp"
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <map>
#include <random>

namespace {

using namespace core;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using db::write_tx;

std::function<notify::send_result(const notify::outgoing&, std::size_t)> always(verdict v) {
    return [v](const notify::outgoing&, std::size_t) { return answer(v); };
}

} // namespace

TEST_CASE("N6 in doubt: six more tries within nine minutes, then none until a verdict; the same message each "
          "time") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.script = always(verdict::in_doubt);
    w.event();
    w.live(29min, 2s);
    REQUIRE(w.wechat.calls.size() == 7);
    const auto first = w.wechat.calls.front();
    for (const auto& c : w.wechat.calls) {
        CHECK(c.at - first.at <= 9min);
        CHECK(c.what.client_msg_id == first.what.client_msg_id);
        CHECK(c.what.body == first.what.body);
    }
    CHECK(w.only().status == "uncertain");
    CHECK(w.tries(w.only()).size() == 7);
}

TEST_CASE("N6 random outcomes: never a try after nine minutes of doubt, body and id identical") {
    std::minstd_rand dice(20261124);
    const verdict all[] = {verdict::in_doubt,  verdict::not_sent,     verdict::in_doubt,
                           verdict::slow_down, verdict::account_down, verdict::quota};
    for (int round = 0; round < 24; ++round) {
        hub_world w;
        w.bind("chenzhiming", "oChen");
        const bool only_doubt_and_silence = round % 2 == 0;
        w.wechat.script = [&](const notify::outgoing&, std::size_t) {
            w.time.advance(std::chrono::milliseconds(dice() % 10000)); // up to ten seconds a call
            return answer(all[dice() % (only_doubt_and_silence ? 3 : 6)]);
        };
        w.event();
        w.live(25min, 3s);
        std::optional<instant> doubt;
        std::size_t in_doubt = 0;
        const auto rows = w.tries(w.only());
        REQUIRE(rows.size() == w.wechat.calls.size());
        for (std::size_t n = 0; n < rows.size(); ++n) {
            const auto& c = w.wechat.calls[n];
            CHECK(c.what.client_msg_id == w.wechat.calls[0].what.client_msg_id);
            CHECK(c.what.body == w.wechat.calls[0].what.body);
            if (doubt) {
                CHECK(c.at - *doubt < 9min);
                ++in_doubt;
            }
            if (!doubt && rows[n].outcome == "in_doubt") doubt = rows[n].at;
        }
        if (doubt && only_doubt_and_silence) {
            CHECK(in_doubt >= 5);
            CHECK(w.only().status == "uncertain");
        }
    }
}

TEST_CASE("N6 certainly not sent: later and later, at most ten minutes apart, for as long as it takes") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.script = always(verdict::not_sent);
    w.event();
    w.live(3h, 5s);
    for (std::size_t n = 2; n < w.wechat.calls.size(); ++n)
        CHECK(w.wechat.calls[n].at - w.wechat.calls[n - 1].at <= 13min + 10s);
    CHECK(w.wechat.calls.size() > 15);
    w.wechat.script = nullptr;
    w.live(14min, 5s);
    CHECK(w.only().status == "accepted");
    CHECK_FALSE(w.only().may_repeat);
}

TEST_CASE(
    "N3 away longer than its memory: a change of status is repeated once and marked, a reminder is not") {
    for (const bool status : {true, false}) {
        hub_world w;
        w.bind("chenzhiming", "oChen");
        w.wechat.script = always(verdict::in_doubt);
        w.event(status ? "order_confirmed" : "certificates_due");
        w.live(29min + 50s, 5s);
        CHECK(w.wechat.calls.size() == 7);
        CHECK(w.only().status == "uncertain");
        w.live(15min, 5s);
        std::map<std::string, int> by_id;
        for (const auto& c : w.wechat.calls)
            ++by_id[c.what.client_msg_id];
        CHECK(by_id.size() == (status ? 2 : 1));
        CHECK(w.only().may_repeat == status);
        if (!status) CHECK(w.only().status == "dead");
        w.live(2h, 30s);
        CHECK(w.only().status == "dead"); // never a third time
        CHECK(w.wechat.calls.size() == by_id.size() * 7);
        CHECK(w.read([](db::read_view& v) { return notify::status_of(v); }).waiting.dead == 1);
    }
}

TEST_CASE("N3 N4 an uncertain message keeps its place: what came later waits for the verdict") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.script = [](const auto&, std::size_t nth) {
        return answer(nth <= 7 ? verdict::in_doubt : verdict::accepted);
    };
    w.event();
    w.event();
    w.live(20min);
    CHECK(w.wechat.calls.size() == 7);
    SUBCASE("a receipt settles it: the next goes at once, nothing is repeated") {
        w.receipt("oChen", 777);
        CHECK(w.deliveries()[0].status == "delivered");
        CHECK(w.deliveries()[0].msgid == 777);
        w.drain();
        CHECK(w.wechat.calls.size() == 8);
        CHECK(w.wechat.calls[7].what.delivery == w.deliveries()[1].id);
    }
    SUBCASE("no receipt: repeated first, then the next") {
        w.live(15min);
        REQUIRE(w.wechat.calls.size() == 9);
        CHECK(w.wechat.calls[7].what.delivery == w.deliveries()[0].id);
        CHECK(w.wechat.calls[8].what.delivery == w.deliveries()[1].id);
    }
}

TEST_CASE("N9 receipts: in time, early, twice, contradicting, of unknown text, of nobody") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    SUBCASE("in time, then a late failure: a success is never undone") {
        w.event();
        w.drain();
        w.receipt("oChen", w.only().msgid);
        CHECK(w.only().status == "delivered");
        w.receipt("oChen", w.only().msgid, "failed: system failed");
        w.receipt("oChen", w.only().msgid);
        CHECK(w.only().status == "delivered");
    }
    SUBCASE("a failure first, then the success") {
        w.event();
        w.drain();
        w.receipt("oChen", w.only().msgid, "failed: system failed");
        CHECK(w.only().status == "failed");
        w.receipt("oChen", w.only().msgid, "failed: system failed");
        w.receipt("oChen", w.only().msgid);
        CHECK(w.only().status == "delivered");
    }
    SUBCASE("the person blocked it") {
        w.event();
        w.drain();
        w.receipt("oChen", w.only().msgid, "failed:user block");
        CHECK(w.only().status == "blocked");
    }
    SUBCASE("unknown words are no success") {
        w.event();
        w.drain();
        w.receipt("oChen", w.only().msgid, "something new");
        CHECK(w.only().status == "failed");
        CHECK(w.only().errmsg == "something new");
    }
    SUBCASE("before the answer") {
        w.event();
        w.wechat.before_answer = [&](const auto&) { w.receipt("oChen", w.wechat.last_msgid + 1); };
        w.drain();
        CHECK(w.only().status == "delivered");
        CHECK(w.count("SELECT count(*) FROM receipt") == 0);
    }
    SUBCASE("before the answer, a failure and a success: the success counts") {
        w.event();
        w.wechat.before_answer = [&](const auto&) {
            w.receipt("oChen", w.wechat.last_msgid + 1, "failed: system failed");
            w.receipt("oChen", w.wechat.last_msgid + 1);
        };
        w.drain();
        CHECK(w.only().status == "delivered");
    }
    SUBCASE("the answer lost, the receipt before its loss was noticed") {
        w.event();
        w.wechat.script = always(verdict::in_doubt);
        w.wechat.before_answer = [&](const auto&) { w.receipt("oChen", 4711); };
        w.drain();
        CHECK(w.only().status == "delivered");
        CHECK(w.only().msgid == 4711);
        w.live(10min);
        CHECK(w.wechat.calls.size() == 1);
    }
    SUBCASE("the answer lost, the receipt later, without a number") {
        w.event();
        w.wechat.script = always(verdict::in_doubt);
        w.drain();
        w.receipt("oChen", 0);
        CHECK(w.only().status == "delivered");
        w.live(10min);
        CHECK(w.wechat.calls.size() == 1);
    }
    SUBCASE("during a second try: the answer of that try changes nothing") {
        w.event();
        w.wechat.script = [](const auto&, std::size_t nth) {
            return nth == 1 ? answer(verdict::in_doubt) : answer(verdict::accepted, 0, 99);
        };
        w.wechat.before_answer = [&](const auto&) {
            if (w.wechat.calls.size() == 2) w.receipt("oChen", 99);
        };
        w.live(1min);
        CHECK(w.only().status == "delivered");
        CHECK(w.wechat.calls.size() == 2);
    }
    SUBCASE("of a message nobody sent: kept half an hour, then forgotten") {
        w.receipt("oChen", 5);
        w.receipt("oChen", 5);
        w.receipt("oStranger", 6);
        CHECK(w.count("SELECT count(*) FROM receipt") == 2);
        w.time.advance(31min);
        w.write([](write_tx& tx) -> result<int> { return notify::purge_receipts(tx); }).value();
        CHECK(w.count("SELECT count(*) FROM receipt") == 0);
    }
    SUBCASE("an old one without an owner does not settle a later doubt") {
        w.receipt("oChen", 0);
        w.time.advance(1min);
        w.event();
        w.wechat.script = always(verdict::in_doubt);
        w.drain();
        CHECK(w.only().status == "queued");
    }
    SUBCASE("without a number, while an earlier one waits for its receipt: the doubt is not settled by it") {
        w.event();
        w.drain();
        w.event();
        w.wechat.script = always(verdict::in_doubt);
        w.drain();
        w.receipt("oChen", 0);
        CHECK(w.deliveries()[0].status == "delivered");
        CHECK(w.deliveries()[1].status == "queued");
        w.receipt("oChen", 0);
        CHECK(w.deliveries()[1].status == "delivered");
    }
    SUBCASE("never: accepted it stays, nothing is sent again, and a receipt days late still counts") {
        w.event();
        w.drain();
        w.live(3h, 10min);
        w.restart();
        w.time.advance(48h);
        w.drain();
        CHECK(w.only().status == "accepted");
        CHECK(w.wechat.calls.size() == 1);
        w.receipt("oChen", w.only().msgid);
        CHECK(w.only().status == "delivered");
    }
    SUBCASE("another person's number") {
        w.event();
        w.drain();
        w.receipt("oOther", w.only().msgid);
        CHECK(w.only().status == "accepted");
    }
}

TEST_CASE("N11 after a crash what was in flight is in doubt and due at once; past the memory it is not sent "
          "again") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.event();
    w.wechat.before_answer = [](const auto&) { throw std::runtime_error("killed"); };
    CHECK_THROWS(w.the_hub->run_once());
    w.wechat.before_answer = nullptr;
    CHECK(w.only().status == "sending");
    SUBCASE("at once") {
        w.restart();
        w.drain();
        REQUIRE(w.wechat.calls.size() == 2);
        CHECK(w.wechat.calls[0].what.client_msg_id == w.wechat.calls[1].what.client_msg_id);
        CHECK(w.wechat.calls[0].what.body == w.wechat.calls[1].what.body);
        CHECK(w.only().status == "accepted");
    }
    SUBCASE("ten minutes later: only the receipt decides") {
        w.time.advance(10min);
        w.restart();
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
        CHECK(w.only().status == "uncertain");
        w.receipt("oChen", 8);
        CHECK(w.only().status == "delivered");
    }
    SUBCASE("days later, no receipt: repeated once, marked") {
        w.time.advance(50h);
        w.restart();
        w.live(1min);
        REQUIRE(w.wechat.calls.size() == 2);
        CHECK(w.wechat.calls[1].what.client_msg_id != w.wechat.calls[0].what.client_msg_id);
        CHECK(w.only().may_repeat);
        CHECK(w.only().status == "accepted");
    }
}

TEST_CASE("N11 of 100,000 messages, all that can be in flight at once are taken up within a second") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.event();
    w.wechat.script = always(verdict::not_sent);
    w.drain();
    w.write([](write_tx& tx) -> result<> {
         tx.exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
                 "INSERT INTO delivery SELECT d.id + n.i, d.outbox_id, d.applicant_id, d.institution_id, "
                 "d.login_id, "
                 "d.binding_id, d.channel, 'o' || n.i, d.kind, d.urgency, d.title, 'x' || n.i, d.body, "
                 "CASE WHEN n.i % 40 = 0 THEN 'sending' ELSE 'queued' END, 2, 1, "
                 "d.next_at, NULL, NULL, 0, 0, NULL, NULL, '', d.created_at, d.status_at FROM delivery d, n");
         return {};
     }).value();
    const auto begun = std::clock(); // time of this process: others may be busy
    w.the_hub->recover();
    const auto took = std::clock() - begun;
    MESSAGE("taken up in ", took * 1000 / CLOCKS_PER_SEC, " ms");
    CHECK(w.count("SELECT count(*) FROM delivery WHERE status = 'sending'") == 0);
    CHECK(w.count("SELECT count(*) FROM delivery WHERE doubt_since IS NOT NULL") == 2500);
    CHECK(took < CLOCKS_PER_SEC);
}

TEST_CASE(
    "N10 an outcome that the schema refuses for ever is set aside with its reason, and the channel goes on") {
    hub_world w;
    const auto refused = [&](std::string_view outcome) {
        w.write([&](write_tx& tx) -> result<> {
             tx.exec("CREATE TRIGGER never BEFORE INSERT ON delivery_attempt WHEN new.outcome = '" +
                     std::string(outcome) + "' BEGIN SELECT RAISE(ABORT, 'never'); END");
             return {};
         }).value();
    };
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oChen" ? verdict::data_refused : verdict::accepted,
                      m.address == "oChen" ? 47003 : 0);
    };
    refused("data_refused");
    w.event();
    w.live(10min, 10s);
    w.event();
    w.live(10min, 10s);
    std::map<std::string, std::vector<std::string>> states;
    for (const auto& d : w.deliveries())
        states[d.address].push_back(d.status);
    CHECK(states["oChen"] == std::vector<std::string>{"dead", "dead"}); // nobody is told twice
    CHECK(states["oHuang"] == std::vector<std::string>{"accepted", "accepted"});
    CHECK(w.deliveries()[0].errmsg == "its outcome could not be recorded");
    CHECK(w.wechat.calls.size() == 4);
    CHECK_FALSE(w.the_hub->channels().front().is_stuck);
}

TEST_CASE(
    "N10 bookkeeping that fails after WeChat accepted causes no second send, whichever statement it is") {
    const std::vector<std::string> faults = {"BEFORE UPDATE ON delivery WHEN new.status = 'accepted'",
                                             "BEFORE INSERT ON delivery_attempt",
                                             "BEFORE UPDATE ON delivery WHEN new.lane = 2 AND old.lane = 1",
                                             "BEFORE DELETE ON receipt",
                                             "BEFORE INSERT ON channel_use",
                                             "BEFORE UPDATE ON channel_use"};
    for (const auto& fault : faults) {
        INFO(fault);
        hub_world w;
        w.bind("chenzhiming", "oChen");
        w.bind("huanglihua", "oHuang");
        w.event();
        w.event();
        const auto sql =
            "CREATE TRIGGER fault " + fault + " BEGIN SELECT RAISE(ABORT, 'disk is on strike'); END";
        w.wechat.before_answer = [&](const auto&) { // from the first answer on, writing fails
            if (w.wechat.calls.size() != 1) return;
            w.write([&](write_tx& tx) -> result<> {
                 tx.exec("INSERT INTO receipt VALUES (" + std::to_string(w.wechat.last_msgid + 1) +
                         ", 'oChen', 'success', 1)");
                 tx.exec(sql);
                 return {};
             }).value();
        };
        for (int n = 0; n < 5; ++n)
            try {
                w.the_hub->run_once();
            } catch (const std::exception&) {
                w.time.advance(1s);
            }
        std::map<std::string, int> seen;
        for (const auto& c : w.wechat.calls)
            ++seen[c.what.client_msg_id];
        w.write([](write_tx& tx) -> result<> {
             tx.exec("DROP TRIGGER fault");
             return {};
         }).value();
        w.live(1min);
        for (const auto& c : w.wechat.calls)
            seen[c.what.client_msg_id] = 0;
        for (const auto& c : w.wechat.calls)
            ++seen[c.what.client_msg_id];
        CHECK(seen.size() == 4);
        for (const auto& [id, n] : seen)
            CHECK(n == 1);
        for (const auto& d : w.deliveries())
            CHECK((d.status == "accepted" || d.status == "delivered"));
    }
}

TEST_CASE(
    "D5 N6 a clock that was years ahead and is set right again holds nothing back: retries, pauses, brakes, "
    "doubts, also after a restart; what may be seen twice is marked") {
    struct expectation {
        verdict said;
        bool may_repeat;
    };
    for (const auto& e : {expectation{verdict::not_sent, false}, expectation{verdict::in_doubt, true},
                          expectation{verdict::quota, false}, expectation{verdict::account_down, false},
                          expectation{verdict::slow_down, false}})
        for (const bool restarts : {false, true})
            for (const auto ahead : {std::chrono::hours(3), std::chrono::hours(24 * 731)}) {
                // The rate is kept by the steady clock, which only that of tests sets back.
                if (e.said == verdict::slow_down && !restarts) continue;
                CAPTURE(notify::name_of(e.said));
                CAPTURE(restarts);
                CAPTURE(ahead.count());
                hub_world w;
                w.bind("chenzhiming", "oChen");
                const auto right = w.time.now();
                w.time.set(right + ahead);
                w.wechat.script = [&](const auto&, std::size_t) { return answer(e.said); };
                for (int n = 0; n < 9; ++n) // enough to open the breaker
                    w.event();
                w.live(20s, 5s);
                const auto before = w.wechat.calls.size();
                CHECK(before >= 1);
                w.time.set(right);
                w.wechat.script = nullptr;
                if (restarts) w.restart();
                w.live(ahead > 24h ? 2h : 28h, 1min); // a quota lasts until midnight as ever
                for (const auto& d : w.deliveries())
                    CHECK(d.status == "accepted");
                CHECK(w.deliveries().front().may_repeat == e.may_repeat);
                CHECK(w.wechat.calls.size() == before + 9);
            }
}

TEST_CASE("D5 a clock that jumps ahead sends nothing twice and leaves no doubt undecided") {
    hub_world w;
    w.bind("chenzhiming", "oChen");
    w.wechat.script = [](const auto&, std::size_t nth) {
        return answer(nth == 1 ? verdict::in_doubt : verdict::accepted);
    };
    w.event();
    w.drain();
    w.time.set(w.time.now() + std::chrono::hours(24 * 400));
    w.live(1h, 1min);
    CHECK(w.wechat.calls.size() == 2); // once more, since nobody said what became of it, and marked
    CHECK(w.only().status == "accepted");
    CHECK(w.only().may_repeat);
}
