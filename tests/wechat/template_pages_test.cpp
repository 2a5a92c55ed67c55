// 公众号 → 消息模板 on the whole site: the list, checking against the account, words, preview, test,
// versions.
#include "core/account/binding.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/order.hpp"
#include "notify/message/version.hpp"
#include "tests/wechat/site.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace {

using namespace tests;
using core::db::read_view;
using core::db::write_tx;

form_fields words(std::string title, std::string first = "character_string1", std::string act = "save") {
    return {{"title", std::move(title)},
            {"url", "/wx/enter?to=/orders/{{order_id}}"},
            {"name_1", std::move(first)},
            {"label_1", "预约单号"},
            {"text_1", "{{number}}"},
            {"name_2", "thing2"},
            {"label_2", "检定机构"},
            {"text_2", "{{institution}}"},
            {"name_3", "time3"},
            {"label_3", "预约时间"},
            {"text_3", "{{date}} {{from}}~{{to}}"},
            {"name_4", "thing4"},
            {"label_4", "地址"},
            {"text_4", "{{address}}"},
            {"note", "说得更清楚"},
            {"act", std::move(act)}};
}
constexpr std::string_view page = "/staff/templates/order_confirmed";

} // namespace

TEST_CASE(
    "U8 the list of message templates says how each compares with the account, and how the ways out stand") {
    site w;
    browser admin(w), desk(w, "10.0.0.2");
    admin.sign_in("admin");
    desk.sign_in("guopeng");
    CHECK(desk.get("/staff/templates").status == 403);
    auto list = admin.get("/staff/templates");
    CHECK(list.status == 200);
    CHECK(contains(list, "预约成功提醒"));
    CHECK(contains(list, "未核对"));
    CHECK(contains(list, "模板消息"));
    CHECK(contains(list, "/ 100000"));
    CHECK(location_of(admin.post("/staff/templates/check")) == "/staff/templates?done=templates_checked");
    list = admin.get("/staff/templates");
    CHECK(contains(list, "一致"));
    CHECK_FALSE(contains(list, "未核对"));
    w.do_now([&](write_tx& tx) -> core::result<> {
        notify::store::park(tx, "wechat", "order_confirmed", "40037");
        notify::store::set_held(tx, "*", true, "演练");
        return {};
    });
    list = admin.get("/staff/templates");
    CHECK(contains(list, "已停用"));
    CHECK(contains(list, "已停发"));
    CHECK(contains(list, "演练"));
}

TEST_CASE(
    "U8 words are previewed over a real event, saved as a version, sent, and taken back; errors are at the "
    "field") {
    site w;
    browser admin(w);
    admin.sign_in("admin");
    const auto order = w.book(w.company, {w.filed(w.company)}, w.wednesday);
    w.do_now([&](write_tx& tx) { return core::appointment::confirm_order(tx, w.scheduler, order); });
    auto shown = admin.get(page);
    CHECK(shown.status == 200);
    CHECK(contains(shown, "的真实数据"));
    CHECK(contains(shown, w.order(order).number));

    shown = admin.post(page, words("预览的标题", "character_string1", "preview"));
    CHECK(shown.status == 200);
    CHECK(contains(shown, "预览的标题"));
    CHECK(contains(shown, "还没有保存"));
    CHECK_FALSE(contains(admin.get(page), "预览的标题"));

    auto wrong = words("标题");
    wrong[4].second = "{{nubmer}}";
    shown = admin.post(page, wrong);
    CHECK(shown.status == 422);
    CHECK(contains(shown, "id=\"f-text_1\" name=\"text_1\" value=\"{{nubmer}}\""));
    CHECK(contains(shown, "花括号里的名称不对"));
    CHECK(contains(shown, "改正后才能预览"));
    shown = admin.post(page, words("标题", "thing8")); // the account's template has no such field
    CHECK(shown.status == 422);
    CHECK(contains(shown, "模板里没有的字段：thing8"));
    auto foreign = words("标题");
    foreign.emplace_back("template_id", "unknown-template");
    CHECK(contains(admin.post(page, foreign), "公众号里没有这个模板"));

    CHECK(location_of(admin.post(page, words("预约已经确认"))) == std::string(page) + "?done=template_saved");
    shown = admin.get(page);
    CHECK(contains(shown, "第 1 版"));
    CHECK(contains(shown, "说得更清楚"));
    CHECK(contains(admin.get("/staff/templates"), "第 1 版"));
    CHECK(contains(admin.post(page, words("预约已经确认")), "内容没有变化"));
    CHECK(contains(admin.get(std::string(page) + "?version=0"), "预约成功提醒"));
    CHECK(location_of(admin.post(std::string(page) + "/restore", {{"number", "0"}})) ==
          std::string(page) + "?done=template_restored");
    CHECK_FALSE(contains(admin.get("/staff/templates"), "预约已经确认"));
    CHECK(admin.post(std::string(page) + "/restore", {{"number", "7"}}).status == 404);
    CHECK(admin.get("/staff/templates/order_lost").status == 404);
    CHECK(admin.post("/staff/templates/order_lost", words("x")).status == 404);
}

TEST_CASE("U8 an older version that does not fit the account's template is not brought back") {
    site w;
    browser admin(w);
    admin.sign_in("admin");
    const auto put = [&](std::string_view field) {
        w.do_now([&](write_tx& tx) -> core::result<> {
            auto words = *w.services.messages->find("order_confirmed");
            words.fields[0].name = field;
            core::actor platform;
            platform.kind = core::actor_kind::staff;
            platform.roles = {core::role::platform_admin};
            platform.login_id = w.acting("admin").login_id;
            if (auto done = notify::change_message(tx, platform, *w.services.messages, words, ""); !done)
                return done.error();
            return {};
        });
    };
    put("thing8"); // when it was written the account's template had such a field
    put("character_string1");
    const auto refused = admin.post(std::string(page) + "/restore", {{"number", "1"}});
    CHECK(refused.status == 422);
    CHECK(contains(refused, "模板里没有的字段：thing8"));
    CHECK(w.services.messages->find("order_confirmed")->fields[0].name == "character_string1");
    CHECK(admin.post(std::string(page) + "/restore", {{"number", "77"}}).status == 404);
}

TEST_CASE("N19 a test goes to one's own phone only, as it would be sent") {
    site w;
    browser admin(w);
    admin.sign_in("admin");
    CHECK(contains(admin.post(page, words("试看", "character_string1", "test")), "还没有绑定微信"));
    w.platform->add_phone("oAdmin", "管理员");
    const auto who = w.acting("admin");
    w.write([&](write_tx& tx) { return core::account::bind_staff_wechat(tx, who, "oAdmin"); }).value();
    CHECK(contains(admin.get(page), "发给自己试看"));
    const auto before = w.platform->sent().as_list()->size();
    CHECK(location_of(admin.post(page, words("试看", "character_string1", "test"))) ==
          std::string(page) + "?done=template_tested");
    const auto sent = w.platform->sent();
    REQUIRE(sent.as_list()->size() == before + 1);
    CHECK(sent.as_list()->back().text("openid") == "oAdmin");
    CHECK_FALSE(contains(admin.get("/staff/templates"), "试看"));
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'test_message'") == 1);
}

TEST_CASE("U8 the order of channels of a kind is chosen on its page") {
    site w;
    browser admin(w);
    admin.sign_in("admin");
    const std::string path = std::string(page) + "/order";
    CHECK(location_of(admin.post(
              path, {{"channel", "email"}, {"channel", "wechat"}, {"channel", ""}, {"act", "save"}})) ==
          std::string(page) + "?done=order_saved");
    const auto orders = w.read([](read_view& v) { return notify::list_channel_orders(v); });
    CHECK(orders.at("order_confirmed") == std::vector<std::string>{"email", "wechat"});
    CHECK(contains(admin.get(page), "恢复默认"));
    CHECK(admin.post(path, {{"channel", "email"}, {"channel", "email"}, {"act", "save"}}).status == 422);
    CHECK(admin.post(path, {{"act", "shipped"}}).status == 303);
    CHECK(w.read([](read_view& v) { return notify::list_channel_orders(v); }).empty());
}

TEST_CASE("U8 an e-mail address is added on one's own page: the code is mailed, typed, and then it counts") {
    site w;
    std::string mailed_to, code;
    w.services.mail_code = [&](const std::string& to, const std::string& c) -> core::result<> {
        mailed_to = to;
        code = c;
        return {};
    };
    for (const auto& [name, path] : {std::pair<std::string, std::string>{"chenzhiming", "/account/email"},
                                     {"guopeng", "/staff/email"}}) {
        browser b(w);
        b.sign_in(name);
        CHECK(contains(b.get(path), "添加邮箱"));
        CHECK(contains(b.post(path, {{"email", "nonsense"}}), "邮箱地址不对"));
        CHECK(location_of(b.post(path, {{"email", name + "@example.com"}})) == path);
        CHECK(mailed_to == name + "@example.com");
        CHECK(contains(b.get(path), "填写验证码"));
        CHECK(contains(b.post(path + "/verify", {{"code", code == "000000" ? "000001" : "000000"}}),
                       "验证码不对"));
        CHECK(location_of(b.post(path + "/verify", {{"code", code}})) == path);
        CHECK(contains(b.get(path), "已验证的邮箱"));
        CHECK(location_of(b.post(path + "/remove")) == path);
        CHECK_FALSE(contains(b.get(path), "已验证的邮箱"));
    }
    w.services.mail_code = [](const std::string&, const std::string&) -> core::result<> {
        return core::error(core::errc::unavailable, "email.away", "email");
    };
    browser b(w);
    b.sign_in("chenzhiming");
    CHECK(contains(b.post("/account/email", {{"email", "a@example.com"}}), "邮件没有发出"));
    w.services.mail_code = nullptr;
    CHECK(contains(b.get("/account/email"), "没有开通邮件通知"));
}
