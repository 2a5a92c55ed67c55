// N13: quiet hours hold reminders across midnight, switches hold kinds back; changes of status pass at any
// hour.
#include "core/account/member.hpp"
#include "core/announcement/announcement.hpp"
#include "core/journal/setting.hpp"
#include "notify/hub/inbox.hpp"
#include "notify/hub/wishes.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::account_world;

namespace {

instant at(std::string_view day, std::string_view minute) {
    return local_instant(*parse_date(day), *parse_minute(minute));
}

} // namespace

TEST_CASE("N13 quiet hours: a table of moments, across midnight, within a day, and none") {
    struct row {
        int from, until;
        std::string_view now_day, now, then_day, then;
    };
    const row table[] = {
        {1320, 480, "2026-11-24", "21:59", "2026-11-24", "21:59"},
        {1320, 480, "2026-11-24", "22:00", "2026-11-25", "08:00"},
        {1320, 480, "2026-11-24", "23:59", "2026-11-25", "08:00"},
        {1320, 480, "2026-12-31", "23:30", "2027-01-01", "08:00"},
        {1320, 480, "2026-11-25", "00:00", "2026-11-25", "08:00"},
        {1320, 480, "2026-11-25", "07:59", "2026-11-25", "08:00"},
        {1320, 480, "2026-11-25", "08:00", "2026-11-25", "08:00"},
        {720, 840, "2026-11-25", "11:59", "2026-11-25", "11:59"},
        {720, 840, "2026-11-25", "12:00", "2026-11-25", "14:00"},
        {720, 840, "2026-11-25", "14:00", "2026-11-25", "14:00"},
        {600, 600, "2026-11-25", "10:00", "2026-11-25", "10:00"},
    };
    for (const auto& r : table) {
        CAPTURE(r.now);
        CAPTURE(r.from);
        account_world w;
        w.write([&](write_tx& tx) -> result<> {
             for (const auto& [name, n] :
                  {std::pair{"notify.quiet_from", r.from}, std::pair{"notify.quiet_until", r.until}})
                 setting::change_setting(tx, w.system(), name, std::to_string(n)).value();
             return {};
         }).value();
        const auto then =
            w.read([&](read_view& v) { return notify::after_quiet_hours(v, 0, at(r.now_day, r.now)); });
        CHECK(then == at(r.then_day, r.then));
    }
}

TEST_CASE("M6 an announcement that was taken back is not true any more, right before it would leave") {
    account_world w;
    actor admin = w.acting("admin");
    const announcement::draft notice{"停检通知", "周五停检一天。", announcement::audience::all, "", 0, true};
    const auto id = w.write([&](write_tx& tx) {
                         return announcement::save_announcement(tx, admin, 0, 0, notice);
                     }).value();
    w.write([&](write_tx& tx) { return announcement::send_announcement(tx, admin, id, true); }).value();
    w.write([](write_tx& tx) -> result<bool> { return announcement::tell_some(tx, 1); }).value();
    const auto event = w.count("SELECT max(id) FROM outbox WHERE kind = 'announcement'");
    const auto people = notify::wishes_of_people();
    const auto still = [&] { return w.read([&](read_view& v) { return people.still_true(v, event); }); };
    CHECK(still());
    w.write([&](write_tx& tx) { return announcement::recall_announcement(tx, admin, id); }).value();
    CHECK_FALSE(still());
}

TEST_CASE("N13 a person switches kinds off and on again; others and other kinds are untouched") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto wish = notify::wishes_of_people();
    const auto wants = [&](const actor& a, std::string_view kind) {
        return w.read([&](read_view& v) { return wish.wants(v, a.login_id, kind); });
    };
    const auto set = [&](const actor& a, std::string_view kind, bool on) {
        const auto done = w.write([&](write_tx& tx) { return notify::set_wish(tx, a, kind, on); });
        return done ? std::string() : done.error().detail.empty() ? "refused" : done.error().detail;
    };
    CHECK(wants(who, "order_moved"));
    CHECK(set(who, "order_moved", false).empty());
    CHECK(set(who, "order_moved", false).empty()); // again is fine
    CHECK_FALSE(wants(who, "order_moved"));
    CHECK(wants(who, "order_confirmed"));
    CHECK(wants(w.acting("liangminyi"), "order_moved"));
    CHECK(set(who, "order_moved", true).empty());
    CHECK(wants(who, "order_moved"));
    CHECK(set(who, "no_such_kind", false) == "wish.kind");
    CHECK(set(who, "staff_summary", false) == "wish.kind"); // of the other side
    CHECK(set(w.visitor(), "order_moved", false) == "refused");
    const auto all = w.read([&](read_view& v) { return notify::list_wishes(v, who); });
    std::size_t of_companies = 0;
    for (const auto& k : outbox::kinds)
        of_companies += k.to_company ? 1u : 0u;
    CHECK(all.size() == of_companies);
    CHECK(w.count(R"sql(SELECT count(*) FROM audit WHERE verb = 'set_wish')sql") == 3);
}

TEST_CASE("N13 who switched a company off gets none of its messages, and keeps its inbox") {
    tests::hub_world w({}, notify::wishes_of_people());
    w.bind("chenzhiming", "oPhone1");
    const auto who = w.acting("chenzhiming");
    w.write([&](write_tx& tx) { return account::mute_notifications(tx, who, true); }).value();
    w.event("order_confirmed");
    w.drain();
    CHECK(w.wechat.calls.empty());
    CHECK(w.read([&](read_view& v) { return notify::count_unread(v, who); }) > 0);
    w.write([&](write_tx& tx) { return account::mute_notifications(tx, who, false); }).value();
    w.event("order_confirmed");
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
}

TEST_CASE("N13 an unwanted kind is not sent; a reminder in quiet hours waits until eight, a change of status "
          "does not") {
    tests::hub_world w({}, notify::wishes_of_people());
    w.bind("chenzhiming", "oPhone1");
    const auto who = w.acting("chenzhiming");
    w.write([&](write_tx& tx) { return notify::set_wish(tx, who, "order_moved", false); }).value();
    w.event("order_moved");
    w.drain();
    CHECK(w.wechat.calls.empty());
    w.time.set(at("2026-11-24", "23:00"));
    w.event("order_confirmed");
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
    w.event(
        {.kind = "staff_summary", .subject_kind = "institution", .subject_id = 1}); // nobody bound: no trace
    w.event({.kind = "order_tomorrow", .subject_kind = "order", .subject_id = 1});
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
    w.time.set(at("2026-11-25", "07:59"));
    w.drain();
    CHECK(w.wechat.calls.size() == 1);
}

TEST_CASE(
    "N13 a reminder that had to wait is asked again before it goes: quiet hours that have begun, a switch, a "
    "pause of the whole company") {
    auto people = notify::wishes_of_people();
    people.still_true = [](read_view&, std::int64_t) { return true; };
    tests::hub_world w({}, people);
    w.bind("chenzhiming", "oPhone1");
    const auto who = w.acting("chenzhiming");
    w.time.set(at("2026-11-24", "21:50"));
    w.wechat.script = [](const auto&, std::size_t nth) {
        return tests::answer(nth == 1 ? notify::verdict::quota : notify::verdict::accepted, 45009);
    };
    w.event("certificates_due");
    w.drain();
    REQUIRE(w.wechat.calls.size() == 1); // and the quota is used up until midnight
    for (const auto* moment : {"00:00", "00:01", "07:59"}) {
        w.time.set(at("2026-11-25", moment));
        w.drain();
        CHECK(w.wechat.calls.size() == 1);
    }
    std::size_t sent = 1;
    SUBCASE("eight o'clock") {
        sent = 2;
    }
    SUBCASE("switched off meanwhile") {
        w.write([&](write_tx& tx) { return notify::set_wish(tx, who, "certificates_due", false); }).value();
    }
    SUBCASE("the company is paused meanwhile") {
        w.write([&](write_tx& tx) { return account::mute_notifications(tx, who, true); }).value();
    }
    w.time.set(at("2026-11-25", "08:00"));
    w.drain();
    CHECK(w.wechat.calls.size() == sent);
    CHECK(w.only().status == (sent == 2 ? "accepted" : "dropped"));
}
