// wechat/mp/callback: every message once, the same answer again, in time, and none lost (K1-K3, K6, K7).
#include "core/base/json.hpp"
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/callback_store.hpp"
#include "wechat/mp/http_client.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/server.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <thread>

namespace {

using namespace std::chrono_literals;
using tests::account_world;
using tests::callback_desk;
using tests::log_lines;

std::int64_t rows(account_world& w, const std::string& where = "1 = 1") {
    return w.count("SELECT count(*) FROM wx_inbox WHERE " + where);
}
std::int64_t followers(account_world& w) {
    return w.count("SELECT count(*) FROM follower WHERE is_following = 1");
}

void keep_waiting(account_world& w, const std::string& key, const std::string& text) {
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         wechat::mp::inbox::entry e;
         e.key = key;
         e.kind = "text";
         e.state = "waiting";
         e.text = text;
         e.reply = "success";
         CHECK(wechat::mp::inbox::insert(tx, e));
         return {};
     }).value();
}

std::string created(const callback_desk& d, const wechat::response& answer) {
    return wechat::sandbox::element(d.keys.open(answer).value(), "CreateTime");
}

// The callback of a world behind a real socket, with a patience short enough to wait for.
class served {
  public:
    served(callback_desk& d, int patience_ms) : http_({.allow_plain_http = true}) {
        services_.time = &d.w.time;
        services_.db = &d.w.db();
        services_.callback = &d.door();
        route_ = wechat::route{.method = wechat::method::post,
                               .pattern = "/wx/callback",
                               .who = wechat::wechat_callback,
                               .async = wechat::mp::callback_post};
        route_.body_limit = 64 * 1024;
        route_.answer_within_ms = patience_ms;
        route_.late_answer = wechat::mp::callback_late;
        wechat::server_options o;
        wechat::listen_options l;
        l.tls = false;
        o.listeners.push_back(l);
        o.log_requests = false;
        server_ = std::make_unique<wechat::server>(o, std::span(&route_, 1), services_, &d.w.db(), d.w.time);
        server_->start();
    }
    ~served() { server_->stop(); }
    wechat::mp::http_answer post(const wechat::request& r) {
        std::string url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/wx/callback?";
        for (const auto& [name, text] : r.query)
            url += name + "=" + wechat::mp::percent_encode(text) + "&";
        return http_.call({url, r.body});
    }

  private:
    wechat::services services_;
    wechat::route route_;
    std::unique_ptr<wechat::server> server_;
    wechat::mp::http_client http_;
};

// Holds the writer until let go: every other action waits behind it.
class blocked_writer {
  public:
    explicit blocked_writer(account_world& w)
        : thread_([this, &w] {
              w.write([this](core::db::write_tx&) -> core::result<> {
                   begun_.set_value();
                   go_.get_future().wait();
                   return {};
               }).value();
          }) {
        begun_.get_future().wait();
    }
    void let_go() {
        go_.set_value();
        thread_.join();
    }

  private:
    std::promise<void> begun_, go_;
    std::jthread thread_;
};

} // namespace

TEST_CASE("K3 an exact replay, a re-signed retry and a repeat after a restart: one effect, one answer") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    const std::string wrong = tests::text_message("2611 0000 0003", "9007199254740993", now);
    const auto request = d.keys.sealed(wrong, now, "1");
    const auto first = d.ask(request);
    const auto failures = w.count("SELECT failures FROM attempt WHERE key LIKE 'query:o%'");
    CHECK(failures == 1);
    w.time.advance(3s);
    const auto replayed = d.ask(request);
    const auto signed_anew = d.ask(d.keys.sealed(wrong, w.time.now(), "2"));
    d.restart();
    w.reopen();
    const auto after_restart = d.ask(d.keys.sealed(wrong, w.time.now(), "3"));
    for (const auto* again : {&replayed, &signed_anew, &after_restart}) {
        CHECK(d.keys.open(*again) == d.keys.open(first)); // the stored reply itself, its time too
        CHECK(created(d, *again) == std::to_string(core::to_ms(now) / 1000));
    }
    CHECK(rows(w) == 1);
    CHECK(w.count("SELECT failures FROM attempt WHERE key LIKE 'query:o%'") == failures);
}

TEST_CASE("K3 a duplicate that comes while the first is being handled gets the same answer") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    const std::string plain = tests::text_message("261100000003", "5", now);
    std::vector<std::shared_ptr<std::optional<wechat::response>>> answers;
    for (const std::string_view nonce : {"1", "2", "3", "4"})
        answers.push_back(d.post(d.keys.sealed(plain, now, nonce)));
    for (const auto& a : answers)
        CHECK_FALSE(a->has_value());
    d.pump();
    for (const auto& a : answers) {
        REQUIRE(a->has_value());
        CHECK(d.keys.open(**a) == d.keys.open(**answers[0]));
    }
    CHECK(rows(w) == 1);
    CHECK(w.count("SELECT failures FROM attempt WHERE key LIKE 'query:o%'") == 1);
}

TEST_CASE("K3 what makes two messages different ones") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    int n = 0;
    const auto send = [&](const std::string& plain) {
        CHECK(d.ask(d.keys.sealed(plain, now, std::to_string(++n))).status == 200);
        return rows(w);
    };
    using tests::event_message;
    using tests::text_message;
    CHECK(send(text_message("a", "1", now)) == 1);
    CHECK(send(text_message("a", "2", now)) == 2);           // another id
    CHECK(send(text_message("a", "1", now, "oOther")) == 3); // the same id was seen for 15 people at once
    CHECK(send(text_message("a", "1", now + 1s)) == 4);      // another second
    CHECK(send(text_message("a", "1", now)) == 4);
    CHECK(send(event_message("CLICK", "<EventKey>A</EventKey>", now)) == 5);
    CHECK(send(event_message("CLICK", "<EventKey>B</EventKey>", now)) == 6);
    CHECK(send(event_message("LOCATION", "<Latitude>1</Latitude>", now)) == 7); // comes with any other event
    const auto receipt = [&](std::string_view id) {
        return event_message("TEMPLATESENDJOBFINISH",
                             "<MsgID>" + std::string(id) + "</MsgID><Status>success</Status>", now);
    };
    CHECK(send(receipt("3487542469355618313")) == 8);
    CHECK(send(receipt("3487542469355618314")) == 9); // differs beyond what a double can hold
    CHECK(send(receipt("3487542469355618314")) == 9);
    CHECK(send(event_message("subscribe_msg_sent_event", "<List><TemplateId>A</TemplateId></List>", now)) ==
          10);
    CHECK(send(event_message("subscribe_msg_sent_event", "<List><TemplateId>B</TemplateId></List>", now)) ==
          11);
}

TEST_CASE("K4 a message that breaks a constraint of ours is kept as failed and answered success, never 5xx") {
    account_world w;
    callback_desk d(w);
    w.write([](core::db::write_tx& tx) -> core::result<> {
         tx.exec("CREATE TRIGGER spoil BEFORE INSERT ON wx_inbox WHEN NEW.state <> 'failed' "
                 "BEGIN SELECT RAISE(ABORT, 'a constraint of ours'); END");
         return {};
     }).value();
    const auto answer = d.ask(d.keys.sealed(tests::text_message("帮助", "1", w.time.now()), w.time.now()));
    CHECK(answer.status == 200);
    CHECK(answer.body == "success");
    CHECK(rows(w, "state = 'failed'") == 1);
}

TEST_CASE("K1 a blocked writer: success goes out in time, the work goes on, a repeat gets the stored reply") {
    account_world w;
    callback_desk d(w);
    served site(d, 60);
    const auto now = w.time.now();
    const std::string plain = tests::text_message("帮助", "1", now);
    blocked_writer held(w);
    const auto late = site.post(d.keys.sealed(plain, now, "1"));
    CHECK(late.status == 200);
    CHECK(late.body == "success");
    CHECK(rows(w) == 0); // not written yet: nothing was promised but that we have it in hand
    held.let_go();
    d.pump();
    CHECK(rows(w, "state = 'done' AND reply <> 'success'") == 1);
    const auto repeat = site.post(d.keys.sealed(plain, now, "2"));
    wechat::response as_response;
    as_response.content_type = "text/xml; charset=utf-8";
    as_response.body = repeat.body;
    const auto reply = d.keys.open(as_response);
    REQUIRE(reply.has_value());
    CHECK(reply->find("12 位单号") != std::string::npos);
    CHECK(rows(w) == 1);
}

TEST_CASE("W3 a callback over 64 KiB is cut before it is read on") {
    account_world w;
    callback_desk d(w);
    served site(d, 4500);
    auto r = d.keys.sealed(tests::text_message("帮助", "1", w.time.now()), w.time.now());
    r.body.insert(5, 64 * 1024 - r.body.size(), ' '); // blanks between elements are nothing
    CHECK(r.body.size() == 64 * 1024);
    CHECK(site.post(r).status == 200);
    r.body.insert(5, 1, ' ');
    const auto answer = site.post(r);
    const bool refused = answer.status == 413 ||
                         answer.fate == wechat::mp::http_answer::fate::in_doubt; // closed while we sent
    CHECK(refused);
    CHECK(rows(w) == 1);
}

TEST_CASE("K2 overload: first answered in full, then stored and answered success, then refused; none lost") {
    account_world w;
    auto s = tests::account_settings();
    s.queue_defer = 3;
    s.queue_most = 6;
    callback_desk d(w, s);
    const auto now = w.time.now();
    std::vector<std::shared_ptr<std::optional<wechat::response>>> answers;
    for (int i = 0; i < 9; ++i)
        answers.push_back(d.post(d.keys.sealed(
            tests::event_message("subscribe", "<EventKey></EventKey>", now, "oFollower" + std::to_string(i)),
            now, std::to_string(i))));
    for (int i = 6; i < 9; ++i) { // more than we can take is told so at once
        REQUIRE(answers[static_cast<std::size_t>(i)]->has_value());
        CHECK((*answers[static_cast<std::size_t>(i)])->status == 503);
    }
    for (int i = 0; i < 6; ++i)
        CHECK_FALSE(
            answers[static_cast<std::size_t>(i)]->has_value()); // nothing is promised before the commit
    d.pump();
    for (int i = 0; i < 6; ++i) {
        REQUIRE(answers[static_cast<std::size_t>(i)]->has_value());
        const auto& answer = **answers[static_cast<std::size_t>(i)];
        CHECK(answer.status == 200);
        CHECK((answer.body == "success") == (i >= 3));
    }
    // The stored ones were worked on as soon as there was time: followers, and the welcome for a repeat.
    CHECK(rows(w, "state = 'done'") == 6);
    CHECK(followers(w) == 6);
    const auto repeat = d.ask(d.keys.sealed(
        tests::event_message("subscribe", "<EventKey></EventKey>", now, "oFollower5"), now, "x"));
    CHECK(d.keys.open(repeat).value().find("广东计量强检") != std::string::npos);
    // The refused ones come again (WeChat's retry) and find room.
    for (int i = 6; i < 9; ++i)
        CHECK(d.ask(d.keys.sealed(tests::event_message("subscribe", "<EventKey></EventKey>", now,
                                                       "oFollower" + std::to_string(i)),
                                  now, "y" + std::to_string(i)))
                  .status == 200);
    CHECK(followers(w) == 9);
}

TEST_CASE("K2 what was stored under overload is worked on after a restart") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    for (int i = 0; i < 5; ++i)
        keep_waiting(
            w, "waiting" + std::to_string(i),
            tests::event_message("subscribe", "<EventKey></EventKey>", now, "oLate" + std::to_string(i)));
    d.door().catch_up(w.db());
    d.door().catch_up(w.db()); // one chain at a time
    d.pump();
    CHECK(rows(w, "state = 'waiting'") == 0);
    CHECK(rows(w, "state = 'done' AND text = ''") == 5);
    CHECK(followers(w) == 5);
}

TEST_CASE("K6 a fault of our own: success, kept as failed with its text, never 5xx, the rest goes on") {
    account_world w;
    const tests::temp_folder folder;
    std::filesystem::copy(SOURCE_DIR "/templates", folder.path() / "templates",
                          std::filesystem::copy_options::recursive);
    {
        std::ofstream broken(folder.path() / "templates/text/chat/help.txt");
        broken << "{{no_such_name}}";
    }
    core::template_set::options o;
    o.folder = folder.path() / "templates";
    o.strict = true;
    const core::template_set templates(o);
    callback_desk d(w, tests::account_settings(), templates);
    const log_lines log;
    const auto now = w.time.now();
    const auto answer = d.ask(d.keys.sealed(tests::text_message("帮助", "1", now), now));
    CHECK(answer.status == 200);
    CHECK(answer.body == "success");
    CHECK(rows(w, "state = 'failed' AND text LIKE '%<xml>%'") == 1);
    CHECK(log.with("kept in wx_inbox as failed").size() == 1);
    CHECK(d.ask(d.keys.sealed(tests::text_message("帮助", "1", now), now, "2")).body == "success");
    CHECK(rows(w) == 1);
    CHECK(d.say("绑定").find("绑定平台账号") != std::string::npos);
    // The same among those that waited.
    keep_waiting(w, "w1", tests::text_message("帮助", "2", now));
    keep_waiting(w, "w2", tests::event_message("subscribe", "", now, "oAfter"));
    d.door().catch_up(w.db());
    d.pump();
    CHECK(rows(w, "state = 'failed'") == 2);
    CHECK(rows(w, "state = 'waiting'") == 0);
    CHECK(followers(w) == 2); // who wrote 绑定, and oAfter
}

TEST_CASE("K7 an unsubscribe pushed several times, and one that never came: no lasting harm") {
    account_world w;
    callback_desk d(w);
    const auto chen = w.acting("chenzhiming");
    w.write([&](core::db::write_tx& tx) {
         return core::account::bind_wechat(tx, chen, tests::some_openid, "");
     }).value();
    d.event("subscribe");
    CHECK(d.event("unsubscribe").empty());
    CHECK(d.event("unsubscribe").empty());
    CHECK(w.count("SELECT count(*) FROM binding WHERE unbound_at IS NULL") == 0);
    CHECK(followers(w) == 0);
    CHECK(!d.event("subscribe").empty()); // without having heard of the unfollowing
    CHECK(!d.event("subscribe").empty());
    CHECK(followers(w) == 1);
}

TEST_CASE("K3 old inbox rows go, young ones stay; one that claims another time than its own is not lost") {
    account_world w;
    callback_desk d(w);
    const auto send = [&](const std::string& id, std::chrono::milliseconds ahead) {
        const auto now = w.time.now();
        CHECK(d.ask(d.keys.sealed(tests::text_message("帮助", id, now + ahead), now)).status == 200);
    };
    const auto purge = [&](int most) {
        return w
            .write([&](core::db::write_tx& tx) -> core::result<int> {
                return wechat::mp::inbox::purge(tx, tx.now() - 24h * 7, most);
            })
            .value();
    };
    send("1", 0s);
    send("2", 0s);
    send("3", 24h * 365);
    w.time.advance(24h * 8);
    send("4", 0s);
    send("5", -24h * 30); // came today
    CHECK(purge(1) == 1);
    CHECK(purge(1000) == 1);
    CHECK(purge(1000) == 0);
    CHECK(rows(w) == 3);
    w.time.advance(24h * 8);
    CHECK(purge(1000) == 2);
    w.time.advance(24h * 365);
    CHECK(purge(1000) == 1);
}
