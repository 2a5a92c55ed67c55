// Lines of tenancy_test: core/instrument, core/filing, core/workbook.
#include "core/filing/queries.hpp"
#include "core/filing/reason.hpp"
#include "core/filing/request.hpp"
#include "core/instrument/attachment.hpp"
#include "core/instrument/listing.hpp"
#include "core/instrument/timeline.hpp"
#include "core/workbook/export.hpp"
#include "core/workbook/import.hpp"
#include "tests/core/tenancy.hpp"

#include <algorithm>
#include <array>

namespace tests::tenancy {
namespace {

using namespace core;
using db::write_tx;

std::array<std::int64_t, 1> one(std::int64_t id) {
    return {id};
}

template<class List>
result<> has(const List& all, std::int64_t id) {
    return seen(std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.id == id; }));
}

const filing::given_reasons why{filing::return_kind::incomplete, {}, "请补拍铭牌"};

instrument::instrument stored(write_tx& tx, std::int64_t id) {
    actor all;
    all.kind = actor_kind::system;
    auto found = instrument::get(tx, all, id);
    return found ? *found : instrument::instrument{};
}

} // namespace

std::vector<line> instrument_lines() {
    using t = const things&;
    using a = const actor&;
    return {
        {"instrument::get", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(instrument::get(tx, who, x.filed)); }},
        {"instrument::get_all", what::reading, "company",
         [](write_tx& tx, a who, t x) {
             return outcome_of(instrument::get_all(tx, who, one(x.filed)).at(0));
         }},
        {"instrument::list", what::reading, "company",
         [](write_tx& tx, a who, t x) { return has(instrument::list(tx, who, {}, 0, 100), x.filed); }},
        {"instrument::count", what::reading, "company",
         [](write_tx& tx, a who, t) { return seen(instrument::count(tx, who).filed > 0); }},
        {"instrument::list_page", what::reading, "company",
         [](write_tx& tx, a who, t x) -> result<> {
             instrument::filter f;
             f.text = "压力";
             const auto p = instrument::list_page(tx, who, f, {}, 100);
             return p ? has(p->rows, x.filed) : result<>(p.error());
         }},
        {"instrument::list_timeline", what::reading, "company",
         [](write_tx& tx, a who, t x) {
             return outcome_of(instrument::list_timeline(tx, who, x.filed, 0, 10));
         }},
        {"instrument::add", what::anybody, "company", // one's own
         [](write_tx& tx, a who, t) {
             return outcome_of(instrument::add(tx, who, [](std::string_view) { return std::string(); }));
         }},
        {"instrument::add_checked", what::anybody, "company", // into one's own
         [](write_tx& tx, a who, t) -> result<> {
             if (!who.is_applicant()) return outcome_of(instrument::add_checked(tx, who, {}));
             return {};
         }},
        {"instrument::edit", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return instrument::edit(tx, who, x.unfiled, 1, [](std::string_view) { return std::string(); });
         }},
        {"instrument::find_repeats", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             auto same = stored(tx, x.filed);
             same.id = 0;
             const auto found = instrument::find_repeats(tx, who, same);
             return seen(!found.own.empty());
         }},
        {"instrument::find_entered", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             auto same = stored(tx, x.filed);
             same.id = 0;
             return seen(instrument::find_entered(tx, who, same).has_value());
         }},
        {"instrument::list_doubts", what::anybody, "company",
         [](write_tx& tx, a who, t x) {
             return instrument::list_doubts(tx, who, stored(tx, x.filed)), result<>();
         }},
        {"instrument::attach", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return outcome_of(instrument::attach(tx, who, x.unfiled, "material",
                                                  {"a.pdf", "application/pdf", std::string(64, 'd'), 8}));
         }},
        {"instrument::remove_attachment", what::verb, "company",
         [](write_tx& tx, a who, t x) { return instrument::remove_attachment(tx, who, x.attachment); }},
        {"instrument::list_attachments", what::reading, "company",
         [](write_tx& tx, a who, t x) {
             return seen(!instrument::list_attachments(tx, who, x.unfiled).empty());
         }},
        {"instrument::get_attachment", what::reading, "company",
         [](write_tx& tx, a who, t x) {
             return outcome_of(instrument::get_attachment(tx, who, x.attachment));
         }},

        {"filing::submit", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return only(
                 filing::submit(tx, who, one(x.unfiled), {.institution = x.institution, .knowingly = true}));
         }},
        {"filing::check_mandatory", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return only(filing::check_mandatory(tx, who, one(x.unfiled))); }},
        {"filing::list_targets", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             return seen(!filing::list_targets(tx, who, one(x.unfiled)).empty());
         }},
        {"filing::withdraw", what::verb, "company",
         [](write_tx& tx, a who, t x) { return filing::withdraw(tx, who, x.submitted); }},
        {"filing::remove", what::verb, "company",
         [](write_tx& tx, a who, t x) { return filing::remove(tx, who, x.unfiled); }},
        {"filing::remove_many", what::verb, "company",
         [](write_tx& tx, a who, t x) { return only(filing::remove_many(tx, who, one(x.unfiled))); }},
        {"filing::accept", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::accept(tx, who, x.submitted); }},
        {"filing::accept_many", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return only(filing::accept_many(tx, who, one(x.submitted))); }},
        {"filing::give_back", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::give_back(tx, who, x.submitted, why); }},
        {"filing::give_back_many", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) {
             return only(filing::give_back_many(tx, who, one(x.submitted), why));
         }},
        {"filing::dispatch", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::dispatch(tx, who, x.submitted, x.institution); }},
        {"filing::dispatch_many", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) {
             return only(filing::dispatch_many(tx, who, one(x.submitted), x.institution));
         }},
        {"filing::decline", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::decline(tx, who, x.submitted, "原因"); }},
        {"filing::take_back", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::take_back(tx, who, x.submitted, "原因"); }},
        {"filing::pass_up", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) {
             return filing::pass_up(tx, who, x.submitted, x.institution, "原因");
         }},
        {"filing::unfile_at_desk", what::verb, "desk",
         [](write_tx& tx, a who, t x) { return filing::unfile_at_desk(tx, who, x.filed, "原因"); }},
        {"filing::list_work", what::reading, "reviewer",
         [](write_tx& tx, a who, t x) {
             return has(filing::list_work(tx, who, {.institution = x.institution}, {}, 100), x.submitted);
         }},
        {"filing::count_work", what::reading, "reviewer",
         [](write_tx& tx, a who, t x) {
             return seen(filing::count_work(tx, who, x.institution).submitted > 0);
         }},
        {"filing::list_steps", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(filing::list_steps(tx, who, x.filed)); }},
        {"filing::list_reasons", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(filing::list_reasons(tx, who, x.filed)); }},
        {"filing::propose", what::own_desk, "reviewer",
         [](write_tx& tx, a who, t x) { return outcome_of(filing::propose(tx, who, x.submitted)); }},
        {"filing::list_counties", what::own_desk, "reviewer",
         [](write_tx& tx, a who, t x) { return outcome_of(filing::list_counties(tx, who, x.submitted)); }},
        {"filing::list_return_reasons", what::anybody, "reviewer", // one's own institution's
         [](write_tx& tx, a who, t) { return filing::list_return_reasons(tx, who), result<>(); }},
        {"filing::set_return_reasons", what::anybody, "admin", // one's own institution's
         [](write_tx& tx, a who, t) { return filing::set_return_reasons(tx, who, {}); }},
        {"filing::check_reasons", what::anybody, "reviewer",
         [](write_tx& tx, a who, t) { return outcome_of(filing::check_reasons(tx, who, why)); }},

        {"filing::ask_cancel", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return outcome_of(filing::ask_cancel(tx, who, x.filed, "stopped", ""));
         }},
        {"filing::ask_change", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             const filing::new_value v{"model", "Y-150"};
             return outcome_of(filing::ask_change(tx, who, x.filed, std::array{v}, ""));
         }},
        {"filing::withdraw_request", what::verb, "company",
         [](write_tx& tx, a who, t x) { return filing::withdraw_request(tx, who, x.request); }},
        {"filing::agree_request", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::agree_request(tx, who, x.request); }},
        {"filing::refuse_request", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return filing::refuse_request(tx, who, x.request, "原因"); }},
        {"filing::get_request", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(filing::get_request(tx, who, x.request)); }},
        {"filing::find_open_request", what::reading, "company",
         [](write_tx& tx, a who, t x) {
             return seen(filing::find_open_request(tx, who, x.asked).has_value());
         }},
        {"filing::list_requests", what::reading, "reviewer",
         [](write_tx& tx, a who, t x) {
             return has(filing::list_requests(tx, who, {}, 100, x.institution), x.request);
         }},

        {"workbook::check_rows", what::anybody, "company", // one's own file
         [](write_tx& tx, a who, t) { return outcome_of(workbook::check_rows(tx, who, {})); }},
        {"workbook::import_all", what::anybody, "company",
         [](write_tx& tx, a who, t) {
             workbook::report told;
             return outcome_of(workbook::import_all(tx, who, {}, told));
         }},
        {"workbook::import_some", what::anybody, "company",
         [](write_tx& tx, a who, t) { return outcome_of(workbook::import_some(tx, who, {}, {})); }},
        {"workbook::import_row", what::anybody, "company",
         [](write_tx& tx, a who, t) { return outcome_of(workbook::import_row(tx, who, {})); }},
        {"workbook::list_imported_rows", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             return seen(!workbook::list_imported_rows(tx, who, x.import_hash).empty());
         }},
        {"workbook::find_import", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             return seen(workbook::find_import(tx, who, x.import_hash).has_value());
         }},
        {"workbook::export_instruments", what::anybody, "company", // one's own instruments
         [](write_tx& tx, a who, t) {
             const temp_folder folder;
             return outcome_of(workbook::export_instruments(tx, who, folder.path() / "out.xlsx"));
         }},
        {"workbook::get_import", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(workbook::get_import(tx, who, x.import)); }},
        {"workbook::list_imports", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return has(workbook::list_imports(tx, who, 0, 100), x.import); }},
    };
}

} // namespace tests::tenancy
