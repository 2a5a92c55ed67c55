// The regulator (domain.md 3): reads everything of his region, institution by institution, and changes
// nothing. What he is refused is walked by tenancy_test.
#include "core/appointment/certificate.hpp"
#include "core/appointment/queries.hpp"
#include "core/due/due.hpp"
#include "core/filing/queries.hpp"
#include "core/instrument/listing.hpp"
#include "core/trip/queries.hpp"
#include "core/trip/trip.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

namespace {

class region_world : public order_world {
  public:
    region_world() {
        due_one = with_validity("2026-12-10", false);
        overdue = with_validity("2026-11-01", false);
        barred = with_validity("", true);
        order_id = book(1);
        visit = in_state(order_status::confirmed, 1, "onsite");
        trip_id = write([&](write_tx& tx) {
                      return trip::plan_trip(tx, scheduler, wednesday, {{verifier.login_id}, "", ""},
                                             std::array{visit});
                  }).value();
        far = regulator;
        far.region_code = "440300";
        whole = regulator;
        whole.region_code = "440000";
    }

    std::int64_t due_one = 0, overdue = 0, barred = 0, order_id = 0, visit = 0, trip_id = 0;
    actor far, whole; // of 深圳, of the province

    std::int64_t with_validity(std::string_view last, bool failed) {
        const auto id = filed(company);
        do_now([&](write_tx& tx) -> result<> {
            instrument::outcome o;
            o.passed = !failed;
            o.failed = failed;
            o.verified_on = parse_date("2026-05-02");
            o.valid_until = parse_date(last);
            instrument::record_outcome(tx, id, o);
            return {};
        });
        return id;
    }
    due::counts counts(const actor& who, std::int64_t at) {
        return read([&](read_view& v) { return due::count_due(v, who, at); });
    }
    std::vector<std::int64_t> due_ids(const actor& who, due::tab t, std::int64_t at) {
        std::vector<std::int64_t> all;
        for (const auto& i :
             read([&](read_view& v) { return due::list_due(v, who, {.of = t, .institution = at}, {}, 100); }))
            all.push_back(i.id);
        return all;
    }
};

} // namespace

TEST_CASE("S1 a regulator reads what is due with the institutions of his region") {
    region_world w;
    using ids = std::vector<std::int64_t>;
    for (const auto& who : {w.regulator, w.whole, w.platform}) {
        CHECK(w.due_ids(who, due::tab::soon, w.institution) == ids{w.due_one});
        CHECK(w.due_ids(who, due::tab::overdue, w.institution) == ids{w.overdue});
        CHECK(w.due_ids(who, due::tab::barred, w.institution) == ids{w.barred});
        CHECK(w.counts(who, w.institution).overdue == 1);
        CHECK(w.due_ids(who, due::tab::soon, 0).empty()); // of no institution in particular: none
        const auto months = w.read([&](read_view& v) { return due::forecast(v, who, 2, w.institution); });
        CHECK(months.at(1).deliver == 1);
        const auto all = w.read([&](read_view& v) { return due::list_region_due(v, who); });
        REQUIRE(all.size() == 1);
        CHECK(all[0].institution_id == w.institution);
        CHECK(all[0].of.soon == 1);
        CHECK(all[0].of.overdue == 1);
        CHECK(all[0].of.barred == 1);
    }
    CHECK(w.due_ids(w.far, due::tab::soon, w.institution).empty());
    CHECK(w.counts(w.far, w.institution).overdue == 0);
    CHECK(w.read([&](read_view& v) { return due::forecast(v, w.far, 2, w.institution); }).empty());
    // An institution reads its own, whatever it asks for; a company its own.
    CHECK(w.due_ids(w.scheduler, due::tab::overdue, w.elsewhere).empty());
    CHECK(w.due_ids(w.company, due::tab::overdue, w.elsewhere) == ids{w.overdue});
    for (const auto& who : {w.far, w.scheduler, w.company, order_world::visitor()})
        CHECK(w.read([&](read_view& v) { return due::list_region_due(v, who); }).empty());
}

TEST_CASE("S1 a regulator reads the work lists, counts, trips and certificates of his region") {
    region_world w;
    struct seen {
        std::size_t orders, trips, filings;
        int waiting, filed, total;
        bool operator==(const seen&) const = default;
    };
    const auto look = [&](const actor& who) {
        return w.read([&](read_view& v) {
            return seen{
                appointment::list_work(v, who, {.status = "pending", .institution = w.institution}, {}, 100)
                    .size(),
                trip::list_trips(v, who, w.wednesday, w.wednesday, {}, 100, w.institution).size(),
                filing::list_work(v, who, {.of = filing::tab::filed, .institution = w.institution}, {}, 100)
                    .size(),
                appointment::count_by_status(v, who, w.institution).pending,
                filing::count_work(v, who, w.institution).filed,
                instrument::count(v, who).total};
        });
    };
    const seen own = look(w.scheduler);
    CHECK(own == seen{1, 1, 5, 1, 5, 5});
    CHECK(look(w.regulator) == own);
    CHECK(look(w.whole) == own);
    CHECK(look(w.far) == seen{0, 0, 0, 0, 0, 0});
    const auto t = w.read([&](read_view& v) { return trip::get_trip(v, w.regulator, w.trip_id); }).value();
    CHECK(t.stops[0].order.contact_phone.find("****") != std::string::npos);
    CHECK(w.read([&](read_view& v) { return trip::get_trip(v, w.far, w.trip_id); }).error().code ==
          errc::not_found);
    CHECK(
        w.read([&](read_view& v) { return appointment::get_order(v, w.regulator, w.order_id); }).has_value());
}
