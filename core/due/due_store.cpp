#include "core/due/due_store.hpp"

#include "core/instrument/listing.hpp"

#include <algorithm>
#include <array>
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
          FROM due_tally WHERE institution_id = $3)sql";

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

std::string like_pattern(std::string_view text) {
    std::string out = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + "%";
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

// Few match a text mostly: then they are looked up and put in order here. Many lie close together in any
// list, which is walked: nullopt.
std::optional<std::vector<item>> look_up(db::read_view& view, std::int64_t institution, const filter& f,
                                         window w, const key& after, int limit) {
    constexpr int many = 250;
    const instrument::desk_search search{.institution = institution, .text = f.text};
    if (f.text.empty() || !instrument::is_searchable(search)) return std::nullopt;
    const auto ids = instrument::find_at_desk(view, search, 0, many);
    if (ids.size() == many) return std::nullopt;
    const bool dated = f.of != tab::barred && f.of != tab::never;
    const auto fits = [&](const item& i, std::string_view kind) {
        if (kind != (f.of == tab::soon || f.of == tab::overdue ? "book" : code_of(f.of))) return false;
        if ((f.free_only && i.is_booked()) || (!f.method.empty() && f.method != i.method)) return false;
        if (!dated) return i.id > after.id;
        if (*i.valid_until > add_days(w.today, w.lead_days)) return false;
        if (f.of == tab::soon ? *i.valid_until < w.today : f.of == tab::overdue && *i.valid_until >= w.today)
            return false;
        return !after.valid_until ||
               std::pair(*i.valid_until, i.id) > std::pair(*after.valid_until, after.id);
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
    std::sort(all.begin(), all.end(), [](const item& a, const item& b) {
        return std::pair(a.valid_until, a.id) < std::pair(b.valid_until, b.id);
    });
    if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
    return all;
}

} // namespace

std::vector<item> list_due(db::read_view& view, side whose, const filter& f, window w, key after, int limit) {
    if (!whose.company)
        if (auto found = look_up(view, whose.id, f, w, after, limit)) return std::move(*found);
    const std::string like = like_pattern(f.text);
    const auto read = [&](bool dated, std::string_view kind, const std::string& from, const std::string& to) {
        return items_of(view.query(statement(whose.company, dated), whose.id, kind, from, after.id, to,
                                   f.free_only, f.method, f.text, like, limit));
    };
    if (f.of == tab::barred || f.of == tab::never) return read(false, code_of(f.of), "", "");
    const std::string last = to_text(add_days(w.today, w.lead_days));
    const std::string from = f.of == tab::soon ? to_text(w.today) : std::string(ever_before);
    const std::string to = f.of == tab::overdue ? to_text(add_days(w.today, -1)) : last;
    return read(true, f.of == tab::replace ? "replace" : "book",
                after.valid_until ? to_text(*after.valid_until) : from, to); // ids are above 0
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
