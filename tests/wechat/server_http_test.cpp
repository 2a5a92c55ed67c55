#include "tests/wechat/server_support.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace tests;
using namespace std::string_literals;

const std::string smuggled = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string get = "GET /hello HTTP/1.1\r\nHost: a\r\n";
const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";

struct bad_request {
    std::string name, bytes;
    int status;
};

// Everything a proxy and this server might understand differently, and everything that is no HTTP.
std::vector<bad_request> bad_requests() {
    return {
        {"gzip and a length", post + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n12345", 400},
        {"a length and gzip", post + "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n12345", 400},
        {"xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
        {"chunked in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400},
        {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 400},
        {"gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
        {"chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400},
        {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"chunked and a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
         400},
        {"a length and chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"blank before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
        {"vertical tab before chunked", post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400},
        {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456", 400},
        {"the same length twice", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345", 400},
        {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\n12345", 400},
        {"a length with a sign", post + "Content-Length: +5\r\n\r\n12345", 400},
        {"a negative length", post + "Content-Length: -5\r\n\r\n12345", 400},
        {"a length in hex", post + "Content-Length: 0x5\r\n\r\n12345", 400},
        {"an empty length", post + "Content-Length: \r\n\r\n", 400},
        {"a length over 64 bits", post + "Content-Length: 18446744073709551621\r\n\r\n12345", 400},
        {"chunk size over 64 bits",
         post + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\n12345\r\n0\r\n\r\n", 400},
        {"chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n12345\r\n0\r\n\r\n", 400},
        {"chunk longer than said", post + "Transfer-Encoding: chunked\r\n\r\n3\r\n12345\r\n0\r\n\r\n", 400},
        {"chunk ended by LF", post + "Transfer-Encoding: chunked\r\n\r\n5\n12345\n0\n\n\r\n\r\n", 400},
        {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", get + "Host: b\r\n\r\n", 400},
        {"a Host with a path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"a Host with a person", "GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        {"a Host with markup", "GET /hello HTTP/1.1\r\nHost: <b>\r\n\r\n", 400},
        {"bare LF", "GET /hello HTTP/1.1\nHost: a\n\n\r\n\r\n", 505},
        {"bare LF in the header", get + "X: 1\nContent-Length: 5\r\n\r\n12345", 400},
        {"bare CR in a value", get + "X: 1\rY: 2\r\n\r\n", 400},
        {"NUL in the target", "GET /hel\0lo HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
        {"NUL in a value", get + "X: a\0b\r\n\r\n"s, 400},
        {"blank in the target", "GET /hello world HTTP/1.1\r\nHost: a\r\n\r\n", 505},
        {"escaped NUL", "GET /hel%00lo HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"broken escape", "GET /hel%zzlo HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"escaped bytes that are no UTF-8", "GET /%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a plus does not hide a broken escape", "GET /a+b%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"broken escape in the query", "GET /hello?a=%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"header without a colon", get + "nonsense\r\n\r\n", 400},
        {"header without a name", get + ": x\r\n\r\n", 400},
        {"blank in a header's name", get + "X Y: 1\r\n\r\n", 400},
        {"control character in a value", get + "X: \x01\r\n\r\n", 400},
        {"method that is none", "G@T /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"absolute form", "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"HTTP/0.9", "GET /hello\r\n\r\n", 400},
        {"HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"a version in small letters", "GET /hello http/1.1\r\nHost: a\r\n\r\n", 505},
        {"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, 400},
        {"an empty line first", "\r\n\r\n" + get + "\r\n", 400},
        {"a header over the limit", get + "X: " + std::string(20000, 'x') + "\r\n\r\n", 431},
        {"many small headers over the limit",
         [] {
             std::string all = get;
             for (int i = 0; i < 2500; ++i)
                 all += "X: 12\r\n";
             return all + "\r\n";
         }(),
         431},
        {"a target over the limit", "GET /" + std::string(20000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 431},
        {"a body over the limit", post + "Content-Length: 1048577\r\n\r\n", 413},
        {"chunks over the limit", post + "Transfer-Encoding: chunked\r\n\r\n100001\r\n", 413},
        {"a chunk extension without end",
         post + "Transfer-Encoding: chunked\r\n\r\n1;x=" + std::string(20000, 'x'), 413},
    };
}

// Sends the bad request and a good one behind it: one answer, the right one, then the end.
void check_refused(const bad_request& bad, web_client c) {
    CAPTURE(bad.name);
    REQUIRE(c.connected());
    c.send(bad.bytes + smuggled);
    const auto answer = c.read();
    REQUIRE(answer);
    CHECK(answer->status == bad.status);
    CHECK(answer->header("connection") == "close");
    CHECK(answer->header("x-request-id").size() == 12);
    CHECK(answer->body.find("hello") == std::string::npos);
    CHECK(c.closes());
}

TEST_CASE("W2 bad HTTP gets one answer and the end of the connection, in the open and over TLS") {
    const test_server open({}, false);
    const test_server secret;
    for (const auto& bad : bad_requests()) {
        check_refused(bad, open.plain());
        check_refused(bad, secret.client());
    }
    CHECK(open.plain().connected());
}

TEST_CASE("W2 bad HTTP sent byte by byte is refused as well") {
    const test_server s({}, false);
    for (const auto& bad : bad_requests()) {
        if (bad.bytes.size() > 300) continue;
        CAPTURE(bad.name);
        auto c = s.plain();
        for (const char byte : bad.bytes)
            if (!c.send(std::string_view(&byte, 1))) break;
        const auto answer = c.read();
        REQUIRE(answer);
        CHECK(answer->status == bad.status);
        CHECK(c.closes());
    }
}

TEST_CASE("Good requests are answered one after the other on a kept connection") {
    const test_server s;
    auto c = s.client();
    for (int i = 0; i < 5; ++i) {
        REQUIRE(c.send(get + "\r\n"));
        const auto answer = c.read();
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == "hello");
        CHECK(answer->header("connection").empty());
    }
    c.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto head = c.read(true);
    REQUIRE(head);
    CHECK(head->header("content-length") == "5");
    c.send(post + "Content-Length: 3\r\n\r\nabc");
    CHECK(c.read()->body == "abc");
    c.send(post + "Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nHost: b\r\n\r\n");
    CHECK(c.read()->body == "abcde"); // and the trailer changes nothing
    c.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(c.read()->header("connection") == "keep-alive");
    c.send(get + "Connection: close\r\n\r\n");
    CHECK(c.read()->header("connection") == "close");
    CHECK(c.closes());
    CHECK(c.said_goodbye());
}

TEST_CASE("Unknown paths are 404, unknown methods 405 with Allow, and neither ends the connection") {
    const test_server s;
    auto c = s.client();
    c.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(c.read()->status == 404);
    c.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto refused = c.read();
    CHECK(refused->status == 405);
    CHECK(refused->header("allow") == "GET, HEAD");
    c.send("GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(c.read()->status == 200);
    c.send("GET /things/7/8 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(c.read()->status == 404);
}

TEST_CASE("Requests sent ahead are answered in order") {
    const test_server s;
    auto c = s.client();
    std::string all;
    for (int i = 0; i < 10; ++i)
        all += post + "Content-Length: 1\r\n\r\n" + std::to_string(i);
    c.send(all);
    for (int i = 0; i < 10; ++i) {
        const auto answer = c.read();
        REQUIRE(answer);
        CHECK(answer->body == std::to_string(i));
    }
}

TEST_CASE("Requests sent ahead are limited: the limit's last one ends the connection") {
    const test_server s([](wechat::server_options& o) { o.limits.pipelined_requests = 4; }, false);
    auto c = s.plain();
    std::string all;
    for (int i = 0; i < 20; ++i)
        all += smuggled;
    c.send(all);
    for (int i = 0; i < 4; ++i)
        CHECK(c.read()->header("connection").empty());
    CHECK(c.read()->header("connection") == "close");
    CHECK(c.closes());
    auto patient = s.plain(); // who waits for each answer may ask for ever
    for (int i = 0; i < 20; ++i) {
        patient.send(smuggled);
        CHECK(patient.read()->header("connection").empty());
    }
}

TEST_CASE("Expect: 100-continue is answered before the body, unless the body is refused") {
    const test_server s;
    auto c = s.client();
    c.send(post + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(c.read(true)->status == 100);
    c.send("abc");
    CHECK(c.read()->body == "abc");
    c.send(post + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"); // did not wait
    CHECK(c.read(true)->status == 100);
    CHECK(c.read()->body == "abc");
    c.send(post + "Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n");
    CHECK(c.read()->status == 413);
    CHECK(c.closes());
}

TEST_CASE("W3 bodies of all connections together have a limit") {
    // What is limited here is memory, not time: no other limit may end a connection of a busy machine first.
    const test_server s([](wechat::server_options& o) {
        o.limits = {};
        o.limits.bodies_bytes = 1024;
    });
    auto first = s.client();
    first.send(post + "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"); // announced, not sent
    REQUIRE(first.read(true)->status == 100);
    auto second = s.client();
    second.send(post + "Content-Length: 1000\r\n\r\n");
    const auto refused = second.read();
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->header("retry-after") == "5");
    first.send(std::string(1000, 'x'));
    const auto echoed = first.read();
    REQUIRE(echoed);
    CHECK(echoed->body.size() == 1000);
    auto third = s.client(); // given back before the answer was sent
    third.send(post + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'y'));
    const auto let_in = third.read();
    REQUIRE(let_in);
    CHECK(let_in->status == 200);
    auto chunked = s.client();
    chunked.send(post + "Transfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(2048, 'z') +
                 "\r\n0\r\n\r\n");
    const auto over = chunked.read();
    REQUIRE(over);
    CHECK(over->status == 503);
}

TEST_CASE("Large answers come whole, also over TLS") {
    const test_server s;
    auto c = s.client();
    c.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = c.read();
    REQUIRE(answer);
    CHECK(answer->body.size() == 16 * 1024 * 1024);
    c.send("HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(c.read(true)->header("content-length") == "16777216");
    c.send(get + "\r\n");
    CHECK(c.read()->body == "hello");
}

TEST_CASE("Only the host names of the setting are served") {
    const test_server s([](wechat::server_options& o) { o.hosts = {"a", "www.example.com"}; });
    for (const auto& [host, status] : std::array<std::pair<std::string, int>, 6>{{{"a", 200},
                                                                                  {"A:8443", 200},
                                                                                  {"www.example.com", 200},
                                                                                  {"evil.example", 421},
                                                                                  {"a.evil.example", 421},
                                                                                  {"[::1]:80", 421}}}) {
        CAPTURE(host);
        auto c = s.client();
        c.send("GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        CHECK(c.read()->status == status);
    }
}

TEST_CASE("A form is read from urlencoded and multipart bodies, whatever the spelling of the type") {
    const test_server s;
    const auto ask = [&](const std::string& type, const std::string& body) {
        auto c = s.client();
        c.send("POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: " + type +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return *c.read();
    };
    CHECK(ask("application/x-www-form-urlencoded", "a=1&b=%E4%BD%A0+x").body == "a=1;b=你 x;");
    CHECK(ask("Application/X-WWW-Form-Urlencoded; charset=UTF-8", "a=1").body == "a=1;");
    const std::string parts =
        "--q\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
        "--q\r\ncontent-disposition: Form-Data;name=f; filename=\"x; name=b.pdf\"\r\n\r\n"
        "%PDF\r\n--q--\r\n";
    CHECK(ask("multipart/form-data; boundary=q", parts).body == "a=1;f:x; name=b.pdf:4;");
    CHECK(ask("Multipart/Form-Data;boundary=\"q\"", parts).body == "a=1;f:x; name=b.pdf:4;");
    for (const std::string& bad : {"a=%zz"s, "a=%00"s, "a=%ff"s, "%ff=a"s}) {
        CAPTURE(bad);
        CHECK(ask("application/x-www-form-urlencoded", bad).status == 422);
    }
    for (const std::string& bad :
         {""s, "--q"s, "--q\r\n"s, "--q\r\n\r\n1\r\n--q--"s, "x" + parts, parts.substr(0, parts.size() - 6),
          "--q\r\nContent-Disposition: form-data\r\n\r\n1\r\n--q--"s,
          "--q\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--q--"s,
          "--q\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n1\r\n--q--"s,
          "--q\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--q--"s}) {
        CAPTURE(bad);
        CHECK(ask("multipart/form-data; boundary=q", bad).status == 422);
    }
    CHECK(ask("multipart/form-data", parts).status == 422);
    CHECK(ask("multipart/form-data; boundary=", parts).status == 422);
}

} // namespace
