// WeChat's JS-SDK: the ticket's life, the published signatures, and pages that carry it inside WeChat only.
#include "core/instrument/attachment.hpp"
#include "tests/support/world_instruments.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/mp/jsapi_ticket.hpp"
#include "wechat/mp/token_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace wechat::mp;

constexpr std::string_view ticket_path = "/cgi-bin/ticket/getticket";
constexpr std::string_view in_wechat_agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 "
                                             "Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50";

std::string ticket(std::string_view name) {
    return R"({"errcode":0,"errmsg":"ok","ticket":")" + std::string(name) + R"(","expires_in":7200})";
}

// A world with an API host that gives tickets, and a program over it that may start again.
class ticket_world {
  public:
    ticket_world() : fake(w.time), settings(tests::account_settings()), http_(options()) {
        settings.api_base = fake.base();
        restart();
    }
    void restart() {
        api_ = std::make_unique<api>(settings, http_, w.db());
        tickets = std::make_unique<jsapi_ticket>(*api_, w.db());
    }
    std::string current() {
        const auto t = tickets->current();
        return t ? *t : t.error().detail;
    }
    std::size_t asked() const { return fake.calls(ticket_path).size(); }

    tests::world w;
    tests::fake_wechat fake;
    wechat::mp::settings settings;
    std::unique_ptr<jsapi_ticket> tickets;

  private:
    static http_client::options options() {
        http_client::options o;
        o.allow_plain_http = true;
        return o;
    }
    http_client http_;
    std::unique_ptr<api> api_;
};

std::string policy_of(const wechat::response& r) {
    for (const auto& [name, value] : r.headers)
        if (name == "Content-Security-Policy") return value;
    return {};
}

} // namespace

TEST_CASE("U3 JS-SDK ticket: fetched once for many, kept sealed across a restart, fetched again early") {
    ticket_world t;
    t.fake.answer(ticket_path, ticket("T-first"));
    t.fake.answer(ticket_path, ticket("T-second"));
    std::vector<std::string> got(8);
    {
        std::vector<std::jthread> all;
        for (auto& one : got)
            all.emplace_back([&] { one = t.current(); });
    }
    CHECK(std::count(got.begin(), got.end(), "T-first") == 8);
    CHECK(t.asked() == 1);
    t.restart();
    CHECK(t.current() == "T-first");
    CHECK(t.asked() == 1);
    CHECK(t.w.count(
              "SELECT count(*) FROM wx_token WHERE kind = 'jsapi_ticket' AND instr(sealed, 'T-first') = 0") ==
          1);
    t.w.time.advance(7200s - 301s);
    CHECK(t.current() == "T-first");
    t.w.time.advance(2s); // less than five minutes are left
    CHECK(t.current() == "T-second");
    CHECK(t.asked() == 2);
}

TEST_CASE("U3 JS-SDK ticket: a refused token is renewed once, an absent WeChat is not asked again for five "
          "seconds") {
    ticket_world t;
    t.fake.answer("/cgi-bin/stable_token", R"({"access_token":"A-old","expires_in":7200})");
    t.fake.answer("/cgi-bin/stable_token", R"({"access_token":"A-new","expires_in":7200})");
    t.fake.answer(ticket_path, R"({"errcode":40001,"errmsg":"invalid credential rid: 6f"})");
    t.fake.answer(ticket_path, ticket("T-after"));
    t.fake.answer(ticket_path, "<html>502</html>");
    CHECK(t.current() == "T-after");
    const auto calls = t.fake.calls(ticket_path);
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].token == "A-old");
    CHECK(calls[1].token == "A-new");
    t.w.time.advance(7000s); // still alive for 200 s, and WeChat is away
    CHECK(t.current() == "T-after");
    CHECK(t.current() == "T-after");
    CHECK(t.asked() == 3);
    t.w.time.advance(6s);
    CHECK(t.current() == "T-after");
    CHECK(t.asked() == 4);
    t.w.time.advance(300s);
    CHECK(t.current() == "wechat.away");
    CHECK(t.current() == "wechat.away");
    CHECK(t.asked() == 5);
}

TEST_CASE("U3 JS-SDK ticket: another account's is not used after a change of AppID") {
    ticket_world t;
    t.fake.answer(ticket_path, ticket("T-old-account"));
    t.fake.answer(ticket_path, ticket("T-new-account"));
    CHECK(t.current() == "T-old-account");
    t.settings.appid = "wxfedcba9876543210";
    t.restart();
    CHECK(t.current() == "T-new-account");
}

TEST_CASE(
    "U3 JS-SDK signatures: the published vectors, and what a page gets can be checked with its ticket") {
    const auto all = tests::vectors();
    const auto* list = all.find("jssdk")->as_list();
    REQUIRE(list->size() == 2);
    for (const auto& v : *list)
        CHECK(sign_page(v.text("ticket"), v.text("noncestr"), std::stoll(v.text("timestamp")),
                        v.text("url")) == v.text("signature"));
    ticket_world t;
    t.fake.answer(ticket_path, ticket("T-x"));
    const std::string url = "https://example.com/instruments/new?from=singlemessage&isappinstalled=0";
    const auto made = t.tickets->sign(url);
    REQUIRE(made.has_value());
    CHECK(made->appid == t.settings.appid);
    CHECK(made->timestamp == core::to_ms(t.w.time.now()) / 1000);
    CHECK(made->nonce.size() == 32);
    CHECK(made->signature == sign_page("T-x", made->nonce, made->timestamp, url));
    CHECK(t.tickets->sign(url)->nonce != made->nonce);
}

TEST_CASE("U3 JS-SDK: only addresses of ours are signed") {
    const std::string_view ours = "https://example.com";
    for (const std::string_view good : {"https://example.com", "https://example.com/",
                                        "https://example.com/a?b=c&d=%E4", "https://example.com?x=1"})
        CHECK_MESSAGE(is_page_of(good, ours), good);
    for (const std::string_view bad :
         {"", "https://example.com.evil.test/", "https://example.com@evil.test/", "http://example.com/",
          "https://example.com:444/", "https://EXAMPLE.com/", "https://example.com/#part",
          "https://example.com/a\nb", " https://example.com/", "/instruments"})
        CHECK_FALSE_MESSAGE(is_page_of(bad, ours), bad);
    CHECK_FALSE(is_page_of("https://example.com/" + std::string(2048, 'a'), ours));
}

TEST_CASE("U3 JS-SDK: pages carry it in WeChat's browser only, and only these may reach its host") {
    tests::site w;
    w.book();
    tests::browser company(w), desk(w);
    company.take_session(w.sign_in("chenzhiming"));
    desk.take_session(w.sign_in("guopeng"));
    const auto usual = policy_of(company.get("/me"));
    CHECK(usual.find("open.weixin.qq.com") == std::string::npos);
    struct row {
        tests::browser* who;
        std::string_view path, field;
    };
    for (const auto& r :
         {row{&company, "/instruments/new", "f-serial_no"}, row{&company, "/instruments", "q"},
          row{&company, "/query", "q"}, row{&desk, "/staff/desk", "scan"}}) {
        CAPTURE(r.path);
        r.who->use_agent("Mozilla/5.0 Chrome/126.0");
        const auto outside = r.who->get(r.path);
        CHECK(outside.status == 200);
        CHECK_FALSE(tests::contains(outside, "/assets/wechat-"));
        CHECK(policy_of(outside) == usual);
        r.who->use_agent(in_wechat_agent);
        const auto inside = r.who->get(r.path);
        CHECK(tests::contains(inside, "/assets/wechat-"));
        CHECK(tests::contains(inside, "data-wx-scan=\"" + std::string(r.field) + "\""));
        std::string wider = usual;
        wider.insert(wider.find("img-src 'self' data:") + 20, " https://open.weixin.qq.com");
        CHECK(policy_of(inside) == wider);
    }
    const auto form = company.get("/instruments/new");
    CHECK(tests::contains(form, "data-wx-picture=\"f-material\""));
    CHECK(tests::contains(form, "data-wx-picture=\"f-type_evaluation\""));
    CHECK_FALSE(tests::contains(form, "capture=\"environment\""));
    company.use_agent("Mozilla/5.0 Chrome/126.0");
    CHECK(tests::contains(company.get("/instruments/new"), "capture=\"environment\""));
    CHECK(company.get("/wx/js-config?url=https%3A%2F%2Fevil.test%2F").status == 422);
    const auto made = company.get("/wx/js-config?url=https%3A%2F%2Fqj.test%2Finstruments%2Fnew");
    CHECK((made.status == 200 || made.status == 503)); // as the simulated WeChat has tickets or not
}

TEST_CASE("M13 a stored file is removed by its owner while the instrument is open, and by nobody else") {
    tests::site w;
    tests::browser company(w), other(w);
    company.take_session(w.sign_in("chenzhiming"));
    other.take_session(w.sign_in("liangminyi"));
    const auto id = tests::add_gauge(w, w.company);
    const std::string page = "/instruments/" + std::to_string(id);
    w.write([&](core::db::write_tx& tx) {
         return core::instrument::attach(tx, w.company, id, "material",
                                         {"照片.png", "image/png", std::string(64, 'a'), 48});
     }).value();
    const auto file = w.count("SELECT id FROM attachment");
    const std::string remove = "/attachments/" + std::to_string(file) + "/remove";
    CHECK(tests::contains(company.get(page), remove));
    CHECK(other.post(remove).status == 404);
    CHECK(tests::location_of(company.post(remove)) == page + "?done=removed");
    CHECK_FALSE(tests::contains(company.get(page), "照片.png"));
    CHECK(company.post(remove).status == 404);
}
