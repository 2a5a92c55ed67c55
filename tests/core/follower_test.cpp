// core/account/follower: who follows, from events in any order and from the nightly list; moves to new
// openids.
#include "core/account/binding.hpp"
#include "core/account/derived.hpp"
#include "core/account/follower.hpp"
#include "core/account/session.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace core;
using namespace core::account;
using namespace std::chrono_literals;
using db::read_view;
using db::write_tx;
using tests::account_world;

struct follower_world : account_world {
    void follow(std::string_view openid, instant said_at) {
        write([&](write_tx& tx) -> result<> {
            record_follow(tx, openid, "", said_at);
            return {};
        }).value();
    }
    void leave(std::string_view openid, instant said_at) {
        write([&](write_tx& tx) -> result<> {
            record_unfollow(tx, openid, said_at);
            return {};
        }).value();
    }
    bool follows(std::string_view openid) {
        return read([&](read_view& v) { return may_follow(v, openid); });
    }
    std::int64_t bind(std::string_view person, std::string_view openid) {
        return write([&](write_tx& tx) { return bind_wechat(tx, acting(person), openid, ""); }).value();
    }
    std::size_t bindings(std::string_view openid) {
        return read([&](read_view& v) { return list_by_openid(v, openid).size(); });
    }
    template<class F>
    void in_tx(F f) {
        write([&](write_tx& tx) -> result<> {
            f(tx);
            return {};
        }).value();
    }
    follower_sync open() {
        return *read([](read_view& v) { return find_open_sync(v); });
    }
    // A whole list of one page.
    follower_sync list(const std::vector<std::string>& openids, std::int64_t total) {
        in_tx([&](write_tx& tx) {
            const auto s = begin_sync(tx, "command");
            take_followers(tx, s, openids);
            turn_page(tx, s, openids.empty() ? "" : openids.back(), total);
            end_list(tx, s);
        });
        while (open().stage == sync_stage::gone)
            in_tx([&](write_tx& tx) { mark_gone(tx, open(), 2); });
        in_tx([&](write_tx& tx) { end_sync(tx, open()); });
        return *read([](read_view& v) { return find_last_sync(v); });
    }
};

} // namespace

TEST_CASE("K7 W4 following by events: doubled, late and out of order") {
    follower_world w;
    const instant t = w.time.now();
    w.follow("oA", t - 60s);
    w.bind("chenzhiming", "oA");
    w.leave("oA", t - 120s); // older news, come late: the binding stays
    CHECK(w.follows("oA"));
    CHECK(w.bindings("oA") == 1);
    w.leave("oA", t - 30s);
    CHECK_FALSE(w.follows("oA"));
    CHECK(w.bindings("oA") == 0);
    w.leave("oA", t - 20s);  // pushed again
    w.follow("oA", t - 40s); // late
    CHECK_FALSE(w.follows("oA"));
    w.follow("oA", t - 20s); // within the second of the last word: what comes last holds
    CHECK(w.follows("oA"));
    w.leave("oA", t + 1h); // a clock ahead of ours does not lock anybody out
    w.time.advance(1s);
    w.follow("oA", w.time.now());
    CHECK(w.follows("oA"));
}

TEST_CASE("the nightly list: new ones, those back, those gone; bindings of the gone end") {
    follower_world w;
    const instant t = w.time.now();
    for (const std::string_view openid : {"oA", "oB", "oC", "oD", "oE"})
        w.follow(openid, t - 24h);
    w.leave("oE", t - 2h);
    w.bind("chenzhiming", "oB");
    const auto done = w.list({"oA", "oE", "oNew"}, 3);
    CHECK(done.complete);
    CHECK(done.seen == 3);
    CHECK(done.added == 1);
    CHECK(done.returned == 1);
    CHECK(done.gone == 3);
    CHECK(done.finished_at.has_value());
    CHECK(w.follows("oE"));
    CHECK_FALSE(w.follows("oB"));
    CHECK(w.bindings("oB") == 0);
    CHECK(w.count("SELECT count(*) FROM follower") == 6); // nobody is deleted
    const auto n = w.read([](read_view& v) { return count_followers(v); });
    CHECK(n.following == 3);
    CHECK(n.left == 3);
    CHECK(n.bound == 0);
}

TEST_CASE("the nightly list: what an event said since it began counts more") {
    follower_world w;
    w.follow("oLeft", w.time.now() - 1h);
    w.in_tx([](write_tx& tx) { begin_sync(tx, "command"); });
    w.time.advance(5s);
    w.leave("oLeft", w.time.now());  // is still in the page that was read before
    w.follow("oCame", w.time.now()); // is not in it yet
    const auto done = w.list({"oLeft"}, 1);
    CHECK_FALSE(w.follows("oLeft"));
    CHECK(w.follows("oCame"));
    CHECK(done.gone == 0);
}

TEST_CASE(
    "the nightly list: who is bound without ever following stays bound, and is known to be out of reach") {
    follower_world w;
    w.bind("chenzhiming", "oWeb");
    w.time.advance(1h);
    w.list({"oA"}, 1);
    CHECK(w.bindings("oWeb") == 1);
    CHECK_FALSE(w.follows("oWeb"));
    CHECK(w.read([](read_view& v) { return count_followers(v); }).bound_outside == 1);
    w.follow("oWeb", w.time.now());
    CHECK(w.follows("oWeb"));
}

TEST_CASE("the nightly list: shorter than WeChat's count, it marks nobody as gone") {
    follower_world w;
    w.follow("oA", w.time.now() - 1h);
    w.follow("oB", w.time.now() - 1h);
    const auto done = w.list({"oA"}, 2);
    CHECK_FALSE(done.complete);
    CHECK(done.gone == 0);
    CHECK(w.follows("oB"));
}

TEST_CASE("the nightly list: taken up after a crash, pieces that come again change nothing") {
    follower_world w;
    w.in_tx([](write_tx& tx) {
        const auto s = begin_sync(tx, "schedule");
        take_followers(tx, s, std::vector<std::string>{"oA", "oB"});
    });
    w.close(); // killed in the middle of a page
    w.reopen();
    const auto s = w.open();
    CHECK(s.next_openid.empty());
    w.in_tx([&](write_tx& tx) {
        CHECK(begin_sync(tx, "schedule").id == s.id); // the same goes on
        take_followers(tx, s, std::vector<std::string>{"oA", "oB", "oC", std::string(65, 'x'), ""});
        turn_page(tx, s, "oC", 3);
    });
    CHECK(w.open().next_openid == "oC");
    w.in_tx([&](write_tx& tx) { hold_sync(tx, s, "wechat.away", tx.now() + 15min); });
    CHECK(w.open().trouble == "wechat.away");
    const auto done = w.list({}, 3);
    CHECK(done.id == s.id);
    CHECK(done.seen == 3);
    CHECK(done.added == 3);
    CHECK(done.complete);
    CHECK(done.trouble.empty());
}

TEST_CASE("the nightly list falls due once a night, after downtime at once") {
    follower_world w;
    const auto due = [&w] { return w.read([](read_view& v) { return is_sync_due(v); }); };
    CHECK(due()); // never fetched
    w.list({"oA"}, 1);
    CHECK_FALSE(due());
    w.time.set(local_instant(*parse_date("2026-11-25"), 3 * 60 + 29));
    CHECK_FALSE(due());
    w.time.advance(1min);
    CHECK(due());
    w.in_tx([](write_tx& tx) { begin_sync(tx, "schedule"); });
    CHECK_FALSE(due()); // under way
    w.list({"oA"}, 1);
    CHECK_FALSE(due());
    w.time.advance(72h);
    CHECK(due());
}

TEST_CASE("details of followers are asked for once, and bindings get the unionid") {
    follower_world w;
    w.follow("oA", w.time.now());
    w.follow("oB", w.time.now());
    w.bind("chenzhiming", "oA");
    const auto asked = w.read([](read_view& v) { return list_undetailed(v, 100); });
    CHECK(asked == std::vector<std::string>{"oA", "oB"});
    w.in_tx([&](write_tx& tx) {
        const auto s = begin_sync(tx, "command");
        const follower_detail found{"oA", "uA", "ADD_SCENE_QR_CODE", tx.now() - 24h};
        take_details(tx, s, asked, std::span(&found, 1));
    });
    CHECK(w.read([](read_view& v) { return list_undetailed(v, 100); }).empty());
    CHECK(w.count("SELECT count(*) FROM binding WHERE unionid = 'uA'") == 1);
    CHECK(w.count("SELECT count(*) FROM follower WHERE unionid = 'uA' AND scene = 'ADD_SCENE_QR_CODE'") == 1);
    CHECK(w.open().detailed == 1);
}

TEST_CASE("openids move in one transaction, audited, and again without effect") {
    follower_world w;
    w.follow("oOld", w.time.now());
    const auto id = w.bind("chenzhiming", "oOld");
    const std::vector<openid_move> moves = {{"oOld", "oNew"}, {"oNobody", "oNobodyNew"}};
    CHECK(w.read([](read_view& v) { return list_openids(v, "", 10); }) == std::vector<std::string>{"oOld"});
    const auto move = [&](const std::vector<openid_move>& all) {
        return w.write([&](write_tx& tx) { return move_openids(tx, account_world::system(), all); });
    };
    const auto done = move(moves).value();
    CHECK(done.people == 1);
    CHECK(done.bindings == 1);
    CHECK(w.bindings("oOld") == 0);
    REQUIRE(w.bindings("oNew") == 1);
    CHECK(w.read([](read_view& v) { return list_by_openid(v, "oNew"); }).front().id == id);
    CHECK(w.follows("oNew"));
    CHECK_FALSE(w.follows("oOld"));
    CHECK(w.count("SELECT count(*) FROM follower WHERE openid = 'oOld' AND moved_to = 'oNew'") == 1);
    const auto trail = w.read([&](read_view& v) { return audit::list_for(v, "binding", id); });
    CHECK(trail.back().verb == "move_openid");
    CHECK(move(moves).value().people == 0);
    CHECK(move({{"oA", "oX"}, {"oA", "oY"}}).error().detail == "followers.move");
    CHECK(move({{"oA", "oX"}, {"oB", "oX"}}).error().detail == "followers.move");
    CHECK(move({{"", "oX"}}).error().detail == "followers.move");
    const auto refused =
        w.write([&](write_tx& tx) { return move_openids(tx, w.acting("chenzhiming"), moves); });
    CHECK(refused.error().code == errc::not_allowed);
}

TEST_CASE("S4 a move never gives one person's binding to another's openid") {
    follower_world w;
    w.bind("chenzhiming", "oOld");
    w.bind("liangminyi", "oNew");
    const std::vector<openid_move> moves = {{"oOld", "oNew"}};
    const auto done =
        w.write([&](write_tx& tx) { return move_openids(tx, account_world::system(), moves); }).value();
    CHECK(done.conflicts == std::vector<std::string>{"oOld"});
    CHECK(done.bindings == 0);
    CHECK(w.bindings("oOld") == 1);
    CHECK(w.bindings("oNew") == 1);
}

TEST_CASE("a person who has bound the new openid already keeps that one") {
    follower_world w;
    w.bind("chenzhiming", "oOld");
    w.bind("chenzhiming", "oNew");
    const std::vector<openid_move> moves = {{"oOld", "oNew"}};
    const auto done =
        w.write([&](write_tx& tx) { return move_openids(tx, account_world::system(), moves); }).value();
    CHECK(done.conflicts.empty());
    CHECK(w.bindings("oOld") == 0);
    CHECK(w.bindings("oNew") == 1);
}

TEST_CASE("U3 the staff tag moves with the openid: to put it is told anew, to take it off as well") {
    follower_world w;
    const auto bind_staff = [&](std::string_view person, std::string_view openid) {
        return w.write([&](write_tx& tx) { return bind_staff_wechat(tx, w.acting(person), openid); }).value();
    };
    const auto told = [&](std::string_view openid) {
        w.in_tx([&](write_tx& tx) { settle_tag_change(tx, {std::string(openid), true, 0}); });
    };
    bind_staff("guopeng", "oPut");
    told("oPut"); // WeChat knows this one
    const auto gone = bind_staff("hemin", "oGone");
    told("oGone");
    w.write([&](write_tx& tx) { return unbind_staff_wechat(tx, w.acting("hemin"), gone); }).value();
    bind_staff("linxiaomin", "oBoth"); // and the new one known as to be taken off
    const auto once = bind_staff("luoxiaoyan", "oBothNew");
    told("oBothNew");
    w.write([&](write_tx& tx) { return unbind_staff_wechat(tx, w.acting("luoxiaoyan"), once); }).value();
    const std::vector<openid_move> moves = {
        {"oPut", "oPutNew"}, {"oGone", "oGoneNew"}, {"oBoth", "oBothNew"}, {"oNone", "oNoneNew"}};
    const auto done =
        w.write([&](write_tx& tx) { return move_openids(tx, account_world::system(), moves); }).value();
    CHECK(done.tags == 3);
    const auto tag = [&](std::string_view openid) {
        return w.read([&](read_view& v) {
            return v
                .query_one([](db::row r) { return r.text(0); },
                           "SELECT is_wanted || ' ' || is_put FROM staff_tag WHERE openid = $1", openid)
                .value_or("");
        });
    };
    CHECK(tag("oPut").empty());
    CHECK(tag("oGone").empty());
    CHECK(tag("oBoth").empty());
    CHECK(tag("oPutNew") == "1 0");  // told again: nobody promises that tags move
    CHECK(tag("oGoneNew") == "0 1"); // may have come along
    CHECK(tag("oBothNew") == "1 1"); // wished for again before it was taken off
    CHECK(w.read([](read_view& v) { return list_tag_changes(v, 10); }).size() == 2);
    const auto again =
        w.write([&](write_tx& tx) { return move_openids(tx, account_world::system(), moves); }).value();
    CHECK(again.tags == 0);
}

TEST_CASE("the counts of followers are what the rows say after every event, binding and move; property") {
    for (const unsigned seed : {5u, 6u, 7u}) {
        follower_world w;
        std::mt19937 dice(seed);
        const auto roll = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(dice); };
        const auto any = [&] { return "o" + std::to_string(roll(6)); };
        std::int64_t most = 0;
        for (int n = 0; n < 150; ++n) {
            CAPTURE(seed);
            CAPTURE(n);
            w.time.advance(2s);
            const auto openid = any(), other = any();
            switch (roll(6)) {
            case 0:
            case 1:
                w.follow(openid, w.time.now());
                break;
            case 2:
                w.leave(openid, w.time.now());
                break;
            case 3: { // another person's is refused; 周伟 is bound for each of his companies
                auto who = w.acting(std::array{"chenzhiming", "wuhai", "zhouwei",
                                               "zhouwei"}[static_cast<std::size_t>(roll(4))]);
                if (who.login_id == w.acting("zhouwei").login_id && roll(2) == 0)
                    who.applicant_id = w.acting("wuhai").applicant_id;
                (void)w.write([&](write_tx& tx) { return bind_wechat(tx, who, openid, ""); });
                break;
            }
            case 4:
                w.list({openid, other}, 2);
                break;
            default:
                (void)w.write([&](write_tx& tx) {
                    const std::vector<openid_move> moves = {{openid, other}};
                    return move_openids(tx, account_world::system(), moves);
                });
            }
            REQUIRE(w.read([](read_view& v) { return find_drift(v); }).empty());
            const auto counted = w.read([](read_view& v) { return count_followers(v); });
            most = std::max(most, counted.bound_outside);
        }
        CHECK(most > 0);
    }
}

TEST_CASE("whom to ask about: following or bound, each once, by key") {
    follower_world w;
    for (const std::string_view openid : {"oA", "oC", "oE"})
        w.follow(openid, w.time.now() - 1h);
    w.bind("chenzhiming", "oC");
    w.bind("wuhai", "oD");
    w.leave("oE", w.time.now());
    for (const int most : {1, 2, 3, 50}) {
        std::vector<std::string> all;
        for (std::string at;;) {
            const auto some = w.read([&](read_view& v) { return list_openids(v, at, most); });
            if (some.empty()) break;
            CHECK(some.size() <= static_cast<std::size_t>(most));
            all.insert(all.end(), some.begin(), some.end());
            at = some.back();
        }
        CHECK(all == std::vector<std::string>{"oA", "oC", "oD"});
    }
}
