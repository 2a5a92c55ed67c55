// The chat, row by row (ux.md 3.4): what is sent, what comes back, to whom (M6, M30, M32, U3).
#include "core/account/applicant.hpp"
#include "core/account/member.hpp"
#include "core/appointment/demo.hpp"
#include "core/appointment/queries.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/db/backup.hpp"
#include "core/instrument/instrument.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/conversation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace {

using namespace std::chrono_literals;
using core::appointment::order;
using tests::callback_desk;
using wechat::mp::topic;

// The demonstration's companies with instruments and orders in every state.
class chat_world : public tests::account_world {
  public:
    chat_world() {
        replace_with(filled());
        desk = std::make_unique<callback_desk>(*this);
    }
    void bind(std::string_view username, std::string_view openid, std::int64_t company = 0) {
        const auto who = acting(username, company);
        write([&](core::db::write_tx& tx) {
            return core::account::bind_wechat(tx, who, openid, "");
        }).value();
    }
    std::vector<order> orders(std::string_view username, std::int64_t company = 0) {
        const auto who = acting(username, company);
        return read(
            [&](core::db::read_view& v) { return core::appointment::list_orders(v, who, {}, 0, 100); });
    }
    order in_state(std::string_view username, core::appointment::order_status s) {
        for (auto& o : orders(username))
            if (o.status == s) return o;
        throw std::runtime_error("no order in that state");
    }
    std::string say(std::string_view text, std::string_view from = tests::some_openid) {
        return desk->say(text, from);
    }
    std::unique_ptr<callback_desk> desk;

  private:
    // Filled once per test program, copied per world.
    static const std::filesystem::path& filled() {
        static const tests::temp_folder folder;
        static const std::filesystem::path file = [] {
            tests::world w;
            core::demo::load(w.db()).value();
            auto made = folder.path() / "demo.db";
            core::db::backup_to(w.file(), made);
            return made;
        }();
        return file;
    }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string wide(std::string_view digits) {
    std::string out;
    for (const char c : digits)
        out += c >= '0' && c <= '9' ? "\xEF\xBC" + std::string(1, static_cast<char>(0x90 + (c - '0')))
                                    : std::string(1, c);
    return out;
}

} // namespace

TEST_CASE("M30 a number typed in any sensible way is found") {
    chat_world w;
    const std::string n = w.orders("chenzhiming").front().number;
    const std::string shown = core::show_order_number(n);
    const auto a = n.substr(0, 4), b = n.substr(4, 4), c = n.substr(8);
    const std::vector<std::string> ways = {n,
                                           shown,
                                           "  " + n + "\n",
                                           a + "-" + b + "-" + c,
                                           a + "－" + b + "－" + c,
                                           a + "–" + b + "—" + c,
                                           wide(n),
                                           wide(a) + "　" + wide(b) + "　" + wide(c),
                                           "单号" + n,
                                           "单号：" + shown + "，谢谢",
                                           "请问 " + n + " 到哪一步了？",
                                           "预约单 " + shown + " 什么时候可以送检",
                                           n + "。",
                                           "我的单号是" + a + " " + b + "\n" + c,
                                           "电话13800001234，单号" + n,
                                           "13800001234 " + n,
                                           n + " 13800001234",
                                           "no." + n + "x",
                                           "https://example.com/query?number=" + n};
    for (const auto& typed : ways) {
        CAPTURE(typed);
        CHECK(core::find_order_number(typed) == n);
        CHECK(w.say(typed).starts_with("预约单 " + shown));
    }
}

TEST_CASE("M30 what is no order number is not taken for one") {
    for (const std::string_view typed : {"", "你好", "13800001234", "020-1234 5678", "2026年11月24日 10:00",
                                         "1234567890123456789012", "91440606MA5EXAM65G"}) {
        CAPTURE(typed);
        CHECK_FALSE(core::find_order_number(typed).has_value());
    }
    CHECK(core::find_order_number("2611 0000 0000") ==
          "261100000000"); // meant as one: its check digit is wrong
}

TEST_CASE("M30 unbound: state, institution and time; never company, person, items or reasons") {
    chat_world w;
    for (const auto& o : w.orders("chenzhiming")) {
        const std::string said = w.say(o.number, "oStranger00000000000000000001");
        CAPTURE(said);
        CHECK(has(said, core::show_order_number(o.number)));
        CHECK(has(said, std::string(core::appointment::order_tag(o.status).text)));
        CHECK(has(said, o.institution_name));
        CHECK(has(said, "点此绑定"));
        CHECK_FALSE(has(said, o.applicant_name));
        CHECK_FALSE(has(said, o.contact_name));
        CHECK_FALSE(has(said, "压力表"));
        CHECK_FALSE(has(said, "/orders/"));
        if (!o.reason.empty()) CHECK_FALSE(has(said, o.reason));
    }
}

TEST_CASE("M30 bound: one's own with the next step and a link; another company's as for everybody") {
    chat_world w;
    using core::appointment::order_status;
    w.bind("chenzhiming", tests::some_openid);
    const auto rejected = w.in_state("chenzhiming", order_status::rejected);
    const std::string said = w.say(rejected.number);
    CHECK(has(said, "原因：" + rejected.reason));
    CHECK(has(said, "<a href=\"https://example.com/wx/enter?to=/book\">点此重新预约</a>"));
    CHECK(has(said,
              "<a href=\"https://example.com/wx/enter?to=/orders/" + std::to_string(rejected.id) + "\">"));
    CHECK_FALSE(has(said, "单位："));
    const auto confirmed = w.in_state("chenzhiming", order_status::confirmed);
    CHECK(has(w.say(confirmed.number), confirmed.bring_note));
    const auto foreign = w.orders("liangminyi").front();
    const std::string other = w.say(foreign.number);
    CHECK(has(other, foreign.institution_name));
    CHECK_FALSE(has(other, foreign.applicant_name));
    CHECK_FALSE(has(other, "点此绑定"));
    CHECK_FALSE(has(other, "/orders/"));
}

TEST_CASE("M32 检定查询: the ten newest, over all companies of a person, newest first") {
    chat_world w;
    CHECK(has(w.say("检定查询"), "还没有绑定平台账号"));
    w.bind("chenzhiming", tests::some_openid);
    const auto own = w.orders("chenzhiming");
    const std::string one = w.say("检定查询");
    CHECK(has(one, "您最近的 " + std::to_string(std::min<std::size_t>(own.size(), 10)) + " 个预约单"));
    CHECK_FALSE(has(one, "佛山示例制造有限公司"));
    const std::string both = "oZhou000000000000000000000001";
    w.bind("zhouwei", both, w.company("广东样例燃气有限公司"));
    w.bind("zhouwei", both, w.company("广东样例锅炉安装有限公司"));
    auto all = w.orders("zhouwei", w.company("广东样例燃气有限公司"));
    for (auto& o : w.orders("zhouwei", w.company("广东样例锅炉安装有限公司")))
        all.push_back(o);
    std::sort(all.begin(), all.end(), [](const order& a, const order& b) { return a.id > b.id; });
    REQUIRE(all.size() > 10);
    const std::string said = w.say("检定查询", both);
    CAPTURE(said);
    CHECK(has(said, "您最近的 10 个预约单"));
    std::size_t last = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        const auto at = said.find(std::to_string(i + 1) + ". " + core::show_order_number(all[i].number));
        REQUIRE(at != std::string::npos);
        CHECK(at >= last);
        last = at;
    }
    CHECK_FALSE(has(said, core::show_order_number(all[10].number)));
    CHECK(has(said, "广东样例燃气有限公司")); // several companies: each row says whose it is
    CHECK(has(said, "广东样例锅炉安装有限公司"));
    CHECK(said.size() <= 2000);
    CHECK(said.ends_with("查看全部</a>"));
    CHECK(has(w.say(all[0].number, both), "单位：" + all[0].applicant_name));
}

TEST_CASE("M32 whoever may no longer sign in no longer asks in the chat either") {
    chat_world w;
    w.bind("chenzhiming", tests::some_openid);
    CHECK(has(w.say("查询"), "您最近的"));
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE login SET status = 'disabled' WHERE username = 'chenzhiming'");
         return {};
     }).value();
    CHECK(has(w.say("查询"), "还没有绑定"));
    CHECK(has(w.say("到期"), "还没有绑定"));
}

TEST_CASE("M28 到期: instruments out of date and due within 60 days, earliest first") {
    chat_world w;
    CHECK(has(w.say("证书什么时候到期"), "还没有绑定"));
    w.bind("chenzhiming", tests::some_openid);
    const std::string soon = w.say("到期");
    CAPTURE(soon);
    CHECK(has(soon, "台件器具已到期或将在 60 天内到期"));
    CHECK(has(soon, "有效期至 2027-01-03")); // recorded with 40 days
    CHECK_FALSE(has(soon, "已过期"));
    w.time.advance(24h * 45);
    CHECK(has(w.say("有效期"), "有效期至 2027-01-03，已过期"));
    w.bind("hejiaxin", "oNew");
    CHECK(has(w.say("到期", "oNew"), "没有已到期"));
}

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
        {"你好", "没有理解您的意思"},
        {"", "没有理解您的意思"},
        {"13800001234", "没有理解您的意思"},
        {"2611 4827 305", "没有找到单号"}, // one digit is missing
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
    CHECK(w.desk
              ->event("user_authorization_cancellation",
                      "<OpenID>" + std::string(tests::some_openid) + "</OpenID>")
              .empty());
    CHECK(has(w.say("查询"), "还没有绑定"));
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
}

TEST_CASE("M30 tries are limited per follower and in total; one's own orders are always told") {
    chat_world w;
    const auto own = w.orders("chenzhiming").front();
    w.bind("chenzhiming", "oOwner");
    for (int i = 0; i < 10; ++i)
        CHECK(has(w.say("261100000000", "oGuesser"), "没有找到单号"));
    CHECK(has(w.say("261100000000", "oGuesser"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oGuesser"), "1 小时后再试")); // also a right one: no hint of which are right
    CHECK(has(w.say("261100000000", "oAnother"), "没有找到单号"));
    for (int i = 0; i < 10; ++i)
        w.say("261100000000", "oOwner");
    CHECK(has(w.say("261100000000", "oOwner"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oOwner"), "状态："));
    w.time.advance(61min);
    CHECK(has(w.say("261100000000", "oGuesser"), "没有找到单号"));
    // In total: a thousand wrong numbers an hour from any number of followers.
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         for (int i = 0; i < 1000; ++i)
             core::account::count_failure(tx, "query:*", 1000, std::chrono::minutes(60));
         return {};
     }).value();
    CHECK(has(w.say("261100000000", "oFresh"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oFresh"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oOwner"), "状态："));
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
