// Item by item: every transition of every table is told to exactly those it concerns, or is silent for a
// reason that stands here. A new transition without either fails.
#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/account/document.hpp"
#include "core/account/scan.hpp"
#include "core/announcement/announcement.hpp"
#include "core/appointment/appointment.hpp"
#include "core/filing/filing.hpp"
#include "core/filing/request.hpp"
#include "core/journal/outbox.hpp"
#include "core/reminder/reminder.hpp"
#include "core/trip/trip.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

// table, row, verb, why nobody is told.
struct silence {
    std::string_view table, id, verb, because;
};
constexpr std::array<silence, 28> silent = {{
    {"filing", "F5", "remove", "the company's own deletion"},
    {"filing", "F8", "unfile_at_desk", "told with the order: order_received or order_returned"},
    {"filing", "F9", "take_back",
     "the institution's own act; the company was told who has it, and hears the end"},
    {"filing", "F10", "withdraw", "the company's own act, before anybody has decided"},
    {"filing", "F11b", "take_back", "as F9"},
    {"filing", "F12", "cancel", "told with the request: filing_request_agreed"},
    {"filing", "F13", "remove", "never filed"},
    {"filing", "F14", "change", "told with the request: filing_request_agreed"},
    {"request", "F12/F14", "withdraw_request", "the company's own act"},
    {"request", "F12/F14", "lapse_request", "told with the order, F8"},
    {"order", "L1", "record", "a draft of the results: told when the order is complete"},
    {"trip", "T1", "plan", "the company is told of the window"},
    {"trip", "T2", "change", "the team's own affair"},
    {"trip", "T3", "add_stop", "the company is told of the window"},
    {"trip", "T3", "reorder_stops", "the company is told of the window"},
    {"trip", "T3", "set_stop", "the company is told of the window"},
    {"trip", "T5", "start", "the order is told of when it is received"},
    {"trip", "T6", "finish", "the orders are told one by one"},
    {"trip", "T7b", "move", "told by the orders: A13"},
    {"scan", "Q1", "take", "two browsers of one person"},
    {"scan", "Q2", "confirm", "two browsers of one person"},
    {"scan", "Q3", "refuse", "two browsers of one person"},
    {"scan", "Q4", "use", "what it leads to is told: wechat_bound"},
    {"announcement", "N1", "create", "a draft"},
    {"announcement", "N2", "change", "a draft"},
    {"announcement", "N4", "finish", "everybody has been told"},
    {"announcement", "N5", "recall", "what has left cannot be taken back; the page says so"},
    {"announcement", "N6", "remove", "a draft"},
}};
// Kinds that no table's row tells, and what does.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> outside_tables = {
    {{"wechat_bound", "W1-W3, bind_wechat"},
     {"wechat_unbound", "W4a, unbind_staff_wechat of another's"},
     {"announcement_trial", "try_announcement, to its writer"},
     {"certificates_due", "the calendar"},
     {"order_tomorrow", "the calendar"},
     {"staff_tomorrow", "the calendar"},
     {"staff_summary", "the calendar"},
     {"region_summary", "the calendar"}}};

bool is_silent(std::string_view table, std::string_view id, std::string_view verb) {
    return std::any_of(silent.begin(), silent.end(),
                       [&](const silence& s) { return s.table == table && s.id == id && s.verb == verb; });
}

template<class Rows>
void look_at(std::string_view table, const Rows& rows, std::set<std::string>& told,
             std::set<std::string>& quiet) {
    for (const auto& row : rows) {
        CAPTURE(table);
        CAPTURE(row.id);
        CAPTURE(row.verb);
        CHECK(row.event.empty() == is_silent(table, row.id, row.verb));
        if (row.event.empty()) {
            quiet.insert(std::string(table).append(row.id).append(row.verb));
            continue;
        }
        const auto* kind = outbox::find_kind(row.event);
        REQUIRE(kind != nullptr);
        CHECK((kind->to_company || !kind->to_staff.empty()));
        told.insert(std::string(row.event));
    }
}

} // namespace

TEST_CASE("N1 every transition of every table is told, or silent for a reason given here") {
    std::set<std::string> told, quiet;
    look_at("filing", filing::transitions(), told, quiet);
    look_at("request", filing::request_transitions(), told, quiet);
    look_at("order", appointment::transitions(), told, quiet);
    look_at("applicant", account::applicant_transitions(), told, quiet);
    look_at("trip", trip::transitions(), told, quiet);
    look_at("scan", account::scan_transitions(), told, quiet);
    look_at("announcement", announcement::transitions(), told, quiet);
    for (const auto& k : outbox::kinds) {
        const bool elsewhere = std::any_of(outside_tables.begin(), outside_tables.end(),
                                           [&](const auto& o) { return o.first == k.name; });
        CHECK_MESSAGE(told.contains(std::string(k.name)) != elsewhere, k.name);
    }
    CHECK(quiet.size() == silent.size()); // no reason is left over
}

namespace {

constexpr role_set reviewers{role::filing_reviewer};
constexpr role_set schedulers{role::scheduler};
constexpr role_set platform_admins{role::platform_admin};
constexpr role_set all_of_institution{role::filing_reviewer, role::scheduler, role::front_desk,
                                      role::verifier, role::institution_admin};

constexpr role_set all_of_staff{role::filing_reviewer,   role::scheduler, role::front_desk,    role::verifier,
                                role::institution_admin, role::regulator, role::platform_admin};

// Whom domain.md 7 wants told, written again.
struct expectation {
    std::string_view kind;
    bool company;
    role_set staff;
};
const std::vector<expectation> audiences = {
    {"filing_submitted", false, reviewers},
    {"filing_accepted", true, {}},
    {"filing_returned", true, {}},
    {"filing_dispatched", true, reviewers},
    {"filing_request_asked", false, reviewers},
    {"filing_request_agreed", true, {}},
    {"filing_request_refused", true, {}},
    {"filing_declined", false, reviewers},
    {"order_submitted", true, schedulers},
    {"order_confirmed", true, {}},
    {"order_rejected", true, {}},
    {"order_received", true, {}},
    {"order_returned", true, {}},
    {"order_completed", true, {}},
    {"order_corrected", true, {}},
    {"order_cancelled", true, schedulers},
    {"order_expired", true, schedulers},
    {"order_moved", true, schedulers},
    {"order_unreceived", true, {}},
    {"order_visit_announced", true, {}},
    {"order_visit_called_off", true, {}},
    {"applicant_registered", false, platform_admins},
    {"applicant_approved", true, {}},
    {"applicant_rejected", true, {}},
    {"applicant_suspended", true, {}},
    {"applicant_resumed", true, {}},
    {"certificates_due", true, {}},
    {"order_tomorrow", true, {}},
    {"staff_summary", false, all_of_institution},
    {"staff_tomorrow", false, {role::scheduler, role::front_desk, role::verifier}},
    {"region_summary", false, {role::regulator}},
    {"wechat_bound", true, {}},
    {"wechat_unbound", false, all_of_staff},
    {"announcement", true, {}},
    {"announcement_trial", false, platform_admins},
};

class told_world : public order_world {
  public:
    told_world() { widen(); }

    struct row {
        std::string kind;
        std::int64_t applicant_id = 0, institution_id = 0, login_id = 0;
        bool to_company = false;
        unsigned to_staff = 0;
    };
    // What an act has put into the outbox.
    std::vector<row> rows_of(const std::function<void()>& act) {
        const auto last = count("SELECT coalesce(max(id), 0) FROM outbox");
        act();
        return read([&](read_view& v) {
            std::vector<row> all;
            for (const auto r :
                 v.query("SELECT kind, applicant_id, institution_id, login_id, to_company, to_staff "
                         "FROM outbox WHERE id > $1 ORDER BY id",
                         last))
                all.push_back({r.text(0), r.number(1), r.number(2), r.number(3), r.flag(4),
                               static_cast<unsigned>(r.number(5))});
            return all;
        });
    }
    template<class F>
    void go(F verb) {
        write(verb).value();
    }
    std::int64_t submitted() {
        const auto id = filed(company); // filed with the city; taken back and filed anew
        const auto request =
            write([&](write_tx& tx) { return filing::ask_cancel(tx, company, id, "scrapped", ""); }).value();
        go([&](write_tx& tx) { return filing::agree_request(tx, reviewer, request); });
        submit(id);
        return id;
    }
    void submit(std::int64_t id) {
        go([&](write_tx& tx) -> result<> {
            const auto sent =
                filing::submit(tx, company, std::array{id}, {.institution = institution, .knowingly = true});
            if (sent.front().refused) return *sent.front().refused;
            return {};
        });
    }
    std::int64_t asked(std::int64_t id) {
        return write([&](write_tx& tx) { return filing::ask_cancel(tx, company, id, "scrapped", ""); })
            .value();
    }
    void calendar(std::string_view name, date day, int minute) {
        time.set(local_instant(day, minute));
        for (const auto& j : reminder::jobs)
            if (j.name == name)
                for (bool more = true; more;)
                    more = write([&](write_tx& tx) -> result<bool> {
                               return reminder::run_some(tx, j, 50);
                           }).value();
    }
};

struct act {
    std::string_view kind;
    std::int64_t institution; // whose staff are told, 0: the platform's
    std::function<void()> walk;
};

} // namespace

TEST_CASE("N1 N2 each of the kinds is told once, to the company and the roles that domain.md 7 names") {
    told_world w;
    const auto county = w.elsewhere;
    filing::given_reasons why;
    why.note = "铭牌不清";
    const auto actor_of = [&](std::int64_t place, role r) {
        actor who = w.abroad(r);
        who.institution_id = place;
        return who;
    };
    const auto there = actor_of(county, role::filing_reviewer);
    const auto accepted = w.submitted(), returned = w.submitted(), sent_on = w.submitted();
    const auto agreed = w.asked(w.filed(w.company)), refused = w.asked(w.filed(w.company));
    const auto quiet = w.filed(w.company), edited = w.filed(w.company);
    const auto draft = w.submitted();
    w.go([&](write_tx& tx) { return filing::withdraw(tx, w.company, draft); });
    const auto pending = w.in_state(order_status::pending), denied = w.in_state(order_status::pending);
    const auto confirmed = w.in_state(order_status::confirmed), off = w.in_state(order_status::confirmed);
    const auto bad = w.in_state(order_status::confirmed), other = w.in_state(order_status::confirmed);
    const auto received = w.in_state(order_status::received), undone = w.in_state(order_status::received);
    const auto results = w.passing(w.order(received));
    w.go([&](write_tx& tx) { return appointment::record_results(tx, w.verifier, received, results); });
    const auto visit = w.in_state(order_status::confirmed, 1, "onsite");
    std::int64_t journey = 0;
    w.go([&](write_tx& tx) -> result<> {
        journey =
            trip::plan_trip(tx, w.scheduler, w.wednesday, {{w.verifier.login_id}, "", ""}, std::array{visit})
                .value();
        return trip::set_stop(tx, w.scheduler, journey, visit, {trip::window::morning, "", ""});
    });
    const auto fresh = w.filed(w.company);
    const auto ending = w.filed(w.company);
    w.go([&](write_tx& tx) -> result<> {
        instrument::outcome o;
        o.passed = true;
        o.certificate_no = "C-60";
        o.verified_on = add_days(w.wednesday, -300);
        o.valid_until = add_days(w.wednesday, 60);
        instrument::record_outcome(tx, ending, o);
        return {};
    });
    const auto again = [&] {
        appointment::line_result r;
        r.line_id = w.order(received).lines.front().id;
        r.result = "failed";
        r.certificate_no = "TZ-1";
        r.verified_on = local_date(w.time.now());
        r.failed_items = "示值误差";
        r.verifier = "叶建华";
        return r;
    };
    const auto news = [&] {
        announcement::draft d;
        d.title = "停检通知";
        d.text = "周五停检一天。";
        w.go([&](write_tx& tx) -> result<> {
            const auto id = announcement::save_announcement(tx, w.platform, 0, 0, d).value();
            announcement::send_announcement(tx, w.platform, id, true).value();
            announcement::tell_some(tx, 100);
            return {};
        });
    };
    const std::vector<act> acts = {
        {"announcement", 0, news},
        {"filing_submitted", w.institution, [&] { w.submit(draft); }},
        {"filing_accepted", w.institution,
         [&] { w.go([&](write_tx& tx) { return filing::accept(tx, w.reviewer, accepted); }); }},
        {"filing_returned", w.institution,
         [&] { w.go([&](write_tx& tx) { return filing::give_back(tx, w.reviewer, returned, why); }); }},
        {"filing_dispatched", county,
         [&] { w.go([&](write_tx& tx) { return filing::dispatch(tx, w.reviewer, sent_on, county); }); }},
        {"filing_declined", w.institution,
         [&] { w.go([&](write_tx& tx) { return filing::decline(tx, there, sent_on, "没有装置"); }); }},
        {"filing_request_asked", w.institution, [&] { w.asked(quiet); }},
        {"filing_request_asked", w.institution,
         [&] {
             const filing::new_value serial{"serial_no", "NEW-1"};
             w.go([&](write_tx& tx) -> result<> {
                 if (auto r = filing::ask_change(tx, w.company, edited, std::array{serial}, ""); !r)
                     return r.error();
                 return {};
             });
         }},
        {"filing_request_agreed", w.institution,
         [&] { w.go([&](write_tx& tx) { return filing::agree_request(tx, w.reviewer, agreed); }); }},
        {"filing_request_refused", w.institution,
         [&] {
             w.go([&](write_tx& tx) { return filing::refuse_request(tx, w.reviewer, refused, "仍在使用"); });
         }},
        {"order_submitted", w.institution, [&] { w.book(w.company, {fresh}, w.wednesday); }},
        {"order_confirmed", w.institution,
         [&] { w.go([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, pending); }); }},
        {"order_rejected", w.institution,
         [&] {
             w.go([&](write_tx& tx) { return appointment::reject_order(tx, w.scheduler, denied, "已约满"); });
         }},
        {"order_received", w.institution,
         [&] { w.go([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, confirmed); }); }},
        {"order_returned", w.institution,
         [&] { w.go([&](write_tx& tx) { return appointment::return_order(tx, w.desk, bad, "编号不符"); }); }},
        {"order_completed", w.institution,
         [&] { w.go([&](write_tx& tx) { return appointment::complete_order(tx, w.verifier, received); }); }},
        {"order_corrected", w.institution,
         [&] {
             w.go([&](write_tx& tx) {
                 return appointment::record_results(tx, w.verifier, received, std::array{again()});
             });
         }},
        {"order_cancelled", w.institution,
         [&] { w.go([&](write_tx& tx) { return appointment::cancel_order(tx, w.company, off, ""); }); }},
        {"order_moved", w.institution,
         [&] {
             w.go([&](write_tx& tx) {
                 return appointment::move_order(tx, w.company, other,
                                                {.day = add_days(w.wednesday, 2), .starts = 600});
             });
         }},
        {"order_unreceived", w.institution,
         [&] {
             w.go([&](write_tx& tx) { return appointment::unreceive_order(tx, w.desk, undone, "点错了"); });
         }},
        {"order_visit_announced", w.institution,
         [&] {
             w.go([&](write_tx& tx) -> result<> {
                 if (auto n = trip::announce_trip(tx, w.scheduler, journey); !n) return n.error();
                 return {};
             });
         }},
        {"order_visit_called_off", w.institution,
         [&] { w.go([&](write_tx& tx) { return trip::remove_stop(tx, w.scheduler, journey, visit); }); }},
        {"applicant_suspended", 0,
         [&] {
             w.go([&](write_tx& tx) {
                 return account::suspend_applicant(tx, w.platform, w.company.applicant_id, "核查");
             });
         }},
        {"applicant_resumed", 0,
         [&] {
             w.go([&](write_tx& tx) {
                 return account::resume_applicant(tx, w.platform, w.company.applicant_id);
             });
         }},
        {"wechat_bound", 0,
         [&] {
             w.go([&](write_tx& tx) -> result<> {
                 if (auto b = account::bind_wechat(tx, w.company, "oPhone1", ""); !b) return b.error();
                 return {};
             });
         }},
        {"staff_tomorrow", w.institution,
         [&] { w.calendar("staff_tomorrow", add_days(w.wednesday, -1), 17 * 60); }},
        {"order_tomorrow", w.institution,
         [&] { w.calendar("tomorrow", add_days(w.wednesday, -1), 18 * 60); }},
        {"staff_summary", w.institution, [&] { w.calendar("staff", w.wednesday, 8 * 60 + 30); }},
        {"certificates_due", 0, [&] { w.calendar("certificates", w.wednesday, 9 * 60); }},
        {"order_expired", w.institution,
         [&] {
             w.time.set(local_instant(add_days(w.wednesday, 1), 0));
             w.go(
                 [&](write_tx& tx) { return appointment::expire_order(tx, order_world::system(), pending); });
         }},
        {"region_summary", 0, [&] { w.calendar("regions", *parse_date("2026-11-30"), 9 * 60); }},
    };
    std::set<std::string_view> seen;
    for (const auto& a : acts) {
        CAPTURE(a.kind);
        const auto all = w.rows_of(a.walk);
        const auto want = std::find_if(audiences.begin(), audiences.end(),
                                       [&](const expectation& e) { return e.kind == a.kind; });
        REQUIRE(want != audiences.end());
        // The calendar tells every company, institution or region that has something: here also others.
        const bool by_calendar = outbox::find_kind(a.kind)->urgency == outbox::urgency::reminder;
        REQUIRE(!all.empty());
        if (!by_calendar) REQUIRE(all.size() == 1);
        for (const auto& row : all) {
            CHECK(row.kind == a.kind);
            CHECK(row.to_company == want->company);
            CHECK(row.to_staff == want->staff.bits());
            if (want->company) CHECK(row.applicant_id != 0);
            if (by_calendar) continue;
            CHECK(row.applicant_id == w.company.applicant_id);
            CHECK(row.institution_id == a.institution);
        }
        seen.insert(a.kind);
    }
    CHECK(audiences.size() == outbox::kinds.size());
    // A registration's three: tests/core/registration_test.cpp and account_test.cpp walk them whole; the
    // trial: tests/core/announcement_test.cpp; of staff and no company: tests/core/staff_wechat_test.cpp.
    for (const auto* kind : {"applicant_registered", "applicant_approved", "applicant_rejected",
                             "announcement_trial", "wechat_unbound"})
        seen.insert(kind);
    for (const auto& k : outbox::kinds)
        CHECK_MESSAGE(seen.contains(k.name), k.name);
}
