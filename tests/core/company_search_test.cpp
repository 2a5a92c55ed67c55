// Companies found by their names (core/account/search_store): the reviewers' list with a text, and what other
// lists ask. That the grams are always what the rows say is shown in derived_test.cpp.
#include "core/account/applicant.hpp"
#include "core/account/applicant_store.hpp"
#include "core/account/derived.hpp"
#include "core/account/search_store.hpp"
#include "tests/support/query_plans.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::account_world;

namespace {

using ids = std::vector<std::int64_t>;

// Five companies beside those of the demonstration: in 顺德, 南海 and 深圳.
struct company_world : account_world {
    std::vector<std::int64_t> made;
    company_world() {
        const auto add = [&](std::string_view code, std::string_view name, std::string_view region) {
            made.push_back(write([&](write_tx& tx) {
                               return account::store::register_applicant(
                                   tx, visitor(),
                                   {std::string(code), std::string(name), std::string(region), "示例路 1 号",
                                    "联系人", "13900001111", ""});
                           }).value());
        };
        add("91440101MA5D00002C", "顺德光华压力容器厂", "440606");
        add("91440101MA5D000019", "南海光华压力仪表有限公司", "440605");
        add("914401000000000090", "光华 100 食品店", "440606");
        add("91440101MA5D00003F", "压力罐修理部", "440605");
        add("91440101MA5D00004J", "深圳光华电子厂", "440305");
    }
    ids found(const actor& who, std::string text, std::string status = {}, std::int64_t after = 0,
              int limit = 50) {
        ids all;
        for (const auto& a : read([&](read_view& v) {
                 return account::list_applicants(v, who, {status, text}, {0, after}, limit);
             }))
            all.push_back(a.id);
        return all;
    }
    ids named(std::string_view text, std::size_t most = 20) {
        return read([&](read_view& v) { return account::find_named(v, text, most); });
    }
    result<> rename(std::int64_t id, std::string name, std::string region) {
        return write([&](write_tx& tx) {
            const auto a = account::find_applicant(tx, id).value();
            return account::edit_applicant(
                tx, system(), id, a.version,
                {a.uscc, name, region, a.address, a.contact_name, a.contact_phone, ""}, "新执照");
        });
    }
    bool in_step() {
        return read([](read_view& v) { return account::find_drift(v); }).empty();
    }
};

} // namespace

TEST_CASE("S1 the reviewers' list is searched by words of the name, in the area and status, page by page") {
    company_world w;
    const auto& m = w.made;
    const actor all = account_world::system(), city = w.acting("linxiaomin"), county = w.acting("oujianwen"),
                regulator = w.acting("fengjianguo");
    CHECK(w.found(all, "光华") == ids{m[4], m[2], m[1], m[0]}); // newest first
    CHECK(w.found(city, "光华") == ids{m[2], m[1], m[0]});
    CHECK(w.found(county, "光华") == ids{m[2], m[0]});
    CHECK(w.found(regulator, "光华") == ids{m[2], m[1], m[0]});
    CHECK(w.found(w.acting("guopeng"), "光华").empty());
    CHECK(w.found(w.acting("chenzhiming"), "光华").empty()); // no work of a company's
    CHECK(w.found(account_world::visitor(), "光华").empty());
    CHECK(w.found(all, "光华 压力") == ids{m[1], m[0]});
    CHECK(w.found(all, "压力 光华厂").empty()); // not one after the other
    CHECK(w.found(all, "100") == ids{m[2]});
    CHECK(w.found(all, "（光华）１００") == ids{}); // a blank stands between
    CHECK(w.found(all, "光华压力容器厂") == ids{m[0]});
    CHECK(w.found(all, "没有这家").empty());
    CHECK(w.found(all, "%").empty());
    CHECK(w.found(all, "光%") == ids{m[0], m[1], m[2], m[4]}); // a sign is no part of a word
    CHECK(w.found(all, "厂") == ids{m[0], m[4]});              // a single character: by the list's own order
    CHECK(w.found(county, "厂") == ids{m[0]});
    CHECK(w.found(all, "光华", {}, 0, 2) == ids{m[4], m[2]});
    CHECK(w.found(all, "光华", {}, m[2], 2) == ids{m[1], m[0]});
    CHECK(w.found(all, "光华", {}, m[0], 2).empty());
    CHECK(w.found(all, "914401000000000090") == ids{m[2]}); // the whole code
    CHECK(w.found(county, "914401000000000090") == ids{m[2]});
    CHECK(w.found(w.acting("guopeng"), "914401000000000090").empty());
    CHECK(w.found(all, "914401000000000090", "active").empty());
    tests::give_papers(w, m[1]);
    w.write([&](write_tx& tx) { return account::approve_applicant(tx, city, m[1]); }).value();
    CHECK(w.found(all, "光华", "active") == ids{m[1]});
    CHECK(w.found(all, "光华", "pending") == ids{m[4], m[2], m[0]});
    CHECK(w.found(all, "光华") == ids{m[4], m[2], m[1], m[0]});
    for (const auto& a : w.read([&](read_view& v) {
             return account::list_applicants(v, all, {"", "光华"}, {}, 50);
         }))
        CHECK(a.contact_phone == "139****1111");
    CHECK(w.in_step());
}

TEST_CASE("a company that was renamed or moved is found by its new name and in its new place at once") {
    company_world w;
    const auto& m = w.made;
    const actor all = account_world::system(), county = w.acting("oujianwen");
    REQUIRE(w.rename(m[0], "永昌容器厂", "440605").has_value());
    CHECK(w.found(all, "永昌") == ids{m[0]});
    CHECK(w.found(county, "永昌").empty());
    CHECK(w.found(county, "光华") == ids{m[2]});
    CHECK(w.found(all, "光华压力容器") == ids{m[0]}); // by the earlier name until the schedule has come by
    CHECK(w.in_step());
    w.write([&](write_tx& tx) -> result<> {
         account::store::follow_name(tx, m[0]);
         return {};
     }).value();
    CHECK(w.found(all, "永昌") == ids{m[0]});
    CHECK(w.found(all, "光华压力容器").empty());
    CHECK(w.in_step());
    w.write([&](write_tx& tx) -> result<> {
         tx.exec("UPDATE applicant SET name = '无人知晓厂' WHERE id = $1", m[3]); // not by a verb
         return {};
     }).value();
    CHECK_FALSE(w.in_step());
    w.write([&](write_tx& tx) -> result<> {
         account::rebuild_derived(tx);
         return {};
     }).value();
    CHECK(w.in_step());
    CHECK(w.found(all, "无人知晓") == ids{m[3]});
}

TEST_CASE("companies that a word names are told when they are few") {
    company_world w;
    const auto& m = w.made;
    CHECK(w.named("光华") == ids{m[4], m[2], m[1], m[0]});
    CHECK(w.named("光华", 4).size() == 4);
    CHECK(w.named("光华", 3).empty()); // too many
    CHECK(w.named("91440101MA5D00002C") == ids{m[0]});
    CHECK(w.named("没有这家").empty());
    CHECK(w.named("厂").empty()); // can't be looked up
    CHECK(w.named("").empty());
}

TEST_CASE("lists of companies walk an index in their order: no scan, no sorting") {
    company_world w;
    for (const char* source : {"core/account/applicant_store.cpp", "core/account/search_store.cpp"})
        CHECK(tests::walk_query_plans(w.file(), source, [](auto&, auto& step) {
                  CHECK_FALSE(step.starts_with("SCAN "));
                  CHECK(step.find("TEMP B-TREE") == std::string::npos);
              }) > 0);
}

TEST_CASE("a company is named by its whole name though others have all pairs of its characters") {
    company_world w;
    const auto& m = w.made;
    REQUIRE(w.rename(m[2], "恒盛盛医院", "440606").has_value());
    REQUIRE(w.rename(m[3], "恒盛盛盛医院", "440605").has_value());
    REQUIRE(w.rename(m[4], "盛医院恒盛盛", "440305").has_value());
    CHECK(w.named("恒盛盛盛医院", 1) == ids{m[3]});
    CHECK(w.named("恒盛盛医院", 1) == ids{m[2]});
    CHECK(w.named("恒盛盛", 3) == ids{m[4], m[3], m[2]});
    CHECK(w.named("恒盛盛", 2).empty()); // too many are so named in fact
}
