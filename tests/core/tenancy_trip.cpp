// Lines of tenancy_test: core/trip, core/due, core/privacy.
#include "core/due/booking.hpp"
#include "core/due/due.hpp"
#include "core/privacy/privacy.hpp"
#include "core/trip/queries.hpp"
#include "core/trip/trip.hpp"
#include "tests/core/tenancy.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace tests::tenancy {
namespace {

using namespace core;
using db::write_tx;

const date day = *parse_date("2026-11-25"); // of the trip

template<class List>
bool has(const List& all, std::int64_t id) {
    return std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.id == id; });
}

trip::equipment team_of(const actor& who) {
    return {{who.login_id}, "粤E00000", "标准砝码"};
}

} // namespace

std::vector<line> trip_lines() {
    using t = const things&;
    using a = const actor&;
    return {
        {"trip::get_trip", what::reading, "scheduler",
         [](write_tx& tx, a who, t x) { return outcome_of(trip::get_trip(tx, who, x.trip)); }},
        {"trip::list_trips", what::reading, "scheduler",
         [](write_tx& tx, a who, t x) {
             return seen(has(trip::list_trips(tx, who, day, day, {}, 100, x.institution), x.trip));
         }},
        {"trip::list_my_trips", what::own_desk, "verifier",
         [](write_tx& tx, a who, t x) { return seen(has(trip::list_my_trips(tx, who, day), x.trip)); }},
        {"trip::propose_stops", what::own_desk, "scheduler",
         [](write_tx& tx, a who, t) { return seen(!trip::propose_stops(tx, who, day).empty()); }},
        {"trip::find_visit", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return seen(trip::find_visit(tx, who, x.visited).has_value()); }},
        {"trip::plan_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return outcome_of(trip::plan_trip(tx, who, day, team_of(who), std::array{x.unvisited}));
         }},
        {"trip::change_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::change_trip(tx, who, x.trip, 1, team_of(who)); }},
        {"trip::add_stop", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::add_stop(tx, who, x.trip, x.unvisited); }},
        {"trip::remove_stop", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::remove_stop(tx, who, x.trip, x.visited); }},
        {"trip::reorder_stops", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return trip::reorder_stops(tx, who, x.trip, std::array{x.visited});
         }},
        {"trip::set_stop", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::set_stop(tx, who, x.trip, x.visited, {}); }},
        {"trip::announce_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return outcome_of(trip::announce_trip(tx, who, x.trip)); }},
        {"trip::start_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::start_trip(tx, who, x.trip); }},
        {"trip::finish_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::finish_trip(tx, who, x.trip); }},
        {"trip::cancel_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return trip::cancel_trip(tx, who, x.trip, "台风", trip::orders_do::keep);
         }},
        {"trip::move_trip", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return trip::move_trip(tx, who, x.trip, add_days(day, 1), "台风"); }},
        {"trip::move_day", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return outcome_of(
                 trip::move_day(tx, who, x.institution, {"", day, std::nullopt, "台风", false, false}));
         }},

        {"privacy::export_person", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(privacy::export_person(tx, who, x.login)); }},
        {"privacy::erase_person", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return privacy::erase_person(tx, who, x.colleague, "本人申请"); }},
        {"privacy::export_company", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             std::ostringstream out;
             return privacy::export_company(tx, who, x.applicant, out);
         }},
        {"privacy::erase_company", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return privacy::erase_company(tx, who, x.applicant, "已注销"); }},

        {"due::list_due", what::reading, "company",
         [](write_tx& tx, a who, t x) {
             return seen(has(due::list_due(tx, who, {.institution = x.institution}, {}, 100), x.free));
         }},
        {"due::count_due", what::reading, "company",
         [](write_tx& tx, a who, t x) { return seen(due::count_due(tx, who, x.institution).soon > 0); }},
        {"due::list_region_due", what::reading, "platform",
         [](write_tx& tx, a who, t) { return seen(!due::list_region_due(tx, who).empty()); }},
        {"due::forecast", what::reading, "scheduler",
         [](write_tx& tx, a who, t x) {
             const auto all = due::forecast(tx, who, 12, x.institution);
             return seen(std::any_of(all.begin(), all.end(), [](const auto& m) { return m.deliver > 0; }));
         }},
        {"due::plan_booking", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             return seen(!due::plan_booking(tx, who, std::array{x.free}).orders.empty());
         }},
        {"due::book_planned", what::verb, "company",
         [](write_tx& tx, a who, t x) -> result<> {
             const due::chosen_order order{{x.free}, add_days(day, 1), 600};
             const auto made = due::book_planned(tx, who, std::array{order}, {"陈志明", "13800001234", ""});
             if (made.empty()) return error(errc::not_allowed);
             if (made.front().refused) return *made.front().refused;
             return {};
         }},
    };
}

} // namespace tests::tenancy
