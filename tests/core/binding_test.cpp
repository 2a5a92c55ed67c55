// core/account: WeChat users bound to people of companies, followers, OAuth round trips.
#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/account/session.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core;
using namespace core::account;
using namespace std::chrono_literals;
using db::read_view;
using db::write_tx;
using tests::account_world;

result<std::int64_t> bind_to(account_world& w, const actor& who, std::string_view openid,
                             std::string_view unionid = "") {
    return w.write([&](write_tx& tx) { return bind_wechat(tx, who, openid, unionid); });
}

std::size_t bound(account_world& w, std::int64_t company) {
    return w.read([&](read_view& v) { return list_by_applicant(v, company).size(); });
}

result<oauth_trip> use(account_world& w, std::string_view state, std::string_view browser) {
    return w.write([&](write_tx& tx) { return use_oauth(tx, oauth_purpose::account, state, browser); });
}

std::string begin(account_world& w, std::string_view browser, std::string_view target = "/me") {
    return w
        .write([&](write_tx& tx) -> result<std::string> {
            return begin_oauth(tx, oauth_purpose::account, browser, target, 0);
        })
        .value();
}

} // namespace

TEST_CASE("U4 M7 M8 binding: the person and company that proved themselves, told once") {
    account_world w;
    const actor chen = w.acting("chenzhiming");
    const auto id = bind_to(w, chen, "openid-chen").value();
    CHECK(bind_to(w, chen, "openid-chen").value() == id); // again: the same, nobody is told twice
    const auto found = w.read([](read_view& v) { return list_by_openid(v, "openid-chen"); });
    REQUIRE(found.size() == 1);
    CHECK(found[0].login_name == "陈志明");
    CHECK(found[0].applicant_name == "佛山示例制造有限公司");
    const auto told = w.read([](read_view& v) { return outbox::list_pending(v, 10); });
    REQUIRE(told.size() == 1);
    CHECK(told[0].kind == "wechat_bound");
    CHECK(told[0].applicant_id == chen.applicant_id);
    CHECK(told[0].facts.text("person") == "陈志明");
    CHECK(w.read([&](read_view& v) { return audit::list_for(v, "binding", id).size(); }) == 1);
}

TEST_CASE("U4 S4 no takeover: a WeChat user belongs to one person until unbound") {
    account_world w;
    const actor chen = w.acting("chenzhiming"), liang = w.acting("liangminyi"),
                huang = w.acting("huanglihua");
    const auto id = bind_to(w, chen, "openid-1").value();
    for (const actor& other : {liang, huang}) { // another company's, and a colleague
        const auto refused = bind_to(w, other, "openid-1");
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::conflict);
        CHECK(refused.error().detail == "binding.taken");
        CHECK(refused.error().args[0].second == "佛山示例制造有限公司");
    }
    CHECK(bound(w, liang.applicant_id) == 0);
    CHECK(bound(w, chen.applicant_id) == 1);
    CHECK(w.write([&](write_tx& tx) { return unbind_wechat(tx, liang, id); }).error().code ==
          errc::not_found);
    CHECK(w.write([&](write_tx& tx) { return unbind_wechat(tx, huang, id); }).error().code ==
          errc::not_found);
    REQUIRE(w.write([&](write_tx& tx) { return unbind_wechat(tx, chen, id); }).has_value());
    CHECK_FALSE(w.read([&](read_view& v) { return is_open(v, id); }));
    CHECK(bind_to(w, liang, "openid-1").has_value());
}

TEST_CASE("W4 who may unbind: oneself, the company's owner, staff of its area, the platform; nobody twice") {
    account_world w;
    const actor huang = w.acting("huanglihua");
    const auto attempt_by = [&](const actor& who) {
        const auto id = bind_to(w, huang, "openid-h").value();
        return w.write([&](write_tx& tx) { return unbind_wechat(tx, who, id); }).has_value();
    };
    CHECK(attempt_by(huang));
    CHECK(attempt_by(w.acting("chenzhiming")));
    CHECK(attempt_by(w.acting("admin")));
    CHECK(attempt_by(account_world::system()));
    CHECK(attempt_by(w.acting("linxiaomin")));
    CHECK_FALSE(attempt_by(w.acting("guopeng")));
    CHECK_FALSE(attempt_by(account_world::visitor()));
    CHECK_FALSE(attempt_by(w.acting("liangminyi")));
    const auto id = bind_to(w, huang, "openid-h").value();
    w.write([&](write_tx& tx) { return unbind_wechat(tx, huang, id); }).value();
    CHECK(w.write([&](write_tx& tx) { return unbind_wechat(tx, huang, id); }).error().code ==
          errc::not_found);
}

TEST_CASE(
    "S5 W4 undone by whomever, what came in through that WeChat is signed out at once; a password's stays") {
    account_world w;
    const actor huang = w.acting("huanglihua");
    const auto begin = [&](std::string_view via, std::string_view openid) {
        const session_start s{huang.login_id, huang.applicant_id, std::string(via), std::string(openid),
                              "10.0.0.1"};
        return sha256_hex(
            w.write([&](write_tx& tx) -> result<new_session> { return begin_session(tx, s); }).value().token);
    };
    const auto mine = begin("wechat", "openid-h"), desktop = begin("password", "");
    const auto is_open = [&](const std::string& hash) {
        return w.read([&](read_view& v) { return find_session(v, hash).has_value(); });
    };
    const auto own = bind_to(w, huang, "openid-h").value();
    w.write([&](write_tx& tx) { return unbind_wechat(tx, huang, own); }).value();
    CHECK_FALSE(is_open(mine));
    const auto in_wechat = begin("wechat", "openid-h");
    const auto lost = bind_to(w, huang, "openid-h").value();
    w.write([&](write_tx& tx) { return unbind_wechat(tx, w.acting("chenzhiming"), lost); }).value();
    CHECK_FALSE(is_open(in_wechat));
    CHECK(is_open(desktop));
}

TEST_CASE("U4 only people of companies are bound, and only to sensible openids") {
    account_world w;
    CHECK(bind_to(w, account_world::visitor(), "openid").error().code == errc::not_allowed);
    CHECK(bind_to(w, w.acting("guopeng"), "openid").error().code == errc::not_allowed);
    CHECK(bind_to(w, w.acting("chenzhiming"), "").error().detail == "binding.openid");
    CHECK(bind_to(w, w.acting("chenzhiming"), std::string(65, 'x')).error().detail == "binding.openid");
    CHECK(bind_to(w, w.acting("hejiaxin"), "openid")
              .has_value()); // W1: right after registration, still pending
}

TEST_CASE("one person, two companies, one WeChat user; each company's news reaches it") {
    account_world w;
    const auto companies = w.read([](read_view& v) {
        return list_applicants(v, account_world::system(), {.status = "active"}, {}, 10);
    });
    const actor gas = w.acting("zhouwei", w.company("广东样例燃气有限公司"));
    const actor boiler = w.acting("zhouwei", w.company("广东样例锅炉安装有限公司"));
    CHECK(companies.size() == 4);
    const auto one = bind_to(w, gas, "openid-z", "union-z").value();
    const auto two = bind_to(w, boiler, "openid-z", "union-z").value();
    CHECK(one != two);
    CHECK(bound(w, gas.applicant_id) == 1);
    CHECK(bound(w, boiler.applicant_id) == 1);
    CHECK(w.read([](read_view& v) { return list_acting_by_unionid(v, "union-z").size(); }) == 2); // W2
    CHECK(w.read([](read_view& v) { return list_acting_by_unionid(v, "").empty(); }));
}

TEST_CASE("W4 unfollowing unbinds; following again does not bind again") {
    account_world w;
    const actor chen = w.acting("chenzhiming");
    const auto follow = [&] {
        w.write([](write_tx& tx) -> result<> {
             return record_follow(tx, "openid-1", "ADD_SCENE_QR_CODE", tx.now()), result<>();
         }).value();
    };
    const auto may = [&] { return w.read([](read_view& v) { return may_follow(v, "openid-1"); }); };
    CHECK(may()); // never heard of
    follow();
    const auto id = bind_to(w, chen, "openid-1").value();
    w.write([](write_tx& tx) -> result<> {
         return record_unfollow(tx, "openid-1", tx.now()), result<>();
     }).value();
    CHECK_FALSE(may());
    CHECK_FALSE(w.read([&](read_view& v) { return is_open(v, id); }));
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "binding", id); });
    REQUIRE(history.size() == 2);
    CHECK(history[1].verb == "unbind");
    CHECK(history[1].source == "wechat");
    follow();
    CHECK(may());
    CHECK(bound(w, chen.applicant_id) == 0);
}

TEST_CASE("S4 OAuth state: random, once, ten minutes, the same browser") {
    account_world w;
    const auto state = begin(w, "browser-a", "/orders");
    CHECK(state.size() >= 32); // 128 bits and more, hex: WeChat takes letters and digits only
    CHECK(state.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(state != begin(w, "browser-a"));
    CHECK(w.read([&](read_view& v) {
        return v.query_number(R"sql(SELECT count(*) FROM oauth_state WHERE state_hash = $1)sql", state);
    }) == 0);
    CHECK(use(w, state, "browser-b").error().detail == "oauth.state"); // log-in CSRF
    CHECK(use(w, "0000", "browser-a").error().detail == "oauth.state");
    CHECK(use(w, "", "").error().detail == "oauth.state");
    CHECK_FALSE(use(w, state, "browser-a").value().again);
    const auto twice = use(w, state, "browser-a").value(); // once for anybody: the same browser is told again
    CHECK(twice.again);
    CHECK(twice.target == "/orders");
    CHECK(twice.openid.empty());
    CHECK(use(w, state, "browser-b").error().detail == "oauth.state");
    w.write([&](write_tx& tx) -> result<> { return reopen_oauth(tx, state), result<>(); }).value();
    CHECK_FALSE(use(w, state, "browser-a").value().again); // no verdict: to be tried again
    w.write([&](write_tx& tx) -> result<> {
         keep_openid(tx, state, "openid-1", "union-1");
         reopen_oauth(tx, state); // what is proved stays proved
         return {};
     }).value();
    CHECK(use(w, state, "browser-a").value().openid == "openid-1");
    CHECK(use(w, state, "browser-b").error().detail == "oauth.state");
    const auto late = begin(w, "browser-a");
    w.time.advance(10min);
    CHECK(use(w, late, "browser-a").error().detail == "oauth.state");
    w.time.advance(1ms);
    w.write([](write_tx& tx) -> result<int> { return purge_oauth(tx); }).value();
    CHECK(w.count(R"sql(SELECT count(*) FROM oauth_state)sql") == 0);
}

TEST_CASE("M8 S4 the openid a browser proved waits for the password, in this browser, for ten minutes") {
    account_world w;
    const auto keep = [&](std::string_view state, std::string_view openid) {
        w.write([&](write_tx& tx) -> result<> {
             return keep_openid(tx, state, openid, "u"), result<>();
         }).value();
    };
    const auto proven = [&](std::string_view browser) {
        const auto found = w.read([&](read_view& v) { return find_proven_openid(v, browser); });
        return found ? found->openid + " " + found->target : "";
    };
    const auto state = begin(w, "browser-a", "/me");
    keep(state, "openid-early"); // the state has not come back yet: nothing is proved
    CHECK(proven("browser-a") == "");
    use(w, state, "browser-a").value();
    keep(state, "openid-1");
    CHECK(proven("browser-a") == "openid-1 /me");
    CHECK(proven("browser-b") == "");
    w.time.advance(1min);
    const auto second = begin(w, "browser-a", "/orders");
    use(w, second, "browser-a").value();
    keep(second, "openid-2");
    CHECK(proven("browser-a") == "openid-2 /orders"); // the last one counts
    w.write([](write_tx& tx) -> result<> {
         return forget_proven_openid(tx, "browser-a"), result<>();
     }).value();
    CHECK(proven("browser-a") == "");
    CHECK(use(w, state, "browser-a").value().openid.empty()); // nor told again
    const auto third = begin(w, "browser-a");
    use(w, third, "browser-a").value();
    keep(third, "openid-3");
    w.time.advance(10min);
    CHECK(proven("browser-a") == "");
}

TEST_CASE("S4 a round trip is good for its own sign-in page only") {
    account_world w;
    const std::string browser(64, 'b');
    const auto begun = [&](oauth_purpose p) {
        return w
            .write([&](write_tx& tx) -> result<std::string> { return begin_oauth(tx, p, browser, "/me", 1); })
            .value();
    };
    for (const auto& [own, other] : {std::pair(oauth_purpose::account, oauth_purpose::website),
                                     std::pair(oauth_purpose::website, oauth_purpose::account)}) {
        const auto state = begun(own);
        const auto wrong = w.write([&](write_tx& tx) { return use_oauth(tx, other, state, browser); });
        REQUIRE(wrong.has_error());
        CHECK(wrong.error().detail == "oauth.state");
        CHECK(w.write([&](write_tx& tx) { return use_oauth(tx, own, state, browser); }).has_value());
    }
}

TEST_CASE("W2 unionids are learned later: asked once a day, kept with every binding of the person") {
    account_world w;
    const actor zhou = w.acting("zhouwei", w.company("广东样例燃气有限公司"));
    bind_to(w, zhou, "oZhou").value();
    bind_to(w, w.acting("zhouwei", w.company("广东样例锅炉安装有限公司")), "oZhou").value();
    bind_to(w, w.acting("chenzhiming"), "oChen").value();
    bind_to(w, w.acting("liangminyi"), "oLiang", "union-liang").value();
    const auto open = [&] { return w.read([](read_view& v) { return list_without_unionid(v, 10); }); };
    CHECK(open() == std::vector<std::string>{"oZhou", "oChen"});
    w.write([](write_tx& tx) -> result<> {
         record_unionid(tx, "oZhou", "union-zhou");
         record_unionid(tx, "oChen", ""); // the account is in no Open Platform, or the person is gone
         return {};
     }).value();
    CHECK(open().empty());
    const auto zhous = w.read([](read_view& v) { return list_acting_by_unionid(v, "union-zhou"); });
    REQUIRE(zhous.size() == 2);
    CHECK(zhous[0].login_id == zhou.login_id);
    w.time.advance(std::chrono::hours(25));
    CHECK(open() == std::vector<std::string>{"oChen"});
    w.write([&](write_tx& tx) -> result<> {
         tx.exec("UPDATE login SET status = 'disabled' WHERE id = $1", zhou.login_id);
         return {};
     }).value();
    CHECK(w.read([](read_view& v) { return list_acting_by_unionid(v, "union-zhou"); }).empty());
}

TEST_CASE("W4 W4s undoing a binding ends what came in through it, and nothing else") {
    account_world w;
    const actor gas = w.acting("zhouwei", w.company("广东样例燃气有限公司"));
    const actor boiler = w.acting("zhouwei", w.company("广东样例锅炉安装有限公司"));
    const actor guo = w.acting("guopeng");
    const auto one = bind_to(w, gas, "oZhou").value();
    bind_to(w, boiler, "oZhou").value();
    const auto staff = w.write([&](write_tx& tx) { return bind_staff_wechat(tx, guo, "oZhou"); }).value();
    const auto begin_as = [&](const actor& who, std::string_view via, std::string_view openid) {
        const session_start start{who.login_id, who.applicant_id, std::string(via), std::string(openid), ""};
        return sha256_hex(
            w.write([&](write_tx& tx) -> result<new_session> { return begin_session(tx, start); })
                .value()
                .token);
    };
    const auto is_on = [&](const std::string& hash) {
        return w.count("SELECT count(*) FROM session WHERE token_hash = '" + hash + "'") == 1;
    };
    const auto phone = begin_as(gas, "wechat", "oZhou"), by_code = begin_as(gas, "qr", "oZhou");
    const auto password = begin_as(gas, "password", ""), other_phone = begin_as(gas, "wechat", "oOther");
    const auto other_company = begin_as(boiler, "wechat", "oZhou"),
               at_work = begin_as(guo, "wechat", "oZhou");
    w.write([&](write_tx& tx) { return unbind_wechat(tx, gas, one); }).value();
    for (const auto& gone : {phone, by_code})
        CHECK_FALSE(is_on(gone));
    for (const auto& kept : {password, other_phone, other_company, at_work})
        CHECK(is_on(kept));
    const auto back =
        w.write([&](write_tx& tx) { return switch_company(tx, boiler, other_company, gas.applicant_id); });
    CHECK(back.error().detail == "binding.undone");
    w.write([&](write_tx& tx) { return unbind_staff_wechat(tx, guo, staff); }).value();
    CHECK_FALSE(is_on(at_work));
    CHECK(is_on(other_company));
    const auto elsewhere = begin_as(gas, "wechat", "oZhou"); // of a company that is not bound
    w.write([](write_tx& tx) -> result<> {
         return record_unfollow(tx, "oZhou", tx.now()), result<>();
     }).value();
    CHECK_FALSE(is_on(other_company));
    CHECK_FALSE(is_on(elsewhere));
    CHECK(is_on(password));
}

TEST_CASE("U4 S4 holders who may not sign in give way, people of companies and of staff; others do not") {
    account_world w;
    const actor chen = w.acting("chenzhiming"), liang = w.acting("liangminyi");
    const auto set = [&](std::string_view username, std::string_view status) {
        w.write([&](write_tx& tx) -> result<> {
             return tx.exec("UPDATE login SET status = $1 WHERE username = $2", status, username), result<>();
         }).value();
    };
    const auto old = bind_to(w, liang, "openid-1").value();
    CHECK(bind_to(w, chen, "openid-1").error().detail == "binding.taken");
    set("liangminyi", "disabled");
    CHECK(bind_to(w, chen, "openid-1").has_value());
    CHECK_FALSE(w.read([&](read_view& v) { return is_open(v, old); }));
    CHECK(w.read([&](read_view& v) { return audit::list_for(v, "binding", old); }).back().verb == "unbind");
    const actor guo = w.acting("guopeng"), he = w.acting("hemin");
    const auto bind_staff = [&](const actor& who) {
        return w.write([&](write_tx& tx) { return bind_staff_wechat(tx, who, "openid-2"); });
    };
    bind_staff(guo).value();
    CHECK(bind_staff(he).error().detail == "binding.taken");
    set("guopeng", "disabled");
    CHECK(bind_staff(he).has_value());
}

TEST_CASE("M8 S4 one more company by the session's WeChat: only while it is bound to the same person") {
    account_world w;
    const actor gas = w.acting("zhouwei", w.company("广东样例燃气有限公司"));
    const actor boiler = w.acting("zhouwei", w.company("广东样例锅炉安装有限公司"));
    const auto add = [&](const actor& who, std::string_view openid) {
        return w.write([&](write_tx& tx) { return bind_another(tx, who, openid); });
    };
    CHECK(add(boiler, "oZhou").error().detail == "binding.not_in_wechat");
    const auto first = bind_to(w, gas, "oZhou").value();
    CHECK(add(w.acting("chenzhiming"), "oZhou").error().detail == "binding.not_in_wechat");
    CHECK(add(w.acting("guopeng"), "oZhou").error().detail == "binding.not_in_wechat");
    CHECK(add(gas, "oZhou").value() == first);
    CHECK(add(boiler, "oZhou").has_value());
    CHECK(bound(w, boiler.applicant_id) == 1);
}
