// Signing in by password on both sides of the counter: hashes that grow old, companies that are closed.
#include "core/account/applicant.hpp"
#include "core/account/login.hpp"
#include "tests/wechat/site.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace tests;
namespace account = core::account;

std::string hash_of(site& w, std::string_view username) {
    return w.read([&](core::db::read_view& v) { return account::find_login(v, username)->password_hash; });
}

} // namespace

TEST_CASE("S7 a hash of an earlier, lower cost is made anew when its owner signs in, and never by others") {
    site w;
    w.services.password_cost = account::usual_cost;
    for (const auto* who : {"chenzhiming", "linxiaomin"}) {
        const std::string before = hash_of(w, who);
        REQUIRE(account::needs_rehash(before));
        browser b(w);
        CHECK(b.sign_in(who, "not-the-password").status == 422);
        CHECK(hash_of(w, who) == before);
        CHECK(b.sign_in(who).status == 303);
        const std::string after = hash_of(w, who);
        CHECK_FALSE(account::needs_rehash(after));
        CHECK(b.sign_in(who).status == 303);
        CHECK(hash_of(w, who) == after);
    }
}

TEST_CASE("S7 whose companies are all suspended reads that, and is not told that tries ran out") {
    site w;
    const auto company = w.account_world::company("佛山示例制造有限公司");
    w.do_now([&](core::db::write_tx& tx) {
        return account::suspend_applicant(tx, w.acting("admin"), company, "已注销");
    });
    browser b(w);
    for (int n = 0; n < 6; ++n) {
        const auto answer = b.post("/login", {{"username", "chenzhiming"}, {"password", "demo-2026"}});
        CHECK(answer.status == 403);
        CHECK(contains(answer, "没有可用的单位"));
        CHECK_FALSE(contains(answer, "分钟后"));
    }
    CHECK(w.count("SELECT count(*) FROM session") == 0);
}
