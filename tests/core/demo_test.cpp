// The demo data at hours when offices work and when they do not.
#include "core/account/demo.hpp"
#include "core/appointment/demo.hpp"
#include "core/appointment/queries.hpp"
#include "tests/support/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace core;
using appointment::order_status;

TEST_CASE("the demo's day at the desk: expected, received and completed orders lie today") {
    tests::world w(local_instant(*parse_date("2026-11-25"), 6 * 60));
    REQUIRE(demo::load(w.db()).has_value());
    const auto day = w.read([](db::read_view& view) {
        return appointment::list_day(view, account::acting_as(view, "guopeng"), view.today());
    });
    const auto number = [&](order_status s) {
        return std::count_if(day.begin(), day.end(), [&](const auto& o) { return o.what.status == s; });
    };
    CHECK(number(order_status::confirmed) == 5);
    CHECK(number(order_status::received) == 4);
    CHECK(number(order_status::completed) == 5);
    CHECK(w.count("SELECT count(*) FROM appointment_order WHERE status IN ('received', 'completed') AND day "
                  "<> '2026-11-25'") == 0);
}

TEST_CASE("the demo loads on a rest day and after the last period, with orders of the next days") {
    for (const auto start : {local_instant(*parse_date("2026-11-29"), 10 * 60),
                             local_instant(*parse_date("2026-11-25"), 1420)}) {
        tests::world w(start);
        REQUIRE(demo::load(w.db()).has_value());
        CHECK(w.count("SELECT count(*) FROM appointment_order WHERE status = 'confirmed'") >= 5);
        CHECK(w.count("SELECT count(*) FROM appointment_order WHERE status = 'completed'") == 5);
    }
}

TEST_CASE("the printed list has every account that can sign in, the platform's administrator among them") {
    tests::world w;
    core::demo::load(w.db()).value();
    const std::string text = core::demo::accounts_text(w.db());
    const auto names = w.read([](core::db::read_view& v) {
        std::vector<std::string> all;
        for (const auto r : v.query("SELECT username FROM login WHERE status = 'active'"))
            all.push_back(r.text(0));
        return all;
    });
    CHECK(names.size() > 10);
    for (const auto& name : names)
        CHECK_MESSAGE(text.find("  " + name + "  ") != std::string::npos, name);
    CHECK(text.find(", the platform\n") != std::string::npos);
}
