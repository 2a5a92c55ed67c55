// What became of the messages of an announcement (notify/hub/told): kept as they move, always what they say.
#include "notify/hub/told.hpp"

#include "core/announcement/announcement.hpp"
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace core;
using db::read_view;
using db::write_tx;
using notify::verdict;
using tests::answer;
using tests::hub_world;

namespace {

struct told_world : hub_world {
    std::int64_t announce() {
        const actor admin = acting("admin");
        const announcement::draft notice{"停检通知", "周五停检一天。", announcement::audience::all, "", 0,
                                         true};
        const auto id = write([&](write_tx& tx) {
                            return announcement::save_announcement(tx, admin, 0, 0, notice);
                        }).value();
        write([&](write_tx& tx) { return announcement::send_announcement(tx, admin, id, true); }).value();
        while (write([](write_tx& tx) -> result<bool> { return announcement::tell_some(tx, 2); }).value()) {
        }
        return id;
    }
    notify::told_counts told(std::int64_t id) {
        return read([&](read_view& v) { return notify::count_told(v, id); });
    }
    bool drifts() {
        return read([](read_view& v) { return notify::has_told_drift(v); });
    }
    std::int64_t messages(std::int64_t id, const std::string& status) {
        return count("SELECT count(*) FROM delivery d JOIN outbox o ON o.id = d.outbox_id "
                     "WHERE d.kind = 'announcement' AND o.subject_id = " +
                     std::to_string(id) + " AND d.status = '" + status + "'");
    }
};

} // namespace

TEST_CASE("M6 what became of an announcement's messages is kept with every step of each, announcement by "
          "announcement") {
    told_world w;
    w.bind("chenzhiming", "oChen");
    w.bind("huanglihua", "oHuang");
    w.bind("liangminyi", "oLiang");
    w.bind("wuhai", "oWu");
    w.wechat.before_answer = [&](const notify::outgoing&) { CHECK_FALSE(w.drifts()); }; // while it is sent
    w.wechat.script = [](const notify::outgoing&, std::size_t nth) {
        return nth % 3 == 0 ? answer(verdict::data_refused, 47003) : answer(verdict::accepted);
    };
    const auto first = w.announce();
    w.event(); // of another kind: counted nowhere
    const auto second = w.announce();
    w.drain();
    CHECK_FALSE(w.drifts());
    for (const auto id : {first, second}) {
        const auto n = w.told(id);
        CHECK(n.accepted == w.messages(id, "accepted"));
        CHECK(n.failed == w.messages(id, "failed"));
        CHECK(n.accepted + n.failed == 4);
        CHECK(n.waiting == 0);
    }
    CHECK(w.told(first).failed + w.told(second).failed > 0);
    for (const auto& call : w.wechat.calls) // what arrived is told by receipts
        w.receipt(call.what.address, w.wechat.last_msgid);
    w.drain();
    CHECK_FALSE(w.drifts());
    CHECK(w.told(second).delivered == w.messages(second, "delivered"));
    CHECK(w.told(first).delivered + w.told(second).delivered > 0);
    CHECK(w.told(7).accepted == 0);
}

TEST_CASE("a tally of announcements that does not say what the messages say is found and made anew") {
    told_world w;
    w.bind("chenzhiming", "oChen");
    const auto id = w.announce();
    w.drain();
    for (const std::string damage :
         {"UPDATE announcement_tally SET messages = messages + 1", "DELETE FROM announcement_tally",
          "INSERT INTO announcement_tally VALUES (7, 'failed', 3)"}) {
        CAPTURE(damage);
        w.write([&](write_tx& tx) -> result<> {
             tx.exec(damage);
             return {};
         }).value();
        CHECK(w.drifts());
        w.write([](write_tx& tx) -> result<> {
             notify::rebuild_told(tx);
             return {};
         }).value();
        CHECK_FALSE(w.drifts());
        CHECK(w.told(id).accepted == 1);
    }
}
