#include "core/filing/queries_store.hpp"

#include "core/base/text.hpp"
#include "core/db/search_index.hpp"
#include "core/instrument/listing.hpp"

#include <limits>

namespace core::filing::store {
namespace {

// One literal per way into the table, so that each is answered from its own index, in the order shown.
constexpr std::string_view by_handler =
    R"sql(SELECT id, applicant_id, catalogue_id, applicant_name, contact_name, contact_phone, name, model, serial_no,
                 manufacturer, purpose, method, region_code, filing_status, l1, l2, supervision, institution_name,
                 since, due_at
          FROM filing_with_names
          WHERE handler_id = $1 AND filing_status = $2 AND (due_at, id) > ($3, $4) AND due_at < $5
            AND ($6 = '' OR name LIKE $7 ESCAPE '\' OR serial_no LIKE $8 ESCAPE '\' OR applicant_name LIKE $9 ESCAPE '\')
            AND ($10 = '' OR l1 = $11) AND ($12 = '' OR l2 = $13) AND region_code LIKE $14
          ORDER BY due_at, id LIMIT $15)sql";
constexpr std::string_view by_origin =
    R"sql(SELECT id, applicant_id, catalogue_id, applicant_name, contact_name, contact_phone, name, model, serial_no,
                 manufacturer, purpose, method, region_code, filing_status, l1, l2, supervision, institution_name,
                 since, due_at
          FROM filing_with_names
          WHERE origin_handler_id = $1 AND $2 <> '' AND due_at IS NOT NULL AND origin_handler_id <> handler_id
            AND (due_at, id) > ($3, $4) AND due_at < $5
            AND ($6 = '' OR name LIKE $7 ESCAPE '\' OR serial_no LIKE $8 ESCAPE '\' OR applicant_name LIKE $9 ESCAPE '\')
            AND ($10 = '' OR l1 = $11) AND ($12 = '' OR l2 = $13) AND region_code LIKE $14
          ORDER BY due_at, id LIMIT $15)sql";
constexpr std::string_view given_back =
    R"sql(SELECT id, applicant_id, catalogue_id, applicant_name, contact_name, contact_phone, name, model, serial_no,
                 manufacturer, purpose, method, region_code, filing_status, l1, l2, supervision, institution_name,
                 since, due_at
          FROM filing_with_names
          WHERE handler_id = $1 AND filing_status = 'returned' AND due_at IS NULL AND id < $2
            AND ($3 = '' OR name LIKE $4 ESCAPE '\' OR serial_no LIKE $5 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\')
            AND ($7 = '' OR l1 = $8) AND ($9 = '' OR l2 = $10) AND region_code LIKE $11
          ORDER BY id DESC LIMIT $12)sql";
constexpr std::string_view by_institution =
    R"sql(SELECT id, applicant_id, catalogue_id, applicant_name, contact_name, contact_phone, name, model, serial_no,
                 manufacturer, purpose, method, region_code, filing_status, l1, l2, supervision, institution_name,
                 since, due_at
          FROM filing_with_names
          WHERE institution_id = $1 AND id < $2
            AND ($3 = '' OR name LIKE $4 ESCAPE '\' OR serial_no LIKE $5 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\')
            AND ($7 = '' OR l1 = $8) AND ($9 = '' OR l2 = $10) AND region_code LIKE $11
          ORDER BY id DESC LIMIT $12)sql";

constexpr std::string_view by_id =
    R"sql(SELECT id, applicant_id, catalogue_id, applicant_name, contact_name, contact_phone, name, model, serial_no,
                 manufacturer, purpose, method, region_code, filing_status, l1, l2, supervision, institution_name,
                 since, due_at
          FROM filing_with_names WHERE id = $1)sql";

work_item item_of(db::row r, const vault& keys) {
    work_item w;
    w.id = r.number(0);
    w.applicant_id = r.number(1);
    w.catalogue_id = r.number(2);
    w.applicant_name = r.text(3);
    w.contact = r.text(4) + " " + mask_phone(keys.open(r.blob(5)).value_or(""));
    w.name = r.text(6);
    w.model = r.text(7);
    w.serial_no = r.text(8);
    w.manufacturer = r.text(9);
    w.purpose = r.text(10);
    w.method = r.text(11);
    w.region_code = r.text(12);
    w.filing_status = r.text(13);
    w.l1 = r.text(14);
    w.l2 = r.text(15);
    w.supervision = r.text(16);
    w.institution_name = r.text(17);
    w.since = r.time(18);
    w.due_at = r.maybe_time(19);
    return w;
}

instrument::desk_search search_of(std::int64_t institution, const work_filter& f) {
    instrument::desk_search s{institution, instrument::desk_part::handled, "", f.text, f.l1, f.l2, f.region};
    if (f.of == tab::filed)
        s.part = instrument::desk_part::filed;
    else if (f.of == tab::outgoing)
        s.part = instrument::desk_part::handed_on;
    else
        s.status = code_of(f.of);
    return s;
}

// What is looked for is looked up; what waits is walked by its deadline unless a text is typed.
bool is_looked_up(const instrument::desk_search& s, const work_filter& f) {
    if (f.text.empty() && f.of != tab::filed && f.of != tab::returned) return false;
    return instrument::is_searchable(s);
}

std::vector<work_item> look_up(db::read_view& view, const instrument::desk_search& s, const work_filter& f,
                               std::int64_t after, int limit) {
    std::vector<work_item> all;
    for (const auto id : instrument::find_at_desk(view, s, after, limit)) {
        auto found = view.query_one([&](db::row r) { return item_of(r, view.vault()); }, by_id, id);
        if (found && (!f.late || (found->due_at && *found->due_at < view.now())))
            all.push_back(std::move(*found));
    }
    return all;
}

} // namespace

std::vector<work_item> list_work(db::read_view& view, std::int64_t institution, const work_filter& f,
                                 work_key after, int limit) {
    const auto search = search_of(institution, f);
    if (is_looked_up(search, f)) return look_up(view, search, f, after.id, limit);
    constexpr auto ever = std::numeric_limits<std::int64_t>::max();
    const std::string like = db::like_containing(f.text);
    const std::string place = std::string(region_prefix(f.region)) + "%";
    std::vector<work_item> all;
    const auto take = [&](db::rows found) {
        for (const auto r : found)
            all.push_back(item_of(r, view.vault()));
    };
    if (f.of == tab::returned || f.of == tab::filed) {
        const std::int64_t before = after.id == 0 ? ever : after.id;
        take(view.query(f.of == tab::returned ? given_back : by_institution, institution, before, f.text,
                        like, like, like, f.l1, f.l1, f.l2, f.l2, place, limit));
        return all;
    }
    const std::int64_t until = f.late ? to_ms(view.now()) : ever;
    take(view.query(f.of == tab::outgoing ? by_origin : by_handler, institution, code_of(f.of), after.time,
                    after.id, until, f.text, like, like, like, f.l1, f.l1, f.l2, f.l2, place, limit));
    return all;
}

work_counts count_work(db::read_view& view, std::int64_t institution) {
    return view
        .query_one(
            [](db::row r) {
                return work_counts{r.small(0), r.small(1), r.small(2), r.small(3),
                                   r.small(4), r.small(5), r.small(6)};
            },
            R"sql(SELECT coalesce(sum(CASE WHEN part = 'submitted' THEN instruments END), 0),
                    coalesce(sum(CASE WHEN part = 'dispatched' THEN instruments END), 0),
                    coalesce(sum(CASE WHEN part = 'outgoing' THEN instruments END), 0),
                    coalesce(sum(CASE WHEN part = 'returned' THEN instruments END), 0),
                    (SELECT coalesce(sum(instruments), 0) FROM instrument_tally
                       WHERE institution_id = $1 AND filing_status = 'filed'),
                    (SELECT count(*) FROM (SELECT 1 FROM instrument WHERE handler_id = $1
                       AND filing_status = 'submitted' AND due_at < $2 LIMIT $3) s)
                    + (SELECT count(*) FROM (SELECT 1 FROM instrument WHERE handler_id = $1
                       AND filing_status = 'dispatched' AND due_at < $2 LIMIT $3) d),
                    (SELECT count(*) FROM (SELECT 1 FROM filing_request WHERE institution_id = $1 AND status = 'open'
                       LIMIT $3) q)
                  FROM desk_tally WHERE institution_id = $1)sql",
            institution, view.now(), most_counted)
        .value();
}

std::vector<learned_row> list_learned(db::read_view& view, std::string_view model_key) {
    std::vector<learned_row> all;
    for (const auto r : view.query(
             R"sql(SELECT city_code, catalogue_id, institution_id, period_months, times FROM filing_learned
                          WHERE model_key = $1 LIMIT 500)sql",
             model_key))
        all.push_back({r.text(0), r.number(1), r.number(2), r.small(3), r.small(4)});
    return all;
}

} // namespace core::filing::store
