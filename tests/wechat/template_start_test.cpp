// At the start every message is compared with the account's own templates, as the program does it: found is
// kept, what fits goes on, what does not is said with its place.
#include "notify/hub/flow_store.hpp"
#include "notify/message/message.hpp"
#include "tests/notify/hub_world.hpp"
#include "tests/wechat/mp_fake_wechat.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/template_check.hpp"
#include "wechat/rounds.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace {

using namespace wechat::mp;
using core::db::read_view;
using core::db::write_tx;
using found = template_check::state;

http_client::options plain() {
    http_client::options o;
    o.allow_plain_http = true;
    return o;
}

constexpr std::string_view own_path = "/cgi-bin/template/get_all_private_template";
constexpr std::string_view subscription_path = "/wxaapi/newtmpl/gettemplate";

// Three kinds with a template id, the account as the test says.
struct start_world {
    start_world() : fake(w.time), settings(tests::account_settings()) {
        settings.api_base = fake.base();
        settings.template_ids = {
            {"order_confirmed", "T-fits"}, {"order_received", "T-other"}, {"order_moved", "T-gone"}};
        api = std::make_unique<wechat::mp::api>(settings, http, w.db());
    }
    // "预约单号:{{character_string1.DATA}}\n…" of a kind as it is shipped, by the names of its own template.
    static std::string content_of(std::string_view kind, bool subscription = false) {
        std::string all;
        for (const auto& f : tests::hub_world::book().find(kind)->fields) {
            const auto name = subscription ? std::string(notify::subscription_name(f)) : f.name;
            if (!name.empty()) all += f.label + ":{{" + name + R"(.DATA}}\n)";
        }
        return all;
    }
    void start() { wechat::check_templates(*api, w.db(), tests::hub_world::book(), *w.the_hub); }
    std::optional<found> state_of(std::string_view kind) {
        const auto c = w.read([&](read_view& v) { return find_check(v, kind); });
        return c ? std::optional(c->found) : std::nullopt;
    }

    tests::hub_world w;
    tests::fake_wechat fake;
    wechat::mp::settings settings;
    http_client http{plain()};
    std::unique_ptr<wechat::mp::api> api;
};

} // namespace

TEST_CASE(
    "U8 N7 at the start the account's own list is read: what was found is kept, parked messages that fit "
    "go, what does not fit is in the log with its fields") {
    start_world x;
    x.fake.answer(own_path,
                  R"({"template_list":[{"template_id":"T-fits","title":"预约成功提醒","content":")" +
                      start_world::content_of("order_confirmed") +
                      R"("},{"template_id":"T-other","title":"收检","content":"单号:{{thing77.DATA}}\n"}]})");
    x.w.bind("chenzhiming", "oChen");
    x.w.wechat.script = [](const auto&, std::size_t) {
        return tests::answer(notify::verdict::template_refused, 40037);
    };
    x.w.event("order_confirmed");
    x.w.event("order_received");
    x.w.drain();
    x.w.wechat.script = nullptr;
    x.w.wechat.calls.clear();
    const tests::log_lines log;
    x.start();
    CHECK(x.state_of("order_confirmed") == found::ok);
    CHECK(x.state_of("order_received") == found::fields);
    CHECK(x.state_of("order_moved") == found::not_granted);
    CHECK(x.state_of("order_cancelled") == found::no_id);
    x.w.drain();
    REQUIRE(x.w.wechat.calls.size() == 1); // the other stays parked
    CHECK(x.w.wechat.calls[0].what.kind == "order_confirmed");
    const auto said = log.with("does not fit the account's template");
    CHECK(said.size() == 2);
    CHECK(log.all().find("thing77") != std::string::npos);
    CHECK(x.fake.calls(subscription_path).empty()); // none is configured
}

TEST_CASE("U8 WeChat that does not answer at the start is asked again until it does") {
    start_world x;
    x.fake.answer(own_path, "<html>502 Bad Gateway</html>");
    CHECK_FALSE(wechat::check_templates(*x.api, x.w.db(), tests::hub_world::book(), *x.w.the_hub));
    x.fake.answer(own_path, "<html>502 Bad Gateway</html>");
    x.fake.answer(own_path,
                  R"({"template_list":[{"template_id":"T-fits","title":"预约成功提醒","content":")" +
                      start_world::content_of("order_confirmed") + R"("}]})");
    const auto before = x.fake.calls(own_path).size();
    wechat::run_template_check({}, *x.api, x.w.db(), tests::hub_world::book(), *x.w.the_hub,
                               std::chrono::milliseconds(0));
    CHECK(x.fake.calls(own_path).size() > before + 1); // not at the first answer
    CHECK(x.state_of("order_confirmed") == found::ok);
}

TEST_CASE("an alarm ends the pause of the rounds, also when it rang before") {
    wechat::alarm work;
    std::stop_source stop;
    work.ring();
    CHECK(work.wait(stop.get_token(), std::chrono::hours(1)));
    CHECK_FALSE(work.wait(stop.get_token(), std::chrono::milliseconds(0))); // once
    stop.request_stop();
    CHECK_FALSE(work.wait(stop.get_token(), std::chrono::hours(1)));
}

TEST_CASE("U8 a list that cannot be read at the start changes nothing that was known") {
    start_world x;
    x.fake.answer(own_path, R"({"errcode":48001,"errmsg":"api unauthorized"})");
    x.w.write([&](write_tx& tx) -> core::result<> {
           template_check known;
           known.kind = "order_confirmed";
           keep_checks(tx, {known});
           return {};
       })
        .value();
    x.start();
    CHECK(x.state_of("order_confirmed") == found::ok);
    CHECK_FALSE(x.state_of("order_received"));
}

TEST_CASE("U8 at the start subscription templates are compared by the names that fields have there") {
    start_world x;
    x.settings.subscription_ids = {
        {"order_confirmed", "S-fits"}, {"order_moved", "S-other"}, {"order_received", "S-gone"}};
    x.fake.answer(own_path, R"({"template_list":[]})");
    x.fake.answer(subscription_path,
                  R"({"errcode":0,"data":[{"priTmplId":"S-fits","title":"预约","content":")" +
                      start_world::content_of("order_confirmed", true) +
                      R"("},{"priTmplId":"S-other","title":"改期","content":"时间:{{time88.DATA}}\n"}]})");
    const tests::log_lines log;
    x.start();
    CHECK(log.with("does not fit its subscription template").size() == 2);
    CHECK(log.all().find("time88") != std::string::npos);
    CHECK(log.all().find("S-fits") == std::string::npos);
    // A name of its own makes it fit.
    notify::message_kind words = *tests::hub_world::book().find("order_moved");
    for (auto& f : words.fields)
        f.subscription = "-";
    words.fields[0].subscription = "time88";
    const core::template_set templates({});
    notify::message_book book(templates);
    book.put(words);
    const auto granted = fetch_subscription_templates(*x.api).value();
    for (const auto& c : check_subscriptions(book, x.settings, granted))
        CHECK((c.found == found::ok) == (c.kind != "order_received"));
}
