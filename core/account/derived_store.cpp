#include "core/account/derived.hpp"

#include "core/account/search_store.hpp"
#include "core/db/difference.hpp"
#include "core/db/search_index.hpp"

namespace core::account {
namespace {

constexpr std::string_view all_companies =
    R"sql(SELECT name, search_name, region_code, status, id FROM applicant ORDER BY id)sql";

// What triggers keep, and the slow counts that it must be at any time.
constexpr std::string_view counted_companies =
    R"sql(SELECT region_code, status, count(*) FROM applicant GROUP BY region_code, status)sql";
constexpr std::string_view counted_people =
    R"sql(SELECT 1, (SELECT count(*) FROM follower WHERE is_following = 1),
            (SELECT count(*) FROM follower WHERE is_following = 0),
            (SELECT count(DISTINCT openid) FROM binding WHERE unbound_at IS NULL),
            (SELECT count(*) FROM follower f WHERE f.is_following = 0
               AND EXISTS (SELECT 1 FROM binding b WHERE b.openid = f.openid AND b.unbound_at IS NULL)))sql";
constexpr std::string_view kept_companies =
    R"sql(SELECT region_code, status, companies FROM applicant_tally WHERE companies > 0)sql";
constexpr std::string_view kept_people =
    R"sql(SELECT one, following, gone, bound, bound_outside FROM follower_tally)sql";

} // namespace

std::vector<std::string> find_drift(db::read_view& view) {
    std::vector<std::string> all;
    if (db::differ(view, kept_companies, counted_companies)) all.emplace_back("applicant_tally");
    if (db::differ(view, kept_people, counted_people)) all.emplace_back("follower_tally");
    db::search_comparison grams(store::search_table);
    for (const auto r : view.query(all_companies))
        grams.expect(r.number(4), store::grams_of(store::searched_of(r)));
    if (!grams.fits(view)) all.emplace_back(store::search_table);
    return all;
}

void rebuild_derived(db::write_tx& tx) {
    tx.exec(R"sql(DELETE FROM applicant_tally)sql");
    tx.exec("INSERT INTO applicant_tally (region_code, status, companies) " + std::string(counted_companies));
    tx.exec(R"sql(DELETE FROM follower_tally)sql");
    tx.exec("INSERT INTO follower_tally (one, following, gone, bound, bound_outside) " +
            std::string(counted_people));
    tx.exec(R"sql(UPDATE applicant SET search_name = name WHERE search_name <> name)sql");
    const db::search_index index(store::search_table);
    index.clear(tx);
    for (const auto r : tx.query(all_companies))
        index.add(tx, r.number(4), store::grams_of(store::searched_of(r)));
}

} // namespace core::account
