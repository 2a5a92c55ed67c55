// E-mail: the message as bytes, the SMTP dialogue and its verdicts, against a server on loopback.
#include "core/base/text.hpp"
#include "tests/support/world.hpp"
#include "tests/wechat/fake_smtp.hpp"
#include "wechat/relay/email_channel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace wechat::relay;
using notify::refusal;
using notify::verdict;
using tests::fake_smtp;

core::template_set& templates() {
    static core::template_set all({});
    return all;
}

smtp_settings settings_for(const fake_smtp& to) {
    smtp_settings s;
    s.host = "127.0.0.1";
    s.port = to.port();
    s.tls = smtp_tls::none;
    s.from = "qiangjian@example.com";
    s.from_name = "广东计量强检";
    s.total_timeout_ms = 5000;
    return s;
}

const core::instant at_ten = core::local_instant(*core::parse_date("2026-11-24"), 10 * 60);

notify::outgoing message_to(std::string address, std::int64_t n = 1) {
    notify::outgoing m;
    m.delivery = n;
    m.client_msg_id = "qj" + std::to_string(n);
    m.address = std::move(address);
    m.kind = "order_confirmed";
    return m;
}

// Independent of the program's encoder.
std::string decode_base64(const std::string& text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text) {
        const auto at = digits.find(c);
        if (at == std::string::npos) continue;
        bits = bits << 6 | static_cast<unsigned>(at);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>(bits >> have & 255u);
    }
    return out;
}

std::string decode_words(std::string header) {
    std::string out;
    for (auto at = header.find("=?UTF-8?B?"); at != std::string::npos;
         at = header.find("=?UTF-8?B?", at + 1)) {
        const auto end = header.find("?=", at + 10);
        CHECK(end + 2 - at <= 75);
        out += decode_base64(header.substr(at + 10, end - at - 10));
        CHECK(core::is_utf8(out)); // no character is cut in two
    }
    return out;
}

struct parsed {
    std::map<std::string, std::string> headers;
    std::string body;
};
parsed parse(const std::string& content) {
    parsed p;
    const auto gap = content.find("\r\n\r\n");
    std::string head = content.substr(0, gap + 2), name;
    p.body = decode_base64(content.substr(gap + 4));
    for (std::size_t at = 0; at < head.size();) {
        const auto end = head.find("\r\n", at);
        const std::string line = head.substr(at, end - at);
        CHECK(line.size() <= 998);
        if (line.starts_with(" "))
            p.headers[name] += line;
        else {
            name = line.substr(0, line.find(": "));
            CHECK(p.headers.count(name) == 0);
            p.headers[name] = line.substr(line.find(": ") + 2);
        }
        at = end + 2;
    }
    return p;
}

struct sender {
    explicit sender(smtp_settings s)
        : client(std::move(s)), time(at_ten), channel(client, templates(), time, "https://example.com") {}
    std::vector<notify::send_result> send(std::vector<notify::outgoing> all) {
        std::size_t given = 0;
        std::map<std::int64_t, notify::send_result> got;
        channel.send(
            [&]() -> std::optional<notify::outgoing> {
                if (given == all.size()) return std::nullopt;
                return all[given++];
            },
            [&](const notify::outgoing& m, notify::send_result r) { got[m.delivery] = std::move(r); });
        std::vector<notify::send_result> results;
        for (auto& [id, r] : got)
            results.push_back(std::move(r));
        return results;
    }
    notify::send_result send_one(std::string address = "chen@example.org") {
        auto m = message_to(std::move(address));
        m.body = channel.compose({"order_confirmed",
                                  "预约成功提醒",
                                  "/wx/enter?to=/orders/1",
                                  {{"thing2", "检定机构", "示例市…", "示例市计量检定测试所"}}});
        return send({m}).at(0);
    }
    smtp_client client;
    core::fixed_clock time;
    email_channel channel;
};

} // namespace

TEST_CASE(
    "N e-mail is a right message: encoded subject, UTF-8 text in base64, id of the delivery, our clock") {
    fake_smtp server;
    sender s(settings_for(server));
    CHECK(s.send_one().result == verdict::accepted);
    REQUIRE(server.letters().size() == 1);
    const auto l = server.letters()[0];
    CHECK(l.from.starts_with("MAIL FROM:<qiangjian@example.com>"));
    CHECK(l.to == "RCPT TO:<chen@example.org>");
    auto p = parse(l.content);
    CHECK(decode_words(p.headers["Subject"]) == "预约成功提醒");
    CHECK(decode_words(p.headers["From"]) == "广东计量强检");
    CHECK(p.headers["From"].ends_with("<qiangjian@example.com>"));
    CHECK(p.headers["To"] == "<chen@example.org>");
    CHECK(p.headers["Message-ID"] == "<qj1@example.com>");
    CHECK(p.headers["Date"] == "Tue, 24 Nov 2026 10:00:00 +0800");
    CHECK(p.headers["Auto-Submitted"] == "auto-generated");
    CHECK(p.headers["MIME-Version"] == "1.0");
    CHECK(p.headers["Content-Type"] == "text/plain; charset=UTF-8");
    CHECK(p.headers["Content-Transfer-Encoding"] == "base64");
    CHECK(p.body.find("检定机构：示例市计量检定测试所\r\n") != std::string::npos); // uncut
    CHECK(p.body.find("https://example.com/wx/enter?to=/orders/1") != std::string::npos);
    CHECK(s.send_one().result == verdict::accepted);
    CHECK(parse(server.letters()[1].content).headers["Message-ID"] == "<qj1@example.com>");
    CHECK(server.connections() == 1); // kept
}

TEST_CASE("S8 nothing that stands in a text gets into a header or a command") {
    const std::string nasty =
        "x\r\nBcc: evil@example.net\r\n\r\n.\r\nMAIL FROM:<a@b.c>\n\x01 压力表压力表压力表压力表压"
        "力表压力表压力表压力表压力表压力表😀";
    const auto p =
        parse(compose_mail({"a@example.com", nasty}, "b@example.com", {nasty, nasty}, "qj1", at_ten));
    CHECK(p.headers.size() == 9);
    CHECK(p.headers.count("Bcc") == 0);
    CHECK(decode_words(p.headers.at("Subject")).find("😀") != std::string::npos);
    CHECK(p.body.find('\x01') == std::string::npos);
    for (const char* address : {"", "a", "a@b", "a@b.c\r\nBcc: x@y.z", "a b@example.com", "<a@example.com>",
                                "a@example.com>", "\"a\"@example.com", "a@[127.0.0.1]", "a@example..com",
                                "a..b@example.com", "陈@example.com", "a@example.com "})
        CHECK_THROWS_AS(compose_mail({"a@example.com", ""}, address, {"s", "t"}, "qj1", at_ten),
                        std::invalid_argument);
    CHECK_THROWS_AS(compose_mail({"a@example.com", ""}, "b@example.com", {"s", "t"}, "q\r\nj", at_ten),
                    std::invalid_argument);
    fake_smtp server;
    sender s(settings_for(server));
    CHECK(s.send_one("a@example.com> SIZE=1\r\nRSET").result == verdict::data_refused);
    CHECK(server.commands().empty());
}

TEST_CASE("N7 what an SMTP server says, where, and what becomes of the message") {
    struct row {
        std::string verb, reply;
        verdict expected;
        refusal reach = refusal::message;
    };
    const std::vector<row> table = {
        {"BANNER", "421 4.3.2 too busy", verdict::not_sent},
        {"BANNER", "554 no service here", verdict::account_down},
        {"MAIL", "451 4.3.0 later", verdict::not_sent},
        {"MAIL", "550 5.7.1 sender refused", verdict::account_down},
        {"RCPT", "450 4.2.0 greylisted", verdict::not_sent},
        {"RCPT", "452 4.2.2 mailbox full", verdict::not_sent},
        {"RCPT", "550 5.1.1 <chen@example.org>: no such user", verdict::user_refused, refusal::all},
        {"RCPT", "553 5.1.3 bad address", verdict::user_refused, refusal::all},
        {"DATA", "451 4.3.0 later", verdict::not_sent},
        {"DATA", "554 5.7.1 no", verdict::data_refused},
        {"END", "451 4.7.1 try again later", verdict::not_sent},
        {"END", "552 5.3.4 too large", verdict::data_refused},
        {"END", "554 5.7.1 looks like spam", verdict::data_refused},
        {"END", "", verdict::in_doubt}, // it has the message, and nobody knows what it did with it
        {"RCPT", "", verdict::not_sent},
    };
    for (const auto& r : table) {
        fake_smtp server;
        server.answer(r.verb, r.reply);
        sender s(settings_for(server));
        const auto got = s.send_one();
        INFO(r.verb, " ", r.reply, " -> ", got.errmsg);
        CHECK(got.result == r.expected);
        CHECK(got.refused == r.reach);
        if (!r.reply.empty()) CHECK(got.errcode == std::stoi(r.reply.substr(0, 3)));
        CHECK(got.errmsg.find("chen@example.org") == std::string::npos);
        CHECK(got.errmsg != "");
    }
}

TEST_CASE("N7 nobody listens: certainly not sent; one address refused, the others go on") {
    std::int64_t unused = 0;
    {
        fake_smtp gone;
        unused = gone.port();
    }
    auto nowhere = smtp_settings{};
    nowhere.host = "127.0.0.1";
    nowhere.port = unused;
    nowhere.tls = smtp_tls::none;
    nowhere.from = "a@example.com";
    CHECK(sender(nowhere).send_one().result == verdict::not_sent);

    fake_smtp server;
    sender s(settings_for(server));
    std::vector<notify::outgoing> all;
    for (int n = 1; n <= 20; ++n) {
        auto m = message_to("p" + std::to_string(n) + "@example.org", n);
        m.body =
            n == 7 ? "not ours" : R"({"title":"t","url":"","labels":{"thing1":"l"},"data":{"thing1":"v"}})";
        all.push_back(m);
    }
    const auto got = s.send(all);
    REQUIRE(got.size() == 20);
    for (std::size_t n = 0; n < got.size(); ++n)
        CHECK(got[n].result == (n == 6 ? verdict::data_refused : verdict::accepted));
    CHECK(server.letters().size() == 19);
    CHECK(server.connections() <= 2);
}

TEST_CASE("S11 mail goes over TLS to the server that was meant, or not at all; the password with it") {
    const tests::temp_folder folder;
    const auto certificate = tests::make_certificate(folder.path(), "localhost");
    SUBCASE("a server with the right certificate") {
        fake_smtp server(&certificate);
        auto config = settings_for(server);
        config.host = "localhost";
        config.tls = smtp_tls::required;
        config.ca_file = certificate.certificate;
        config.user = "qiangjian";
        config.password = "secret-word";
        sender s(config);
        CHECK(s.send_one().result == verdict::accepted);
        const auto said = server.commands();
        CHECK(std::find(said.begin(), said.end(), "AUTH") != said.end());
        server.answer("AUTH", "535 5.7.8 wrong");
        sender wrong(config);
        const auto got = wrong.send_one();
        CHECK(got.result == verdict::account_down);
        CHECK(got.errmsg.find("secret-word") == std::string::npos);
    }
    SUBCASE("one nobody vouches for") {
        fake_smtp server(&certificate);
        auto config = settings_for(server);
        config.host = "localhost";
        config.tls = smtp_tls::required;
        sender s(config);
        CHECK(s.send_one().result == verdict::account_down);
        CHECK(server.letters().empty());
    }
    SUBCASE("one that offers no STARTTLS") {
        fake_smtp server;
        auto config = settings_for(server);
        config.tls = smtp_tls::starttls;
        config.user = "qiangjian";
        config.password = "secret-word";
        sender s(config);
        CHECK(s.send_one().result == verdict::account_down);
        CHECK(server.letters().empty());
        const auto said = server.commands();
        CHECK(std::find(said.begin(), said.end(), "AUTH") == said.end());
    }
}

TEST_CASE("D8 a mail that waits for its answer when the program stops is in doubt; the stop is not held up") {
    fake_smtp server;
    server.answer("END", "250-not"); // never finished: a line that says there is more
    sender s(settings_for(server));
    notify::send_result got;
    std::jthread stopper([&] {
        while (server.letters().empty())
            std::this_thread::yield();
        s.channel.give_up();
    });
    CHECK(s.send_one().result == verdict::in_doubt);
}

TEST_CASE("the code that proves an address is mailed; when it cannot be, the person is told") {
    fake_smtp server;
    smtp_client client(settings_for(server));
    const core::fixed_clock time(at_ten);
    CHECK(mail_code(client, templates(), time, "chen@example.org", "042817").has_value());
    REQUIRE(server.letters().size() == 1);
    auto p = parse(server.letters()[0].content);
    CHECK(decode_words(p.headers["Subject"]) == "邮箱验证码 042817");
    CHECK(p.body.find("042817") != std::string::npos);
    server.answer("RCPT", "550 5.1.1 no such user");
    CHECK(mail_code(client, templates(), time, "chen@example.org", "042817").error().detail == "email.away");
}
