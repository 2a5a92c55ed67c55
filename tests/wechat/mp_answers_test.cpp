// What the chat answers about orders and instruments, to whom, and how often (ux.md 3.4; M28, M30, M32).
#include "core/account/login.hpp"
#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/due/due.hpp"
#include "tests/wechat/chat_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using core::appointment::order;
using tests::chat_world;
using tests::has;

// One more like an instrument of this company that must be verified again, ending then.
void copy_due(core::db::write_tx& tx, std::int64_t company, std::string_view until, std::string_view serial) {
    tx.exec(
        R"sql(INSERT INTO instrument (id, applicant_id, name, model, measuring_range, accuracy_class, serial_no, own_no,
                    manufacturer, origin, location_text, purchased_on, instrument_status, purpose, instrument_type,
                    method, region_code, catalogue_id, type_approval_no, tags, remark, used_by, serial_key,
                    filing_status, filing_at, institution_id, period_months, return_reason, certificate_no,
                    verified_on, valid_until, barred, due_kind, created_at, updated_at, version)
                  SELECT $1, applicant_id, name, model, measuring_range, accuracy_class, $2, own_no,
                    manufacturer, origin, location_text, purchased_on, instrument_status, purpose, instrument_type,
                    method, region_code, catalogue_id, type_approval_no, tags, remark, used_by, $2,
                    filing_status, filing_at, institution_id, period_months, return_reason, certificate_no,
                    verified_on, $3, barred, 'book', created_at, updated_at, version
                  FROM instrument WHERE applicant_id = $4 AND filing_status = 'filed' ORDER BY id LIMIT 1)sql",
        tx.new_id(), serial, until, company);
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

TEST_CASE("M30 digits that are nobody's order number are neither looked for, nor echoed, nor counted") {
    chat_world w;
    const auto own = w.orders("chenzhiming").front();
    const std::vector<std::string_view> never = {
        "证书编号 LX20261125001", "LX26112500123",   "91440600MA4UABCD12",
        "2026-11-25 10:30",       "2026-11-25 1030", "2026年11月25日10时30分15秒",
        "123456789012",           "020-12345678",    "8613800001234",
        "26110000000000000",      "3011 0000 0000",  "2613 0000 0000"};
    for (int round = 0; round < 2; ++round)
        for (const auto& typed : never) {
            CAPTURE(typed);
            const std::string said = w.say(typed, "oCareful");
            CHECK_FALSE(has(said, "没有找到单号"));
            CHECK_FALSE(has(said, "1 小时后再试"));
        }
    // Meant as one, but it cannot exist: told, yet no guess.
    for (const std::string_view typed : {"2611 0000 0000", "2611-4827-305", "２６１１４８２７３０５８１"})
        for (int i = 0; i < 5; ++i)
            CHECK(has(w.say(typed, "oCareful"), "没有找到单号"));
    CHECK(has(w.say(own.number, "oCareful"), "状态："));
    CHECK(w.count("SELECT count(*) FROM attempt") == 0);
}

TEST_CASE("M30 two numbers in one message: the first is answered, and the other is not dropped in silence") {
    chat_world w;
    const auto all = w.orders("chenzhiming");
    REQUIRE(all.size() > 1);
    const std::string one = core::show_order_number(all[0].number),
                      two = core::show_order_number(all[1].number);
    for (const std::string& typed :
         {one + "和" + two, one + " " + two, all[0].number + "\n" + all[1].number}) {
        CAPTURE(typed);
        const std::string said = w.say(typed);
        CHECK(said.starts_with("预约单 " + one));
        CHECK(said.ends_with("一次查询一个单号，其他单号请再发一次。"));
    }
    CHECK_FALSE(has(w.say(one + "，" + one), "一次查询一个单号"));
    CHECK_FALSE(has(w.say(one + "，13800001234"), "一次查询一个单号"));
}

TEST_CASE("M30 U3 one order: whole texts of every status, by method, for the owner and for everybody else") {
    chat_world w;
    w.bind("chenzhiming", tests::some_openid);
    using core::appointment::order_status;
    auto o = w.in_state("chenzhiming", order_status::confirmed);
    struct row {
        std::string_view status, next;
        bool closed = true;
    };
    const auto walk = [&](std::string_view method, const std::vector<row>& table) {
        for (const auto& r : table) {
            CAPTURE(method);
            CAPTURE(r.status);
            w.write([&](core::db::write_tx& tx) -> core::result<> {
                 const bool closed = r.closed;
                 tx.exec(
                     R"sql(UPDATE appointment_order SET status = $1, method = $2, reason = '', closed_at = $3
                               WHERE id = $4)sql",
                     r.status, method, closed ? std::optional(tx.now()) : std::nullopt, o.id);
                 return {};
             }).value();
            const auto now = core::appointment::parse_order_status(r.status).value();
            const std::string head = "预约单 " + core::show_order_number(o.number) + "\n状态：" +
                                     std::string(core::appointment::order_tag(now).text) + "\n机构：" +
                                     o.institution_name + "\n时间：" +
                                     o.time_words(core::local_date(w.time.now()));
            std::string own = head + "\n" + std::string(r.next) + "\n";
            if (now == order_status::confirmed && method == "deliver")
                own += "请携带：" + o.bring_note + "\n";
            if (now == order_status::rejected)
                own += "<a href=\"https://example.com/wx/enter?to=/book\">点此重新预约</a>\n";
            CHECK(w.say(o.number) == own + "<a href=\"https://example.com/wx/enter?to=/orders/" +
                                         std::to_string(o.id) + "\">查看详情</a>");
            CHECK(w.say(o.number, "oStranger") == head +
                                                      "\n绑定账号后可查看器具明细并接收通知：<a "
                                                      "href=\"https://example.com/wx/enter\">点此绑定</a>");
        }
    };
    REQUIRE(!o.bring_note.empty());
    const std::vector<row> both = {{"pending", "技术机构确认后会通知您，请留意消息。", false},
                                   {"rejected", "请按原因调整后重新选择时间预约。"},
                                   {"order_returned", "器具备案已撤销，请到“被退回”修改后重新提交。"},
                                   {"cancelled", "名额已释放，需要时请重新预约。"},
                                   {"expired", "预约时间已过，需要时请重新预约。"}};
    walk("deliver", both);
    walk("onsite", both);
    walk("deliver", {{"confirmed", "请携带器具和预约凭证按时到收检大厅。", false},
                     {"received", "器具已收检，完检后会通知您。", false},
                     {"completed", "可查看结论和证书号，并按约定取回器具。"}});
    walk("onsite", {{"confirmed", "请在约定时间安排人员陪同，检定人员将到现场检定。", false},
                    {"received", "正在检定，完检后会通知您。", false},
                    {"completed", "可查看结论和证书号。"}});
}

TEST_CASE("M32 long reasons and several companies: rows go, the link stays, and the head says how many") {
    chat_world w;
    const std::string both = "oZhou000000000000000000000001";
    w.bind("zhouwei", both, w.company("广东样例燃气有限公司"));
    w.bind("zhouwei", both, w.company("广东样例锅炉安装有限公司"));
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         std::string reason;
         for (int i = 0; i < 60; ++i)
             reason += "时";
         tx.exec("UPDATE appointment_order SET status = 'rejected', reason = $1, closed_at = $2", reason,
                 tx.now());
         return {};
     }).value();
    const std::string said = w.say("查询", both);
    CAPTURE(said);
    CHECK(said.size() <= 2000);
    CHECK(said.ends_with("查看全部</a>"));
    std::size_t rows = 0;
    for (auto at = said.find("原因："); at != std::string::npos; at = said.find("原因：", at + 1))
        ++rows;
    CHECK(rows > 5);
    CHECK(rows < 10);
    CHECK(said.starts_with("您最近的 10 个预约单，这里列出 " + std::to_string(rows) + " 个："));
}

TEST_CASE("M28 到期 of a company with many instruments: the true number, and the ones that end first") {
    chat_world w;
    w.bind("chenzhiming", tests::some_openid);
    const auto company = w.acting("chenzhiming").applicant_id;
    // Its own instruments, made many: every copy ends on another day, the oldest row first.
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         for (int day = 1; day <= 240; ++day)
             copy_due(tx, company, core::to_text(core::add_days(tx.today(), -day)),
                      "S" + std::to_string(day));
         return {};
     }).value();
    const std::string said = w.say("到期");
    CAPTURE(said);
    const auto counts =
        w.read([&](core::db::read_view& v) { return core::due::count_due(v, w.acting("chenzhiming")); });
    CHECK(counts.overdue >= 240);
    CHECK(said.starts_with("您有 " + std::to_string(counts.overdue + counts.soon + counts.replace) +
                           " 台件器具"));
    CHECK(has(said, "以下是最早的 10 台件"));
    for (int day = 240; day > 230; --day)
        CHECK(has(said, "（S" + std::to_string(day) + "）"));
    CHECK_FALSE(has(said, "（S230）"));
    CHECK(said.ends_with("预约这些器具</a>"));
}

TEST_CASE("M30 tries are limited per follower and in total; one's own orders are always told") {
    chat_world w;
    const auto own = w.orders("chenzhiming").front();
    std::string nobodys = "261100000000"; // right, and of no order
    while (!core::is_order_number(nobodys))
        ++nobodys.back();
    w.bind("chenzhiming", "oOwner");
    for (int i = 0; i < 10; ++i)
        CHECK(has(w.say(nobodys, "oGuesser"), "没有找到单号"));
    CHECK(has(w.say(nobodys, "oGuesser"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oGuesser"), "1 小时后再试")); // also a right one: no hint of which are right
    CHECK(has(w.say(nobodys, "oAnother"), "没有找到单号"));
    for (int i = 0; i < 10; ++i)
        w.say(nobodys, "oOwner");
    CHECK(has(w.say(nobodys, "oOwner"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oOwner"), "状态："));
    w.time.advance(61min);
    CHECK(has(w.say(nobodys, "oGuesser"), "没有找到单号"));
    // In total: a thousand wrong numbers an hour from any number of followers.
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         for (int i = 0; i < 1000; ++i)
             core::account::count_failure(tx, "query:*", 1000, std::chrono::minutes(60));
         return {};
     }).value();
    CHECK(has(w.say(nobodys, "oFresh"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oFresh"), "1 小时后再试"));
    CHECK(has(w.say(own.number, "oOwner"), "状态："));
}
