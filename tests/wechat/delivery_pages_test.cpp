// 推送记录 and 待电话通知: what an institution's people see of messages, and do about them.
#include "notify/hub/delivery.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/unreached.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/staff/delivery_words.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace tests;
using core::db::read_view;
using core::db::write_tx;

std::string between(const std::string& page, std::string_view before, std::string_view after) {
    const auto from = page.find(before);
    if (from == std::string::npos) return {};
    const auto begin = from + before.size();
    return page.substr(begin, page.find(after, begin) - begin);
}

void bind(site& w, const core::actor& who, std::string_view openid) {
    w.do_now([&](write_tx& tx) -> core::result<> {
        if (auto b = core::account::bind_wechat(tx, who, openid, ""); !b) return b.error();
        return {};
    });
}

// The only delivery of this kind, with this status put by SQL: what the state looks like on the page.
std::int64_t delivery_in(site& w, std::string_view kind, std::string_view status, int errcode = 0) {
    const auto id = w.read(
        [&](read_view& v) { return v.query_number("SELECT max(id) FROM delivery WHERE kind = $1", kind); });
    w.do_now([&](write_tx& tx) -> core::result<> {
        const bool open = status == "uncertain" || status == "queued";
        tx.exec("UPDATE delivery SET status = $1, lane = $2, errcode = $3 WHERE id = $4", status,
                open ? 2 : 0, errcode, id);
        return {};
    });
    return id;
}

} // namespace

TEST_CASE("N17 a message is found by its order's number, and its page tells its whole life") {
    site w;
    bind(w, w.company, "oFoshanOne000000000000000001");
    browser staff(w, "10.0.0.1"), elsewhere(w, "10.0.0.2");
    staff.sign_in("linxiaomin");
    const auto id = w.book();
    w.run_hub();
    const auto number = w.order(id).number;
    const auto list = staff.get("/staff/deliveries?q=" +
                                core::show_order_number(number).replace(4, 1, "%20").replace(11, 1, "%20"));
    CHECK(list.status == 200);
    CHECK(contains(list, "预约提交通知"));
    CHECK(contains(list, "陈志明"));
    const auto one = between(list.body, "<td><a href=\"/staff/deliveries/", "\"");
    const auto page = staff.get("/staff/deliveries/" + one);
    CHECK(contains(page, "第 1 次：微信已接收"));
    CHECK(contains(page, number));
    CHECK(
        contains(staff.get("/staff/deliveries?q=" + number + "&kind=order_moved"), "没有符合条件的推送记录"));
    elsewhere.sign_in("oujianwen"); // another institution
    CHECK(elsewhere.get("/staff/deliveries/" + one).status == 404);
    CHECK(contains(elsewhere.get("/staff/deliveries?q=" + number), "没有符合条件的推送记录"));
}

TEST_CASE(
    "N17 doubtful and failed states say in Chinese what happened and what to do; sending again asks first") {
    site w;
    bind(w, w.company, "oFoshanOne000000000000000001");
    browser staff(w, "10.0.0.1");
    staff.sign_in("linxiaomin");
    w.book();
    w.run_hub();
    struct row {
        std::string_view status;
        int errcode;
        std::string_view says, asks;
    };
    const row table[] = {
        {"uncertain", 0, "对方可能收到了，也可能没有", "对方可能看到两条同样的通知"},
        {"dead", 0, "一直没有回执", "对方可能看到两条同样的通知"},
        {"blocked", 43101, "对方在微信里拒收了这类通知", "对方只会看到一条"},
        {"blocked", 43004, "对方没有关注公众号", "对方只会看到一条"},
        {"failed", 47003, "重发也不会成功", "对方只会看到一条"},
        {"parked", 40037, "请平台管理员核对模板后恢复发送", "对方只会看到一条"},
        {"failed", 99999, "没有登记的错误码", "对方只会看到一条"},
    };
    for (const auto& r : table) {
        CAPTURE(r.status);
        CAPTURE(r.errcode);
        const auto id = delivery_in(w, "order_submitted", r.status, r.errcode);
        const auto page = staff.get("/staff/deliveries/" + std::to_string(id));
        CHECK(contains(page, r.says));
        CHECK(contains(page, r.asks));
        CHECK(contains(page, "确认重发"));
        CHECK(contains(staff.get("/staff/deliveries?status=" + std::string(r.status)), "预约提交通知"));
    }
    const auto mailed = delivery_in(w, "order_submitted", "accepted");
    w.do_now([&](write_tx& tx) -> core::result<> {
        tx.exec("UPDATE delivery SET channel = 'email' WHERE id = $1", mailed);
        return {};
    });
    const auto by_mail = staff.get("/staff/deliveries/" + std::to_string(mailed));
    CHECK(contains(by_mail, "邮件"));
    CHECK(contains(by_mail, "这种方式没有送达回执")); // no word of WeChat's
    CHECK_FALSE(contains(by_mail, "微信已接收"));
    w.do_now([&](write_tx& tx) -> core::result<> {
        tx.exec("UPDATE delivery SET channel = 'wechat' WHERE id = $1", mailed);
        return {};
    });
    const auto id = delivery_in(w, "order_submitted", "failed", 47003);
    CHECK(location_of(staff.post("/staff/deliveries/" + std::to_string(id) + "/resend")) ==
          "/staff/deliveries/" + std::to_string(id) + "?done=resent");
    CHECK(staff.post("/staff/deliveries/" + std::to_string(id) + "/resend").status == 409); // once
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'resend'") == 1);
}

TEST_CASE("N17 what a try without a code came to is told in Chinese; the other side's own words are quoted") {
    using wechat::staff::note_word;
    CHECK(note_word("") == "");
    CHECK(note_word("answer of status 502") == "回答的内容无法识别，HTTP 状态码 502");
    CHECK(note_word("the connection was closed before any answer") == "连接在回答之前断开");
    CHECK(note_word("no template id for order_moved") == "没有配置消息模板");
    CHECK(note_word("Timeout was reached") == "等待回答超时");
    CHECK(note_word("550 no such user") == "对方的答复：550 no such user");
    CHECK(notify::delivery_word("blocked") == "对方收不到"); // also who does not follow
}

TEST_CASE("N17 every error code of the platform has an advice in Chinese") {
    site w;
    bind(w, w.company, "oFoshanOne000000000000000001");
    browser staff(w, "10.0.0.1");
    staff.sign_in("linxiaomin");
    w.book();
    w.run_hub();
    for (const auto& e : wechat::mp::known_errors()) {
        if (e.kind == wechat::mp::error_class::ok || e.kind == wechat::mp::error_class::benign) continue;
        CAPTURE(e.code);
        const auto id = delivery_in(w, "order_submitted", "failed", e.code);
        const auto page = staff.get("/staff/deliveries/" + std::to_string(id)).body;
        const auto done = between(page, "<h2>处理</h2>", "<details");
        CHECK(done.find("delivery.") == std::string::npos);
        CHECK(between(done, "<p>", "</p>").size() > 20);
    }
}

TEST_CASE("S13 who was reached by no channel is phoned: name, number, what about; marked with who and when") {
    site w;
    browser staff(w, "10.0.0.1"), other(w, "10.0.0.2");
    staff.sign_in("linxiaomin");
    other.sign_in("oujianwen");
    CHECK(contains(staff.get("/staff/deliveries/unreached"), "没有需要打电话的通知"));
    const auto order = w.book();
    w.do_now([&](write_tx& tx) { return core::appointment::confirm_order(tx, w.scheduler, order); });
    w.run_hub(); // nobody of the company has bound WeChat
    const auto before = w.count("SELECT count(*) FROM audit WHERE verb = 'view'");
    const auto list = staff.get("/staff/deliveries/unreached").body;
    CHECK(list.find("佛山示例制造") != std::string::npos);
    CHECK(list.find("预约成功提醒") != std::string::npos);
    CHECK(list.find("单位没有人绑定微信") != std::string::npos);
    CHECK(list.find("href=\"tel:1") != std::string::npos);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'view'") == before + 1); // the number was shown
    CHECK_FALSE(contains(other.get("/staff/deliveries/unreached"), "佛山示例制造"));
    CHECK(contains(staff.get("/staff/deliveries"), "待电话通知"));
    const auto id = between(list, "name=\"id\" value=\"", "\"");
    REQUIRE_FALSE(id.empty());
    CHECK(other.post("/staff/unreached/" + id + "/close").status == 404);
    CHECK(location_of(staff.post("/staff/unreached/" + id + "/close", {{"note", "已告知陈工"}})) ==
          "/staff/deliveries/unreached?done=phoned");
    CHECK(staff.post("/staff/unreached/" + id + "/close").status == 409);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'close_unreached' AND note = '已告知陈工'") == 1);
    CHECK(w.count("SELECT count(*) FROM unreached WHERE closed_by = " +
                  std::to_string(w.person("linxiaomin"))) == 1);
}

TEST_CASE(
    "N17 several are closed with one form, each with its answer; what is closed has a tab with who, when "
    "and the note, without numbers") {
    site w;
    browser staff(w, "10.0.0.1"), other(w, "10.0.0.2");
    staff.sign_in("linxiaomin");
    other.sign_in("oujianwen");
    for (int n = 0; n < 4; ++n)
        w.book();
    w.run_hub(); // nobody of the company has bound WeChat
    CHECK(contains(staff.get("/staff/deliveries/unreached?tab=closed"), "还没有处理过的通知"));
    std::vector<std::string> ids;
    w.read([&](read_view& v) {
        for (const auto r : v.query("SELECT id FROM unreached ORDER BY id"))
            ids.push_back(std::to_string(r.number(0)));
        return 0;
    });
    REQUIRE(ids.size() == 8); // the filing and the booking of each
    const auto open = staff.get("/staff/deliveries/unreached").body;
    for (const auto& id : ids)
        CHECK(open.find("name=\"id\" value=\"" + id + "\" form=\"phoned\"") != std::string::npos);
    CHECK(staff.post("/staff/unreached/close").status == 422);
    CHECK(location_of(staff.post("/staff/unreached/close",
                                 {{"id", ids[0]}, {"id", ids[1]}, {"note", "已告知陈工"}})) ==
          "/staff/deliveries/unreached?done=phoned");
    const auto partly =
        staff.post("/staff/unreached/close", {{"id", ids[1]}, {"id", ids[2]}, {"id", "4711"}});
    CHECK(partly.status == 200);
    CHECK(contains(partly, "1 条已记下电话通知，以下失败"));
    CHECK(contains(partly, "佛山示例制造"));
    CHECK(contains(partly, "这一条已经处理过了"));
    CHECK(contains(partly, "4711"));
    const auto foreign = other.post("/staff/unreached/close", {{"id", ids[3]}});
    CHECK_FALSE(contains(foreign, "佛山示例制造"));
    CHECK(w.count("SELECT count(*) FROM unreached WHERE closed_at IS NULL") == 5);
    const auto looks = w.count("SELECT count(*) FROM audit WHERE verb = 'view'");
    const auto closed = staff.get("/staff/deliveries/unreached?tab=closed").body;
    CHECK(closed.find("已告知陈工") != std::string::npos);
    CHECK(closed.find("林晓敏") != std::string::npos);
    CHECK(closed.find("tel:") == std::string::npos);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'view'") == looks);
    CHECK_FALSE(contains(other.get("/staff/deliveries/unreached?tab=closed"), "佛山示例制造"));
    CHECK(contains(staff.get("/staff/deliveries/unreached"), "<small>5</small>"));
    // Page by page.
    w.do_now([&](write_tx& tx) -> core::result<> {
        tx.exec("UPDATE unreached SET closed_at = NULL, closed_by = 0");
        return {};
    });
    for (int n = 0; n < 33; ++n)
        w.do_now([&](write_tx& tx) -> core::result<> {
            tx.exec("INSERT INTO unreached (id, outbox_id, login_id, applicant_id, institution_id, kind, "
                    "title, at, "
                    "closed_at, closed_by, note) SELECT $1, outbox_id, $2, applicant_id, institution_id, "
                    "kind, title, "
                    "at, $3, $4, '' FROM unreached WHERE id = $5",
                    tx.new_id(), 1000 + n, tx.now(), w.person("linxiaomin"), wechat::to_id(ids[0]));
            return {};
        });
    const auto first = staff.get("/staff/deliveries/unreached?tab=closed").body;
    auto next = between(first, "<nav aria-label=\"分页\"><a href=\"", "\"");
    REQUIRE_FALSE(next.empty());
    for (auto at = next.find("&amp;"); at != std::string::npos; at = next.find("&amp;"))
        next.replace(at, 5, "&");
    const auto second = staff.get(next).body;
    CHECK(between(second, "<nav aria-label=\"分页\">", "</nav>").empty());
    CHECK(second.find("佛山示例制造") != std::string::npos);
}

TEST_CASE(
    "U8 what stops messages is said on the page: to the desk what and until when, to the platform why") {
    site w;
    browser admin(w, "10.0.0.1"), staff(w, "10.0.0.2");
    admin.sign_in("admin");
    staff.sign_in("linxiaomin");
    CHECK_FALSE(contains(staff.get("/staff/deliveries"), "发送暂停"));
    wechat::sandbox::fault out_of_quota;
    out_of_quota.times = 1;
    out_of_quota.errcode = 45009;
    w.platform->faults().set("/cgi-bin/message/template/send", out_of_quota);
    CHECK_FALSE(w.services.api->post("/cgi-bin/message/template/send", core::value::object()).has_value());
    out_of_quota.errcode = 48001; // of a call that sends nothing
    w.platform->faults().set("/cgi-bin/menu/get", out_of_quota);
    CHECK_FALSE(w.services.api->get("/cgi-bin/menu/get").has_value());
    auto page = staff.get("/staff/deliveries").body;
    CHECK(page.find("发送暂停") != std::string::npos);
    CHECK(page.find("模板消息接口暂停到") != std::string::npos);
    CHECK(page.find("45009") == std::string::npos);
    CHECK(page.find("/cgi-bin/") == std::string::npos);
    page = admin.get("/staff/deliveries").body;
    CHECK(page.find("今天的调用次数已用完（45009）") != std::string::npos);
    CHECK(page.find("doctor.") == std::string::npos);
    w.do_now([&](write_tx& tx) { return notify::hold(tx, site::system(), "演练"); });
    page = staff.get("/staff/deliveries").body;
    CHECK(page.find("全部方式已由管理员停发") != std::string::npos);
    CHECK(page.find("演练") == std::string::npos);
    CHECK(contains(admin.get("/staff/deliveries"), "演练"));
}

TEST_CASE(
    "N17 the platform's administrator sees how the hub stands, an institution's people only their own") {
    site w;
    bind(w, w.company, "oFoshanOne000000000000000001");
    browser admin(w, "10.0.0.1"), staff(w, "10.0.0.2");
    admin.sign_in("admin");
    staff.sign_in("linxiaomin");
    w.book();
    w.run_hub();
    const auto page = admin.get("/staff/deliveries");
    CHECK(page.status == 200);
    CHECK(contains(page, "今天各类消息"));
    CHECK(contains(page, "还可发"));
    CHECK_FALSE(contains(staff.get("/staff/deliveries"), "今天各类消息"));
}
