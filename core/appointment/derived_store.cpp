#include "core/appointment/derived.hpp"

#include "core/account/derived.hpp"
#include "core/appointment/search_store.hpp"
#include "core/db/search_index.hpp"
#include "core/instrument/derived.hpp"

namespace core::appointment {
namespace {

constexpr std::string_view all_orders =
    R"sql(SELECT o.number, a.search_name, o.contact_name, o.method, o.status, o.institution_id, o.day, o.id
          FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id ORDER BY o.id)sql";

// Who has filed or booked where, as far as the rows say: who once had is kept too.
constexpr std::string_view known_clients =
    R"sql(SELECT institution_id, applicant_id FROM instrument WHERE institution_id IS NOT NULL
          UNION SELECT institution_id, applicant_id FROM appointment_order)sql";

} // namespace

std::vector<std::string> find_drift(db::read_view& view) {
    auto all = account::find_drift(view);
    for (auto& one : instrument::find_drift(view))
        all.push_back(std::move(one));
    if (view.query_number("SELECT count(*) FROM (" + std::string(known_clients) +
                          " EXCEPT SELECT institution_id, applicant_id FROM institution_client) d") != 0)
        all.emplace_back("institution_client");
    db::search_comparison grams(store::search_table);
    for (const auto r : view.query(all_orders))
        grams.expect(r.number(7), store::grams_of(store::searched_of(r)));
    if (!grams.fits(view)) all.emplace_back(store::search_table);
    return all;
}

void rebuild_derived(db::write_tx& tx) {
    account::rebuild_derived(tx); // and the names that instruments and orders are found by
    instrument::rebuild_derived(tx);
    tx.exec("INSERT INTO institution_client (institution_id, applicant_id) SELECT * FROM (" +
            std::string(known_clients) +
            ") k WHERE true ON CONFLICT (institution_id, applicant_id) DO NOTHING");
    const db::search_index index(store::search_table);
    index.clear(tx);
    for (const auto r : tx.query(all_orders))
        index.add(tx, r.number(7), store::grams_of(store::searched_of(r)));
}

} // namespace core::appointment
