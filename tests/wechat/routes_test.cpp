#include "core/account/session.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/routes.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace {

using namespace tests;
using namespace wechat;
using core::role;

// One of each kind that can stand before a page: every role alone, of the right and of another place.
struct stander {
    std::string name;
    core::actor who;
    bool signed_in = true;
};

std::vector<stander> standers(site& w) {
    std::vector<stander> all;
    all.push_back({"visitor", {}, false});
    for (const auto* username : {"chenzhiming", "huanglihua", "liangminyi", "linxiaomin", "guopeng", "hemin",
                                 "luoxiaoyan", "yejianhua", "oujianwen", "fengjianguo", "admin"})
        all.push_back({username, w.acting(username)});
    return all;
}

browser browser_of(site& w, const stander& s) {
    browser b(w);
    if (s.signed_in) b.take_session(w.sign_in(s.name));
    return b;
}

// The pattern's address with this id in every place.
std::string address(const route& r, std::string_view id) {
    std::string path(r.pattern);
    for (auto at = path.find("{}"); at != std::string::npos; at = path.find("{}"))
        path.replace(at, 2, id);
    return path;
}

bool is_callback(const route& r) {
    return r.who.access == access::callback;
}

TEST_CASE("S2 every route, every kind of person and role: refused exactly when `who` says so") {
    site w;
    for (const auto& s : standers(w)) {
        for (const auto& r : routes()) {
            if (is_callback(r)) continue;
            browser b = browser_of(w, s); // a session of its own: some routes end it
            const auto path = address(r, "1");
            CAPTURE(s.name);
            CAPTURE(path);
            const auto answer = r.method == method::get ? b.get(path) : b.post(path);
            CAPTURE(answer.status);
            CHECK(answer.status < 500);
            if (r.who.allows(s.who)) {
                CHECK((answer.status != 403 || contains(answer, "<")));
                CHECK(location_of(answer).find("/login?next=") == std::string::npos);
                CHECK_FALSE(contains(answer, "您的账号不能打开这个页面"));
                CHECK_FALSE(contains(answer, "登录已过期，请重新登录后再提交"));
            } else if (s.signed_in) {
                CHECK(answer.status == 403);
                CHECK(contains(answer, "您的账号不能打开这个页面"));
            } else if (r.method == method::post) {
                CHECK(answer.status == 403);
                CHECK(contains(answer, "登录已过期"));
            } else {
                CHECK(answer.status == 303);
                const bool staff = r.who.access == access::staff;
                CHECK(location_of(answer).starts_with(staff ? "/staff/login?next=" : "/login?next="));
            }
        }
    }
}

TEST_CASE("S6 every POST needs the session's token and our Origin, whoever asks") {
    site w;
    for (const auto& s : standers(w)) {
        if (!s.signed_in) continue;
        for (const auto& r : routes()) {
            if (r.method != method::post || is_callback(r) || !r.who.allows(s.who)) continue;
            browser b = browser_of(w, s);
            const auto path = address(r, "1");
            CAPTURE(s.name);
            CAPTURE(path);
            const auto without = b.post(path, {}, {.token = false});
            CHECK(without.status == 403);
            CHECK(contains(without, "页面已过期"));
            for (const auto* origin :
                 {"https://evil.test", "http://qj.test", "https://qj.test.evil.test", "null"}) {
                const auto foreign = b.post(path, {}, {.origin = origin});
                CHECK(foreign.status == 403);
                CHECK(contains(foreign, "请求不是从本网站发出的"));
            }
            const auto of_another = b.post(path, {{"_csrf", std::string(64, 'a')}}, {.token = false});
            CHECK(of_another.status == 403);
        }
    }
    for (const auto& r : routes()) { // before signing in there is no token yet, but an Origin
        if (r.method != method::post || r.who.access != access::anyone) continue;
        CAPTURE(r.pattern);
        CHECK(browser(w).post(address(r, "1"), {}, {.origin = "https://evil.test"}).status == 403);
    }
}

TEST_CASE("S1 what is another's looks like what is not there: every route with an id, every kind of person") {
    site w;
    const std::int64_t order = w.book();
    const auto lines = w.order(order).lines;
    const std::int64_t instrument = lines.front().instrument_id;
    const std::vector<std::string> nothing = {"1", "9223372036854775807", "0", "-1",
                                              "x", "99999999999999999999"};
    for (const auto& s : standers(w)) {
        if (!s.signed_in) continue;
        const bool own_company = s.who.applicant_id == w.company.applicant_id;
        const bool own_place = s.who.institution_id == w.institution;
        const bool above = s.who.roles.any({role::platform_admin, role::regulator});
        for (const auto& r : routes()) {
            if (r.pattern.find("{}") == std::string_view::npos || !r.who.allows(s.who) ||
                r.who.access == access::anyone)
                continue;
            std::vector<std::string> ids = nothing;
            if (!own_company && !own_place && !above) {
                ids.push_back(std::to_string(order));
                ids.push_back(std::to_string(instrument));
                ids.push_back(std::to_string(lines.front().id));
            }
            for (const auto& id : ids) {
                browser b = browser_of(w, s);
                const auto path = address(r, id);
                CAPTURE(s.name);
                CAPTURE(path);
                const form_fields form = {{"reason", "原因"}, {"version", "1"}, {"county", "1"}};
                const auto answer = r.method == method::get ? b.get(path) : b.post(path, form);
                CHECK(answer.status == 404);
                if (!own_company) CHECK_FALSE(contains(answer, "佛山示例制造"));
            }
        }
    }
    CHECK(w.order(order).status == core::appointment::order_status::pending);
}

TEST_CASE("S5 an ended session opens nothing: signed out, idle too long, twelve hours old") {
    site w;
    const auto opens = [&](browser& b, std::string_view path) {
        const bool open = b.get(path).status == 200;
        w.do_now([](core::db::write_tx&) -> core::result<> { return {}; }); // "last seen" is written before
        return open;
    };
    browser out(w);
    out.take_session(w.sign_in("chenzhiming"));
    browser copy = out; // somebody who copied the cookie
    CHECK(opens(copy, "/me"));
    CHECK(out.post("/logout").status == 303);
    CHECK(out.cookie("__Host-session").empty());
    CHECK_FALSE(opens(copy, "/me"));

    browser staff(w);
    staff.take_session(w.sign_in("linxiaomin"));
    for (int i = 0; i < 3; ++i) { // in use it lives on
        w.time.advance(std::chrono::minutes(20));
        CHECK(opens(staff, "/staff"));
    }
    w.time.advance(std::chrono::minutes(31));
    CHECK_FALSE(opens(staff, "/staff"));

    browser day(w);
    day.take_session(w.sign_in("chenzhiming"));
    for (int i = 0; i < 11; ++i) {
        w.time.advance(std::chrono::minutes(60));
        CHECK(opens(day, "/me"));
    }
    w.time.advance(std::chrono::minutes(61));
    CHECK_FALSE(opens(day, "/me"));
}

TEST_CASE("Every asset is served by its fingerprinted name, for ever, in the coding the browser takes") {
    const assets files;
    REQUIRE_FALSE(files.addresses().empty());
    const auto ask = [&](const std::string& path, const std::string& encoding, const std::string& tag = "") {
        request r;
        r.path = path;
        if (!encoding.empty()) r.headers.add("accept-encoding", encoding);
        if (!tag.empty()) r.headers.add("if-none-match", tag);
        return *files.find(r);
    };
    const auto header = [](const response& r, std::string_view name) {
        for (const auto& [n, v] : r.headers)
            if (n == name) return v;
        return std::string();
    };
    for (const auto& [name, path] : files.addresses()) {
        CAPTURE(path);
        const auto plain = ask(path, "");
        CHECK(plain.status == 200);
        CHECK_FALSE(plain.shared_body.empty());
        CHECK(header(plain, "Cache-Control") == "public, max-age=31536000, immutable");
        CHECK(header(plain, "Vary") == "Accept-Encoding");
        CHECK(header(plain, "Content-Encoding").empty());
        CHECK(ask(path, "", header(plain, "ETag")).status == 304);
        CHECK(ask(path, "", "\"x\", W/" + header(plain, "ETag")).status == 304);
        CHECK(ask(path, "", "*").status == 304);
        CHECK(ask(path, "", "\"other\"").status == 200);
        if (path.ends_with(".css") || path.ends_with(".js")) {
            struct row {
                std::string accept, coding;
            };
            const std::vector<row> table = {{"br, gzip", "br"},    {"gzip, deflate, br;q=0.1", "br"},
                                            {"gzip", "gzip"},      {"br;q=0, gzip", "gzip"},
                                            {"BR", "br"},          {"br;q=0.000,gzip;q=0", ""},
                                            {"*", "br"},           {"*;q=0", ""},
                                            {"br;q=0, *", "gzip"}, {"identity", ""},
                                            {"brotli, xgzip", ""}};
            for (const auto& t : table) {
                CAPTURE(t.accept);
                const auto answer = ask(path, t.accept);
                CHECK(header(answer, "Content-Encoding") == t.coding);
                if (t.coding.empty()) continue;
                CHECK(header(answer, "ETag") != header(plain, "ETag"));
                CHECK(answer.shared_body.size() < plain.shared_body.size());
                CHECK(ask(path, t.accept, header(answer, "ETag")).status == 304);
            }
        }
    }
    CHECK(ask("/assets/company.css", "").status == 404);
    CHECK(ask("/assets/../schema/0001_base.sql", "").status == 404);
    CHECK(ask("/assets/", "").status == 404);
}

} // namespace
