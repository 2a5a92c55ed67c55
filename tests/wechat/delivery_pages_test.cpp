// 推送记录 and 待电话通知: what an institution's people see of messages, and do about them.
#include "notify/hub/delivery.hpp"
#include "notify/hub/unreached.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/mp/errors.hpp"

#include <doctest/doctest.h>

#include <string>

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
    const auto id = between(list, "action=\"/staff/unreached/", "/close");
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
