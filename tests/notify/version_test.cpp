// Words of messages changed by the platform: versions, what is wrong at which field, parked messages that go
// again.
#include "core/journal/outbox.hpp"
#include "notify/hub/hub.hpp"
#include "notify/message/fit_value.hpp"
#include "notify/message/samples.hpp"
#include "notify/message/version.hpp"
#include "tests/notify/hub_world.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace core;
using notify::message_kind;
using notify::verdict;
using tests::answer;
using tests::hub_world;
using namespace std::chrono_literals;
using db::write_tx;

const template_set& templates() {
    static const template_set all({});
    return all;
}

// A hub with a book of its own: words in force change.
struct world {
    world() : book(templates()), w() { restart(); }
    void restart() {
        w.the_hub = std::make_unique<notify::hub>(w.db(), book, std::vector<notify::channel*>{&w.wechat});
        w.the_hub->recover();
    }
    result<int> change(std::string_view name, message_kind words, std::string_view note = "") {
        const auto who = w.acting(name);
        return w.write([&](write_tx& tx) { return notify::change_message(tx, who, book, words, note); });
    }
    result<> restore(std::string_view name, std::string_view kind, int number) {
        const auto who = w.acting(name);
        return w.write([&](write_tx& tx) { return notify::restore_message(tx, who, book, kind, number); });
    }
    std::vector<notify::message_version> versions(std::string_view name = "admin",
                                                  std::string_view kind = "order_confirmed") {
        const auto who = w.acting(name);
        return w.read([&](db::read_view& v) { return notify::list_versions(v, who, book, kind); });
    }
    message_kind words() const { return *book.find("order_confirmed"); }

    notify::message_book book;
    hub_world w;
};

std::set<std::string> faults(const message_kind& words) {
    const auto done = notify::check_words(words);
    std::set<std::string> all;
    if (done) return all;
    all.insert(done.error().field + " " + done.error().detail);
    for (const auto& e : done.error().also)
        all.insert(e.field + " " + e.detail);
    return all;
}

} // namespace

TEST_CASE(
    "templates/messages: every shipped kind passes the rules of the form, and reads as it was written") {
    const notify::message_book book(templates());
    for (const auto& kind : outbox::kinds) {
        const auto* words = book.find(kind.name);
        REQUIRE(words != nullptr);
        CHECK_MESSAGE(faults(*words).empty(), kind.name);
        const auto again = notify::parse_message(kind.name, notify::source_of(*words));
        CHECK(notify::source_of(again) == notify::source_of(*words));
        CHECK(again.fields.size() == words->fields.size());
    }
}

TEST_CASE("S14 what is wrong with a message is said at its field, all of it at once") {
    const notify::message_book book(templates());
    const message_kind good = *book.find("order_confirmed");
    const auto changed = [&](auto change) {
        message_kind words = good;
        change(words);
        return faults(words);
    };
    using set = std::set<std::string>;
    CHECK(changed([](auto& m) { m.title = ""; }) == set{"title message.title"});
    CHECK(changed([](auto& m) { m.title = "两\n行"; }) == set{"title message.title"});
    CHECK(changed([](auto& m) { m.title = std::string(31, 'x'); }) == set{"title message.title"});
    CHECK(changed([](auto& m) { m.url = "https://elsewhere.example/"; }) == set{"url message.url"});
    CHECK(changed([](auto& m) { m.url = "//elsewhere.example/"; }) == set{"url message.url"});
    CHECK(changed([](auto& m) { m.url = "/orders/{{nonsense}}"; }) == set{"url message.fact"});
    CHECK(changed([](auto& m) { m.staff_url = "staff"; }) == set{"staff_url message.url"});
    CHECK(changed([](auto& m) { m.template_id = "a b\"}"; }) == set{"template_id message.template_id"});
    CHECK(changed([](auto& m) { m.fields.clear(); }) == set{"name_1 message.no_field"});
    CHECK(changed([](auto& m) { m.fields[1].name = "thing"; }) == set{"name_2 message.field_name"});
    CHECK(changed([](auto& m) { m.fields[1].name = "const1"; }) == set{"name_2 message.field_name"});
    CHECK(changed([](auto& m) { m.fields[1].name = m.fields[0].name; }) == set{"name_2 message.field_twice"});
    CHECK(changed([](auto& m) { m.fields[0].label = "两 词"; }) == set{"label_1 message.label"});
    CHECK(changed([](auto& m) { m.fields[0].label = "a: b"; }) == set{"label_1 message.label"});
    CHECK(changed([](auto& m) { m.fields[0].text = ""; }) == set{"text_1 message.text"});
    CHECK(changed([](auto& m) { m.fields[0].text = "{{nubmer}}"; }) == set{"text_1 message.fact"});
    CHECK(changed([](auto& m) { m.fields[0].text = "{{#certificates}}"; }) == set{"text_1 message.fact"});
    // Empty as long as nothing is suggested: the field would tell of a day that nobody meant.
    CHECK(changed([](auto& m) {
              m.fields.push_back({"date5", "建议日期", "{{suggested_date}}"});
          }) == set{"text_" + std::to_string(good.fields.size() + 1) + " message.may_be_empty"});
    CHECK(changed([](auto& m) {
              m.fields.push_back({"time6", "建议", "{{suggested_from}}"});
          }) == set{"text_" + std::to_string(good.fields.size() + 1) + " message.may_be_empty"});
    CHECK(changed([](auto& m) { m.fields.push_back({"date5", "日期", "{{date}}"}); }).empty());
    CHECK(changed([](auto& m) { m.fields.push_back({"thing6", "建议日期", "{{suggested_date}}"}); }).empty());
    CHECK(changed([](auto& m) {
              m.title = "";
              m.fields[0].text = "{{x}}";
              m.fields[1].label = "";
          }) == set{"title message.title", "text_1 message.fact", "label_2 message.label"});
    message_kind unknown = good;
    unknown.kind = "order_lost";
    CHECK(notify::check_words(unknown).error().code == errc::not_found);
}

TEST_CASE(
    "a version keeps what its fields are called in the subscription template, and refuses one name for two") {
    world x;
    auto words = x.words();
    REQUIRE(words.fields.size() >= 3);
    words.fields[0].subscription = "thing9";
    words.fields[1].subscription = "-";
    CHECK(faults(words).empty());
    CHECK(x.change("admin", words).has_value());
    const auto again = notify::parse_message("order_confirmed", notify::source_of(x.words()));
    CHECK(notify::subscription_name(again.fields[0]) == "thing9");
    CHECK(notify::subscription_name(again.fields[1]).empty());
    CHECK(notify::subscription_name(again.fields[2]) == again.fields[2].name);
    words.fields[2].subscription = "thing9";
    CHECK(faults(words) == std::set<std::string>{"name_3 message.field_twice"});
    words.fields[2].subscription = "-"; // two that are not there
    CHECK(faults(words).empty());
}

TEST_CASE("N16 words that an administrator may write never make a value that WeChat refuses for its kind") {
    const notify::message_book book(templates());
    for (const char* name :
         {"thing1", "character_string2", "time3", "date4", "phrase5", "number6", "amount7"}) {
        message_kind words = *book.find("order_confirmed");
        const std::string mixed = "{{institution}}{{reason}} {{number}} {{date}} {{from}}~{{to}} 😀";
        words.fields = {{name, "标题", mixed}};
        if (std::string_view(name) == "time3" || std::string_view(name) == "date4") {
            // No day in front: what stood there would be a day that nobody meant.
            CHECK(faults(words) == std::set<std::string>{"text_1 message.may_be_empty"});
            words.fields[0].text = "{{date}} {{from}}~{{to}} 😀 {{reason}}";
        }
        REQUIRE(faults(words).empty());
        const auto m = notify::message_book::fill(words, notify::sample_facts("order_confirmed"));
        CHECK(m.fields[0].text != "");
        CHECK(notify::fit_value(name, m.fields[0].text) == m.fields[0].text);
    }
}

TEST_CASE(
    "a change is a new version in force at once, who and when; an older one comes back; all in the journal") {
    world x;
    auto words = x.words();
    words.title = "您的预约已确认";
    words.template_id = "TID-new";
    CHECK(x.change("guopeng", words).error().code == errc::not_allowed);
    CHECK(x.change("chenzhiming", words).error().code == errc::not_allowed);
    CHECK(x.change("admin", words, std::string(201, 'x')).error().detail == "message.note");
    CHECK(x.words().title == "预约成功提醒");
    CHECK(x.change("admin", words, "换了说法").value() == 1);
    CHECK(x.change("admin", words).error().detail == "message.same");
    CHECK(x.words().title == "您的预约已确认");
    CHECK(x.words().template_id == "TID-new");
    words.title = "预约确认啦";
    CHECK(x.change("admin", words).value() == 2);
    auto all = x.versions();
    REQUIRE(all.size() == 3);
    CHECK(all[0].number == 2);
    CHECK(all[0].in_force);
    CHECK(all[1].note == "换了说法");
    CHECK(all[1].by == x.w.acting("admin").name);
    CHECK(all[1].at == x.w.time.now());
    CHECK(all[2].number == 0);
    CHECK(all[2].words.title == "预约成功提醒");
    CHECK(x.versions("guopeng").empty());
    CHECK(x.restore("guopeng", "order_confirmed", 1).error().code == errc::not_allowed);
    CHECK(x.restore("admin", "order_confirmed", 3).error().code == errc::not_found);
    CHECK(x.restore("admin", "order_lost", 0).error().code == errc::not_found);
    CHECK(x.restore("admin", "order_confirmed", 2).error().detail == "message.same");
    CHECK(x.restore("admin", "order_confirmed", 1).has_value());
    CHECK(x.words().title == "您的预约已确认");
    notify::message_book fresh(templates()); // the next process
    x.w.read([&](db::read_view& v) { return notify::load_versions(v, fresh), 0; });
    CHECK(fresh.find("order_confirmed")->title == "您的预约已确认");
    CHECK(fresh.find("order_confirmed")->template_id == "TID-new");
    CHECK(fresh.find("order_received")->title == x.book.find("order_received")->title);
    CHECK(x.restore("admin", "order_confirmed", 0).has_value());
    CHECK(x.words().title == "预约成功提醒");
    CHECK(x.versions().back().in_force);
    CHECK(x.w.count("SELECT count(*) FROM audit WHERE verb = 'change_message'") == 2);
    CHECK(x.w.count("SELECT count(*) FROM audit WHERE verb = 'restore_message'") == 2);
}

TEST_CASE("a version that no longer fits its event is left out at the start, the shipped words are used") {
    world x;
    auto words = x.words();
    words.title = "改过";
    x.change("admin", words).value();
    x.w.write([](write_tx& tx) -> result<> {
           tx.exec("UPDATE message_version SET source = replace(source, '{{institution}}', '{{gone}}')");
           return {};
       })
        .value();
    notify::message_book fresh(templates());
    x.w.read([&](db::read_view& v) { return notify::load_versions(v, fresh), 0; });
    CHECK(fresh.find("order_confirmed")->title == "预约成功提醒");
}

TEST_CASE(
    "N7 a mended template sends its parked messages, once, in the new words and under new ids; other kinds "
    "stay parked") {
    world x;
    x.w.bind("chenzhiming", "oChen");
    x.w.bind("huanglihua", "oHuang");
    x.w.wechat.script = [](const auto&, std::size_t) { return answer(verdict::template_refused, 40037); };
    x.w.event("order_confirmed");
    x.w.event("order_received");
    x.w.live(1min);
    const auto before = x.w.wechat.calls;
    CHECK(before.size() >= 2);
    x.w.wechat.script = nullptr;
    x.w.wechat.calls.clear();
    auto words = x.words();
    words.title = "预约确认通知";
    words.fields = {{"thing9", "机构名称", "{{institution}}"}};
    x.change("admin", words).value();
    CHECK(x.w.the_hub->mend("order_confirmed") == 2);
    CHECK(x.w.the_hub->mend("order_confirmed") == 0);
    x.w.live(1min);
    REQUIRE(x.w.wechat.calls.size() == 2);
    for (const auto& c : x.w.wechat.calls) {
        CHECK(c.what.body.find("thing9") != std::string::npos);
        for (const auto& b : before)
            CHECK(b.what.client_msg_id != c.what.client_msg_id);
    }
    std::map<std::string, int> states;
    for (const auto& d : x.w.deliveries()) {
        ++states[d.kind + " " + d.status];
        if (d.kind == "order_confirmed") CHECK(d.title == "预约确认通知");
    }
    CHECK(states ==
          std::map<std::string, int>{{"order_confirmed accepted", 2}, {"order_received parked", 2}});
    CHECK(x.w.read([](db::read_view& v) { return notify::status_of(v).parked.size(); }) == 1);
}

TEST_CASE("the newest event of a kind is found for the preview") {
    hub_world w;
    w.event("order_received");
    const auto id = w.event("order_confirmed");
    w.event("order_received");
    const auto found = w.read([](db::read_view& v) { return outbox::find_latest(v, "order_confirmed"); });
    REQUIRE(found);
    CHECK(found->id == id);
    CHECK_FALSE(w.read([](db::read_view& v) { return outbox::find_latest(v, "region_summary"); }));
}
