// What is kept for lists and counts (grams, tallies, due_kind): always what the rows say, found when it is
// not, and made anew.
#include "core/account/applicant.hpp"
#include "core/appointment/appointment.hpp"
#include "core/appointment/derived.hpp"
#include "core/base/text.hpp"
#include "core/due/due.hpp"
#include "core/filing/queries.hpp"
#include "core/filing/request.hpp"
#include "core/instrument/listing.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

using names = std::vector<std::string>;
using ids = std::vector<std::int64_t>;

names drift(order_world& w) {
    return w.read([](read_view& v) { return appointment::find_drift(v); });
}

void put(order_world& w, std::string_view sql) {
    w.do_now([&](write_tx& tx) -> result<> {
        tx.exec(sql);
        return {};
    });
}

ids filed_list(order_world& w, std::string_view text, std::int64_t after = 0, int limit = 50) {
    filing::work_filter f;
    f.of = filing::tab::filed;
    f.text = text;
    ids all;
    for (const auto& one : w.read([&](read_view& v) {
             return filing::list_work(v, w.reviewer, f, {0, after}, limit);
         }))
        all.push_back(one.id);
    return all;
}

ids order_list(order_world& w, std::string_view text, std::string_view status = {}, std::int64_t after = 0,
               int limit = 50) {
    appointment::order_filter f;
    f.text = text;
    f.status = status;
    ids all;
    for (const auto& one : w.read([&](read_view& v) {
             return appointment::list_work(v, w.scheduler, f, {0, after}, limit);
         }))
        all.push_back(one.what.id);
    return all;
}

void rename(order_world& w, std::string_view name) {
    w.do_now([&](write_tx& tx) {
        const auto a = account::find_applicant(tx, w.company.applicant_id).value();
        return account::edit_applicant(tx, w.platform, a.id, a.version,
                                       {a.uscc, std::string(name), a.region_code, a.address, a.contact_name,
                                        a.contact_phone, a.legal_person},
                                       "新执照");
    });
}

// Any verb on anything; what is refused changes nothing.
class walk {
  public:
    explicit walk(unsigned seed) : dice_(seed) { w_.widen(); }

    void step() {
        if (instruments_.size() < 6) instruments_.push_back(w_.filed(company()));
        const auto id = pick(instruments_);
        const auto order = orders_.empty() ? 0 : pick(orders_);
        const actor system = tests::account_world::system();
        const auto go = [&](auto verb) { done_ += w_.refusal(verb).empty() ? 1 : 0; };
        switch (roll(16)) {
        case 0:
            return instruments_.push_back(w_.filed(company(), roll(2) == 0 ? "deliver" : "onsite"));
        case 1:
            return go([&](write_tx& tx) { return filing::unfile_at_desk(tx, w_.desk, id, "铭牌不清"); });
        case 2:
            return go([&](write_tx& tx) -> result<> {
                const auto all = filing::submit(tx, company(), std::array{id}, {w_.institution, true});
                return all[0].refused ? result<>(*all[0].refused) : result<>();
            });
        case 3:
            return go([&](write_tx& tx) { return filing::withdraw(tx, company(), id); });
        case 4:
            return go([&](write_tx& tx) { return filing::dispatch(tx, w_.reviewer, id, w_.elsewhere); });
        case 5:
            return go([&](write_tx& tx) { return filing::take_back(tx, w_.reviewer, id, "再看"); });
        case 6:
            return go([&](write_tx& tx) {
                return filing::accept(tx, w_.reviewer, id, {.period_months = roll(2) == 0 ? 0 : 12});
            });
        case 7:
            return go([&](write_tx& tx) { return filing::remove(tx, company(), id); });
        case 8:
        case 9: {
            const auto wish = w_.wish({id}, add_days(w_.wednesday, roll(2)), 510);
            return go([&](write_tx& tx) -> result<> {
                const auto made = appointment::book_order(tx, company(), wish);
                if (!made) return made.error();
                orders_.push_back(*made);
                return {};
            });
        }
        case 10:
            return go([&](write_tx& tx) { return appointment::confirm_order(tx, w_.scheduler, order); });
        case 11:
            return go(
                [&](write_tx& tx) { return appointment::cancel_order(tx, company(), order, "不去了"); });
        case 12:
            return receive(order);
        case 13:
            return record(order);
        case 14:
            rename(w_, "改名公司" + std::to_string(roll(1000)) + "厂");
            return go([&](write_tx& tx) -> result<> {
                appointment::follow_names(tx, 5);
                return {};
            });
        default:
            w_.time.advance(std::chrono::hours(1));
            return go([&](write_tx& tx) -> result<> {
                appointment::expire_orders(tx, 3);
                return {};
            });
        }
    }
    names drift_now() { return drift(w_); }
    // The counts that pages show, against the lists they stand above.
    bool counts_agree() {
        const auto n = w_.read([&](read_view& v) { return filing::count_work(v, w_.reviewer); });
        const auto d = w_.read([&](read_view& v) { return due::count_due(v, w_.reviewer); });
        bool agree = true;
        for (const auto t : {filing::tab::submitted, filing::tab::dispatched, filing::tab::outgoing,
                             filing::tab::returned, filing::tab::filed}) {
            filing::work_filter f;
            f.of = t;
            const auto all =
                w_.read([&](read_view& v) { return filing::list_work(v, w_.reviewer, f, {}, 500); });
            agree = agree && n.of(t) == static_cast<int>(all.size());
        }
        for (int t = 0; t < due::tab_count; ++t) {
            due::filter f;
            f.of = static_cast<due::tab>(t);
            const auto all = w_.read([&](read_view& v) { return due::list_due(v, w_.reviewer, f, {}, 500); });
            agree = agree && d.of(f.of) == static_cast<int>(all.size());
        }
        return agree;
    }
    int done() const { return done_; }

  private:
    int roll(int n) { return std::uniform_int_distribution<int>(0, n - 1)(dice_); }
    std::int64_t pick(const ids& all) {
        return all[static_cast<std::size_t>(roll(static_cast<int>(all.size())))];
    }
    const actor& company() const { return w_.company; }

    void receive(std::int64_t id) {
        if (id == 0) return;
        const auto o = w_.order(id);
        if (o.status != order_status::confirmed) return;
        const auto now = w_.time.now();
        if (now < local_instant(o.day, o.starts)) w_.time.set(local_instant(o.day, o.starts));
        done_ +=
            w_.refusal([&](write_tx& tx) { return appointment::receive_order(tx, w_.desk, id, {}); }).empty();
    }
    void record(std::int64_t id) {
        if (id == 0) return;
        const auto o = w_.order(id);
        auto given = w_.passing(o);
        if (given.empty()) return;
        done_ += w_.refusal([&](write_tx& tx) {
                       return appointment::record_results(tx, w_.verifier, id, given);
                   }).empty();
    }

    order_world w_;
    std::mt19937 dice_;
    ids instruments_, orders_;
    int done_ = 0;
};

} // namespace

TEST_CASE("kept counts and grams are what the rows say after every verb; property over random walks") {
    int done = 0;
    for (const unsigned seed : {11u, 12u, 13u, 14u}) {
        CAPTURE(seed);
        walk w(seed);
        for (int n = 0; n < 120; ++n) {
            CAPTURE(n);
            w.step();
            REQUIRE(w.drift_now() == names{});
            REQUIRE(w.counts_agree());
        }
        done += w.done();
    }
    CHECK(done > 120);
}

TEST_CASE("drift is found table by table, and rebuilding ends it") {
    order_world w;
    w.in_state(order_status::completed);
    w.in_state(order_status::confirmed);
    CHECK(drift(w) == names{});
    struct damage {
        std::string_view sql, table;
    };
    static constexpr std::array<damage, 12> damages = {{
        {"INSERT INTO applicant_search (rowid, grams) VALUES (1, '示例')", "applicant_search"},
        {"INSERT INTO applicant_search (applicant_search) VALUES ('delete-all')", "applicant_search"},
        {"UPDATE applicant_tally SET companies = companies + 1", "applicant_tally"},
        {"UPDATE follower_tally SET bound = bound + 1", "follower_tally"},
        {"DELETE FROM institution_client", "institution_client"},
        {"UPDATE instrument_tally SET instruments = instruments + 1", "instrument_tally"},
        {"INSERT INTO desk_tally (institution_id, part, instruments) VALUES (1, 'outgoing', 3)",
         "desk_tally"},
        {"DELETE FROM due_tally", "due_tally"},
        {"UPDATE instrument SET due_kind = 'barred' WHERE due_kind IS NOT NULL", "instrument.due_kind"},
        {"INSERT INTO instrument_search (rowid, grams) VALUES (1, '压力')", "instrument_search"},
        {"INSERT INTO instrument_search (instrument_search) VALUES ('delete-all')", "instrument_search"},
        {"INSERT INTO order_search (order_search) VALUES ('delete-all')", "order_search"},
    }};
    for (const auto& d : damages) {
        CAPTURE(d.sql);
        put(w, d.sql);
        CHECK(drift(w) == names{std::string(d.table)});
        w.do_now([](write_tx& tx) -> result<> {
            appointment::rebuild_derived(tx);
            return {};
        });
        CHECK(drift(w) == names{});
    }
    CHECK(filed_list(w, "压力表").size() == 2);
    CHECK(order_list(w, "示例").size() == 2);
}

TEST_CASE("M22 the filed tab is searched by instrument and by company, page by page") {
    order_world w;
    const auto mine = w.filed(w.company, 5);
    const auto foreign = w.filed(w.other_company);
    const auto name = w.read(
        [&](read_view& v) { return account::find_applicant(v, w.other_company.applicant_id).value().name; });
    CHECK(filed_list(w, name) == ids{foreign});
    CHECK(filed_list(w, name + " 压力") == ids{foreign}); // one word of each
    CHECK(filed_list(w, "压力表").size() == 6);
    ids paged;
    for (std::int64_t at = 0; paged.size() < 6;) {
        const auto page = filed_list(w, "压力", at, 2);
        REQUIRE_FALSE(page.empty());
        paged.insert(paged.end(), page.begin(), page.end());
        at = page.back();
    }
    CHECK(paged == ids{foreign, mine[4], mine[3], mine[2], mine[1], mine[0]});
    CHECK(filed_list(w, "压力", paged.back()).empty());
    CHECK(filed_list(w, "没有这个").empty());
    CHECK(filed_list(w, "表").size() == 6); // a single character is looked for row by row
    // A company does not find its instruments by its own name: all of them bear it.
    instrument::filter f;
    f.text = name;
    CHECK(w.read([&](read_view& v) { return instrument::list_page(v, w.other_company, f, {}, 9); })
              .value()
              .rows.empty());
}

TEST_CASE("M28 part of a name finds orders however old, in any status, page by page") {
    order_world w;
    w.widen();
    ids mine;
    for (int n = 0; n < 4; ++n)
        mine.push_back(w.book());
    w.do_now([&](write_tx& tx) { return appointment::confirm_order(tx, w.scheduler, mine[1]); });
    w.do_now([&](write_tx& tx) { return appointment::cancel_order(tx, w.company, mine[2], "不去了"); });
    const auto o = w.order(mine[0]);
    const auto part = cut_characters(o.applicant_name, 4);
    CHECK(order_list(w, part) == ids{mine[3], mine[2], mine[1], mine[0]});
    CHECK(order_list(w, part, "confirmed") == ids{mine[1]});
    CHECK(order_list(w, part, "cancelled") == ids{mine[2]});
    CHECK(order_list(w, part, "expired").empty());
    CHECK(order_list(w, part, {}, 0, 2) == ids{mine[3], mine[2]});
    CHECK(order_list(w, part, {}, mine[2], 2) == ids{mine[1], mine[0]});
    CHECK(order_list(w, o.contact_name) == ids{mine[3], mine[2], mine[1], mine[0]});
    CHECK(order_list(w, w.order(mine[1]).number.substr(2, 7)) == ids{mine[1]});
    CHECK(order_list(w, "%").empty());
}

TEST_CASE(
    "a renamed company's filings and orders are found by its new name at once, and by the earlier one until "
    "the schedule has come by") {
    order_world w;
    const auto order = w.book();
    const auto instrument = w.order(order).lines[0].instrument_id;
    const auto earlier = w.order(order).applicant_name;
    rename(w, "全新字号制造厂");
    CHECK(drift(w) == names{});
    CHECK(filed_list(w, "全新字号") == ids{instrument});
    CHECK(filed_list(w, earlier) == ids{instrument});
    CHECK(order_list(w, "全新字号") == ids{order});
    CHECK(order_list(w, cut_characters(earlier, 6)) == ids{order});
    const auto followed =
        w.write([](write_tx& tx) -> result<int> { return appointment::follow_names(tx, 5); });
    CHECK(followed.value() == 1);
    CHECK(filed_list(w, "全新字号") == ids{instrument});
    CHECK(order_list(w, "全新字号") == ids{order});
    CHECK(filed_list(w, earlier).empty());
    CHECK(order_list(w, cut_characters(earlier, 6)).empty());
    CHECK(drift(w) == names{});
    const auto again = w.write([](write_tx& tx) -> result<int> { return appointment::follow_names(tx, 5); });
    CHECK(again.value() == 0);
}
