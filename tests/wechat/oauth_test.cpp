// Coming in through WeChat: the silent sign-in on a phone and all that may go wrong with it, binding by
// password, several companies under one WeChat user (U4, M7, M8, guarantees S4).
#include "core/account/binding.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/sandbox/apis.hpp"
#include "wechat/server/form.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;
using namespace tests;

constexpr std::string_view openid = "oPhone000000000000000000001";

struct oauth_world : site {
    std::int64_t company_id(std::string_view name) { return account_world::company(name); }
    oauth_world() { platform->add_phone(openid, "手机"); }
    void bind(std::string_view username, std::int64_t applicant = 0, std::string_view to = openid) {
        const auto who = acting(username, applicant);
        write([&](core::db::write_tx& tx) { return core::account::bind_wechat(tx, who, to, ""); }).value();
    }
    // Leaves for WeChat; the state in the address.
    std::string leave(browser& b, std::string_view to = "/orders") {
        const auto gone = b.get("/wx/enter?to=" + wechat::url_encode(to));
        REQUIRE(gone.status == 302);
        return state_in(location_of(gone));
    }
    static std::string state_in(const std::string& url) {
        const auto at = url.find("&state=") + 7;
        return url.substr(at, url.find('&', at) - at);
    }
    static wechat::response come_back(browser& b, const std::string& code, const std::string& state) {
        return b.get("/wx/oauth?code=" + code + "&state=" + state);
    }
    wechat::response round_trip(browser& b, std::string_view to = "/orders") {
        const auto state = leave(b, to);
        return come_back(b, platform->begin_oauth(openid), state);
    }
    std::int64_t sessions() { return count("SELECT count(*) FROM session"); }
    std::int64_t proven() { return count("SELECT count(*) FROM oauth_state WHERE openid IS NOT NULL"); }
};

} // namespace

TEST_CASE("U4 M7 who is bound comes in silently, to a clean address, and at once the next time") {
    oauth_world w;
    w.bind("chenzhiming");
    browser phone(w);
    const auto gone = phone.get("/wx/enter?to=/orders");
    const std::string away = location_of(gone);
    CHECK(away.starts_with(
        w.settings().oauth_base + "/connect/oauth2/authorize?appid=" + w.settings().appid +
        "&redirect_uri=https%3A%2F%2Fqj.test%2Fwx%2Foauth&response_type=code&scope=snsapi_base"
        "&state="));
    CHECK(away.ends_with("#wechat_redirect"));
    const auto state = oauth_world::state_in(away);
    CHECK(state.size() == 48);
    CHECK(state.find_first_not_of("0123456789abcdef") == std::string::npos);
    const auto back = oauth_world::come_back(phone, w.platform->begin_oauth(openid), state);
    CHECK(back.status == 303);
    CHECK(location_of(back) == "/orders"); // neither code nor state in it
    CHECK(phone.get("/orders").status == 200);
    CHECK(location_of(phone.get("/wx/enter?to=/book")) == "/book");
}

TEST_CASE("U4 the callback twice: one session, and the person goes on to the page asked for") {
    oauth_world w;
    w.bind("chenzhiming");
    browser phone(w);
    const auto state = w.leave(phone);
    const auto code = w.platform->begin_oauth(openid);
    CHECK(location_of(oauth_world::come_back(phone, code, state)) == "/orders");
    CHECK(w.sessions() == 1);
    CHECK(location_of(oauth_world::come_back(phone, code, state)) == "/orders"); // reloaded
    CHECK(w.sessions() == 1);
    phone.take_session(""); // WeChat called twice: the second call does not know the first one's cookie
    CHECK(location_of(oauth_world::come_back(phone, code, state)) == "/orders");
    CHECK(phone.get("/orders").status == 200);
    CHECK(w.sessions() == 2);
    browser other(w); // the address in somebody else's hands
    const auto stolen = oauth_world::come_back(other, code, state);
    CHECK(stolen.status == 422);
    CHECK(contains(stolen, "登录已过期，请从公众号菜单"));
    CHECK(w.sessions() == 2);
    w.time.advance(10min); // the state is over, and what it proved with it
    phone.take_session("");
    CHECK(oauth_world::come_back(phone, code, state).status == 422);
}

TEST_CASE("U4 the callback twice for who is not bound: the bind page again, until it is used") {
    oauth_world w;
    browser phone(w);
    const auto state = w.leave(phone);
    const auto code = w.platform->begin_oauth(openid);
    for (int time = 0; time < 2; ++time)
        CHECK(location_of(oauth_world::come_back(phone, code, state)) == "/bind?next=%2Forders");
    CHECK(location_of(phone.post("/bind", {{"username", "chenzhiming"}, {"password", "demo-2026"}})) ==
          "/me");
    CHECK(location_of(oauth_world::come_back(phone, code, state)) == "/orders");
    phone.take_session(""); // what was proved is used up: once more through WeChat
    CHECK(oauth_world::come_back(phone, code, state).status == 302);
}

TEST_CASE("U4 S11 WeChat away at the exchange: the true reason, and the same address works afterwards") {
    oauth_world w;
    w.bind("chenzhiming");
    browser phone(w);
    const auto state = w.leave(phone);
    const auto code = w.platform->begin_oauth(openid);
    wechat::sandbox::fault away;
    away.html = true;
    away.times = 1;
    w.platform->faults().set("/sns/oauth2/access_token", away);
    const auto failed = oauth_world::come_back(phone, code, state);
    CHECK(failed.status == 503);
    CHECK_FALSE(contains(failed, "登录已过期"));
    CHECK(location_of(oauth_world::come_back(phone, code, state)) == "/orders");
    CHECK(w.sessions() == 1);
}

TEST_CASE(
    "U4 a callback whose first call got no verdict yet goes through WeChat once more, three times at most") {
    oauth_world w;
    w.bind("chenzhiming");
    browser phone(w);
    std::string state = w.leave(phone);
    const auto use = [&] { // as the first call does before it asks WeChat
        w.write([&](core::db::write_tx& tx) {
             return core::account::use_oauth(tx, core::account::oauth_purpose::account, state,
                                             phone.cookie("__Host-wx"));
         }).value();
    };
    for (int trip = 2; trip <= 3; ++trip) {
        use();
        const auto again = oauth_world::come_back(phone, "code", state);
        REQUIRE(again.status == 302);
        state = oauth_world::state_in(location_of(again));
    }
    use();
    CHECK(oauth_world::come_back(phone, "code", state).status == 422);
}

TEST_CASE("U4 outside WeChat the way in is the sign-in page with its QR code, not WeChat's refusal") {
    oauth_world w;
    w.settings().oauth_base = "https://open.weixin.qq.com";
    w.settings().staff_sign_in = true;
    browser desktop(w);
    CHECK(location_of(desktop.get("/wx/enter?to=/orders")) == "/login?next=%2Forders");
    CHECK(contains(desktop.get("/login?next=%2Forders"), "微信扫码登录"));
    CHECK(location_of(desktop.get("/wx/enter?to=/staff/orders")) == "/staff/orders");
    desktop.take_session(w.sign_in("chenzhiming"));
    CHECK(location_of(desktop.get("/wx/enter?to=/orders")) == "/orders");
    CHECK(contains(desktop.get("/bind"), "扫码绑定"));
    CHECK_FALSE(contains(desktop.get("/bind"), "href=\"/wx/enter\""));
    browser phone(w);
    phone.use_agent("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50");
    CHECK(location_of(phone.get("/wx/enter?to=/orders")).starts_with("https://open.weixin.qq.com/"));
}

TEST_CASE("U4 a code that is used, unknown or over starts the sign-in again, three times at most") {
    oauth_world w;
    w.bind("chenzhiming");
    const auto used = w.platform->begin_oauth(openid);
    browser first(w);
    CHECK(location_of(oauth_world::come_back(first, used, w.leave(first))) == "/orders");
    const auto over = w.platform->begin_oauth(openid);
    w.time.advance(6min);
    for (const auto& code : {used, std::string("never-given"), over}) { // 40163, 40029, 42003
        CAPTURE(code);
        browser phone(w);
        auto answer = oauth_world::come_back(phone, code, w.leave(phone));
        for (int again = 2; again <= 3; ++again) {
            REQUIRE(answer.status == 302);
            CHECK(location_of(answer).find("/connect/oauth2/authorize") != std::string::npos);
            answer = oauth_world::come_back(phone, code, oauth_world::state_in(location_of(answer)));
        }
        CHECK(answer.status == 422); // no loop
        CHECK(contains(answer, "请从公众号菜单重新进入"));
        // A good code within the round trips goes through to the page that was asked for.
        browser lucky(w);
        const auto retry = oauth_world::come_back(lucky, code, w.leave(lucky, "/filings"));
        const auto fine = w.platform->begin_oauth(openid);
        CHECK(location_of(oauth_world::come_back(lucky, fine, oauth_world::state_in(location_of(retry)))) ==
              "/filings");
    }
}

TEST_CASE("S4 the state: one use, one browser, ten minutes, and a refusal by the person is told") {
    oauth_world w;
    w.bind("chenzhiming");
    browser victim(w), attacker(w);
    const auto state = w.leave(attacker);
    CHECK(oauth_world::come_back(victim, w.platform->begin_oauth(openid), state).status == 422);
    CHECK(w.sessions() == 0);
    const auto late = w.leave(victim);
    w.time.advance(10min);
    CHECK(oauth_world::come_back(victim, w.platform->begin_oauth(openid), late).status == 422);
    for (const auto& bad : {std::string(), std::string("x"), std::string(48, 'a'), std::string(4000, 'a')})
        CHECK(oauth_world::come_back(victim, "c", bad).status == 422);
    const auto denied = victim.get("/wx/oauth?state=" + w.leave(victim));
    CHECK(denied.status == 403);
    CHECK(contains(denied, "没有取得微信授权"));
    CHECK(w.sessions() == 0);
}

TEST_CASE("U4 the way back leads to our own pages only") {
    oauth_world w;
    w.bind("chenzhiming");
    for (const std::string_view foreign : {"//evil.test", "https://evil.test/", "/\\evil.test",
                                           "javascript:alert(1)", "me", "/a b", "/me\r\nX: y"}) {
        CAPTURE(foreign);
        browser phone(w);
        CHECK(location_of(w.round_trip(phone, foreign)) == "/me");
    }
}

TEST_CASE("U4 S4 a snapshot's virtual openid is neither signed in nor kept for binding") {
    oauth_world w;
    w.bind("chenzhiming");
    w.platform->use([&](wechat::sandbox::state& s) { return s.find(openid)->snapshot = true; });
    browser phone(w);
    const auto refused = w.round_trip(phone);
    CHECK(refused.status == 403);
    CHECK(contains(refused, "使用完整服务"));
    CHECK(w.sessions() == 0);
    CHECK(w.proven() == 0);
    w.platform->use([&](wechat::sandbox::state& s) { return s.find(openid)->snapshot = false; });
    CHECK(location_of(w.round_trip(phone)) == "/orders");
}

TEST_CASE("M8 S7 binding asks for the password once, and tries are limited") {
    oauth_world w;
    browser phone(w);
    CHECK(location_of(w.round_trip(phone)) == "/bind?next=%2Forders");
    const auto attempt = [&](std::string password) {
        return phone.post("/bind",
                          {{"username", "chenzhiming"}, {"password", password}, {"next", "/orders"}});
    };
    for (int left = 4; left > 0; --left) {
        const auto wrong = attempt("wrong-password");
        CHECK(wrong.status == 422);
        CHECK(contains(wrong, "还可以试 " + std::to_string(left) + " 次"));
    }
    CHECK(contains(attempt("wrong-password"), "尝试次数过多"));
    CHECK(contains(attempt("demo-2026"), "尝试次数过多"));
    CHECK(w.count("SELECT count(*) FROM binding") == 0);
    w.time.advance(16min);
    CHECK(location_of(w.round_trip(phone)) == "/bind?next=%2Forders"); // what WeChat proved is over too
    CHECK(location_of(attempt("demo-2026")) == "/orders");
    CHECK(w.count("SELECT count(*) FROM binding WHERE unbound_at IS NULL") == 1);
    CHECK(w.proven() == 0);
    browser nobody(w); // without WeChat's word there is nothing to bind
    CHECK(contains(nobody.post("/bind", {{"username", "chenzhiming"}, {"password", "demo-2026"}}),
                   "请从公众号菜单“我的强检”进入"));
}

TEST_CASE("U4 S4 taking over is refused with the way out; after unbinding the phone is free") {
    oauth_world w;
    w.platform->add_phone("oSecond00000000000000000002", "另一部");
    browser phone(w);
    CHECK(location_of(w.round_trip(phone)) == "/bind?next=%2Forders");
    w.bind("liangminyi"); // meanwhile, from her desktop
    const auto refused = phone.post("/bind", {{"username", "chenzhiming"}, {"password", "demo-2026"}});
    CHECK(refused.status == 409);
    CHECK(contains(refused, "这个微信号已绑定“佛山样例环保检测有限公司”的账号，一个微信号只能绑定一个人。"));
    CHECK(contains(refused, "在“绑定微信”中解绑，或换一个微信号。"));
    browser hers(w);
    CHECK(location_of(w.round_trip(hers)) == "/orders");
    const auto id = w.count("SELECT id FROM binding WHERE unbound_at IS NULL");
    CHECK(contains(hers.get("/bind"), "/bind/" + std::to_string(id) + "/unbind"));
    browser stranger(w);
    stranger.take_session(w.sign_in("chenzhiming"));
    CHECK(stranger.post("/bind/" + std::to_string(id) + "/unbind").status == 404);
    CHECK(location_of(hers.post("/bind/" + std::to_string(id) + "/unbind")) == "/bind?done=unbound");
    browser again(w);
    CHECK(location_of(w.round_trip(again)) == "/bind?next=%2Forders");
    CHECK(location_of(again.post("/bind", {{"username", "chenzhiming"}, {"password", "demo-2026"}})) ==
          "/me");
}

TEST_CASE("U4 several companies under one WeChat user: the first opens, the others are one tap away") {
    oauth_world w;
    const auto gas = w.company_id("广东样例燃气有限公司"), boiler = w.company_id("广东样例锅炉安装有限公司");
    w.bind("zhouwei", gas);
    w.bind("zhouwei", boiler);
    browser phone(w);
    CHECK(location_of(w.round_trip(phone, "/me")) == "/me");
    const auto home = phone.get("/me");
    CHECK(contains(home, "广东样例燃气有限公司"));
    CHECK(contains(home, "/switch/" + std::to_string(boiler)));
    CHECK(location_of(phone.post("/switch/" + std::to_string(boiler))) == "/me");
    CHECK(contains(phone.get("/me"), "/switch/" + std::to_string(gas)));
    CHECK(location_of(phone.get("/wx/enter?to=/orders")) ==
          "/orders"); // still through WeChat, no new round trip
    CHECK(phone.post("/switch/" + std::to_string(w.company_id("佛山样例环保检测有限公司"))).status == 404);
    w.write([&](core::db::write_tx& tx) -> core::result<> { // the first is suspended: the other one opens
         tx.exec("UPDATE applicant SET status = 'suspended' WHERE id = $1", gas);
         return {};
     })
        .value();
    browser fresh(w);
    CHECK(location_of(w.round_trip(fresh, "/me")) == "/me");
    CHECK(contains(fresh.get("/me"), "广东样例锅炉安装有限公司"));
}

TEST_CASE("U4 W4 unbinding shuts this very phone out, and it can be bound to another account at once") {
    oauth_world w;
    w.bind("chenzhiming");
    browser phone(w), desktop(w);
    CHECK(location_of(w.round_trip(phone)) == "/orders");
    desktop.take_session(w.sign_in("chenzhiming")); // by password: nothing of WeChat's
    const auto id = std::to_string(w.count("SELECT id FROM binding WHERE unbound_at IS NULL"));
    CHECK(contains(phone.get("/bind"), "用这个微信登录的手机和电脑会退出"));
    CHECK(location_of(phone.post("/bind/" + id + "/unbind")) == "/bind?done=unbound");
    CHECK(location_of(phone.get("/orders")).starts_with("/login"));
    CHECK(desktop.get("/orders").status == 200);
    CHECK(contains(phone.get("/bind?done=unbound"), "已解绑，这个微信不再收到提醒"));
    w.time.advance(11min); // what the way in had proved is forgotten
    const auto after = phone.get("/bind?done=unbound");
    CHECK(contains(after, "href=\"/wx/enter\""));
    CHECK(contains(after, "绑定账号"));
    CHECK(location_of(w.round_trip(phone, "/me")) == "/bind?next=%2Fme"); // no loop to /me
    CHECK(location_of(phone.post("/bind", {{"username", "liangminyi"}, {"password", "demo-2026"}})) == "/me");
    CHECK(contains(phone.get("/me"), "佛山样例环保检测有限公司"));
}

TEST_CASE("W4 U4 leaving the account shuts the phone out at once") {
    oauth_world w;
    w.bind("chenzhiming");
    browser phone(w);
    CHECK(location_of(w.round_trip(phone)) == "/orders");
    w.platform->set_following(openid, false);
    w.answer_pushes();
    CHECK(location_of(phone.get("/orders")).starts_with("/login"));
    CHECK(w.sessions() == 0);
}

TEST_CASE("U4 M8 the password binds every company of the person; one more is bound by a button in WeChat") {
    oauth_world w;
    const auto gas = w.company_id("广东样例燃气有限公司"), boiler = w.company_id("广东样例锅炉安装有限公司");
    browser phone(w);
    CHECK(location_of(w.round_trip(phone, "/me")) == "/bind?next=%2Fme");
    CHECK(contains(phone.get("/bind"), "账号下的所有单位会一并绑定"));
    CHECK(location_of(phone.post("/bind", {{"username", "zhouwei"}, {"password", "demo-2026"}})) == "/me");
    CHECK(w.count("SELECT count(*) FROM binding WHERE unbound_at IS NULL") == 2);
    CHECK(location_of(phone.post("/switch/" + std::to_string(boiler))) == "/me");
    CHECK(contains(phone.get("/me"), "微信已绑定"));
    // Bound for one company only, as by a code on its desktop: the other one asks for a tap, not for a
    // password.
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         tx.exec("DELETE FROM binding WHERE applicant_id = $1", boiler);
         return {};
     }).value();
    const auto page = phone.get("/bind");
    CHECK(contains(page, "这个微信还没有绑定“广东样例锅炉安装有限公司”"));
    CHECK(contains(page, "绑定本单位"));
    CHECK(location_of(phone.get("/wx/enter?to=/bind")) == "/bind"); // a way that ends, and not in itself
    CHECK(location_of(phone.post("/bind/here")) == "/bind?done=bound");
    CHECK(contains(phone.get("/bind"), "/unbind"));
    CHECK(w.count("SELECT count(*) FROM binding WHERE unbound_at IS NULL") == 2);
    // Unbound from one company, it stays in the other one but does not get back by switching.
    const auto id =
        w.count("SELECT id FROM binding WHERE unbound_at IS NULL AND applicant_id <> " + std::to_string(gas));
    CHECK(location_of(phone.post("/bind/" + std::to_string(id) + "/unbind")) == "/bind?done=unbound");
    CHECK(location_of(w.round_trip(phone, "/me")) == "/me");
    CHECK(contains(phone.get("/me"), "广东样例燃气有限公司"));
    const auto refused = phone.post("/switch/" + std::to_string(boiler));
    CHECK(refused.status == 403);
    CHECK(contains(refused, "这个微信已与该单位解绑"));
    browser desktop(w);
    desktop.take_session(w.sign_in("zhouwei"));
    CHECK(
        contains(desktop.post("/bind/here"), "请从公众号菜单“我的强检”进入")); // WeChat has said nothing here
}

TEST_CASE("U4 the owner sees colleagues' WeChat and undoes a lost one; colleagues see their own only") {
    oauth_world w;
    w.bind("huanglihua");
    browser owner(w), colleague(w);
    CHECK(location_of(w.round_trip(colleague)) == "/orders");
    CHECK_FALSE(contains(colleague.get("/bind"), "本单位其他人的微信"));
    owner.take_session(w.sign_in("chenzhiming"));
    const auto page = owner.get("/bind");
    CHECK(contains(page, "本单位其他人的微信"));
    CHECK(contains(page, "黄丽华"));
    const auto id = std::to_string(w.count("SELECT id FROM binding WHERE unbound_at IS NULL"));
    CHECK(location_of(owner.post("/bind/" + id + "/unbind")) == "/bind?done=unbound");
    CHECK(owner.get("/orders").status == 200);
    CHECK(location_of(colleague.get("/orders")).starts_with("/login"));
}

TEST_CASE("U4 S4 a phone bound to somebody who may not sign in any more is free for who proves a password") {
    oauth_world w;
    w.bind("liangminyi");
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE login SET status = 'disabled' WHERE username = 'liangminyi'");
         return {};
     }).value();
    browser phone(w);
    CHECK(location_of(w.round_trip(phone)) == "/bind?next=%2Forders");
    CHECK(location_of(phone.post("/bind", {{"username", "chenzhiming"}, {"password", "demo-2026"}})) ==
          "/me");
    CHECK(contains(phone.get("/me"), "佛山示例制造有限公司"));
    CHECK(w.count("SELECT count(*) FROM binding WHERE unbound_at IS NULL") == 1);
}
