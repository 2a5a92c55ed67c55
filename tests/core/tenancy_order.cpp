// Lines of tenancy_test: core/appointment, core/catalogue, core/journal.
#include "core/appointment/calendar.hpp"
#include "core/appointment/certificate.hpp"
#include "core/appointment/queries.hpp"
#include "core/appointment/rule.hpp"
#include "core/catalogue/capability.hpp"
#include "core/catalogue/version.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "tests/core/tenancy.hpp"

#include <algorithm>
#include <array>

namespace tests::tenancy {
namespace {

using namespace core;
using namespace core::appointment;
using db::write_tx;

const date day = *parse_date("2026-11-26");

template<class List>
result<> has(const List& all, std::int64_t id) {
    return seen(std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.id == id; }));
}

booking wish(const things& x) {
    booking b;
    b.instruments = {x.filed};
    b.day = day;
    b.starts = 510;
    b.contact_name = "陈志明";
    b.contact_phone = "13800001234";
    return b;
}

} // namespace

std::vector<line> order_lines() {
    using t = const things&;
    using a = const actor&;
    return {
        {"appointment::get_order", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(get_order(tx, who, x.order)); }},
        {"appointment::find_own_by_number", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(find_own_by_number(tx, who, x.order_number)); }},
        {"appointment::list_results", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(list_results(tx, who, x.order)); }},
        {"appointment::get_certificate", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(get_certificate(tx, who, x.result)); }},
        {"appointment::attach_certificate", what::verb, "verifier",
         [](write_tx& tx, a who, t x) {
             return attach_certificate(tx, who, x.result,
                                       {"b.pdf", "application/pdf", std::string(64, 'f'), 9});
         }},
        {"appointment::list_orders", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return has(list_orders(tx, who, {}, 0, 100), x.order); }},
        {"appointment::list_work", what::reading, "scheduler",
         [](write_tx& tx, a who, t x) {
             const auto all =
                 list_work(tx, who, {.status = "pending", .institution = x.institution}, {}, 100);
             return seen(
                 std::any_of(all.begin(), all.end(), [&](const auto& w) { return w.what.id == x.order; }));
         }},
        {"appointment::list_day", what::own_desk, "desk",
         [](write_tx& tx, a who, t x) {
             const auto all = list_day(tx, who, day);
             const bool strange = std::any_of(all.begin(), all.end(), [&](const auto& w) {
                 return w.what.institution_id != who.institution_id;
             });
             return seen(!strange && who.is_staff_of(x.institution)); // the pending order isn't on it yet
         }},
        {"appointment::count_by_status", what::reading, "scheduler",
         [](write_tx& tx, a who, t x) { return seen(count_by_status(tx, who, x.institution).pending > 0); }},
        {"appointment::find_at_desk", what::own_desk, "desk",
         [](write_tx& tx, a who, t x) {
             return seen(!find_at_desk(tx, who, x.order_number).orders.empty());
         }},
        {"appointment::plan_orders", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             return seen(!plan_orders(tx, who, std::array{x.filed}).plans.empty());
         }},
        {"appointment::check_booking", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(check_booking(tx, who, wish(x))); }},
        {"appointment::book_order", what::verb, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(book_order(tx, who, wish(x))); }},
        {"appointment::book_orders", what::verb, "company",
         [](write_tx& tx, a who, t x) -> result<> {
             const auto made = book_orders(tx, who, std::array{wish(x)});
             if (made.empty()) return error(errc::not_allowed);
             if (made.front().refused) return *made.front().refused;
             return {};
         }},
        {"appointment::move_order", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return move_order(tx, who, x.order, {day, 600, "原因", false});
         }},
        {"appointment::cancel_order", what::verb, "company",
         [](write_tx& tx, a who, t x) { return cancel_order(tx, who, x.order, "原因"); }},
        {"appointment::confirm_order", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return confirm_order(tx, who, x.order); }},
        {"appointment::reject_order", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return reject_order(tx, who, x.order, "原因"); }},
        {"appointment::move_day", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return outcome_of(
                 move_day(tx, who, x.institution, {"", day, std::nullopt, "台风", false, false}));
         }},
        {"appointment::receive_order", what::verb, "desk",
         [](write_tx& tx, a who, t x) { return receive_order(tx, who, x.order); }},
        {"appointment::return_order", what::verb, "desk",
         [](write_tx& tx, a who, t x) { return return_order(tx, who, x.order, "原因"); }},
        {"appointment::unreceive_order", what::verb, "desk",
         [](write_tx& tx, a who, t x) { return unreceive_order(tx, who, x.order, "原因"); }},
        {"appointment::record_results", what::verb, "verifier",
         [](write_tx& tx, a who, t x) { return record_results(tx, who, x.order, {}); }},
        {"appointment::complete_order", what::verb, "verifier",
         [](write_tx& tx, a who, t x) { return complete_order(tx, who, x.order); }},
        {"appointment::expire_order", what::verb, "system",
         [](write_tx& tx, a who, t x) { return expire_order(tx, who, x.order); }},
        {"appointment::set_pattern", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return outcome_of(set_pattern(tx, who, x.institution, "deliver", 1, {}));
         }},
        {"appointment::set_special", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return outcome_of(set_special(tx, who, x.institution, "deliver", day,
                                           std::array<period, 1>{{{510, 600, 1, 1}}}));
         }},
        {"appointment::set_group_limits", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return outcome_of(set_group_limits(tx, who, x.institution, "deliver", 1, 510, {}));
         }},
        {"appointment::close_day", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) { return close_day(tx, who, x.institution, day, "停电"); }},
        {"appointment::open_day", what::verb, "scheduler",
         [](write_tx& tx, a who, t x) {
             return open_day(tx, who, x.institution, *parse_date("2026-11-27"));
         }},
        {"appointment::list_rules", what::own_desk, "admin",
         [](write_tx& tx, a who, t x) { return outcome_of(list_rules(tx, who, x.institution)); }},
        {"appointment::set_rule", what::verb, "admin",
         [](write_tx& tx, a who, t x) { return set_rule(tx, who, x.institution, "orders.no_shows", 2); }},

        {"catalogue::readable_institution", what::reading, "scheduler",
         [](write_tx& tx, a who, t x) {
             return seen(catalogue::readable_institution(tx, who, x.institution) != 0);
         }},
        {"catalogue::update_institution", what::verb, "admin",
         [](write_tx& tx, a who, t x) {
             auto place = catalogue::find_institution(tx, x.institution).value_or(catalogue::institution{});
             place.id = x.institution;
             place.phone = "0757-00001111";
             return catalogue::update_institution(tx, who, place);
         },
         true},
        {"catalogue::put_capability", what::verb, "admin",
         [](write_tx& tx, a who, t x) {
             return outcome_of(
                 catalogue::put_capability(tx, who, {0, x.institution, "压力仪表", "", "onsite", false}));
         },
         true},
        {"catalogue::remove_capability", what::verb, "admin",
         [](write_tx& tx, a who, t x) { return catalogue::remove_capability(tx, who, x.capability); }, true},
        {"catalogue::import_data", what::verb, "platform",
         [](write_tx& tx, a who, t) {
             return outcome_of(catalogue::import_data(tx, who, catalogue::dataset::regions, "code\n1\n"));
         }},
        {"catalogue::import_catalogue", what::verb, "platform",
         [](write_tx& tx, a who, t) { return outcome_of(catalogue::import_catalogue(tx, who, "", "")); }},
        {"catalogue::activate_version", what::verb, "platform",
         [](write_tx& tx, a who, t) {
             const auto all = catalogue::list_versions(tx);
             return outcome_of(catalogue::activate_version(tx, who, all.front().id));
         }},

        {"audit::list_entries", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             const auto all = audit::list_entries(tx, who, {.subject_kind = "order"}, std::nullopt, 100);
             return seen(
                 std::any_of(all.begin(), all.end(), [&](const auto& e) { return e.subject_id == x.order; }));
         }},
        {"setting::change_setting", what::verb, "platform",
         [](write_tx& tx, a who, t) {
             return setting::change_setting(tx, who, "labels.catalogue_l1", "种别");
         }},
    };
}

} // namespace tests::tenancy
