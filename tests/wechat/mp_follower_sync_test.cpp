// wechat/mp/follower_sync: pages, hundreds, failures in between, the openids after a move; by a scripted API
// host.
#include "core/account/binding.hpp"
#include "core/account/follower.hpp"
#include "core/base/json.hpp"
#include "tests/support/world_accounts.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/follower_sync.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace account = core::account;
using core::value;

constexpr std::string_view list_path = "/cgi-bin/user/get";
constexpr std::string_view batch_path = "/cgi-bin/user/info/batchget";
constexpr std::string_view one_path = "/cgi-bin/user/info";
constexpr std::string_view move_path = "/cgi-bin/changeopenid";
const std::string refused = R"({"errcode":40003,"errmsg":"invalid openid rid: 6f-1-2"})";
const std::string busy = R"({"errcode":45009,"errmsg":"reach max api daily quota limit rid: 6f-1-2"})";

std::string page(const std::vector<std::string>& openids, int total, const std::string& next) {
    value ids = value::array();
    for (const auto& o : openids)
        ids.push(o);
    value v = value::object().set("total", total).set("count", static_cast<int>(openids.size()));
    if (!openids.empty()) v.set("data", value::object().set("openid", std::move(ids)));
    return core::to_json(v.set("next_openid", next));
}

value info(const std::string& openid) {
    value v = value::object().set("subscribe", 1).set("openid", openid).set("unionid", "u" + openid);
    return v.set("subscribe_time", 1'764'000'000).set("subscribe_scene", "ADD_SCENE_SEARCH");
}

std::string infos(const std::vector<std::string>& openids) {
    value list = value::array();
    for (const auto& o : openids)
        list.push(info(o));
    return core::to_json(value::object().set("user_info_list", std::move(list)));
}

struct line : tests::account_world {
    line() : settings(tests::account_settings()), fake(time), http(options()) {
        settings.api_base = fake.base();
        api = std::make_unique<wechat::mp::api>(settings, http, db());
    }
    static wechat::mp::http_client::options options() {
        wechat::mp::http_client::options o;
        o.allow_plain_http = true;
        o.total_timeout_ms = 5000;
        return o;
    }
    bool follows(std::string_view openid) {
        return read([&](core::db::read_view& v) { return account::may_follow(v, openid); });
    }
    void follow(const std::string& openid) {
        write([&](core::db::write_tx& tx) -> core::result<> {
            account::record_follow(tx, openid, "", tx.now() - 1h);
            return {};
        }).value();
    }
    account::follower_sync last() {
        return *read([](core::db::read_view& v) { return account::find_last_sync(v); });
    }
    core::result<account::follower_sync> sync() { return wechat::mp::sync_followers(*api, db(), "command"); }

    wechat::mp::settings settings;
    tests::fake_wechat fake;
    wechat::mp::http_client http;
    std::unique_ptr<wechat::mp::api> api;
};

} // namespace

TEST_CASE("followers: two pages and an empty one, then the details of all") {
    line w;
    w.follow("oGone");
    w.fake.answer(list_path, page({"oA", "oB"}, 3, "oB"));
    w.fake.answer(list_path, page({"oC"}, 3, "oC"));
    w.fake.answer(list_path, page({}, 3, ""));
    w.fake.answer(batch_path, infos({"oA", "oB", "oC"}));
    const auto done = w.sync();
    REQUIRE(done.has_value());
    CHECK(done->total == 3);
    CHECK(done->seen == 3);
    CHECK(done->added == 3);
    CHECK(done->gone == 1);
    CHECK(done->detailed == 3);
    CHECK_FALSE(w.follows("oGone"));
    const auto calls = w.fake.calls(list_path);
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].query.ends_with("&next_openid="));
    CHECK(calls[1].query.ends_with("&next_openid=oB"));
    CHECK(calls[2].query.ends_with("&next_openid=oC"));
    CHECK(w.count("SELECT count(*) FROM follower WHERE unionid = 'uoA' AND subscribed_at = 1764000000000") ==
          1);
    w.fake.forget();
    CHECK(w.sync()->detailed == 0); // known already
    CHECK(w.fake.calls(batch_path).empty());
}

TEST_CASE("followers: the sample answer of the documentation, with an empty next_openid, is one whole page") {
    line w;
    w.fake.answer(list_path, page({"oA"}, 1, ""));
    w.fake.answer(batch_path, infos({"oA"}));
    CHECK(w.sync()->seen == 1);
    CHECK(w.fake.calls(list_path).size() == 1);
}

TEST_CASE("followers: at the day's quota it stands still, and goes on where it was") {
    line w;
    w.fake.answer(list_path, page({"oA"}, 2, "oA"));
    w.fake.answer(list_path, busy);
    const auto stopped = w.sync();
    CHECK(stopped.error().detail == "wechat.quota");
    CHECK(w.last().next_openid == "oA");
    CHECK(w.last().trouble.find("wechat.quota") == 0);
    CHECK_FALSE(w.last().finished_at);
    CHECK_FALSE(wechat::mp::may_sync_now(w.db())); // not before a quarter of an hour
    w.time.advance(24h);
    CHECK(wechat::mp::may_sync_now(w.db()));
    w.close(); // the program was killed meanwhile
    w.reopen();
    w.api = std::make_unique<wechat::mp::api>(w.settings, w.http, w.db());
    tests::fake_wechat again(w.time);
    w.settings.api_base = again.base();
    again.answer(list_path, page({"oB"}, 2, "oB"));
    again.answer(list_path, page({}, 2, ""));
    again.answer(batch_path, infos({"oA", "oB"}));
    w.api = std::make_unique<wechat::mp::api>(w.settings, w.http, w.db());
    const auto done = wechat::mp::sync_if_due(*w.api, w.db(), [] { return false; });
    CHECK(done.has_value());
    CHECK(w.last().finished_at);
    CHECK(w.last().seen == 2);
    CHECK(again.calls(list_path).front().query.ends_with("&next_openid=oA"));
}

TEST_CASE("followers: one openid that WeChat refuses does not spoil its hundred") {
    line w;
    w.fake.answer(list_path, page({"oA", "oB"}, 2, ""));
    w.fake.answer(batch_path, refused);
    w.fake.answer(one_path, refused);
    w.fake.answer(one_path, core::to_json(info("oB")));
    const auto done = w.sync();
    REQUIRE(done.has_value());
    CHECK(done->detailed == 1);
    CHECK(w.count("SELECT count(*) FROM follower WHERE openid = 'oB' AND unionid = 'uoB'") == 1);
    CHECK(w.count("SELECT count(*) FROM follower WHERE detailed_at IS NULL") == 0);
}

TEST_CASE("followers: a stop is obeyed between two calls") {
    line w;
    w.fake.answer(list_path, page({"oA"}, 2, "oA"));
    int asked = 0;
    CHECK(wechat::mp::sync_if_due(*w.api, w.db(), [&asked] { return asked++ == 1; }).has_value());
    CHECK(w.fake.calls(list_path).size() == 1);
    CHECK_FALSE(w.last().finished_at);
}

TEST_CASE("followers: the plan of a move changes nothing; what WeChat does not know is told apart") {
    line w;
    w.follow("oA");
    w.follow("oB");
    w.fake.answer(
        move_path,
        R"({"errcode":0,"errmsg":"ok","result_list":[{"ori_openid":"oA","new_openid":"nA","err_msg":"ok"},)"
        R"({"ori_openid":"oB","err_msg":"ori_openid error"}]})");
    const auto plan = wechat::mp::plan_move(*w.api, w.db(), "wx9999999999999999");
    REQUIRE(plan.has_value());
    REQUIRE(plan->moves.size() == 1);
    CHECK(plan->moves[0].from == "oA");
    CHECK(plan->moves[0].to == "nA");
    CHECK(plan->unknown == std::vector<std::string>{"oB"});
    const auto asked = core::parse_json(w.fake.calls(move_path).at(0).body).value();
    CHECK(asked.text("from_appid") == "wx9999999999999999");
    CHECK(asked.find("openid_list")->as_list()->size() == 2);
    CHECK(w.follows("oA"));
}
