// Rules of orders at their edges: no-shows on site, walk-ins, days given up, limits on special days,
// certificate numbers, corrections, and what an open request or a returned filing means for an order.
#include "core/account/applicant.hpp"
#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/certificate.hpp"
#include "core/appointment/rule.hpp"
#include "core/filing/filing.hpp"
#include "core/filing/request.hpp"
#include "core/instrument/instrument.hpp"
#include "core/instrument/listing.hpp"
#include "core/trip/trip.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

using namespace core;
using appointment::line_result;
using appointment::order_status;
using appointment::period;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

struct office : order_world {
    date today = local_date(time.now());
    date thursday = add_days(wednesday, 1);

    std::string try_book(const actor& who, const appointment::booking& b) {
        return refusal([&](write_tx& tx) -> result<> {
            const auto made = appointment::book_order(tx, who, b);
            if (!made) return made.error();
            return {};
        });
    }
    void set(std::string_view name, int value) {
        do_now([&](write_tx& tx) { return appointment::set_rule(tx, admin, institution, name, value); });
    }
    int expire_all() {
        return write([&](write_tx& tx) -> result<int> { return appointment::expire_orders(tx, 100); })
            .value();
    }
    void offer(int weekday, const std::vector<period>& periods) {
        do_now([&](write_tx& tx) -> result<> {
            appointment::set_pattern(tx, scheduler, institution, "deliver", weekday, periods).value();
            return {};
        });
    }
    void limit(int weekday, int starts, int pieces) {
        const std::array<appointment::group_limit, 1> gauges = {{{"压力仪表", "", pieces}}};
        do_now([&](write_tx& tx) -> result<> {
            appointment::set_group_limits(tx, scheduler, institution, "deliver", weekday, starts, gauges)
                .value();
            return {};
        });
    }
    line_result passed(std::int64_t line, std::string number) const {
        line_result r;
        r.line_id = line;
        r.result = "passed";
        r.certificate_no = std::move(number);
        r.verified_on = today;
        r.verifier = "叶建华";
        return r;
    }
    line_result failed(std::int64_t line, std::string number) const {
        auto r = passed(line, std::move(number));
        r.result = "failed";
        r.failed_items = "示值误差";
        return r;
    }
    line_result untested(std::int64_t line) const {
        line_result r;
        r.line_id = line;
        r.result = "not_tested";
        r.failed_items = "录错了器具";
        return r;
    }
    std::string record(std::int64_t id, const std::vector<line_result>& r) {
        return refusal([&](write_tx& tx) { return appointment::record_results(tx, verifier, id, r); });
    }
    instrument::instrument instrument(std::int64_t id) {
        return read([&](read_view& v) { return instrument::get(v, system(), id).value(); });
    }
    void put_status(std::int64_t id, std::string_view status) {
        do_now([&](write_tx& tx) -> result<> {
            const auto was_listed = instrument::read_listed(tx, id).value();
            tx.exec("UPDATE instrument SET instrument_status = $1 WHERE id = $2", status, id);
            instrument::relist(tx, was_listed);
            return {};
        });
    }
    std::int64_t received(std::int64_t instrument) {
        const auto id = book(company, {instrument}, wednesday);
        do_now([&](write_tx& tx) { return appointment::confirm_order(tx, scheduler, id); });
        do_now([&](write_tx& tx) { return appointment::receive_order(tx, desk, id); });
        return id;
    }
    std::int64_t events(std::string_view kind) {
        return read([&](read_view& v) {
            return v.query_number("SELECT count(*) FROM outbox WHERE kind = $1", kind);
        });
    }
    std::string last_audit(std::string_view verb, std::string_view column) {
        return read([&](read_view& v) {
            return v
                .query_one([](db::row r) { return r.text(0); },
                           std::string("SELECT ") + std::string(column) +
                               " FROM audit WHERE verb = $1 ORDER BY id DESC LIMIT 1",
                           verb)
                .value_or("");
        });
    }
};

} // namespace

TEST_CASE("A12 on site the company waits: an order that was not visited is no no-show and bars nobody") {
    office w;
    w.widen();
    w.set("orders.no_shows", 1);
    const auto visit = w.in_state(order_status::confirmed, 1, "onsite");
    const auto met_nobody = w.in_state(order_status::confirmed, 1, "onsite");
    w.time.set(local_instant(w.thursday, 0));
    CHECK(w.expire_all() == 2);
    CHECK(w.order(visit).status == order_status::expired);
    CHECK_FALSE(w.order(visit).no_show);
    CHECK(w.order(visit).reason == "预约当天没有现场检定记录，请与机构联系");
    const date monday = add_days(w.wednesday, 5);
    CHECK(w.try_book(w.company, w.wish({w.filed(w.company)}, monday)) == "");
    // That nobody was met is for a person to say.
    CHECK(w.order(met_nobody).status == order_status::expired);
    const auto third = w.book(w.company, {w.filed(w.company, "onsite", tests::charger)}, monday);
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, third); });
    w.time.set(local_instant(monday, 700));
    w.do_now([&](write_tx& tx) { return appointment::expire_order(tx, w.desk, third); });
    CHECK(w.order(third).no_show);
    CHECK(w.order(third).reason == "约定时间现场无人配合");
    CHECK(w.try_book(w.company, w.wish({w.filed(w.company)}, add_days(monday, 2))) == "order.no_shows");
    CHECK(w.broken_invariant() == "");
}

TEST_CASE(
    "A1b a walk-in is entered when it happens: between periods, after them, on a closed day, knowingly") {
    office w;
    const auto walk_in = [&](int starts, bool knowingly) {
        auto b = w.wish({w.filed(w.company)}, w.today, starts);
        b.knowingly = knowingly;
        return b;
    };
    w.time.set(local_instant(w.today, 12 * 60)); // after the morning, before 14:30
    CHECK(w.try_book(w.desk, walk_in(600, false)) == "slot.past");
    CHECK(w.try_book(w.desk, walk_in(600, true)) == "");
    CHECK(w.try_book(w.desk, walk_in(720, false)) == "slot.none");
    CHECK(w.try_book(w.desk, walk_in(720, true)) == "");
    CHECK(w.try_book(w.desk, walk_in(605, true)) == "slot.none"); // lies in a period: that one is to be named
    CHECK(w.try_book(w.company, walk_in(720, true)) == "slot.closed");
    w.do_now([&](write_tx& tx) {
        return appointment::close_day(tx, w.scheduler, w.institution, w.today, "盘点");
    });
    w.time.set(local_instant(w.today, 16 * 60 + 30)); // after the last one
    CHECK(w.try_book(w.desk, walk_in(990, false)) == "slot.closed");
    CHECK(w.try_book(w.desk, walk_in(1440, true)) == "slot.none");
    const auto b = walk_in(990, true);
    const auto id = w.write([&](write_tx& tx) { return appointment::book_order(tx, w.desk, b); }).value();
    CHECK(w.order(id).ends == 1020);
    CHECK(w.order(id).overbooked);
    auto tomorrow = walk_in(720, true);
    tomorrow.day = w.wednesday;
    CHECK(w.try_book(w.desk, tomorrow) == "slot.none"); // nobody stands there yet
    CHECK(w.broken_invariant() == "");
    w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, w.desk, id); });
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("A13 a day given up is closed to everybody else, unless it is to stay open") {
    office w;
    w.book();
    appointment::day_move m;
    m.from = w.wednesday;
    m.to = w.thursday;
    m.reason = "台风蓝色预警信号生效，全市停工停课停业停运，收检大厅当天关闭，开放时间另行通知";
    const auto move = [&] {
        w.do_now([&](write_tx& tx) -> result<> {
            appointment::move_day(tx, w.scheduler, w.institution, m).value();
            return {};
        });
    };
    m.stay_open = true;
    move();
    CHECK(w.try_book(w.other_company, w.wish({w.filed(w.other_company)}, w.wednesday)) == "");
    m.stay_open = false;
    m.method = "onsite"; // the desk goes on working
    move();
    CHECK(w.try_book(w.other_company, w.wish({w.filed(w.other_company)}, w.wednesday)) == "");
    m.method = "";
    move();
    CHECK(w.try_book(w.other_company, w.wish({w.filed(w.other_company)}, w.wednesday)) == "slot.closed");
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'close_day'") == 1);
    move(); // is closed already: what it says stays
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'close_day'") == 1);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("A13 a day of more than 500 orders that stay is gone through to its end") {
    office w;
    w.widen();
    std::set<std::int64_t> booked;
    for (int n = 0; n < 502; ++n)
        booked.insert(w.book(w.company, {w.filed(w.company)}, w.wednesday));
    w.offer(4, {{510, 600, 1, 1}}); // Thursday has room for one
    appointment::day_move m;
    m.from = w.wednesday;
    m.to = w.thursday;
    m.reason = "台风";
    std::set<std::int64_t> answered;
    std::size_t calls = 0;
    for (std::size_t last = 500; last == 500; ++calls) {
        const auto all = w.write([&](write_tx& tx) {
                              return appointment::move_day(tx, w.scheduler, w.institution, m);
                          }).value();
        for (const auto& o : all)
            CHECK(answered.insert(o.id).second); // never asked twice
        last = all.size();
        if (!all.empty()) m.after = all.back().was;
    }
    CHECK(calls == 2);
    CHECK(answered == booked);
}

TEST_CASE(
    "S16 limits of catalogue groups hold on special days, and go along when a period begins otherwise") {
    office w;
    w.limit(3, 510, 1);
    const auto book = [&](const date& day, int starts) {
        return w.try_book(w.company, w.wish({w.filed(w.company)}, day, starts));
    };
    const std::vector<period> special = {{540, 620, 10, 5}, {960, 1020, 10, 5}};
    const auto make_special = [&](date day) {
        w.do_now([&](write_tx& tx) -> result<> {
            appointment::set_special(tx, w.scheduler, w.institution, "deliver", day, special).value();
            return {};
        });
    };
    make_special(w.wednesday);
    CHECK(book(w.wednesday, 540) == "");
    CHECK(book(w.wednesday, 540) == "slot.group_full"); // lies in 08:30
    CHECK(book(w.wednesday, 960) == "");
    CHECK(book(w.wednesday, 960) == ""); // nearest to 14:30, which has none
    CHECK(w.read([&](read_view& v) {
               return appointment::list_overbooked(v, w.institution, "deliver");
           }).empty());
    // A Saturday worked once has those of the weekday that make-up days follow.
    w.limit(5, 510, 1);
    const date saturday = add_days(w.wednesday, 3);
    make_special(saturday);
    CHECK(book(saturday, 540) == "");
    CHECK(book(saturday, 540) == "slot.group_full");
    // The pattern's period begins ten minutes later; one that is gone takes its limits with it.
    w.limit(4, 510, 1);
    w.offer(4, {{520, 610, 10, 5}, {870, 960, 10, 5}});
    CHECK(book(w.thursday, 520) == "");
    CHECK(book(w.thursday, 520) == "slot.group_full");
    w.offer(4, {{870, 960, 10, 5}});
    CHECK(w.count("SELECT count(*) FROM slot_group_limit WHERE weekday = 4") == 0);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("A0 periods that offer no order are not booked, nor by staff unless knowingly") {
    office w;
    w.offer(3, {{510, 600, 10, 0}});
    CHECK(w.try_book(w.company, w.wish({w.filed(w.company)}, w.wednesday)) == "slot.none");
    CHECK(w.try_book(w.scheduler, w.wish({w.filed(w.company)}, w.wednesday)) == "slot.none");
}

TEST_CASE("M37 one certificate number is one instrument's, however it is written") {
    office w;
    const auto id = w.in_state(order_status::received, 3);
    const auto lines = w.order(id).lines;
    for (const auto* empty : {"。；！", "\u200B", "；；；", "---"})
        CHECK(w.record(id, {w.passed(lines[0].id, empty)}) == "result.certificate");
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-1"), w.passed(lines[1].id, "ｆs－1")}) ==
          "result.certificate_taken");
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-1")}) == "");
    CHECK(w.record(id, {w.passed(lines[1].id, "ｆs－1")}) == "result.certificate_taken");
    CHECK(w.record(id, {w.passed(lines[1].id, "FS-2")}) == "");
    // Two that were mistaken for each other change places in one form.
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-2"), w.passed(lines[1].id, "FS-1")}) == "");
    // A number that a correction gave up is free, unless a PDF went out under it.
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-3")}) == "");
    const auto results =
        w.read([&](read_view& v) { return appointment::list_results(v, w.verifier, id).value(); });
    for (const auto& r : results)
        if (r.certificate_no == "FS-3") {
            const auto pdf =
                files::receive_file(w.folder.path() / "files", "FS-3.pdf", tests::pdf_of("one")).value();
            w.do_now(
                [&](write_tx& tx) { return appointment::attach_certificate(tx, w.verifier, r.id, pdf); });
        }
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-4")}) == "");
    CHECK(w.record(id, {w.passed(lines[2].id, "fs-3")}) == "result.certificate_taken");
    CHECK(w.record(id, {w.passed(lines[2].id, "FS-2")}) == "");
}

TEST_CASE("M37 dates of a result: no slip of the year, no end beyond twenty years") {
    office w;
    const auto id = w.in_state(order_status::received, 1);
    const auto line = w.order(id).lines[0].id;
    auto r = w.passed(line, "FS-1");
    r.verified_on = parse_date("1926-11-24");
    CHECK(w.record(id, {r}) == "result.verified_on");
    r.verified_on = add_days(w.today, -367);
    CHECK(w.record(id, {r}) == "result.verified_on");
    r.verified_on = add_days(w.today, -366);
    r.valid_until = parse_date("9999-12-31");
    CHECK(w.record(id, {r}) == "result.valid_until");
    r.valid_until = add_days(add_months(*r.verified_on, 240), 1);
    CHECK(w.record(id, {r}) == "result.valid_until");
    r.valid_until = add_months(*r.verified_on, 240);
    CHECK(w.record(id, {r}) == "");
}

TEST_CASE("M38 器具状态 goes back when the pass that changed it was a mistake; a failure has no validity") {
    office w;
    for (const auto* status : {"new", "repair"}) {
        CAPTURE(status);
        const auto of = w.filed(w.company);
        w.put_status(of, status);
        const auto id = w.received(of);
        const auto line = w.order(id).lines[0].id;
        const std::string number = std::string("ST-") + status;
        CHECK(w.record(id, {w.passed(line, number)}) == "");
        CHECK(w.instrument(of).instrument_status == "in_use");
        auto bad = w.failed(line, number);
        CHECK(w.record(id, {bad}) == "");
        CHECK(w.instrument(of).instrument_status == status);
        CHECK(w.instrument(of).barred);
        CHECK_FALSE(w.instrument(of).valid_until);
        CHECK(w.record(id, {w.passed(line, number)}) == "");
        CHECK(w.instrument(of).instrument_status == "in_use");
        CHECK(w.record(id, {w.untested(line)}) == "");
        CHECK(w.instrument(of).instrument_status == status);
        CHECK(w.broken_invariant() == "");
    }
    // What was stopped in between stays stopped.
    const auto of = w.filed(w.company);
    w.put_status(of, "repair");
    const auto id = w.received(of);
    const auto line = w.order(id).lines[0].id;
    CHECK(w.record(id, {w.passed(line, "ST-9")}) == "");
    w.put_status(of, "stopped");
    CHECK(w.record(id, {w.failed(line, "ST-9")}) == "");
    CHECK(w.instrument(of).instrument_status == "stopped");
    // Failed at once: no validity is left, whatever the form says, and whoever records it.
    const auto other = w.filed(w.company);
    w.do_now([&](write_tx& tx) -> result<> {
        instrument::outcome o;
        o.failed = true;
        o.certificate_no = "TZ-1";
        o.verified_on = w.today;
        o.valid_until = add_days(w.today, 100);
        instrument::record_outcome(tx, other, o);
        return {};
    });
    CHECK_FALSE(w.instrument(other).valid_until);
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("M38 an earlier certificate is not valid again before its filing is") {
    office w;
    const auto id = w.in_state(order_status::completed);
    const auto of = w.order(id).lines[0].instrument_id;
    const auto tag = [&] { return instrument::validity_tag(w.instrument(of), w.today, 60).text; };
    const auto fine = tag();
    CHECK(fine == "有效");
    w.do_now([&](write_tx& tx) { return filing::unfile_at_desk(tx, w.desk, of, "铭牌不清"); });
    CHECK(tag() == "备案已撤销");
    w.do_now([&](write_tx& tx) -> result<> {
        const auto sent =
            filing::submit(tx, w.company, std::array{of}, {.institution = w.institution, .knowingly = true});
        if (sent[0].refused) return *sent[0].refused;
        return {};
    });
    CHECK(tag() == "备案已撤销"); // nobody has decided
    w.do_now([&](write_tx& tx) { return filing::accept(tx, w.reviewer, of, {.period_months = 6}); });
    CHECK(tag() == "有效");
    w.do_now([&](write_tx& tx) -> result<> { // F12
        const auto request = filing::ask_cancel(tx, w.company, of, "sold", "").value();
        return filing::agree_request(tx, w.reviewer, request);
    });
    CHECK(tag() == "备案已撤销");
}

TEST_CASE("F8 the desk un-files nothing that is still booked, only by returning its line (A7)") {
    office w;
    const auto of = w.filed(w.company);
    const auto id = w.book(w.company, {of}, w.wednesday);
    const auto unfile = [&] {
        return w.refusal([&](write_tx& tx) { return filing::unfile_at_desk(tx, w.desk, of, "铭牌不清"); });
    };
    CHECK(unfile() == "filing.booked");
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, id); });
    CHECK(unfile() == "filing.booked");
    CHECK(w.broken_invariant() == "");
    w.do_now([&](write_tx& tx) { return appointment::return_order(tx, w.desk, id, "铭牌不清"); });
    CHECK(w.instrument(of).filing_status == "returned");
    CHECK(w.broken_invariant() == "");
}

TEST_CASE("A0 F12 F14 what the company wants ended or changed is not booked until that is decided") {
    office w;
    const auto of = w.filed(w.company), sound = w.filed(w.company);
    const auto request =
        w.write([&](write_tx& tx) { return filing::ask_cancel(tx, w.company, of, "scrapped", ""); }).value();
    CHECK(w.try_book(w.company, w.wish({of, sound}, w.wednesday)) == "order.asked");
    CHECK(w.try_book(w.desk, w.wish({of}, w.wednesday)) == "order.asked");
    const auto chosen = w.read([&](read_view& v) {
        return appointment::plan_orders(v, w.company, std::array{of, sound});
    });
    REQUIRE(chosen.others.size() == 1);
    CHECK(chosen.others[0].id == of);
    w.do_now([&](write_tx& tx) { return filing::withdraw_request(tx, w.company, request); });
    CHECK(w.try_book(w.company, w.wish({of, sound}, w.wednesday)) == "");
    // A14 does not book it again behind a request made while it was free.
    const auto id = w.in_state(order_status::confirmed, 2);
    const auto absent = w.order(id).lines[0];
    w.do_now([&](write_tx& tx) {
        return appointment::receive_order(tx, w.desk, id, {.absent = {{absent.id, "未带来"}}});
    });
    w.do_now([&](write_tx& tx) -> result<> {
        filing::ask_cancel(tx, w.company, absent.instrument_id, "scrapped", "").value();
        return {};
    });
    CHECK(w.refusal([&](write_tx& tx) { return appointment::unreceive_order(tx, w.desk, id, "点错了"); }) ==
          "order.rebooked");
}

TEST_CASE("R4 A1b nobody books for a suspended company, its institution neither") {
    office w;
    const auto of = w.filed(w.company);
    w.do_now([&](write_tx& tx) {
        return account::suspend_applicant(tx, w.platform, w.company.applicant_id, "核查");
    });
    CHECK(w.try_book(w.scheduler, w.wish({of}, w.wednesday)) == "applicant.not_active");
}

TEST_CASE("S1 a regulator reads the orders of the companies of his region, wherever they are booked") {
    office w;
    const auto id = w.book();
    w.do_now([&](write_tx& tx) -> result<> { // the institution lies elsewhere
        tx.exec("UPDATE institution SET region_code = '440305' WHERE id = $1", w.institution);
        return {};
    });
    const auto sees = [&](std::string_view region) {
        actor who = w.regulator;
        who.region_code = region;
        return w.read([&](read_view& v) { return appointment::get_order(v, who, id).has_value(); });
    };
    CHECK(sees(w.order(id).applicant_region));
    CHECK(sees("440305"));
    CHECK_FALSE(sees("440100"));
}

TEST_CASE("T3 T7 companies that were told of a visit are told that it is off, others are not") {
    office w;
    w.widen();
    std::vector<std::int64_t> visits;
    for (int n = 0; n < 3; ++n)
        visits.push_back(w.in_state(order_status::confirmed, 1, "onsite"));
    std::int64_t journey = 0;
    w.do_now([&](write_tx& tx) -> result<> {
        journey = trip::plan_trip(tx, w.scheduler, w.wednesday, {{w.verifier.login_id}, "", ""},
                                  std::array{visits[0], visits[1]})
                      .value();
        trip::announce_trip(tx, w.scheduler, journey).value();
        return trip::add_stop(tx, w.scheduler, journey, visits[2]); // not told of it yet
    });
    w.do_now([&](write_tx& tx) { return trip::remove_stop(tx, w.scheduler, journey, visits[0]); });
    CHECK(w.events("order_visit_called_off") == 1);
    w.do_now([&](write_tx& tx) {
        return trip::cancel_trip(tx, w.scheduler, journey, "车辆故障", trip::orders_do::keep);
    });
    CHECK(w.events("order_visit_called_off") == 2);
    CHECK(w.events("order_cancelled") == 0);
    for (const auto id : visits)
        CHECK(w.order(id).status == order_status::confirmed);
}

TEST_CASE("S13 what was told is not replaced under its id") {
    office w;
    w.book();
    CHECK(w.count("SELECT count(*) FROM outbox") > 0);
    CHECK_THROWS_AS(w.do_now([](write_tx& tx) -> result<> {
        tx.exec("INSERT OR REPLACE INTO outbox SELECT * FROM outbox LIMIT 1");
        return {};
    }),
                    db::db_error);
}

TEST_CASE("S9 the calendar's audit rows say what was before") {
    office w;
    w.limit(3, 510, 4);
    w.limit(3, 510, 2);
    CHECK(w.last_audit("set_group_limits", "before").find("压力仪表 4") != std::string::npos);
    const auto close = [&](std::string_view why) {
        w.do_now([&](write_tx& tx) {
            return appointment::close_day(tx, w.scheduler, w.institution, w.wednesday, why);
        });
    };
    close("盘点");
    close("台风");
    CHECK(w.last_audit("close_day", "before").find("盘点") != std::string::npos);
    CHECK(w.last_audit("close_day", "after").find("台风") != std::string::npos);
    w.do_now(
        [&](write_tx& tx) { return appointment::open_day(tx, w.scheduler, w.institution, w.wednesday); });
    CHECK(w.last_audit("open_day", "before").find("台风") != std::string::npos);
    const auto id = w.in_state(order_status::confirmed, 2);
    const auto lines = w.order(id).lines;
    CHECK(w.last_audit("book", "after").find(std::to_string(lines[0].instrument_id)) != std::string::npos);
    w.do_now([&](write_tx& tx) {
        return appointment::receive_order(tx, w.desk, id, {.absent = {{lines[1].id, "未带来"}}});
    });
    CHECK(w.last_audit("receive", "after").find("未带来") != std::string::npos);
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-1")}) == "");
    CHECK(w.record(id, {w.passed(lines[0].id, "FS-2")}) == "");
    CHECK(w.last_audit("record", "after").find("FS-1") != std::string::npos);
}
