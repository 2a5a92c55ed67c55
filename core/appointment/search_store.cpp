#include "core/appointment/search_store.hpp"

#include "core/db/search_index.hpp"

namespace core::appointment::store {
namespace {

const db::search_index& index() {
    static const db::search_index one(search_table);
    return one;
}

std::optional<searched_row> find_searched(db::read_view& view, std::int64_t order) {
    return view.query_one(
        searched_of,
        R"sql(SELECT o.number, a.search_name, o.contact_name, o.method, o.status, o.institution_id
              FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id WHERE o.id = $1)sql",
        order);
}

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> all;
    for (const auto r : found)
        all.push_back(r.number(0));
    return all;
}

} // namespace

searched_row searched_of(db::row r) {
    return {r.text(0), r.text(1), r.text(2), r.text(3), r.text(4), r.number(5)};
}

std::string grams_of(const searched_row& r) {
    std::string all = db::grams_of(r.number + "\n" + r.company + "\n" + r.contact);
    const auto add = [&](std::string_view kind, std::string_view value) {
        all.append(" ").append(db::label_gram(kind, value));
    };
    add("i", std::to_string(r.institution));
    add("m", r.method);
    add("s", r.status);
    return all;
}

std::string searched_grams(db::read_view& view, std::int64_t order) {
    const auto found = find_searched(view, order);
    return found ? grams_of(*found) : std::string();
}

void put_searched(db::write_tx& tx, std::int64_t order) {
    index().add(tx, order, searched_grams(tx, order));
}

void put_changed(db::write_tx& tx, std::int64_t order, std::string_view before) {
    index().remove(tx, order, before);
    put_searched(tx, order);
}

std::vector<std::int64_t> find_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                    std::int64_t after, int limit) {
    db::search_terms terms;
    terms.need_text(f.text);
    terms.need(db::label_gram("i", std::to_string(institution)));
    if (!f.status.empty()) terms.need(db::label_gram("s", f.status));
    if (!f.method.empty()) terms.need(db::label_gram("m", f.method));
    const std::string key = db::search_key(f.text);
    return index().find_kept(view, terms, after, limit, [&](std::int64_t id) {
        const auto one = find_searched(view, id);
        return one && db::has_words({one->number, one->company, one->contact}, key);
    });
}

std::vector<std::int64_t> list_renamed(db::read_view& view, int most) {
    return ids_of(
        view.query(R"sql(SELECT id FROM applicant WHERE search_name <> name ORDER BY id LIMIT $1)sql", most));
}

std::vector<std::int64_t> list_order_ids(db::read_view& view, std::int64_t applicant) {
    return ids_of(view.query(R"sql(SELECT id FROM appointment_order WHERE applicant_id = $1 ORDER BY id)sql",
                             applicant));
}

} // namespace core::appointment::store
