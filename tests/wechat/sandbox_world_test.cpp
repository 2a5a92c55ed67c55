// The simulated WeChat: codes, media, web sign-in, quotas, faults, replies, scripts, restarts
// (wechat-platform.md 11, 14, 18, 20, 24).
#include "core/base/json.hpp"
#include "tests/support/world.hpp"
#include "tests/wechat/sandbox_support.hpp"
#include "wechat/sandbox/routes.hpp"
#include "wechat/sandbox/script.hpp"

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

TEST_CASE("the sandbox: QR codes end, media are kept three days") {
    desk d;
    d.sign_in();
    const auto made = d.post(
        "/cgi-bin/qrcode/create",
        R"({"expire_seconds":600,"action_name":"QR_STR_SCENE","action_info":{"scene":{"scene_str":"bind_1"}}})");
    CHECK(made.number("expire_seconds") == 600);
    d.platform.scan(first, made.text("url"));
    const auto pushed = d.platform.take_pushes();
    REQUIRE(pushed.size() == 1);
    CHECK(sandbox::element(pushed[0].plain, "EventKey") == "qrscene_bind_1");
    d.platform.scan(first, made.text("url"));
    CHECK(sandbox::element(d.platform.take_pushes().at(0).plain, "EventKey") == "bind_1");
    d.time.advance(601s);
    d.platform.scan(first, made.text("url"));
    CHECK(d.platform.take_pushes().empty());
    CHECK(d.post("/cgi-bin/qrcode/create",
                 R"({"action_name":"QR_LIMIT_SCENE","action_info":{"scene":{"scene_id":100001}}})")
              .number("errcode") == 40053);
    CHECK(
        d.post(
             "/cgi-bin/qrcode/create",
             R"({"action_name":"QR_SCENE","expire_seconds":2592001,"action_info":{"scene":{"scene_id":1}}})")
            .number("errcode") == 40054);
    CHECK(d.post("/cgi-bin/qrcode/create", R"({"action_name":"QR","action_info":{}})").number("errcode") ==
          40052);

    const auto upload = [&d](const std::string& type, const std::string& name, std::size_t bytes) {
        return core::parse_json(d.ask(method::post, "/cgi-bin/media/upload?type=" + type, "",
                                      {{"media", name, std::string(bytes, 'x')}})
                                    .body)
            .value();
    };
    CHECK(upload("poem", "a.png", 1).number("errcode") == 40004);
    CHECK(upload("image", "a.exe", 1).number("errcode") == 40005);
    CHECK(upload("image", "", 1).number("errcode") == 41005);
    CHECK(upload("thumb", "a.jpg", 64 * 1024 + 1).number("errcode") == 40006);
    const std::string id = upload("image", "a.png", 3).text("media_id");
    CHECK(d.ask(method::get, "/cgi-bin/media/get?media_id=" + id).body == "xxx");
    d.time.advance(72h + 1s);
    d.sign_in();
    CHECK(d.get("/cgi-bin/media/get?media_id=" + id).number("errcode") == 40007);
}

TEST_CASE(
    "the sandbox: web codes are used once, a preview gives a virtual openid, the website joins by unionid") {
    desk d;
    const auto exchange = [&d](const std::string& code, const std::string& as = appid) {
        return d.get("/sns/oauth2/access_token?appid=" + as + "&secret=" + secret +
                     "&grant_type=authorization_code&code=" + code);
    };
    const std::string code = d.platform.begin_oauth(first);
    const auto got = exchange(code);
    CHECK(got.text("openid") == first);
    CHECK(got.find("unionid") == nullptr); // snsapi_base says no unionid
    CHECK(exchange(code).number("errcode") == 40163);
    CHECK(exchange("nonsense").number("errcode") == 40029);
    CHECK(exchange("").number("errcode") == 41008);
    const std::string old = d.platform.begin_oauth(first);
    d.time.advance(5min + 1s);
    CHECK(exchange(old).number("errcode") == 42003);
    CHECK(
        d.get("/sns/auth?openid=" + first + "&access_token=" + got.text("access_token")).number("errcode") ==
        0);
    CHECK(
        d.get("/sns/auth?openid=" + second + "&access_token=" + got.text("access_token")).number("errcode") ==
        40003);
    CHECK(d.get("/sns/userinfo?openid=" + first + "&access_token=" + got.text("access_token"))
              .number("errcode") == 48001);
    const auto renewed = d.get("/sns/oauth2/refresh_token?appid=" + appid +
                               "&grant_type=refresh_token&refresh_token=" + got.text("refresh_token"));
    CHECK(renewed.text("openid") == first);

    const std::string website = d.platform.config().website_appid;
    const auto make = [&](const std::string& as, std::string_view scope) {
        return d.platform.use(
            [&](sandbox::state& s) { return sandbox::make_oauth_code(s, first, as, scope); });
    };
    const auto on_web = exchange(make(website, "snsapi_login"), website);
    CHECK(on_web.text("openid") != first);
    d.sign_in();
    CHECK(on_web.text("unionid") == d.get("/cgi-bin/user/info?openid=" + first).text("unionid"));
    CHECK(exchange(make(website, "snsapi_login")).number("errcode") == 40029); // of the other AppID
    CHECK(exchange(make(website, "snsapi_login"), "wx0000000000000000").number("errcode") == 40013);
    d.platform.use([](sandbox::state& s) { s.config.website_appid.clear(); }); // none is configured
    CHECK(exchange(make(website, "snsapi_login"), website).number("errcode") == 40013);
    d.platform.use([](sandbox::state& s) { s.find(first)->snapshot = true; });
    const auto preview = exchange(d.platform.begin_oauth(first));
    CHECK(preview.number("is_snapshotuser") == 1);
    CHECK(preview.text("openid") != first);
}

TEST_CASE("the sandbox: quotas end a day's calls, are cleared ten times a month, and a rid tells the call") {
    desk d;
    d.sign_in();
    d.platform.use([](sandbox::state& s) { s.used.limit("/cgi-bin/tags/get", 2); });
    const auto tags = [&d] { return d.get("/cgi-bin/tags/get"); };
    CHECK(tags().number("errcode") == 0);
    CHECK(tags().number("errcode") == 0);
    const auto refused = tags();
    CHECK(refused.number("errcode") == 45009);
    const auto asked = d.post("/cgi-bin/openapi/quota/get", R"({"cgi_path":"/cgi-bin/tags/get"})");
    CHECK(asked.find("quota")->number("daily_limit") == 2);
    CHECK(asked.find("quota")->number("remain") == 0);
    const std::string message = refused.text("errmsg");
    const auto rid = d.post_value("/cgi-bin/openapi/rid/get",
                                  value::object().set("rid", message.substr(message.find("rid: ") + 5)));
    CHECK(rid.find("request")->text("request_url") == "/cgi-bin/tags/get");
    const std::string mine = R"({"appid":")" + appid + "\"}";
    for (int n = 0; n < 10; ++n)
        CHECK(d.post("/cgi-bin/clear_quota", mine).number("errcode") == 0);
    CHECK(tags().number("errcode") == 0);
    CHECK(d.post("/cgi-bin/clear_quota", mine).number("errcode") == 48006);
    tags();
    CHECK(tags().number("errcode") == 45009);
    d.time.advance(24h);
    d.sign_in();
    CHECK(tags().number("errcode") == 0);
}

TEST_CASE("the sandbox: faults of one person, receipts that fail, events in the wrong order") {
    desk d;
    d.sign_in();
    for (const auto& who : {first, second})
        d.platform.set_following(who, true);
    d.platform.take_pushes();
    const std::string path = "/cgi-bin/message/template/send";
    sandbox::fault f;
    f.times = 1;
    f.errcode = 43101;
    d.platform.faults().set(path, f, first);
    CHECK(d.post_value(path, template_to(second, "院")).number("errcode") == 0);
    CHECK(d.post_value(path, template_to(first, "院")).number("errcode") == 43101);
    CHECK(d.post_value(path, template_to(first, "院")).number("errcode") == 0);
    d.platform.take_pushes();
    sandbox::receipt_fate fate;
    fate.status = "failed:user block";
    d.platform.faults().set_receipts(fate);
    d.post_value(path, template_to(first, "院"));
    CHECK(sandbox::element(d.platform.take_pushes().at(0).plain, "Status") == "failed:user block");
    fate = {};
    fate.copies = 2;
    fate.without_number = true;
    d.platform.faults().set_receipts(fate);
    d.post_value(path, template_to(first, "院"));
    const auto doubled = d.platform.take_pushes();
    REQUIRE(doubled.size() == 2);
    CHECK(sandbox::element(doubled.at(1).plain, "MsgID") == "0");
    fate = {};
    fate.delay_ms = 60'000;
    d.platform.faults().set_receipts(fate);
    d.post_value(path, template_to(first, "院"));
    CHECK(d.platform.take_pushes().empty());
    d.time.advance(61s);
    CHECK(d.platform.take_pushes().size() == 1);
    f.times = 2;
    f.errcode = 0;
    f.broken = true;
    d.platform.faults().set(path, f, first);
    REQUIRE(d.platform.faults().list().size() == 1); // what was used up is not listed
    CHECK(d.platform.faults().list().front().openid == first);
    d.platform.faults().clear();
    CHECK(d.platform.faults().list().empty());
    d.platform.faults().swap_events(1);
    d.platform.set_following(first, false);
    d.platform.set_following(first, true);
    const auto swapped = d.platform.take_pushes();
    CHECK(sandbox::element(swapped.at(0).plain, "Event") == "subscribe");
    CHECK(sandbox::element(swapped.at(1).plain, "Event") == "unsubscribe");
}

TEST_CASE("the sandbox: a reply that WeChat would not show is told apart") {
    desk d;
    d.platform.set_following(first, true);
    d.platform.say(first, "帮助");
    d.platform.take_pushes();
    const sandbox::push to{first, "<ToUserName>gh_0123456789ab</ToUserName>", {}};
    const auto reply = [](std::string_view from, std::string_view created) {
        return "<xml><ToUserName><![CDATA[" + first + "]]></ToUserName><FromUserName><![CDATA[" +
               std::string(from) + "]]></FromUserName><CreateTime>" + std::string(created) +
               "</CreateTime><MsgType>text</MsgType><Content>好</Content></xml>";
    };
    const auto last = [&d] { return d.platform.chat_after(first, 0).back().kind; };
    d.platform.show_reply(to, reply("gh_0123456789ab", "1764000000"));
    CHECK(last() == "reply");
    d.platform.show_reply(to, reply("gh_0123456789ab", "1764000000000"));
    CHECK(last() == "note");
    d.platform.show_reply(to, reply(first, "1764000000"));
    CHECK(last() == "note");
}

TEST_CASE("the sandbox: a script acts and expects, and stops where something is not seen") {
    desk d;
    const auto steps = sandbox::play(
        d.platform,
        "# two phones\nphone 2\nfollow\nexpect 您已关注\nsay 帮助\nexpect 没有人回答\nsay 不再执行", 0ms);
    REQUIRE(steps.size() == 5);
    CHECK(steps[2].good);
    CHECK(steps[2].seen == "note: 您已关注公众号");
    CHECK(steps[4].line == 6);
    CHECK_FALSE(steps[4].good);
    CHECK(d.platform.find_phone(second)->following);
    CHECK_FALSE(d.platform.find_phone(first)->following);
    CHECK_FALSE(sandbox::play(d.platform, "dance", 0ms).back().good);
    CHECK_FALSE(sandbox::play(d.platform, "phone 9", 0ms).back().good);
    const auto faulty = sandbox::play(d.platform, "fault /cgi-bin/tags/get times=2 errcode=-1", 0ms);
    CHECK(faulty.back().good);
    CHECK(d.platform.faults().take("/cgi-bin/tags/get", "").errcode == -1);
}

TEST_CASE("the sandbox: who follows survives a restart") {
    tests::temp_folder folder;
    {
        desk d(folder.path() / "sandbox.json");
        d.platform.set_following(second, true);
        d.platform.subscribe(second, "S1", true);
        d.platform.add_crowd(10);
    }
    desk again(folder.path() / "sandbox.json");
    CHECK(again.platform.find_phone(second)->following);
    CHECK(again.platform.find_phone(second)->subscriptions.at("S1") == 1);
    CHECK_FALSE(again.platform.find_phone(first)->following);
    CHECK(again.platform.phones().size() == 3);
}

TEST_CASE("the sandbox: what it was sent is known again after a restart, and no number comes twice") {
    tests::temp_folder folder;
    std::int64_t number = 0;
    {
        desk d(folder.path() / "sandbox.json");
        d.platform.set_following(first, true);
        d.sign_in();
        number = d.post_value("/cgi-bin/message/template/send", tests::template_to(first, "一", "qj1"))
                     .number("msgid");
        REQUIRE(number != 0);
    }
    desk again(folder.path() / "sandbox.json");
    again.time.advance(std::chrono::minutes(1));
    again.sign_in();
    const auto send = [&](const char* id) {
        return again.post_value("/cgi-bin/message/template/send", tests::template_to(first, "一", id))
            .number("msgid");
    };
    CHECK(send("qj1") == number);
    CHECK(again.platform.duplicates() == 1);
    CHECK(send("qj2") != number);
    again.time.advance(std::chrono::minutes(11)); // WeChat has forgotten it by then
    again.sign_in();
    CHECK(send("qj1") != number);
}

TEST_CASE("the sandbox: every address of its table is routed once") {
    const wechat::router r(sandbox::routes());
    for (const auto& row : sandbox::api_table())
        CHECK(r.find(row.method, row.path).found != nullptr);
}

} // namespace
