// SQL of the lists that staff work by: ids first, each statement walking one index by key, then the page's
// rows.
#include "core/account/applicant.hpp"
#include "core/appointment/appointment_store.hpp"
#include "core/appointment/search_store.hpp"
#include "core/db/search_index.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace core::appointment::store {
namespace {

// Lists come in shapes, one statement each; what else is asked for is looked at on the rows it meets.
constexpr std::string_view work_any =
    R"sql(SELECT id FROM order_with_names
          WHERE institution_id = $1 AND id < $2 AND id > $3 AND ($4 = '' OR method = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
          ORDER BY id DESC LIMIT $7)sql";
constexpr std::string_view work_status =
    R"sql(SELECT id FROM order_with_names
          WHERE institution_id = $1 AND id < $2 AND id > $3 AND ($4 = '' OR method = $4)
            AND ($5 = '' OR number LIKE $6 ESCAPE '\' OR applicant_name LIKE $6 ESCAPE '\' OR contact_name LIKE $6 ESCAPE '\')
            AND status = $7
          ORDER BY id DESC LIMIT $8)sql";
constexpr std::string_view work_day =
    R"sql(SELECT id FROM order_with_names
          WHERE institution_id = $1 AND day = $2 AND id < $3 AND id > $4 AND ($5 = '' OR method = $5)
            AND ($6 = '' OR number LIKE $7 ESCAPE '\' OR applicant_name LIKE $7 ESCAPE '\' OR contact_name LIKE $7 ESCAPE '\')
            AND ($8 = '' OR status = $8)
          ORDER BY id DESC LIMIT $9)sql";
// Of one company: the credit code or the whole name was typed.
constexpr std::string_view work_company =
    R"sql(SELECT id FROM appointment_order
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
constexpr std::string_view oldest_day =
    R"sql(SELECT min(n.id) FROM (SELECT id FROM appointment_order WHERE institution_id = $1 AND day = $2 AND id < $3
                                 ORDER BY id DESC LIMIT $4) n)sql";

std::int64_t before(std::int64_t after) { // the page's key; 0 is the first page
    return after == 0 ? std::numeric_limits<std::int64_t>::max() : after;
}

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> all;
    for (const auto r : found)
        all.push_back(r.number(0));
    return all;
}

std::int64_t floor_of(db::read_view& view, std::int64_t institution, const order_filter& f,
                      std::int64_t after) {
    if (f.text.empty()) return 0;
    const auto oldest =
        f.day ? view.query_number(oldest_day, institution, *f.day, before(after), most_searched)
        : f.status.empty()
            ? view.query_number(oldest_any, institution, before(after), most_searched)
            : view.query_number(oldest_status, institution, before(after), f.status, most_searched);
    return oldest - 1;
}

std::vector<std::int64_t> list_ids(db::read_view& view, std::int64_t institution, const order_filter& f,
                                   std::int64_t after, int limit) {
    if (db::is_searchable(f.text)) return find_work(view, institution, f, after, limit);
    const auto like = db::like_containing(f.text);
    const auto floor = floor_of(view, institution, f, after);
    if (f.day)
        return ids_of(view.query(work_day, institution, *f.day, before(after), floor, f.method, f.text, like,
                                 f.status, limit));
    if (f.status.empty())
        return ids_of(view.query(work_any, institution, before(after), floor, f.method, f.text, like, limit));
    return ids_of(
        view.query(work_status, institution, before(after), floor, f.method, f.text, like, f.status, limit));
}

// Few pending orders match a text mostly: then they are looked up and put in order here. Many lie close
// together in the list, which is walked: nullopt.
std::optional<std::vector<std::int64_t>> find_pending(db::read_view& view, std::int64_t institution,
                                                      const order_filter& f, work_key after, int limit) {
    constexpr int many = 500;
    if (!db::is_searchable(f.text)) return std::nullopt;
    const auto ids = list_possible_work(view, institution, f, many);
    if (ids.size() == many) return std::nullopt;
    std::vector<std::pair<std::int64_t, std::int64_t>> found; // deadline, id
    for (const auto id : ids) {
        const auto due = view.query_number(R"sql(SELECT due_at FROM appointment_order WHERE id = $1)sql", id);
        if (std::pair(due, id) > std::pair(after.time, after.id)) found.emplace_back(due, id);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::int64_t> all;
    for (const auto& [due, id] : found) {
        if (all.size() == static_cast<std::size_t>(limit)) break;
        if (fits_work(view, id, f)) all.push_back(id);
    }
    return all;
}

} // namespace

std::vector<order> list_pending_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                     work_key after, int limit) {
    if (const auto found = find_pending(view, institution, f, after, limit))
        return list_by_id(view, *found, phone::open);
    const std::string day = f.day ? to_text(*f.day) : "";
    const auto ids = ids_of(view.query(
        R"sql(SELECT id FROM order_with_names
              WHERE institution_id = $1 AND status = 'pending' AND due_at >= $2 AND (due_at > $2 OR id > $3)
                AND ($4 = '' OR method = $4) AND ($5 = '' OR day = $5)
                AND ($6 = '' OR number LIKE $7 ESCAPE '\' OR applicant_name LIKE $7 ESCAPE '\' OR contact_name LIKE $7 ESCAPE '\')
              ORDER BY due_at, id LIMIT $8)sql",
        institution, after.time, after.id, f.method, day, f.text, db::like_containing(f.text), limit));
    return list_by_id(view, ids, phone::open);
}

std::vector<order> list_other_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                   std::int64_t after, int limit) {
    return list_by_id(view, list_ids(view, institution, f, after, limit), phone::open);
}

std::vector<order> list_company_work(db::read_view& view, std::int64_t applicant, std::int64_t institution,
                                     const order_filter& f, std::int64_t after, int limit) {
    const std::string day = f.day ? to_text(*f.day) : "";
    const auto ids = ids_of(
        view.query(work_company, applicant, institution, before(after), f.method, f.status, day, limit));
    return list_by_id(view, ids, phone::open);
}

std::int64_t find_company(db::read_view& view, std::string_view uscc, std::string_view name) {
    return view.query_number(
        R"sql(SELECT id FROM applicant WHERE uscc = $1
              UNION ALL SELECT id FROM applicant WHERE name = $2 LIMIT 1)sql",
        uscc, name);
}

std::vector<order> list_day(db::read_view& view, std::int64_t institution, date day,
                            std::string_view method) {
    constexpr int most = 500;
    std::vector<std::pair<int, std::int64_t>> found; // begin, id: three lists merged
    for (const std::string_view status : {"confirmed", "received", "completed"})
        for (const auto r : view.query(
                 R"sql(SELECT starts, id FROM appointment_order
                       WHERE institution_id = $1 AND day = $2 AND status = $3 AND ($4 = '' OR method = $4)
                       ORDER BY starts, id LIMIT $5)sql",
                 institution, day, status, method, most))
            found.emplace_back(r.small(0), r.number(1));
    std::sort(found.begin(), found.end());
    if (found.size() > static_cast<std::size_t>(most)) found.resize(static_cast<std::size_t>(most));
    std::vector<std::int64_t> ids;
    for (const auto& [starts, id] : found)
        ids.push_back(id);
    return list_by_id(view, ids, phone::closed);
}

std::vector<order> list_of_company(db::read_view& view, std::int64_t institution, date day,
                                   std::string_view text) {
    auto all = list_by_id(view, find_expected(view, institution, day, text, 50), phone::closed);
    std::sort(all.begin(), all.end(), [](const order& a, const order& b) {
        return std::pair(a.starts, a.id) < std::pair(b.starts, b.id);
    });
    return all;
}

} // namespace core::appointment::store
