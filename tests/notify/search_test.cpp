// Finding messages on the staff page: every way in, filters, pages by key, and whose they are.
#include "notify/hub/search.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/support/query_plans.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using namespace core;
using tests::hub_world;
using namespace std::chrono_literals;
using by = notify::found_page::by;

struct search_world : hub_world {
    search_world() {
        place = acting("linxiaomin").institution_id;
        admin = acting("admin");
        staff = acting("linxiaomin");
        bind("chenzhiming", "oFoshanOne000000000000000001");
        bind("huanglihua", "oFoshanTwo000000000000000002");
        bind("liangminyi", "oOther0000000000000000000003", acting("liangminyi").applicant_id);
    }
    notify::found_page find(const actor& who, const notify::delivery_search& s, std::int64_t before = 0,
                            int limit = 100) {
        return read([&](db::read_view& v) { return notify::search_deliveries(v, who, s, before, limit); });
    }
    void tell(std::string_view kind, std::int64_t institution) {
        event(kind, institution);
        drain();
        time.advance(1s);
    }
    actor admin, staff;
    std::int64_t place = 0;
};

} // namespace

TEST_CASE("N17 messages are found by company, person, openid, kind, state and day") {
    search_world w;
    for (int n = 0; n < 5; ++n)
        w.tell(n % 2 == 0 ? "order_confirmed" : "order_moved", w.place);
    const auto company = w.find(w.staff, {.text = "佛山示例"});
    CHECK(company.found_by == by::company);
    CHECK(company.items.size() == 10); // two people, five events
    for (std::size_t n = 1; n < company.items.size(); ++n)
        CHECK(company.items[n - 1].outbox_id >= company.items[n].outbox_id);
    const auto person = w.find(w.staff, {.text = "陈志明"});
    CHECK(person.found_by == by::people);
    CHECK(person.items.size() == 5);
    CHECK(person.items.front().person_name == "陈志明");
    CHECK(w.find(w.staff, {.text = "oFoshanTwo"}).items.size() == 5);
    CHECK(w.find(w.staff, {.text = "oFoshan"}).items.size() == 10);
    CHECK(w.find(w.staff, {.text = "oFosh"}).found_by == by::unknown); // too short to mean one
    CHECK(w.find(w.staff, {.text = "没有这家企业"}).found_by == by::unknown);
    CHECK(w.find(w.staff, {.text = "陈志明", .kind = "order_moved"}).items.size() == 2);
    CHECK(w.find(w.staff, {.kind = "order_confirmed"}).items.size() == 6);
    CHECK(w.find(w.staff, {.status = "accepted"}).items.size() == 10);
    CHECK(w.find(w.staff, {.status = "failed"}).items.empty());
    const date today = local_date(w.time.now());
    CHECK(w.find(w.staff, {.from = today, .to = today}).items.size() == 10);
    CHECK(w.find(w.staff, {.from = add_days(today, 1)}).items.empty());
    CHECK(w.find(w.staff, {.to = add_days(today, -1)}).items.empty());
    CHECK(w.find(w.staff, {.text = "%"}).items.empty()); // what is typed is text
    CHECK(w.find(w.staff, {.text = std::string(5000, 'o')}).items.empty());
}

TEST_CASE("S1 an institution's people find its own messages only, the platform all, a regulator none") {
    search_world w;
    w.tell("order_confirmed", w.place);
    w.tell("order_confirmed", w.place + 1); // another institution's
    CHECK(w.find(w.admin, {}).items.size() == 4);
    CHECK(w.find(w.staff, {}).items.size() == 2);
    for (const auto* text : {"佛山示例", "陈志明", "oFoshanOne"}) {
        CHECK(w.find(w.admin, {.text = text}).items.size() ==
              2 * w.find(w.staff, {.text = text}).items.size());
        CHECK(w.find(w.acting("fengjianguo"), {.text = text}).items.empty());
        CHECK(w.find(w.acting("chenzhiming"), {.text = text}).items.empty());
        CHECK(w.find(w.visitor(), {.text = text}).items.empty());
    }
}

TEST_CASE("N17 pages by key: each message once, whatever the filter, also across a bounded look") {
    search_world w;
    for (int n = 0; n < 600; ++n)
        w.event(n == 0 ? "order_moved" : "order_confirmed", w.place);
    w.drain();
    for (const auto& s : {notify::delivery_search{},
                          {.text = "佛山示例"},
                          {.text = "陈志明"},
                          {.kind = "order_moved"},
                          {.text = "oFoshan"}}) {
        CAPTURE(s.text);
        CAPTURE(s.kind);
        std::set<std::int64_t> seen;
        std::size_t shown = 0, pages = 0;
        std::int64_t before = 0;
        do {
            const auto page = w.find(w.staff, s, before, 37);
            for (const auto& d : page.items)
                seen.insert(d.id);
            shown += page.items.size();
            CHECK((page.next == 0 || before == 0 || page.next < before));
            before = page.next;
        } while (before != 0 && ++pages < 200);
        CHECK(seen.size() == shown);
        const std::size_t people = s.text == "陈志明" ? 1 : 2;
        CHECK(shown == (s.kind.empty() ? 600 * people : people));
    }
}

TEST_CASE("N17 every statement of the search walks an index") {
    hub_world w;
    const auto see = [](const std::string& sql, const std::string& step) {
        CHECK((!step.starts_with("SCAN") || step == "SCAN some"));
        const bool of_one_order = sql.find("o.number") != std::string::npos;
        const bool few = sql.find("DISTINCT") != std::string::npos;
        CHECK((step.find("TEMP B-TREE") == std::string::npos || of_one_order || few));
    };
    CHECK(tests::walk_query_plans(w.file(), "notify/hub/search_store.cpp", see) == 13);
}
