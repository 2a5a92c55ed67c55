// Signing in with a second factor, as staff see it (S7).
#include "core/account/totp.hpp"
#include "core/journal/setting.hpp"
#include "tests/wechat/site.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {

using namespace tests;

// As an authenticator app reads the text below the QR code.
std::string typed_seed(const wechat::response& page) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const auto at = page.body.find("手工输入密钥");
    REQUIRE(at != std::string::npos);
    const auto from = page.body.find('>', at) + 1;
    std::string bytes;
    unsigned held = 0;
    int bits = 0;
    for (const char c : page.body.substr(from, page.body.find('<', from) - from)) {
        if (c == '-') continue;
        held = (held << 5) | static_cast<unsigned>(alphabet.find(c));
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>((held >> bits) & 0xff);
    }
    return bytes;
}

std::string code_of(site& w, const std::string& seed) {
    return core::account::hotp(seed, core::account::totp_step(w.time.now()));
}

// Set up by a person who is signed in; gives the seed.
std::string set_up(site& w, browser& b) {
    CHECK(contains(b.get("/staff/factor/new"), "启用两步验证"));
    CHECK(location_of(b.post("/staff/factor/new")) == "/staff/factor/new");
    const auto page = b.get("/staff/factor/new");
    CHECK(contains(b.get("/staff/factor/qr.svg"), "<svg"));
    const std::string seed = typed_seed(page);
    const auto wrong = b.post("/staff/factor/confirm", {{"code", "000000"}});
    CHECK(wrong.status == 422);
    CHECK(contains(wrong, "请确认手机时间准确"));
    const auto codes = b.post("/staff/factor/confirm", {{"code", code_of(w, seed)}});
    CHECK(codes.status == 200);
    CHECK(contains(codes, "只显示这一次"));
    CHECK(b.get("/staff/factor/qr.svg").status == 404); // never shown again
    w.time.advance(core::account::totp_period);
    return seed;
}

} // namespace

TEST_CASE("S7 staff set up a second factor, and are asked for it after the password before any page opens") {
    site w;
    browser first(w);
    first.sign_in("linxiaomin");
    const auto seed = set_up(w, first);
    CHECK(first.get("/staff/filings").status == 200); // the one who set it up goes on
    browser second(w, "203.0.113.7");
    second.sign_in("linxiaomin");
    for (const auto* path : {"/staff", "/staff/filings", "/staff/password", "/staff/deliveries"})
        CHECK(location_of(second.get(path)) == "/staff/factor");
    const auto refused = second.post("/staff/filings/1/accept");
    CHECK(refused.status == 403);
    CHECK(contains(refused, "请先完成两步验证"));
    CHECK(location_of(second.get("/staff/factor/new")) == "/staff/factor"); // nor setting up another one
    CHECK(second.post("/staff/factor/remove", {{"code", "000000"}}).status == 403);
    CHECK(second.get("/staff/factor").status == 200);
    const auto wrong = second.post("/staff/factor", {{"code", "000000"}});
    CHECK(wrong.status == 422);
    CHECK(contains(wrong, "还可以试 4 次"));
    const auto before = second.cookie("__Host-session");
    const auto code = code_of(w, seed);
    CHECK(location_of(second.post("/staff/factor", {{"code", code}})) == "/staff");
    CHECK(second.cookie("__Host-session") != before);
    CHECK(second.get("/staff/filings").status == 200);
    browser third(w);
    third.sign_in("linxiaomin");
    CHECK(third.post("/staff/factor", {{"code", code}}).status == 422); // replay
    CHECK(third.post("/logout").status == 303);
    CHECK(location_of(third.get("/staff/factor")) == "/staff/login");
    w.time.advance(core::account::totp_period);
    CHECK(location_of(second.post("/staff/factor/remove", {{"code", code_of(w, seed)}})) ==
          "/staff/factor/new?done=factor_removed");
    third.sign_in("linxiaomin");
    CHECK(third.get("/staff").status == 200);
}

TEST_CASE("S7 who must have a second factor sets it up first; others and companies are not asked") {
    site w;
    w.do_now([&](core::db::write_tx& tx) {
        return core::setting::change_setting(tx, w.acting("admin"), "second_factor.required", "higher");
    });
    browser admin(w);
    admin.sign_in("admin");
    CHECK(location_of(admin.get("/staff")) == "/staff/factor");
    CHECK(location_of(admin.get("/staff/factor")) == "/staff/factor/new");
    CHECK(contains(admin.get("/staff/factor/new"), "您的岗位登录时须使用两步验证"));
    set_up(w, admin);
    CHECK(admin.get("/staff").status == 200);
    browser desk(w), company(w);
    desk.sign_in("guopeng");
    CHECK(desk.get("/staff").status == 200);
    company.sign_in("chenzhiming");
    CHECK(company.get("/me").status == 200);
    CHECK(location_of(company.get("/staff/factor")) == "/staff/login");
    CHECK(company.get("/staff/factor/qr.svg").status == 404);
}
