// core/account: registration as the wizard does it, papers, review, changes of company data.
#include "core/account/binding.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/registering.hpp"
#include "core/account/uscc.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "core/journal/setting.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace {

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;
using tests::account_world;

const std::string pdf = tests::pdf_of("...");
const std::string png = tests::png_of("....");

files::stored_file stored(std::int64_t size = 9) {
    return {"证照.pdf", "application/pdf", std::string(64, 'b'), size};
}

application good() {
    application a;
    a.user_type = "applicant";
    a.identity = "organisation";
    a.company = {.uscc = "914401000000000090",
                 .name = "佛山示例仪表有限公司",
                 .region_code = "440607",
                 .address = "示例路 9 号",
                 .contact_name = "钟秀兰",
                 .contact_phone = "139 0000 4321",
                 .legal_person = "钟国强"};
    a.person = {"Zhongxiulan", "钟秀兰", "139-0000-4321"};
    a.documents = {{"uscc_certificate", stored()}, {"letter_of_authority", stored()}};
    return a;
}

accepted_password password(std::string_view text = "correct horse") {
    return accept_password({password_policy::asvs, "someone", {}}, text, test_cost).value();
}

result<registered> enrol(account_world& w, const application& a) {
    return w.write(
        [&](write_tx& tx) { return register_company(tx, account_world::visitor(), a, password()); });
}

std::vector<std::string> fields_of(const error& e) {
    std::vector<std::string> all{e.field};
    for (const auto& more : e.also)
        all.push_back(more.field);
    return all;
}

template<class T>
std::string told(const result<T>& r) {
    return r ? std::string("fine") : std::string(name_of(r.error().code)) + " " + r.error().detail;
}

applicant company(account_world& w, std::int64_t id) {
    return w.read([&](read_view& v) { return find_applicant(v, id).value(); });
}

registration data_of(const applicant& a) {
    return {a.uscc, a.name, a.region_code, a.address, a.contact_name, a.contact_phone, a.legal_person};
}

std::vector<std::string> told_kinds(account_world& w) {
    std::vector<std::string> all;
    for (const auto& e : w.read([](read_view& v) { return outbox::list_pending(v, 100); }))
        all.push_back(e.kind);
    return all;
}

} // namespace

TEST_CASE("M2 the type comes first: 申请方, as 企业/单位, and nothing else") {
    CHECK(user_types[0].label == "申请方");
    CHECK(identities[0].label == "企业/单位");
    CHECK(told(check_user_type("applicant", "organisation")) == "fine");
    CHECK(told(check_user_type("institution", "organisation")) == "invalid register.user_type");
    CHECK(told(check_user_type("", "")) == "invalid register.user_type");
    CHECK(told(check_user_type("applicant", "person")) == "invalid register.identity");
    account_world w;
    auto a = good();
    a.identity = "person";
    CHECK(told(enrol(w, a)) == "invalid register.identity");
}

TEST_CASE("M3 R1 registration keeps company, owner and papers at once; the owner signs in and binds (W1)") {
    account_world w;
    const auto made = enrol(w, good()).value();
    const auto a = company(w, made.applicant_id);
    CHECK(a.status == "pending");
    CHECK(a.legal_person == "钟国强");
    const actor owner = w.acting("zhongxiulan");
    CHECK(owner.applicant_id == made.applicant_id);
    CHECK(owner.roles.has(role::owner));
    const auto papers = w.read([&](read_view& v) { return list_documents(v, owner, made.applicant_id); });
    REQUIRE(papers.size() == 2);
    CHECK(papers[0].uploaded_by == made.login_id);
    const auto attempt = w.read([&](read_view& v) {
                              return begin_attempt(v, "zhongxiulan", "applicant", "203.0.113.5", "");
                          }).value();
    CHECK(compare(attempt, "correct horse"));
    CHECK(told(w.write([&](write_tx& tx) {
              return bind_wechat(tx, owner, "openid-zhong", "union-zhong");
          })) == "fine");
    CHECK(
        w.count(R"sql(SELECT count(*) FROM login WHERE username = 'zhongxiulan' AND phone IS NOT NULL)sql") ==
        1);
}

TEST_CASE("M3 all fields that are wrong are told at once, and nothing is kept") {
    account_world w;
    const auto before = w.count(R"sql(SELECT count(*) FROM login)sql");
    auto a = good();
    a.company.uscc = "914401000000000091";
    a.company.name = "";
    a.person.username = "x";
    a.person.phone = "12";
    a.documents.pop_back();
    const auto refused = enrol(w, a);
    REQUIRE(refused.has_error());
    CHECK(fields_of(refused.error()) ==
          std::vector<std::string>{"uscc", "name", "username", "person_phone", "documents"});
    a = good();
    a.company.uscc = "91440300MA5EXAM142"; // of a company of the demonstration
    CHECK(told(enrol(w, a)) == "conflict applicant.taken");
    a = good();
    a.person.username = "ChenZhiMing";
    CHECK(told(enrol(w, a)) == "conflict login.taken");
    a = good();
    a.documents[0].kind = "secret";
    CHECK(told(enrol(w, a)) == "invalid document.kind");
    a = good();
    a.documents[0].file.size = files::most_bytes;
    CHECK(told(enrol(w, a)) == "invalid file.total");
    CHECK(w.count(R"sql(SELECT count(*) FROM login)sql") == before);
    CHECK(w.count(R"sql(SELECT count(*) FROM applicant_document)sql") == 0);
    CHECK(told(enrol(w, good())) == "fine");
}

TEST_CASE("M3 S9 papers: ending and content agree, kept under the hash of their content") {
    tests::temp_folder folder;
    const auto kept = files::receive_file(folder.path(), "授权书.PDF", pdf);
    REQUIRE(kept.has_value());
    CHECK(kept->media_type == "application/pdf");
    CHECK(kept->size == static_cast<std::int64_t>(pdf.size()));
    CHECK(files::read_bytes(folder.path(), kept->hash) == pdf);
    CHECK(files::receive_file(folder.path(), "again.pdf", pdf)->hash == kept->hash);
    CHECK(told(files::receive_file(folder.path(), "a.pdf", png)) == "invalid file.lie");
    CHECK(told(files::receive_file(folder.path(), "a.exe", pdf)) == "invalid file.kind");
    CHECK(told(files::receive_file(folder.path(), "a.png", "")) == "invalid file.empty");
    std::string big = pdf;
    big.resize(files::most_bytes + 1);
    CHECK(told(files::receive_file(folder.path(), "big.pdf", big)) == "invalid file.total");
}

TEST_CASE("S7 registrations from one address are limited") {
    account_world w;
    // Codes with a right check character, counted up by the sum of GB 32100-2015 itself.
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int made = 0;
    result<registered> last = error(errc::unavailable);
    for (int n = 100; made <= registrations_a_day; ++n) {
        auto a = good();
        for (const char c : alphabet)
            if (check_uscc("9144010000000" + std::to_string(n) + "0" + c))
                a.company.uscc = "9144010000000" + std::to_string(n) + "0" + c;
        a.person.username = "person" + std::to_string(n);
        last = enrol(w, a);
        ++made;
        if (!last) break;
    }
    CHECK(made == registrations_a_day + 1);
    CHECK(told(last) == "too_many register.too_many");
    w.time.advance(std::chrono::hours(24));
    CHECK(told(enrol(w, good())) == "fine");
}

TEST_CASE("M4 the letter of authority is prefilled with the company's name") {
    account_world w;
    const auto a = good();
    const auto before = w.read([&](read_view& v) { return letter_of(v, a.company, a.person); });
    CHECK(before.applicant_name == "佛山示例仪表有限公司");
    CHECK(before.legal_person == "钟国强");
    CHECK(before.person == "钟秀兰");
    CHECK(to_text(before.on) == "2026-11-24");
    const auto made = enrol(w, a).value();
    const actor owner = w.acting("zhongxiulan");
    const auto later = w.read([&](read_view& v) { return get_letter(v, owner, made.applicant_id); });
    CHECK(later->applicant_name == "佛山示例仪表有限公司");
    CHECK(later->uscc == "914401000000000090");
    const actor other = w.acting("chenzhiming");
    CHECK(told(w.read([&](read_view& v) { return get_letter(v, other, made.applicant_id); })) ==
          "not_found ");
}

TEST_CASE("M3 R2 R3 rejected with a reason, put right with data and papers, approved; the company is told") {
    account_world w;
    const auto id = enrol(w, good())->applicant_id;
    const actor owner = w.acting("zhongxiulan"), reviewer = w.acting("luoxiaoyan");
    REQUIRE(told(w.write([&](write_tx& tx) { return reject_applicant(tx, reviewer, id, "授权书未盖章"); })) ==
            "fine");
    CHECK(company(w, id).status_reason == "授权书未盖章");
    const auto papers = w.read([&](read_view& v) { return list_documents(v, owner, id); });
    REQUIRE(told(w.write([&](write_tx& tx) { return remove_document(tx, owner, papers[1].id); })) == "fine");
    auto data = data_of(company(w, id));
    data.name = "佛山示例仪表（集团）有限公司"; // still open: the owner may
    const auto resubmit = [&] {
        return told(w.write([&](write_tx& tx) { return resubmit_applicant(tx, owner, id, data); }));
    };
    CHECK(resubmit() == "invalid applicant.papers");
    CHECK(company(w, id).status == "rejected");
    REQUIRE(told(w.write([&](write_tx& tx) {
                return add_document(tx, owner, id, {"letter_of_authority", stored(10)});
            })) == "fine");
    // Refused data leave the company as it was, also in a transaction that is kept.
    auto wrong = data;
    wrong.uscc = "914401000000000091";
    const auto content = tests::content_of(w);
    CHECK_FALSE(tests::run_committing(w, [&](write_tx& tx) {
                    return resubmit_applicant(tx, owner, id, wrong);
                }).has_value());
    CHECK(tests::content_of(w) == content);
    CHECK(resubmit() == "fine");
    CHECK(company(w, id).name == "佛山示例仪表（集团）有限公司");
    CHECK(company(w, id).status_reason == "");
    REQUIRE(told(w.write([&](write_tx& tx) { return approve_applicant(tx, reviewer, id); })) == "fine");
    CHECK(told_kinds(w) == std::vector<std::string>{"applicant_registered", "applicant_rejected",
                                                    "applicant_registered", "applicant_approved"});
    const auto events = w.read([](read_view& v) { return outbox::list_pending(v, 10); });
    CHECK(events[1].facts.text("reason") == "授权书未盖章");
    CHECK(events[1].facts.text("status") == "未通过");
    CHECK(events[3].facts.text("status") == "已通过");
    CHECK(events[3].applicant_id == id);
}

TEST_CASE("S1 the reviewers' list: by area, longest waiting first, for those whose work it is") {
    account_world w;
    const auto id = enrol(w, good())->applicant_id;
    const auto seen = [&](std::string_view who, std::string status = "pending") {
        const actor a = w.acting(who);
        return w.read([&](read_view& v) { return list_applicants(v, a, {.status = status}, {}, 50).size(); });
    };
    CHECK(seen("admin") == 2);
    CHECK(seen("luoxiaoyan") == 1); // 佛山
    CHECK(seen("linxiaomin") == 1);
    CHECK(seen("fengjianguo") == 1); // the regulator of 佛山
    CHECK(seen("oujianwen") == 0);   // 顺德 only
    CHECK(seen("oujianwen", "active") == 1);
    CHECK(seen("guopeng") == 0);
    CHECK(seen("chenzhiming") == 0);
    const auto count = [&](std::string_view who) {
        const actor a = w.acting(who);
        return w.read([&](read_view& v) { return count_pending_applicants(v, a); });
    };
    CHECK(count("luoxiaoyan") == 1);
    CHECK(count("admin") == 2);
    CHECK(count("guopeng") == 0);
    CHECK(count("fengjianguo") == 0); // nothing for him to do
    const auto find = [&](std::string text) {
        return w.read([&](read_view& v) {
            return list_applicants(v, account_world::system(), {.text = text}, {}, 50).size();
        });
    };
    CHECK(find("示例仪表") == 1);
    CHECK(find("914401000000000090") == 1);
    CHECK(find("%") == 0);
    const auto phone = [&](std::string_view who) {
        const actor a = w.acting(who);
        const auto r = w.read([&](read_view& v) { return get_applicant(v, a, id); });
        return r ? r->contact_phone : std::string(name_of(r.error().code));
    };
    CHECK(phone("zhongxiulan") == "13900004321");
    CHECK(phone("luoxiaoyan") == "13900004321");
    CHECK(phone("guopeng") == "139****4321");
    CHECK(phone("fengjianguo") == "139****4321");
    CHECK(phone("oujianwen") == "not_found");
    CHECK(phone("chenzhiming") == "not_found");
}

TEST_CASE("S1 papers: who sees them, who changes them, in every state") {
    account_world w;
    const auto id = enrol(w, good())->applicant_id;
    const auto papers = w.read([&](read_view& v) { return list_documents(v, account_world::system(), id); });
    for (const auto& [who, sees] :
         {std::pair("zhongxiulan", true), std::pair("luoxiaoyan", true), std::pair("admin", true),
          std::pair("fengjianguo", true), std::pair("guopeng", false), std::pair("oujianwen", false),
          std::pair("chenzhiming", false)}) {
        CAPTURE(who);
        const actor a = w.acting(who);
        CHECK(w.read([&](read_view& v) { return list_documents(v, a, id).size(); }) == (sees ? 2 : 0));
        CHECK(w.read([&](read_view& v) { return get_document(v, a, papers[0].id).has_value(); }) == sees);
    }
    const auto add = [&](std::string_view who, std::string_view status, std::string_view kind) {
        const actor a = w.acting(who, who == "zhongxiulan" ? id : 0);
        const auto r = w.write([&](write_tx& tx) -> result<> {
            tx.exec(R"sql(UPDATE applicant SET status = $1 WHERE id = $2)sql", status, id);
            const auto done = add_document(tx, a, id, {std::string(kind), stored()});
            return done ? error(errc::unavailable, "fine") : done.error();
        });
        return r.error().code == errc::unavailable ? "fine" : told(r);
    };
    for (const char* status : {"pending", "rejected"}) {
        CHECK(add("zhongxiulan", status, "uscc_certificate") == "fine");
        CHECK(add("zhongxiulan", status, "other") == "fine");
    }
    CHECK(add("zhongxiulan", "active", "uscc_certificate") == "not_allowed document.closed");
    CHECK(add("zhongxiulan", "active", "other") == "fine");
    CHECK(add("zhongxiulan", "active", "secret") == "not_allowed document.closed");
    CHECK(add("luoxiaoyan", "active", "uscc_certificate") == "fine");
    CHECK(add("luoxiaoyan", "active", "secret") == "invalid document.kind");
    CHECK(add("guopeng", "pending", "other") == "not_allowed ");
    CHECK(add("fengjianguo", "pending", "other") == "not_allowed ");
    CHECK(add("oujianwen", "pending", "other") == "not_found ");
    CHECK(add("chenzhiming", "pending", "other") == "not_found ");
}

TEST_CASE("M3 company data: who changes what in which state, with history") {
    account_world w;
    const auto id = w.demo.applicants[0]; // active
    const actor owner = w.acting("chenzhiming"), operator_ = w.acting("huanglihua"),
                reviewer = w.acting("luoxiaoyan");
    const auto edit = [&](const actor& who, auto change, std::string_view reason = "",
                          std::int64_t version_off = 0) {
        const auto now = company(w, id);
        auto data = data_of(now);
        change(data);
        return told(w.write([&](write_tx& tx) {
            return edit_applicant(tx, who, id, now.version + version_off, data, reason);
        }));
    };
    const auto address = [](registration& r) { r.address = "示例路 100 号"; };
    const auto phone = [](registration& r) { r.contact_phone = "13700001111"; };
    const auto name = [](registration& r) { r.name = "佛山示例制造（集团）有限公司"; };
    const auto code = [](registration& r) { r.uscc = "914401000000000090"; };
    const auto taken = [](registration& r) { r.uscc = "91442000000000019L"; };
    CHECK(edit(owner, address) == "fine");
    CHECK(edit(owner, phone) == "fine");
    CHECK(edit(owner, address, "", -1) == "stale_state applicant.edited");
    CHECK(edit(operator_, address) == "not_allowed ");
    CHECK(edit(w.acting("liangminyi"), address) == "not_found ");
    CHECK(edit(w.acting("fengjianguo"), address) == "not_allowed ");
    CHECK(edit(w.acting("guopeng"), address) == "not_allowed ");
    CHECK(edit(owner, name) == "not_allowed applicant.identity");
    CHECK(edit(owner, code) == "not_allowed applicant.identity");
    CHECK(edit(reviewer, name) == "invalid applicant.reason");
    CHECK(edit(reviewer, name, "更名，已核对新证照") == "fine");
    CHECK(edit(w.acting("admin"), code, "换证") == "fine");
    CHECK(edit(w.acting("admin"), taken, "换证") == "conflict applicant.taken");
    const auto history = w.read([&](read_view& v) { return list_applicant_history(v, owner, id); }).value();
    const auto last = history.back();
    CHECK(last.verb == "edit");
    CHECK(last.before.text("uscc") == "91440606MA5EXAM65G");
    CHECK(last.after.text("uscc") == "914401000000000090");
    CHECK(last.note == "换证");
    const auto with_phone = std::find_if(history.begin(), history.end(), [](const auto& e) {
        return e.after.find("contact_phone") != nullptr;
    });
    REQUIRE(with_phone != history.end());
    CHECK(with_phone->after.text("contact_phone") == "137****1111"); // the journal is not sealed
    CHECK(told(w.read([&](read_view& v) { return list_applicant_history(v, w.acting("liangminyi"), id); })) ==
          "not_found ");
}

TEST_CASE("S7 policies are settings: companies asvs, staff dengbao; earlier passwords and age of dengbao") {
    account_world w;
    const auto rules = [&](std::string_view name) {
        return w.read([&](read_view& v) { return rules_of(v, find_login(v, name).value()); });
    };
    CHECK(rules("chenzhiming").policy == password_policy::asvs);
    CHECK(rules("chenzhiming").earlier.empty());
    CHECK(rules("guopeng").policy == password_policy::dengbao);
    const auto change = [&](std::string_view name, std::string_view text) {
        const auto fresh = accept_password(rules(name), text, test_cost);
        if (!fresh) return told(fresh);
        w.time.advance(std::chrono::minutes(1));
        return told(w.write([&](write_tx& tx) { return change_password(tx, w.acting(name), *fresh); }));
    };
    CHECK(change("guopeng", "demo-2026") == "invalid password.again"); // the present one
    for (const char* next : {"Guangdong-1", "Guangdong-2", "Guangdong-3", "Guangdong-4"})
        CHECK(change("guopeng", next) == "fine");
    CHECK(change("guopeng", "demo-2026") == "invalid password.again"); // the fifth from the end
    CHECK(change("guopeng", "Guangdong-5") == "fine");
    CHECK(change("guopeng", "demo-2026") == "fine");
    CHECK(change("chenzhiming", "onlyletters") == "fine");
    CHECK(change("chenzhiming", "onlyletters") == "fine"); // asvs doesn't mind
    CHECK(
        w.count(
            R"sql(SELECT count(*) FROM password_history WHERE login_id = (SELECT id FROM login WHERE username = 'guopeng'))sql") ==
        5);
    w.write([](write_tx& tx) {
         return setting::change_setting(tx, account_world::system(), "password.companies", "dengbao");
     }).value();
    CHECK(change("chenzhiming", "onlyletters") == "invalid password.kinds");
    CHECK(told(w.write([&](write_tx& tx) {
              return setting::change_setting(tx, w.acting("linxiaomin"), "password.staff", "asvs");
          })) == "not_allowed ");
    const auto sign_in = [&](std::string_view name) {
        const auto a =
            w.read([&](read_view& v) { return begin_attempt(v, name, "staff", "203.0.113.5", ""); }).value();
        CHECK(w.write([&](write_tx& tx) -> result<settled> { return settle(tx, a, true); })->good);
        return w.read([&](read_view& v) { return find_login(v, name)->must_change; });
    };
    w.time.advance(std::chrono::days(90) - std::chrono::minutes(5));
    CHECK_FALSE(sign_in("guopeng"));
    w.time.advance(std::chrono::minutes(10));
    CHECK(sign_in("guopeng"));
    CHECK(sign_in("hemin"));
    const std::string temporary = make_temporary_password();
    CHECK(temporary.size() == 14);
    CHECK(temporary != make_temporary_password());
}
