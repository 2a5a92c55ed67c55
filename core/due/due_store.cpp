#include "core/due/due_store.hpp"

#include "core/db/search_index.hpp"
#include "core/due/search_store.hpp"

#include <array>
#include <limits>
#include <utility>

namespace core::due::store {
namespace {

// $1 whose, $2 the kind, $3 and $4 the key, $5 the last day, the filter from $6. One text a side and order,
// so that each is answered from its own index, in the order shown; put together here because the rest of them
// is one. tests/core/due_test.cpp prepares and explains them all.
std::string statement_of(bool company, bool dated) {
    std::string sql =
        "SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no,"
        " own_no, location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on,"
        " valid_until, order_id FROM due_with_names WHERE ";
    sql += company ? "applicant_id = $1 AND kind = $2" : "institution_id = $1 AND kind = $2";
    sql += dated ? " AND (valid_until, id) > ($3, $4) AND valid_until <= $5"
                 : " AND valid_until IS NULL AND $3 = '' AND id > $4 AND $5 = ''";
    sql += " AND ($6 = 0 OR order_id = 0) AND ($7 = '' OR method = $7)"
           " AND ($8 = '' OR name LIKE $9 ESCAPE '\\' OR serial_no LIKE $9 ESCAPE '\\'"
           " OR own_no LIKE $9 ESCAPE '\\' OR applicant_name LIKE $9 ESCAPE '\\')";
    return sql + (dated ? " ORDER BY valid_until, id" : " ORDER BY id") + " LIMIT $10";
}

const std::string& statement(bool company, bool dated) {
    static const std::array<std::string, 4> all = {statement_of(false, false), statement_of(false, true),
                                                   statement_of(true, false), statement_of(true, true)};
    return all[(company ? 2u : 0u) + (dated ? 1u : 0u)];
}

// A company's are counted from its index; an institution has too many, and its tally.
constexpr std::string_view count_of_company =
    R"sql(SELECT coalesce(sum(CASE WHEN due_kind = 'book' AND valid_until >= $1 AND valid_until <= $2 THEN 1 END), 0),
                 coalesce(sum(CASE WHEN due_kind = 'book' AND valid_until < $1 THEN 1 END), 0),
                 coalesce(sum(CASE WHEN due_kind = 'replace' AND valid_until <= $2 THEN 1 END), 0),
                 coalesce(sum(CASE WHEN due_kind = 'barred' THEN 1 END), 0),
                 coalesce(sum(CASE WHEN due_kind = 'never' THEN 1 END), 0),
                 (SELECT count(*) FROM appointment_order o JOIN appointment_line l ON l.order_id = o.id AND l.is_open = 1
                    JOIN instrument b ON b.id = l.instrument_id
                  WHERE o.applicant_id = $3 AND o.closed_at IS NULL AND b.due_kind = 'book' AND b.valid_until <= $2)
          FROM instrument WHERE applicant_id = $3 AND due_kind IS NOT NULL)sql";
constexpr std::string_view count_of_institution =
    R"sql(SELECT coalesce(sum(CASE WHEN kind = 'book' AND day >= $1 AND day <= $2 THEN instruments END), 0),
                 coalesce(sum(CASE WHEN kind = 'book' AND day < $1 THEN instruments END), 0),
                 coalesce(sum(CASE WHEN kind = 'replace' AND day <= $2 THEN instruments END), 0),
                 coalesce(sum(CASE WHEN kind = 'barred' THEN instruments END), 0),
                 coalesce(sum(CASE WHEN kind = 'never' THEN instruments END), 0),
                 coalesce(sum(CASE WHEN kind = 'book' AND day <= $2 AND booked = 1 THEN instruments END), 0)
          FROM due_tally
          WHERE institution_id = $3 AND kind IN ('book', 'replace', 'barred', 'never') AND day <= $2)sql";
// The same of every institution of a region, in this order from its index; those without a day have an empty
// one.
constexpr std::string_view count_of_region =
    R"sql(SELECT n.id, n.name,
                 sum(CASE WHEN t.kind = 'book' AND t.day >= $1 THEN t.instruments ELSE 0 END),
                 sum(CASE WHEN t.kind = 'book' AND t.day < $1 THEN t.instruments ELSE 0 END),
                 sum(CASE WHEN t.kind = 'replace' THEN t.instruments ELSE 0 END),
                 sum(CASE WHEN t.kind = 'barred' THEN t.instruments ELSE 0 END),
                 sum(CASE WHEN t.kind = 'never' THEN t.instruments ELSE 0 END),
                 sum(CASE WHEN t.kind = 'book' AND t.booked = 1 THEN t.instruments ELSE 0 END)
          FROM institution n CROSS JOIN due_tally t
          WHERE n.region_code >= $2 AND n.region_code < $3 AND t.institution_id = n.id
            AND t.kind IN ('book', 'replace', 'barred', 'never') AND t.day <= $4
          GROUP BY n.id, n.name, n.region_code ORDER BY n.region_code, n.id)sql";

item item_of(db::row r) {
    item i;
    i.id = r.number(0);
    i.applicant_id = r.number(1);
    i.institution_id = r.number(2);
    i.applicant_name = r.text(3);
    i.institution_name = r.text(4);
    i.name = r.text(5);
    i.model = r.text(6);
    i.serial_no = r.text(7);
    i.own_no = r.text(8);
    i.location_text = r.text(9);
    i.region_code = r.text(10);
    i.method = r.text(11);
    i.l1 = r.text(12);
    i.l2 = r.text(13);
    i.certificate_no = r.text(14);
    if (!r.is_null(15)) i.period_months = r.small(15);
    i.verified_on = r.maybe_date(16);
    i.valid_until = r.maybe_date(17);
    i.order_id = r.number(18);
    return i;
}

std::vector<item> items_of(db::rows found) {
    std::vector<item> all;
    for (const auto r : found)
        all.push_back(item_of(r));
    return all;
}

constexpr std::string_view ever_before = "0000-00-00";

// From the index in the order shown; a company's text too, it has few.
std::vector<item> walk(db::read_view& view, side whose, const filter& f, const range& r, int limit) {
    const std::string like = db::like_containing(f.text);
    return items_of(view.query(statement(whose.company, r.dated), whose.id, r.kind, r.from.day, r.from.id,
                               r.to.day, f.free_only, f.method, f.text, like, limit));
}

} // namespace

range range_of(const filter& f, window w, const key& after) {
    constexpr auto last = std::numeric_limits<std::int64_t>::max();
    range r;
    r.dated = f.of != tab::barred && f.of != tab::never;
    r.kind = f.of == tab::soon || f.of == tab::overdue ? "book" : code_of(f.of);
    r.from = {"", after.id};
    r.to = {"", last};
    if (!r.dated) return r;
    r.from.day = after.valid_until   ? to_text(*after.valid_until)
                 : f.of == tab::soon ? to_text(w.today)
                                     : std::string(ever_before);
    r.to.day = to_text(add_days(w.today, f.of == tab::overdue ? -1 : w.lead_days));
    return r;
}

std::vector<item> list_items(db::read_view& view, std::span<const std::int64_t> ids) {
    std::vector<item> all;
    for (const auto id : ids)
        for (
            const auto r : view.query(
                R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no,
                         own_no, location_text, region_code, method, l1, l2, certificate_no, period_months,
                         verified_on, valid_until, order_id
                       FROM due_with_names WHERE id = $1)sql",
                id))
            all.push_back(item_of(r));
    return all;
}

std::vector<item> list_due(db::read_view& view, side whose, const filter& f, window w, key after, int limit) {
    const range r = range_of(f, w, after);
    if (whose.company || f.text.empty()) return walk(view, whose, f, r, limit);
    return list_items(view, find_text(view, whose.id, f, r, limit));
}

std::vector<std::string> list_statements() {
    std::vector<std::string> all = {statement(false, false), statement(false, true), statement(true, false),
                                    statement(true, true)};
    for (auto& sql : list_search_statements())
        all.push_back(std::move(sql));
    return all;
}

counts count_due(db::read_view& view, side whose, window w) {
    return view
        .query_one(
            [](db::row r) {
                return counts{r.small(0), r.small(1), r.small(2), r.small(3), r.small(4), r.small(5)};
            },
            whose.company ? count_of_company : count_of_institution, w.today, add_days(w.today, w.lead_days),
            whose.id)
        .value();
}

std::vector<institution_due> count_region(db::read_view& view, std::string_view region_prefix, window w) {
    std::vector<institution_due> all;
    for (const auto r : view.query(count_of_region, w.today, region_prefix, std::string(region_prefix) + ":",
                                   add_days(w.today, w.lead_days)))
        all.push_back({r.number(0),
                       r.text(1),
                       {r.small(2), r.small(3), r.small(4), r.small(5), r.small(6), r.small(7)}});
    return all;
}

void add_loads(db::read_view& view, std::int64_t institution, date from, date to,
               std::vector<month_load>& months) {
    for (const auto r : view.query(
             R"sql(SELECT substr(day, 1, 7) AS month, method, sum(instruments) FROM due_tally
                   WHERE institution_id = $1 AND kind = 'book' AND day >= $2 AND day <= $3
                   GROUP BY month, method)sql",
             institution, from, to))
        for (auto& m : months)
            if (m.month == r.view(0)) (r.view(1) == "deliver" ? m.deliver : m.onsite) = r.small(2);
}

} // namespace core::due::store
