// In-site inboxes: the truth about what happened, whatever the channels do.
#include "notify/hub/inbox.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/support/query_plans.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using namespace core;
using tests::hub_world;
using namespace std::chrono_literals;
using db::read_view;
using db::write_tx;

std::vector<notify::inbox_item> inbox(hub_world& w, const actor& who, std::int64_t before = 0,
                                      int limit = 100) {
    return w
        .read([&](read_view& v) { return notify::list_inbox(v, hub_world::book(), who, {}, before, limit); })
        .items;
}
int unread(hub_world& w, const actor& who) {
    return w.read([&](read_view& v) { return notify::count_unread(v, who); });
}
template<class F>
bool done(hub_world& w, F f) {
    return w.write([&](write_tx& tx) { return f(tx); }).has_value();
}
void read_all(hub_world& w, const actor& who) {
    REQUIRE(done(w, [&](write_tx& tx) { return notify::mark_all_read(tx, who, 0); }));
}

} // namespace

TEST_CASE(
    "N15 every kind of event is in the inbox of those it is for at once, with no hub running and no phone") {
    hub_world w;
    w.the_hub.reset();
    const auto company = w.acting("chenzhiming");
    const auto reviewer = w.acting("linxiaomin"); // and scheduler
    const auto desk = w.acting("guopeng");
    const auto admin = w.acting("admin");
    for (const auto* who : {&company, &reviewer, &desk, &admin})
        read_all(w, *who);
    for (const auto& kind : outbox::kinds) {
        const bool platform = kind.to_staff.has(role::platform_admin) && !kind.to_staff.has(role::front_desk);
        const auto id = w.event(kind.name, platform ? 0 : reviewer.institution_id);
        const auto has = [&](const actor& who) {
            const auto all = inbox(w, who, 0, 1);
            return !all.empty() && all[0].id == id && !all[0].is_read && !all[0].words.title.empty();
        };
        INFO(kind.name);
        CHECK(has(company) == kind.to_company);
        CHECK(has(reviewer) == kind.to_staff.any({role::filing_reviewer, role::scheduler}));
        CHECK(has(desk) == kind.to_staff.has(role::front_desk));
        CHECK(has(admin) == platform);
    }
}

TEST_CASE("N15 a refused change leaves no event, a change none without one") {
    hub_world w;
    const auto who = w.acting("chenzhiming");
    read_all(w, who);
    CHECK_FALSE(done(w, [&](write_tx& tx) -> result<> {
        outbox::append(
            tx, {.kind = "order_confirmed", .subject_kind = "order", .applicant_id = who.applicant_id});
        return error(errc::conflict);
    }));
    CHECK(unread(w, who) == 0);
}

TEST_CASE("S1 an inbox is one company's and one person's") {
    hub_world w;
    const auto chen = w.acting("chenzhiming");
    const auto huang = w.acting("huanglihua"); // the same company
    const auto liang = w.acting("liangminyi"); // another
    for (const auto* who : {&chen, &huang, &liang})
        read_all(w, *who);
    const auto id = w.event();
    CHECK(unread(w, chen) == 1);
    CHECK(unread(w, huang) == 1);
    CHECK(unread(w, liang) == 0);
    CHECK(done(w, [&](write_tx& tx) { return notify::mark_read(tx, chen, id); }));
    CHECK(unread(w, chen) == 0);
    CHECK(unread(w, huang) == 1);
    CHECK_FALSE(done(w, [&](write_tx& tx) { return notify::mark_read(tx, liang, id); }));
    CHECK_FALSE(done(w, [&](write_tx& tx) { return notify::mark_unread(tx, liang, id); }));
    CHECK_FALSE(done(w, [&](write_tx& tx) { return notify::mark_read(tx, w.acting("linxiaomin"), id); }));
    CHECK_FALSE(done(w, [&](write_tx& tx) { return notify::mark_read(tx, w.visitor(), id); }));
    CHECK_FALSE(done(w, [&](write_tx& tx) { return notify::mark_all_read(tx, w.visitor(), 0); }));
    CHECK(inbox(w, w.visitor()).empty());
    const auto mine =
        w.event({.kind = "order_confirmed", .subject_kind = "order", .login_id = huang.login_id});
    CHECK(inbox(w, huang, 0, 1)[0].id == mine);
    CHECK(inbox(w, chen, 0, 1)[0].id == id);
    CHECK(unread(w, chen) == 0);
    // Somebody of two companies reads each by itself.
    const auto one = w.acting("zhouwei");
    const auto two = w.acting("zhouwei", w.acting("wuhai").applicant_id);
    REQUIRE(one.applicant_id != two.applicant_id);
    read_all(w, one);
    read_all(w, two);
    w.event({.kind = "order_confirmed", .subject_kind = "order", .applicant_id = two.applicant_id});
    CHECK(unread(w, one) == 0);
    CHECK(unread(w, two) == 1);
}

TEST_CASE("N15 read, unread, all read: against a plain list, at random") {
    hub_world w;
    const auto who = w.acting("chenzhiming");
    read_all(w, who);
    std::set<std::int64_t> all, open;
    std::uint32_t dice = 7;
    const auto roll = [&](std::uint32_t n) {
        return (dice = dice * 1664525u + 1013904223u) >> 8 & 0xffffff ? (dice >> 8) % n : 0;
    };
    for (int n = 0; n < 400; ++n) {
        const auto act = roll(8);
        if (act < 3 || all.empty()) {
            const auto id = w.event();
            all.insert(id);
            open.insert(id);
            w.time.advance(1s);
            continue;
        }
        const auto id = *std::next(all.begin(), roll(static_cast<std::uint32_t>(all.size())));
        if (act < 5) {
            CHECK(done(w, [&](write_tx& tx) { return notify::mark_read(tx, who, id); }));
            open.erase(id);
        } else if (act < 7) {
            CHECK(done(w, [&](write_tx& tx) { return notify::mark_unread(tx, who, id); }));
            open.insert(id);
        } else if (roll(6) == 0) {
            CHECK(done(w, [&](write_tx& tx) { return notify::mark_all_read(tx, who, id); }));
            open.erase(open.begin(), open.upper_bound(id));
        }
        CHECK(unread(w, who) == static_cast<int>(open.size()));
    }
    std::set<std::int64_t> shown;
    std::int64_t before = 0;
    for (auto page = inbox(w, who, before, 7); !page.empty(); page = inbox(w, who, before, 7))
        for (const auto& item : page) {
            before = item.id;
            if (all.contains(item.id)) CHECK(item.is_read == !open.contains(item.id));
            if (!item.is_read) shown.insert(item.id);
        }
    CHECK(shown == open);
    CHECK(w.count("SELECT count(*) FROM inbox_mark") >= 1);
}

TEST_CASE("N15 counting stops at a hundred, and a new person starts with nothing unread") {
    hub_world w;
    const auto who = w.acting("chenzhiming");
    read_all(w, who);
    for (int n = 0; n < 130; ++n)
        w.event();
    CHECK(unread(w, who) == notify::inbox_most);
    CHECK(inbox(w, who, 0, 30).size() == 30);
    auto later = who;
    later.login_id = w.write([](write_tx& tx) -> result<std::int64_t> { return tx.new_id(); }).value();
    CHECK(unread(w, later) == 0);
    CHECK(inbox(w, later, 0, 30).size() == 30);
}

TEST_CASE(
    "N15 the count on every page and the lists walk ranges of an index, whoever asks: no scan, no sort") {
    hub_world w;
    const auto see = [](const std::string&, const std::string& step) {
        CHECK((!step.starts_with("SCAN") || step == "SCAN some")); // the counted, limited part
        CHECK(step.find("TEMP B-TREE") == std::string::npos);
        if (step.find("outbox_by_institution") != std::string::npos)
            CHECK(step.find("institution_id=? AND to_staff=? AND login_id=? AND id") != std::string::npos);
    };
    CHECK(tests::walk_query_plans(w.file(), "notify/hub/inbox_store.cpp", see) >= 7);
}

TEST_CASE("N15 somebody with few messages among thousands of others' has them all, filtered and counted") {
    hub_world w;
    const auto desk = w.acting("guopeng"); // the front desk: told of the day's work only
    const auto admin = w.acting("admin");
    read_all(w, desk);
    const auto place = desk.institution_id;
    const auto first = w.event("staff_summary", place);
    for (int n = 0; n < 1200; ++n)
        w.event(n % 2 == 0 ? "filing_submitted" : "order_submitted", place);
    const auto last = w.event("staff_summary", place);
    CHECK(unread(w, desk) == 2);
    const auto all = inbox(w, desk, 0, 10);
    REQUIRE(all.size() >= 2);
    CHECK(all[0].id == last);
    CHECK(all[1].id == first);
    CHECK(unread(w, admin) == 0);
    // A filter looks at a bounded number of events and says where to go on.
    const auto reviewer = w.acting("linxiaomin");
    int found = 0, pages = 0;
    std::int64_t before = 0;
    do {
        const auto page = w.read([&](read_view& v) {
            return notify::list_inbox(v, hub_world::book(), reviewer,
                                      {.of = notify::topic::reminder, .unread_only = true}, before, 20);
        });
        for (const auto& item : page.items) {
            CHECK(item.kind == "staff_summary");
            found += item.id == first || item.id == last ? 1 : 0;
        }
        CHECK((page.next == 0 || before == 0 || page.next < before));
        before = page.next;
        ++pages;
    } while (before != 0 && pages < 100);
    CHECK(found == 2);
}
