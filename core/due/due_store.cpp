#include "core/due/due_store.hpp"

#include "core/account/applicant.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"
#include "core/instrument/listing.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace core::due::store {
namespace {

// $1 whose, $2 the kind, $3 and $4 the key, $5 the last day, the filter from $6; a company's also of one
// institution. One text a side and order,
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
    if (company) sql += " AND ($10 = 0 OR institution_id = $10)";
    return sql + (dated ? " ORDER BY valid_until, id" : " ORDER BY id") +
           (company ? " LIMIT $11" : " LIMIT $10");
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

} // namespace

namespace {

bool is_before(const item& a, const item& b) {
    return std::pair(a.valid_until, a.id) < std::pair(b.valid_until, b.id);
}

void order_and_cut(std::vector<item>& all, int limit) {
    std::sort(all.begin(), all.end(), is_before);
    const auto same = [](const item& a, const item& b) { return a.id == b.id; };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
}

// What one page is asked for.
struct page {
    const filter* f;
    window w;
    key after;
    int limit = 0;
    bool is_dated() const { return f->of != tab::barred && f->of != tab::never; }
};

// Whose, from the index in the order shown; a company's also with one institution only, and no further than
// to the day `last`.
std::vector<item> walk(db::read_view& view, side whose, std::int64_t institution, const page& p,
                       const std::string& text, std::optional<date> last = {}) {
    const filter& f = *p.f;
    const std::string like = db::like_containing(text);
    const auto read = [&](bool dated, std::string_view kind, const std::string& from, const std::string& to) {
        const auto& sql = statement(whose.company, dated);
        if (whose.company)
            return items_of(view.query(sql, whose.id, kind, from, p.after.id, to, f.free_only, f.method, text,
                                       like, institution, p.limit));
        return items_of(view.query(sql, whose.id, kind, from, p.after.id, to, f.free_only, f.method, text,
                                   like, p.limit));
    };
    if (!p.is_dated()) return read(false, code_of(f.of), "", "");
    const std::string from = f.of == tab::soon ? to_text(p.w.today) : std::string(ever_before);
    const std::string to =
        to_text(last.value_or(add_days(p.w.today, f.of == tab::overdue ? -1 : p.w.lead_days)));
    return read(true, f.of == tab::replace ? "replace" : "book",
                p.after.valid_until ? to_text(*p.after.valid_until) : from, to); // ids are above 0
}

// Few match a text mostly: then they are looked up and put in order here. Many lie close together in any
// list, which is walked: nullopt.
std::optional<std::vector<item>> look_up(db::read_view& view, const instrument::desk_search& search,
                                         const page& p) {
    constexpr int many = 250;
    const filter& f = *p.f;
    if (!instrument::is_searchable(search)) return std::nullopt;
    const auto ids = instrument::find_at_desk(view, search, 0, many);
    if (ids.size() == many) return std::nullopt;
    const auto fits = [&](const item& i, std::string_view kind) {
        if (kind != (f.of == tab::soon || f.of == tab::overdue ? "book" : code_of(f.of))) return false;
        if ((f.free_only && i.is_booked()) || (!f.method.empty() && f.method != i.method)) return false;
        if (!p.is_dated()) return i.id > p.after.id;
        if (*i.valid_until > add_days(p.w.today, p.w.lead_days)) return false;
        if (f.of == tab::soon ? *i.valid_until < p.w.today
                              : f.of == tab::overdue && *i.valid_until >= p.w.today)
            return false;
        return !p.after.valid_until ||
               std::pair(*i.valid_until, i.id) > std::pair(*p.after.valid_until, p.after.id);
    };
    std::vector<item> all;
    for (const auto id : ids)
        for (
            const auto r : view.query(
                R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no,
                              own_no, location_text, region_code, method, l1, l2, certificate_no, period_months,
                              verified_on, valid_until, order_id, kind
                       FROM due_with_names WHERE id = $1)sql",
                id))
            if (auto one = item_of(r); fits(one, r.view(19))) all.push_back(std::move(one));
    order_and_cut(all, p.limit);
    return all;
}

// A word that names a few companies: each one's from its own index, and what has the word itself.
std::optional<std::vector<item>> list_of_named(db::read_view& view, std::int64_t institution, const page& p) {
    if (split_words(p.f->text).size() != 1) return std::nullopt;
    const auto companies = account::find_named(view, p.f->text, instrument::most_named);
    if (companies.empty()) return std::nullopt;
    auto all = look_up(view, {.institution = institution, .text = p.f->text, .by_company = false}, p);
    if (!all) return std::nullopt;
    std::optional<date> last; // the page is full up to here: nothing later is asked of the next ones
    for (const auto company : companies) {
        for (auto& one : walk(view, {true, company}, institution, p, "", last))
            all->push_back(std::move(one));
        order_and_cut(*all, p.limit);
        if (all->size() == static_cast<std::size_t>(p.limit)) last = all->back().valid_until;
    }
    return all;
}

} // namespace

std::vector<item> list_due(db::read_view& view, side whose, const filter& f, window w, key after, int limit) {
    const page p{&f, w, after, limit};
    if (!whose.company && !f.text.empty()) {
        if (auto found = list_of_named(view, whose.id, p)) return std::move(*found);
        if (auto found = look_up(view, {.institution = whose.id, .text = f.text}, p))
            return std::move(*found);
    }
    return walk(view, whose, 0, p, f.text);
}

std::vector<std::string> list_statements() {
    return {statement(false, false), statement(false, true), statement(true, false), statement(true, true)};
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
