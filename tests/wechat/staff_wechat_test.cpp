// Staff's WeChat from end to end: the QR code on the desktop page, the confirmation on the phone, unbinding,
// the tag at WeChat, and signing in by phone where it is switched on.
#include "core/account/binding.hpp"
#include "core/account/scan.hpp"
#include "core/account/staff_wechat.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/mp/staff_tags.hpp"
#include "wechat/sandbox/apis.hpp"
#include "wechat/server/form.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace {

using core::account::reference_of;
using namespace std::chrono_literals;
using namespace tests;

constexpr std::string_view openid = "oStaff000000000000000000001";
constexpr std::int64_t tag = 100;

struct staff_phone_world : site {
    staff_phone_world() : phone(*this, "203.0.113.9") {
        platform->add_phone(openid, "机构的手机");
        platform->use([](wechat::sandbox::state& s) { return s.tags[tag] = "机构人员", 0; });
        settings().staff_tag = tag;
    }
    // The phone scans what this desktop shows; the chat's answer.
    std::string scan_shown(browser& desktop) {
        REQUIRE(desktop.get("/scan/qr.svg").status == 200);
        platform->scan(openid, platform->recent_codes().front().url);
        return answer_pushes();
    }
    // Opens the link of the chat through WeChat's silent sign-in; the page.
    wechat::response open_on_phone(const std::string& scene) {
        const auto gone = phone.get("/wx/enter?to=/scan/" + reference_of(scene));
        if (gone.status == 303) return phone.get(location_of(gone));
        const std::string url = location_of(gone);
        const auto at = url.find("&state=") + 7;
        const auto back = phone.get("/wx/oauth?code=" + platform->begin_oauth(openid) +
                                    "&state=" + url.substr(at, url.find('&', at) - at));
        return phone.get(location_of(back));
    }
    void bind(std::string_view username) {
        const auto who = acting(username);
        write([&](core::db::write_tx& tx) {
            return core::account::bind_staff_wechat(tx, who, openid);
        }).value();
    }
    bool has_tag() {
        return platform->use([](wechat::sandbox::state& s) { return s.find(openid)->tags.contains(tag); });
    }
    int tell() { return wechat::mp::tell_staff_tags(*services.api, db()); }
    browser phone;
};

} // namespace

TEST_CASE("U4 staff bind their WeChat: code on the desktop, confirmation on the phone, then unbinding") {
    staff_phone_world w;
    browser desktop(w, "10.0.0.1");
    desktop.take_session(w.sign_in("guopeng"));
    CHECK(contains(desktop.get("/staff/wechat"), "扫码绑定"));
    CHECK(location_of(desktop.post("/staff/wechat/scan")) == "/scan");
    CHECK(contains(desktop.get("/scan"), "action=\"/scan/use\""));
    const auto scene = desktop.cookie("__Host-scene");
    const auto said = w.scan_shown(desktop);
    for (const std::string_view part : {"绑定到平台账号", "机构：佛山市质量计量监督检测中心", "账号：郭鹏"})
        CHECK_MESSAGE(said.find(part) != std::string::npos, said);
    CHECK(said.find("/wx/enter?to=/scan/" + reference_of(scene)) != std::string::npos);
    // S12: what stays of it in the base for a week makes no code and ends at no desktop.
    CHECK(w.count("SELECT count(*) FROM wx_inbox WHERE reply LIKE '%/scan/%'") == 1);
    CHECK(w.count("SELECT count(*) FROM wx_inbox WHERE reply LIKE '%" + scene + "%' OR text <> ''") == 0);
    const auto asked = w.open_on_phone(scene);
    CHECK(contains(asked, "确认绑定"));
    CHECK(contains(asked, "佛山市质量计量监督检测中心"));
    CHECK(w.count("SELECT count(*) FROM binding") == 0); // looking at it does nothing
    CHECK(w.phone.post("/scan/" + reference_of(scene) + "/confirm").status == 303);
    CHECK(contains(desktop.get("/scan/state"), "confirmed"));
    CHECK(location_of(desktop.post("/scan/use")) == "/staff/wechat");
    const auto page = desktop.get("/staff/wechat");
    CHECK(contains(page, "尾号 …000001"));
    const auto id = std::to_string(w.count("SELECT id FROM binding WHERE unbound_at IS NULL"));
    browser colleague(w);
    colleague.take_session(w.sign_in("hemin"));
    CHECK(colleague.post("/staff/wechat/" + id + "/unbind").status == 404);
    CHECK(location_of(desktop.post("/staff/wechat/" + id + "/unbind")) == "/staff/wechat?done=unbound");
    CHECK_FALSE(contains(desktop.get("/staff/wechat"), "尾号"));
}

TEST_CASE(
    "U4 S4 an administrator unbinds a colleague's WeChat: list, question, answer, message to the person") {
    staff_phone_world w;
    w.bind("guopeng");
    CHECK(w.tell() == 1);
    const auto id = std::to_string(w.count("SELECT id FROM binding WHERE unbound_at IS NULL"));
    const auto question = "/staff/wechat/" + id + "/unbind";
    browser head(w), colleague(w), elsewhere(w), own(w);
    head.take_session(w.sign_in("linxiaomin"));
    colleague.take_session(w.sign_in("hemin"));
    elsewhere.take_session(w.sign_in("oujianwen"));
    own.take_session(w.sign_in("guopeng"));
    CHECK(contains(head.get("/staff/wechat"), "/staff/wechat/colleagues"));
    CHECK_FALSE(contains(colleague.get("/staff/wechat"), "/staff/wechat/colleagues"));
    CHECK(colleague.get("/staff/wechat/colleagues").status == 403);
    CHECK(colleague.get(question).status == 403);
    CHECK(colleague.post(question).status == 404);
    CHECK(elsewhere.post(question).status == 404); // an institution's person of another place
    const auto list = head.get("/staff/wechat/colleagues");
    CHECK(contains(list, "郭鹏"));
    CHECK(contains(list, "尾号 …000001"));
    CHECK(contains(list, "href=\"" + question + "\""));
    CHECK_FALSE(contains(list, std::string(openid)));
    const auto asked = head.get(question);
    CHECK(contains(asked, "解绑郭鹏的微信？"));
    CHECK(contains(asked, "确认解绑"));
    CHECK(w.count("SELECT count(*) FROM binding WHERE unbound_at IS NULL") == 1); // asking does nothing
    CHECK(location_of(head.post(question)) == "/staff/wechat/colleagues?done=colleague_unbound");
    CHECK(contains(head.get("/staff/wechat/colleagues?done=colleague_unbound"), "已给本人发站内消息"));
    CHECK(contains(head.get("/staff/wechat/colleagues"), "没有同事绑定微信"));
    CHECK(head.get(question).status == 404);
    CHECK(head.post(question).status == 404); // pressed twice
    CHECK(contains(own.get("/staff/messages"), "微信解绑通知"));
    CHECK_FALSE(contains(colleague.get("/staff/messages"), "微信解绑通知"));
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'unbind'") == 1);
    CHECK(w.tell() == 1); // the tag goes, too
    CHECK_FALSE(w.has_tag());
}

TEST_CASE("U3 the staff tag is put and taken off at WeChat, tried again after a failure, never inside the "
          "binding") {
    staff_phone_world w;
    w.bind("guopeng");
    CHECK_FALSE(w.has_tag()); // binding asks nobody
    wechat::sandbox::fault away;
    away.html = true;
    away.times = 1;
    w.platform->faults().set("/cgi-bin/tags/members/batchtagging", away);
    CHECK(w.tell() == 0);
    CHECK(w.tell() == 0); // a minute's rest
    w.time.advance(61s);
    CHECK(w.tell() == 1);
    CHECK(w.has_tag());
    CHECK(w.tell() == 0);
    const auto id = w.count("SELECT id FROM binding WHERE unbound_at IS NULL");
    const auto guo = w.acting("guopeng");
    w.write([&](core::db::write_tx& tx) { return core::account::unbind_staff_wechat(tx, guo, id); }).value();
    CHECK(w.has_tag());
    CHECK(w.tell() == 1);
    CHECK_FALSE(w.has_tag());
    CHECK(w.count("SELECT count(*) FROM staff_tag") == 0);
}

TEST_CASE("U3 the staff tag: of who left it is off already; a tag WeChat does not know is kept trying, ever "
          "slower") {
    staff_phone_world w;
    w.bind("guopeng");
    CHECK(w.tell() == 1);
    w.platform->set_following(openid, false);
    w.answer_pushes(); // the account hears of it and undoes the binding
    CHECK(w.tell() == 1);
    CHECK(w.count("SELECT count(*) FROM staff_tag") == 0);
    w.platform->set_following(openid, true);
    w.answer_pushes();
    w.settings().staff_tag = 7; // not there
    w.bind("guopeng");
    for (int n = 0; n < 6; ++n) {
        CHECK(w.tell() == 0);
        w.time.advance(std::chrono::minutes(1 << n));
    }
    CHECK(w.count("SELECT tries FROM staff_tag") == 6);
    CHECK(w.count("SELECT count(*) FROM staff_tag WHERE why = 'wechat.refused 45159'") == 1);
    w.settings().staff_tag = 0; // no tag configured: nothing is told
    w.time.advance(7h);
    CHECK(w.tell() == 0);
    CHECK(w.count("SELECT tries FROM staff_tag") == 6);
    w.settings().staff_tag = tag;
    CHECK(w.tell() == 1);
    CHECK(w.has_tag());
}

TEST_CASE("S7 sign-in codes: a browser keeps its code, a network gets so many, and all together") {
    staff_phone_world w;
    w.settings().staff_sign_in = true;
    const auto codes = [&w] {
        return w.platform->use([](wechat::sandbox::state& s) { return s.codes.size(); });
    };
    browser one(w, "10.0.0.1");
    CHECK(location_of(one.post("/staff/login/scan")) == "/scan?for=staff");
    const auto first = one.cookie("__Host-scene");
    CHECK(location_of(one.post("/staff/login/scan")) == "/scan?for=staff"); // pressed again: the same
    CHECK(one.cookie("__Host-scene") == first);
    CHECK(codes() == 1);
    w.time.advance(6min); // soon over: a new one
    one.post("/staff/login/scan");
    CHECK(one.cookie("__Host-scene") != first);
    CHECK(codes() == 2);
    w.time.advance(20min);
    int made = 0;
    const auto ask = [&](const std::string& from) {
        browser b(w, from);
        const auto answer = b.post("/staff/login/scan");
        made += answer.status == 303 ? 1 : 0;
        return answer.status;
    };
    for (int n = 0; n < 70; ++n)
        ask("2001:db8:1:2::" + std::to_string(n + 1)); // one customer's /64
    CHECK(made == 60);
    CHECK(ask("2001:db8:1:2::ffff") == 429);
    CHECK(ask("10.0.0.7") == 303);
    w.time.advance(11min);
    CHECK(ask("2001:db8:1:2::ffff") == 303);
}

TEST_CASE("S4 staff sign in by phone only where it is switched on, and only who is bound as staff") {
    staff_phone_world w;
    browser desktop(w, "10.0.0.1");
    CHECK_FALSE(contains(desktop.get("/staff/login"), "微信扫码登录"));
    CHECK(desktop.post("/staff/login/scan").status == 404);
    CHECK(location_of(w.phone.get("/wx/enter?to=/staff/desk")) == "/staff/desk"); // its sign-in page asks
    w.settings().staff_sign_in = true;
    CHECK(contains(desktop.get("/staff/login"), "微信扫码登录"));
    CHECK(location_of(desktop.post("/staff/login/scan")) == "/scan?for=staff");
    auto said = w.scan_shown(desktop);
    CHECK(said.find("还没有绑定工作人员的账号") != std::string::npos);
    CHECK(contains(w.open_on_phone(desktop.cookie("__Host-scene")), "还没有绑定工作人员的账号"));
    w.bind("guopeng");
    CHECK(location_of(desktop.post("/staff/login/scan")) == "/scan?for=staff");
    said = w.scan_shown(desktop);
    CHECK(said.find("账号：郭鹏") != std::string::npos);
    const auto scene = desktop.cookie("__Host-scene");
    CHECK(contains(w.open_on_phone(scene), "确认登录"));
    CHECK(w.phone.post("/scan/" + reference_of(scene) + "/confirm").status == 303);
    CHECK(location_of(desktop.post("/scan/use")) == "/staff");
    CHECK(desktop.get("/staff/desk").status == 200);
    CHECK(desktop.get("/me").status == 403); // not as a company
}

TEST_CASE(
    "S4 the staff menu's pages open on a bound phone without a password, on others by the sign-in page") {
    staff_phone_world w;
    w.settings().staff_sign_in = true;
    const auto come_in = [&](browser& b) {
        const std::string url = location_of(b.get("/wx/enter?to=/staff/desk"));
        const auto at = url.find("&state=") + 7;
        return location_of(b.get("/wx/oauth?code=" + w.platform->begin_oauth(openid) +
                                 "&state=" + url.substr(at, url.find('&', at) - at)));
    };
    browser unbound(w);
    CHECK(come_in(unbound) == "/staff/login?next=%2Fstaff%2Fdesk");
    CHECK(w.count("SELECT count(*) FROM session") == 0);
    w.bind("guopeng");
    browser bound(w);
    CHECK(come_in(bound) == "/staff/desk");
    CHECK(bound.get("/staff/desk").status == 200);
    CHECK(location_of(bound.get("/wx/enter?to=/staff/desk")) == "/staff/desk"); // no round trip any more
    CHECK(w.count("SELECT count(*) FROM session WHERE via = 'wechat' AND applicant_id IS NULL") == 1);
    // Unbound on that phone itself: out at once, and not in again by the same address.
    const auto id = std::to_string(w.count("SELECT id FROM binding WHERE unbound_at IS NULL"));
    CHECK(location_of(bound.post("/staff/wechat/" + id + "/unbind")) == "/staff/wechat?done=unbound");
    CHECK(location_of(bound.get("/staff/desk")).starts_with("/staff/login"));
    CHECK(come_in(bound) == "/staff/login?next=%2Fstaff%2Fdesk");
}
