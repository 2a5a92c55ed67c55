#include "core/due/due_store.hpp"

namespace core::due::store {
namespace {

// One literal per way into the table: each is answered from its own index, in the order shown.
constexpr std::string_view dated_of_company =
    R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no, own_no,
                 location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on, valid_until,
                 order_id
          FROM due_with_names
          WHERE applicant_id = $1 AND valid_until IS NOT NULL AND (valid_until, id) > ($2, $3) AND valid_until <= $4
            AND ends = $5 AND ($6 = 0 OR order_id = 0) AND ($7 = '' OR method = $8)
            AND ($9 = '' OR name LIKE $10 ESCAPE '\' OR serial_no LIKE $11 ESCAPE '\' OR own_no LIKE $12 ESCAPE '\'
                 OR applicant_name LIKE $13 ESCAPE '\')
          ORDER BY valid_until, id LIMIT $14)sql";
constexpr std::string_view dated_of_institution =
    R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no, own_no,
                 location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on, valid_until,
                 order_id
          FROM due_with_names
          WHERE institution_id = $1 AND valid_until IS NOT NULL AND (valid_until, id) > ($2, $3) AND valid_until <= $4
            AND ends = $5 AND ($6 = 0 OR order_id = 0) AND ($7 = '' OR method = $8)
            AND ($9 = '' OR name LIKE $10 ESCAPE '\' OR serial_no LIKE $11 ESCAPE '\' OR own_no LIKE $12 ESCAPE '\'
                 OR applicant_name LIKE $13 ESCAPE '\')
          ORDER BY valid_until, id LIMIT $14)sql";
constexpr std::string_view barred_of_company =
    R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no, own_no,
                 location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on, valid_until,
                 order_id
          FROM due_with_names
          WHERE applicant_id = $1 AND barred = 1 AND id > $2 AND ($3 = 0 OR order_id = 0) AND ($4 = '' OR method = $5)
            AND ($6 = '' OR name LIKE $7 ESCAPE '\' OR serial_no LIKE $8 ESCAPE '\' OR own_no LIKE $9 ESCAPE '\'
                 OR applicant_name LIKE $10 ESCAPE '\')
          ORDER BY id LIMIT $11)sql";
constexpr std::string_view barred_of_institution =
    R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no, own_no,
                 location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on, valid_until,
                 order_id
          FROM due_with_names
          WHERE institution_id = $1 AND barred = 1 AND id > $2 AND ($3 = 0 OR order_id = 0) AND ($4 = '' OR method = $5)
            AND ($6 = '' OR name LIKE $7 ESCAPE '\' OR serial_no LIKE $8 ESCAPE '\' OR own_no LIKE $9 ESCAPE '\'
                 OR applicant_name LIKE $10 ESCAPE '\')
          ORDER BY id LIMIT $11)sql";
constexpr std::string_view never_of_company =
    R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no, own_no,
                 location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on, valid_until,
                 order_id
          FROM due_with_names
          WHERE applicant_id = $1 AND valid_until IS NULL AND verified_on IS NULL AND barred = 0 AND id > $2
            AND ($3 = 0 OR order_id = 0) AND ($4 = '' OR method = $5)
            AND ($6 = '' OR name LIKE $7 ESCAPE '\' OR serial_no LIKE $8 ESCAPE '\' OR own_no LIKE $9 ESCAPE '\'
                 OR applicant_name LIKE $10 ESCAPE '\')
          ORDER BY id LIMIT $11)sql";
constexpr std::string_view never_of_institution =
    R"sql(SELECT id, applicant_id, institution_id, applicant_name, institution_name, name, model, serial_no, own_no,
                 location_text, region_code, method, l1, l2, certificate_no, period_months, verified_on, valid_until,
                 order_id
          FROM due_with_names
          WHERE institution_id = $1 AND valid_until IS NULL AND verified_on IS NULL AND barred = 0 AND id > $2
            AND ($3 = 0 OR order_id = 0) AND ($4 = '' OR method = $5)
            AND ($6 = '' OR name LIKE $7 ESCAPE '\' OR serial_no LIKE $8 ESCAPE '\' OR own_no LIKE $9 ESCAPE '\'
                 OR applicant_name LIKE $10 ESCAPE '\')
          ORDER BY id LIMIT $11)sql";

constexpr std::string_view count_of_company =
    R"sql(SELECT coalesce(sum(CASE WHEN ends = 'book' AND valid_until >= $1 THEN 1 ELSE 0 END), 0),
                 coalesce(sum(CASE WHEN ends = 'book' AND valid_until < $2 THEN 1 ELSE 0 END), 0),
                 coalesce(sum(CASE WHEN ends = 'replace' THEN 1 ELSE 0 END), 0),
                 (SELECT count(*) FROM due_instrument WHERE applicant_id = $3 AND barred = 1),
                 (SELECT count(*) FROM due_instrument WHERE applicant_id = $4 AND valid_until IS NULL
                    AND verified_on IS NULL AND barred = 0),
                 (SELECT count(*) FROM appointment_order o JOIN appointment_line l ON l.order_id = o.id AND l.is_open = 1
                    JOIN due_instrument b ON b.id = l.instrument_id
                  WHERE o.applicant_id = $5 AND o.status IN ('pending', 'confirmed', 'received')
                    AND b.ends = 'book' AND b.valid_until <= $6)
          FROM due_instrument WHERE applicant_id = $7 AND valid_until IS NOT NULL AND valid_until <= $8)sql";
constexpr std::string_view count_of_institution =
    R"sql(SELECT coalesce(sum(CASE WHEN ends = 'book' AND valid_until >= $1 THEN 1 ELSE 0 END), 0),
                 coalesce(sum(CASE WHEN ends = 'book' AND valid_until < $2 THEN 1 ELSE 0 END), 0),
                 coalesce(sum(CASE WHEN ends = 'replace' THEN 1 ELSE 0 END), 0),
                 (SELECT count(*) FROM due_instrument WHERE institution_id = $3 AND barred = 1),
                 (SELECT count(*) FROM due_instrument WHERE institution_id = $4 AND valid_until IS NULL
                    AND verified_on IS NULL AND barred = 0),
                 (SELECT count(*) FROM appointment_order o JOIN appointment_line l ON l.order_id = o.id AND l.is_open = 1
                    JOIN due_instrument b ON b.id = l.instrument_id
                  WHERE o.institution_id = $5 AND o.status IN ('pending', 'confirmed', 'received')
                    AND b.ends = 'book' AND b.valid_until <= $6)
          FROM due_instrument WHERE institution_id = $7 AND valid_until IS NOT NULL AND valid_until <= $8)sql";

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

std::vector<item> list_due(db::read_view& view, side whose, const filter& f, window w, key after, int limit) {
    const std::string like = like_pattern(f.text);
    if (f.of == tab::barred || f.of == tab::never) {
        const auto sql = f.of == tab::barred ? (whose.company ? barred_of_company : barred_of_institution)
                                             : (whose.company ? never_of_company : never_of_institution);
        return items_of(view.query(sql, whose.id, after.id, f.free_only, f.method, f.method, f.text, like,
                                   like, like, like, limit));
    }
    const std::string last = to_text(add_days(w.today, w.lead_days));
    const std::string from = f.of == tab::soon ? to_text(w.today) : std::string(ever_before);
    const std::string to = f.of == tab::overdue ? to_text(add_days(w.today, -1)) : last;
    const std::string start = after.valid_until ? to_text(*after.valid_until) : from; // ids are above 0
    return items_of(view.query(whose.company ? dated_of_company : dated_of_institution, whose.id, start,
                               after.id, to, f.of == tab::replace ? "replace" : "book", f.free_only, f.method,
                               f.method, f.text, like, like, like, like, limit));
}

counts count_due(db::read_view& view, side whose, window w) {
    const std::string today = to_text(w.today), last = to_text(add_days(w.today, w.lead_days));
    return view
        .query_one(
            [](db::row r) {
                return counts{r.small(0), r.small(1), r.small(2), r.small(3), r.small(4), r.small(5)};
            },
            whose.company ? count_of_company : count_of_institution, today, today, whose.id, whose.id,
            whose.id, last, whose.id, last)
        .value();
}

void add_loads(db::read_view& view, std::int64_t institution, date from, date to,
               std::vector<month_load>& months) {
    for (const auto r : view.query(
             R"sql(SELECT substr(valid_until, 1, 7) AS month, method, count(*) FROM due_instrument
                   WHERE institution_id = $1 AND valid_until IS NOT NULL AND valid_until >= $2 AND valid_until <= $3
                     AND ends = 'book' GROUP BY month, method)sql",
             institution, from, to))
        for (auto& m : months)
            if (m.month == r.view(0)) (r.view(1) == "deliver" ? m.deliver : m.onsite) = r.small(2);
}

} // namespace core::due::store
