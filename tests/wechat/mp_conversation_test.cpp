// The chat, row by row (ux.md 3.4): what is sent, what comes back, to whom (M6, U3). Orders and instruments
// are in mp_answers_test.cpp.
#include "core/account/applicant.hpp"
#include "core/base/ids.hpp"
#include "core/catalogue/catalogue.hpp"
#include "tests/wechat/chat_world.hpp"
#include "wechat/mp/conversation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using tests::chat_world;
using tests::has;

} // namespace

TEST_CASE("U3 words: every row of the chat table, whatever stands around them") {
    chat_world w;
    struct row {
        std::string_view typed, expected;
    };
    const std::vector<row> table = {
        {"检定查询", "还没有绑定平台账号，暂时不能查看全部预约单"},
        {"查询", "暂时不能查看全部预约单"},
        {"最近", "暂时不能查看全部预约单"},
        {"查询进度", "暂时不能查看全部预约单"},
        {"我的预约", "暂时不能查看全部预约单"},
        {"单号查询", "请发送预约凭证上的 12 位单号"},
        {"绑定", "https://example.com/wx/enter\">点此绑定"},
        {" 绑 定 ", "点此绑定"},
        {"登录", "点此绑定"},
        {"怎么绑定账号？", "点此绑定"},
        {"解绑", "解绑请在页面中操作"},
        {"我要取消绑定", "解绑请在页面中操作"},
        {"预约", "https://example.com/wx/enter?to=/book"},
        {"预约送检", "预约送检</a>"},
        {"我要预约检定", "预约送检</a>"},
        {"改期", "https://example.com/wx/enter?to=/orders"},
        {"取消预约", "https://example.com/wx/enter?to=/orders"},
        {"备案", "https://example.com/wx/enter?to=/filings"},
        {"到期", "暂时不能查询器具的有效期"},
        {"证书查询", "暂时不能查询器具的有效期"},
        {"人工", "各技术机构的地址和电话"},
        {"电话", "各技术机构的地址和电话"},
        {"客服在吗", "各技术机构的地址和电话"},
        {"帮助", "您可以：\n1. 发送 12 位单号"},
        {"?", "您可以："},
        {"？", "您可以："},
        {"HELP", "您可以："},
        {"ｈｅｌｐ", "您可以："},
        {"嗯嗯", "没有理解您的意思。\n查询预约单请发送 12 位单号"},
        {"嗯嗯", "https://example.com/help\">使用说明"},
        {"", "没有理解您的意思"},
        {"13800001234", "没有理解您的意思"},
        {"2611 4827 305", "没有找到单号 26114827305"}, // one digit is missing
        {"备案查询", "https://example.com/wx/enter?to=/filings"},
        {"备案进度怎么样了", "https://example.com/wx/enter?to=/filings"},
        {"预约取消了吗", "改期和取消请在预约单的页面中操作"},
        {"怎么取消", "改期和取消请在预约单的页面中操作"},
        {"证书什么时候出来", "暂时不能查看全部预约单"},
        {"忘记密码", "https://example.com/institutions\">各机构电话"},
        {"投诉", "各技术机构的地址和电话"},
        {"谢谢", "不客气"},
        {"你好", "您可以：\n1. 发送 12 位单号"},
        {"1", "请发送预约凭证上的 12 位单号"},
        {"2", "暂时不能查看全部预约单"},
        {"３", "暂时不能查询器具的有效期"},
        {"4.", "点此绑定"},
        {" 5 ", "各技术机构的地址和电话"},
        {"6", "没有理解您的意思"},
        {"261100000000", "没有找到单号 2611 0000 0000"},
    };
    for (const auto& r : table) {
        CAPTURE(r.typed);
        const std::string said = w.say(r.typed);
        CAPTURE(said);
        CHECK(has(said, r.expected));
    }
}

TEST_CASE("U3 人工: phone, hours and address of the institution one deals with") {
    chat_world w;
    w.bind("chenzhiming", tests::some_openid);
    const auto o = w.orders("chenzhiming").front();
    const std::string said = w.say("人工");
    for (const auto& part :
         {o.institution_name, o.institution_phone, o.institution_hours, o.institution_address})
        CHECK(has(said, part));
}

TEST_CASE("U3 人工: without an order yet the institution of one's area; unbound the page with all of them") {
    chat_world w;
    w.bind("hejiaxin", "oNew");
    w.write([](core::db::write_tx& tx) -> core::result<> {
         tx.exec("DELETE FROM appointment_order WHERE applicant_id = (SELECT m.applicant_id FROM "
                 "applicant_member m "
                 "JOIN login l ON l.id = m.login_id WHERE l.username = 'hejiaxin')");
         return {};
     }).value();
    const auto near = w.read([&](core::db::read_view& v) {
        const auto company = core::account::list_acting(v, "oNew").front().applicant_id;
        return core::catalogue::list_direct(v, core::account::find_applicant(v, company)->region_code)
            .front();
    });
    const std::string said = w.say("电话", "oNew");
    for (const auto& part : {near.name, near.phone, near.hours, near.address})
        CHECK_MESSAGE(has(said, part), said);
    CHECK(has(w.say("电话", "oNobody"), "<a href=\"https://example.com/institutions\">查看</a>"));
}

TEST_CASE("M6 following is welcomed, also after a QR code; a follower's scan too; leaving undoes bindings") {
    chat_world w;
    for (const std::string_view key : {"qrscene_bind_3f9c", "", "last_trade_no_1"}) {
        const std::string said = w.desk->event("subscribe", "<EventKey>" + std::string(key) + "</EventKey>");
        CHECK(said.starts_with("您好，这里是广东计量强检。"));
        CHECK(has(said, "点此绑定"));
    }
    CHECK(w.count("SELECT count(*) FROM follower WHERE is_following = 1 AND scene = 'qrscene_bind_3f9c'") ==
          1);
    // A code of a page of ours that nobody shows any more; it is a secret and not kept.
    const std::string over(64, 'a');
    CHECK(has(w.desk->event("subscribe", "<EventKey>qrscene_" + over + "</EventKey>", "oNew"),
              "已过期或已被使用"));
    CHECK(w.count("SELECT count(*) FROM follower WHERE openid = 'oNew' AND scene = 'qrscene'") == 1);
    CHECK(has(w.desk->event("SCAN", "<EventKey>" + over + "</EventKey>"), "已过期或已被使用"));
    w.bind("chenzhiming", tests::some_openid);
    CHECK(has(w.desk->event("subscribe", "<EventKey></EventKey>"), "已绑定"));
    CHECK(w.desk->event("SCAN", "<EventKey>poster</EventKey><Ticket>T</Ticket>").starts_with("您好"));
    CHECK(w.desk->event("unsubscribe").empty());
    CHECK(has(w.say("查询"), "还没有绑定"));
    w.bind("chenzhiming", tests::some_openid);
    // Taking a profile back is not leaving: we keep none, and the binding stays.
    CHECK(w.desk->event("user_authorization_revoke", "<OpenID>o</OpenID><RevokeInfo>1</RevokeInfo>").empty());
    CHECK_FALSE(has(w.say("查询"), "还没有绑定"));
    CHECK(w.desk
              ->event("user_authorization_cancellation",
                      "<OpenID>" + std::string(tests::some_openid) + "</OpenID>")
              .empty());
    CHECK(has(w.say("查询"), "还没有绑定"));
}

TEST_CASE("N7 who writes or taps the menu is there: taken for gone by mistake, they are told again") {
    chat_world w;
    const auto follows = [&] {
        return w.read(
            [](core::db::read_view& v) { return core::account::may_follow(v, tests::some_openid); });
    };
    const auto lose = [&] {
        w.write([&](core::db::write_tx& tx) -> core::result<> { // a 43004 of one message
             core::account::record_unfollow(tx, tests::some_openid, tx.now());
             return {};
         })
            .value();
        REQUIRE_FALSE(follows());
        w.time.advance(1min);
    };
    lose();
    w.desk->event("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>success</Status>");
    w.desk->event("unsubscribe");
    CHECK_FALSE(follows()); // what WeChat reports by itself proves nothing
    w.time.advance(1min);
    w.say("帮助");
    CHECK(follows());
    lose();
    w.desk->event("CLICK", "<EventKey>HELP</EventKey>");
    CHECK(follows());
}

TEST_CASE("N7 who writes is a follower, known before or not; the hour of writing is kept, a tap is none") {
    chat_world w;
    const auto wrote = [&] {
        return w.read(
            [](core::db::read_view& v) { return core::account::last_wrote(v, tests::some_openid); });
    };
    const auto rows = [&] { return w.count("SELECT count(*) FROM follower WHERE is_following = 1"); };
    w.desk->event("CLICK", "<EventKey>HELP</EventKey>");
    CHECK_FALSE(wrote());
    CHECK(rows() == 0);
    w.say("帮助");
    const auto first = wrote();
    REQUIRE(first);
    CHECK(rows() == 1);
    w.time.advance(59min);
    w.say("查询");
    CHECK(wrote() == first);
    w.time.advance(1min);
    w.say("查询");
    CHECK(*wrote() - *first == 1h);
}

TEST_CASE("U3 the menu's buttons and scanner") {
    chat_world w;
    w.bind("chenzhiming", tests::some_openid);
    const auto click = [&](std::string_view key) {
        return w.desk->event("CLICK", "<EventKey>" + std::string(key) + "</EventKey>");
    };
    CHECK(has(click("VERIFY_LATEST10"), "您最近的"));
    CHECK(has(click("QUERY_NUMBER"), "请发送预约凭证上的 12 位单号"));
    CHECK(has(click("QUERY_DUE"), "60 天内到期"));
    CHECK(has(click("CONTACT"), "电话："));
    CHECK(has(click("A_BUTTON_OF_AN_OLDER_MENU"), "您可以："));
    const auto o = w.orders("chenzhiming").front();
    const auto scan = [&](const std::string& result) {
        return w.desk->event(
            "scancode_waitmsg",
            "<EventKey>SCAN_QUERY</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>" + result +
                "</ScanResult></ScanCodeInfo>");
    };
    CHECK(has(scan("https://example.com/query?number=" + o.number), core::show_order_number(o.number)));
    CHECK(has(scan(o.number), core::show_order_number(o.number)));
    CHECK(has(scan("CODE_128," + o.number), core::show_order_number(o.number)));
    CHECK(has(scan("https://elsewhere.example"), "没有识别出预约单号"));
    CHECK(has(scan(""), "没有识别出预约单号"));
    for (const std::string_view code : {"http://weixin.qq.com/q/02kZxYz1abcd", "https://weixin.qq.com/q/0"})
        CHECK(has(scan(std::string(code)), "请用微信右上角的“扫一扫”")); // of our own sign-in page
}

TEST_CASE("S8 what people entered on pages is text in the chat, never a link") {
    chat_world w;
    w.bind("chenzhiming", tests::some_openid);
    const auto o = w.in_state("chenzhiming", core::appointment::order_status::rejected);
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE appointment_order SET reason = $1 WHERE id = $2",
                 "<a href=\"https://evil.example\">x</a>]]>", o.id);
         return {};
     }).value();
    for (const std::string& said : {w.say(o.number), w.say("查询")}) {
        CHECK(has(said, "＜a href"));
        CHECK_FALSE(has(said, "<a href=\"https://evil"));
    }
}

TEST_CASE("U3 the texts: no exclamation marks, no emoji, 您, one link a line, links of our own pages") {
    int files = 0;
    for (const auto& name : tests::strict_templates().names()) {
        if (!name.starts_with("text/chat/")) continue;
        ++files;
        const std::string source = tests::strict_templates().source(name);
        CAPTURE(name);
        CHECK(!source.empty());
        for (const std::string_view never : {"！", "!", "亲", "你"})
            CHECK_FALSE(has(source, never));
        for (const char c : source)
            CHECK((static_cast<unsigned char>(c) & 0xF8) != 0xF0); // four bytes: emoji
        std::size_t at = 0;
        for (std::size_t line_end = 0; at < source.size(); at = line_end + 1) {
            line_end = std::min(source.find('\n', at), source.size());
            const std::string line = source.substr(at, line_end - at);
            std::size_t links = 0;
            for (auto link = line.find("<a "); link != std::string::npos;
                 link = line.find("<a ", link + 1), ++links)
                CHECK(line.substr(link).starts_with("<a href=\"{{url}}/"));
            CHECK(links <= 2); // two only in alternatives of one condition
        }
    }
    CHECK(files >= 19);
}
