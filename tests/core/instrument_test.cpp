// core/instrument: the fields of Figure 8 and their rules, who may edit what when, repeats, what outcomes do.
#include "core/base/embedded.hpp"
#include "core/base/text.hpp"
#include "core/instrument/checker.hpp"
#include "core/instrument/instrument.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

namespace {

using namespace core;
namespace ins = core::instrument;
using db::read_view;
using db::write_tx;
using ins::field_id;
using tests::account_world;
using tests::add_gauge;
using tests::gauge_draft;
using tests::read_instrument;

std::string repeat(std::string_view s, std::size_t n) {
    std::string all;
    while (n-- > 0)
        all += s;
    return all;
}

// The error key at a field, "" when that field is accepted.
std::string refusal_at(account_world& w, const ins::draft& d, field_id id) {
    const auto who = w.acting("chenzhiming");
    const auto done = w.write([&](write_tx& tx) { return ins::add(tx, who, d); });
    if (done) return "";
    const auto e = done.error();
    CHECK(e.code == errc::invalid);
    if (e.field == ins::field_of(id).name) return e.detail;
    for (const auto& other : e.also)
        if (other.field == ins::field_of(id).name) return other.detail;
    return "at another field: " + e.field;
}

bool has_text(std::string_view key) {
    for (const auto& f : embedded_files())
        if (f.name == "templates/text/problems.txt")
            return f.bytes.find("\n" + std::string(key) + " = ") != std::string_view::npos;
    return false;
}

std::int64_t row_of(account_world& w, std::string_view l1, std::string_view supervision) {
    for (const auto& e : w.read([](read_view& v) { return catalogue::list_entries(v); }))
        if (e.l1 == l1 && e.supervision == supervision) return e.id;
    return 0;
}

} // namespace

TEST_CASE("M9 M38 the field table is Figure 8: 28 rows in order, stars, who fills them") {
    std::set<std::string_view> names, labels;
    int rows = 0;
    for (const auto& f : ins::fields) {
        CAPTURE(f.name);
        names.insert(f.name);
        labels.insert(f.label);
        CHECK(ins::find_field(f.name) == &ins::field_of(f.id));
        if (f.row == 0) continue;
        CHECK(f.row == ++rows);
        CHECK((f.most > 0) == (f.type == ins::field_type::line || f.type == ins::field_type::words ||
                               f.type == ins::field_type::paragraph));
        CHECK((f.type == ins::field_type::choice) == !f.choices.empty());
        if (!f.initial.empty()) CHECK(is_code_of(f.choices, f.initial));
    }
    CHECK(rows == 28);
    CHECK(names.size() == ins::fields.size());
    CHECK(labels.size() == ins::fields.size());
    std::string starred;
    std::string by_flow;
    for (const auto& f : ins::fields) {
        if (f.is_starred()) starred += std::string(f.label) + " ";
        if (f.by == ins::filler::flow) by_flow += std::string(f.label) + " ";
    }
    CHECK(starred == "器具名称 型号规格 出厂编号 生产厂家 安装使用地点 检定方式 所在地 种别 类别 ");
    CHECK(by_flow == "检定机构 器具编码 备案状态 流程状态 ");
    CHECK(ins::field_of(field_id::purpose).is_required()); // not starred, decided
    CHECK(ins::find_field("password") == nullptr);
}

TEST_CASE("M10 every text field: its longest, one too long, blanks, what is no text") {
    account_world w;
    for (const auto& f : ins::fields) {
        if (f.most == 0 || !ins::is_typed(f)) continue;
        CAPTURE(f.name);
        const bool words = f.type == ins::field_type::words;
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, repeat("表", f.most)}}), f.id) == "");
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, repeat("表", f.most + 1)}}), f.id) == "field.long");
        const std::string missing = f.id == field_id::serial_no ? "serial_no.required" : "field.required";
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, ""}}), f.id) == (f.is_required() ? missing : ""));
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, " \t　\n"}}), f.id) == (f.is_required() ? missing : ""));
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, "a\xFFz"}}), f.id) == "field.text");
        const auto id = add_gauge(w, w.acting("chenzhiming"), {{f.id, "　甲\x01  乙 "}});
        CHECK(read_instrument(w, id).text_of(f.id) == (words                             ? "乙 甲"
                                                       : f.type == ins::field_type::line ? "甲 乙"
                                                                                         : "甲  乙"));
    }
}

TEST_CASE("M10 every choice: its codes, its words, a blank, anything else") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    for (const auto& f : ins::fields) {
        if (f.type != ins::field_type::choice || !ins::is_typed(f)) continue;
        CAPTURE(f.name);
        for (const auto& one : f.choices) {
            if (one.code == "scrapped") continue;
            CAPTURE(one.code);
            for (const auto& typed : {std::string(one.code), std::string(one.text)})
                CHECK(read_instrument(w, add_gauge(w, who, {{f.id, typed}})).text_of(f.id) == one.code);
        }
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, "其他"}}), f.id) == "field.choice");
        CHECK(refusal_at(w, gauge_draft(w, {{f.id, "' OR 1=1 --"}}), f.id) == "field.choice");
        if (f.initial.empty())
            CHECK(refusal_at(w, gauge_draft(w, {{f.id, ""}}), f.id) == "field.choose");
        else
            CHECK(read_instrument(w, add_gauge(w, who, {{f.id, ""}})).text_of(f.id) == f.initial);
    }
}

TEST_CASE("M10 dates: existing days, bought not after today, valid not beyond the longest period") {
    account_world w;
    struct one {
        field_id id;
        const char *text, *refusal;
    };
    const one table[] = {{field_id::purchased_on, "", ""},
                         {field_id::purchased_on, "2026-11-24", ""},
                         {field_id::purchased_on, "2026-11-25", "date.future"},
                         {field_id::purchased_on, "2026-02-29", "date.form"},
                         {field_id::purchased_on, "2024-02-29", ""},
                         {field_id::purchased_on, "24-2-29", "date.form"},
                         {field_id::purchased_on, "0001-01-01", "date.form"},
                         {field_id::valid_until, "", ""},
                         {field_id::valid_until, "2020-01-01", ""},
                         {field_id::valid_until, "2027-05-20", ""},
                         {field_id::valid_until, "2046-11-24", ""},
                         {field_id::valid_until, "2046-11-25", "date.far"},
                         {field_id::valid_until, "2027-13-01", "date.form"}};
    for (const auto& t : table) {
        CAPTURE(t.text);
        CHECK(refusal_at(w, gauge_draft(w, {{t.id, t.text}}), t.id) == t.refusal);
    }
}

TEST_CASE("M11 所在地 by code or by its path, down to the district") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto at = [&](std::string_view typed) {
        return read_instrument(w, add_gauge(w, who, {{field_id::region_code, std::string(typed)}}))
            .region_code;
    };
    CHECK(at("440111") == "440111");
    CHECK(at("广东省/广州市/白云区") == "440111");
    CHECK(at("广东省 广州市 白云区") == "440111");
    CHECK(at("广东省广州市白云区") == "440111");
    CHECK(at("广州市/白云区") == "440111");
    CHECK(at("广东省／东莞市") == "441900"); // stops at the city
    for (const char* wrong :
         {"广东省/广州市", "440100", "440000", "999999", "广东省/广州市/南海区", "白云区", "x"}) {
        CAPTURE(wrong);
        CHECK(refusal_at(w, gauge_draft(w, {{field_id::region_code, wrong}}), field_id::region_code) ==
              "region.place");
    }
    CHECK(refusal_at(w, gauge_draft(w, {{field_id::region_code, ""}}), field_id::region_code) ==
          "field.choose");
}

TEST_CASE("M12 种别 and 类别 by row or by both names, which must belong together") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto gauge_row = row_of(w, "压力仪表", "V");
    const auto by_name =
        add_gauge(w, who,
                  {{field_id::catalogue_l1, "压力仪表"},
                   {field_id::catalogue_id, "压力表(指示类、显示类)"}}); // half-width brackets
    CHECK(read_instrument(w, by_name).catalogue_id == gauge_row);
    const auto refused = [&](std::string_view l1, std::string_view l2, field_id at) {
        return refusal_at(w,
                          gauge_draft(w, {{field_id::catalogue_l1, std::string(l1)},
                                          {field_id::catalogue_id, std::string(l2)}}),
                          at);
    };
    CHECK(refused("燃油加油机", "压力表（指示类、显示类）", field_id::catalogue_id) == "catalogue.pair");
    CHECK(refused("压力仪表", "", field_id::catalogue_id) == "field.choose");
    CHECK(refused("", "压力表（指示类、显示类）", field_id::catalogue_l1) == "field.choose");
    CHECK(refused("", "", field_id::catalogue_l1) == "field.choose");
    CHECK(refused("", "12345", field_id::catalogue_id) == "field.choice");
    CHECK(refused("", "99999999999999999999", field_id::catalogue_id) == "field.choice");
}

TEST_CASE("M10 出厂编号: punctuation says nothing; without one the own number tells it apart") {
    account_world w;
    for (const char* typed : {"-", "——", "#.#", "...", "／／", "（）"}) {
        CAPTURE(typed);
        CHECK(refusal_at(w, gauge_draft(w, {{field_id::serial_no, typed}}), field_id::serial_no) ==
              "serial_no.required");
    }
    for (const char* typed : {"无", "/", "／", " 无 ", "无编号", "n/a"}) {
        CAPTURE(typed);
        CHECK(refusal_at(w, gauge_draft(w, {{field_id::serial_no, typed}, {field_id::own_no, ""}}),
                         field_id::own_no) == "own_no.required");
        CHECK(refusal_at(w, gauge_draft(w, {{field_id::serial_no, typed}, {field_id::own_no, "7"}}),
                         field_id::own_no) == "");
    }
    for (const char* typed : {"00123", "编号一", "A#1/2.3", "１２３"})
        CHECK(read_instrument(w, add_gauge(w, w.acting("chenzhiming"), {{field_id::serial_no, typed}}))
                  .serial_no == typed);
}

TEST_CASE("M10 all wrong fields are told at once, each with a text") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto done = w.write([&](write_tx& tx) { return ins::add(tx, who, ins::draft()); });
    REQUIRE(done.has_error());
    std::set<std::string> at = {done.error().field};
    for (const auto& e : done.error().also) {
        at.insert(e.field);
        CHECK(has_text(e.detail));
    }
    for (const auto& f : ins::fields) {
        CAPTURE(f.name);
        CHECK(at.contains(std::string(f.name)) == f.is_required());
    }
    for (const char* key :
         {"own_no.required", "date.far", "catalogue.pair", "instrument.scrapped", "instrument.not_new",
          "doubt.repeats_own", "doubt.repeats_other", "doubt.type_approval_no", "doubt.expired"})
        CHECK(has_text(key));
}

TEST_CASE("M15 tags: split at blanks, each once") {
    account_world w;
    const auto id = add_gauge(w, w.acting("chenzhiming"), {{field_id::tags, " 锅炉  重点　锅炉\t重点 "}});
    CHECK(read_instrument(w, id).tags == "重点 锅炉");
}

TEST_CASE("M38 certificate and validity are the company's until the first result, then the flow's") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id = add_gauge(w, who,
                              {{field_id::certificate_no, "OLD-1"},
                               {field_id::valid_until, "2026-12-01"},
                               {field_id::instrument_status, "new"}});
    CHECK(read_instrument(w, id).certificate_no == "OLD-1");
    CHECK(ins::may_edit(read_instrument(w, id), field_id::valid_until));
    w.write([&](write_tx& tx) -> result<> {
         ins::record_outcome(tx, id,
                             {.passed = true,
                              .certificate_no = "Y-1",
                              .verified_on = tx.today(),
                              .valid_until = add_months(tx.today(), 6)});
         return {};
     }).value();
    auto now = read_instrument(w, id);
    CHECK(now.certificate_no == "Y-1");
    CHECK(now.instrument_status == "in_use"); // 新增 and 维修 end with a pass
    CHECK_FALSE(ins::may_edit(now, field_id::valid_until));
    CHECK_FALSE(ins::may_edit(now, field_id::certificate_no));
    auto d = gauge_draft(w, {{field_id::certificate_no, "FORGED"}, {field_id::valid_until, "2040-01-01"}});
    w.write([&](write_tx& tx) { return ins::edit(tx, who, id, now.version, d); }).value();
    now = read_instrument(w, id);
    CHECK(now.certificate_no == "Y-1");
    CHECK(to_text(*now.valid_until) == "2027-05-24");
    d = gauge_draft(w, {{field_id::instrument_status, "new"}});
    const auto again = w.write([&](write_tx& tx) { return ins::edit(tx, who, id, now.version, d); });
    CHECK(again.error().detail == "instrument.not_new");
}

TEST_CASE("what a result leaves: passed, failed, not tested") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id =
        add_gauge(w, who, {{field_id::instrument_status, "stopped"}, {field_id::valid_until, "2026-12-31"}});
    const auto record = [&](ins::outcome o) {
        w.write([&](write_tx& tx) -> result<> {
             ins::record_outcome(tx, id, o);
             return {};
         }).value();
        return read_instrument(w, id);
    };
    auto now = record({});
    CHECK(to_text(*now.valid_until) == "2026-12-31");
    now = record({.failed = true, .certificate_no = "N-1", .verified_on = parse_date("2026-11-24")});
    CHECK(now.barred);
    CHECK_FALSE(now.valid_until); // 计量法 art. 9
    CHECK(now.instrument_status == "stopped");
    CHECK_FALSE(ins::is_in_service(now));
    now = record({.passed = true,
                  .certificate_no = "Y-2",
                  .verified_on = parse_date("2026-11-24"),
                  .valid_until = parse_date("2027-05-23")});
    CHECK_FALSE(now.barred);
    CHECK(now.valid_until);
}

TEST_CASE("6.4 what a certificate is worth: a failed one or one without its filing never looks valid") {
    const date today = *parse_date("2026-11-24");
    const auto worth = [&](std::string_view filing, std::string_view last, bool barred) {
        ins::instrument i;
        i.filing_status = filing;
        i.valid_until = parse_date(last);
        i.barred = barred;
        return std::string(ins::validity_tag(i, today, 60).text);
    };
    CHECK(worth("filed", "", false).empty());
    CHECK(worth("filed", "", true) == "不合格，禁用");
    CHECK(worth("filed", "2026-11-23", false) == "已过期");
    CHECK(worth("filed", "2026-11-24", false) == "即将到期"); // the last day
    CHECK(worth("filed", "2027-01-23", false) == "即将到期");
    CHECK(worth("filed", "2027-01-24", false) == "有效");
    CHECK(worth("unfiled", "2027-01-24", false) == "有效"); // as the company typed it
    for (const auto& state : ins::filing_states) {
        CAPTURE(state.code);
        CHECK(worth(state.code, "2027-06-01", true) == "不合格，禁用");
        CHECK((worth(state.code, "2027-06-01", false) == "有效") == (state.code != "returned"));
    }
    CHECK(worth("returned", "2027-06-01", false) == "备案已撤销");
}

TEST_CASE("F0 器具状态: nothing begins scrapped, scrapped is the end") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    CHECK(refusal_at(w, gauge_draft(w, {{field_id::instrument_status, "scrapped"}}),
                     field_id::instrument_status) == "instrument.scrapped");
    const auto id = add_gauge(w, who);
    const auto put = [&](std::string_view status) {
        const auto now = read_instrument(w, id);
        const auto d = gauge_draft(w, {{field_id::instrument_status, std::string(status)}});
        const auto done = w.write([&](write_tx& tx) { return ins::edit(tx, who, id, now.version, d); });
        return done ? std::string() : done.error().detail;
    };
    for (const char* s : {"new", "stopped", "repair", "in_use", "scrapped"})
        CHECK(put(s) == "");
    for (const char* s : {"new", "stopped", "repair", "in_use"})
        CHECK(put(s) == "instrument.scrapped");
    CHECK(put("scrapped") == "");
    CHECK_FALSE(ins::is_in_service(read_instrument(w, id)));
}

TEST_CASE("domain.md 6.2: every filing status × every field: who may edit what") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const std::set<field_id> when_filed = {field_id::own_no, field_id::location_text, field_id::tags,
                                           field_id::remark};
    for (const auto& state : ins::filing_states) {
        CAPTURE(state.code);
        const auto id = add_gauge(w, who);
        tests::put_filing_status(w, id, state.code);
        auto now = w.read([&](read_view& v) { return ins::get(v, account_world::system(), id); });
        if (state.code == "deleted") {
            CHECK(now.error().code == errc::not_found);
            continue;
        }
        const bool open = state.code == "unfiled" || state.code == "returned";
        ins::draft d;
        for (const auto& f : ins::fields) {
            CAPTURE(f.name);
            const bool expected =
                ins::is_typed(f) && (open || (state.code == "filed" && when_filed.contains(f.id)));
            CHECK(ins::may_edit(*now, f.id) == expected);
        }
        d = gauge_draft(w, {{field_id::name, "改名"}, {field_id::own_no, "改号"}});
        const auto done = w.write([&](write_tx& tx) { return ins::edit(tx, who, id, now->version, d); });
        const bool none = state.code == "submitted" || state.code == "dispatched";
        CHECK(done.has_value() == !none);
        if (none) CHECK(done.error().detail == "instrument.under_review");
        const auto after = read_instrument(w, id);
        CHECK(after.name == (open ? "改名" : "压力表"));
        CHECK(after.own_no == (none ? "J-1" : "改号"));
    }
}

TEST_CASE("edit: stale forms, foreign companies, staff; what changed is audited and nothing else") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id = add_gauge(w, who);
    const auto now = read_instrument(w, id);
    const auto serial = now.serial_no;
    const auto edit = [&](const actor& a, std::int64_t version, tests::changes with) {
        const auto d = gauge_draft(w, with);
        return w.write([&](write_tx& tx) { return ins::edit(tx, a, id, version, d); });
    };
    CHECK(edit(w.acting("liangminyi"), now.version, {}).error().code == errc::not_found);
    CHECK(edit(w.acting("linxiaomin"), now.version, {}).error().code == errc::not_found);
    CHECK(edit(account_world::system(), now.version, {}).error().code == errc::not_allowed);
    CHECK(edit(who, now.version + 1, {}).error().code == errc::stale_state);
    REQUIRE(
        edit(who, now.version, {{field_id::serial_no, serial}, {field_id::remark, "备注一"}}).has_value());
    CHECK(edit(who, now.version, {}).error().detail == "instrument.edited");
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "instrument", id); });
    REQUIRE(history.size() == 2);
    CHECK(history[1].before.as_members()->size() == 1);
    CHECK(history[1].after.text("remark") == "备注一");
}

TEST_CASE("8.3 comparing numbers: any spelling of one number has one key, and keys are stable") {
    CHECK(comparison_key("ab－12 —３") == "AB-12-3");
    CHECK(comparison_key("Ⅱ①㎡") == "II1M2");
    CHECK(comparison_key("Ａ１－Ｂ") == comparison_key("a1-b"));
    CHECK(comparison_key("é") == comparison_key("e\xCC\x81"));
    CHECK(comparison_key("A\xE2\x80\x8B"
                         "1") == "A1"); // zero width space
    CHECK(comparison_key("表") == "表");
    CHECK(comparison_key("\xFF") == "\xFF");
    std::mt19937 random(20261124);
    const std::u32string alphabet =
        U"aZ09-—－ 　ＡｚΩß①Ⅳ㎏é\u0301\u0345\u00B4表\U0002F800\uFDFA\u200B\u2212ﬁǅ";
    const auto utf8 = [](char32_t c) {
        std::string s;
        if (c < 0x80) return s += static_cast<char>(c);
        if (c < 0x800) {
            s += static_cast<char>(0xC0 | (c >> 6));
        } else if (c < 0x10000) {
            s += static_cast<char>(0xE0 | (c >> 12));
            s += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        } else {
            s += static_cast<char>(0xF0 | (c >> 18));
            s += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
            s += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        }
        return s += static_cast<char>(0x80 | (c & 0x3F));
    };
    for (int n = 0; n < 5000; ++n) {
        std::string text, spaced;
        for (std::size_t k = random() % 12; k > 0; --k) {
            text += utf8(alphabet[random() % alphabet.size()]);
        }
        const std::string key = comparison_key(text);
        CAPTURE(text);
        CHECK(comparison_key(key) == key);
        CHECK(comparison_key("　" + text + " ") == key);
        CHECK(key.find(' ') == std::string::npos);
    }
}

TEST_CASE("8.3 repeats: own ones by id, others' only that there is one") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto other = w.acting("liangminyi");
    const auto first = add_gauge(w, who, {{field_id::serial_no, "AB-1"}});
    const auto spelled = add_gauge(w, who, {{field_id::serial_no, "ａｂ —１"}, {field_id::name, "别的名字"}});
    const auto maker = add_gauge(w, who, {{field_id::serial_no, "AB-1"}, {field_id::manufacturer, "另一厂"}});
    const auto foreign = add_gauge(w, other, {{field_id::serial_no, "ab-1"}});
    const auto unlike = add_gauge(w, who, {{field_id::serial_no, "AB-12"}});
    const auto repeats = [&](const actor& a, std::int64_t id) {
        const auto i = read_instrument(w, id);
        return w.read([&](read_view& v) { return ins::find_repeats(v, a, i); });
    };
    auto found = repeats(who, first);
    CHECK(std::set(found.own.begin(), found.own.end()) == std::set{spelled, maker});
    CHECK(found.is_elsewhere);
    found = repeats(other, foreign);
    CHECK(found.own.empty());
    CHECK(found.is_elsewhere);
    found = repeats(who, maker); // maker differs: nobody else has it
    CHECK_FALSE(found.is_elsewhere);
    CHECK(repeats(who, unlike).own.empty());
    // Without a number the own number counts, and only within the company.
    const auto a = add_gauge(w, who, {{field_id::serial_no, "无"}, {field_id::own_no, "7"}});
    const auto b = add_gauge(w, who, {{field_id::serial_no, "无"}, {field_id::own_no, "7"}});
    const auto c = add_gauge(w, other, {{field_id::serial_no, "无"}, {field_id::own_no, "7"}});
    add_gauge(w, who, {{field_id::serial_no, "无"}, {field_id::own_no, "8"}});
    CHECK(repeats(who, a).own == std::vector{b});
    CHECK_FALSE(repeats(other, c).is_elsewhere);
    const auto doubts = [&](tests::changes with) {
        const auto i = read_instrument(w, add_gauge(w, who, with));
        std::string all;
        for (const auto& d : w.read([&](read_view& v) { return ins::list_doubts(v, who, i); }))
            all += d.detail + " ";
        return all;
    };
    CHECK(doubts({}) == "");
    CHECK(doubts({{field_id::serial_no, "AB-1"}}) == "doubt.repeats_own doubt.repeats_other ");
    CHECK(doubts({{field_id::type_approval_no, "2014F211-44"}}) == "");
    CHECK(doubts({{field_id::type_approval_no, "粤制 0001"}}) == "doubt.type_approval_no ");
    CHECK(doubts({{field_id::valid_until, "2026-11-23"}}) == "doubt.expired ");
}

TEST_CASE("8.3 words that are no serial number: the own number counts, and nobody else is blocked") {
    account_world w;
    for (const char* word :
         {"无", "/", "不详", "未知", "没有", "NA", "n/a", "000", "（无）", "【不详】", "无序列号"}) {
        CAPTURE(word);
        CHECK(ins::is_numberless(word));
        CHECK(refusal_at(w, gauge_draft(w, {{field_id::serial_no, word}, {field_id::own_no, ""}}),
                         field_id::own_no) == "own_no.required");
    }
    for (const char* word : {"0001", "无01", "NA-1", "(1)", "100"}) {
        CAPTURE(word);
        CHECK_FALSE(ins::is_numberless(word));
    }
}

TEST_CASE("one checker reads many rows as many single checks would") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    std::vector<ins::draft> rows;
    for (int n = 0; n < 40; ++n)
        rows.push_back(n % 3 == 0   ? gauge_draft(w, {{field_id::region_code, "广州市白云区"}})
                       : n % 3 == 1 ? gauge_draft(w, {{field_id::purpose, "医疗"}})
                                    : gauge_draft(w));
    const auto done = w.write([&](write_tx& tx) -> result<std::vector<std::string>> {
                           ins::checker check(tx);
                           std::vector<std::string> all;
                           for (const auto& d : rows) {
                               const auto one = ins::add(tx, who, d, check);
                               all.push_back(one ? "" : one.error().field);
                           }
                           return all;
                       }).value();
    for (std::size_t n = 0; n < done.size(); ++n)
        CHECK(done[n] == (n % 3 == 1 ? "purpose" : ""));
}
