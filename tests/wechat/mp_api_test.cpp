// wechat/mp/api: the token, one retry, breakers, the other host, classes of codes, nothing secret in the log.
#include "core/base/json.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/mp/template_channel.hpp"

#include <doctest/doctest.h>

#include <barrier>
#include <thread>

namespace {

using namespace std::chrono_literals;
using namespace wechat::mp;
using core::value;
using tests::fake_wechat;
using tests::log_lines;

constexpr std::string_view tokens = "/cgi-bin/stable_token";
constexpr std::string_view menu_get = "/cgi-bin/menu/get";

std::string token(std::string_view t, int seconds = 7200) {
    return R"({"access_token":")" + std::string(t) + R"(","expires_in":)" + std::to_string(seconds) + "}";
}
std::string refusal(int code, std::string_view message = "no", std::string_view rid = "6f-1-2") {
    return R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":")" + std::string(message) +
           " rid: " + std::string(rid) + R"("})";
}

// Our client, talking to a fake host over plain HTTP on loopback.
class line {
  public:
    line() : settings(tests::account_settings()), fake(w.time), http_(options()) {
        settings.api_base = fake.base();
        restart();
    }
    void restart() { api_ = std::make_unique<wechat::mp::api>(settings, http_, w.db()); }
    wechat::mp::api& api() { return *api_; }
    std::string get(std::string_view path = menu_get) { // "" fine, else the detail
        const auto answer = api_->get(path);
        return answer ? "" : answer.error().detail;
    }
    std::size_t asked(std::string_view path) const { return fake.calls(path).size(); }

    tests::world w;
    wechat::mp::settings settings;
    fake_wechat fake;

  private:
    static http_client::options options() {
        http_client::options o;
        o.allow_plain_http = true;
        o.connect_timeout_ms = 2000;
        o.total_timeout_ms = 5000;
        return o;
    }
    http_client http_;
    std::unique_ptr<wechat::mp::api> api_;
};

std::string argument(const core::error& e, std::string_view name) {
    for (const auto& [n, text] : e.args)
        if (n == name) return text;
    return "(none)";
}

} // namespace

TEST_CASE("U3 token: fetched once for many at the same time, kept across a restart, renewed before it dies") {
    line l;
    std::barrier together(16);
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 16; ++i)
            callers.emplace_back([&] {
                together.arrive_and_wait();
                const auto t = l.api().token().current();
                right += t && *t == "T-planted-token-1" ? 1 : 0;
            });
    }
    CHECK(right == 16);
    CHECK(l.asked(tokens) == 1);
    const auto body = core::parse_json(l.fake.calls(tokens)[0].body).value();
    CHECK(body.text("grant_type") == "client_credential");
    CHECK(body.text("appid") == l.settings.appid);
    CHECK_FALSE(body.flag("force_refresh"));
    l.restart();
    CHECK(*l.api().token().current() == "T-planted-token-1");
    CHECK(l.asked(tokens) == 1);
    CHECK(l.w.count("SELECT count(*) FROM wx_token WHERE instr(sealed, 'planted') > 0") == 0); // sealed
    l.w.time.advance(7200s - 301s);
    CHECK(*l.api().token().current() == "T-planted-token-1");
    CHECK(l.asked(tokens) == 1);
    l.fake.answer(tokens, token("T2", 7200));
    l.w.time.advance(2s);
    CHECK(*l.api().token().current() == "T2");
    CHECK(l.asked(tokens) == 2);
}

TEST_CASE(
    "U3 token: a refresh that fails is no harm while the old one lives, and is not asked for in a loop") {
    line l;
    REQUIRE(l.api().token().current().has_value());
    l.w.time.advance(7200s - 200s);
    l.fake.answer(tokens, "<html>502</html>");
    for (int i = 0; i < 10; ++i)
        CHECK(*l.api().token().current() == "T-planted-token-1");
    CHECK(l.asked(tokens) == 2);
    l.w.time.advance(201s);
    CHECK_FALSE(l.api().token().current().has_value());
    for (int i = 0; i < 10; ++i)
        CHECK(l.get() == "wechat.away");
    CHECK(l.asked(tokens) == 3);
    CHECK(l.asked(menu_get) == 0);
    l.w.time.advance(6s);
    CHECK(l.get() == "wechat.away");
    CHECK(l.asked(tokens) == 4);
    // The platform gives the same token with little time left: it is taken as it is.
    line m;
    m.fake.answer(tokens, token("S", 300));
    for (int i = 0; i < 5; ++i)
        CHECK(*m.api().token().current() == "S");
    CHECK(m.asked(tokens) == 1);
}

TEST_CASE(
    "U3 a refused token: renewed once, tried once more; forced at most once in ten minutes; never a loop") {
    for (const int code : {40001, 40014, 42001}) {
        line l;
        l.fake.answer(tokens, token("A"));
        l.fake.answer(tokens, token("B"));
        l.fake.answer(menu_get, refusal(code));
        l.fake.answer(menu_get, R"({"errcode":0})");
        CHECK(l.get() == "");
        const auto tries = l.fake.calls(menu_get);
        REQUIRE(tries.size() == 2);
        CHECK(tries[0].token == "A");
        CHECK(tries[1].token == "B");
    }
    line l; // WeChat insists: the same token again, and refuses it again
    l.fake.answer(tokens, token("A"));
    l.fake.answer(menu_get, refusal(40001));
    CHECK(l.get() == "wechat.away");
    const auto asks = l.fake.calls(tokens);
    REQUIRE(asks.size() == 3); // first, renewal, forced
    CHECK_FALSE(core::parse_json(asks[1].body)->flag("force_refresh"));
    CHECK(core::parse_json(asks[2].body)->flag("force_refresh"));
    CHECK(l.asked(menu_get) == 2);
    CHECK(l.get() == "wechat.token_refused");
    CHECK(l.asked(tokens) == 4); // not forced again
    for (int day = 0; day < 2; ++day) {
        for (int i = 0; i < 20; ++i) {
            l.w.time.advance(11min);
            l.get();
        }
        int forced = 0;
        for (const auto& c : l.fake.calls(tokens))
            forced += core::parse_json(c.body)->flag("force_refresh") ? 1 : 0;
        CHECK(forced <= 5 * (day + 1));
        l.w.time.advance(24h);
    }
}

TEST_CASE("U3 another thread renewed already: the newer token is taken without asking") {
    line l;
    l.fake.answer(tokens, token("A"));
    l.fake.answer(tokens, token("B"));
    REQUIRE(*l.api().token().current() == "A");
    CHECK(*l.api().token().renew("A") == "B");
    CHECK(*l.api().token().renew("A") == "B"); // refused with the old one still
    CHECK(l.asked(tokens) == 2);
}

TEST_CASE(
    "N7 breakers: what only the operator can mend stops every call, says why, and is tried again later") {
    struct row {
        int code;
        std::string_view message, cause, ip;
    };
    const std::vector<row> table = {
        {40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist", "ip_whitelist",
         "203.0.113.7"},
        {61004, "access clientip is not registered", "ip_whitelist", ""},
        {45035, "access clientip is not registered", "ip_whitelist", ""},
        {89503, "ip not confirmed", "ip_whitelist", ""},
        {40125, "invalid appsecret", "secret", ""},
        {40001, "invalid credential", "secret", ""}, // of the token call
        {40013, "invalid appid", "secret", ""},
        {40243, "frozen", "secret", ""},
    };
    for (const auto& r : table) {
        CAPTURE(r.code);
        line l;
        l.fake.answer(tokens, refusal(r.code, r.message));
        const log_lines log;
        const auto first = l.api().get(menu_get); // the cause is said at once
        REQUIRE_FALSE(first.has_value());
        CHECK(first.error().detail == "wechat.account_down");
        CHECK(argument(first.error(), "cause") == r.cause);
        const auto stopped = l.api().post("/cgi-bin/menu/create", value::object());
        REQUIRE_FALSE(stopped.has_value());
        CHECK(argument(stopped.error(), "cause") == r.cause);
        CHECK(argument(stopped.error(), "ip") == r.ip);
        CHECK(argument(stopped.error(), "errcode") == std::to_string(r.code));
        CHECK(l.asked(tokens) == 1);
        CHECK(l.asked(menu_get) == 0);
        const auto blocks = l.api().blocks();
        REQUIRE(blocks.size() == 1);
        CHECK(blocks[0].rid == "6f-1-2");
        CHECK(log.with("no access token").size() == 1);
        l.w.time.advance(4min + 59s);
        CHECK(l.get() == "wechat.account_down");
        CHECK(l.asked(tokens) == 1);
        l.w.time.advance(2s);
        l.fake.answer(tokens, token("A"));
        CHECK(l.get() == "wechat.account_down"); // the script's first answer once more
        l.w.time.advance(5min + 1s);
        CHECK(l.get() == "");
        CHECK(l.api().blocks().empty());
    }
}

TEST_CASE("N8 quotas: 45009 stops that path until midnight in Guangdong, 45011 for a minute; others go on") {
    line l;
    l.fake.answer(menu_get, refusal(45009));
    CHECK(l.get() == "wechat.quota");
    for (int i = 0; i < 5; ++i)
        CHECK(l.get() == "wechat.quota");
    CHECK(l.asked(menu_get) == 1);
    CHECK(l.get("/cgi-bin/user/get") == "");
    l.w.time.set(core::local_instant(*core::parse_date("2026-11-24"), 23 * 60 + 59));
    CHECK(l.get() == "wechat.quota");
    CHECK(l.asked(menu_get) == 1);
    l.w.time.advance(1min);
    l.get();
    CHECK(l.asked(menu_get) == 2);
    line m;
    m.fake.answer(menu_get, refusal(45011));
    m.fake.answer(menu_get, R"({"errcode":0})");
    CHECK(m.get() == "wechat.quota");
    m.w.time.advance(59s);
    CHECK(m.get() == "wechat.quota");
    m.w.time.advance(2s);
    CHECK(m.get() == "");
}

TEST_CASE("N7 breakers: who looks asks anew, a quota holds; who releases ends both") {
    line l;
    l.fake.answer(menu_get, refusal(45009, "reach max api daily quota limit"));
    l.fake.answer("/cgi-bin/tags/get", refusal(48001, "api unauthorized"));
    CHECK(l.api().get(menu_get).error().detail == "wechat.quota");
    CHECK(l.api().get("/cgi-bin/tags/get").error().detail == "wechat.account_down");
    CHECK(l.api().blocks().size() == 2);
    l.api().probe();
    REQUIRE(l.api().blocks().size() == 1);
    CHECK(l.api().blocks()[0].errcode == 45009);
    l.fake.answer("/cgi-bin/tags/get", refusal(48001, "api unauthorized"));
    CHECK_FALSE(l.api().get("/cgi-bin/tags/get").has_value()); // still so: it is asked, and stops again
    CHECK(l.api().blocks().size() == 2);
    l.api().lift_all();
    CHECK(l.api().blocks().empty());
}

TEST_CASE("N6 what a gateway says in WeChat's place is no success, also when it is JSON") {
    line l;
    l.fake.answer("/cgi-bin/menu/create", R"(502 {"message":"bad gateway"})");
    const auto published = l.api().post("/cgi-bin/menu/create", value::object());
    REQUIRE_FALSE(published.has_value());
    CHECK(published.error().detail == "wechat.away");
    l.fake.answer(menu_get, R"(502 {"errcode":46003,"errmsg":"menu no exist"})"); // WeChat's own words count
    CHECK(l.api().get(menu_get).error().detail == "wechat.refused");
}

TEST_CASE("N7 the template channel sends nothing while a breaker is open") {
    line l;
    l.settings.template_ids = {{"order_confirmed", "TID"}};
    l.restart();
    template_channel channel(l.api());
    notify::outgoing m;
    m.client_msg_id = "qj1";
    m.address = "oA";
    m.kind = "order_confirmed";
    m.body = channel.compose({m.kind, "预约成功提醒", "/orders/1", {{"thing1", "器具", "压力表"}}});
    const auto send_by = [&](template_channel& c) {
        notify::send_result got;
        bool given = false;
        c.send(
            [&]() -> std::optional<notify::outgoing> {
                if (std::exchange(given, true)) return std::nullopt;
                return m;
            },
            [&](const notify::outgoing&, notify::send_result r) { got = std::move(r); });
        return got;
    };
    const auto send = [&] { return send_by(channel); };
    constexpr std::string_view path = "/cgi-bin/message/template/send";
    l.fake.answer(path, R"({"errcode":0,"errmsg":"ok","msgid":3487542469355618313})");
    const auto fine = send();
    CHECK(fine.result == notify::verdict::accepted);
    CHECK(fine.msgid == 3487542469355618313);
    const std::string body = l.fake.calls(path)[0].body;
    CHECK(body.find("压力表") != std::string::npos); // UTF-8, not \uXXXX: WeChat refuses those (40033)
    CHECK(body.find("\\u") == std::string::npos);
    CHECK(body.find("\"url\":\"https://example.com/orders/1\"") != std::string::npos);
    l.fake.answer(path, refusal(45009));
    CHECK(send().result == notify::verdict::accepted); // the script's first answer once more
    CHECK(send().result == notify::verdict::quota);
    const auto before = l.asked(path);
    CHECK(send().result == notify::verdict::quota);
    CHECK(l.asked(path) == before);
    line n;
    n.settings.template_ids = {{"order_confirmed", "TID"}};
    n.restart();
    template_channel other(n.api());
    n.fake.answer(tokens, refusal(40164, "invalid ip 1.2.3.4, not in whitelist"));
    notify::send_result got;
    for (int i = 0; i < 3; ++i)
        got = send_by(other);
    CHECK(got.result == notify::verdict::account_down);
    CHECK(n.asked(tokens) == 1);
    CHECK(n.asked(path) == 0);
}

TEST_CASE("U3 the other host: used while the first cannot be reached, left again after five minutes") {
    line l;
    const std::string dead = tests::unused_address();
    l.settings.api_base = dead;
    l.settings.api_base_fallback = l.fake.base();
    l.restart();
    const log_lines log;
    CHECK(l.get() == "");
    CHECK(l.api().hosts().on_fallback());
    CHECK(log.with("cannot be reached").size() == 1);
    CHECK(l.get() == "");
    CHECK(log.with("cannot be reached").size() == 1); // the first is not tried each time
    l.w.time.advance(6min);
    CHECK_FALSE(l.api().hosts().on_fallback());
    CHECK(l.get() == "");
    CHECK(log.with("cannot be reached").size() == 2);
    // No other host: said as it is.
    line m;
    m.settings.api_base = dead;
    m.restart();
    CHECK(m.get() == "wechat.away");
    // What may have arrived is not sent twice by itself: only a refused connection changes the host.
    line n;
    n.settings.api_base_fallback = dead;
    n.restart();
    n.fake.answer("/cgi-bin/menu/create", "<html>502 Bad Gateway</html>");
    CHECK(n.api().post("/cgi-bin/menu/create", value::object()).error().detail == "wechat.away");
    CHECK(n.asked("/cgi-bin/menu/create") == 1);
}

TEST_CASE("N7 every code of the reference has a class and an action") {
    using enum error_class;
    std::vector<std::pair<int, error_class>> expected = {{-1, retry},
                                                         {0, ok},
                                                         {40001, refresh_token},
                                                         {40002, data},
                                                         {40003, user},
                                                         {40013, account},
                                                         {41002, account},
                                                         {40014, refresh_token},
                                                         {40054, data},
                                                         {40055, data},
                                                         {45056, data},
                                                         {45059, data},
                                                         {45157, data},
                                                         {45158, data},
                                                         {45159, data},
                                                         {49003, user},
                                                         {40029, authorise},
                                                         {40030, authorise},
                                                         {40036, one_template},
                                                         {40037, one_template},
                                                         {40035, data},
                                                         {40038, data},
                                                         {40039, data},
                                                         {40048, data},
                                                         {40066, data},
                                                         {40097, data},
                                                         {40125, account},
                                                         {41004, account},
                                                         {40163, authorise},
                                                         {40164, account},
                                                         {61004, account},
                                                         {40243, account},
                                                         {41001, data},
                                                         {41003, data},
                                                         {41028, data},
                                                         {41029, data},
                                                         {41030, data},
                                                         {42001, refresh_token},
                                                         {42002, authorise},
                                                         {42003, authorise},
                                                         {42007, authorise},
                                                         {43004, user},
                                                         {46004, user},
                                                         {50005, user},
                                                         {43019, user},
                                                         {43100, quota_day},
                                                         {43101, user},
                                                         {43107, account},
                                                         {43108, retry},
                                                         {43116, one_template},
                                                         {45009, quota_day},
                                                         {45010, data},
                                                         {45011, quota_minute},
                                                         {45015, user},
                                                         {45026, account},
                                                         {45035, account},
                                                         {45047, user},
                                                         {45065, benign},
                                                         {45066, retry},
                                                         {45067, data},
                                                         {46001, data},
                                                         {46002, data},
                                                         {46003, benign},
                                                         {47001, data},
                                                         {47003, data},
                                                         {48001, account},
                                                         {48002, user},
                                                         {48004, account},
                                                         {48005, data},
                                                         {48006, quota_day},
                                                         {48008, account},
                                                         {50001, authorise},
                                                         {50002, user},
                                                         {50007, account},
                                                         {61024, account},
                                                         {61450, retry},
                                                         {61500, data},
                                                         {87009, data},
                                                         {89501, account},
                                                         {89503, account},
                                                         {89506, account},
                                                         {89507, account}};
    for (const auto& [from, to] : {std::pair{40004, 40012},
                                   {40015, 40028},
                                   {40031, 40033},
                                   {41005, 41009},
                                   {43001, 43003},
                                   {44001, 44004},
                                   {45001, 45008},
                                   {45016, 45018},
                                   {65301, 65320}})
        for (int code = from; code <= to; ++code)
            expected.emplace_back(code, data);
    for (const auto& [code, kind] : expected) {
        CAPTURE(code);
        CHECK(class_of(code) == kind);
        CHECK(!meaning_of(code).empty());
    }
    CHECK(known_errors().size() == expected.size()); // no code without an expectation
    CHECK(class_of(9001001) == unknown);
    const std::vector<std::pair<error_class, action>> actions = {{ok, action::nothing},
                                                                 {benign, action::nothing},
                                                                 {refresh_token, action::renew_token},
                                                                 {retry, action::retry_later},
                                                                 {unknown, action::retry_later},
                                                                 {quota_day, action::wait_for_day},
                                                                 {quota_minute, action::wait_a_minute},
                                                                 {user, action::mark_user},
                                                                 {data, action::give_up},
                                                                 {one_template, action::park_template},
                                                                 {account, action::pause_and_alarm},
                                                                 {authorise, action::authorise_again}};
    for (const auto& [kind, what] : actions)
        CHECK(action_of(kind) == what);
    CHECK(actions.size() == static_cast<std::size_t>(unknown) + 1);
}

TEST_CASE("U3 refusals keep code, words and rid; a page of a gateway is no answer") {
    line l;
    l.fake.answer("/x", refusal(47003, "argument invalid! data.thing3.value invalid", "66f0-abc"));
    const auto refused = l.api().get("/x");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail == "wechat.refused");
    CHECK(argument(refused.error(), "errcode") == "47003");
    CHECK(argument(refused.error(), "rid") == "66f0-abc");
    CHECK(argument(refused.error(), "errmsg").find("data.thing3.value invalid") != std::string::npos);
    l.fake.answer("/y", "<html>");
    CHECK(l.get("/y") == "wechat.away");
    l.fake.answer("/z", refusal(-1));
    CHECK(l.get("/z") == "wechat.away");
    CHECK(rid_of("no rid: 6f-1, x") == "6f-1");
    CHECK(rid_of("nothing").empty());
}

TEST_CASE("U4 exchanging a code: used, over, snapshot, strange") {
    line l;
    constexpr std::string_view path = "/sns/oauth2/access_token";
    const auto once = [&](std::string json) {
        line fresh;
        fresh.fake.answer(path, std::move(json));
        const auto who = fresh.api().exchange_code("c1");
        return who ? who->openid : who.error().detail;
    };
    CHECK(once(R"({"access_token":"x","openid":"oA","scope":"snsapi_base"})") == "oA");
    for (const int code : {40029, 40163, 42003})
        CHECK(once(refusal(code)) == "oauth.code_used");
    CHECK(once(R"({"openid":"oVirtual","is_snapshotuser":1})") == "oauth.snapshot");
    CHECK(once(R"({"access_token":"x"})") == "wechat.away");
    CHECK(once("<html>") == "wechat.away");
    CHECK(once(refusal(40125)) == "wechat.account_down");
}

TEST_CASE("S12 nothing secret in the log: secret, tokens, keys, code, whole openids") {
    line l;
    const std::string openid = "oPLANTEDopenid00000000000001", code = "PLANTEDcode0123456789";
    const log_lines log;
    l.fake.answer("/a", refusal(40003, "invalid openid hint: [" + openid + "]"));
    l.get("/a");
    l.fake.answer("/b", refusal(40097, "secret " + l.settings.secret + " token " + l.settings.token +
                                           " key " + l.settings.encoding_aes_key));
    l.get("/b");
    l.fake.answer("/c", refusal(40001, "T-planted-token-1 is invalid"));
    l.get("/c");
    l.fake.answer("/sns/oauth2/access_token", refusal(40029, "invalid code " + code));
    CHECK_FALSE(l.api().exchange_code(code).has_value());
    l.settings.api_base = tests::unused_address();
    l.restart();
    l.get("/d");
    CHECK_FALSE(l.api().exchange_code(code).has_value());
    l.w.time.advance(24h);
    l.get("/e");
    const std::string all = log.all();
    CHECK(all.size() > 500);
    for (const std::string& secret : {l.settings.secret, l.settings.token, l.settings.encoding_aes_key,
                                      openid, std::string("access_token="), std::string("secret=")})
        CHECK(all.find(secret) == std::string::npos);
    CHECK(all.find("oPLANT…") != std::string::npos); // enough to find the person by
}

TEST_CASE("U3 publishing a menu: only what differs, the conditional one by its tag") {
    line l;
    l.settings.staff_tag = 101;
    l.restart();
    const auto wanted = load_menus(tests::strict_templates(), l.settings).value();
    l.fake.answer(menu_get, refusal(46003, "menu no exist"));
    const auto first = publish_menus(l.api(), wanted);
    REQUIRE(first.has_value());
    CHECK(first->all);
    CHECK(first->staff);
    REQUIRE(l.asked("/cgi-bin/menu/create") == 1);
    CHECK(core::to_json(core::parse_json(l.fake.calls("/cgi-bin/menu/create")[0].body).value()) ==
          core::to_json(wanted.all));
    REQUIRE(l.asked("/cgi-bin/menu/addconditional") == 1);
    CHECK(l.asked("/cgi-bin/menu/delconditional") == 0);

    line m; // all of it is live: WeChat gives it back with a menuid
    m.settings.staff_tag = 101;
    m.restart();
    value staff = *wanted.staff;
    staff.set("menuid", 208396993);
    m.fake.answer(
        menu_get,
        core::to_json(
            value::object().set("menu", wanted.all).set("conditionalmenu", value(value::list{staff}))));
    const auto again = publish_menus(m.api(), wanted);
    REQUIRE(again.has_value());
    CHECK_FALSE(again->all);
    CHECK_FALSE(again->staff);
    CHECK(m.fake.calls().size() == 2); // token and get

    line n; // the staff menu changed
    n.settings.staff_tag = 101;
    n.restart();
    value older = wanted.all;
    older.set("menuid", "42").set("matchrule", value::object().set("tag_id", "101"));
    n.fake.answer(
        menu_get,
        core::to_json(
            value::object().set("menu", wanted.all).set("conditionalmenu", value(value::list{older}))));
    const auto changed = publish_menus(n.api(), wanted);
    REQUIRE(changed.has_value());
    CHECK_FALSE(changed->all);
    CHECK(changed->staff);
    REQUIRE(n.asked("/cgi-bin/menu/delconditional") == 1);
    CHECK(n.fake.calls("/cgi-bin/menu/delconditional")[0].body == R"({"menuid":"42"})");
    CHECK(n.asked("/cgi-bin/menu/addconditional") == 1);

    line o; // WeChat refuses
    o.fake.answer(menu_get, refusal(46003));
    o.fake.answer("/cgi-bin/menu/create", refusal(40018, "invalid button name size"));
    CHECK(publish_menus(o.api(), load_menus(tests::strict_templates(), o.settings).value()).error().detail ==
          "wechat.refused");
}
