// wechat/mp/doctor: every check, fine and with each fault, and a text with a remedy for each.
#include "core/account/binding.hpp"
#include "core/account/follower.hpp"
#include "core/base/json.hpp"
#include "core/journal/outbox.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/callback_store.hpp"
#include "wechat/mp/doctor.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/mp/template_check.hpp"
#include "wechat/server/problem.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <fstream>

namespace {

using namespace std::chrono_literals;
using namespace wechat::mp;
using core::value;
using state = wechat::mp::state;

constexpr std::string_view tokens = "/cgi-bin/stable_token";
constexpr std::string_view allowed = "/cgi-bin/getcallbackip";
constexpr std::string_view granted = "/cgi-bin/template/get_all_private_template";
constexpr std::string_view ticket = "/cgi-bin/ticket/getticket";
constexpr std::string_view network = "/cgi-bin/callback/check";
constexpr std::string_view code_exchange = "/sns/oauth2/access_token";
constexpr std::string_view tags = "/cgi-bin/tags/get";

std::string refusal(int code, std::string_view message = "no") {
    return R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":")" + std::string(message) +
           R"( rid: 6f-1"})";
}

// What WeChat's own look at the server address gives.
std::string reached(std::string_view lost) {
    return R"({"errcode":0,"dns":[{"ip":"203.0.113.80","real_operator":"UNICOM"}],"ping":[{"ip":"203.0.113.80",)"
           R"("from_operator":"CAP","package_loss":")" +
           std::string(lost) + R"(","time":"11ms"}]})";
}

// A self-signed certificate that ends after `days` from `now`.
void write_certificate(const std::filesystem::path& file, core::instant now, int days) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> c(X509_new(), X509_free);
    REQUIRE(key);
    ASN1_TIME_set(X509_getm_notBefore(c.get()), core::to_ms(now) / 1000 - 86400);
    ASN1_TIME_set(X509_getm_notAfter(c.get()), core::to_ms(now) / 1000 + days * 86400LL + 60);
    X509_set_pubkey(c.get(), key.get());
    X509_sign(c.get(), key.get(), EVP_sha256());
    const std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "wb"), std::fclose);
    REQUIRE(PEM_write_X509(out.get(), c.get()) == 1);
}

// A site in order: everything the account needs is granted and live.
class site {
  public:
    explicit site(std::chrono::seconds clock_off = 0s)
        : platform_time(w.time.now() + clock_off), fake(platform_time), book(tests::strict_templates()),
          http_(options()) {
        settings = tests::account_settings();
        settings.api_base = fake.base();
        setup.callback_url = fake.base() + "/wx/callback";
        setup.data_folder = w.folder.path();
        setup.certificate = w.folder.path() / "server.pem";
        write_certificate(setup.certificate, w.time.now(), 90);
        fetch_followers();
        setup.verification_files = {"MP_verify_0123456789abcdef.txt"};
        settings.website_appid = "wxfedcba9876543210";
        settings.website_secret = "secret-of-the-website";
        settings.staff_tag = 101;
        value templates = value::array();
        int n = 0;
        for (const auto& k : core::outbox::kinds) {
            const auto* kind = book.find(k.name);
            if (kind == nullptr) continue;
            const std::string id = "TID" + std::to_string(++n);
            settings.template_ids[std::string(k.name)] = id;
            std::string content;
            for (const auto& f : kind->fields)
                content += f.label + ":{{" + f.name + ".DATA}}\n";
            templates.push(
                value::object().set("template_id", id).set("title", kind->title).set("content", content));
        }
        list = value::object().set("template_list", std::move(templates));
    }
    std::vector<finding> examine() { return examine(w.db()); }
    std::vector<finding> examine(core::db::database& db) {
        fake.answer(granted, core::to_json(list));
        fake.answer(ticket, R"({"errcode":0,"ticket":"T","expires_in":7200})");
        fake.answer(network, reached("0%"));
        fake.answer(code_exchange, refusal(40029));
        fake.answer(tags, R"({"tags":[{"id":2,"name":"星标组"},{"id":101,"name":"机构人员"}]})");
        fake.answer("/cgi-bin/menu/get", core::to_json(live_menu.is_null() ? menu_as_ours() : live_menu));
        api api(settings, http_, db);
        return doctor(api, db, tests::strict_templates(), book, setup).examine();
    }
    void fetch_followers() { // the nightly list, as if nobody followed
        w.write([](core::db::write_tx& tx) -> core::result<> {
             core::account::end_sync(tx, core::account::begin_sync(tx, "schedule"));
             return {};
         }).value();
    }
    value menu_as_ours() {
        const auto ours = load_menus(tests::strict_templates(), settings);
        value live = value::object().set("menu", ours ? ours->all : value::object());
        if (ours && ours->staff) live.set("conditionalmenu", value(value::list{*ours->staff}));
        return live;
    }

    tests::world w;
    core::fixed_clock platform_time;
    tests::fake_wechat fake;
    notify::message_book book;
    wechat::mp::settings settings;
    doctor_setup setup;
    value list, live_menu;

  private:
    static http_client::options options() {
        http_client::options o;
        o.allow_plain_http = true;
        return o;
    }
    http_client http_;
};

const finding& of(const std::vector<finding>& all, std::string_view check) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const finding& f) { return f.check == check; });
    REQUIRE(at != all.end());
    return *at;
}

std::string argument(const finding& f, std::string_view name) {
    for (const auto& [n, text] : f.args)
        if (n == name) return text;
    return {};
}

void expect(const std::vector<finding>& all, std::string_view check, state s, std::string_view code) {
    const auto& f = of(all, check);
    CAPTURE(check);
    CHECK(code_of(f.state) == code_of(s));
    CHECK(f.code == code);
}

} // namespace

TEST_CASE("U3 self-check: a site in order has nothing but good lines") {
    site s;
    const auto all = s.examine();
    for (const auto& f : all) {
        CAPTURE(f.check);
        CAPTURE(f.code);
        CHECK(f.state == state::good);
    }
    CHECK(worst_of(all) == state::good);
    for (const std::string_view check :
         {"configuration", "certificate", "disk", "database", "host", "clock", "token", "whitelist",
          "callback", "network", "domain", "js", "website", "tag", "menu", "template", "followers"})
        CHECK(of(all, check).state == state::good);
    CHECK(std::count_if(all.begin(), all.end(), [](const finding& f) { return f.check == "template"; }) ==
          static_cast<std::ptrdiff_t>(core::outbox::kinds.size()));
}

TEST_CASE("U3 self-check: the list of followers never fetched, old, or standing still") {
    {
        site s;
        s.w.time.advance(73h);
        expect(s.examine(), "followers", state::warning, "old");
        s.fetch_followers();
        expect(s.examine(), "followers", state::good, "ok");
        s.w.write([](core::db::write_tx& tx) -> core::result<> {
               const auto sync = core::account::begin_sync(tx, "schedule");
               core::account::hold_sync(tx, sync, "wechat.quota", tx.now() + 15min);
               return {};
           })
            .value();
        const auto all = s.examine();
        expect(all, "followers", state::warning, "stands");
        CHECK(argument(of(all, "followers"), "why") == "wechat.quota");
    }
    site s;
    s.w.write([](core::db::write_tx& tx) -> core::result<> {
           tx.exec("DELETE FROM follower_sync");
           return {};
       })
        .value();
    expect(s.examine(), "followers", state::warning, "never");
}

TEST_CASE("U3 self-check: each fault is found, and named") {
    {
        site s;
        s.settings.mode = message_mode::plaintext;
        expect(s.examine(), "configuration", state::bad, "plaintext");
        s.settings.mode = message_mode::safe;
        s.settings.public_url = "http://example.com";
        const auto all = s.examine();
        expect(all, "configuration", state::bad, "no_https");
        expect(all, "menu", state::bad, "file");
        s.settings.public_url = "https://example.com";
        s.settings.token_previous = "oldtoken";
        expect(s.examine(), "configuration", state::warning, "rotating");
    }
    for (const auto& [days, kind, code] : {std::tuple{29, state::warning, "ending"},
                                           {6, state::bad, "ending"},
                                           {-2, state::bad, "over"},
                                           {31, state::good, "ok"}}) {
        site s;
        write_certificate(s.setup.certificate, s.w.time.now(), days);
        expect(s.examine(), "certificate", kind, code);
    }
    {
        site s;
        std::ofstream(s.setup.certificate) << "no certificate";
        expect(s.examine(), "certificate", state::bad, "unreadable");
        s.setup.certificate.clear();
        expect(s.examine(), "certificate", state::skipped, "elsewhere");
        s.setup.data_folder = s.w.folder.path() / "absent";
        expect(s.examine(), "disk", state::bad, "unreadable");
        s.w.write([](core::db::write_tx& tx) -> core::result<> {
               inbox::entry e;
               e.key = "x";
               e.state = "failed";
               e.text = "<xml/>";
               inbox::insert(tx, e);
               return {};
           })
            .value();
        expect(s.examine(), "database", state::warning, "failed_messages");
    }
    {
        site s;
        s.settings.api_base = tests::unused_address();
        const auto all = s.examine();
        expect(all, "host", state::bad, "unreachable");
        for (const std::string_view check : {"clock", "token", "network", "js", "tag", "menu", "template"})
            expect(all, check, state::skipped, "skipped");
        expect(all, "callback", state::good, "ok"); // asked at its own address
        s.settings.api_base_fallback = s.fake.base();
        expect(s.examine(), "token", state::skipped, "skipped"); // the first is looked at as it is
    }
    for (const auto& [off, kind, code] :
         {std::tuple{59s, state::good, "ok"}, {-61s, state::warning, "off"}, {301s, state::bad, "off"}}) {
        site s(off);
        const auto all = s.examine();
        expect(all, "clock", kind, code);
        CHECK(argument(of(all, "clock"), "seconds") == std::to_string(std::abs(off.count())));
    }
}

TEST_CASE("U3 self-check: token, whitelist and breakers, with the address WeChat saw") {
    {
        site s;
        s.fake.answer(tokens,
                      refusal(40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"));
        const auto all = s.examine();
        expect(all, "token", state::bad, "ip_whitelist");
        CHECK(argument(of(all, "token"), "ip") == "203.0.113.7");
        expect(all, "breaker", state::bad, "ip_whitelist");
        expect(all, "menu", state::skipped, "skipped");
    }
    {
        site s;
        s.fake.answer(tokens, refusal(40125));
        expect(s.examine(), "token", state::bad, "secret");
    }
    {
        site s;
        s.fake.answer(tokens, refusal(-1));
        expect(s.examine(), "token", state::bad, "away");
    }
    {
        site s;                                 // the token is an old one, the address has changed since
        s.fake.answer(allowed, refusal(41001)); // asked without a token first: the host check
        s.fake.answer(allowed, refusal(40164, "invalid ip 198.51.100.9, not in whitelist"));
        const auto all = s.examine();
        expect(all, "token", state::good, "ok");
        expect(all, "whitelist", state::bad, "missing");
        CHECK(argument(of(all, "whitelist"), "ip") == "198.51.100.9");
    }
}

TEST_CASE("U3 self-check: callback, menu and templates against what is there") {
    {
        site s;
        s.fake.answer("/wx/callback", "{\"not\":\"us\"}");
        expect(s.examine(), "callback", state::bad, "wrong_answer");
        s.setup.callback_url = tests::unused_address() + "/wx/callback";
        expect(s.examine(), "callback", state::warning, "unreachable");
    }
    {
        site s;
        s.live_menu = core::parse_json(refusal(46003)).value();
        expect(s.examine(), "menu", state::bad, "none");
    }
    {
        site s;
        s.live_menu =
            core::parse_json(R"({"menu":{"button":[{"type":"click","name":"甲","key":"CONTACT"}]}})").value();
        expect(s.examine(), "menu", state::warning, "differs");
    }
    {
        site s;
        const std::string first(core::outbox::kinds[0].name);
        s.settings.template_ids.erase(first);
        s.settings.template_ids[std::string(core::outbox::kinds[1].name)] = "TID_UNKNOWN";
        s.list.find("template_list");
        const auto all = s.examine();
        std::vector<std::string> codes;
        for (const auto& f : all)
            if (f.check == "template") codes.push_back(f.code);
        CHECK(codes[0] == "no_id");
        CHECK(codes[1] == "not_granted");
        CHECK(codes[2] == "ok");
    }
    {
        site s; // one field is missing in the granted template, another one is new there
        value changed = value::array();
        for (const auto& t : *s.list.find("template_list")->as_list()) {
            value copy = t;
            std::string content = t.text("content");
            if (copy.text("template_id") == "TID1") content = "名:{{thing19.DATA}}\n";
            changed.push(copy.set("content", content));
        }
        s.list = value::object().set("template_list", std::move(changed));
        const auto all = s.examine();
        expect(all, "template", state::bad, "fields");
        CHECK(argument(of(all, "template"), "empty") == "thing19");
        CHECK(!argument(of(all, "template"), "unknown").empty());
    }
    CHECK(fields_of_template("a:{{thing3.DATA}}\nb:{{time2.DATA}}") ==
          std::vector<std::string>{"thing3", "time2"});
    CHECK(fields_of_template("{{broken").empty());
}

TEST_CASE("U3 self-check: WeChat's own look at the server address, and the files at the root of the site") {
    {
        site s;
        s.fake.answer(network, R"({"errcode":0,"dns":[],"ping":[]})");
        expect(s.examine(), "network", state::bad, "dns");
    }
    {
        site s;
        s.fake.answer(network, reached("100%"));
        const auto all = s.examine();
        expect(all, "network", state::warning, "ping");
        CHECK(argument(of(all, "network"), "ip") == "203.0.113.80");
    }
    {
        site s;
        s.fake.answer(network, refusal(48001));
        expect(s.examine(), "network", state::warning, "refused");
    }
    site s;
    s.fake.answer("/MP_verify_0123456789abcdef.txt", "<html>a proxy's own page</html>");
    expect(s.examine(), "domain", state::bad, "missing");
    s.setup.callback_url = tests::unused_address() + "/wx/callback";
    expect(s.examine(), "domain", state::warning, "unreachable");
    s.setup.verification_files.clear();
    expect(s.examine(), "domain", state::skipped, "no_file");
}

TEST_CASE("U3 self-check: ticket of the JS-SDK, the website application, the staff tag") {
    {
        site s;
        s.fake.answer(ticket, refusal(48001));
        const auto all = s.examine();
        expect(all, "js", state::bad, "refused");
        CHECK(argument(of(all, "js"), "errcode") == "48001");
    }
    for (const int code : {40125, 40013}) {
        site s;
        s.fake.answer(code_exchange, refusal(code));
        const auto all = s.examine();
        expect(all, "website", state::bad, "settings");
        CHECK(argument(of(all, "website"), "errcode") == std::to_string(code));
        expect(all, "menu", state::good, "ok"); // another application's secret stops nothing of the account
    }
    {
        site s;
        s.fake.answer(code_exchange, refusal(-1));
        expect(s.examine(), "website", state::warning, "away");
    }
    {
        site s; // people were asked about, and WeChat told no unionid of any
        tests::account_world people;
        const auto who = people.acting("chenzhiming");
        people
            .write([&](core::db::write_tx& tx) -> core::result<> {
                core::account::bind_wechat(tx, who, "oChen", "").value();
                core::account::record_unionid(tx, "oChen", "");
                return {};
            })
            .value();
        expect(s.examine(people.db()), "website", state::bad, "no_union");
        people
            .write([&](core::db::write_tx& tx) -> core::result<> {
                core::account::record_unionid(tx, "oChen", "union");
                return {};
            })
            .value();
        expect(s.examine(people.db()), "website", state::good, "ok");
    }
    {
        site s;
        s.settings.website_appid.clear();
        expect(s.examine(), "website", state::skipped, "off");
        s.settings.staff_tag = 7;
        s.live_menu = s.menu_as_ours();
        expect(s.examine(), "tag", state::bad, "unknown");
        s.settings.staff_tag = 0;
        expect(s.examine(), "tag", state::skipped, "off");
    }
    {
        site s;
        s.fake.answer(tags, refusal(48001));
        expect(s.examine(), "tag", state::bad, "refused");
    }
    {
        site s;
        s.w.write([](core::db::write_tx& tx) -> core::result<> {
               tx.exec("INSERT INTO staff_tag (openid, is_wanted, is_put, tries, next_at, why) "
                       "VALUES ('o', 1, 0, 5, 0, '45159')");
               return {};
           })
            .value();
        expect(s.examine(), "tag", state::warning, "stuck");
    }
}

TEST_CASE("S14 every finding has its name and its text, with nothing left to fill in") {
    const wechat::problem_texts texts(tests::strict_templates());
    const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> codes = {
        {"configuration", {"ok", "plaintext", "no_https", "rotating"}},
        {"certificate", {"ok", "ending", "over", "unreadable", "elsewhere"}},
        {"disk", {"ok", "low", "unreadable"}},
        {"database", {"ok", "failed_messages", "full", "fault"}},
        {"host", {"ok", "fallback", "unreachable"}},
        {"clock", {"ok", "off", "no_date", "skipped"}},
        {"token",
         {"ok", "away", "secret", "ip_whitelist", "forbidden", "quota_day", "quota_minute", "skipped"}},
        {"whitelist", {"ok", "missing", "refused"}},
        {"breaker", {"ip_whitelist", "secret", "forbidden", "quota_day", "quota_minute"}},
        {"callback", {"ok", "unreachable", "wrong_answer"}},
        {"network", {"ok", "dns", "ping", "refused", "skipped"}},
        {"domain", {"ok", "no_file", "missing", "unreachable"}},
        {"js", {"ok", "refused", "skipped"}},
        {"website", {"ok", "off", "settings", "no_union", "away"}},
        {"tag", {"ok", "off", "unknown", "stuck", "refused", "skipped"}},
        {"menu", {"ok", "differs", "none", "file", "refused", "skipped"}},
        {"template", {"ok", "no_id", "not_granted", "fields", "refused", "skipped"}}};
    for (const auto& [check, all] : codes) {
        CHECK(texts.has("doctor." + std::string(check)));
        for (const auto code : all) {
            CAPTURE(check);
            CAPTURE(code);
            CHECK(texts.has("doctor." + std::string(check) + "." + std::string(code)));
        }
    }
}
