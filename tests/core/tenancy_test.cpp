// S1: every verb and query of core × every kind of actor × a thing that is not theirs. The lines are in
// tenancy_*.cpp; a public function of core/*/*.hpp that takes an actor and has no line fails the first test.
#include "tests/core/tenancy.hpp"

#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/account/document.hpp"
#include "core/account/invitation.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/announcement/announcement.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/certificate.hpp"
#include "core/base/ids.hpp"
#include "core/catalogue/capability.hpp"
#include "core/filing/filing.hpp"
#include "core/filing/request.hpp"
#include "core/instrument/attachment.hpp"
#include "core/instrument/listing.hpp"
#include "core/journal/audit.hpp"
#include "core/trip/trip.hpp"
#include "core/workbook/import.hpp"
#include "tests/support/faults.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <regex>
#include <set>

namespace {

using namespace core;
using namespace tests::tenancy;
using db::write_tx;

std::vector<line> all_lines() {
    std::vector<line> all;
    for (const auto& some : {account_lines(), instrument_lines(), order_lines(), trip_lines()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

// Not verbs of anybody: pieces of verbs that the slices share, the journal's pen, questions about a row.
const std::set<std::string> pieces = {
    "appointment::tell",    "appointment::begin",     "appointment::find_row",  "appointment::end_early",
    "appointment::may",     "filing::begin",          "filing::finish",         "instrument::save",
    "audit::append",        "audit::record_view",     "journal::allows",        "filing::lapse_request",
    "trip::begin",          "trip::finish",           "privacy::record_export", "workbook::import_upload",
    "catalogue::carry_out", "appointment::chooser_of"};

// "slice::function" of every declaration in a header of core with a parameter `const actor&`.
std::set<std::string> declared() {
    std::set<std::string> found;
    const std::filesystem::path root = std::filesystem::path(SOURCE_DIR) / "core";
    const std::regex comment("//[^\n]*"), space("\\s+"), name_space("namespace core::(\\w+)"),
        function("(\\w+)\\s*\\([^;{}]*const actor& \\w+");
    for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
        const auto name = file.path().filename().string();
        if (file.path().extension() != ".hpp" || name.ends_with("_store.hpp")) continue;
        std::ifstream in(file.path());
        std::string text{std::istreambuf_iterator<char>(in), {}};
        text = std::regex_replace(std::regex_replace(text, comment, ""), space, " ");
        std::smatch slice;
        const std::string of = std::regex_search(text, slice, name_space)
                                   ? slice[1].str()
                                   : file.path().parent_path().filename().string();
        for (std::sregex_iterator m(text.begin(), text.end(), function), end; m != end; ++m)
            found.insert(of + "::" + (*m)[1].str());
    }
    return found;
}

struct stage {
    tests::order_world w;
    things own, nothing;
    std::map<std::string_view, actor> rightful, strangers;
    actor colleague_without_role, regulator;

    stage();
};

template<class F>
auto now(tests::order_world& w, F f) {
    return w.write(f).value();
}

stage::stage() {
    own.applicant = w.demo.applicants[0];
    own.institution = w.institution;
    own.login = w.company.login_id;
    own.colleague = w.colleague.login_id;
    own.filed = w.filed(w.company);
    own.order = w.book(1);
    own.order_number = w.order(own.order).number;
    own.session_hash = sha256_hex(w.sign_in("huanglihua"));
    const auto add = [&](std::string serial) {
        return now(w, [&](write_tx& tx) {
            const auto like = instrument::get(tx, w.company, own.filed).value();
            return instrument::add(tx, w.company, [&](std::string_view f) {
                return f == "serial_no" ? serial : like.text_of(f);
            });
        });
    };
    own.unfiled = add("T-unfiled");
    own.submitted = add("T-submitted");
    now(w, [&](write_tx& tx) -> result<int> {
        filing::submit(tx, w.company, std::array{own.submitted},
                       {.institution = w.institution, .knowingly = true});
        return 0;
    });
    own.attachment = now(w, [&](write_tx& tx) {
        return instrument::attach(tx, w.company, own.unfiled, "material",
                                  {"a.pdf", "application/pdf", std::string(64, 'a'), 8});
    });
    own.document = now(w, [&](write_tx& tx) {
        return account::add_document(tx, w.company, own.applicant,
                                     {"other", {"证.pdf", "application/pdf", std::string(64, 'a'), 9}});
    });
    own.binding = now(
        w, [&](write_tx& tx) { return account::bind_wechat(tx, w.colleague, "openid-of-colleague", ""); });
    own.staff_binding =
        now(w, [&](write_tx& tx) { return account::bind_staff_wechat(tx, w.desk, "openid-of-desk"); });
    own.invitation =
        now(w, [&](write_tx& tx) { return account::invite_member(tx, w.company, {role::operator_}, ""); }).id;
    w.do_now([&](write_tx& tx) {
        return appointment::close_day(tx, w.scheduler, w.institution, *parse_date("2026-11-27"), "停电");
    });
    own.free = w.filed(w.company);
    own.asked = w.filed(w.company);
    own.request =
        now(w, [&](write_tx& tx) { return filing::ask_cancel(tx, w.company, own.asked, "stopped", ""); });
    using appointment::order_status;
    own.visited = w.in_state(order_status::confirmed, 1, "onsite");
    own.unvisited = w.in_state(order_status::confirmed, 1, "onsite");
    own.trip = now(w, [&](write_tx& tx) {
        return trip::plan_trip(tx, w.scheduler, w.wednesday, {{w.verifier.login_id}, "粤E00000", ""},
                               std::array{own.visited});
    });
    now(w, [&](write_tx& tx) { return trip::announce_trip(tx, w.scheduler, own.trip); });
    const auto done = w.in_state(order_status::completed);
    own.result = w.read(
        [&](db::read_view& v) { return appointment::list_results(v, w.company, done).value().front().id; });
    w.do_now([&](write_tx& tx) -> result<> {
        appointment::attach_certificate(tx, w.verifier, own.result,
                                        {"a.pdf", "application/pdf", std::string(64, 'b'), 9})
            .value();
        const auto was_listed = instrument::read_listed(tx, own.free).value();
        tx.exec(R"sql(UPDATE instrument SET valid_until = '2026-12-20' WHERE id = $1)sql", own.free);
        instrument::relist(tx, was_listed);
        return {};
    });
    own.import_hash = std::string(64, 'e');
    own.import = now(w, [&](write_tx& tx) -> result<std::int64_t> {
        const auto id = tx.new_id();
        tx.exec(
            R"sql(INSERT INTO import_job (id, applicant_id, login_id, file_name, file_hash, by_rows, mode, is_done, rows,
                        imported, wrong, repeated, last_row, created_at, updated_at)
                      VALUES ($1, $2, $3, '器具.xlsx', $4, 1, 'rows', 0, 1, 1, 0, 0, 2, $5, $5))sql",
            id, own.applicant, own.login, own.import_hash, tx.now());
        tx.exec(R"sql(INSERT INTO import_row (job_id, row_number, instrument_id) VALUES ($1, 2, $2))sql", id,
                own.unfiled);
        tx.exec(
            R"sql(INSERT INTO import_job (id, applicant_id, login_id, file_name, file_hash, by_rows, mode, is_done, rows,
                        imported, wrong, repeated, last_row, created_at, updated_at)
                      VALUES ($1, $2, $3, '器具.xlsx', $4, 0, 'all', 1, 1, 1, 0, 0, 2, $5, $5))sql",
            tx.new_id(), own.applicant, own.login, own.import_hash, tx.now());
        return id;
    });
    const announcement::draft notice{"停检通知", "周五停检一天。", announcement::audience::institution,
                                     "",         w.institution,    false};
    for (auto member : {&things::announcement, &things::sent})
        own.*member = now(
            w, [&](write_tx& tx) { return announcement::save_announcement(tx, w.platform, 0, 0, notice); });
    w.do_now([&](write_tx& tx) -> result<> {
        announcement::send_announcement(tx, w.platform, own.sent, false).value();
        announcement::tell_some(tx, 100);
        return {};
    });
    // From here on the institution says what it can verify, and files nothing else.
    own.capability = now(w, [&](write_tx& tx) {
        return catalogue::put_capability(tx, w.platform, {0, w.institution, "压力仪表", "", "onsite", true});
    });
    for (auto member :
         {&things::applicant,   &things::login,         &things::colleague,    &things::document,
          &things::binding,     &things::staff_binding, &things::invitation,   &things::unfiled,
          &things::submitted,   &things::filed,         &things::attachment,   &things::order,
          &things::institution, &things::capability,    &things::import,       &things::free,
          &things::asked,       &things::request,       &things::trip,         &things::visited,
          &things::unvisited,   &things::result,        &things::announcement, &things::sent})
        nothing.*member = 7;
    nothing.session_hash = "nothing";
    nothing.import_hash = "nothing";
    nothing.order_number = "261100000000";

    rightful = {{"company", w.company},
                {"worker", w.colleague},
                {"reviewer", w.reviewer},
                {"scheduler", w.scheduler},
                {"desk", w.desk},
                {"verifier", w.verifier},
                {"admin", w.admin},
                {"platform", w.platform},
                {"system", tests::account_world::system()},
                {"visitor", tests::account_world::visitor()}};
    colleague_without_role = w.scheduler;
    colleague_without_role.roles = {};
    regulator = w.regulator;
    w.do_now([&](write_tx& tx) -> result<> { // an institution of another city
        const auto place = catalogue::find_institution_by_name(tx, "深圳市计量质量检测研究院").value().id;
        const account::new_login l{
            .username = "abroad", .kind = "staff", .display_name = "外地", .password_hash = "!"};
        account::hire_staff(tx, w.platform, l, place, account::institution_roles).value();
        return {};
    });
    const actor abroad = w.acting("abroad");
    actor other_region = w.regulator;
    other_region.region_code = "440300";
    actor disabled = w.company; // what find_session would have to give for it, which it doesn't
    disabled.login_id = w.person("wuhai");
    disabled.applicant_id = 0;
    disabled.roles = {};
    strangers = {{"other company", w.other_company},
                 {"other institution", abroad},
                 {"regulator of another region", other_region},
                 {"person without a company", disabled},
                 {"visitor", tests::account_world::visitor()}};
}

// What this actor is answered; nothing stays.
error answer(stage& s, const line& l, const actor& who, const things& of) {
    const auto r = s.w.write([&](write_tx& tx) -> result<> {
        const auto done = l.run(tx, who, of);
        return done ? error(errc::unavailable, "let in") : done.error();
    });
    return r.error();
}

bool is_let_in(const error& e) {
    return e.code != errc::not_found && e.code != errc::not_allowed;
}

// For those who may know the thing: the state is told before the right is looked at.
bool is_refused(const error& e) {
    return !is_let_in(e) || e.code == errc::stale_state;
}

} // namespace

TEST_CASE("S1 every public verb and query that takes an actor has its line") {
    std::set<std::string> lines;
    for (const auto& l : all_lines())
        CHECK_MESSAGE(lines.insert(std::string(l.name)).second, l.name, " has two lines");
    const auto there = declared();
    CHECK(there.size() > 100); // the reader of headers reads
    for (const auto& name : there)
        CHECK_MESSAGE((lines.contains(name) || pieces.contains(name)), name,
                      " takes an actor and has no line: add one to tests/core/tenancy_*.cpp");
    for (const auto& name : lines)
        CHECK_MESSAGE(there.contains(name), name, " is in no header any more");
    for (const auto& name : pieces)
        CHECK_MESSAGE(there.contains(name), name, " is in no header any more");
}

TEST_CASE(
    "U5 S1 S2 every verb and query × every kind of actor × a foreign thing: like one that does not exist") {
    stage s;
    const auto before = tests::content_of(s.w);
    for (const auto& l : all_lines()) {
        INFO(l.name);
        REQUIRE(s.rightful.contains(l.by));
        const auto allowed = answer(s, l, s.rightful.at(l.by), s.own);
        INFO(l.by, ": ", name_of(allowed.code), " ", allowed.detail);
        if (l.kind != what::anybody) CHECK(is_let_in(allowed)); // else the refusals below would prove nothing
        for (const auto& [kind, who] : s.strangers) {
            const auto foreign = answer(s, l, who, s.own);
            const auto missing = answer(s, l, who, s.nothing);
            INFO(kind, ": ", name_of(foreign.code), " ", foreign.detail, " / ", name_of(missing.code), " ",
                 missing.detail);
            if (l.kind != what::anybody) CHECK_FALSE(is_let_in(foreign));
            if (l.is_public) continue;
            CHECK(foreign.code == missing.code);
            CHECK(foreign.detail == missing.detail);
        }
        const auto read = answer(s, l, s.regulator, s.own);
        INFO("regulator: ", name_of(read.code), " ", read.detail);
        if (l.kind == what::reading) CHECK(is_let_in(read));
        if (l.kind == what::verb) CHECK(is_refused(read)); // changes nothing
        const bool by_staff = l.by != "company" && l.by != "worker" && l.by != "visitor";
        const auto plain = answer(s, l, s.colleague_without_role, s.own);
        INFO("colleague without a role: ", name_of(plain.code), " ", plain.detail);
        if (l.kind == what::verb && by_staff) CHECK(is_refused(plain));
    }
    CHECK(tests::content_of(s.w) == before); // a refusal changes nothing
}

TEST_CASE(
    "N1 every verb and query by whoever may call it: a fault at any of its statements changes nothing") {
    stage s;
    const auto before = tests::content_of(s.w);
    int through = 0, faults = 0;
    for (const auto& l : all_lines()) {
        INFO(l.name);
        for (int k = 1; k < 5'000; ++k) {
            s.w.db().fail_after(k);
            std::optional<error> said;
            try {
                said = answer(s, l, s.rightful.at(l.by), s.own);
            } catch (const db::db_error&) {
                ++faults;
            }
            const bool in_time = s.w.db().is_fault_pending();
            s.w.db().fail_after(0);
            if (!said) continue;
            CHECK_MESSAGE(in_time, "statement ", k, " failed, and the verb went on");
            through += said->code == errc::unavailable ? 1 : 0;
            break;
        }
        CHECK(tests::content_of(s.w) == before);
    }
    MESSAGE(faults, " faults in ", through, " verbs and queries that then went through");
    CHECK(faults > 1'000);
    CHECK(through > 150);
}

TEST_CASE(
    "U5 S1 S13 random walks over every verb by whoever may: strangers are refused in every state, every "
    "change is in the journal") {
    const auto content = [](stage& s) {
        auto all = tests::content_of(s.w);
        all.erase("email_check"); // an address that waits for its code is nobody's yet
        return all;
    };
    for (const unsigned seed : {11u, 12u, 13u}) {
        CAPTURE(seed);
        stage s;
        std::mt19937 dice(seed);
        const auto lines = all_lines();
        const auto any_line = [&]() -> const line& {
            return lines[std::uniform_int_distribution<std::size_t>(0, lines.size() - 1)(dice)];
        };
        int through = 0;
        for (int step = 0; step < 120; ++step) {
            const auto& l = any_line();
            INFO("step ", step, ": ", l.name);
            const auto before = content(s);
            const auto written = s.w.count("SELECT count(*) FROM audit");
            const auto done = tests::run_committing(
                s.w, [&](write_tx& tx) { return l.run(tx, s.rightful.at(l.by), s.own); });
            const bool changed = content(s) != before;
            // A refusal leaves nothing, also in a transaction that is kept; but move_trip is all or none only
            // by the transaction, as its header says.
            if (!done && l.name != "trip::move_trip") CHECK_FALSE(changed);
            through += done && changed ? 1 : 0;
            if (changed) CHECK(s.w.count("SELECT count(*) FROM audit") > written);
            const auto broken = s.w.broken_invariant();
            CHECK_MESSAGE(broken.empty(), broken);
            for (int n = 0; n < 10; ++n) {
                const auto& asked = any_line();
                if (asked.kind == what::anybody) continue;
                for (const auto& [kind, who] : s.strangers) {
                    const bool refused = !is_let_in(answer(s, asked, who, s.own));
                    CHECK_MESSAGE(refused, kind, " is let in to ", asked.name);
                }
            }
        }
        CHECK(through > 20);
        CHECK_FALSE(s.w.read([](db::read_view& v) { return audit::find_broken(v); }));
    }
}

TEST_CASE("S1 S5 a disabled person has no session, so is nobody") {
    tests::order_world w;
    const auto token = w.sign_in("huanglihua");
    w.do_now(
        [&](write_tx& tx) { return account::disable_login(tx, w.company, w.colleague.login_id, "离职"); });
    CHECK_FALSE(w.read([&](db::read_view& v) { return account::find_session(v, sha256_hex(token)); }));
    const auto again = w.read([&](db::read_view& v) {
        return account::begin_attempt(v, "huanglihua", "applicant", "203.0.113.5", "");
    });
    CHECK_FALSE(again->found);
}
