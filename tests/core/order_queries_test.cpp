// Lists of orders: paged by key, tenancy inside, from an index, a fixed number of statements a page.
#include "core/appointment/appointment.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace core;
using appointment::desk_find;
using appointment::order_filter;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

struct statement {
    std::string where, sql;
};
std::vector<statement> statements_of_stores() {
    std::vector<statement> all;
    const auto folder = std::filesystem::path(SOURCE_DIR) / "core/appointment";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.path().filename().string().ends_with("_store.cpp")) continue;
        const auto text = text_of(entry.path());
        for (std::size_t at = text.find("R\"sql("); at != std::string::npos;
             at = text.find("R\"sql(", at + 1)) {
            const auto end = text.find(")sql\"", at);
            all.push_back({entry.path().filename().string(), text.substr(at + 6, end - at - 6)});
        }
    }
    return all;
}

// Values play no part in the plan, so none are bound.
std::vector<std::string> plan_of(sqlite3* base, const std::string& sql) {
    std::vector<std::string> all;
    sqlite3_stmt* prepared = nullptr;
    REQUIRE(sqlite3_prepare_v2(base, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &prepared, nullptr) ==
            SQLITE_OK);
    while (sqlite3_step(prepared) == SQLITE_ROW)
        all.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(prepared, 3)));
    sqlite3_finalize(prepared);
    return all;
}

std::vector<std::int64_t> ids_of(const std::vector<appointment::order>& all) {
    std::vector<std::int64_t> ids;
    for (const auto& o : all)
        ids.push_back(o.id);
    return ids;
}
std::vector<std::int64_t> ids_of(const std::vector<appointment::work_order>& all) {
    std::vector<std::int64_t> ids;
    for (const auto& w : all)
        ids.push_back(w.what.id);
    return ids;
}

} // namespace

TEST_CASE("every statement of the slice walks an index: no scan, no sorting but of one day, one order or a "
          "few ids") {
    order_world w;
    sqlite3* base = nullptr;
    REQUIRE(sqlite3_open_v2(w.file().c_str(), &base, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    const auto all = statements_of_stores();
    CHECK(all.size() > 60);
    int counted_of_today = 0;
    for (const auto& s : all) {
        if (s.sql.find("SELECT") == std::string::npos) continue;
        CAPTURE(s.where);
        CAPTURE(s.sql);
        const bool of_one_day = s.sql.find("l.order_id = $1") != std::string::npos ||
                                s.sql.find("day = $2") != std::string::npos ||
                                s.sql.find("DISTINCT") != std::string::npos;
        for (const auto& step : plan_of(base, s.sql)) {
            CAPTURE(step);
            const bool scan = step.starts_with("SCAN ") && step.find("CONSTANT") == std::string::npos &&
                              step != "SCAN n" &&                           // a counted, limited part
                              !step.ends_with("INDEX applicant_renamed") && // holds those few only
                              s.where != "derived_store.cpp"; // compares and rebuilds: reads all
            CHECK_FALSE(scan);
            // A day's orders of one status, not all that ever had it: whatever statistics there are.
            if (s.sql.find("SELECT 'today'") != std::string::npos && step.find("day=?") != std::string::npos)
                counted_of_today += step.ends_with("order_by_day (institution_id=? AND day=? AND status=?)");
            const bool sorts = step.find("TEMP B-TREE") != std::string::npos;
            CHECK((!sorts || of_one_day || s.sql.find("IN ($1") != std::string::npos ||
                   s.where == "derived_store.cpp"));
        }
    }
    sqlite3_close(base);
    CHECK(counted_of_today == 1);
}

TEST_CASE("M28, S1 lists: own orders only, newest first, pages by key without gap or repetition") {
    order_world w;
    w.widen();
    std::vector<std::int64_t> mine;
    for (int i = 0; i < 7; ++i)
        mine.push_back(w.book());
    const auto foreign = w.book(w.other_company, w.filed(w.other_company, 2), w.wednesday);
    std::reverse(mine.begin(), mine.end());
    const auto own = [&](const order_filter& f, std::int64_t after, int limit) {
        return w.read([&](read_view& v) { return appointment::list_orders(v, w.company, f, after, limit); });
    };
    CHECK(ids_of(own({}, 0, 100)) == mine);
    std::vector<std::int64_t> paged;
    for (std::int64_t after = 0;;) {
        const auto page = own({}, after, 3);
        if (page.empty()) break;
        for (const auto& o : page) {
            CHECK(o.lines.size() == 1);
            paged.push_back(o.id);
        }
        after = page.back().id;
    }
    CHECK(paged == mine);
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, mine[2]); });
    CHECK(ids_of(own({.status = "confirmed"}, 0, 10)) == std::vector{mine[2]});
    CHECK(own({.status = "confirmed"}, mine[2], 10).empty());
    CHECK(own({.day = add_days(w.wednesday, 1)}, 0, 10).empty());
    CHECK(own({.day = w.wednesday}, 0, 10).size() == 7);
    CHECK(own({.method = "onsite"}, 0, 10).empty());
    CHECK(ids_of(own({.text = w.order(mine[0]).number}, 0, 10)) == std::vector{mine[0]});
    CHECK(own({.text = "%"}, 0, 10).empty());
    // The institution's work list.
    const auto work = [&](const actor& who, const order_filter& f, appointment::work_key after = {},
                          int limit = 100) {
        return w.read([&](read_view& v) { return appointment::list_work(v, who, f, after, limit); });
    };
    CHECK(work(w.scheduler, {}).size() == 8);
    std::vector<std::int64_t> pending;
    for (appointment::work_key after;;) {
        const order_filter f{.status = "pending"};
        const auto page = work(w.scheduler, f, after, 3);
        if (page.empty()) break;
        for (const auto& o : page)
            pending.push_back(o.what.id);
        after = appointment::key_of(page.back(), f);
    }
    CHECK(pending.size() == 7);
    CHECK(std::set<std::int64_t>(pending.begin(), pending.end()).size() == 7);
    const auto other = w.order(foreign);
    for (const auto& text : {other.applicant_uscc, other.applicant_name, other.number,
                             show_order_number(other.number), std::string("样例环保")})
        CHECK(ids_of(work(w.scheduler, {.text = text})) == std::vector{foreign});
    CHECK(ids_of(work(w.scheduler, {.status = "confirmed"})) == std::vector{mine[2]});
    CHECK(work(w.scheduler, {.day = w.wednesday}).size() == 8);
    CHECK(work(w.scheduler, {}).front().what.lines.empty() == false);
    CHECK(work(w.scheduler, {}).front().items == "压力表 2");
    CHECK(work(w.scheduler, {}).front().taken == 9);
    for (const auto& who : {w.company, w.abroad(role::scheduler), order_world::visitor()})
        CHECK(work(who, {.institution = w.institution}).empty());
    CHECK(work(w.platform, {}).empty()); // which one?
    CHECK(work(w.platform, {.institution = w.institution}).size() == 8);
    CHECK(work(w.regulator, {.institution = w.institution}).size() == 8); // of the city
    CHECK(work(w.abroad(role::scheduler), {.text = other.number}).empty());
}

TEST_CASE("M32 the newest ten over the companies of a person") {
    order_world w;
    w.widen();
    for (int i = 0; i < 6; ++i) {
        w.book();
        w.book(w.other_company, w.filed(w.other_company, 1), w.wednesday);
    }
    const std::vector both = {w.company.applicant_id, w.other_company.applicant_id};
    const auto latest = w.read([&](read_view& v) { return appointment::list_latest(v, both); });
    REQUIRE(latest.size() == 10);
    CHECK(std::is_sorted(latest.begin(), latest.end(),
                         [](const auto& a, const auto& b) { return a.id > b.id; }));
    CHECK(latest[0].applicant_id == w.other_company.applicant_id);
    CHECK(latest[1].applicant_id == w.company.applicant_id);
    CHECK(w.read([&](read_view& v) { return appointment::list_latest(v, {}); }).empty());
}

TEST_CASE("counts by status stop at a thousand and add up below") {
    order_world w;
    w.widen();
    for (const auto s : appointment::order_states)
        w.in_state(s);
    w.in_state(order_status::confirmed);
    for (const auto& who : {w.company, w.scheduler}) {
        const auto c = w.read([&](read_view& v) { return appointment::count_by_status(v, who); });
        for (const auto s : appointment::order_states)
            CHECK(c.of(s) == (s == order_status::confirmed ? 2 : 1));
        CHECK(c.total() == 9);
        CHECK(c.today == 0);
        CHECK(c.late == 0);
    }
    w.time.set(local_instant(w.wednesday, 520));
    const auto c = w.read([&](read_view& v) { return appointment::count_by_status(v, w.scheduler); });
    CHECK(c.today == 2);
    CHECK(c.late == 1);
    CHECK(w.read([&](read_view& v) {
               return appointment::count_by_status(v, order_world::visitor());
           }).total() == 0);
}

TEST_CASE("M33 the desk finds an order by number, QR address, company's name, credit code") {
    order_world w;
    const auto id = w.in_state(order_status::confirmed);
    const auto number = w.order(id).number;
    const auto second = w.in_state(order_status::confirmed, 2);
    w.do_now([&](write_tx& tx) {
        return appointment::move_order(tx, w.scheduler, second, {add_days(w.wednesday, 1), 510});
    });
    w.time.set(local_instant(w.wednesday, 515));
    const auto find = [&](std::string_view text, const actor& who) {
        return w.read([&](read_view& v) { return appointment::find_at_desk(v, who, text); });
    };
    for (const auto& text :
         {number, show_order_number(number), "https://example.org/o/" + number, w.order(id).applicant_name,
          w.order(id).applicant_uscc, std::string("示例制造")}) {
        CAPTURE(text);
        const auto hit = find(text, w.desk);
        CHECK(hit.kind == desk_find::found);
        REQUIRE(hit.orders.size() == 1);
        CHECK(hit.orders[0].id == id);
        CHECK(hit.orders[0].lines.size() == 1);
    }
    w.do_now([&](write_tx& tx) {
        return appointment::move_order(tx, w.scheduler, second, {w.wednesday, 600});
    });
    w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, second); });
    CHECK(find("示例制造", w.desk).kind == desk_find::several);
    w.do_now([&](write_tx& tx) {
        return appointment::move_order(tx, w.scheduler, id, {add_days(w.wednesday, 1), 510});
    });
    CHECK(find(number, w.desk).kind == desk_find::wrong_day);
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.scheduler, id, "停电"); });
    CHECK(find(number, w.desk).kind == desk_find::wrong_state);
    CHECK(find("示例制造", w.desk).orders.at(0).id == second);
    const auto elsewhere = find(number, w.abroad(role::front_desk));
    CHECK(elsewhere.kind == desk_find::wrong_institution);
    CHECK(elsewhere.institution == w.order(id).institution_name);
    CHECK(elsewhere.orders.empty());
    CHECK(find("示例制造", w.abroad(role::front_desk)).kind == desk_find::not_found);
    CHECK(find("没有这家", w.desk).kind == desk_find::not_found);
    CHECK(find("1", w.desk).kind == desk_find::not_found);
    CHECK(find("%%", w.desk).kind == desk_find::not_found);
    CHECK(find(number, w.company).kind == desk_find::not_found);
}

TEST_CASE("M28 orders looked for by words, status, method and day are those that a look at every order "
          "finds; property") {
    std::size_t found = 0;
    for (const unsigned seed : {21u, 22u}) {
        order_world w;
        w.widen();
        std::mt19937 dice(seed);
        const auto roll = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(dice); };
        static const std::array<std::string, 3> people = {"王小明", "李 YB-150", "鑫记王五"};
        std::vector<std::int64_t> all;
        for (int n = 0; n < 30; ++n) {
            const auto& who = roll(3) == 0 ? w.other_company : w.company;
            auto wish = w.wish(w.filed(who, 1), add_days(w.wednesday, roll(2)), roll(2) == 0 ? 510 : 600);
            wish.contact_name = people[static_cast<std::size_t>(roll(3))];
            all.push_back(
                w.write([&](write_tx& tx) { return appointment::book_order(tx, who, wish); }).value());
            const auto id = all[static_cast<std::size_t>(roll(static_cast<int>(all.size())))];
            switch (roll(4)) {
            case 0:
                w.refusal([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, id); });
                break;
            case 1:
                w.refusal(
                    [&](write_tx& tx) { return appointment::cancel_order(tx, w.scheduler, id, "停电"); });
                break;
            case 2:
                w.refusal([&](write_tx& tx) {
                    return appointment::move_order(tx, w.scheduler, id,
                                                   {add_days(w.wednesday, roll(2)), 600});
                });
                break;
            default:
                break;
            }
        }
        std::vector<appointment::order> orders;
        for (const auto id : all)
            orders.push_back(w.order(id));
        const auto mine = orders[0].applicant_name;
        for (const auto& text :
             {std::string(), mine, cut_characters(mine, 4), std::string("有限公司"), std::string("王小明"),
              std::string("yb150"), "鑫记 " + cut_characters(mine, 4), orders[7].number.substr(3, 6),
              std::string("鑫"), std::string("没有这样的")})
            for (const std::string status : {"", "pending", "confirmed", "cancelled"})
                for (const int day : {-1, 0, 1}) {
                    order_filter f{.status = status, .text = text};
                    if (day >= 0) f.day = add_days(w.wednesday, day);
                    std::vector<std::pair<std::int64_t, std::int64_t>> expected; // in the order of the list
                    for (const auto& o : orders) {
                        if (!status.empty() && code_of(o.status) != status) continue;
                        if (f.day && o.day != *f.day) continue;
                        if (!db::has_words({o.number, o.applicant_name, o.contact_name},
                                           db::search_key(text)))
                            continue;
                        expected.emplace_back(status == "pending" ? to_ms(o.due_at) : -o.id,
                                              status == "pending" ? o.id : 0);
                    }
                    std::sort(expected.begin(), expected.end());
                    std::vector<std::int64_t> ids;
                    for (const auto& [first, second] : expected)
                        ids.push_back(second == 0 ? -first : second);
                    found += ids.size();
                    for (const int size : {1, 4, 50}) {
                        std::vector<std::int64_t> paged;
                        for (appointment::work_key after;;) {
                            const auto page = w.read([&](read_view& v) {
                                return appointment::list_work(v, w.scheduler, f, after, size);
                            });
                            if (page.empty()) break;
                            for (const auto& one : page)
                                paged.push_back(one.what.id);
                            after = appointment::key_of(page.back(), f);
                        }
                        CAPTURE(seed);
                        CAPTURE(text);
                        CAPTURE(status);
                        CAPTURE(day);
                        CAPTURE(size);
                        CHECK(paged == ids);
                    }
                }
    }
    CHECK(found > 500);
}
