// What WeChat refuses until somebody mends it: the administrators read it on their pages and are mailed once.
#include "wechat/breaker_alarm.hpp"

#include "core/account/contact.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/mp/api.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tests;

constexpr std::string_view send_path = "/cgi-bin/message/template/send";

struct alarm_world : site {
    struct sent {
        std::string address, subject, text;
    };
    void give_email(std::string_view username, std::string_view address) {
        const auto who = acting(username);
        const auto code =
            write([&](core::db::write_tx& tx) { return core::account::begin_email(tx, who, address); });
        write([&](core::db::write_tx& tx) -> core::result<> {
            CHECK(core::account::verify_email(tx, who, code.value().code) ==
                  core::account::email_outcome::verified);
            return {};
        }).value();
    }
    void refuse(std::string_view path, int errcode, std::string_view words) {
        services.api->note_answer(path, errcode, words);
    }
    int look() { return alarm.look(db(), services.api->blocks()); }

    std::vector<sent> mails_out;
    bool down = false;
    wechat::breaker_alarm alarm{
        *services.problems, "https://qj.test",
        [this](const std::string& to, const std::string& subject, const std::string& text) -> core::result<> {
            if (down) return core::error(core::errc::unavailable, "email.away");
            mails_out.push_back({to, subject, text});
            return {};
        }};
};

constexpr std::string_view not_listed = "invalid ip 203.0.113.77 ipv6 ::ffff:203.0.113.77, not in whitelist";

} // namespace

TEST_CASE("N7 a breaker that opens is mailed once to the platform's administrators, with cause and remedy") {
    alarm_world w;
    w.give_email("admin", "admin@example.com");
    w.give_email("guopeng", "guopeng@example.com"); // of an institution: nothing they could mend
    CHECK(w.look() == 0);
    w.refuse(send_path, 40164, not_listed);
    CHECK(w.look() == 1);
    REQUIRE(w.mails_out.size() == 1);
    const auto& m = w.mails_out[0];
    CHECK(m.address == "admin@example.com");
    CHECK(m.text.find("微信的全部接口暂停调用到") != std::string::npos);
    CHECK(m.text.find("203.0.113.77 不在公众号的 IP 白名单（40164）") != std::string::npos);
    CHECK(m.text.find("https://qj.test/staff/doctor") != std::string::npos);
    CHECK(w.look() == 0);
    // It closes after five minutes and opens again at the next refusal: the same trouble, hour after hour.
    for (int n = 0; n < 30; ++n) {
        w.time.advance(6min);
        w.refuse(send_path, 40164, not_listed);
        CHECK(w.look() == 0);
    }
    w.time.advance(2h); // mended meanwhile, and wrong again
    CHECK(w.look() == 0);
    w.refuse(send_path, 40164, not_listed);
    CHECK(w.look() == 1);
}

TEST_CASE("N7 each cause is an alarm of its own, a minute's quota is none, and a lost mail is tried again") {
    alarm_world w;
    w.give_email("admin", "admin@example.com");
    w.refuse(send_path, 45011, "api minute-quota reach limit");
    CHECK(w.look() == 0);
    w.refuse(send_path, 45009, "reach max api daily quota limit");
    w.down = true;
    CHECK(w.look() == 0);
    w.down = false;
    CHECK(w.look() == 1);
    CHECK(w.mails_out.back().text.find("微信接口 " + std::string(send_path) + " 暂停调用到") !=
          std::string::npos);
    CHECK(w.mails_out.back().text.find("今天的次数已用完（45009）") != std::string::npos);
    w.refuse("/cgi-bin/menu/create", 48001, "api unauthorized");
    CHECK(w.look() == 1);
    CHECK(w.mails_out.back().text.find("没有这个接口的权限（48001）") != std::string::npos);
    CHECK(w.look() == 0);
}

TEST_CASE("N7 while a breaker is open every page of the platform's administrators says so, nobody else's") {
    alarm_world w;
    browser admin(w), clerk(w);
    admin.take_session(w.sign_in("admin"));
    clerk.take_session(w.sign_in("linxiaomin"));
    const auto pages = {"/staff", "/staff/deliveries", "/staff/announcements", "/staff/templates"};
    for (const auto* page : pages)
        CHECK_FALSE(contains(admin.get(page), "暂停调用到"));
    w.refuse(send_path, 40164, not_listed);
    for (const auto* page : pages) {
        CAPTURE(page);
        CHECK(contains(admin.get(page), "微信的全部接口暂停调用到"));
        CHECK(contains(admin.get(page), "203.0.113.77 不在公众号的 IP 白名单"));
    }
    CHECK_FALSE(contains(clerk.get("/staff"), "暂停调用到"));
    w.time.advance(6min);
    CHECK_FALSE(contains(admin.get("/staff"), "暂停调用到"));
}
