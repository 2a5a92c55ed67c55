// Staff and their WeChat: bound from the desktop and confirmed on the phone, undone by those who may, the
// tag's queue follows every change and is told outside the transaction.
#include "core/account/staff_wechat.hpp"

#include "core/account/binding.hpp"
#include "core/account/follower.hpp"
#include "core/account/scan.hpp"
#include "core/account/session.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;

namespace {

using namespace std::chrono_literals;
const std::string browser(64, 'b');
constexpr std::string_view phone = "oPhone000000000000000000001";

struct staff_world : tests::account_world {
    std::int64_t bind(std::string_view username, std::string_view openid) {
        const actor who = acting(username);
        return write([&](write_tx& tx) { return bind_staff_wechat(tx, who, openid); }).value();
    }
    errc unbind(const actor& who, std::int64_t id) {
        const auto done = write([&](write_tx& tx) { return unbind_staff_wechat(tx, who, id); });
        return done ? errc{} : done.error().code;
    }
    bool is_bound(std::string_view openid) {
        return read([&](read_view& v) { return find_staff_wechat(v, openid).has_value(); });
    }
    std::vector<tag_change> due() {
        return read([](read_view& v) { return list_tag_changes(v, 10); });
    }
    void settle(const tag_change& c) {
        write([&](write_tx& tx) -> result<> { return settle_tag_change(tx, c), result<>(); }).value();
    }
    std::string scan_as(scan_purpose p, const actor& who) {
        const auto made = write([&](write_tx& tx) {
            return begin_scan(tx, who, p, {browser, "10.0.0.1", "Edge"});
        });
        const std::string scene = made.value().scene;
        write([&](write_tx& tx) { return take_scan(tx, scene, phone); }).value();
        return scene;
    }
    std::string confirm(const std::string& scene) {
        const auto done =
            write([&](write_tx& tx) { return confirm_scan(tx, visitor(), reference_of(scene), phone); });
        return done ? "" : done.error().detail;
    }
};

} // namespace

TEST_CASE("U4 a person of staff binds a phone from the desktop, after confirming on the phone") {
    staff_world w;
    const actor lin = w.acting("linxiaomin");
    const auto scene = w.scan_as(scan_purpose::bind, lin);
    CHECK_FALSE(w.is_bound(phone));
    const auto seen = w.read([&](read_view& v) { return find_scanned(v, reference_of(scene), phone); });
    REQUIRE(seen.has_value());
    CHECK(seen->is_for_staff());
    CHECK(seen->login_name == "林晓敏");
    CHECK(seen->applicant_name == "佛山市质量计量监督检测中心");
    CHECK(w.confirm(scene).empty());
    const auto own = w.read([&](read_view& v) { return list_staff_wechat(v, lin); });
    REQUIRE(own.size() == 1);
    CHECK(own[0].openid == phone);
    CHECK(w.read([&](read_view& v) { return list_by_openid(v, phone); }).empty()); // for no company
    const auto done = w.write([&](write_tx& tx) { return use_scan(tx, scene, browser); });
    CHECK(done.value().applicant_id == 0);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'bind' AND institution_id IS NOT NULL") == 1);
}

TEST_CASE(
    "S4 a phone of a colleague is not taken over, and a company's person has no way to staff's account") {
    staff_world w;
    w.bind("hemin", phone);
    const auto scene = w.scan_as(scan_purpose::bind, w.acting("linxiaomin"));
    CHECK(w.confirm(scene) == "binding.taken");
    CHECK(w.read([&](read_view& v) { return find_staff_wechat(v, phone); })->login_id == w.person("hemin"));
}

TEST_CASE("S4 signing staff in by phone: only who is bound as staff, and only active people") {
    staff_world w;
    const actor chen = w.acting("chenzhiming");
    w.write([&](write_tx& tx) { return bind_wechat(tx, chen, phone, ""); }).value();
    CHECK(w.confirm(w.scan_as(scan_purpose::sign_in_staff, w.visitor())) == "scan.unbound_staff");
    w.bind("linxiaomin", phone); // one person may be both
    const auto scene = w.scan_as(scan_purpose::sign_in_staff, w.visitor());
    CHECK(w.confirm(scene).empty());
    const auto done = w.write([&](write_tx& tx) { return use_scan(tx, scene, browser); }).value();
    CHECK(done.purpose == scan_purpose::sign_in_staff);
    CHECK(done.login_id == w.person("linxiaomin"));
    CHECK(done.applicant_id == 0);
    const auto as_company = w.scan_as(scan_purpose::sign_in, w.visitor());
    CHECK(w.read([&](read_view& v) { return find_scanned(v, reference_of(as_company), phone); })->login_id ==
          chen.login_id);
    w.write([](write_tx& tx) -> result<> {
         tx.exec("UPDATE login SET status = 'disabled' WHERE username = 'linxiaomin'");
         return {};
     }).value();
    CHECK_FALSE(w.is_bound(phone));
    CHECK(w.confirm(w.scan_as(scan_purpose::sign_in_staff, w.visitor())) == "scan.unbound_staff");
}

TEST_CASE("U4 staff's bindings are undone by the person, the institution's administrator and the platform") {
    staff_world w;
    const auto id = w.bind("guopeng", phone);
    CHECK(w.unbind(w.acting("hemin"), id) == errc::not_found);         // a colleague
    CHECK(w.unbind(w.acting("chenzhiming"), id) == errc::not_allowed); // a company
    CHECK(w.unbind(w.visitor(), id) == errc::not_allowed);
    CHECK(w.unbind(w.acting("guopeng"), id) == errc{});
    CHECK_FALSE(w.is_bound(phone));
    CHECK(w.unbind(w.acting("guopeng"), id) == errc::not_found);
    const auto lost = w.bind("guopeng", phone);
    CHECK(w.unbind(w.acting("linxiaomin"), lost) == errc{}); // institution_admin of the same place
    const auto again = w.bind("guopeng", phone);
    CHECK(w.unbind(w.acting("admin"), again) == errc{});
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'unbind'") == 3);
}

TEST_CASE("S4 S5 a colleague's lost phone: the person alone is told by whom, and is signed out on it only") {
    staff_world w;
    const auto id = w.bind("guopeng", phone);
    const auto begin = [&](std::string_view username, std::string_view through) {
        session_start s{w.person(username), 0, through.empty() ? "password" : "wechat", std::string(through),
                        "10.0.0.1"};
        return sha256_hex(
            w.write([&](write_tx& tx) -> result<new_session> { return begin_session(tx, s); }).value().token);
    };
    const auto lost = begin("guopeng", phone), desktop = begin("guopeng", ""), other = begin("hemin", phone);
    const auto last = w.count("SELECT coalesce(max(id), 0) FROM outbox");
    CHECK(w.unbind(w.acting("linxiaomin"), id) == errc{});
    const auto is_open = [&](const std::string& hash) {
        return w.read([&](read_view& v) { return find_session(v, hash).has_value(); });
    };
    CHECK_FALSE(is_open(lost));
    CHECK(is_open(desktop));
    CHECK(is_open(other));
    const auto told = w.read([&](read_view& v) { return outbox::list_pending(v, 1000); });
    REQUIRE(told.back().id > last);
    CHECK(told.back().kind == "wechat_unbound");
    CHECK(told.back().login_id == w.person("guopeng"));
    CHECK(told.back().institution_id == w.acting("guopeng").institution_id);
    CHECK(told.back().applicant_id == 0);
    CHECK(told.back().facts.text("person") == "郭鹏");
    CHECK(told.back().facts.text("by") == "林晓敏");
    const auto trail = w.read([&](read_view& v) { return audit::list_for(v, "binding", id); });
    CHECK(trail.back().verb == "unbind");
    CHECK(trail.back().actor_name == "林晓敏");
    // One's own: nobody need be told, and the phone is out just the same.
    const auto own = w.bind("hemin", phone);
    CHECK(w.unbind(w.acting("hemin"), own) == errc{});
    CHECK_FALSE(is_open(other));
    CHECK(w.count("SELECT count(*) FROM outbox WHERE kind = 'wechat_unbound'") == 1);
}

TEST_CASE(
    "S1 the list of colleagues' WeChat: an administrator's own place, the platform's all, page by page") {
    staff_world w;
    for (const std::string_view one : {"guopeng", "hemin", "linxiaomin", "oujianwen", "fengjianguo", "admin"})
        w.bind(one, "oOf-" + std::string(one));
    const auto names = [&](std::string_view who, std::int64_t after = 0, int limit = 100) {
        std::vector<std::string> all;
        const auto asking = w.acting(who);
        for (const auto& b :
             w.read([&](read_view& v) { return list_colleagues_wechat(v, asking, after, limit); })) {
            all.push_back(b.openid);
            CHECK(w.read([&](read_view& v) { return get_staff_wechat(v, asking, b.id).has_value(); }));
        }
        return all;
    };
    using strings = std::vector<std::string>;
    CHECK(names("linxiaomin") == strings{"oOf-guopeng", "oOf-hemin"}); // not one's own, not another place's
    CHECK(names("admin") ==
          strings{"oOf-guopeng", "oOf-hemin", "oOf-linxiaomin", "oOf-oujianwen", "oOf-fengjianguo"});
    const auto second = w.count("SELECT id FROM binding WHERE openid = 'oOf-hemin'");
    CHECK(names("admin", second, 2) == strings{"oOf-linxiaomin", "oOf-oujianwen"});
    for (const std::string_view nobody : {"guopeng", "fengjianguo", "chenzhiming"})
        CHECK(names(nobody).empty());
    const auto get = [&](std::string_view who, std::int64_t id) {
        const auto asking = w.acting(who);
        return w.read([&](read_view& v) { return get_staff_wechat(v, asking, id).has_value(); });
    };
    CHECK(get("hemin", second)); // one's own
    CHECK_FALSE(get("guopeng", second));
    CHECK_FALSE(get("oujianwen", second));
    CHECK_FALSE(get("linxiaomin", w.count("SELECT id FROM binding WHERE openid = 'oOf-oujianwen'")));
}

TEST_CASE("U3 the staff tag: wished for by binding, taken back by unbinding and leaving, told by a queue") {
    staff_world w;
    const auto id = w.bind("guopeng", phone);
    auto due = w.due();
    REQUIRE(due.size() == 1);
    CHECK(due[0].openid == phone);
    CHECK(due[0].wanted);
    w.settle(due[0]);
    CHECK(w.due().empty());
    CHECK(w.unbind(w.acting("guopeng"), id) == errc{});
    due = w.due();
    REQUIRE(due.size() == 1);
    CHECK_FALSE(due[0].wanted);
    w.settle(due[0]);
    CHECK(w.count("SELECT count(*) FROM staff_tag") == 0); // nothing is kept of who is gone
    w.bind("guopeng", phone);
    w.settle(w.due().at(0));
    w.write([](write_tx& tx) -> result<> {
         return record_unfollow(tx, phone, tx.now()), result<>();
     }).value();
    REQUIRE(w.due().size() == 1);
    CHECK_FALSE(w.due()[0].wanted);
}

TEST_CASE("U3 the staff tag: a failure waits its time; a wish that changed meanwhile is told as well") {
    staff_world w;
    const auto id = w.bind("guopeng", phone);
    const auto first = w.due().at(0);
    const auto later = w.time.now() + 2min;
    w.write([&](write_tx& tx) -> result<> {
         return delay_tag_change(tx, first, later, "45011"), result<>();
     }).value();
    CHECK(w.due().empty());
    w.time.advance(2min);
    REQUIRE(w.due().size() == 1);
    CHECK(w.due()[0].tries == 1);
    const auto putting = w.due()[0]; // under way at WeChat …
    w.unbind(w.acting("guopeng"), id);
    w.settle(putting); // … and comes back when nobody wishes it any more
    REQUIRE(w.due().size() == 1);
    CHECK_FALSE(w.due()[0].wanted);
    CHECK(w.due()[0].tries == 0);
    auto stuck = w.due()[0];
    for (int n = 0; n < 5; ++n, ++stuck.tries)
        w.write([&](write_tx& tx) -> result<> {
             return delay_tag_change(tx, stuck, w.time.now(), "45159"), result<>();
         }).value();
    CHECK(w.read([](read_view& v) { return count_stuck_tags(v); }) == 1);
}
