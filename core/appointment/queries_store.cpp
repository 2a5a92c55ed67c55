// SQL of the lists in queries.hpp. All go by the view order_with_names, whose column order order_of() knows.
#include "core/appointment/appointment_store.hpp"
#include "core/appointment/search_store.hpp"
#include "core/db/search_index.hpp"

#include <array>
#include <limits>

namespace core::appointment::store {
namespace {

// Only lists that show a phone number unseal it.
enum class phone { open, closed };

order order_of(db::read_view& view, db::row r, phone p) {
    order o;
    o.id = r.number(0);
    o.number = r.text(1);
    o.applicant_id = r.number(2);
    o.institution_id = r.number(3);
    o.method = r.text(4);
    o.day = r.maybe_date(5).value_or(date{});
    o.starts = r.small(6);
    o.ends = r.small(7);
    o.status = parse_order_status(r.view(8)).value();
    o.pieces = r.small(9);
    o.contact_name = r.text(10);
    if (p == phone::open) o.contact_phone = view.vault().open(r.blob(11)).value_or("");
    o.note = r.text(12);
    o.reason = r.text(13);
    o.suggested_day = r.maybe_date(14);
    if (!r.is_null(15)) o.suggested_starts = r.small(15);
    if (!r.is_null(16)) o.suggested_ends = r.small(16);
    o.created_at = r.time(17);
    o.due_at = r.time(18);
    o.status_at = r.time(19);
    o.applicant_name = r.text(20);
    o.applicant_uscc = r.text(21);
    o.applicant_address = r.text(22);
    o.institution_name = r.text(23);
    o.institution_address = r.text(24);
    o.institution_phone = r.text(25);
    o.institution_hours = r.text(26);
    o.bring_note = r.text(27);
    o.applicant_region = r.text(28);
    o.institution_region = r.text(29);
    o.overbooked = r.flag(30);
    o.no_show = r.flag(31);
    if (!r.is_null(32)) o.counted = r.small(32);
    o.finish_on = r.maybe_date(33);
    return o;
}

std::vector<order> orders_of(db::read_view& view, db::rows found, phone p = phone::open) {
    std::vector<order> all;
    for (const auto r : found)
        all.push_back(order_of(view, r, p));
    return all;
}

std::optional<order> find_row(db::read_view& view, std::int64_t id) {
    return view.query_one([&](db::row r) { return order_of(view, r, phone::open); },
                          R"sql(SELECT * FROM order_with_names WHERE id = $1)sql", id);
}

} // namespace

std::optional<order> find(db::read_view& view, std::int64_t id) {
    auto found = find_row(view, id);
    if (found) found->lines = list_lines(view, id);
    return found;
}

std::vector<order> find_all(db::read_view& view, std::span<const std::int64_t> ids) {
    std::vector<order> all;
    for (std::size_t at = 0; at < ids.size(); at += batch) {
        const auto k = batch_of(ids, at);
        for (const auto r : view.query(
                 R"sql(SELECT * FROM order_with_names
                       WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20))sql",
                 k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13],
                 k[14], k[15], k[16], k[17], k[18], k[19]))
            all.push_back(order_of(view, r, phone::open));
    }
    put_lines(view, all);
    return all;
}

std::optional<order> find_without_lines(db::read_view& view, std::string_view number) {
    return view.query_one([&](db::row r) { return order_of(view, r, phone::closed); },
                          R"sql(SELECT * FROM order_with_names WHERE number = $1)sql", number);
}

std::optional<public_order> find_public(db::read_view& view, std::string_view number) {
    return view.query_one(
        [](db::row r) {
            public_order o;
            o.number = r.text(0);
            o.method = r.text(1);
            o.status = parse_order_status(r.view(2)).value();
            o.day = r.maybe_date(3).value_or(date{});
            o.starts = r.small(4);
            o.ends = r.small(5);
            o.institution_name = r.text(6);
            o.institution_address = r.text(7);
            o.institution_phone = r.text(8);
            o.institution_hours = r.text(9);
            o.bring_note = r.text(10);
            return o;
        },
        R"sql(SELECT o.number, o.method, o.status, o.day, o.starts, o.ends, i.name, i.address, i.phone, i.hours, i.bring_note
              FROM appointment_order o JOIN institution i ON i.id = o.institution_id WHERE o.number = $1)sql",
        number);
}

std::vector<order> list_latest(db::read_view& view, std::int64_t applicant, int limit) {
    return orders_of(
        view,
        view.query(
            R"sql(SELECT * FROM order_with_names WHERE applicant_id = $1 ORDER BY id DESC LIMIT $2)sql",
            applicant, limit),
        phone::closed);
}

namespace {

// Lists come in shapes, one statement each, so that every one walks one index by key; what else is asked for
// is looked at on the rows it meets.
constexpr std::string_view own_any =
    R"sql(SELECT * FROM order_with_names
          WHERE applicant_id = $1 AND id < $2 AND ($3 = '' OR method = $3) AND ($4 = '' OR day = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR institution_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
          ORDER BY id DESC LIMIT $7)sql";
constexpr std::string_view own_status =
    R"sql(SELECT * FROM order_with_names
          WHERE applicant_id = $1 AND id < $2 AND ($3 = '' OR method = $3) AND ($4 = '' OR day = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR institution_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
            AND status = $7
          ORDER BY id DESC LIMIT $8)sql";
constexpr std::string_view work_any =
    R"sql(SELECT * FROM order_with_names
          WHERE institution_id = $1 AND id < $2 AND id > $3 AND ($4 = '' OR method = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
          ORDER BY id DESC LIMIT $7)sql";
constexpr std::string_view work_status =
    R"sql(SELECT * FROM order_with_names
          WHERE institution_id = $1 AND id < $2 AND id > $3 AND ($4 = '' OR method = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
            AND status = $7
          ORDER BY id DESC LIMIT $8)sql";
// The orders of one day are few enough to be sorted.
constexpr std::string_view work_day =
    R"sql(SELECT * FROM order_with_names
          WHERE institution_id = $1 AND day = $2 AND id < $3 AND ($4 = '' OR method = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
            AND ($7 = '' OR status = $7)
          ORDER BY id DESC LIMIT $8)sql";
// Of one company: the credit code or the whole name was typed.
constexpr std::string_view work_company =
    R"sql(SELECT * FROM order_with_names
          WHERE applicant_id = $1 AND institution_id = $2 AND id < $3 AND ($4 = '' OR method = $4)
            AND ($5 = '' OR status = $5) AND ($6 = '' OR day = $6)
          ORDER BY id DESC LIMIT $7)sql";
// How far back a text that can't be looked up, a single character, is looked for.
constexpr std::string_view oldest_any =
    R"sql(SELECT min(n.id) FROM (SELECT id FROM appointment_order WHERE institution_id = $1 AND id < $2
                                 ORDER BY id DESC LIMIT $3) n)sql";
constexpr std::string_view oldest_status =
    R"sql(SELECT min(n.id) FROM (SELECT id FROM appointment_order WHERE institution_id = $1 AND id < $2 AND status = $3
                                 ORDER BY id DESC LIMIT $4) n)sql";

std::int64_t before(std::int64_t after) { // the page's key; 0 is the first page
    return after == 0 ? std::numeric_limits<std::int64_t>::max() : after;
}

std::int64_t floor_of(db::read_view& view, std::int64_t institution, const order_filter& f,
                      std::int64_t after) {
    if (f.text.empty()) return 0;
    const auto oldest =
        f.status.empty()
            ? view.query_number(oldest_any, institution, before(after), most_searched)
            : view.query_number(oldest_status, institution, before(after), f.status, most_searched);
    return oldest - 1;
}

} // namespace

std::vector<order> list_own(db::read_view& view, std::int64_t applicant, const order_filter& f,
                            std::int64_t after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    const auto like = db::like_containing(f.text);
    if (f.status.empty())
        return orders_of(view,
                         view.query(own_any, applicant, before(after), f.method, day, f.text, like, limit));
    return orders_of(
        view, view.query(own_status, applicant, before(after), f.method, day, f.text, like, f.status, limit));
}

std::vector<order> list_pending_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                     work_key after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    return orders_of(view, view.query(
                               R"sql(SELECT * FROM order_with_names
                  WHERE institution_id = $1 AND status = 'pending' AND due_at >= $2 AND (due_at > $2 OR id > $3)
                    AND ($4 = '' OR method = $4) AND ($5 = '' OR day = $5)
                    AND ($6 = '' OR number LIKE $7 ESCAPE '\' OR applicant_name LIKE $7 ESCAPE '\' OR contact_name LIKE $7 ESCAPE '\')
                  ORDER BY due_at, id LIMIT $8)sql",
                               institution, after.time, after.id, f.method, day, f.text,
                               db::like_containing(f.text), limit));
}

std::vector<order> list_other_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                   std::int64_t after, int limit) {
    if (!f.day && db::is_searchable(f.text)) {
        std::vector<order> all; // each by its key
        for (const auto id : find_work(view, institution, f, after, limit))
            if (auto one = find_row(view, id)) all.push_back(std::move(*one));
        return all;
    }
    const auto like = db::like_containing(f.text);
    if (f.day)
        return orders_of(view, view.query(work_day, institution, *f.day, before(after), f.method, f.text,
                                          like, f.status, limit));
    const auto floor = floor_of(view, institution, f, after);
    if (f.status.empty())
        return orders_of(
            view, view.query(work_any, institution, before(after), floor, f.method, f.text, like, limit));
    return orders_of(view, view.query(work_status, institution, before(after), floor, f.method, f.text, like,
                                      f.status, limit));
}

std::vector<order> list_company_work(db::read_view& view, std::int64_t applicant, std::int64_t institution,
                                     const order_filter& f, std::int64_t after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    return orders_of(view, view.query(work_company, applicant, institution, before(after), f.method, f.status,
                                      day, limit));
}

std::int64_t find_company(db::read_view& view, std::string_view uscc, std::string_view name) {
    return view.query_number(
        R"sql(SELECT id FROM applicant WHERE uscc = $1
              UNION ALL SELECT id FROM applicant WHERE name = $2 LIMIT 1)sql",
        uscc, name);
}

std::vector<order> list_day(db::read_view& view, std::int64_t institution, date day,
                            std::string_view method) {
    return orders_of(view, view.query(R"sql(SELECT * FROM order_with_names
                                      WHERE institution_id = $1 AND day = $2 AND ($3 = '' OR method = $3)
                                        AND status IN ('confirmed', 'received', 'completed')
                                      ORDER BY starts, id LIMIT 500)sql",
                                      institution, day, method));
}

std::vector<order> list_of_company(db::read_view& view, std::int64_t institution, date day,
                                   std::string_view text) {
    return orders_of(view, view.query(R"sql(SELECT * FROM order_with_names
                                      WHERE institution_id = $1 AND day = $2 AND status IN ('confirmed', 'received')
                                        AND (uscc = $3 OR applicant_name LIKE $4 ESCAPE '\')
                                      ORDER BY starts, id LIMIT 50)sql",
                                      institution, day, text, db::like_containing(text)));
}

std::vector<std::int64_t> list_bound(db::read_view& view, std::span<const std::int64_t> applicants) {
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < applicants.size(); i += batch) {
        const auto k = batch_of(applicants, i);
        for (const auto r : view.query(
                 R"sql(SELECT DISTINCT applicant_id FROM binding WHERE unbound_at IS NULL
                         AND applicant_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20))sql",
                 k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13],
                 k[14], k[15], k[16], k[17], k[18], k[19]))
            all.push_back(r.number(0));
    }
    return all;
}

namespace {

status_counts counts_of(db::rows found) {
    status_counts c;
    for (const auto r : found) {
        const int n = r.small(1);
        const auto known = parse_order_status(r.view(0));
        if (known)
            c.of(*known) = n;
        else
            (r.view(0) == "late" ? c.late : c.today) = n;
    }
    return c;
}

} // namespace

status_counts count_of_applicant(db::read_view& view, std::int64_t applicant) {
    return counts_of(view.query(
        R"sql(SELECT 'pending', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'pending' LIMIT $2) n
              UNION ALL SELECT 'confirmed', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'confirmed' LIMIT $2) n
              UNION ALL SELECT 'rejected', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'rejected' LIMIT $2) n
              UNION ALL SELECT 'received', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'received' LIMIT $2) n
              UNION ALL SELECT 'completed', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'completed' LIMIT $2) n
              UNION ALL SELECT 'order_returned', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'order_returned' LIMIT $2) n
              UNION ALL SELECT 'cancelled', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'cancelled' LIMIT $2) n
              UNION ALL SELECT 'expired', count(*) FROM (SELECT 1 FROM appointment_order WHERE applicant_id = $1 AND status = 'expired' LIMIT $2) n
              UNION ALL SELECT 'late', count(*) FROM appointment_order WHERE applicant_id = $1 AND status = 'pending' AND due_at < $3
              UNION ALL SELECT 'today', count(*) FROM appointment_order WHERE applicant_id = $1 AND status = 'confirmed' AND day = $4)sql",
        applicant, most_counted, view.now(), view.today()));
}

status_counts count_of_institution(db::read_view& view, std::int64_t institution) {
    return counts_of(view.query(
        R"sql(SELECT 'pending', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'pending' LIMIT $2) n
              UNION ALL SELECT 'confirmed', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'confirmed' LIMIT $2) n
              UNION ALL SELECT 'rejected', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'rejected' LIMIT $2) n
              UNION ALL SELECT 'received', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'received' LIMIT $2) n
              UNION ALL SELECT 'completed', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'completed' LIMIT $2) n
              UNION ALL SELECT 'order_returned', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'order_returned' LIMIT $2) n
              UNION ALL SELECT 'cancelled', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'cancelled' LIMIT $2) n
              UNION ALL SELECT 'expired', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'expired' LIMIT $2) n
              UNION ALL SELECT 'late', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND status = 'pending' AND due_at < $3 LIMIT $2) n
              UNION ALL SELECT 'today', count(*) FROM (SELECT 1 FROM appointment_order WHERE institution_id = $1 AND day = $4 AND status = 'confirmed' LIMIT $2) n)sql",
        institution, most_counted, view.now(), view.today()));
}

} // namespace core::appointment::store
