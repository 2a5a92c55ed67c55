#include "core/account/derived.hpp"

#include "core/account/search_store.hpp"
#include "core/db/search_index.hpp"

namespace core::account {
namespace {

constexpr std::string_view all_companies =
    R"sql(SELECT name, search_name, region_code, status, id FROM applicant ORDER BY id)sql";

} // namespace

std::vector<std::string> find_drift(db::read_view& view) {
    db::search_comparison grams(store::search_table);
    for (const auto r : view.query(all_companies))
        grams.expect(r.number(4), store::grams_of(store::searched_of(r)));
    if (grams.fits(view)) return {};
    return {std::string(store::search_table)};
}

void rebuild_derived(db::write_tx& tx) {
    tx.exec(R"sql(UPDATE applicant SET search_name = name WHERE search_name <> name)sql");
    const db::search_index index(store::search_table);
    index.clear(tx);
    for (const auto r : tx.query(all_companies))
        index.add(tx, r.number(4), store::grams_of(store::searched_of(r)));
}

} // namespace core::account
