// 平台公告 and 关注者 through the site: written, previewed, sent, read by a company; the platform's
// administrator alone.
#include "core/account/binding.hpp"
#include "core/account/follower.hpp"
#include "notify/hub/schedule.hpp"
#include "tests/wechat/site.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {

using tests::browser;
using tests::contains;
using tests::form_fields;
using tests::location_of;
using tests::site;
constexpr std::string_view list = "/staff/announcements";

form_fields notice(bool by_wechat) {
    form_fields f = {{"title", "春节期间收检安排"},
                     {"text", "2 月 15 日至 23 日暂停收检。\n<b>急检</b>请先电话联系。"},
                     {"audience", "all"},
                     {"region_code", "440600"},
                     {"institution_id", "0"}};
    if (by_wechat) f.emplace_back("by_wechat", "1");
    return f;
}

// The address of the announcement that this form makes.
std::string write_one(browser& admin, bool by_wechat) {
    const auto saved = location_of(admin.post("/staff/announcements/new", notice(by_wechat)));
    REQUIRE(saved.starts_with("/staff/announcements/"));
    return saved.substr(0, saved.find('?'));
}

void bind(site& w, std::string_view openid) {
    w.write([&](core::db::write_tx& tx) {
         return core::account::bind_wechat(tx, w.company, openid, "");
     }).value();
}

} // namespace

TEST_CASE("M6 an announcement from the form to the phone and to the company's page") {
    site w;
    browser admin(w, "10.0.0.9"), company(w);
    REQUIRE(location_of(admin.sign_in("admin")) == "/staff");
    company.sign_in("chenzhiming");
    bind(w, "oChen");
    const auto wrong =
        admin.post("/staff/announcements/new", {{"title", ""}, {"text", ""}, {"audience", "region"}});
    CHECK(wrong.status == 422);
    for (const std::string_view part : {"标题要填写", "正文要填写", "没有这个地区", "错误：写公告"})
        CHECK_MESSAGE(contains(wrong, part), part);
    const auto path = write_one(admin, true);
    const auto preview = admin.get(path);
    for (const std::string_view part : {"春节期间收检安排", "2 月 15 日至 23 日暂停收检。…", "1 人能收到",
                                        "试发给我", "&lt;b&gt;急检&lt;/b&gt;", "草稿"})
        CHECK_MESSAGE(contains(preview, part), part);
    CHECK_FALSE(contains(preview, "<b>急检</b>"));
    CHECK(admin.post(path + "/send").status == 422); // nobody has said that it is no marketing
    CHECK(admin.post(path + "/try").status == 409);  // the administrator has no WeChat bound
    CHECK(company.get("/announcements" + path.substr(list.size())).status == 404);
    int woken = 0;
    w.services.wake_schedule = [&] { ++woken; };
    CHECK(location_of(admin.post(path + "/send", {{"is_service", "1"}})) ==
          path + "?done=announcement_sending");
    CHECK(woken == 1); // at once, not with the next round
    CHECK(contains(admin.get(path), "还在继续"));
    CHECK(notify::tell_announcements(w.db(), [] {}) == 1);
    w.run_hub();
    const auto sent = w.messages.last("announcement", "oChen");
    CHECK(sent.body.find("春节期间收检安排") != std::string::npos);
    const auto shown = admin.get(path);
    CHECK(contains(shown, "已发送"));
    CHECK(contains(shown, "撤回未发出的"));
    const auto page = company.get("/announcements" + path.substr(list.size()));
    CHECK(page.status == 200);
    CHECK(contains(page, "暂停收检"));
    CHECK(contains(company.get("/messages"), "平台公告"));
    CHECK(location_of(admin.post(path + "/recall")) == path + "?done=announcement_recalled");
    CHECK(contains(company.get("/announcements" + path.substr(list.size())), "本公告已撤回"));
    CHECK(admin.post(path + "/recall").status == 409);
    CHECK(contains(admin.get(list), "已撤回"));
}

TEST_CASE("M6 without WeChat the announcement is in the inbox only; a draft can be changed and removed") {
    site w;
    browser admin(w, "10.0.0.9"), company(w);
    admin.sign_in("admin");
    company.sign_in("chenzhiming");
    bind(w, "oChen");
    w.run_hub(); // tells of the binding
    w.messages.all.clear();
    const auto path = write_one(admin, false);
    const auto form = admin.get(path + "/edit");
    CHECK(contains(form, "修改公告"));
    auto changed = notice(false);
    changed.emplace_back("version", "1");
    changed[0].second = "收检安排";
    CHECK(location_of(admin.post(path, changed)) == path + "?done=saved");
    CHECK(admin.post(path, changed).status == 409); // the old form once more
    CHECK(location_of(admin.post(path + "/send")) == path + "?done=announcement_sending");
    notify::tell_announcements(w.db(), [] {});
    w.run_hub();
    CHECK(w.messages.all.empty());
    CHECK(contains(company.get("/messages"), "平台公告"));
    const auto other = write_one(admin, false);
    CHECK(location_of(admin.post(other + "/remove")) == "/staff/announcements?done=removed");
    CHECK(admin.get(other).status == 404);
}

TEST_CASE("关注者: the figures, the last list, and one asked for") {
    site w;
    browser admin(w, "10.0.0.9");
    admin.sign_in("admin");
    CHECK(contains(admin.get("/staff/followers"), "还没有核对过"));
    bind(w, "oChen");
    w.write([](core::db::write_tx& tx) -> core::result<> {
         core::account::record_follow(tx, "oA", "", tx.now());
         core::account::record_unfollow(tx, "oB", tx.now());
         return {};
     }).value();
    CHECK(location_of(admin.post("/staff/followers/sync")) == "/staff/followers?done=sync_requested");
    const auto page = admin.get("/staff/followers?done=sync_requested");
    for (const std::string_view part : {"已开始核对", "正在读取名单", "关注人数", "已绑定但未关注"})
        CHECK_MESSAGE(contains(page, part), part);
    w.write([](core::db::write_tx& tx) -> core::result<> {
         const auto open = *core::account::find_open_sync(tx);
         core::account::hold_sync(tx, open, "wechat.quota", tx.now() + std::chrono::minutes(15));
         return {};
     }).value();
    CHECK(contains(admin.get("/staff/followers"), "核对暂停"));
}
