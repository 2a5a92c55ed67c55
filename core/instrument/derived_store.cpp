#include "core/instrument/derived.hpp"

#include "core/db/difference.hpp"
#include "core/db/search_index.hpp"
#include "core/instrument/instrument_store.hpp"
#include "core/instrument/listing.hpp"

#include <array>
#include <string>
#include <string_view>

namespace core::instrument {
namespace {

constexpr std::string_view search_table = "instrument_search";

// A tally, and the slow count that it must be at any time.
struct kept_count {
    std::string_view table, columns, slow;
};
constexpr std::array<kept_count, 3> kept_counts = {{
    {"instrument_tally", "institution_id, filing_status, region_code, instruments",
     R"sql(SELECT coalesce(institution_id, 0), filing_status, region_code, count(*) FROM instrument
           WHERE filing_status <> 'deleted' GROUP BY institution_id, filing_status, region_code)sql"},
    {"desk_tally", "institution_id, part, instruments",
     R"sql(SELECT handler_id, filing_status, count(*) FROM instrument
           WHERE handler_id IS NOT NULL AND filing_status IN ('submitted', 'dispatched', 'returned')
           GROUP BY handler_id, filing_status
           UNION ALL SELECT origin_handler_id, 'outgoing', count(*) FROM instrument
           WHERE due_at IS NOT NULL AND origin_handler_id <> handler_id GROUP BY origin_handler_id)sql"},
    {"due_tally", "institution_id, kind, day, method, booked, instruments",
     R"sql(SELECT institution_id, due_rule, coalesce(valid_until, ''), method,
             CASE WHEN line_status = '' THEN 0 ELSE 1 END AS booked, count(*) FROM instrument_with_names
           WHERE due_rule <> '' GROUP BY institution_id, due_rule, valid_until, method, booked)sql"},
}};

bool has_drift(db::read_view& view, const kept_count& k) {
    const std::string kept =
        "SELECT " + std::string(k.columns) + " FROM " + std::string(k.table) + " WHERE instruments > 0";
    return db::differ(view, kept, k.slow);
}

constexpr std::string_view all_rows =
    R"sql(SELECT * FROM instrument_with_names WHERE filing_status <> 'deleted')sql";

} // namespace

std::vector<std::string> find_drift(db::read_view& view) {
    std::vector<std::string> all;
    for (const auto& k : kept_counts)
        if (has_drift(view, k)) all.emplace_back(k.table);
    if (view.query_number(R"sql(SELECT count(*) FROM instrument_with_names WHERE due_kind <> due_rule)sql") !=
        0)
        all.emplace_back("instrument.due_kind");
    db::search_comparison grams(search_table);
    for (const auto r : view.query(all_rows)) {
        const auto one = listed_of(store::instrument_of(r));
        grams.expect(one.id, one.grams);
    }
    if (!grams.fits(view)) all.emplace_back(search_table);
    return all;
}

void rebuild_derived(db::write_tx& tx) {
    tx.exec(R"sql(UPDATE instrument SET due_kind = (SELECT nullif(n.due_rule, '') FROM instrument_with_names n
                                                    WHERE n.id = instrument.id)
                  WHERE id IN (SELECT d.id FROM instrument_with_names d WHERE d.due_kind <> d.due_rule))sql");
    for (const auto& k : kept_counts) {
        tx.exec("DELETE FROM " + std::string(k.table));
        tx.exec("INSERT INTO " + std::string(k.table) + " (" + std::string(k.columns) + ") " +
                std::string(k.slow));
    }
    const db::search_index index(search_table);
    index.clear(tx);
    for (const auto r : tx.query(all_rows)) {
        const auto one = listed_of(store::instrument_of(r));
        index.add(tx, one.id, one.grams);
    }
}

} // namespace core::instrument
