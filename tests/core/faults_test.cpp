// N1 for the verbs of every slice that has no such test of its own: the k-th statement fails, for every k;
// before the run that gets through, nothing has changed, no journal row, no event.
#include "core/account/applicant.hpp"
#include "core/account/invitation.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/registering.hpp"
#include "core/account/session.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/certificate.hpp"
#include "core/appointment/rule.hpp"
#include "core/base/ids.hpp"
#include "core/catalogue/capability.hpp"
#include "core/catalogue/import.hpp"
#include "core/catalogue/version.hpp"
#include "core/due/booking.hpp"
#include "core/instrument/attachment.hpp"
#include "core/instrument/listing.hpp"
#include "core/journal/setting.hpp"
#include "core/reminder/reminder.hpp"
#include "core/workbook/import.hpp"
#include "tests/support/instrument_sheet.hpp"
#include "tests/support/world_instruments.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

namespace {

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

// As for_every_fault, of a verb that gives something.
template<class F>
int faults(tests::world& w, F verb) {
    return tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
        const auto done = verb(tx);
        if (!done) return done.error();
        return {};
    });
}

account::accepted_password password() {
    return account::accept_password({account::password_policy::asvs, "someone", {}}, "correct horse",
                                    account::test_cost)
        .value();
}

account::application application() {
    account::application a;
    a.user_type = "applicant";
    a.identity = "organisation";
    a.company = {.uscc = "914401000000000090",
                 .name = "佛山示例仪表有限公司",
                 .region_code = "440607",
                 .address = "示例路 9 号",
                 .contact_name = "钟秀兰",
                 .contact_phone = "13900004321",
                 .legal_person = "钟国强"};
    a.person = {"zhongxiulan", "钟秀兰", "13900004321"};
    const files::stored_file paper{"证照.pdf", "application/pdf", std::string(64, 'b'), 9};
    a.documents = {{"uscc_certificate", paper}, {"letter_of_authority", paper}};
    return a;
}

} // namespace

TEST_CASE(
    "N1 a fault at any statement of registering, reviewing and changing a company leaves nothing behind") {
    order_world w;
    const auto a = application();
    const auto accepted = password();
    account::registered made;
    CHECK(faults(w, [&](write_tx& tx) -> result<account::registered> {
              auto r = account::register_company(tx, order_world::visitor(), a, accepted);
              if (r) made = *r;
              return r;
          }) > 10);
    const auto id = made.applicant_id;
    actor owner = w.company;
    owner.login_id = made.login_id;
    owner.applicant_id = id;
    CHECK(faults(w, [&](write_tx& tx) { return account::reject_applicant(tx, w.platform, id, "不清晰"); }) >
          4);
    CHECK(faults(w, [&](write_tx& tx) { return account::resubmit_applicant(tx, owner, id, a.company); }) > 4);
    CHECK(faults(w, [&](write_tx& tx) { return account::approve_applicant(tx, w.platform, id); }) > 4);
    auto changed = a.company;
    changed.contact_phone = "13900004322";
    const auto version = w.read([&](read_view& v) { return account::find_applicant(v, id)->version; });
    CHECK(faults(w, [&](write_tx& tx) {
              return account::edit_applicant(tx, owner, id, version, changed, "");
          }) > 4);
    CHECK(faults(w, [&](write_tx& tx) { return account::suspend_applicant(tx, w.platform, id, "停业"); }) >
          4);
    CHECK(faults(w, [&](write_tx& tx) { return account::resume_applicant(tx, w.platform, id); }) > 4);
}

TEST_CASE("N1 a fault at any statement about people and their sessions leaves nothing behind") {
    order_world w;
    const auto accepted = password();
    std::string code;
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              const auto made = account::invite_member(tx, w.company, {role::operator_}, "新同事");
              if (!made) return made.error();
              code = made->code;
              return 0;
          }) > 3);
    std::int64_t login = 0;
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              const auto made = account::join_by_invitation(tx, order_world::visitor(), code,
                                                            {"newcomer", "新同事", "13900005555"}, accepted);
              if (!made) return made.error();
              login = made->login_id;
              return 0;
          }) > 6);
    const auto company = w.company.applicant_id;
    CHECK(faults(w, [&](write_tx& tx) {
              return account::change_roles(tx, w.company, company, login, {role::owner});
          }) > 3);
    w.sign_in("huanglihua");
    CHECK(faults(w, [&](write_tx& tx) { return account::disable_login(tx, w.company, login, "离职"); }) > 4);
    CHECK(faults(w, [&](write_tx& tx) { return account::enable_login(tx, w.company, login); }) > 3);
    CHECK(faults(w, [&](write_tx& tx) { return account::set_password(tx, w.platform, login, "!", true); }) >
          4);
    CHECK(faults(w, [&](write_tx& tx) { return account::remove_member(tx, w.company, company, login); }) > 4);
    const account::new_login staff{
        .username = "newstaff", .kind = "staff", .display_name = "新员工", .password_hash = "!"};
    CHECK(faults(w, [&](write_tx& tx) {
              return account::hire_staff(tx, w.admin, staff, w.institution, {role::verifier});
          }) > 5);
    // A wrong password is counted, a right one begins a session: each whole or not at all.
    const auto attempt = w.read([](read_view& v) {
        return account::begin_attempt(v, "chenzhiming", "applicant", "203.0.113.5", "").value();
    });
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              account::settle(tx, attempt, false);
              return 0;
          }) > 3);
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              if (!account::settle(tx, attempt, true).good) return error(errc::invalid, "not settled");
              account::begin_session(tx, {w.company.login_id, company, "password", "", "203.0.113.5"});
              return 0;
          }) > 3);
}

TEST_CASE("N1 a fault at any statement about instruments and their files leaves nothing behind") {
    order_world w;
    const auto draft = tests::gauge_draft(w);
    std::int64_t id = 0, file = 0;
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              const auto made = instrument::add(tx, w.company, draft);
              if (!made) return made.error();
              id = *made;
              return 0;
          }) > 4);
    auto changed = draft;
    changed.set(instrument::field_id::name, "压力真空表");
    CHECK(faults(w, [&](write_tx& tx) { return instrument::edit(tx, w.company, id, 1, changed); }) > 4);
    CHECK(w.read([&](read_view& v) { return instrument::get(v, w.company, id); })->name == "压力真空表");
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              const auto made = instrument::attach(tx, w.company, id, "material",
                                                   {"a.pdf", "application/pdf", std::string(64, 'c'), 10});
              if (!made) return made.error();
              file = *made;
              return 0;
          }) > 4);
    CHECK(faults(w, [&](write_tx& tx) { return instrument::remove_attachment(tx, w.company, file); }) > 3);
}

TEST_CASE("N1 M17 a fault at any statement of an import leaves no row of it") {
    order_world w;
    tests::instrument_sheet sheet;
    for (const auto* serial : {"I-1", "I-2", "I-3"})
        sheet.add(serial);
    const auto file = workbook::read_upload({.file_name = "清单.xlsx", .bytes = sheet.bytes()}, {}).value();
    workbook::report told;
    CHECK(faults(w, [&](write_tx& tx) { return workbook::import_all(tx, w.company, file, told); }) > 15);
    CHECK(w.count("SELECT count(*) FROM instrument WHERE serial_no LIKE 'I-%'") == 3);
}

TEST_CASE("N1 a fault at any statement about reference data leaves the old ones whole") {
    order_world w;
    const std::string next = "一级目录,二级目录,监管方式,强检方式,强检范围及说明\n"
                             "加油机,燃油加油机,型式批准、强制检定,周期检定,贸易结算：成品油销售\n";
    std::int64_t version = 0;
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              const auto made = catalogue::import_catalogue(tx, w.platform, "2027 年目录", next);
              if (!made) return made.error();
              version = made->id;
              return 0;
          }) > 4);
    CHECK(faults(w, [&](write_tx& tx) { return catalogue::activate_version(tx, w.platform, version); }) > 4);
    CHECK(faults(w, [&](write_tx& tx) {
              return catalogue::put_capability(tx, w.platform,
                                               {0, w.institution, "加油机", "", "onsite", true});
          }) > 3);
    auto place = w.read([&](read_view& v) { return catalogue::find_institution(v, w.institution).value(); });
    place.hours = "工作日 09:00–17:00";
    CHECK(faults(w, [&](write_tx& tx) { return catalogue::update_institution(tx, w.platform, place); }) > 2);
    CHECK(faults(w, [&](write_tx& tx) {
              return setting::change_setting(tx, w.platform, "filings.decide_days", "7");
          }) > 2);
}

TEST_CASE("N1 a fault at any statement about periods, rules and certificates leaves nothing behind") {
    order_world w;
    const std::array<appointment::period, 2> periods = {{{510, 570, 5, 2}, {600, 660, 5, 2}}};
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::set_pattern(tx, w.scheduler, w.institution, "deliver", 1, periods);
          }) > 4);
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::set_special(tx, w.scheduler, w.institution, "deliver", w.wednesday,
                                              periods);
          }) > 4);
    const std::array<appointment::group_limit, 1> limits = {{{"压力仪表", "", 3}}};
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::set_group_limits(tx, w.scheduler, w.institution, "deliver", 1, 510, limits);
          }) > 3);
    const auto day = add_days(w.wednesday, 5);
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::close_day(tx, w.scheduler, w.institution, day, "停电");
          }) > 2);
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::open_day(tx, w.scheduler, w.institution, day);
          }) > 2);
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::set_rule(tx, w.admin, w.institution, "orders.no_shows", 2);
          }) > 2);
    const auto done = w.in_state(order_status::completed);
    const auto result_id =
        w.read([&](read_view& v) { return appointment::list_results(v, w.verifier, done).value(); })
            .front()
            .id;
    CHECK(faults(w, [&](write_tx& tx) {
              return appointment::attach_certificate(tx, w.verifier, result_id,
                                                     {"a.pdf", "application/pdf", std::string(64, 'd'), 9});
          }) > 3);
}

TEST_CASE(
    "N1 N12 a fault at any statement of due booking and of a round of reminders leaves nothing behind") {
    order_world w;
    const auto soon = w.filed(w.company);
    const auto later = w.filed(w.company);
    w.do_now([&](write_tx& tx) -> result<> {
        for (const auto id : {soon, later}) {
            const auto was_listed = instrument::read_listed(tx, id).value();
            tx.exec(
                "UPDATE instrument SET valid_until = '2026-12-24', verified_on = '2026-06-25' WHERE id = $1",
                id);
            instrument::relist(tx, was_listed);
        }
        return {};
    });
    const std::array<due::chosen_order, 1> chosen = {{{{soon}, w.wednesday, 600}}};
    CHECK(faults(w, [&](write_tx& tx) -> result<int> {
              const auto made = due::book_planned(tx, w.company, chosen, {"陈志明", "13800001234", ""});
              if (made.at(0).refused) return *made.at(0).refused;
              return 0;
          }) > 10);
    const auto& job = *std::find_if(reminder::jobs.begin(), reminder::jobs.end(),
                                    [](const auto& j) { return j.name == "certificates"; });
    w.time.advance(std::chrono::hours(24)); // a round begins at the first look, and is told from then on
    const auto run = [&](write_tx& tx) -> result<int> { return reminder::run_some(tx, job, 100) ? 1 : 0; };
    CHECK(faults(w, run) > 3);
    w.time.advance(std::chrono::hours(24));
    faults(w, run);
    CHECK(w.count("SELECT count(*) FROM reminder_round") > 0);
}
