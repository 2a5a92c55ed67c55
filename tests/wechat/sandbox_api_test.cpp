// The simulated WeChat does what wechat-platform.md says of the real one: tokens, messages, people, tags,
// menus. Its shapes are proved by published client SDKs in tests/e2e/sdk.mjs.
#include "core/base/json.hpp"
#include "tests/wechat/sandbox_support.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using core::value;
using tests::template_to;
using wechat::method;
namespace sandbox = wechat::sandbox;
using desk = tests::sandbox_desk;
const std::string &first = tests::first_phone, &second = tests::second_phone;
const std::string &appid = tests::sandbox_appid, &secret = tests::sandbox_secret;

value text_to(const std::string& openid, const std::string& text) {
    value v = value::object().set("touser", openid).set("msgtype", "text");
    return v.set("text", value::object().set("content", text));
}

TEST_CASE("the sandbox: every API row asks for its token and its method") {
    desk d;
    for (const auto& row : sandbox::api_table()) {
        CAPTURE(row.path);
        const bool posts = row.method == method::post;
        const auto wrong = core::parse_json(d.ask(posts ? method::get : method::post, row.path).body).value();
        CHECK(wrong.number("errcode") == (posts ? 43002 : 43001));
        CHECK(wrong.text("errmsg").find(" rid: ") != std::string::npos);
        if (row.needs_token) {
            const auto bare = core::parse_json(d.ask(row.method, row.path).body).value();
            CHECK(bare.number("errcode") == 41001);
            const auto bad =
                core::parse_json(d.ask(row.method, std::string(row.path) + "?access_token=nonsense").body);
            CHECK(bad->number("errcode") == 40001);
        }
    }
    CHECK(d.get("/cgi-bin/no_such").number("errcode") == 40066);
    d.sign_in();
    CHECK(d.post("/cgi-bin/tags/create", "{").number("errcode") == 47001);
    CHECK(d.post("/cgi-bin/tags/create", "{\"tag\":{\"name\":\"\\u4e2d\"}}").number("errcode") == 40033);
}

TEST_CASE("the sandbox: the two tokens have their rules and do not disturb each other") {
    desk d;
    const std::string a = d.legacy(), b = d.legacy();
    CHECK(a != b);
    CHECK(d.with(a) == 0); // five minutes more
    d.time.advance(5min);
    CHECK(d.with(a) == 40001);
    CHECK(d.with(b) == 0);
    d.sign_in();
    const std::string stable = d.token;
    CHECK(d.with(b) == 0);
    d.time.advance(1h);
    d.sign_in();
    CHECK(d.token == stable); // the same one while it lives
    d.time.advance(56min);
    d.sign_in();
    CHECK(d.token != stable); // renewed in its last five minutes, both good
    CHECK(d.with(stable) == 0);
    const auto forced = [&d] {
        return d.post("/cgi-bin/stable_token",
                      R"({"grant_type":"client_credential","force_refresh":true,"appid":")" + appid +
                          R"(","secret":")" + secret + "\"}");
    };
    const std::string before = d.token;
    const std::string after = forced().text("access_token");
    CHECK(after != before);
    CHECK(d.with(before) == 40001);
    CHECK(forced().text("access_token") == after); // within 30 s nothing happens
    for (int n = 1; n < 20; ++n) {
        d.time.advance(30s);
        CHECK(forced().number("errcode") == 0);
    }
    d.time.advance(30s);
    CHECK(forced().number("errcode") == 45009); // twenty a day
    d.platform.use([](sandbox::state& s) { s.keys.expire(); });
    CHECK(d.with(b) == 42001);
    CHECK(d.get("/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=" + secret).number("errcode") ==
          40013);
    CHECK(
        d.get("/cgi-bin/token?grant_type=client_credential&appid=" + appid + "&secret=1").number("errcode") ==
        40125);
    CHECK(d.get("/cgi-bin/token?grant_type=x&appid=" + appid).number("errcode") == 40002);
}

TEST_CASE("the sandbox: template messages by the rules of 2023") {
    desk d;
    d.sign_in();
    const std::string path = "/cgi-bin/message/template/send";
    CHECK(d.post_value(path, template_to("oNobody", "广东省计量院")).number("errcode") == 40003);
    CHECK(d.post_value(path, template_to(first, "广东省计量院")).number("errcode") == 43004);
    d.platform.set_following(first, true);
    auto long_one = d.post_value(path, template_to(first, "一二三四五六七八九十一二三四五六七八九十一"));
    CHECK(long_one.number("errcode") == 47003);
    CHECK(long_one.text("errmsg").starts_with("argument invalid! data.thing1.value invalid"));
    CHECK(d.post_value(path, template_to(first, ""))
              .text("errmsg")
              .starts_with("argument invalid! data.thing1.value is empty"));
    value lacking = value::object().set("touser", first).set("template_id", "T1");
    lacking.set("data", value::object().set("thing1", value::object().set("value", "院")));
    CHECK(d.post_value(path, lacking)
              .text("errmsg")
              .starts_with("argument invalid! data.character_string2.value is empty"));
    const auto sent = d.post_value(path, template_to(first, "广东省计量院", "m1"));
    CHECK(sent.number("msgid") > (std::int64_t{1} << 53));
    CHECK(d.post_value(path, template_to(first, "广东省计量院", "m1")).number("msgid") ==
          sent.number("msgid"));
    CHECK(d.platform.duplicates() == 1);
    d.time.advance(10min);
    CHECK(d.post_value(path, template_to(first, "广东省计量院", "m1")).number("msgid") !=
          sent.number("msgid"));
    d.platform.refuse_template(first, "T1", true);
    CHECK(d.post_value(path, template_to(first, "院")).number("errcode") == 43101);
}

TEST_CASE("the sandbox: a subscription message uses up one acceptance, a long-term one does not") {
    desk d;
    d.sign_in();
    const auto send = [&d](const std::string& id) {
        value v =
            value::object().set("touser", first).set("template_id", id).set("page", "https://qj.test/a");
        v.set("data", value::object().set("thing1", value::object().set("value", "院")));
        return d.post_value("/cgi-bin/message/subscribe/bizsend", v).number("errcode");
    };
    CHECK(send("S9") == 40037);
    CHECK(send("S1") == 43101);
    d.platform.subscribe(first, "S1", true);
    CHECK(send("S1") == 0);
    CHECK(send("S1") == 43101);
    d.platform.subscribe(first, "S2", true);
    CHECK(send("S2") == 0);
    CHECK(send("S2") == 0);
    d.platform.refuse_template(first, "S2", true);
    CHECK(send("S2") == 43101);
    std::vector<std::string> events;
    for (const auto& p : d.platform.take_pushes())
        events.push_back(sandbox::element(p.plain, "Event"));
    CHECK(events == std::vector<std::string>{"subscribe_msg_popup_event", "subscribe_msg_sent_event",
                                             "subscribe_msg_popup_event", "subscribe_msg_sent_event",
                                             "subscribe_msg_sent_event", "subscribe_msg_change_event"});
    const auto listed = d.get("/wxaapi/newtmpl/gettemplate");
    REQUIRE(listed.find("data")->as_list()->size() == 2);
    CHECK(listed.find("data")->as_list()->front().text("content") == "机构:{{thing1.DATA}}\n");
}

TEST_CASE("the sandbox: customer-service messages have their windows (45015) and counts (45047)") {
    desk d;
    d.sign_in();
    const auto send = [&d] {
        return d.post_value("/cgi-bin/message/custom/send", text_to(first, "好")).number("errcode");
    };
    CHECK(send() == 45015);
    d.platform.set_following(first, true);
    for (const int expected : {0, 0, 0, 45047}) // following: three in a minute
        CHECK(send() == expected);
    d.time.advance(1min);
    CHECK(send() == 45015);
    d.platform.say(first, "你好"); // a message: five in 48 hours
    d.time.advance(47h);
    d.sign_in();
    for (const int expected : {0, 0, 0, 0, 0, 45047})
        CHECK(send() == expected);
    d.platform.tap(first, "query"); // a click: three more in a minute
    for (const int expected : {0, 0, 0, 45047})
        CHECK(send() == expected);
    d.time.advance(1h);
    CHECK(send() == 45015);
    d.platform.set_following(first, false);
    CHECK(send() == 45015);
    CHECK(d.post_value("/cgi-bin/message/custom/send", text_to("oNobody", "好")).number("errcode") == 40003);
    value odd = value::object().set("touser", first).set("msgtype", "poem");
    CHECK(d.post_value("/cgi-bin/message/custom/send", odd).number("errcode") == 40008);
}

TEST_CASE("the sandbox: followers page by page of ten thousand, details of a hundred at most") {
    desk d;
    d.sign_in();
    d.platform.add_crowd(20'001);
    std::string next;
    std::vector<std::int64_t> counts;
    do {
        const auto page = d.get("/cgi-bin/user/get?next_openid=" + next);
        CHECK(page.number("total") == 20'001);
        counts.push_back(page.number("count"));
        next = page.text("next_openid");
    } while (!next.empty());
    CHECK(counts == std::vector<std::int64_t>{10'000, 10'000, 1, 0});
    d.platform.set_following(first, true);
    const auto info = d.get("/cgi-bin/user/info?openid=" + first + "&lang=zh_CN");
    CHECK(info.number("subscribe") == 1);
    CHECK(info.text("unionid").starts_with("oUnion"));
    CHECK(info.number("subscribe_time") == core::to_ms(d.time.now()) / 1000);
    const auto stranger = d.get("/cgi-bin/user/info?openid=" + second);
    CHECK(stranger.number("subscribe") == 0);
    CHECK(stranger.find("subscribe_time") == nullptr);
    value many = value::array();
    for (int n = 0; n < 101; ++n)
        many.push(value::object().set("openid", first));
    CHECK(d.post_value("/cgi-bin/user/info/batchget", value::object().set("user_list", many))
              .number("errcode") == 40032);
    value two = value::array();
    two.push(value::object().set("openid", first));
    two.push(value::object().set("openid", second));
    CHECK(d.post_value("/cgi-bin/user/info/batchget", value::object().set("user_list", two))
              .find("user_info_list")
              ->as_list()
              ->size() == 2);
    d.platform.move_account();
    const auto moved =
        d.post("/cgi-bin/changeopenid",
               R"({"from_appid":"wx9999999999999999","openid_list":[")" + first + R"(","oNobody"]})");
    REQUIRE(moved.number("errcode") == 0);
    const auto& results = *moved.find("result_list")->as_list();
    CHECK(results[0].text("new_openid").starts_with("oMoved"));
    CHECK(results[1].text("err_msg") == "ori_openid error");
}

TEST_CASE("the sandbox: tags, and the menu of those who have one") {
    desk d;
    d.sign_in();
    d.platform.set_following(first, true);
    CHECK(d.post("/cgi-bin/menu/addconditional", "{}").number("errcode") == 65303);
    CHECK(d.get("/cgi-bin/menu/get").number("errcode") == 46003);
    const std::string all = R"({"button":[{"type":"click","name":"检定查询","key":"query"}]})";
    CHECK(d.post("/cgi-bin/menu/create", all).number("errcode") == 0);
    const auto made = d.post("/cgi-bin/tags/create", R"({"tag":{"name":"员工"}})");
    const std::string id = std::to_string(made.find("tag")->number("id"));
    CHECK(d.post("/cgi-bin/tags/create", R"({"tag":{"name":"员工"}})").number("errcode") == 45157);
    const std::string one = R"({"tagid":)" + id + R"(,"openid_list":[")" + first + "\"]}";
    CHECK(d.post("/cgi-bin/tags/members/batchtagging", one).number("errcode") == 0);
    const std::string staff =
        R"({"button":[{"type":"view","name":"工作台","url":"https://qj.test/staff"}],"matchrule":{"tag_id":")" +
        id + "\"}}";
    const auto menu = d.post("/cgi-bin/menu/addconditional", staff);
    CHECK(!menu.text("menuid").empty());
    const auto name_for = [&d](const std::string& openid) {
        return d.post("/cgi-bin/menu/trymatch", R"({"user_id":")" + openid + "\"}")
            .find("button")
            ->as_list()
            ->front()
            .text("name");
    };
    CHECK(name_for(first) == "工作台");
    CHECK(name_for(second) == "检定查询");
    CHECK(d.get("/cgi-bin/menu/get").find("conditionalmenu")->as_list()->size() == 1);
    CHECK(d.post("/cgi-bin/tags/getidlist", R"({"openid":")" + first + "\"}")
              .find("tagid_list")
              ->as_list()
              ->size() == 1);
    CHECK(d.post("/cgi-bin/user/tag/get", R"({"tagid":)" + id + "}").number("count") == 1);
    CHECK(d.post("/cgi-bin/tags/members/batchuntagging", one).number("errcode") == 0);
    CHECK(name_for(first) == "检定查询");
    CHECK(d.post("/cgi-bin/tags/delete", R"({"tag":{"id":)" + id + "}}").number("errcode") == 0);
    CHECK(d.post("/cgi-bin/tags/delete", R"({"tag":{"id":2}})").number("errcode") == 45058);
    CHECK(d.get("/cgi-bin/get_current_selfmenu_info").number("is_menu_open") == 1);
    CHECK(d.get("/cgi-bin/menu/delete").number("errcode") == 0);
    CHECK(d.get("/cgi-bin/menu/get").number("errcode") == 46003);
}

TEST_CASE("the sandbox: a menu beyond the limits is refused with the code of what is wrong") {
    desk d;
    d.sign_in();
    struct row {
        std::string_view menu;
        int code;
    };
    const std::string far(1025, 'x');
    const std::string long_url = R"({"button":[{"type":"view","name":"a","url":"https://)" + far + "\"}]}";
    for (
        const auto& [menu, code] : std::initializer_list<row>{
            {R"({"button":[]})", 40016},
            {R"({"button":[{"type":"click","name":"一二三四五六","key":"k"}]})", 40018},
            {R"({"button":[{"type":"click","name":"a"}]})", 40019},
            {R"({"button":[{"type":"fly","name":"a","key":"k"}]})", 40017},
            {R"({"button":[{"type":"view","name":"a","url":"ftp://x"}]})", 40054},
            {long_url, 40020},
            {R"({"button":[{"name":"a","sub_button":[{"type":"click","name":"b","key":""}]}]})", 40026},
            {R"({"button":[{"name":"a","sub_button":[{"name":"b","sub_button":[{}]}]}]})", 40021},
            {R"({"button":[{"name":"a","sub_button":[{"type":"view","name":"b","url":"https://qj.test"}]}]})",
             0}}) {
        CAPTURE(menu);
        CHECK(d.post("/cgi-bin/menu/create", std::string(menu)).number("errcode") == code);
    }
}

} // namespace
