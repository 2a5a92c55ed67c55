// 公众号 → 菜单 and 接入自检: for the platform's administrator only, with the cause of what is wrong in plain
// words.
#include "core/base/json.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/doctor.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/routes.hpp"
#include "wechat/server/guard.hpp"

#include <doctest/doctest.h>

namespace {

using namespace wechat::mp;
using core::value;

// Addresses of assets, whatever they are called: pages only print them.
wechat::asset_map any_assets() {
    return {{"staff_css", "/a"},
            {"staff_js", "/b"},
            {"company_css", "/c"},
            {"company_js", "/d"},
            {"icons_svg", "/e"}};
}

class staff_site {
  public:
    staff_site()
        : settings(tests::account_settings()), fake(w.time), pages_(tests::strict_templates(), any_assets()),
          problems_(tests::strict_templates()), book_(tests::strict_templates()), http_(options()) {
        settings.api_base = fake.base();
        api_ = std::make_unique<api>(settings, http_, w.db());
        doctor_ = std::make_unique<doctor>(*api_, w.db(), tests::strict_templates(), book_,
                                           doctor_setup{fake.base() + "/wx/callback", {}, w.folder.path()});
        services_.time = &w.time;
        services_.db = &w.db();
        services_.pages = &pages_;
        services_.problems = &problems_;
        services_.wechat = &settings;
        services_.api = api_.get();
        services_.doctor = doctor_.get();
        wechat::server_options o;
        o.log_requests = false;
        server_ = std::make_unique<wechat::server>(o, wechat::routes(), services_, &w.db(), w.time);
    }
    wechat::response get(std::string_view path, std::string_view who) {
        return server_->dispatch(asked(path, who));
    }
    wechat::response post(std::string_view path, std::string_view who, std::string_view token) {
        auto r = asked(path, who);
        r.method = wechat::method::post;
        r.headers.add("content-type", "application/x-www-form-urlencoded");
        r.body = "_csrf=" + std::string(token);
        return server_->dispatch(std::move(r));
    }
    static std::string token_in(const std::string& page) {
        const std::string_view before = "name=\"_csrf\" value=\"";
        const auto at = page.find(before);
        return at == std::string::npos
                   ? ""
                   : page.substr(at + before.size(), page.find('"', at + before.size()) - at - before.size());
    }

    tests::account_world w;
    wechat::mp::settings settings;
    tests::fake_wechat fake;

  private:
    wechat::request asked(std::string_view path, std::string_view who) {
        wechat::request r;
        r.path = path;
        r.host = "example.com";
        if (who.empty()) return r;
        auto& cookie = cookies_[std::string(who)];
        if (cookie.empty()) cookie = w.sign_in(who);
        r.cookies.add(std::string(wechat::session_cookie), cookie);
        return r;
    }
    static http_client::options options() {
        http_client::options o;
        o.allow_plain_http = true;
        return o;
    }
    wechat::view pages_;
    wechat::problem_texts problems_;
    notify::message_book book_;
    http_client http_;
    std::unique_ptr<api> api_;
    std::unique_ptr<doctor> doctor_;
    wechat::services services_;
    std::unique_ptr<wechat::server> server_;
    std::map<std::string, std::string> cookies_;
};

bool has(const wechat::response& r, std::string_view part) {
    return r.body.find(part) != std::string::npos;
}

constexpr std::string_view menu_get = "/cgi-bin/menu/get";

} // namespace

TEST_CASE("S2 menu and self-check are the platform administrator's alone") {
    staff_site s;
    for (const std::string_view path : {"/staff/menu", "/staff/doctor"}) {
        CHECK(s.get(path, "").status == 303); // to sign in
        CHECK(s.get(path, "linxiaomin").status == 403);
        CHECK(s.get(path, "chenzhiming").status == 403);
        CHECK(s.get(path, "admin").status == 200);
    }
    CHECK(s.post("/staff/menu/publish", "linxiaomin", "x").status == 403);
    CHECK(s.fake.calls("/cgi-bin/menu/create").empty());
}

TEST_CASE("U3 the menu's page: tree and difference, publishing once with an audit row") {
    staff_site s;
    s.fake.answer(menu_get, R"({"menu":{"button":[{"type":"click","name":"旧菜单","key":"OLD"}]}})");
    const auto page = s.get("/staff/menu", "admin");
    CHECK(page.status == 200);
    for (const std::string_view part :
         {"旧菜单", "将移除", "我的强检", "将新增", "检定查询", "发布</button>"})
        CHECK_MESSAGE(has(page, part), part);
    CHECK(s.post("/staff/menu/publish", "admin", "wrong").status == 403);
    const auto done = s.post("/staff/menu/publish", "admin", staff_site::token_in(page.body));
    CHECK(done.status == 303);
    CHECK(s.fake.calls("/cgi-bin/menu/create").size() == 1);
    CHECK(s.w.count("SELECT count(*) FROM audit WHERE verb = 'publish_menu'") == 1);
    s.fake.answer(menu_get, core::to_json(value::object().set(
                                "menu", load_menus(tests::strict_templates(), s.settings).value().all)));
    s.get("/staff/menu", "admin"); // the script's first answer once more
    const auto same = s.get("/staff/menu", "admin");
    CHECK(has(same, "无需发布"));
    CHECK_FALSE(has(same, "发布</button>"));
    CHECK(s.post("/staff/menu/publish", "admin", staff_site::token_in(page.body)).status == 303);
    CHECK(s.fake.calls("/cgi-bin/menu/create").size() == 1);
    CHECK(s.w.count("SELECT count(*) FROM audit WHERE verb = 'publish_menu'") == 1);
}

TEST_CASE("U3 the pages say which address is missing in the whitelist, and where to add it") {
    staff_site s;
    s.fake.answer(
        "/cgi-bin/stable_token",
        R"({"errcode":40164,"errmsg":"invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 6f"})");
    const auto first = s.get("/staff/doctor", "admin");
    CHECK(has(first, "203.0.113.7"));
    CHECK(has(first, "IP白名单"));
    CHECK(has(first, "有问题"));
    CHECK(has(first, "项没有检查，说明里写了为什么")); // not "all is well" for what nobody could look at
    const auto menu = s.get("/staff/menu", "admin");
    CHECK(menu.status == 200);
    CHECK(has(menu, "203.0.113.7"));
    CHECK(has(menu, "未能与线上比较"));
    CHECK_FALSE(has(menu, "发布</button>"));
}
