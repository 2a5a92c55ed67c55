// What a company that is not approved, or no longer, may do: enter instruments, but neither file nor book
// (R2, R4).
#include "core/account/applicant.hpp"
#include "core/appointment/appointment.hpp"
#include "core/filing/filing.hpp"
#include "core/instrument/instrument.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::account_world;

TEST_CASE("R2 a company waiting for approval enters instruments, but neither files nor books") {
    account_world w;
    const actor who = w.acting("hejiaxin");
    const auto entry = w.count(R"sql(SELECT id FROM catalogue_row WHERE l2 = '非自动衡器')sql");
    const std::map<std::string_view, std::string> form = {{"name", "电子计价秤"},
                                                          {"model", "ACS-30"},
                                                          {"serial_no", "S-1"},
                                                          {"manufacturer", "示例厂"},
                                                          {"origin", "domestic"},
                                                          {"instrument_status", "in_use"},
                                                          {"purpose", "trade"},
                                                          {"instrument_type", "working"},
                                                          {"catalogue_id", std::to_string(entry)},
                                                          {"method", "deliver"},
                                                          {"location_text", "一楼收银台"},
                                                          {"region_code", "440305"}};
    const auto id = w.write([&](write_tx& tx) {
                         return instrument::add(tx, who, [&](std::string_view field) {
                             const auto found = form.find(field);
                             return found == form.end() ? std::string() : found->second;
                         });
                     }).value();
    const auto where = w.count(R"sql(SELECT id FROM institution WHERE name = '深圳市计量质量检测研究院')sql");
    const auto file = [&] {
        return w
            .write([&](write_tx& tx) -> result<std::vector<filing::outcome>> {
                return filing::submit(tx, who, std::vector{id}, {.institution = where});
            })
            .value()
            .at(0)
            .refused.value_or(error(errc::unavailable, "none"))
            .detail;
    };
    CHECK(file() == "applicant.not_active");
    const auto book = [&] {
        appointment::booking b;
        b.instruments = {id};
        return w.write([&](write_tx& tx) { return appointment::book_order(tx, who, b); }).error().detail;
    };
    CHECK(book() == "applicant.not_active");
    tests::give_papers(w, who.applicant_id);
    w.write([&](write_tx& tx) {
         return account::approve_applicant(tx, account_world::system(), who.applicant_id);
     }).value();
    CHECK(file() == "filing.type_evaluation"); // on to the next rule
    CHECK(book() == "order.not_filed");
}
