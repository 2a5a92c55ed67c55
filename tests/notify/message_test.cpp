// What a message says: files of templates/messages, facts of events, WeChat's value rules.
#include "notify/message/message.hpp"

#include "core/appointment/demo.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/journal/outbox.hpp"
#include "notify/message/fit_value.hpp"
#include "notify/message/samples.hpp"
#include "tests/support/world.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <set>

namespace {

using core::value;

const core::template_set& templates() {
    static const core::template_set all({});
    return all;
}

const notify::message_book& book() {
    static const notify::message_book all(templates());
    return all;
}

// WeChat's rules, written down a second time and by other means than the program's.
bool wechat_takes(std::string_view name, const std::string& text) {
    const std::string kind(name.substr(0, name.find_last_not_of("0123456789") + 1));
    const std::size_t n = core::count_characters(text);
    if (!core::is_utf8(text) || n == 0 || text.find_first_of("\r\n") != std::string::npos) return false;
    if (text.find_first_not_of(' ') == std::string::npos) return false;
    const auto is = [&](const char* pattern) { return std::regex_match(text, std::regex(pattern)); };
    const std::string day = "[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日";
    const std::string hour = "[0-9]{2}:[0-9]{2}";
    const std::string dated = day + "( " + hour + ")?";
    if (kind == "thing") return n <= 20;
    if (kind == "short_thing") return n <= 5;
    if (kind == "character_string") return is("[!-~]{1,32}");
    if (kind == "number") return n <= 32 && is("-?[0-9]+([.][0-9]+)?");
    if (kind == "letter") return is("[A-Za-z]{1,32}");
    if (kind == "symbol") return is("[!-/:-@\\[-`{-~]{1,5}");
    if (kind == "time") return is(("(" + dated + "|" + hour + ")(~(" + dated + "|" + hour + "))?").c_str());
    if (kind == "date") return is((dated + "(~(" + dated + "|" + hour + "))?").c_str());
    if (kind == "amount") return n <= 11 && is("[0-9]+([.][0-9]+)?元");
    if (kind == "phone_number") return is("[0-9+*-]{1,17}");
    if (kind == "car_number") return n <= 8;
    if (kind == "name") return n <= (is("[ -~]*") ? 20u : 10u);
    if (kind == "phrase") return n <= 5 && text.find_first_of(" !-~0aA") == std::string::npos;
    return false;
}

std::string random_text() {
    static const std::vector<std::string> pieces = {"压力表",
                                                    "示例市计量检定测试所",
                                                    "𠮷",
                                                    " ",
                                                    "\n",
                                                    "\r\n",
                                                    "\t",
                                                    "　",
                                                    "😀",
                                                    "👨‍👩‍👧",
                                                    "\u2028",
                                                    "\u200b",
                                                    "\ufeff",
                                                    "\x01",
                                                    "\x7f",
                                                    "\xff\xfe",
                                                    "\xe5\x8e",
                                                    "A-1024",
                                                    "0",
                                                    "9.5",
                                                    "-",
                                                    "~",
                                                    "–",
                                                    "2026-11-25",
                                                    "10:00",
                                                    "11:30",
                                                    "2026年2月30日",
                                                    "{{number}}",
                                                    "<b>",
                                                    "]]>",
                                                    "\"",
                                                    "\\",
                                                    "已确认",
                                                    "￥12.50",
                                                    "粤B12345",
                                                    "Ｆ１",
                                                    "；"};
    std::string text;
    for (auto n = core::random_below(12); n > 0; --n)
        text += pieces[core::random_below(static_cast<std::uint32_t>(pieces.size()))];
    return text;
}

// The same names with other texts, at every depth.
value random_like(const value& v) {
    if (const auto* members = v.as_members()) {
        value out = value::object();
        for (const auto& [name, inner] : *members)
            out.set(name, random_like(inner));
        return out;
    }
    if (const auto* list = v.as_list()) {
        value out = value::array();
        for (auto n = core::random_below(4); n > 0 && !list->empty(); --n)
            out.push(random_like(list->front()));
        return out;
    }
    if (v.as_number() != nullptr) return {static_cast<std::int64_t>(core::random_below(100000))};
    return {random_text()};
}

std::set<std::string> names_of(const value& facts) {
    std::set<std::string> all;
    for (const auto& [name, inner] : *facts.as_members()) {
        all.insert(name);
        if (const auto* list = inner.as_list(); list != nullptr && !list->empty())
            for (const auto& below : names_of(list->front()))
                all.insert(name + "." + below);
    }
    return all;
}

void check_body(const notify::message_kind& kind, const value& facts) {
    const auto body = core::parse_json(notify::body_of(notify::message_book::fill(kind, facts)));
    REQUIRE(body);
    const auto* data = body->find("data")->as_members();
    CHECK(data->size() == kind.fields.size());
    for (const auto& [name, text] : *data) {
        INFO(kind.kind, " ", name, " = ", *text.as_text());
        CHECK(wechat_takes(name, *text.as_text()));
    }
}

} // namespace

TEST_CASE("N16 every kind of event has a message, and its sample fills it") {
    for (const auto& event : core::outbox::kinds) {
        const auto name = event.name;
        const auto* kind = book().find(name);
        REQUIRE_MESSAGE(kind != nullptr, name);
        check_body(*kind, notify::sample_facts(name));
        for (const auto& f : kind->fields)
            CHECK_MESSAGE(core::template_set::render_text(f.text, notify::sample_facts(name)) != "", name,
                          " ", f.name);
    }
    CHECK(book().find("order_lost") == nullptr);
}

TEST_CASE("N16 random facts never make a message that WeChat refuses for its values") {
    for (const auto& kind : core::outbox::kinds)
        for (int n = 0; n < 400; ++n) // 10,000 and some
            check_body(*book().find(kind.name), random_like(notify::sample_facts(kind.name)));
}

TEST_CASE("N16 every kind of field fits any text") {
    for (const char* name :
         {"thing1", "short_thing1", "character_string2", "number3", "letter4", "symbol5", "time6", "date7",
          "amount8", "phone_number9", "car_number10", "name11", "phrase12"})
        for (int n = 0; n < 800; ++n) {
            const std::string text = random_text();
            const std::string fitted = notify::fit_value(name, text);
            INFO(std::string(name), " of ", text, " = ", fitted);
            CHECK(wechat_takes(name, fitted));
            CHECK(notify::fit_value(name, fitted) == fitted);
        }
}

TEST_CASE("N16 values keep what people need to read") {
    using notify::fit_value;
    CHECK(fit_value("time3", "2026-11-25 10:00~11:30") == "2026年11月25日 10:00~11:30");
    CHECK(fit_value("time3", "2026-11-25 10:00–11:30") == "2026年11月25日 10:00~11:30");
    CHECK(fit_value("time3", "2026-11-25 10:00~") == "2026年11月25日 10:00");
    CHECK(fit_value("time3", "2026-11-24 10:00:59") == "2026年11月24日 10:00");
    CHECK(fit_value("time3", "9:05") == "09:05");
    CHECK(fit_value("date4", "2026-01-05") == "2026年1月5日");
    CHECK(fit_value("date4", "2026年1月5日") == "2026年1月5日");
    CHECK(fit_value("thing1", "一二三四五六七八九十一二三四五六七八九十") ==
          "一二三四五六七八九十一二三四五六七八九十");
    CHECK(fit_value("thing1", "一二三四五六七八九十一二三四五六七八九十一") ==
          "一二三四五六七八九十一二三四五六七八九…");
    CHECK(fit_value("thing1", " 两行\n文字 ") == "两行 文字");
    CHECK(fit_value("thing1", "") == "-");
    // Of an address the house number is what people look for.
    CHECK(fit_value("thing4", "（示例地址）佛山市禅城区检测路 18 号一楼收检大厅") ==
          "佛山市禅城区检测路 18 号一楼收检大厅");
    CHECK(fit_value("thing4", "广东省佛山市禅城区汾江中路123号质检大楼一楼收检大厅") ==
          "禅城区汾江中路123号质检大楼一楼收检…");
    CHECK(fit_value("thing4", "广东省广州市黄埔区科学大道 1001 号国家计量中心二号楼一层业务受理大厅") ==
          "黄埔区科学大道1001号国家计量中心二…");
    CHECK(fit_value("thing1", "（节日）收检安排有变化，请各单位提前联系机构后再来") ==
          "（节日）收检安排有变化，请各单位提前联…");
    CHECK(fit_value("character_string1", "2611 4827 3058") == "261148273058");
    CHECK(fit_value("character_string1", "粤字第LX-0031号") == "LX-0031");
    CHECK(fit_value("phrase3", "已确认") == "已确认");
    CHECK(fit_value("phrase3", "OK") == "有更新");
    CHECK(fit_value("amount1", "￥12.50") == "12.50元");
    CHECK_THROWS_AS(fit_value("const1", "x"), std::invalid_argument);
}

TEST_CASE("M37 of many certificates whole numbers are told, and how many there are; e-mail has them all") {
    const auto text_of = [](const std::vector<std::string>& numbers, bool uncut) {
        value facts = notify::sample_facts("order_completed");
        value all = value::array();
        for (const auto& no : numbers)
            all.push(value::object().set("no", no));
        facts.set("certificates", std::move(all));
        const auto m = notify::message_book::fill(*book().find("order_completed"), facts);
        REQUIRE(m.fields.back().label == "证书编号");
        return uncut ? m.fields.back().full : m.fields.back().text;
    };
    CHECK(text_of({"JD202601"}, false) == "JD202601");
    CHECK(text_of({"JD202601", "JD202602"}, false) == "JD202601、JD202602");
    CHECK(text_of({"JD1", "JD2", "JD3", "JD4", "JD5"}, false) == "JD1、JD2、JD3、JD4、JD5");
    CHECK(text_of({"JD2026", "JD2027", "JD2028", "JD2029", "JD2030"}, false) == "JD2026、JD2027 等 5 份");
    CHECK(text_of({"LX-2026-1125-0031", "LX-2026-1125-0032"}, false) == "共 2 份，点开查看");
    CHECK(text_of({"JD2026", "JD2026"}, false) == "JD2026"); // one certificate for two pieces
    CHECK(text_of({"JD2026", "JD2027", "JD2028", "JD2029", "JD2030"}, true) ==
          "JD2026、JD2027、JD2028、JD2029、JD2030");
    CHECK(text_of({}, false) == "-");
}

TEST_CASE("M2 who schedules reads whose booking it is and how many pieces, also when the name is long") {
    for (const auto* kind : {"order_submitted", "order_moved", "order_cancelled"}) {
        CAPTURE(kind);
        value facts = notify::sample_facts(kind);
        facts.set("applicant", "佛山市顺德区容桂街道示例精密制造有限公司");
        const auto m = notify::message_book::fill(*book().find(kind), facts, notify::side::staff);
        bool is_said = false;
        for (const auto& f : m.fields)
            is_said = is_said || (f.text.find("6 台件") != std::string::npos &&
                                  f.text.find("佛山市顺德区") != std::string::npos);
        CHECK(is_said);
        CHECK(m.fields.size() <= 5); // a template of WeChat's has no more
    }
}

TEST_CASE("N e-mail and webhook leave out what an event does not say; WeChat gets a dash") {
    value facts = notify::sample_facts("order_cancelled");
    facts.set("reason", "");
    const auto m = notify::message_book::fill(*book().find("order_cancelled"), facts);
    const auto data = [](const std::string& body) { return *core::parse_json(body)->find("data"); };
    CHECK(data(notify::full_body_of(m, "https://a.example")).find("thing4") == nullptr);
    CHECK(data(notify::full_body_of(m, "https://a.example")).find("thing5") != nullptr);
    CHECK(data(notify::body_of(m)).text("thing4") == "-");
}

TEST_CASE("N16 no shipped message ever says a day, time or amount that nobody meant") {
    for (const auto& event : core::outbox::kinds) {
        const auto m = notify::message_book::fill(*book().find(event.name), notify::sparse_facts(event.name));
        for (const auto& f : m.fields) {
            CAPTURE(f.name);
            CHECK_MESSAGE((!notify::needs_value(f.name) || !f.full.empty()), event.name);
            CHECK(f.text != "2000年1月1日");
        }
    }
}

TEST_CASE("templates/messages: a wrong file is refused with its place") {
    const auto refusal = [](std::string_view kind, std::string_view text) -> std::string {
        try {
            notify::parse_message(kind, text);
        } catch (const std::runtime_error& e) {
            return e.what();
        }
        return "taken";
    };
    const std::string head = "title: 预约成功提醒\nurl: /orders/{{order_id}}\n";
    CHECK(refusal("order_confirmed", head + "field thing1 机构: {{institution}}\n# note\n\n") == "taken");
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"field thing1 机构: {{institutoin}}", "order_confirmed.tmpl:3"},
        {"field thing 机构: {{institution}}", "'thing' is no field name"},
        {"field const1 机构: {{institution}}", "'const1' is no field name"},
        {"field thing1 机构: {{#certificates}}{{no}}", "order_confirmed.tmpl:3"},
        {"field thing1 机构: a\nfield thing1 机构: b", "order_confirmed.tmpl:4: field thing1 is there twice"},
        {"field thing1 机构 subscription=thing: a", "'thing' is no field name"},
        {"field thing1 机构 subscribed=thing2: a", "expected `title: `"},
        {"field thing1 机构 subscription=thing3: a\nfield thing2 地址 subscription=thing3: b",
         "order_confirmed.tmpl:4: field thing3 of the subscription template is there twice"},
        {"field thing1 机构 subscription=thing2: a\nfield thing2 地址: b",
         "thing2 of the subscription template"},
        {"title: again", "title and url come once"},
        {"remark: 谢谢", "expected `title: `"},
        {"field thing1: x", "expected `title: `"},
        {"nonsense", "expected `title: `"},
        {"", "needs `title:`"}};
    CHECK(refusal("order_confirmed", head + "field thing1 机构 subscription=thing2: a\n"
                                            "field thing2 地址 subscription=-: b\n"
                                            "field thing3 时间 subscription=-: c") == "taken");
    for (const auto& [line, why] : wrong) {
        const std::string said = refusal("order_confirmed", head + line);
        CHECK_MESSAGE(said.find(why) != std::string::npos, line, " -> ", said);
    }
    CHECK(refusal("order_confirmed", "title: x\nurl: https://elsewhere.example/\n").find("begins with /") !=
          std::string::npos);
    CHECK(refusal("order_lost", head).find("no event of this kind") != std::string::npos);
}

TEST_CASE("samples have the names that the verbs write") {
    tests::world w;
    REQUIRE(core::demo::load(w.db()).has_value());
    std::set<std::string> seen;
    for (const auto& event :
         w.read([](core::db::read_view& v) { return core::outbox::list_pending(v, 10000); })) {
        seen.insert(event.kind);
        const auto written = names_of(event.facts);
        for (const auto& name : names_of(notify::sample_facts(event.kind)))
            if (name.find('.') == std::string::npos || written.contains("certificates.no"))
                CHECK_MESSAGE(written.contains(name), event.kind, " has no fact ", name);
        check_body(*book().find(event.kind), event.facts);
    }
    for (const std::string kind : {"filing_accepted", "filing_returned", "order_submitted", "order_confirmed",
                                   "order_rejected", "order_received", "order_completed"})
        CHECK_MESSAGE(seen.contains(kind), kind);
}
