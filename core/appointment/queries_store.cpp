// SQL of the lists in queries.hpp. All go by the view order_with_names, whose column order order_of() knows.
#include "core/appointment/appointment_store.hpp"

#include <array>

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

// What people type is text: % and _ mean themselves.
std::string containing(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

} // namespace

std::optional<order> find(db::read_view& view, std::int64_t id) {
    auto found = view.query_one([&](db::row r) { return order_of(view, r, phone::open); },
                                R"sql(SELECT * FROM order_with_names WHERE id = $1)sql", id);
    if (found) found->lines = list_lines(view, id);
    return found;
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

std::vector<order> list_latest(db::read_view& view, std::span<const std::int64_t> applicants, int limit) {
    std::array<std::int64_t, 8> ids{}; // one person acts for a few companies at most
    std::copy_n(applicants.begin(), std::min(applicants.size(), ids.size()), ids.begin());
    return orders_of(view,
                     view.query(R"sql(SELECT * FROM order_with_names
                                      WHERE applicant_id IN ($1, $2, $3, $4, $5, $6, $7, $8) ORDER BY id DESC LIMIT $9)sql",
                                ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6], ids[7], limit),
                     phone::closed);
}

std::vector<order> list_own(db::read_view& view, std::int64_t applicant, const order_filter& f,
                            std::int64_t after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    return orders_of(view, view.query(
                               R"sql(SELECT * FROM order_with_names
                  WHERE applicant_id = $1 AND ($2 = '' OR status = $2) AND ($3 = 0 OR id < $3) AND ($4 = '' OR method = $4)
                    AND ($5 = '' OR day = $5)
                    AND ($6 = '' OR number LIKE $7 ESCAPE '\' OR institution_name LIKE $7 ESCAPE '\' OR contact_name LIKE $7 ESCAPE '\')
                  ORDER BY id DESC LIMIT $8)sql",
                               applicant, f.status, after, f.method, day, f.text, containing(f.text), limit));
}

std::vector<order> list_pending_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                     work_key after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    return orders_of(view, view.query(
                               R"sql(SELECT * FROM order_with_names
                  WHERE institution_id = $1 AND status = 'pending' AND (due_at > $2 OR (due_at = $2 AND id > $3))
                    AND ($4 = '' OR method = $4) AND ($5 = '' OR day = $5)
                    AND ($6 = '' OR number LIKE $7 ESCAPE '\' OR applicant_name LIKE $7 ESCAPE '\' OR contact_name LIKE $7 ESCAPE '\')
                  ORDER BY due_at, id LIMIT $8)sql",
                               institution, after.time, after.id, f.method, day, f.text, containing(f.text),
                               limit));
}

std::vector<order> list_other_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                   std::int64_t after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    return orders_of(view,
                     view.query(
                         R"sql(SELECT * FROM order_with_names
                  WHERE institution_id = $1 AND ($2 = '' OR status = $2) AND ($3 = 0 OR id < $3) AND ($4 = '' OR method = $4)
                    AND ($5 = '' OR day = $5)
                    AND ($6 = '' OR number LIKE $7 ESCAPE '\' OR applicant_name LIKE $7 ESCAPE '\' OR contact_name LIKE $7 ESCAPE '\')
                  ORDER BY id DESC LIMIT $8)sql",
                         institution, f.status, after, f.method, day, f.text, containing(f.text), limit));
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
                                      institution, day, text, containing(text)));
}

bool is_bound(db::read_view& view, std::int64_t applicant) {
    return view
        .query_one([](db::row) { return true; },
                   R"sql(SELECT 1 FROM binding WHERE applicant_id = $1 AND unbound_at IS NULL LIMIT 1)sql",
                   applicant)
        .value_or(false);
}

namespace {

status_counts counts_of(db::rows found) {
    status_counts c;
    for (const auto r : found) {
        const int n = r.small(1);
        switch (parse_order_status(r.view(0)).value()) {
        case order_status::pending:
            c.pending = n;
            c.late = r.small(2);
            break;
        case order_status::confirmed:
            c.confirmed = n;
            c.today = r.small(3);
            break;
        case order_status::rejected:
            c.rejected = n;
            break;
        case order_status::received:
            c.received = n;
            break;
        case order_status::completed:
            c.completed = n;
            break;
        case order_status::order_returned:
            c.order_returned = n;
            break;
        case order_status::cancelled:
            c.cancelled = n;
            break;
        case order_status::expired:
            c.expired = n;
            break;
        case order_status::none:
            break;
        }
    }
    return c;
}

} // namespace

status_counts count_of_applicant(db::read_view& view, std::int64_t applicant) {
    return counts_of(view.query(
        R"sql(SELECT status, count(*), sum(CASE WHEN due_at < $1 THEN 1 ELSE 0 END), sum(CASE WHEN day = $2 THEN 1 ELSE 0 END)
              FROM appointment_order WHERE applicant_id = $3 GROUP BY status)sql",
        view.now(), view.today(), applicant));
}

status_counts count_of_institution(db::read_view& view, std::int64_t institution) {
    return counts_of(view.query(
        R"sql(SELECT status, count(*), sum(CASE WHEN due_at < $1 THEN 1 ELSE 0 END), sum(CASE WHEN day = $2 THEN 1 ELSE 0 END)
              FROM appointment_order WHERE institution_id = $3 GROUP BY status)sql",
        view.now(), view.today(), institution));
}

} // namespace core::appointment::store
