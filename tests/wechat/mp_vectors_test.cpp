// wechat-platform.md 23 and 19: every published vector, byte for byte.
#include "tests/wechat/mp_support.hpp"
#include "wechat/mp/crypto.hpp"
#include "wechat/mp/signature.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace {

using core::value;
using wechat::mp::rejection;

const value::list& list_of(const value& all, std::string_view name) {
    const auto* list = all.find(name)->as_list();
    REQUIRE(list != nullptr);
    return *list;
}

std::string sign_all(std::vector<std::string> parts) {
    if (parts.size() == 2) return wechat::mp::sign({parts[0], parts[1]});
    return wechat::mp::sign({parts.at(0), parts.at(1), parts.at(2)});
}

// A gate that knows the vector's token, key and AppID, asked at the vector's time.
wechat::mp::settings settings_of(const value& v) {
    wechat::mp::settings s;
    s.token = v.text("token");
    s.encoding_aes_key = v.text("encoding_aes_key");
    s.appid = v.text("appid");
    return s;
}

core::instant time_of(const value& v) {
    return core::from_ms(std::stoll(v.text("timestamp")) * 1000);
}

wechat::request request_of(const value& with, std::string_view encrypt, std::string_view signature) {
    wechat::request r;
    r.query.add("timestamp", with.text("timestamp"));
    r.query.add("nonce", with.text("nonce"));
    r.query.add("encrypt_type", "aes");
    r.query.add("msg_signature", std::string(signature));
    r.body = "<xml><Encrypt><![CDATA[" + std::string(encrypt) + "]]></Encrypt></xml>";
    return r;
}

std::span<const unsigned char, 16> sixteen(const std::string& text) {
    REQUIRE(text.size() == 16);
    return std::span<const unsigned char, 16>(reinterpret_cast<const unsigned char*>(text.data()), 16);
}

} // namespace

TEST_CASE("U3 plain signatures: every published one, whatever the order of the parts") {
    const value all = tests::vectors();
    REQUIRE(list_of(all, "signatures").size() == 7);
    for (const auto& v : list_of(all, "signatures")) {
        std::vector<std::string> parts;
        for (const auto& p : list_of(v, "parts"))
            parts.push_back(*p.as_text());
        CAPTURE(v.text("source"));
        std::sort(parts.begin(), parts.end());
        do
            CHECK(sign_all(parts) == v.text("signature"));
        while (std::next_permutation(parts.begin(), parts.end()));
    }
}

TEST_CASE("U3 JS-SDK signatures: fixed order, the address as the browser shows it") {
    const value all = tests::vectors();
    REQUIRE(list_of(all, "jssdk").size() == 2);
    for (const auto& v : list_of(all, "jssdk"))
        CHECK(wechat::mp::sign({"jsapi_ticket=" + v.text("ticket") + "&noncestr=" + v.text("noncestr") +
                                "&timestamp=" + v.text("timestamp") + "&url=" + v.text("url")}) ==
              v.text("signature"));
}

TEST_CASE("U3 the address check echoes what the official page sends") {
    const value all = tests::vectors();
    int checked = 0;
    for (const auto& v : list_of(all, "signatures")) {
        if (v.text("echostr").empty()) continue;
        const auto& parts = list_of(v, "parts");
        auto s = tests::account_settings();
        s.token = *parts.at(0).as_text();
        const wechat::mp::gate gate(s);
        wechat::request r;
        r.query.add("signature", v.text("signature"));
        r.query.add("timestamp", *parts.at(1).as_text());
        r.query.add("nonce", *parts.at(2).as_text());
        r.query.add("echostr", v.text("echostr"));
        CHECK(gate.check_address(r) == v.text("echostr"));
        ++checked;
    }
    CHECK(checked == 1);
}

TEST_CASE("U3 encrypted vectors: signature, decryption and re-encryption byte for byte") {
    const value all = tests::vectors();
    REQUIRE(list_of(all, "encrypted").size() == 15);
    for (const auto& v : list_of(all, "encrypted")) {
        CAPTURE(v.text("id"));
        const std::string encrypt = v.text("encrypt");
        CHECK(wechat::mp::sign({v.text("token"), v.text("timestamp"), v.text("nonce"), encrypt}) ==
              v.text("msg_signature"));
        const wechat::mp::message_crypto crypto(v.text("encoding_aes_key"), v.text("appid"));
        const auto opened = crypto.decrypt(encrypt);
        CHECK(opened.fault == wechat::mp::crypto_fault::none);
        CHECK(opened.text == v.text("plaintext"));
        CHECK(crypto.encrypt(v.text("plaintext"), sixteen(v.text("random"))) == encrypt);
        // The padding the vector was chosen for.
        const auto full = 20 + v.text("plaintext").size() + v.text("appid").size();
        CHECK(32 - full % 32 == static_cast<std::size_t>(v.number("pad")));
        // What the sandbox's own crypto says, which the product's is measured against elsewhere.
        CHECK(wechat::sandbox::decrypt({v.text("token"), v.text("encoding_aes_key"), v.text("appid")},
                                       encrypt) == v.text("plaintext"));
    }
}

TEST_CASE("U3 messages among the vectors pass the whole gate") {
    const value all = tests::vectors();
    int passed = 0;
    for (const auto& v : list_of(all, "encrypted")) {
        const std::string id = v.text("id");
        const std::string open = "<ToUserName><![CDATA[";
        const std::string plain = v.text("plaintext");
        const auto at = plain.find(open);
        auto s = settings_of(v);
        if (at != std::string::npos)
            s.original_id = plain.substr(at + open.size(), plain.find(']', at) - at - open.size());
        const wechat::mp::gate gate(s);
        const auto outcome =
            gate.accept(request_of(v, v.text("encrypt"), v.text("msg_signature")), time_of(v));
        CAPTURE(id);
        if (at != std::string::npos) {
            const auto* a = std::get_if<wechat::mp::accepted>(&outcome);
            REQUIRE(a != nullptr);
            CHECK(a->plain == plain);
            CHECK(a->what.create_time > 0);
            ++passed;
        } else { // echo strings, JSON, a fragment: genuine, but no message
            CHECK(std::get<rejection>(outcome) == rejection::bad_message);
        }
    }
    CHECK(passed == 9);
}

TEST_CASE("K4 negative vectors: a valid signature over wrong content is refused, each for its reason") {
    const value all = tests::vectors();
    const value& with = *all.find("negative_with");
    auto s = settings_of(with);
    s.original_id = "gh_97417a04a28d";
    const wechat::mp::gate gate(s);
    const std::vector<std::pair<std::string, rejection>> expected = {
        {"neg-wrong-appid", rejection::wrong_appid},
        {"neg-len-too-big", rejection::bad_message_length},
        {"neg-len-neg", rejection::bad_message_length},
        {"neg-len-zero", rejection::bad_message}, // decrypts, then there is no XML in it
        {"neg-pad-zero", rejection::bad_padding},
        {"neg-pad-33", rejection::bad_padding},
        {"neg-pad-nonuniform", rejection::bad_padding},
        {"neg-block16", rejection::bad_cipher_length},
        {"neg-short", rejection::wrong_appid}, // nothing is left for one
        {"neg-not-block", rejection::bad_cipher_length},
        {"neg-not-base64", rejection::not_base64},
        {"neg-empty", rejection::bad_envelope},
    };
    const auto& negative = list_of(all, "negative");
    REQUIRE(negative.size() == expected.size());
    for (std::size_t i = 0; i < negative.size(); ++i) {
        const auto& v = negative[i];
        CAPTURE(v.text("id"));
        CHECK(v.text("id") == expected[i].first);
        const std::string encrypt = v.text("encrypt");
        CHECK(wechat::mp::sign({s.token, with.text("timestamp"), with.text("nonce"), encrypt}) ==
              v.text("msg_signature"));
        const auto outcome = gate.accept(request_of(with, encrypt, v.text("msg_signature")), time_of(with));
        REQUIRE(std::holds_alternative<rejection>(outcome));
        CHECK(text_of(std::get<rejection>(outcome)) == text_of(expected[i].second));
    }
}

TEST_CASE("U3 keys: 43 characters with spare bits are taken, anything else is refused") {
    const std::string genuine = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"; // two unused bits are set
    CHECK_NOTHROW(wechat::mp::message_crypto(genuine, "wx"));
    for (const auto& wrong : {std::string(), genuine.substr(1), genuine + "A", std::string(43, '!'),
                              genuine.substr(0, 42) + "=", std::string(43, ' ')}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(wechat::mp::message_crypto(wrong, "wx"), std::invalid_argument);
    }
}
