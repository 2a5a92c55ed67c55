// wechat/mp/gate: what is not genuine is refused, each for its reason, all alike from outside.
#include "tests/wechat/mp_support.hpp"

#include <doctest/doctest.h>

namespace {

using namespace std::chrono_literals;
using tests::account_world;
using tests::callback_desk;
using tests::log_lines;
using wechat::request;
using wechat::mp::accepted;
using wechat::mp::message_mode;
using wechat::mp::rejection;

void set_query(request& r, std::string_view name, std::string text) {
    wechat::name_values changed;
    for (const auto& [n, v] : r.query)
        changed.add(n, n == name ? text : v);
    r.query = std::move(changed);
}

void drop_query(request& r, std::string_view name) {
    wechat::name_values left;
    for (const auto& [n, v] : r.query)
        if (n != name) left.add(n, v);
    r.query = std::move(left);
}

std::string query_of(const request& r, std::string_view name) {
    return std::string(r.query.get(name));
}

struct fake {
    std::string_view what;
    rejection why;
    std::function<void(request&, const callback_desk&)> spoil;
};

void replace_body(request& r, std::string_view from, std::string_view to) {
    const auto at = r.body.find(from);
    REQUIRE(at != std::string::npos);
    r.body.replace(at, from.size(), to);
}

// Every way a request to the safe-mode address can be no genuine message. The time of a vector is "now".
const std::vector<fake>& fakes() {
    static const std::vector<fake> all = {
        {"no parameters at all", rejection::unsigned_request, [](request& r, auto&) { r.query = {}; }},
        {"no timestamp", rejection::unsigned_request, [](request& r, auto&) { drop_query(r, "timestamp"); }},
        {"no nonce", rejection::unsigned_request, [](request& r, auto&) { drop_query(r, "nonce"); }},
        {"timestamp is a word", rejection::bad_timestamp,
         [](request& r, auto&) { set_query(r, "timestamp", "now"); }},
        {"timestamp with a tail", rejection::bad_timestamp,
         [](request& r, auto&) { set_query(r, "timestamp", query_of(r, "timestamp") + "x"); }},
        {"timestamp beyond 64 bits", rejection::bad_timestamp,
         [](request& r, auto&) { set_query(r, "timestamp", "99999999999999999999"); }},
        {"signature absent", rejection::bad_signature,
         [](request& r, auto&) { drop_query(r, "msg_signature"); }},
        {"signature empty", rejection::bad_signature,
         [](request& r, auto&) { set_query(r, "msg_signature", ""); }},
        {"signature truncated", rejection::bad_signature,
         [](request& r, auto&) { set_query(r, "msg_signature", query_of(r, "msg_signature").substr(1)); }},
        {"signature with a tail", rejection::bad_signature,
         [](request& r, auto&) { set_query(r, "msg_signature", query_of(r, "msg_signature") + "0"); }},
        {"signature in upper case", rejection::bad_signature,
         [](request& r, auto&) {
             std::string upper = query_of(r, "msg_signature");
             for (char& c : upper)
                 c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
             set_query(r, "msg_signature", upper);
         }},
        {"signature given twice", rejection::repeated_parameter,
         [](request& r, auto&) { r.query.add("msg_signature", query_of(r, "msg_signature")); }},
        {"timestamp given twice", rejection::repeated_parameter,
         [](request& r, auto&) { r.query.add("timestamp", query_of(r, "timestamp")); }},
        {"encrypt_type given twice", rejection::repeated_parameter,
         [](request& r, auto&) { r.query.add("encrypt_type", "raw"); }},
        {"the plain signature instead of msg_signature", rejection::bad_signature,
         [](request& r, auto&) { set_query(r, "msg_signature", query_of(r, "signature")); }},
        {"encrypt_type absent with a valid plain signature", rejection::wrong_mode,
         [](request& r, auto&) { drop_query(r, "encrypt_type"); }},
        {"encrypt_type raw", rejection::wrong_mode,
         [](request& r, auto&) { set_query(r, "encrypt_type", "raw"); }},
        {"encrypt_type unknown", rejection::wrong_mode,
         [](request& r, auto&) { set_query(r, "encrypt_type", "AES"); }},
        {"one flipped bit", rejection::bad_signature,
         [](request& r, auto&) {
             const auto at = r.body.find("CDATA[", r.body.find("<Encrypt>")) + 20;
             r.body[at] = r.body[at] == 'A' ? 'B' : 'A';
         }},
        {"another nonce", rejection::bad_signature, [](request& r, auto&) { set_query(r, "nonce", "1"); }},
        {"another second", rejection::bad_signature,
         [](request& r, auto&) {
             set_query(r, "timestamp", std::to_string(std::stoll(query_of(r, "timestamp")) + 1));
         }},
        {"two Encrypt", rejection::bad_envelope,
         [](request& r, auto&) { replace_body(r, "</xml>", "<Encrypt>AAAA</Encrypt></xml>"); }},
        {"no Encrypt", rejection::bad_envelope,
         [](request& r, auto&) { r.body = "<xml><ToUserName>x</ToUserName></xml>"; }},
        {"empty Encrypt", rejection::bad_envelope,
         [](request& r, auto&) {
             r.body = "<xml><Encrypt><![CDATA[]]></Encrypt></xml>";
             set_query(r, "msg_signature", query_of(r, "signature")); // equal for an empty text
         }},
        {"DOCTYPE", rejection::bad_envelope,
         [](request& r, auto&) { r.body = "<!DOCTYPE xml [<!ENTITY a 'b'>]>" + r.body; }},
        {"not XML", rejection::bad_envelope, [](request& r, auto&) { r.body = "hello"; }},
        {"empty body", rejection::bad_envelope, [](request& r, auto&) { r.body.clear(); }},
        {"cut body", rejection::bad_envelope, [](request& r, auto&) { r.body.resize(r.body.size() / 2); }},
        {"another root", rejection::bad_envelope,
         [](request& r, auto&) {
             replace_body(r, "<xml>", "<html>");
             replace_body(r, "</xml>", "</html>");
         }},
    };
    return all;
}

request genuine(const callback_desk& d) {
    return d.keys.sealed(tests::text_message("2611", "1", d.w.time.now()), d.w.time.now());
}

rejection why(const callback_desk& d, const request& r) {
    const auto outcome = wechat::mp::gate(d.settings).accept(r, d.w.time.now());
    REQUIRE(std::holds_alternative<rejection>(outcome));
    return std::get<rejection>(outcome);
}

} // namespace

TEST_CASE("K4 every kind of fake: one 403 with the same body, one line in the log, nothing stored") {
    account_world w;
    callback_desk d(w);
    REQUIRE(d.ask(genuine(d)).status == 200);
    const auto stored = w.count("SELECT count(*) FROM wx_inbox");
    const auto changes = w.count("SELECT count(*) FROM audit");
    std::optional<wechat::response> first;
    for (const auto& f : fakes()) {
        CAPTURE(f.what);
        request r = genuine(d);
        f.spoil(r, d);
        CHECK(text_of(why(d, r)) == text_of(f.why));
        const log_lines log;
        const auto answer = d.ask(r);
        CHECK(answer.status == 403);
        if (!first) first = answer;
        CHECK(answer.body == first->body);
        CHECK(answer.content_type == first->content_type);
        CHECK(answer.headers == first->headers);
        const auto lines = log.with("callback refused");
        // Scanners that sign nothing are not worth a line each.
        CHECK(lines.size() == (f.why == rejection::unsigned_request ? 0 : 1));
        if (!lines.empty()) CHECK(lines[0].find("test-request") != std::string::npos);
    }
    CHECK(w.count("SELECT count(*) FROM wx_inbox") == stored);
    CHECK(w.count("SELECT count(*) FROM audit") == changes);
}

TEST_CASE("K4 sealed content that is no message to us: refused after decryption") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    const std::string good = tests::text_message("1", "1", now);
    const auto sealed = [&](std::string plain) { return why(d, d.keys.sealed(plain, now)); };
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string plain = good;
        const auto at = plain.find(from);
        REQUIRE(at != std::string::npos);
        return plain.replace(at, from.size(), to);
    };
    CHECK(sealed("") == rejection::bad_message);
    CHECK(sealed("hello") == rejection::bad_message);
    CHECK(sealed("{\"ToUserName\":\"gh_0123456789ab\"}") == rejection::bad_message);
    CHECK(sealed("<!DOCTYPE xml>" + good) == rejection::bad_message);
    CHECK(sealed(good.substr(0, good.size() - 3)) == rejection::bad_message);
    CHECK(sealed(changed("<![CDATA[1]]>", "<![CDATA[\xC3\x28]]>")) == rejection::bad_message); // not UTF-8
    CHECK(sealed(changed("<![CDATA[1]]>", "<![CDATA[\xED\xA0\x80]]>")) ==
          rejection::bad_message); // a surrogate
    CHECK(sealed(changed(tests::some_openid, "")) == rejection::bad_message);
    CHECK(sealed(changed(tests::some_openid, std::string(65, 'o'))) == rejection::bad_message);
    CHECK(sealed(changed("<![CDATA[text]]>", "")) == rejection::bad_message);
    CHECK(sealed(changed(tests::our_account, "gh_ffffffffffff")) == rejection::wrong_account);
    auto foreign = d.settings;
    foreign.appid = "wxffffffffffffffff";
    CHECK(why(d, tests::platform_keys(foreign).sealed(good, now)) == rejection::wrong_appid);
    auto other_key = d.settings;
    other_key.encoding_aes_key = std::string(43, 'B');
    const auto garbled = why(d, tests::platform_keys(other_key).sealed(good, now));
    CHECK((garbled == rejection::bad_padding || garbled == rejection::bad_message_length ||
           garbled == rejection::wrong_appid));
}

TEST_CASE("K4 freshness: ten minutes either way, eleven are refused, the window is a setting") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    const auto at = [&](std::chrono::seconds off) {
        const auto outcome = wechat::mp::gate(d.settings)
                                 .accept(d.keys.sealed(tests::text_message("1", "1", now), now + off), now);
        const auto* refused = std::get_if<rejection>(&outcome);
        return refused == nullptr ? "taken" : std::string(text_of(*refused)).substr(0, 5);
    };
    CHECK(at(0s) == "taken");
    CHECK(at(-600s) == "taken");
    CHECK(at(600s) == "taken");
    CHECK(at(-601s) == "stale");
    CHECK(at(-660s) == "stale");
    CHECK(at(660s) == "stale");
    d.settings.freshness_seconds = 60;
    CHECK(at(-61s) == "stale");
}

TEST_CASE("U3 CDATA in several pieces, plain text instead of CDATA, blanks between elements") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    request r = genuine(d);
    const auto from = r.body.find("<![CDATA[", r.body.find("<Encrypt>")) + 9;
    r.body.insert(from + 12, "]]><![CDATA["); // the base64 text in two pieces
    CHECK(d.ask(r).status == 200);
    request p = genuine(d);
    replace_body(p, "<Encrypt><![CDATA[", "<Encrypt>");
    p.body.erase(p.body.find("]]>", p.body.find("<Encrypt>")), 3);
    CHECK(d.ask(p).status == 200);
    const auto read = wechat::mp::read_message(
        "\n <xml>\n\t<ToUserName>\n<![CDATA[gh_1]]>\n</ToUserName> <FromUserName>o1</FromUserName>"
        "<CreateTime> 1431781421 "
        "</CreateTime><MsgType>text</MsgType><Content><![CDATA[a]]]]><![CDATA[>b]]></Content></xml>");
    REQUIRE(read.has_value());
    CHECK(read->to == "gh_1");
    CHECK(read->create_time == 1431781421);
    CHECK(read->content == "a]]>b");
    (void)now;
}

TEST_CASE("U3 rotation: previous token and key, alone and together; the reply uses what worked") {
    account_world w;
    const auto now = w.time.now();
    auto current = tests::account_settings();
    const std::string old_token = "oldtoken", old_key = std::string(42, 'x') + "A";
    current.token_previous = old_token;
    current.encoding_aes_key_previous = old_key;
    callback_desk d(w, current);
    int n = 0;
    for (const bool token_is_old : {false, true})
        for (const bool key_is_old : {false, true}) {
            auto s = current;
            if (token_is_old) s.token = old_token;
            if (key_is_old) s.encoding_aes_key = old_key;
            const tests::platform_keys platform(s);
            CAPTURE(token_is_old);
            CAPTURE(key_is_old);
            const auto answer =
                d.ask(platform.sealed(tests::text_message("帮助", std::to_string(++n), now), now));
            CHECK(answer.status == 200);
            CHECK(platform.open(answer).has_value()); // readable with the keys the platform still uses
        }
    auto forgotten = tests::account_settings();
    callback_desk strict(w, forgotten);
    auto s = current;
    s.token = old_token;
    CHECK(strict.ask(tests::platform_keys(s).sealed(tests::text_message("1", "9", now), now)).status == 403);
    s = current;
    s.encoding_aes_key = old_key;
    CHECK(strict.ask(tests::platform_keys(s).sealed(tests::text_message("1", "9", now), now)).status == 403);
}

TEST_CASE("U3 modes: safe and compatible take sealed messages only, plaintext takes plain ones only") {
    account_world w;
    const auto now = w.time.now();
    const std::string text = tests::text_message("帮助", "1", now);
    for (const auto mode : {message_mode::safe, message_mode::compatible, message_mode::plaintext}) {
        auto s = tests::account_settings();
        s.mode = mode;
        callback_desk d(w, s);
        const bool plain_mode = mode == message_mode::plaintext;
        CAPTURE(plain_mode);
        CHECK(d.ask(d.keys.sealed(text, now, "1")).status == (plain_mode ? 403 : 200));
        CHECK(d.ask(d.keys.plain(text, now, "2")).status == (plain_mode ? 200 : 403));
        request raw = d.keys.plain(text, now, "2");
        raw.query.add("encrypt_type", "raw");
        CHECK(d.ask(raw).status == (plain_mode ? 200 : 403));
    }
}

TEST_CASE("U3 compatible mode: only the sealed fields count, the reply is sealed") {
    account_world w;
    auto s = tests::account_settings();
    s.mode = message_mode::compatible;
    callback_desk d(w, s);
    const auto now = w.time.now();
    request r = d.keys.sealed(tests::text_message("帮助", "1", now), now);
    replace_body(r, "<Encrypt>",
                 "<FromUserName><![CDATA[oForged]]></FromUserName><MsgType><![CDATA[text]]></MsgType>"
                 "<Content><![CDATA[解绑]]></Content><Encrypt>");
    const auto answer = d.ask(r);
    const auto reply = d.keys.open(answer);
    REQUIRE(reply.has_value());
    CHECK(wechat::sandbox::element(*reply, "ToUserName") == tests::some_openid);
    CHECK(reply->find("12 位单号") != std::string::npos);
}

TEST_CASE("K3 plaintext mode: a signature says nothing of the text, so it is good for one message") {
    account_world w;
    auto s = tests::account_settings();
    s.mode = message_mode::plaintext;
    callback_desk d(w, s);
    const auto now = w.time.now();
    const request seen = d.keys.plain(tests::text_message("帮助", "1", now), now, "77");
    const auto first = d.ask(seen);
    CHECK(first.status == 200);
    CHECK(d.ask(seen).body == first.body);
    const request forged = d.keys.plain(tests::event_message("unsubscribe", "", now, "oVictim"), now, "77");
    const log_lines log;
    const auto refused = d.ask(forged);
    CHECK(refused.status == 403);
    CHECK(log.with("signature of another message").size() == 1);
    CHECK(w.count("SELECT count(*) FROM wx_inbox") == 1);
}

TEST_CASE(
    "U3 address check: exactly as received, only when signed, never encrypted, nothing a browser would run") {
    account_world w;
    auto s = tests::account_settings();
    s.token_previous = "oldtoken";
    const wechat::mp::gate gate(s);
    const auto ask = [&](std::string_view token, std::string_view echo) {
        request r;
        auto keyed = s;
        keyed.token = token;
        r.query.add("signature",
                    wechat::sandbox::sign(tests::platform_keys(keyed).wire(), "1714036504", "15", ""));
        r.query.add("timestamp", "1714036504");
        r.query.add("nonce", "15");
        r.query.add("echostr", std::string(echo));
        return gate.check_address(r);
    };
    CHECK(ask(s.token, "4375120948345356249") == "4375120948345356249");
    CHECK(ask("oldtoken", "1") == "1");
    CHECK_FALSE(ask("another", "1"));
    CHECK_FALSE(ask(s.token, "<script>"));
    CHECK_FALSE(ask(s.token, ""));
    CHECK_FALSE(ask(s.token, std::string(129, '1')));
}
