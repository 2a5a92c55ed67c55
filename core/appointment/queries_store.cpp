// SQL of queries.hpp; the lists of staff are in work_store. All go by the view order_with_names, whose column
// order order_of() knows.
#include "core/appointment/appointment_store.hpp"
#include "core/db/search_index.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace core::appointment::store {
namespace {

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

} // namespace

std::optional<order> find(db::read_view& view, std::int64_t id) {
    auto found = view.query_one([&](db::row r) { return order_of(view, r, phone::open); },
                                R"sql(SELECT * FROM order_with_names WHERE id = $1)sql", id);
    if (found) found->lines = list_lines(view, id);
    return found;
}

std::vector<order> list_by_id(db::read_view& view, std::span<const std::int64_t> ids, phone p) {
    std::vector<order> all;
    all.reserve(ids.size());
    for (std::size_t at = 0; at < ids.size(); at += batch) {
        const auto k = batch_of(ids, at);
        for (const auto r : view.query(
                 R"sql(SELECT * FROM order_with_names
                       WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20))sql",
                 k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13],
                 k[14], k[15], k[16], k[17], k[18], k[19]))
            all.push_back(order_of(view, r, p));
    }
    std::unordered_map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < ids.size(); ++i)
        places.emplace(ids[i], i);
    std::sort(all.begin(), all.end(),
              [&](const order& a, const order& b) { return places.at(a.id) < places.at(b.id); });
    return all;
}

std::vector<order> find_all(db::read_view& view, std::span<const std::int64_t> ids) {
    auto all = list_by_id(view, ids, phone::open);
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
std::int64_t before(std::int64_t after) { // the page's key; 0 is the first page
    return after == 0 ? std::numeric_limits<std::int64_t>::max() : after;
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
