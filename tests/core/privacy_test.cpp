// S15: what is held about a person or a company is handed out, and erased as far as the law lets. Planted
// values that nothing else has are looked for in every column of every table.
#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/account/document.hpp"
#include "core/account/invitation.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/session.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "core/privacy/privacy.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

namespace {

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

constexpr std::string_view name = "甄不同";
constexpr std::string_view username = "zhenbutong";
constexpr std::string_view phone = "13911112222";
constexpr std::string_view openid = "oPlanted_Open-Id_000000000001";
constexpr std::string_view unionid = "oPlantedUnionId0000000000002";
constexpr std::string_view legal_person = "法定某某人";

// Tables in which a text stands in any column; sealed ones are opened.
std::set<std::string> tables_with(order_world& w, std::string_view text) {
    return w.read([&](read_view& v) {
        std::set<std::string> found;
        std::vector<std::pair<std::string, std::string>> columns;
        for (const auto r :
             v.query("SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c "
                     "WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"))
            columns.emplace_back(r.text(0), r.text(1));
        for (const auto& [table, column] : columns)
            for (const auto r : v.query("SELECT CAST(\"" + column + "\" AS BLOB) FROM \"" + table +
                                        "\" WHERE \"" + column + "\" IS NOT NULL")) {
                const std::string raw = r.blob(0);
                const std::string open = column.ends_with("phone") ? v.vault().open(raw).value_or("") : raw;
                if (open.find(text) != std::string::npos) found.insert(table);
            }
        return found;
    });
}

class office : public order_world {
  public:
    office() {
        person = write([&](write_tx& tx) {
                     return account::add_login(tx, platform,
                                               {std::string(username), "applicant", std::string(name), "!",
                                                false, std::string(phone)});
                 }).value();
        do_now([&](write_tx& tx) {
            return account::add_member(tx, platform, person, company.applicant_id,
                                       {role::owner, role::operator_});
        });
        who = company;
        who.login_id = person;
        who.name = name;
        who.roles = {role::owner, role::operator_};
        binding = write([&](write_tx& tx) { return account::bind_wechat(tx, who, openid, unionid); }).value();
        do_now([&](write_tx& tx) -> result<> {
            account::record_follow(tx, openid, "scan", tx.now());
            account::begin_session(
                tx, {person, company.applicant_id, "wechat", std::string(openid), "203.0.113.9"});
            account::count_failure(tx, "query:" + std::string(openid), 5, std::chrono::minutes(15));
            account::begin_oauth(tx, account::oauth_purpose::account, "browser", "/me", 0);
            return account::mute_notifications(tx, who, true);
        });
    }
    // An order with the person as contact, in this state.
    std::int64_t order_of(order_status s) {
        auto b = wish(filed(company, 1), wednesday);
        b.contact_name = name;
        b.contact_phone = phone;
        const auto id = write([&](write_tx& tx) { return appointment::book_order(tx, who, b); }).value();
        if (s == order_status::cancelled)
            do_now([&](write_tx& tx) { return appointment::cancel_order(tx, who, id, ""); });
        return id;
    }
    std::string erase(const actor& by, std::int64_t login, std::string_view reason = "本人申请") {
        return refusal([&](write_tx& tx) { return privacy::erase_person(tx, by, login, reason); });
    }

    std::int64_t person = 0, binding = 0;
    actor who;
};

} // namespace

TEST_CASE("S15 a person is handed everything that is held about them, and nobody else is") {
    office w;
    const auto get = [&](const actor& by, std::int64_t login) {
        return w.read([&](read_view& v) { return privacy::export_person(v, by, login); });
    };
    for (const auto& by : {w.who, w.platform, order_world::system()}) {
        const auto all = get(by, w.person).value();
        CHECK(all.text("username") == username);
        CHECK(all.text("name") == name);
        CHECK(all.text("phone") == phone);
        CHECK(all.find("companies")->as_list()->size() == 1);
        CHECK(all.find("bindings")->as_list()->at(0).text("openid") == openid);
        CHECK(all.find("bindings")->as_list()->at(0).text("unbound_at").empty());
        CHECK(all.find("sessions")->as_list()->at(0).text("source") == "203.0.113.9");
        CHECK(all.find("acts")->as_list()->front().text("verb") == "mute_notifications");
        CHECK(parse_json(to_json(all)));
    }
    const auto staff = get(w.verifier, w.verifier.login_id).value();
    CHECK(staff.text("works_at") == "佛山市质量计量监督检测中心");
    for (const auto& by :
         {w.company, w.colleague, w.other_company, w.admin, w.regulator, order_world::visitor()})
        CHECK(get(by, w.person).error().code == errc::not_found);
    CHECK(get(w.platform, 7).error().code == errc::not_found);
    w.do_now([&](write_tx& tx) -> result<> {
        privacy::record_export(tx, w.platform, "login", w.person);
        return {};
    });
    CHECK(w.read([&](read_view& v) { return audit::list_for(v, "login", w.person); }).back().verb == "view");
}

TEST_CASE("S15 a person is erased: of the planted values only the journal and the certificates know") {
    office w;
    const auto over = w.order_of(order_status::cancelled);
    const auto open = w.order_of(order_status::pending);
    for (const auto& planted : {name, username, phone, openid, unionid})
        REQUIRE_FALSE(tables_with(w, planted).empty()); // the search finds
    CHECK(w.erase(w.company, w.person) == "not_found");
    CHECK(w.erase(w.admin, w.person) == "not_found");
    CHECK(w.erase(w.who, w.person, "") == "privacy.reason");
    const auto session = w.sign_in("huanglihua");
    CHECK(w.erase(w.who, w.person).empty());
    CHECK(w.erase(w.platform, w.person) == "privacy.erased");
    // The open order keeps its contact: somebody is to be called about it.
    CHECK(w.order(open).contact_phone == phone);
    CHECK(w.order(over).contact_name.empty());
    CHECK(w.order(over).contact_phone.empty());
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.company, open, ""); });
    w.time.advance(std::chrono::hours(24 * 731));
    w.do_now([&](write_tx& tx) -> result<> {
        privacy::forget_some(tx, 100);
        account::purge_oauth(tx);
        return {};
    });
    const std::set<std::string> journal = {"audit", "outbox"}; // append-only: who did what is kept
    for (const auto& planted : {name, username, phone, openid, unionid})
        for (const auto& table : tables_with(w, planted)) {
            CAPTURE(planted);
            CHECK_MESSAGE(journal.contains(table), table);
        }
    for (const auto& secret : {phone, openid, unionid})
        CHECK(tables_with(w, secret).empty()); // never in the journal either
    const auto login = w.read([&](read_view& v) { return account::get_login(v, w.person); }).value();
    CHECK(login.status == "disabled");
    CHECK(login.display_name == "已注销");
    CHECK(w.read([&](read_view& v) { return account::list_by_openid(v, openid).size(); }) == 0);
    CHECK_FALSE(w.read([&](read_view& v) { return account::is_open(v, w.binding); }));
    CHECK_FALSE(w.read([&](read_view& v) { return audit::find_broken(v); }));
    CHECK(w.read([&](read_view& v) { return audit::list_for(v, "login", w.person); }).back().verb == "erase");
    CHECK(w.broken_invariant() == "");
    // Others are as they were, and the name may be taken by somebody new.
    CHECK(w.read([&](read_view& v) { return account::find_login(v, "huanglihua").value().status; }) ==
          "active");
    CHECK(w.write([&](write_tx& tx) {
               return account::add_login(tx, w.platform,
                                         {std::string(username), "applicant", "新人", "!", false, ""});
           }).has_value());
}

TEST_CASE("S15 the last owner of a working company and the last administrator are not erased") {
    office w;
    CHECK(w.erase(w.who, w.person).empty());
    CHECK(w.erase(w.company, w.company.login_id) == "privacy.last_owner");
    CHECK(w.erase(w.platform, w.platform.login_id) == "privacy.last_admin");
    CHECK(w.erase(w.platform, w.verifier.login_id).empty()); // who left an institution
    CHECK(w.read([&](read_view& v) { return account::find_staff(v, w.verifier.login_id).has_value(); }) ==
          false);
    w.do_now([&](write_tx& tx) {
        return account::suspend_applicant(tx, w.platform, w.company.applicant_id, "已注销");
    });
    CHECK(w.erase(w.platform, w.company.login_id).empty());
}

TEST_CASE("S15 a company is handed its data as one document") {
    office w;
    const auto done = w.in_state(order_status::completed, 2);
    for (int n = 0; n < 105; ++n) // more than a page
        w.filed(w.company);
    const auto get = [&](const actor& by) {
        std::ostringstream out;
        const auto r =
            w.read([&](read_view& v) { return privacy::export_company(v, by, w.company.applicant_id, out); });
        return r ? out.str() : std::string(name_of(r.error().code));
    };
    const auto all = parse_json(get(w.company));
    REQUIRE(all);
    CHECK(all->find("company")->text("contact_phone").size() == 11);
    CHECK(all->find("people")->as_list()->size() == 3);
    CHECK(all->find("instruments")->as_list()->size() == 107);
    const auto& one = all->find("instruments")->as_list()->front();
    CHECK_FALSE(one.text("serial_no").empty());
    CHECK_FALSE(one.find("steps")->as_list()->empty());
    const auto& orders = *all->find("orders")->as_list();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].text("number") == w.order(done).number);
    CHECK(orders[0].find("lines")->as_list()->size() == 2);
    CHECK_FALSE(orders[0].find("lines")->as_list()->front().text("certificate_no").empty());
    CHECK(get(w.platform) == get(w.company));
    for (const auto& by : {w.colleague, w.other_company, w.admin, w.regulator, order_world::visitor()})
        CHECK(get(by) == "not_found");
}

TEST_CASE("S15 a company that left is erased: no contact, papers or people; its records stay") {
    office w;
    const auto company = w.company.applicant_id;
    const auto done = w.in_state(order_status::completed);
    const auto open = w.order_of(order_status::pending);
    w.do_now([&](write_tx& tx) -> result<> {
        tx.exec("UPDATE applicant SET legal_person = $1 WHERE id = $2", legal_person, company);
        const files::stored_file paper{"授权书-甄不同.pdf", "application/pdf", std::string(64, 'a'), 9};
        if (auto made = account::add_document(tx, w.company, company, {"other", paper}); !made)
            return made.error();
        return {};
    });
    const auto other = // a person of another company too stays one
        w.write([&](write_tx& tx) -> result<std::int64_t> {
             const auto id = account::find_login(tx, "liangminyi").value().id;
             if (auto in = account::add_member(tx, w.platform, id, company, {role::operator_}); !in)
                 return in.error();
             return id;
         }).value();
    const auto contact =
        w.read([&](read_view& v) { return account::find_applicant(v, company); })->contact_name;
    const auto erase = [&](const actor& by) {
        return w.refusal([&](write_tx& tx) { return privacy::erase_company(tx, by, company, "单位已注销"); });
    };
    CHECK(erase(w.other_company) == "not_found");
    CHECK(erase(w.admin) == "not_found");
    CHECK(erase(w.company) == "not_allowed");
    CHECK(erase(w.platform) == "privacy.working");
    w.do_now([&](write_tx& tx) { return account::suspend_applicant(tx, w.platform, company, "已注销"); });
    CHECK(erase(w.platform) == "privacy.open_orders");
    w.do_now([&](write_tx& tx) { return appointment::reject_order(tx, w.scheduler, open, "已注销"); });
    const auto instruments = w.count("SELECT count(*) FROM instrument");
    const auto results = w.count("SELECT count(*) FROM verification_result");
    CHECK(erase(w.platform).empty());
    CHECK(w.count("SELECT count(*) FROM instrument") == instruments);
    CHECK(w.count("SELECT count(*) FROM verification_result") == results);
    CHECK(w.order(done).status == order_status::completed);
    const auto left = w.read([&](read_view& v) { return account::find_applicant(v, company); }).value();
    CHECK(left.name == w.order(done).applicant_name); // a public register has it too
    CHECK(left.contact_phone.empty());
    CHECK(w.read([&](read_view& v) { return account::list_documents(v, w.platform, company).size(); }) == 0);
    const std::set<std::string> journal = {"audit", "outbox"};
    for (const auto& planted :
         {name, username, phone, openid, unionid, legal_person, std::string_view(contact)})
        for (const auto& table : tables_with(w, planted)) {
            CAPTURE(planted);
            CHECK_MESSAGE(journal.contains(table), table);
        }
    CHECK(w.read([&](read_view& v) { return account::get_login(v, other); })->status == "active");
    CHECK(w.read([&](read_view& v) { return account::list_companies(v, other).size(); }) == 1);
}

TEST_CASE("S15 W4 after unbinding the WeChat id is forgotten in its time, an order's contact in its own") {
    office w;
    const auto over = w.order_of(order_status::cancelled);
    w.do_now([&](write_tx& tx) -> result<> {
        account::record_unfollow(tx, openid, tx.now()); // W4: also unbinds
        return {};
    });
    const auto forget = [&] {
        return w.write([&](write_tx& tx) -> result<int> { return privacy::forget_some(tx, 100); }).value();
    };
    CHECK(forget() == 0);
    w.time.advance(std::chrono::hours(24 * 29));
    CHECK(forget() == 0);
    CHECK_FALSE(tables_with(w, openid).empty());
    w.time.advance(std::chrono::hours(24 * 2));
    CHECK(forget() > 0);
    CHECK(tables_with(w, openid).empty()); // what was signed in through it ended with the binding
    CHECK(tables_with(w, unionid).empty());
    CHECK(forget() == 0);
    CHECK(w.order(over).contact_name == name);
    w.time.advance(std::chrono::hours(24 * 699));
    CHECK(forget() == 0);
    w.time.advance(std::chrono::hours(24 * 2));
    CHECK(forget() == 1);
    CHECK(w.order(over).contact_name.empty());
    // The days are settings; a binding that holds is never touched.
    w.do_now([&](write_tx& tx) -> result<> {
        auto again = account::bind_wechat(tx, w.who, "oAnother", "");
        if (!again) return again.error();
        return setting::change_setting(tx, w.platform, "privacy.unbound_days", "1");
    });
    w.time.advance(std::chrono::hours(24 * 400));
    CHECK(forget() == 0);
    CHECK(w.read([&](read_view& v) { return account::list_by_openid(v, "oAnother").size(); }) == 1);
}

TEST_CASE("N1 S15 a fault at any statement of erasing leaves the person whole") {
    office w;
    w.order_of(order_status::cancelled);
    CHECK(tests::for_every_fault(
              w, [&](write_tx& tx) { return privacy::erase_person(tx, w.who, w.person, "本人申请"); }) > 25);
    w.do_now([&](write_tx& tx) {
        return account::suspend_applicant(tx, w.platform, w.company.applicant_id, "已注销");
    });
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) {
              return privacy::erase_company(tx, w.platform, w.company.applicant_id, "单位已注销");
          }) > 30);
}
