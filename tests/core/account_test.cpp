// core/account: codes, phones, passwords, companies and their standing, people and who administers them.
#include "core/account/applicant.hpp"
#include "core/account/applicant_store.hpp"
#include "core/account/binding.hpp"
#include "core/account/document.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/password.hpp"
#include "core/account/session.hpp"
#include "core/account/uscc.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

namespace {

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;
using tests::account_world;

std::string detail(const result<std::string>& r) {
    return r ? "fine: " + *r : r.error().detail;
}

registration good_registration() {
    return {.uscc = "91440300MA5EXAM142",
            .name = "惠州示例电子有限公司",
            .region_code = "441302",
            .address = "示例路 9 号",
            .contact_name = "钟秀兰",
            .contact_phone = "139 0000 4321"};
}

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("M3 统一社会信用代码: the whole table of GB 32100-2015 examples") {
    struct line {
        const char *code, *verdict;
    };
    for (const auto& [code, verdict] :
         {line{"91350100M000100Y43", "fine: 91350100M000100Y43"},
          line{"91350100M000100Y4Z", "uscc.character"},
          line{"91440300MA5EXAM142", "fine: 91440300MA5EXAM142"},
          line{"91441900MA5EXAM228", "fine: 91441900MA5EXAM228"},
          line{"91442000000000019L", "fine: 91442000000000019L"},
          line{"91440785MA5EXAM30G", "fine: 91440785MA5EXAM30G"},
          line{"914401000000000090", "fine: 914401000000000090"}, // remainder 0
          line{"91440300MA5EXAM143", "uscc.check"}, line{"91440300MA5EXAMI42", "uscc.character"},
          line{"", "uscc.required"}, line{"91440300MA5EXAM14", "uscc.length"},
          line{"91440300MA5EXAM1422", "uscc.length"},
          line{"  91440300ma5exam142 ", "fine: 91440300MA5EXAM142"},
          line{"９１４４０３００ＭＡ５ＥＸＡＭ１４２", "fine: 91440300MA5EXAM142"},
          line{"91440300MA5EXAM14二", "uscc.character"}}) {
        CAPTURE(code);
        CHECK(detail(check_uscc(code)) == verdict);
    }
    const auto wrong = check_uscc("91440300MA5EXAMI42").error(); // a typed I: named with its place
    REQUIRE(wrong.args.size() == 2);
    CHECK(wrong.args[0].second == "I");
    CHECK(wrong.args[1].second == "16");
    CHECK(wrong.field == "uscc");
}

TEST_CASE("M3 every single wrong character of a code is found") {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const std::string code = "91350100M000100Y43";
    for (std::size_t i = 0; i < code.size(); ++i)
        for (const char c : alphabet) {
            std::string other = code;
            other[i] = c;
            CHECK(check_uscc(other).has_value() == (other == code));
        }
}

TEST_CASE("phones: mobile and land line as people type them") {
    struct line {
        const char *typed, *verdict;
    };
    for (const auto& [typed, verdict] : {line{"13800001234", "fine: 13800001234"},
                                         line{"+86 138-0000-1234", "fine: 13800001234"},
                                         line{"0086 13800001234", "fine: 13800001234"},
                                         line{"１３８００００１２３４", "fine: 13800001234"},
                                         line{"19900001234", "fine: 19900001234"},
                                         line{"1380000123", "phone.length"},
                                         line{"138000012345", "phone.length"},
                                         line{"12800001234", "phone.form"},
                                         line{"0757-12345678", "fine: 0757-12345678"},
                                         line{"(0757) 12345678", "fine: 0757-12345678"},
                                         line{"020 12345678", "fine: 020-12345678"},
                                         line{"0668-1234567", "fine: 0668-1234567"},
                                         line{"0757-12345678-123", "fine: 0757-12345678-123"},
                                         line{"0757-12345678转123", "fine: 0757-12345678-123"},
                                         line{"0757-12345678-1234567", "phone.form"},
                                         line{"075712345", "phone.form"},
                                         line{"0757-123456789", "phone.form"},
                                         line{"12345678", "phone.length"},
                                         line{"abc", "phone.form"},
                                         line{"13800001234;", "phone.form"},
                                         line{"  ", "phone.required"}}) {
        CAPTURE(typed);
        CHECK(detail(check_phone(typed)) == verdict);
    }
}

TEST_CASE("S7 passwords: slow hash with its parameters, whole comparison, no password set") {
    const std::string hash = hash_password("Zwölf Zeichen", test_cost);
    CHECK(hash.starts_with("$argon2id$"));
    CHECK(hash != hash_password("Zwölf Zeichen", test_cost)); // salted
    CHECK(is_password(hash, "Zwölf Zeichen"));
    CHECK_FALSE(is_password(hash, "Zwölf Zeiche"));
    CHECK_FALSE(is_password("", ""));
    CHECK_FALSE(is_password("!", "!"));
    const std::string whole(128, 'x');
    CHECK_FALSE(is_password(hash_password(whole, test_cost), whole.substr(0, 127)));
    CHECK(needs_rehash(hash));
    CHECK_FALSE(needs_rehash(hash, test_cost));
    CHECK(usual_cost.memory == 64u << 20); // decisions.md
    CHECK(usual_cost.passes == 2);
}

TEST_CASE("S7 the rules for new passwords") {
    const auto verdict = [](password_policy p, std::string_view s) {
        const auto r = check_policy(p, s, "chenzhiming");
        return r ? std::string("fine") : r.error().detail;
    };
    using enum password_policy;
    CHECK(verdict(asvs, "shorter") == "password.short");
    CHECK(verdict(asvs, "七个字的口令不") == "password.short"); // characters, not bytes
    CHECK(verdict(asvs, "onlyletters") == "fine");
    CHECK(verdict(asvs, std::string(128, 'q')) == "fine");
    CHECK(verdict(asvs, std::string(129, 'q')) == "password.long");
    CHECK(verdict(asvs, "xChenZhiMing9") == "password.like_name");
    CHECK(verdict(asvs, "Password1") == "password.common");
    CHECK(verdict(dengbao, "onlyletters") == "password.kinds");
    CHECK(verdict(asvs, "Woaini1314") == "password.common");
    CHECK(verdict(dengbao, "12340987") == "password.kinds");
    CHECK(verdict(dengbao, "letters9") == "password.kinds"); // two of four
    CHECK(verdict(dengbao, "letters-9") == "fine");
    CHECK(verdict(dengbao, demo_password) == "fine");
}

TEST_CASE("M3 R1 text that is no UTF-8 is refused, field by field") {
    account_world w;
    for (const auto& [field, member] : {std::pair("name", &registration::name),
                                        {"address", &registration::address},
                                        {"contact_name", &registration::contact_name},
                                        {"legal_person", &registration::legal_person}}) {
        auto r = good_registration();
        r.uscc = "914401000000000090";
        r.*member = "坏\xff\xfe字";
        const auto refused = w.read([&](read_view& v) { return check_registration(v, r); });
        REQUIRE(refused.has_error());
        CHECK(refused.error().detail == "applicant.text");
        CHECK(refused.error().field == field);
    }
}

TEST_CASE("M3 R1 registration answers every wrong field at once, and nothing is kept") {
    account_world w;
    const auto before = w.count(R"sql(SELECT count(*) FROM applicant)sql");
    const auto refused = w.write([](write_tx& tx) {
        return store::register_applicant(tx, account_world::visitor(),
                                         {.uscc = "91440300MA5EXAM143",
                                          .name = " ",
                                          .region_code = "441300", // a city with counties: not precise enough
                                          .address = std::string(300, 'x'),
                                          .contact_name = "",
                                          .contact_phone = "12"});
    });
    REQUIRE(refused.has_error());
    std::vector<std::string> fields{refused.error().field};
    for (const auto& e : refused.error().also)
        fields.push_back(e.field);
    CHECK(fields == std::vector<std::string>{"uscc", "contact_phone", "name", "contact_name", "address",
                                             "region_code"});
    CHECK(w.count(R"sql(SELECT count(*) FROM applicant)sql") == before);
    const auto taken = w.write([](write_tx& tx) {
        return store::register_applicant(tx, account_world::visitor(), good_registration());
    });
    REQUIRE(taken.has_error());
    CHECK(taken.error().code == errc::conflict);
    CHECK(taken.error().detail == "applicant.taken");
}

TEST_CASE("R1 to R4: the whole table, state by verb by actor") {
    struct line {
        const char *from, *verb, *to; // to nullptr: no such row
    };
    const std::vector<std::string> states = {"pending", "active", "rejected", "suspended"};
    const std::vector<std::string> verbs = {"approve", "reject", "resubmit", "suspend", "resume"};
    auto corrected = good_registration(); // of this very company
    const auto walk = [&](write_tx& tx, const actor& who, std::int64_t id,
                          std::string_view verb) -> result<> {
        if (verb == "approve") return approve_applicant(tx, who, id);
        if (verb == "reject") return reject_applicant(tx, who, id, "营业执照不清晰");
        if (verb == "resubmit") return resubmit_applicant(tx, who, id, corrected);
        if (verb == "suspend") return suspend_applicant(tx, who, id, "已注销");
        return resume_applicant(tx, who, id);
    };
    account_world w;
    const auto id = w.company("深圳示例商贸有限公司"); // pending
    const actor own = w.acting("hejiaxin");
    for (const char* kind : {"uscc_certificate", "letter_of_authority"})
        w.write([&](write_tx& tx) {
             return add_document(tx, own, id, {kind, {"证.pdf", "application/pdf", std::string(64, 'a'), 9}});
         }).value();
    const actor foreign = w.acting("chenzhiming");
    const std::vector<std::pair<actor, bool>> people = {{own, true},
                                                        {w.acting("admin"), true},
                                                        {account_world::system(), true},
                                                        {foreign, false},
                                                        {w.acting("linxiaomin"), false}, // another city
                                                        {w.acting("fengjianguo"), false},
                                                        {account_world::visitor(), false}};
    for (const auto& state : states)
        for (const auto& verb : verbs)
            for (const auto& [who, concerned] : people) {
                CAPTURE(state);
                CAPTURE(verb);
                CAPTURE(who.name);
                const auto* row = find_transition<std::string_view>(applicant_transitions(), state, verb);
                std::string after;
                const auto done = w.write([&](write_tx& tx) -> result<> {
                    tx.exec(R"sql(UPDATE applicant SET status = $1 WHERE id = $2)sql", state, id);
                    auto r = walk(tx, who, id, verb);
                    after = find_applicant(tx, id)->status;
                    if (!r) return r;
                    return error(errc::unavailable, "undone"); // every combination begins alike
                });
                const auto expected = !concerned              ? errc::not_found
                                      : row == nullptr        ? errc::stale_state
                                      : !row->who.allows(who) ? errc::not_allowed
                                                              : errc::unavailable;
                CHECK(done.error().code == expected);
                CHECK(after == (expected == errc::unavailable ? row->to : state));
            }
}

TEST_CASE("S1 R2 an institution reviews only companies of its own city; approval needs both papers, "
          "rejection needs a reason") {
    account_world w;
    auto r = good_registration();
    r.uscc = "914401000000000090";
    r.region_code = "440607"; // 佛山
    const auto id = w.write([&](write_tx& tx) {
                         return store::register_applicant(tx, account_world::visitor(), r);
                     }).value();
    const actor reviewer = w.acting("luoxiaoyan");
    CHECK(w.write([&](write_tx& tx) { return reject_applicant(tx, reviewer, id, " \n"); }).error().detail ==
          "applicant.reason");
    const actor desk = w.acting("guopeng");
    CHECK(w.write([&](write_tx& tx) { return approve_applicant(tx, desk, id); }).error().code ==
          errc::not_allowed);
    // Nobody is let in without both papers.
    const auto approve = [&] {
        return w.write([&](write_tx& tx) { return approve_applicant(tx, reviewer, id); });
    };
    CHECK(approve().error().detail == "applicant.papers");
    tests::give_papers(w, id);
    const auto papers = w.read([&](read_view& v) { return list_documents(v, reviewer, id); });
    REQUIRE(papers.size() == 2);
    w.write([&](write_tx& tx) { return remove_document(tx, account_world::system(), papers[0].id); }).value();
    CHECK(approve().error().detail == "applicant.papers");
    CHECK(w.read([&](read_view& v) { return find_applicant(v, id)->status; }) == "pending");
    REQUIRE(w.write([&](write_tx& tx) {
                 return reject_applicant(tx, reviewer, id, "授权书未盖章");
             }).has_value());
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "applicant", id); });
    REQUIRE(history.size() == 5); // register, two papers added, one removed, reject
    CHECK(history[0].verb == "register");
    CHECK(history[4].verb == "reject");
    CHECK(history[4].note == "授权书未盖章");
    CHECK(history[4].actor_name == "罗晓燕");
    CHECK(w.read([&](read_view& v) { return check_standing(v, id); }).error().detail ==
          "applicant.not_active");
    CHECK(w.read([&](read_view& v) { return check_standing(v, 1); }).error().code == errc::not_found);
    CHECK(w.read([&](read_view& v) { return check_standing(v, w.demo.applicants[0]); }).has_value());
}

TEST_CASE("R4 a suspension ends the sessions of the company's people for good") {
    account_world w;
    const auto id = w.demo.applicants[0];
    const auto token = w.sign_in("chenzhiming");
    const auto other = w.sign_in("liangminyi");
    const auto is_open = [&](const std::string& t) {
        return w.read([&](read_view& v) { return find_session(v, sha256_hex(t)); }).has_value();
    };
    REQUIRE(is_open(token));
    w.write([&](write_tx& tx) {
         return suspend_applicant(tx, account_world::system(), id, "已注销");
     }).value();
    CHECK_FALSE(is_open(token));
    w.write([&](write_tx& tx) { return resume_applicant(tx, account_world::system(), id); }).value();
    CHECK_FALSE(is_open(token));
    CHECK(is_open(other));
}

TEST_CASE("companies are listed by key, by status") {
    account_world w;
    w.read([&](read_view& v) {
        const actor all = account_world::system();
        const auto first = list_applicants(v, all, {}, {}, 2);
        REQUIRE(first.size() == 2);
        const auto next = list_applicants(v, all, {}, {to_ms(first[1].status_at), first[1].id}, 100);
        CHECK(next.size() == 3);
        CHECK(next[0].id > first[1].id);
        const auto waiting = list_applicants(v, all, {.status = "pending"}, {}, 100);
        REQUIRE(waiting.size() == 1);
        CHECK(waiting[0].name == "深圳示例商贸有限公司");
        return 0;
    });
}

TEST_CASE("S12 a phone lies sealed in the file and comes back whole") {
    account_world w;
    auto r = good_registration();
    r.uscc = "914401000000000090";
    const auto id = w.write([&](write_tx& tx) {
                         return store::register_applicant(tx, account_world::visitor(), r);
                     }).value();
    CHECK(w.read([&](read_view& v) { return find_applicant(v, id)->contact_phone; }) == "13900004321");
    w.db().checkpoint();
    for (const auto& f : std::filesystem::directory_iterator(w.folder.path())) {
        CHECK(contents(f.path()).find("13900004321") == std::string::npos);
        CHECK(contents(f.path()).find("13800001234") == std::string::npos); // the demonstration's
    }
}

TEST_CASE("people: names of logins") {
    account_world w;
    const auto add = [&](std::string username) {
        return w.write([&](write_tx& tx) {
            return add_login(tx, account_world::system(),
                             {.username = username, .kind = "applicant", .display_name = "测试"});
        });
    };
    CHECK(add("  New.Person_1-x ").has_value());
    CHECK(w.person("NEW.person_1-X") != 0); // any case
    CHECK(add("new.person_1-x").error().detail == "login.taken");
    for (const char* bad : {"", "ab", "a b c", "陈志明", "a@b", "abcdefghijklmnopqrstuvwxyz0123456"}) {
        CAPTURE(bad);
        CHECK(add(bad).error().detail == "login.username");
    }
}

TEST_CASE("S2 staff: who may appoint whom, and to what") {
    account_world w;
    const auto made =
        w.write([](write_tx& tx) {
             return add_login(tx, account_world::system(),
                              {.username = "newstaff", .kind = "staff", .display_name = "新人"});
         }).value();
    const auto city = w.demo.city_institution, county = w.demo.county_institution;
    const auto appoint = [&](const actor& who, std::int64_t where, role_set roles,
                             std::string_view area = {}) {
        const auto r = w.write([&](write_tx& tx) { return add_staff(tx, who, made, where, roles, area); });
        return r ? std::string("fine") : std::string(name_of(r.error().code)) + " " + r.error().detail;
    };
    const actor admin = w.acting("admin"), head = w.acting("linxiaomin"), desk = w.acting("guopeng");
    const actor company = w.acting("chenzhiming"), other_head = w.acting("oujianwen");
    CHECK(appoint(desk, city, {role::front_desk}) == "not_allowed ");
    CHECK(appoint(company, city, {role::front_desk}) == "not_allowed ");
    CHECK(appoint(account_world::visitor(), city, {role::front_desk}) == "not_allowed ");
    CHECK(appoint(other_head, city, {role::front_desk}) == "not_allowed ");
    CHECK(appoint(head, city, {role::platform_admin}) == "invalid staff.roles");
    CHECK(appoint(head, 0, {role::platform_admin}) == "not_allowed ");
    CHECK(appoint(admin, city, {role::owner}) == "invalid staff.roles");
    CHECK(appoint(admin, city, {}) == "invalid staff.roles");
    CHECK(appoint(admin, 1, {role::front_desk}) == "not_found ");
    CHECK(appoint(admin, 0, {role::regulator}) == "invalid staff.region");
    CHECK(appoint(admin, 0, {role::regulator}, "440600") == "fine");
    CHECK(appoint(head, city, {role::front_desk}) == "not_found "); // somebody else's person
    CHECK(appoint(admin, county, {role::front_desk}) == "fine");
    CHECK(appoint(other_head, county, {role::front_desk, role::verifier}) == "fine");
    const auto found = w.read([&](read_view& v) { return find_staff(v, made); });
    REQUIRE(found);
    CHECK(found->institution_id == county);
    CHECK(role_names(found->roles) == "前台、检定员");
    CHECK(w.read([&](read_view& v) { return list_staff(v, other_head, county).size(); }) == 2);
}

TEST_CASE("S2 who administers whom") {
    account_world w;
    const auto may = [&](std::string_view who, std::string_view whom) {
        const actor a = w.acting(who);
        return w.read([&](read_view& v) { return may_administer(v, a, find_login(v, whom).value()); });
    };
    CHECK(may("admin", "chenzhiming"));
    CHECK(may("linxiaomin", "guopeng"));
    CHECK_FALSE(may("linxiaomin", "oujianwen"));
    CHECK_FALSE(may("linxiaomin", "admin"));
    CHECK_FALSE(may("guopeng", "hemin"));
    CHECK(may("guopeng", "guopeng"));
    CHECK(may("chenzhiming", "huanglihua"));
    CHECK_FALSE(may("huanglihua", "chenzhiming"));
    CHECK_FALSE(may("chenzhiming", "liangminyi"));
    CHECK_FALSE(may("wuhai", "zhouwei")); // of two companies: neither owner may lock them out of the other
    CHECK_FALSE(may("fengjianguo", "guopeng"));
}

TEST_CASE("the demonstration is loaded once, and never beside real companies") {
    account_world w;
    const auto again = [&] {
        return w.write([](write_tx& tx) { return add_demo_accounts(tx, "!"); }).error().detail;
    };
    CHECK(again() == "demo.loaded");
    auto r = good_registration();
    r.uscc = "914401000000000090";
    w.write([&](write_tx& tx) { return store::register_applicant(tx, account_world::visitor(), r); }).value();
    CHECK(again() == "demo.real_data");
    CHECK(w.demo.usernames.size() == 14);
    CHECK(w.demo.applicants.size() == 5);
}
