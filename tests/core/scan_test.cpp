// M5, S4: QR codes on desktop pages do nothing until the person who scanned confirms; single use, ten
// minutes, the browser that shows them, the WeChat user who scanned.
#include "core/account/binding.hpp"
#include "core/account/scan.hpp"
#include "core/base/ids.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;

namespace {

const std::string browser(64, 'b');
const std::string other_browser(64, 'c');
constexpr std::string_view phone = "oPhone000000000000000000001";
constexpr std::string_view stranger = "oPhone000000000000000000002";

struct scan_world : tests::account_world {
    new_scan show(scan_purpose p, const actor& who = visitor(), const std::string& in = browser) {
        return write([&](write_tx& tx) {
                   return begin_scan(tx, who, p, {in, "203.0.113.7", "Chrome，Windows"});
               })
            .value();
    }
    void bind(std::string_view username, std::string_view openid) {
        write([&](write_tx& tx) { return bind_wechat(tx, acting(username), openid, ""); }).value();
    }
    std::string take(const std::string& scene, std::string_view openid = phone) {
        const auto done = write([&](write_tx& tx) { return take_scan(tx, scene, openid); });
        return done ? "" : done.error().detail;
    }
    std::string decide(bool yes, const std::string& scene, std::string_view openid = phone) {
        const auto done = write([&](write_tx& tx) {
            return yes ? confirm_scan(tx, visitor(), reference_of(scene), openid)
                       : refuse_scan(tx, visitor(), reference_of(scene), openid);
        });
        return done ? "" : done.error().detail;
    }
    result<scan_outcome> use(const std::string& scene, const std::string& in = browser) {
        return write([&](write_tx& tx) { return use_scan(tx, scene, in); });
    }
    std::string use_refusal(const std::string& scene, const std::string& in = browser) {
        const auto done = use(scene, in);
        return done ? "" : done.error().detail;
    }
    std::optional<scan> shown(const std::string& scene, const std::string& in = browser) {
        return read([&](read_view& v) { return find_shown_scan(v, scene, in); });
    }
};

} // namespace

TEST_CASE("M5 S4 scanned and confirmed, the code signs this browser in as the person bound, once") {
    scan_world w;
    w.bind("chenzhiming", phone);
    const auto s = w.show(scan_purpose::sign_in);
    CHECK(s.scene.size() == 64);
    CHECK(s.number.size() == 2);
    CHECK(w.take(s.scene).empty());
    const auto seen = w.read([&](read_view& v) { return find_scanned(v, reference_of(s.scene), phone); });
    REQUIRE(seen.has_value());
    CHECK(seen->number == s.number);
    CHECK(seen->login_name == w.acting("chenzhiming").name);
    CHECK(seen->applicant_name == "佛山示例制造有限公司");
    CHECK(seen->source == "203.0.113.7");
    CHECK(seen->agent == "Chrome，Windows");
    CHECK(w.use_refusal(s.scene) == "scan.waiting"); // scanning alone does nothing
    CHECK(w.decide(true, s.scene).empty());
    const auto done = w.use(s.scene);
    REQUIRE(done.has_value());
    CHECK(done->login_id == w.person("chenzhiming"));
    CHECK(done->openid == phone);
    CHECK(w.use_refusal(s.scene) == "scan.used");
    CHECK(w.count(R"sql(SELECT count(*) FROM audit WHERE verb = 'confirm_scan')sql") == 1);
}

TEST_CASE(
    "M5 S4 confirmed by the person who scanned, the code binds the phone to the account on the screen") {
    scan_world w;
    const auto s = w.show(scan_purpose::bind, w.acting("chenzhiming"));
    CHECK(w.take(s.scene).empty());
    CHECK(w.count(R"sql(SELECT count(*) FROM binding WHERE unbound_at IS NULL)sql") == 0);
    CHECK(w.decide(true, s.scene).empty());
    const auto bound = w.read([&](read_view& v) { return list_by_openid(v, phone); });
    REQUIRE(bound.size() == 1);
    CHECK(bound[0].login_id == w.person("chenzhiming"));
    CHECK(w.use(s.scene).has_value());
}

TEST_CASE("S4 a visitor cannot show a code that binds; a phone of another account is not taken over") {
    scan_world w;
    const auto refused = w.write([&](write_tx& tx) {
        return begin_scan(tx, w.visitor(), scan_purpose::bind, {browser, "203.0.113.7", ""});
    });
    CHECK(refused.has_error());
    w.bind("liangminyi", phone);
    const auto s = w.show(scan_purpose::bind, w.acting("chenzhiming"));
    CHECK(w.take(s.scene).empty());
    CHECK(w.decide(true, s.scene) == "binding.taken");
    CHECK(w.shown(s.scene)->status == scan_status::scanned); // the refusal undid the confirmation
}

TEST_CASE("S4 W4 a phone unbound after the confirmation signs no browser in any more") {
    scan_world w;
    w.bind("chenzhiming", phone);
    const auto s = w.show(scan_purpose::sign_in);
    CHECK(w.take(s.scene).empty());
    CHECK(w.decide(true, s.scene).empty());
    w.write([](write_tx& tx) -> result<> { return forget_wechat_user(tx, phone), result<>(); }).value();
    CHECK(w.use_refusal(s.scene) == "scan.undone");
    w.bind("liangminyi", phone);
    CHECK(w.use_refusal(s.scene) == "scan.undone"); // somebody else's by now
}

TEST_CASE("S4 every step out of place is refused") {
    scan_world w;
    w.bind("chenzhiming", phone);
    const auto s = w.show(scan_purpose::sign_in);
    CHECK(w.take("0000") == "scan.over");
    CHECK(w.decide(true, s.scene) == "scan.over"); // nobody has scanned it
    CHECK(w.take(s.scene).empty());
    CHECK(w.take(s.scene).empty());                  // the same person again
    CHECK(w.take(s.scene, stranger) == "scan.used"); // somebody else
    CHECK(w.decide(true, s.scene, stranger) == "scan.over");
    CHECK_FALSE(
        w.read([&](read_view& v) { return find_scanned(v, reference_of(s.scene), stranger); }).has_value());
    CHECK(w.decide(true, s.scene).empty());
    CHECK(w.use_refusal(s.scene, other_browser) == "scan.over"); // another browser
    CHECK_FALSE(w.shown(s.scene, other_browser).has_value());
    w.time.advance(std::chrono::minutes(10));
    CHECK(w.use_refusal(s.scene) == "scan.over");
    CHECK_FALSE(w.shown(s.scene).has_value());
    const auto old = w.show(scan_purpose::sign_in);
    const auto fresh = w.show(scan_purpose::sign_in); // a browser shows one code at a time
    CHECK(w.take(old.scene) == "scan.over");
    CHECK(w.take(fresh.scene).empty());
    CHECK(w.decide(false, fresh.scene).empty());
    CHECK(w.use_refusal(fresh.scene) == "scan.used");
}

TEST_CASE("S4 a WeChat user without a binding cannot sign anybody in") {
    scan_world w;
    const auto s = w.show(scan_purpose::sign_in);
    CHECK(w.take(s.scene).empty());
    CHECK(w.decide(true, s.scene) == "scan.unbound");
    CHECK(w.use_refusal(s.scene) == "scan.waiting");
}

TEST_CASE("the table of scans: every state and verb") {
    const std::map<std::string, scan_status> allowed = {{"shown take", scan_status::scanned},
                                                        {"scanned confirm", scan_status::confirmed},
                                                        {"scanned refuse", scan_status::refused},
                                                        {"confirmed use", scan_status::used}};
    for (const std::string state : {"shown", "scanned", "confirmed", "refused", "used"})
        for (const std::string verb : {"take", "confirm", "refuse", "use"}) {
            CAPTURE(state);
            CAPTURE(verb);
            scan_world w;
            w.bind("chenzhiming", phone);
            const auto s = w.show(scan_purpose::sign_in);
            if (state != "shown") REQUIRE(w.take(s.scene).empty());
            if (state == "confirmed" || state == "used") REQUIRE(w.decide(true, s.scene).empty());
            if (state == "refused") REQUIRE(w.decide(false, s.scene).empty());
            if (state == "used") REQUIRE(w.use(s.scene).has_value());
            const std::string said = verb == "take"      ? w.take(s.scene)
                                     : verb == "confirm" ? w.decide(true, s.scene)
                                     : verb == "refuse"  ? w.decide(false, s.scene)
                                                         : w.use_refusal(s.scene);
            const auto at = allowed.find(state + " " + verb);
            const bool again = state == "scanned" && verb == "take"; // harmless
            CHECK(said.empty() == (at != allowed.end() || again));
            CHECK(code_of(w.shown(s.scene)->status) ==
                  (at == allowed.end() ? std::string_view(state) : code_of(at->second)));
        }
}

TEST_CASE("codes that are over are purged") {
    scan_world w;
    w.show(scan_purpose::sign_in);
    w.time.advance(std::chrono::minutes(11));
    CHECK(w.write([](write_tx& tx) -> result<int> { return purge_scans(tx); }).value() == 1);
}

TEST_CASE("S7 codes to scan are counted by network and in all, for ten minutes") {
    scan_world w;
    const auto ask = [&](int network) {
        return w.write([&](write_tx& tx) {
            return begin_scan(tx, w.visitor(), scan_purpose::sign_in,
                              {core::random_hex(32), "203.0.113.7", "", "net-" + std::to_string(network)});
        });
    };
    for (int n = 0; n < 60; ++n)
        REQUIRE(ask(0).has_value());
    CHECK(ask(0).error().detail == "scan.too_many");
    for (int network = 1; network < 10; ++network) // what was refused is not counted
        for (int n = 0; n < 60; ++n)
            REQUIRE(ask(network).has_value());
    CHECK(ask(10).error().code == errc::too_many);
    CHECK(w.count("SELECT count(*) FROM scan") == 600);
    w.time.advance(std::chrono::minutes(11));
    CHECK(ask(0).has_value());
    CHECK(ask(10).has_value());
}
