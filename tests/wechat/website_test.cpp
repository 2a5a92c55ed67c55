// The Open Platform's sign-in on a desktop (qrconnect), as an alternative to our own QR code: people are
// found by unionid, whoever is not bound is shown the way, nothing of it can stop the account's own calls.
#include "core/account/binding.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/mp/unionids.hpp"
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

struct website_world : site {
    website_world() {
        platform->add_phone(openid, "手机");
        settings().website_appid = platform->config().website_appid;
        settings().website_secret = platform->config().website_secret;
    }
    void bind(std::string_view username) {
        const auto who = acting(username);
        write([&](core::db::write_tx& tx) {
            return core::account::bind_wechat(tx, who, openid, "");
        }).value();
    }
    std::string code(std::string_view of = openid) {
        return platform->use([&](wechat::sandbox::state& s) {
            return wechat::sandbox::make_oauth_code(s, of, s.config.website_appid, "snsapi_login");
        });
    }
    static std::string state_in(const std::string& url) {
        const auto at = url.find("&state=") + 7;
        return url.substr(at, url.find('#', at) - at);
    }
    std::string leave(browser& b, std::string_view next = "/orders") {
        const auto gone = b.get("/login/website?next=" + std::string(next));
        REQUIRE(gone.status == 302);
        return state_in(location_of(gone));
    }
    static wechat::response come_back(browser& b, const std::string& code, const std::string& state) {
        return b.get("/wx/website?code=" + code + "&state=" + state);
    }
    std::int64_t sessions() { return count("SELECT count(*) FROM session"); }
};

} // namespace

TEST_CASE("M5 qrconnect: the sign-in page leads to it when it is configured, else to our own QR code") {
    website_world w;
    browser desktop(w);
    CHECK(contains(desktop.get("/login?next=/orders"), "href=\"/login/website?next=%2Forders\""));
    const auto gone = desktop.get("/login/website?next=/orders");
    const std::string away = location_of(gone);
    CHECK(away.starts_with(w.settings().oauth_base +
                           "/connect/qrconnect?appid=" + w.settings().website_appid +
                           "&redirect_uri=https%3A%2F%2Fqj.test%2Fwx%2Fwebsite&response_type=code"
                           "&scope=snsapi_login&state="));
    CHECK(away.ends_with("#wechat_redirect"));
    CHECK(website_world::state_in(away).size() == 48);
    w.settings().website_appid.clear();
    CHECK(contains(desktop.get("/login"), "action=\"/login/scan\""));
    CHECK(desktop.get("/login/website").status == 404);
    CHECK(desktop.get("/wx/website?code=c&state=s").status == 404);
}

TEST_CASE(
    "M5 qrconnect: the person is found by unionid, learned from WeChat for a binding made by scanning") {
    website_world w;
    w.bind("chenzhiming"); // knows the openid only
    browser desktop(w);
    const auto state = w.leave(desktop);
    const auto code = w.code();
    const auto back = website_world::come_back(desktop, code, state);
    CHECK(back.status == 303);
    CHECK(location_of(back) == "/orders");
    CHECK(contains(desktop.get("/me"), "佛山示例制造有限公司"));
    CHECK(w.count("SELECT count(*) FROM binding WHERE unionid IS NOT NULL") == 1);
    CHECK(w.count("SELECT count(*) FROM session WHERE via = 'qr'") == 1);
    CHECK(location_of(website_world::come_back(desktop, code, state)) ==
          "/orders"); // again: no second session
    CHECK(w.sessions() == 1);
    desktop.take_session(""); // reloaded before the answer came
    CHECK(location_of(website_world::come_back(desktop, code, state)) == "/orders");
    CHECK(w.sessions() == 2);
    browser other(w);
    CHECK(website_world::come_back(other, code, state).status == 422);
}

TEST_CASE("M5 qrconnect: who is not bound is shown what to do, and is not signed in") {
    website_world w;
    browser desktop(w);
    const auto page = website_world::come_back(desktop, w.code(), w.leave(desktop));
    CHECK(page.status == 200);
    for (const std::string_view part : {"还没有绑定平台账号", "/login?next=/bind", "/register", "我的强检"})
        CHECK_MESSAGE(contains(page, part), part);
    CHECK(w.sessions() == 0);
    w.bind("chenzhiming");
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE login SET status = 'disabled' WHERE username = 'chenzhiming'");
         return {};
     }).value();
    browser again(w); // bound, but the account is closed
    CHECK(contains(website_world::come_back(again, w.code(), w.leave(again)), "还没有绑定平台账号"));
    CHECK(w.sessions() == 0);
}

TEST_CASE(
    "M5 qrconnect: codes used, unknown and over begin again three times; a denial and a bad state are told") {
    website_world w;
    w.bind("chenzhiming");
    const auto used = w.code();
    browser first(w);
    CHECK(location_of(website_world::come_back(first, used, w.leave(first))) == "/orders");
    const auto over = w.code();
    w.time.advance(11min);
    for (const auto& code : {used, std::string("never-given"), over}) {
        CAPTURE(code);
        browser desktop(w);
        auto answer = website_world::come_back(desktop, code, w.leave(desktop));
        for (int again = 2; again <= 3; ++again) {
            REQUIRE(answer.status == 302);
            answer = website_world::come_back(desktop, code, website_world::state_in(location_of(answer)));
        }
        CHECK(answer.status == 422);
        CHECK(contains(answer, "请返回登录页重新扫码"));
    }
    browser desktop(w), attacker(w);
    const auto denied = desktop.get("/wx/website?state=" + w.leave(desktop));
    CHECK(denied.status == 403);
    CHECK(contains(denied, "没有在微信上确认登录"));
    const auto state = w.leave(attacker);
    CHECK(website_world::come_back(desktop, w.code(), state).status == 422); // another browser's
    CHECK(desktop.get("/wx/oauth?code=" + w.code() + "&state=" + w.leave(desktop)).status ==
          422); // another page's
}

TEST_CASE("S11 qrconnect: a wrong secret or a missing Open Platform says so and stops nothing else") {
    website_world w;
    w.bind("chenzhiming");
    w.settings().website_secret = "wrong";
    browser desktop(w);
    const auto wrong = website_world::come_back(desktop, w.code(), w.leave(desktop));
    CHECK(wrong.status == 503);
    CHECK(contains(wrong, "微信登录的配置有误（40125）"));
    CHECK(w.services.api->blocks().empty());
    CHECK(w.services.api->get("/cgi-bin/getcallbackip").has_value());
    w.settings().website_secret = w.platform->config().website_secret;
    w.platform->use([&](wechat::sandbox::state& s) { return s.find(openid)->unionid.clear(), 0; });
    const auto lonely = website_world::come_back(desktop, w.code(), w.leave(desktop));
    CHECK(lonely.status == 503);
    CHECK(contains(lonely, "没有绑定到同一个微信开放平台账号"));
    CHECK(w.sessions() == 0);
}

TEST_CASE("W2 unionids are asked for in one call, only with a website application, and not again for a day") {
    website_world w;
    w.bind("chenzhiming");
    w.settings().website_appid.clear();
    CHECK(wechat::mp::learn_unionids(*w.services.api, w.db()) == 0);
    w.settings().website_appid = w.platform->config().website_appid;
    w.platform->use([&](wechat::sandbox::state& s) { return s.find(openid)->unionid.clear(), 0; });
    CHECK(wechat::mp::learn_unionids(*w.services.api, w.db()) == 0);
    w.platform->use([&](wechat::sandbox::state& s) { return s.find(openid)->unionid = "union-of-chen", 0; });
    CHECK(wechat::mp::learn_unionids(*w.services.api, w.db()) == 0); // asked today
    w.time.advance(25h);
    CHECK(wechat::mp::learn_unionids(*w.services.api, w.db()) == 1);
    CHECK(w.count("SELECT count(*) FROM binding WHERE unionid = 'union-of-chen'") == 1);
}
