// core/account: signing in by password, counting of tries, sessions and what ends them.
#include "core/account/applicant.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core;
using namespace core::account;
using namespace std::chrono_literals;
using db::read_view;
using db::write_tx;
using tests::account_world;

result<attempt> look(account_world& w, std::string_view name, std::string_view from = "203.0.113.5",
                     std::string_view openid = "", std::string_view kind = "applicant") {
    return w.read([&](read_view& v) { return begin_attempt(v, name, kind, from, openid); });
}

settled settle_in(account_world& w, const attempt& a, bool right, std::string_view new_hash = {}) {
    return w.write([&](write_tx& tx) -> result<settled> { return settle(tx, a, right, new_hash); }).value();
}

// "in", "wrong 4", "locked 15": what the person is told.
std::string try_in(account_world& w, std::string_view name, std::string_view password,
                   std::string_view from = "203.0.113.5", std::string_view openid = "") {
    const auto told = [](const error& e) {
        return e.detail + (e.args.empty() ? "" : " " + e.args[0].second);
    };
    const auto a = look(w, name, from, openid);
    if (!a) return told(a.error());
    const auto s = settle_in(w, *a, compare(*a, password));
    return s.good ? "in" : told(refusal_of(s));
}

std::optional<session> find(account_world& w, std::string_view token) {
    return w.read([&](read_view& v) { return find_session(v, sha256_hex(token)); });
}

std::int64_t rows(account_world& w, std::string_view verb) {
    return w.read([&](read_view& v) {
        return v.query_number(R"sql(SELECT count(*) FROM audit WHERE verb = $1)sql", verb);
    });
}

} // namespace

TEST_CASE("S7 five wrong passwords lock an account for fifteen minutes; the text says how many are left") {
    account_world w;
    CHECK(try_in(w, "chenzhiming", demo_password) == "in");
    for (const char* left : {"login.wrong 4", "login.wrong 3", "login.wrong 2", "login.wrong 1"})
        CHECK(try_in(w, "ChenZhiMing ", "wrong") == left);
    CHECK(try_in(w, "chenzhiming", "wrong") == "login.locked 15");
    CHECK(try_in(w, "chenzhiming", demo_password) == "login.locked 15"); // the right one too
    w.time.advance(14min);
    CHECK(try_in(w, "chenzhiming", demo_password, "198.51.100.7") == "login.locked 1");
    CHECK(try_in(w, "huanglihua", demo_password) == "in"); // others are not concerned
    w.time.advance(1min);
    CHECK(try_in(w, "chenzhiming", "wrong") == "login.wrong 4"); // counted anew
    CHECK(try_in(w, "chenzhiming", demo_password) == "in");
    CHECK(try_in(w, "chenzhiming", "wrong") == "login.wrong 4"); // success forgets
    w.time.advance(15min);
    CHECK(try_in(w, "chenzhiming", "wrong") == "login.wrong 4"); // so does time
}

TEST_CASE("S7 at most five guesses are evaluated, however many come at once") {
    account_world w;
    std::vector<attempt> at_once;
    for (int i = 0; i < 40; ++i)
        at_once.push_back(look(w, "chenzhiming", "198.51.100." + std::to_string(i)).value());
    int told = 0;
    for (const auto& a : at_once)
        told += settle_in(w, a, false).tries_left > 0 ? 1 : 0;
    CHECK(told == 4);
    CHECK_FALSE(settle_in(w, at_once[39], true).good); // the right one came too late
}

TEST_CASE("S7 thirty failures lock an address, whatever the names; ten a WeChat user") {
    account_world w;
    for (int i = 0; i < 30; ++i)
        CHECK(settle_in(w, *look(w, "nobody" + std::to_string(i)), false).good == false);
    CHECK(look(w, "chenzhiming").error().detail == "login.locked");
    CHECK(look(w, "chenzhiming", "198.51.100.7").has_value());
    for (int i = 0; i < 10; ++i)
        settle_in(w, *look(w, "who" + std::to_string(i), "198.51.100." + std::to_string(i), "openid-x"),
                  false);
    CHECK(look(w, "liangminyi", "192.0.2.1", "openid-x").error().detail == "login.locked");
    CHECK(look(w, "liangminyi", "192.0.2.1", "openid-y").has_value());
}

TEST_CASE("S7 unknown, disabled and wrong look alike") {
    account_world w;
    w.write([&](write_tx& tx) {
         return disable_login(tx, account_world::system(), find_login(tx, "wuhai")->id, "离职");
     }).value();
    CHECK(try_in(w, "chenzhiming", "wrong") == "login.wrong 4");
    CHECK(try_in(w, "no.such.person", "wrong") == "login.wrong 4");
    CHECK(try_in(w, "wuhai", demo_password) == "login.wrong 4");
    CHECK(try_in(w, "linxiaomin", demo_password) == "login.wrong 4"); // staff have their own door
    CHECK(try_in(w, "", "") == "login.wrong 4");
    CHECK(try_in(w, "liangminyi", std::string(200, 'x')) == "login.wrong 4");
}

TEST_CASE("S7 a password changed, or a person disabled, while it was being compared") {
    account_world w;
    const auto before = look(w, "chenzhiming").value();
    const auto id = w.person("chenzhiming");
    w.write([&](write_tx& tx) {
         return set_password(tx, account_world::system(), id, hash_password("another-1", test_cost));
     }).value();
    CHECK_FALSE(settle_in(w, before, true).good);
    const auto again = look(w, "chenzhiming").value();
    w.write([&](write_tx& tx) { return disable_login(tx, account_world::system(), id, ""); }).value();
    CHECK_FALSE(settle_in(w, again, true).good);
}

TEST_CASE("S12 S13 failures leave an audit row, and what was typed as a name is nowhere in clear") {
    account_world w;
    try_in(w, "my-secret-password", "x");
    CHECK(rows(w, "sign_in_failed") == 1);
    CHECK(w.count(R"sql(SELECT count(*) FROM attempt WHERE key LIKE '%secret%')sql") == 0);
    CHECK(
        w.count(R"sql(SELECT count(*) FROM audit WHERE note LIKE '%secret%' OR after LIKE '%secret%')sql") ==
        0);
}

TEST_CASE("a hash of other parameters is replaced at sign-in, and the session of it lives") {
    account_world w;
    const auto token = w.sign_in("chenzhiming");
    const auto a = look(w, "chenzhiming").value();
    REQUIRE(compare(a, demo_password));
    CHECK(settle_in(w, a, true, hash_password(demo_password, {1, 16384 * 8})).good);
    CHECK(look(w, "chenzhiming")->found->password_hash != a.found->password_hash);
    CHECK(try_in(w, "chenzhiming", demo_password) == "in");
    CHECK(find(w, token).has_value());
}

TEST_CASE("S5 a session: random token, only its hash kept, who it is") {
    account_world w;
    const auto token = w.sign_in("chenzhiming");
    CHECK(token.size() == 64); // 256 bits
    CHECK(token != w.sign_in("chenzhiming"));
    const auto found = find(w, token);
    REQUIRE(found);
    CHECK(found->who.name == "陈志明");
    CHECK(found->who.is_applicant());
    CHECK(found->who.applicant_id == w.demo.applicants[0]);
    CHECK(found->who.roles.has(role::owner));
    CHECK(found->csrf.size() == 32);
    CHECK(found->applicant_status == "active");
    CHECK_FALSE(found->must_change);
    CHECK(w.read([&](read_view& v) {
        return v.query_number(R"sql(SELECT count(*) FROM session WHERE token_hash = $1 OR csrf = $2)sql",
                              token, token);
    }) == 0);
    CHECK_FALSE(find(w, std::string(64, '0')));
    CHECK_FALSE(find(w, ""));
    const auto staff = find(w, w.sign_in("oujianwen"));
    REQUIRE(staff);
    CHECK(staff->who.is_staff_of(w.demo.county_institution));
    CHECK(rows(w, "sign_in") == 3);
}

TEST_CASE("S5 idle: half an hour for staff, two for companies; twelve hours at most") {
    account_world w;
    const auto company = w.sign_in("chenzhiming"), staff = w.sign_in("guopeng");
    w.time.advance(30min);
    CHECK(find(w, staff));
    w.time.advance(1s);
    CHECK_FALSE(find(w, staff));
    CHECK(find(w, company));
    w.time.advance(90min);
    CHECK_FALSE(find(w, company));
    const auto busy = w.sign_in("chenzhiming");
    for (int i = 0; i < 12; ++i) {
        CHECK(find(w, busy));
        w.write([&](write_tx& tx) -> result<> { // as the guard does at a request
             tx.exec(R"sql(UPDATE session SET seen_at = $1 WHERE token_hash = $2)sql", tx.now(),
                     sha256_hex(busy));
             return {};
         })
            .value();
        w.time.advance(1h);
    }
    CHECK_FALSE(find(w, busy));
    w.time.advance(1ms);
    w.write([](write_tx& tx) -> result<int> { return purge_sessions(tx); }).value();
    CHECK(w.count(R"sql(SELECT count(*) FROM session)sql") == 0);
}

TEST_CASE("S5 what ends sessions: sign-out, a new password, disabling, suspension, leaving") {
    account_world w;
    const actor system = account_world::system();
    const auto one = w.sign_in("chenzhiming"), two = w.sign_in("chenzhiming");
    const actor who = w.acting("chenzhiming");
    w.write([&](write_tx& tx) -> result<> {
         return end_session(tx, who, sha256_hex(one)), result<>();
     }).value();
    CHECK_FALSE(find(w, one));
    CHECK(find(w, two));
    CHECK(rows(w, "sign_out") == 1);

    w.write([&](write_tx& tx) {
         const auto fresh =
             accept_password(rules_of(tx, *get_login(tx, who.login_id)), "new-pass-1", test_cost);
         return change_password(tx, who, *fresh);
     }).value();
    CHECK_FALSE(find(w, two)); // in the same millisecond too
    const auto three = w.sign_in("chenzhiming");
    CHECK(find(w, three));

    w.write([&](write_tx& tx) { return disable_login(tx, system, who.login_id, "离职"); }).value();
    CHECK_FALSE(find(w, three));
    w.write([&](write_tx& tx) { return enable_login(tx, system, who.login_id); }).value();
    CHECK_FALSE(find(w, three)); // does not come back

    const auto four = w.sign_in("chenzhiming");
    w.write([&](write_tx& tx) {
         return suspend_applicant(tx, w.acting("admin"), w.demo.applicants[0], "注销");
     }).value();
    CHECK_FALSE(find(w, four));
    CHECK(w.read([&](read_view& v) { return list_companies(v, who.login_id).empty(); }));
}

TEST_CASE("S5 a person who was reset must choose a new password") {
    account_world w;
    const auto id = w.person("guopeng");
    const auto reset = [&](std::string_view by) {
        const actor who = w.acting(by);
        return w.write([&](write_tx& tx) {
            return set_password(tx, who, id, hash_password("given-123", test_cost), true);
        });
    };
    CHECK(reset("hemin").error().code == errc::not_found);     // a colleague
    CHECK(reset("oujianwen").error().code == errc::not_found); // another institution's administrator
    CHECK(reset("chenzhiming").error().code == errc::not_found);
    REQUIRE(reset("linxiaomin").has_value());
    CHECK(find(w, w.sign_in("guopeng"))->must_change);
    const actor self = w.acting("guopeng");
    w.write([&](write_tx& tx) {
         const auto fresh = accept_password(rules_of(tx, *get_login(tx, id)), "own-12345", test_cost);
         return change_password(tx, self, *fresh);
     }).value();
    CHECK_FALSE(find(w, w.sign_in("guopeng"))->must_change);
}

TEST_CASE("disabling: not oneself, not twice, not a stranger's") {
    account_world w;
    const auto disable = [&](std::string_view by, std::string_view whom) {
        const actor who = w.acting(by);
        const auto id = w.person(whom);
        const auto r = w.write([&](write_tx& tx) { return disable_login(tx, who, id, "离职"); });
        return r ? std::string("fine") : std::string(name_of(r.error().code)) + " " + r.error().detail;
    };
    CHECK(disable("linxiaomin", "linxiaomin") == "not_allowed login.oneself");
    CHECK(disable("linxiaomin", "oujianwen") == "not_found ");
    CHECK(disable("guopeng", "hemin") == "not_found ");
    CHECK(disable("linxiaomin", "hemin") == "fine");
    CHECK(disable("linxiaomin", "hemin") == "stale_state ");
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "login", w.person("hemin")); });
    CHECK(history.back().verb == "disable");
    CHECK(history.back().note == "离职");
}

TEST_CASE("one person in two companies switches; the old session ends, strangers' companies don't exist") {
    account_world w;
    const auto companies =
        w.read([&](read_view& v) { return list_companies(v, find_login(v, "zhouwei")->id); });
    REQUIRE(companies.size() == 2);
    const auto token = w.sign_in("zhouwei");
    const auto first = find(w, token).value();
    CHECK(first.who.applicant_id == companies[0].applicant_id);
    const auto to = [&](std::int64_t company) {
        return w.write(
            [&](write_tx& tx) { return switch_company(tx, first.who, first.token_hash, company); });
    };
    CHECK(to(w.demo.applicants[0]).error().code == errc::not_found);
    CHECK(to(0).error().code == errc::not_found);
    CHECK(find(w, token));
    const auto made = to(companies[1].applicant_id).value();
    CHECK_FALSE(find(w, token));
    const auto second = find(w, made.token).value();
    CHECK(second.who.applicant_id == companies[1].applicant_id);
    CHECK_FALSE(second.who.roles.has(role::owner)); // roles are the company's
    CHECK(second.csrf != first.csrf);
    CHECK(to(companies[1].applicant_id).error().code == errc::not_found); // the old session is over
}

TEST_CASE("S1 a session for a company one is not of finds nobody") {
    account_world w;
    const auto stranger = w.person("liangminyi");
    const auto made =
        w.write([&](write_tx& tx) -> result<new_session> {
             return begin_session(tx, {stranger, w.demo.applicants[0], "password", "", "203.0.113.5"});
         }).value();
    CHECK_FALSE(find(w, made.token));
}

TEST_CASE("own sessions are listed, newest first") {
    account_world w;
    w.sign_in("chenzhiming", "203.0.113.1");
    w.time.advance(1min);
    w.sign_in("chenzhiming", "203.0.113.2");
    const actor who = w.acting("chenzhiming");
    const auto all = w.read([&](read_view& v) { return list_sessions(v, who, who.login_id); });
    REQUIRE(all.size() == 2);
    CHECK(all[0].source == "203.0.113.2");
    CHECK(all[1].source == "203.0.113.1");
}
