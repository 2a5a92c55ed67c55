// 消息, 消息设置 and 到期器具: the pages of both sides on the whole site.
#include "core/account/binding.hpp"
#include "core/journal/setting.hpp"
#include "core/reminder/reminder.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/inbox.hpp"
#include "notify/hub/ways.hpp"
#include "notify/hub/wishes.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/routes.hpp"

#include <doctest/doctest.h>

#include <set>
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

int occurrences(const std::string& text, std::string_view of) {
    int n = 0;
    for (auto at = text.find(of); at != std::string::npos; at = text.find(of, at + of.size()))
        ++n;
    return n;
}

std::string bell_of(const std::string& page) {
    const auto link = between(page, "class=\"bell\" href=", "</a>");
    return between(link, "aria-label=\"", "\"");
}

// The list of messages in a company's page: the menu has links that look alike.
std::string mail_of(const std::string& page) {
    return between(page, "<ul class=\"card full mail\">", "</ul>");
}
std::string newest_of(const std::string& page) {
    return between(mail_of(page), "<li><a href=\"/messages/", "\"");
}

void confirm(site& w, std::int64_t order) {
    w.do_now([&](write_tx& tx) { return core::appointment::confirm_order(tx, w.scheduler, order); });
}

// An instrument of the company whose certificate ends that day.
std::int64_t ending(site& w, core::date ends, std::string_view method = "deliver") {
    const auto id = w.filed(w.company, method);
    w.do_now([&](write_tx& tx) -> core::result<> {
        core::instrument::outcome o;
        o.passed = true;
        o.certificate_no = "C" + std::to_string(id);
        o.verified_on = core::add_days(ends, -364);
        o.valid_until = ends;
        core::instrument::record_outcome(tx, id, o);
        return {};
    });
    return id;
}

} // namespace

TEST_CASE("N15 the bell of every page counts what is unread; opening one reads it; all can be read at once") {
    site w;
    browser company(w), staff(w, "10.0.0.1");
    company.sign_in("chenzhiming");
    staff.sign_in("linxiaomin");
    const auto instrument = w.filed(w.company);
    CHECK(location_of(company.post("/messages/read")) == "/messages?done=all_read");
    CHECK(location_of(staff.post("/staff/messages/read")) == "/staff/messages?done=all_read");
    CHECK(bell_of(company.get("/me").body) == "消息，没有未读");
    const auto order =
        w.book(w.company, {instrument}, w.wednesday); // the company's receipt, and the institution's work
    confirm(w, order);
    for (const auto* path : {"/me", "/orders", "/instruments", "/messages", "/due"})
        CHECK(bell_of(company.get(path).body) == "消息，2 条未读");
    CHECK(bell_of(staff.get("/staff").body) == bell_of(staff.get("/staff/orders").body));
    CHECK(bell_of(staff.get("/staff").body).find("没有未读") == std::string::npos);

    const auto list = company.get("/messages").body;
    CHECK(occurrences(list, "class=\"new\"") == 2);
    CHECK(list.find("预约成功提醒") < list.find("预约提交通知")); // newest first
    const auto one = newest_of(list);
    REQUIRE_FALSE(one.empty());
    const auto opened = company.get("/messages/" + one);
    CHECK(opened.status == 200);
    CHECK(contains(opened, "预约成功提醒"));
    CHECK(contains(opened, core::show_order_number(w.order(order).number)));
    CHECK(contains(opened, "href=\"/orders/" + std::to_string(order) + "\""));
    CHECK(bell_of(opened.body) == "消息，1 条未读");
    CHECK(occurrences(company.get("/messages").body, "class=\"new\"") == 1);
    CHECK(occurrences(mail_of(company.get("/messages?unread=1").body), "<li><a href") == 1);
    CHECK(contains(company.get("/messages?topic=reminder"), "没有符合条件的消息"));
    CHECK(company.get("/messages?topic=nonsense&after=x").status == 200);

    CHECK(location_of(company.post("/messages/" + one + "/unread")) == "/messages?done=kept_unread");
    CHECK(bell_of(company.get("/me").body) == "消息，2 条未读");
    const auto up_to = between(company.get("/messages").body, "name=\"up_to\" value=\"", "\"");
    w.do_now([&](write_tx& tx) { return core::appointment::cancel_order(tx, w.scheduler, order, "停电"); });
    company.post("/messages/read", {{"up_to", up_to}}); // what came after the page was shown stays unread
    CHECK(bell_of(company.get("/me").body) == "消息，1 条未读");

    browser other(w, "203.0.113.77");
    other.sign_in("liangminyi"); // another company
    CHECK(other.get("/messages/" + one).status == 404);
    CHECK(other.post("/messages/" + one + "/unread").status == 404);
    CHECK_FALSE(contains(other.get("/messages"), "停电"));
}

TEST_CASE(
    "N15 the message page shows the whole text, results with certificate numbers, and what comes next") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    const auto order = w.in_state(core::appointment::order_status::completed, 2);
    const auto list = company.get("/messages?topic=order").body;
    const auto one = newest_of(list);
    const auto page = company.get("/messages/" + one).body;
    CHECK(page.find("检定完成通知") != std::string::npos);
    for (const auto& line : w.order(order).lines) {
        CHECK(page.find(line.certificate_no) != std::string::npos);
        CHECK(page.find(line.serial_no) != std::string::npos);
    }
    const std::string reason(99, 'x');
    const auto refused = w.in_state(core::appointment::order_status::pending);
    w.do_now([&](write_tx& tx) {
        return core::appointment::reject_order(tx, w.scheduler, refused, reason + "！");
    });
    const auto latest = newest_of(company.get("/messages").body);
    CHECK(contains(company.get("/messages/" + latest), reason)); // WeChat shows twenty characters of it
}

TEST_CASE("N15 paging by key: every message once, none lost between the pages") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    for (int n = 0; n < 23; ++n)
        w.do_now([&](write_tx& tx) -> core::result<> {
            core::outbox::append(tx, {.kind = n % 2 == 0 ? "order_confirmed" : "filing_accepted",
                                      .subject_kind = "order",
                                      .subject_id = 1,
                                      .applicant_id = w.company.applicant_id,
                                      .facts = core::value::object().set("number", std::to_string(n))});
            return {};
        });
    const auto walk = [&](std::string path) {
        std::set<std::string> seen;
        int shown = 0;
        while (!path.empty()) {
            const auto whole = company.get(path).body;
            const auto page = mail_of(whole);
            for (auto at = page.find("<li><a href=\"/messages/"); at != std::string::npos;
                 at = page.find("<li><a href=\"/messages/", at + 1)) {
                seen.insert(between(page.substr(at), "/messages/", "\""));
                ++shown;
            }
            path = between(whole, "<p class=\"pager full\"><a class=\"btn\" href=\"", "\"");
            for (auto at = path.find("&amp;"); at != std::string::npos; at = path.find("&amp;"))
                path.replace(at, 5, "&");
        }
        CHECK(static_cast<int>(seen.size()) == shown);
        return shown;
    };
    const int all = walk("/messages");
    CHECK(all >= 23);
    CHECK(walk("/messages?topic=order") + walk("/messages?topic=filing") + walk("/messages?topic=account") +
              walk("/messages?topic=reminder") ==
          all);
    CHECK(walk("/messages?topic=order&unread=1") >= 12);
}

TEST_CASE("N13 消息设置 saves switches, quiet hours and pause; what cannot be switched off says why") {
    site w;
    browser company(w), staff(w, "10.0.0.1");
    company.sign_in("chenzhiming");
    staff.sign_in("linxiaomin");
    const auto page = company.get("/messages/settings").body;
    CHECK(page.find("账号安全通知，不能关闭") != std::string::npos);
    CHECK(page.find("22:00 至次日 08:00") != std::string::npos);
    CHECK(page.find("wish.") == std::string::npos); // every kind has its words
    CHECK(staff.get("/staff/messages/settings").body.find("wish.") == std::string::npos);
    CHECK(occurrences(page, "name=\"k\"") ==
          static_cast<int>(w.read([&](read_view& v) { return notify::list_wishes(v, w.company); }).size()));
    const form_fields form = {{"k", "order_confirmed"}, {"k", "order_completed"}, {"mute", "1"},
                              {"quiet", "own"},         {"quiet_from", "21:30"},  {"quiet_until", "07:15"}};
    CHECK(location_of(company.post("/messages/settings", form)) == "/messages/settings?done=saved");
    const auto after = company.get("/messages/settings?done=saved").body;
    CHECK(after.find("已保存") != std::string::npos);
    CHECK(after.find("value=\"21:30\"") != std::string::npos);
    CHECK(occurrences(after, "name=\"k\" value=\"order_confirmed\" checked") == 1);
    CHECK(occurrences(after, "name=\"k\" value=\"order_moved\" checked") == 0);
    CHECK(occurrences(after, "name=\"k\" value=\"wechat_bound\" checked disabled") == 1);
    CHECK(occurrences(after, "name=\"mute\" value=\"1\" checked") == 1);
    const auto hours = w.read([&](read_view& v) { return notify::find_quiet_hours(v, w.company.login_id); });
    CHECK(hours.is_own);
    CHECK(hours.from == 21 * 60 + 30);
    // A wrong hour is refused at its field; nothing of the form is saved, nothing typed is lost.
    const auto wrong =
        company.post("/messages/settings", {{"k", "order_moved"}, {"quiet", "own"}, {"quiet_from", "25:99"}});
    CHECK(wrong.status == 422);
    CHECK(contains(wrong, "请填写勿扰时段的开始和结束"));
    CHECK(contains(wrong, "name=\"k\" value=\"order_moved\" checked"));
    CHECK(occurrences(company.get("/messages/settings").body, "name=\"k\" value=\"order_moved\" checked") ==
          0);
    CHECK(location_of(company.post("/messages/settings", {{"quiet", "platform"}})) ==
          "/messages/settings?done=saved");
    CHECK_FALSE(w.read([&](read_view& v) { return notify::find_quiet_hours(v, w.company.login_id); }).is_own);
    CHECK(location_of(staff.post("/staff/messages/settings", {{"quiet", "none"}})) ==
          "/staff/messages/settings?done=saved");
    CHECK(contains(staff.get("/staff/messages/settings"), "value=\"none\" checked"));
}

TEST_CASE(
    "U6 消息设置 offers the ways that are configured, for everything and by kind, on both sides; what is "
    "chosen twice is refused at its place") {
    site w;
    browser company(w), staff(w, "10.0.0.1");
    company.sign_in("chenzhiming");
    staff.sign_in("linxiaomin");
    const auto shown = [](const std::string& page, std::string_view name) {
        return between(page, "name=\"" + std::string(name) + "\">", "</select>");
    };
    auto page = company.get("/messages/settings").body;
    CHECK(occurrences(page, "<select name=\"way\">") == 2);
    CHECK(shown(page, "way").find("value=\"wechat\" selected>微信（未绑定）") != std::string::npos);
    CHECK(page.find("邮件（未添加）") != std::string::npos);
    CHECK(shown(page, "way_order_moved").find("value=\"\" selected>与上面相同") != std::string::npos);
    CHECK(shown(page, "way_order_moved").find("先邮件，再微信") != std::string::npos);
    CHECK(page.find("<details class=\"card picks\">") != std::string::npos);
    const auto ways_of = [&](std::string_view kind) {
        return w.read([&](read_view& v) { return notify::find_ways(v, w.company.login_id, kind); });
    };
    const auto save = [&](browser& b, std::string_view base, form_fields form) {
        for (const auto* k : {"order_moved", "order_confirmed", "order_submitted"})
            form.emplace_back("k", k);
        return b.post(std::string(base) + "/settings", form);
    };
    CHECK(location_of(save(company, "/messages",
                           {{"way", "email"}, {"way", ""}, {"way_order_moved", "wechat email"}})) ==
          "/messages/settings?done=saved");
    CHECK(ways_of("order_confirmed") == notify::way_names{"email"});
    CHECK(ways_of("order_moved") == notify::way_names{"wechat", "email"});
    page = company.get("/messages/settings").body;
    CHECK(page.find("<details class=\"card picks\" open>") != std::string::npos);
    CHECK(shown(page, "way_order_moved").find("value=\"wechat email\" selected") != std::string::npos);
    const auto wrong = save(company, "/messages", {{"way", "wechat"}, {"way", "wechat"}});
    CHECK(wrong.status == 422);
    CHECK(contains(wrong, "接收方式选了两次同一种"));
    CHECK_FALSE(contains(wrong, "请填写勿扰时段"));
    CHECK(ways_of("order_confirmed") == notify::way_names{"email"}); // nothing of it is saved
    CHECK(location_of(save(company, "/messages", {{"quiet", "platform"}})) ==
          "/messages/settings?done=saved");
    CHECK(ways_of("order_confirmed") == notify::way_names{"email"}); // not in the form: as it was
    // What holds anyway is no choice: the person goes on with the platform.
    CHECK(location_of(
              save(company, "/messages", {{"way", "wechat"}, {"way", "email"}, {"way_order_moved", ""}})) ==
          "/messages/settings?done=saved");
    CHECK(w.count("SELECT count(*) FROM person_ways") == 0);
    CHECK(save(company, "/messages", {{"way_order_moved", "pigeon"}}).status == 422);
    page = staff.get("/staff/messages/settings").body;
    CHECK(occurrences(page, "name=\"way\">") == 2);
    CHECK(page.find("name=\"way_order_moved\">") != std::string::npos);
    CHECK(location_of(save(staff, "/staff/messages", {{"way", ""}, {"way", "email"}})) ==
          "/staff/messages/settings?done=saved");
    CHECK(w.count("SELECT count(*) FROM person_ways WHERE kind = '' AND ways = 'email'") == 1);
}

TEST_CASE("U8 who has bound and does not follow is told on the settings page that nothing comes by WeChat") {
    site w;
    browser company(w, "10.0.0.1"), staff(w, "10.0.0.2");
    company.sign_in("chenzhiming");
    staff.sign_in("linxiaomin");
    const auto linxiaomin = w.acting("linxiaomin");
    w.do_now([&](write_tx& tx) -> core::result<> {
        if (auto b = core::account::bind_wechat(tx, w.company, "oGone", ""); !b) return b.error();
        if (auto b = core::account::bind_staff_wechat(tx, linxiaomin, "oStaff"); !b) return b.error();
        return {};
    });
    constexpr const char* warning = "没有关注公众号，收不到微信通知";
    CHECK_FALSE(contains(company.get("/messages/settings"), warning));
    w.do_now([&](write_tx& tx) -> core::result<> { // 43004, then bound again over a page
        tx.exec("INSERT INTO follower (openid, is_following, changed_at, said_at, scene, seen_in) VALUES "
                "('oGone', 0, 0, 0, '', 0), ('oStaff', 0, 0, 0, '', 0)");
        return {};
    });
    CHECK(contains(company.get("/messages/settings"), warning));
    CHECK(contains(staff.get("/staff/messages/settings"), warning));
}

TEST_CASE("N7 43101 a refusal in WeChat is shown with the way to undo it, and forgotten when it is undone") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    CHECK_FALSE(contains(company.get("/messages/settings"), "您在微信里拒收了"));
    w.do_now([&](write_tx& tx) -> core::result<> {
        core::account::bind_wechat(tx, w.company, "oPhone1", "").value();
        notify::store::put_refusal(tx, "wechat", "oPhone1", "order_confirmed", 43101);
        notify::store::put_refusal(tx, "wechat", "oSomebodyElse", "order_moved", 43101);
        return {};
    });
    const auto page = company.get("/messages/settings").body;
    CHECK(page.find("您在微信里拒收了以下通知") != std::string::npos);
    CHECK(page.find("“预约成功提醒”") != std::string::npos);
    CHECK(page.find("预约改期通知") == std::string::npos);
    CHECK(location_of(company.post("/messages/refusals/forget")) ==
          "/messages/settings?done=refusals_forgotten");
    CHECK_FALSE(contains(company.get("/messages/settings"), "您在微信里拒收了"));
    CHECK(w.count("SELECT count(*) FROM channel_refusal") == 1); // the other's stays
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'forget_refusals'") == 1);
}

TEST_CASE("U9 M27 the reminder's link books everything that is due in one step, by institution and method") {
    site w;
    w.widen();
    browser company(w);
    company.sign_in("chenzhiming");
    CHECK(contains(company.get("/due/book"), "没有需要预约的到期器具"));
    const auto soon = core::add_days(w.wednesday, 30);
    for (int n = 0; n < 3; ++n)
        ending(w, soon);
    const auto visit = ending(w, soon, "onsite");
    const auto late = ending(w, core::add_days(w.wednesday, -40));
    const auto list = company.get("/due").body; // what is overdue comes first
    CHECK(list.find("已过期 39 天") != std::string::npos);
    CHECK(list.find("预约全部到期器具（5）") != std::string::npos);
    CHECK(contains(company.get("/me"), "/due?tab=overdue"));
    // As the message says it: the link in WeChat is for those who are signed in already this page.
    w.time.set(core::local_instant(w.wednesday, 9 * 60));
    w.do_now([&](write_tx& tx) -> core::result<> {
        for (const auto& j : core::reminder::jobs)
            if (j.name == "certificates")
                while (core::reminder::run_some(tx, j, 100)) {
                }
        return {};
    });
    company.sign_in("chenzhiming");
    const auto message = newest_of(company.get("/messages?topic=reminder").body);
    REQUIRE_FALSE(message.empty());
    CHECK(contains(company.get("/messages/" + message), "href=\"/due/book\""));

    const auto plan = company.get("/due/book").body;
    CHECK(plan.find("提交 2 个预约单") != std::string::npos);
    form_fields form = {{"contact_name", "陈志明"}, {"contact_phone", "138"}, {"_once", "k1"}};
    for (const auto* n : {"0", "1"}) {
        const std::string number(n);
        form.emplace_back("o", number);
        form.emplace_back("items_" + number, between(plan, "name=\"items_" + number + "\" value=\"", "\""));
        const auto times = between(plan, "name=\"time_" + number + "\"", "</select>");
        form.emplace_back("time_" + number, between(times, "<option value=\"", "\" selected"));
    }
    const auto wrong = company.post("/due/book", form);
    CHECK(wrong.status == 422);
    CHECK(contains(wrong, "手机号只有 3 位"));
    form[1].second = "13800001234";
    CHECK(location_of(company.post("/due/book", form)) == "/orders?done=due_booked");
    CHECK(location_of(company.post("/due/book", form)) == "/orders?done=due_booked"); // sent twice: once
    CHECK(w.count("SELECT count(*) FROM appointment_order") == 2);
    CHECK(contains(company.get("/due/book"), "没有需要预约的到期器具"));
    CHECK(contains(company.get("/due?tab=overdue"), "已预约，查看预约单"));
    CHECK(visit != late);
}

TEST_CASE("M27 a choice from the due list alone is planned; what cannot be booked says why") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    const auto one = ending(w, core::add_days(w.wednesday, 30));
    ending(w, core::add_days(w.wednesday, 31));
    const auto taken = ending(w, core::add_days(w.wednesday, 32));
    w.book(w.company, {taken}, w.wednesday);
    const auto plan = company.get("/due/book?i=" + std::to_string(one) + "&i=" + std::to_string(taken)).body;
    CHECK(between(plan, "name=\"items_0\" value=\"", "\"") == std::to_string(one));
    CHECK(plan.find("已在另一个预约单中") != std::string::npos);
    CHECK(plan.find("提交 1 个预约单") != std::string::npos);
    const auto none =
        company.post("/due/book", {{"contact_name", "陈志明"}, {"contact_phone", "13800001234"}});
    CHECK(none.status == 422);
    CHECK(w.count("SELECT count(*) FROM appointment_order") == 1);
}
