// The account has moved (notify/hub/openid_move): what waits for the old openids goes to the new ones, in the
// transaction that moves the people; what is on its way ends where it was begun.
#include "notify/hub/openid_move.hpp"

#include "tests/notify/hub_world.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/query_plans.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace core;
using core::account::openid_move;
using db::write_tx;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

struct moving_world : hub_world {
    using hub_world::hub_world;
    const std::vector<openid_move> moves = {{"oOld", "oNew"}};

    notify::moved_openids move() {
        return write([&](write_tx& tx) { return notify::move_openids(tx, system(), moves); }).value();
    }
    void hold() {
        write([&](write_tx& tx) { return notify::hold(tx, system(), "the account moves"); }).value();
    }
    void release() {
        write([&](write_tx& tx) { return notify::release(tx, system()); }).value();
        drain();
    }
    strings ids() const {
        strings all;
        for (const auto& c : wechat.calls)
            all.push_back(c.what.client_msg_id);
        return all;
    }
    strings lanes() { // "openid lane status" of each, oldest first
        strings all;
        for (const auto& d : deliveries())
            all.push_back(d.address + " " + std::to_string(d.lane) + " " + d.status);
        return all;
    }
};

} // namespace

TEST_CASE("N2 N4 waiting messages follow an openid that moved, in order and otherwise unchanged") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.bind("liangminyi", "oOther", w.demo.applicants[1]);
    w.hold();
    w.event("certificates_due"); // a reminder: behind the others
    w.drain();
    w.event();
    w.event("order_received");
    w.drain();
    const auto before = w.deliveries();
    CHECK(w.lanes() == strings{"oOld 1 queued", "oOld 2 queued", "oOld 1 queued"});
    const auto outbox = tests::content_of(w).at("outbox");
    const auto done = w.move();
    CHECK(done.people.bindings == 1);
    CHECK(done.messages == 3);
    CHECK(done.later == 0);
    CHECK(w.lanes() == strings{"oNew 1 queued", "oNew 2 queued", "oNew 1 queued"});
    const auto after = w.deliveries();
    for (std::size_t i = 0; i < after.size(); ++i) {
        CHECK(after[i].client_msg_id == before[i].client_msg_id);
        CHECK(after[i].body == before[i].body);
        CHECK(after[i].attempts == 0);
    }
    CHECK(tests::content_of(w).at("outbox") == outbox);
    CHECK(w.move().messages == 0); // again: nothing is left
    w.release();
    CHECK(w.wechat.addresses() == strings{"oNew", "oNew", "oNew"});
    CHECK(w.ids() == strings{before[1].client_msg_id, before[2].client_msg_id, before[0].client_msg_id});
}

TEST_CASE("N1 a fault at any statement of a move leaves people, tags and messages where they were") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    const auto guo = w.acting("guopeng");
    w.write([&](write_tx& tx) { return core::account::bind_staff_wechat(tx, guo, "oStaff"); }).value();
    w.hold();
    w.event();
    w.event("order_received");
    w.drain();
    const std::vector<openid_move> both = {{"oOld", "oNew"}, {"oStaff", "oStaffNew"}};
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              const auto done = notify::move_openids(tx, hub_world::system(), both);
              if (!done) return done.error();
              return {};
          }) > 20);
    CHECK(w.lanes() == strings{"oNew 2 queued", "oNew 1 queued"});
    CHECK(w.count(
              "SELECT count(*) FROM staff_tag WHERE openid = 'oStaffNew' AND is_wanted = 1 AND is_put = 0") ==
          1);
    w.restart(); // killed after it: everything is there, nothing is moved twice
    CHECK(w.move().people.people == 0);
    w.release();
    CHECK(w.wechat.addresses() == strings{"oNew", "oNew"});
}

TEST_CASE("a dry run, undone, gives the figures of the real one and changes nothing") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.hold();
    w.event();
    w.event("order_received");
    w.drain();
    const auto before = tests::content_of(w);
    notify::moved_openids dry;
    const auto undone = w.write([&](write_tx& tx) -> result<> {
        dry = notify::move_openids(tx, hub_world::system(), w.moves).value();
        return error(errc::conflict);
    });
    CHECK_FALSE(undone.has_value());
    CHECK(tests::content_of(w) == before);
    const auto real = w.move();
    CHECK(dry.messages == 2);
    CHECK(real.messages == dry.messages);
    CHECK(real.people.bindings == dry.people.bindings);
    CHECK(real.people.people == dry.people.people);
}

TEST_CASE("N4 N6 what is on its way ends at the old openid; certainly not sent, it and the next follow") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.event();
    w.event("order_received");
    bool moved = false;
    notify::moved_openids done;
    w.wechat.before_answer = [&](const notify::outgoing&) {
        if (!moved) done = w.move();
        moved = true;
    };
    w.wechat.script = [&](const notify::outgoing&, std::size_t nth) {
        return answer(nth == 1 ? verdict::not_sent : verdict::accepted);
    };
    w.live(10s);
    CHECK(done.messages == 0);
    CHECK(done.later == 2); // the one in flight, and the one that may not overtake it
    CHECK(w.wechat.addresses() == strings{"oOld", "oNew", "oNew"});
    CHECK(w.ids()[0] == w.ids()[1]);
    CHECK(w.ids()[1] != w.ids()[2]);
    CHECK(w.lanes() == strings{"oNew 0 accepted", "oNew 0 accepted"});
}

TEST_CASE("N6 in doubt while the account moves: the same message to the old openid, and the next waits") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.event();
    w.event("order_received");
    w.wechat.script = [&](const notify::outgoing&, std::size_t nth) {
        return answer(nth < 3 ? verdict::in_doubt : verdict::accepted);
    };
    w.the_hub->run_once();
    const auto done = w.move();
    CHECK(done.messages == 0);
    CHECK(done.later == 2);
    w.live(2min);
    CHECK(w.wechat.addresses() == strings{"oOld", "oOld", "oOld", "oNew"});
    CHECK(w.ids()[0] == w.ids()[2]);
}

TEST_CASE(
    "N2 N11 killed in flight, moved, started again: in doubt at the old openid, once more at the new one "
    "and marked") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.event();
    w.event("order_received");
    w.wechat.before_answer = [](const auto&) { throw std::runtime_error("killed"); };
    CHECK_THROWS(w.the_hub->run_once());
    w.wechat.before_answer = nullptr;
    CHECK(w.move().later == 2);
    w.wechat.script = [](const notify::outgoing& m, std::size_t) {
        return answer(m.address == "oOld" ? verdict::in_doubt : verdict::accepted);
    };
    w.restart();
    w.live(45min, 10s);
    const auto all = w.wechat.addresses();
    REQUIRE(all.size() >= 3);
    for (std::size_t i = 0; i + 2 < all.size(); ++i)
        CHECK(all[i] == "oOld");
    CHECK(all[all.size() - 2] == "oNew"); // the first again, under a new id …
    CHECK(all.back() == "oNew");          // … before what happened later
    const auto rows = w.deliveries();
    CHECK(rows[0].may_repeat);
    CHECK_FALSE(rows[1].may_repeat);
    CHECK(w.lanes() == strings{"oNew 0 accepted", "oNew 0 accepted"});
}

TEST_CASE("N17 what is parked or had failed goes to the new openid when it is sent again") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.wechat.script = [](const notify::outgoing& m, std::size_t nth) {
        if (nth > 2) return answer(verdict::accepted);
        return m.kind == "order_confirmed" ? answer(verdict::template_refused, 40037)
                                           : answer(verdict::data_refused, 47003);
    };
    w.event();
    w.event("order_received");
    w.drain();
    CHECK(w.lanes() == strings{"oOld 0 parked", "oOld 0 failed"});
    CHECK(w.move().messages == 1);
    CHECK(w.lanes() == strings{"oNew 0 parked", "oOld 0 failed"});
    w.release();
    const auto failed = w.deliveries().back().id;
    const auto who = w.acting("admin");
    w.write([&](write_tx& tx) { return notify::resend(tx, who, failed); }).value();
    w.drain();
    CHECK(w.lanes() == strings{"oNew 0 accepted", "oNew 0 accepted"});
    CHECK(w.wechat.addresses() == strings{"oOld", "oOld", "oNew", "oNew"});
}

TEST_CASE("N2 a person who had both openids is told once, and a stranger's openid gets nothing") {
    moving_world w;
    w.bind("chenzhiming", "oOld");
    w.bind("chenzhiming", "oNew");
    w.hold();
    w.event();
    w.drain();
    CHECK(w.lanes() == strings{"oOld 2 queued", "oNew 2 queued"});
    CHECK(w.move().messages == 0);
    w.release();
    CHECK(w.wechat.addresses() == strings{"oNew"});
    CHECK(w.lanes() == strings{"oOld 0 dropped", "oNew 0 accepted"});

    moving_world taken;
    taken.bind("chenzhiming", "oOld");
    taken.bind("liangminyi", "oNew", taken.demo.applicants[1]);
    taken.hold();
    taken.event();
    taken.drain();
    const auto left = taken.move();
    CHECK(left.people.conflicts == strings{"oOld"});
    CHECK(left.messages == 0);
    CHECK(taken.lanes() == strings{"oOld 2 queued"});
}

TEST_CASE("a move looks for its messages among those that wait, not among all") {
    hub_world w;
    int looked = 0;
    const auto see = [&](const std::string& sql, const std::string& step) {
        if (sql.find("b.openid <> d.address") == std::string::npos) return;
        ++looked;
        const bool waiting = step.find("delivery_lane") != std::string::npos ||
                             step.find("delivery_trouble") != std::string::npos;
        if (step.starts_with("SCAN")) CHECK(waiting);
    };
    tests::walk_query_plans(w.file(), "notify/hub/delivery_store.cpp", see);
    CHECK(looked >= 6);
}
