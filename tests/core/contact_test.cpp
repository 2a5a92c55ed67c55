// E-mail addresses of people: what is one, how it is proved, who can be reached by it.
#include "core/account/contact.hpp"
#include "core/account/member.hpp"
#include "core/privacy/privacy.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using namespace core;
using namespace core::account;
using namespace std::chrono_literals;
using db::write_tx;
using tests::account_world;

email_code begin(account_world& w, std::string_view name, std::string_view address) {
    const auto who = w.acting(name);
    return w.write([&](write_tx& tx) { return begin_email(tx, who, address); }).value();
}
email_outcome verify(account_world& w, std::string_view name, std::string_view code) {
    const auto who = w.acting(name);
    return w.write([&](write_tx& tx) -> result<email_outcome> { return verify_email(tx, who, code); })
        .value();
}
own_email own(account_world& w, std::string_view name) {
    const auto who = w.acting(name);
    return w.read([&](db::read_view& v) { return find_own_email(v, who); });
}

} // namespace

TEST_CASE("S8 what is an e-mail address: a table, and the names of domains") {
    for (const char* good :
         {"a@example.com", "chen.zm+qj@mail.example.com.cn", "x_y-z@a-b.cn", "o'neil@example.org"})
        CHECK_MESSAGE(is_email(good), good);
    for (const char* bad : {"",
                            "a",
                            "@example.com",
                            "a@",
                            "a@b",
                            "a@.com",
                            "a@com.",
                            "a@-x.com",
                            "a@x-.com",
                            "a b@example.com",
                            "a@exa mple.com",
                            ".a@example.com",
                            "a.@example.com",
                            "a..b@example.com",
                            "a@example..com",
                            "a\r\n@example.com",
                            "a@example.com\n",
                            "a@b@example.com",
                            "\"a b\"@example.com",
                            "a@[1.2.3.4]",
                            "陈@example.com",
                            "a@例子.com",
                            "a,b@example.com",
                            "a@example.com,b@example.com",
                            "<a@example.com>"})
        CHECK_MESSAGE(!is_email(bad), bad);
    CHECK(is_email(std::string(64, 'a') + "@example.com"));
    CHECK_FALSE(is_email(std::string(65, 'a') + "@example.com"));
    CHECK_FALSE(is_email("a@" + std::string(64, 'b') + ".com"));
    CHECK(mask_email("chen@example.com") == "c***@example.com");
}

TEST_CASE("S4 an address counts when its code was typed: 30 minutes, five tries, five codes an hour") {
    account_world w;
    const auto sent = begin(w, "chenzhiming", " Chen@Example.COM ");
    CHECK(sent.address == "Chen@example.com");
    CHECK(sent.code.size() == 6);
    CHECK(own(w, "chenzhiming").address == "");
    CHECK(own(w, "chenzhiming").waiting == "Chen@example.com");
    CHECK(own(w, "huanglihua").waiting == "");
    CHECK(verify(w, "huanglihua", sent.code) == email_outcome::over); // a code is its person's
    SUBCASE("right") {
        CHECK(verify(w, "chenzhiming", " " + sent.code) == email_outcome::verified);
        CHECK(own(w, "chenzhiming").address == "Chen@example.com");
        CHECK(own(w, "chenzhiming").waiting == "");
        CHECK(verify(w, "chenzhiming", sent.code) == email_outcome::over); // once
        CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'change_email'") == 1);
        // another one does not count before it is proved
        begin(w, "chenzhiming", "new@example.com");
        CHECK(own(w, "chenzhiming").address == "Chen@example.com");
        const auto who = w.acting("chenzhiming");
        w.write([&](write_tx& tx) { return remove_email(tx, who); }).value();
        CHECK(own(w, "chenzhiming").address == "");
        CHECK(own(w, "chenzhiming").waiting == "");
        w.write([&](write_tx& tx) { return remove_email(tx, who); }).value();
        CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'remove_email'") == 1);
    }
    SUBCASE("wrong five times") {
        const std::string wrong = sent.code == "000000" ? "000001" : "000000";
        for (int n = 0; n < 4; ++n)
            CHECK(verify(w, "chenzhiming", wrong) == email_outcome::wrong);
        CHECK(verify(w, "chenzhiming", wrong) == email_outcome::over);
        CHECK(verify(w, "chenzhiming", sent.code) == email_outcome::over);
    }
    SUBCASE("too late") {
        w.time.advance(30min);
        CHECK(verify(w, "chenzhiming", sent.code) == email_outcome::over);
        CHECK(own(w, "chenzhiming").waiting == "");
    }
    SUBCASE("too often") {
        for (int n = 0; n < 4; ++n)
            begin(w, "chenzhiming", "chen@example.com");
        const auto who = w.acting("chenzhiming");
        const auto sixth = [&] {
            return w.write([&](write_tx& tx) { return begin_email(tx, who, "chen@example.com"); });
        };
        CHECK(sixth().error().detail == "email.too_often");
        w.time.advance(1h);
        CHECK(sixth().has_value());
    }
    const auto who = w.acting("chenzhiming");
    CHECK(w.write([&](write_tx& tx) { return begin_email(tx, who, "nonsense"); }).error().detail ==
          "email.address");
    CHECK(w.write([&](write_tx& tx) { return begin_email(tx, actor{}, "a@example.com"); }).error().code ==
          errc::not_allowed);
}

TEST_CASE("S12 N5 an address is sealed, found for people who still belong, handed out and erased with them") {
    account_world w;
    CHECK(verify(w, "chenzhiming", begin(w, "chenzhiming", "planted@example.com").code) ==
          email_outcome::verified);
    CHECK(verify(w, "linxiaomin", begin(w, "linxiaomin", "staff@example.com").code) ==
          email_outcome::verified);
    CHECK(w.count("SELECT count(*) FROM email WHERE CAST(sealed AS TEXT) LIKE '%planted%'") == 0);
    const auto company = w.demo.applicants[0];
    const auto chen = w.person("chenzhiming");
    w.write([&](write_tx& tx) -> result<> {
         const std::string sealed = tx.vault().seal("13800001234");
         tx.exec("UPDATE login SET phone = $1 WHERE id = $2", db::blob_view{sealed}, chen);
         return {};
     }).value();
    const auto institution = w.acting("linxiaomin").institution_id;
    const auto reach = [&](contact how) {
        return w.read([&](db::read_view& v) { return list_reachable(v, company, how); });
    };
    REQUIRE(reach(contact::email).size() == 1);
    CHECK(reach(contact::email)[0].login_id == chen);
    CHECK(reach(contact::email)[0].tag != "");
    CHECK(reach(contact::any).size() == 2);
    CHECK(reach(contact::phone).size() == 1);
    const auto of_staff = w.read([&](db::read_view& v) {
        return list_reachable_staff(v, institution, {role::scheduler}, contact::email);
    });
    CHECK(of_staff.size() == 1);
    CHECK(w.read([&](db::read_view& v) {
               return list_reachable_staff(v, institution, {role::platform_admin}, contact::email);
           }).empty());
    const auto find = [&](std::int64_t applicant, std::int64_t inst, contact how) {
        return w.read([&](db::read_view& v) { return find_contact(v, chen, applicant, inst, {}, how); });
    };
    const auto of_scheduler = [&](role_set roles) {
        return w.read([&](db::read_view& v) {
            return find_contact(v, w.person("linxiaomin"), 0, institution, roles, contact::any);
        });
    };
    CHECK(of_scheduler({role::scheduler, role::front_desk}).has_value());
    CHECK_FALSE(of_scheduler({role::platform_admin}).has_value()); // lost the role that is told
    CHECK(find(company, 0, contact::email) == "planted@example.com");
    CHECK(find(company, 0, contact::phone) == "13800001234");
    CHECK_FALSE(find(w.demo.applicants[1], institution, contact::email).has_value()); // not their company
    const auto admin = w.acting("admin");
    const auto data = w.read([&](db::read_view& v) { return privacy::export_person(v, admin, chen); });
    CHECK(data->text("email") == "planted@example.com");
    CHECK(w.write([&](write_tx& tx) {
               return privacy::erase_person(tx, admin, w.person("linxiaomin"), "离职");
           }).has_value());
    CHECK(w.count("SELECT count(*) FROM email") == 1);
}
