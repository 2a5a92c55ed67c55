#include "core/account/search_store.hpp"

#include "core/account/applicant_store.hpp"
#include "core/account/uscc.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace core::account {
namespace store {
namespace {

const db::search_index& index() {
    static const db::search_index one(search_table);
    return one;
}

std::optional<searched_row> find_searched(db::read_view& view, std::int64_t applicant) {
    return view.query_one(
        searched_of, R"sql(SELECT name, search_name, region_code, status FROM applicant WHERE id = $1)sql",
        applicant);
}

} // namespace

searched_row searched_of(db::row r) {
    return {r.text(0), r.text(1), r.text(2), r.text(3)};
}

std::string grams_of(const searched_row& r) {
    std::string all = db::grams_of(r.name);
    if (r.search_name != r.name) all.append(" ").append(db::grams_of(r.search_name));
    const auto add = [&](std::string_view kind, std::string_view value) {
        all.append(" ").append(db::label_gram(kind, value));
    };
    for (const std::size_t n : {2u, 4u, 6u})
        if (r.region_code.size() >= n) add("r", r.region_code.substr(0, n));
    if (r.region_code.size() > 6) add("r", r.region_code);
    add("s", r.status);
    return all;
}

std::string searched_grams(db::read_view& view, std::int64_t applicant) {
    const auto found = find_searched(view, applicant);
    return found ? grams_of(*found) : std::string();
}

void put_searched(db::write_tx& tx, std::int64_t applicant) {
    index().add(tx, applicant, searched_grams(tx, applicant));
}

void put_changed(db::write_tx& tx, std::int64_t applicant, std::string_view before) {
    const std::string now = searched_grams(tx, applicant);
    if (now == before) return;
    index().remove(tx, applicant, before);
    index().add(tx, applicant, now);
}

std::vector<std::int64_t> find_in_area(db::read_view& view, std::string_view area, const applicant_filter& f,
                                       std::int64_t before, int limit) {
    db::search_terms terms;
    terms.need_text(f.text);
    if (!area.empty()) terms.need(db::label_gram("r", area));
    if (!f.status.empty()) terms.need(db::label_gram("s", f.status));
    const std::string key = db::search_key(f.text);
    return index().find_kept(view, terms, before, limit, [&](std::int64_t id) {
        const auto one = find_searched(view, id);
        return one && db::has_words({one->name, one->search_name}, key);
    });
}

void follow_name(db::write_tx& tx, std::int64_t applicant) {
    const std::string before = searched_grams(tx, applicant);
    tx.exec(R"sql(UPDATE applicant SET search_name = name WHERE id = $1)sql", applicant);
    put_changed(tx, applicant, before);
}

} // namespace store

std::vector<std::int64_t> list_possibly_named(db::read_view& view, std::string_view text, int most) {
    db::search_terms terms;
    terms.need_text(text);
    if (terms.empty()) return {};
    return store::index().find(view, terms, std::numeric_limits<std::int64_t>::max(), most);
}

std::vector<std::int64_t> find_named(db::read_view& view, std::string_view text, std::size_t most) {
    if (const auto code = check_uscc(text))
        if (const auto found = find_applicant_by_uscc(view, *code)) return {found->id};
    // A name whose pairs of characters come in many others is still of one company.
    constexpr std::size_t looked_at = 500;
    const std::size_t asked = std::max(most, looked_at);
    auto all = list_possibly_named(view, text, static_cast<int>(asked) + 1);
    if (all.size() > asked) return {}; // not one of them is looked at
    const std::string key = db::search_key(text);
    std::erase_if(all, [&](std::int64_t id) {
        const auto one = store::find_searched(view, id);
        return !one || !db::has_words({one->name, one->search_name}, key);
    });
    if (all.size() > most) all.clear();
    return all;
}

named_word find_named_word(db::read_view& view, std::string_view text, std::size_t most) {
    named_word found;
    for (const auto& word : split_words(text)) {
        if (found.companies.empty()) {
            found.companies = find_named(view, word, most);
            if (!found.companies.empty()) {
                found.word = word;
                continue;
            }
        }
        found.others.append(found.others.empty() ? "" : " ").append(word);
    }
    return found;
}

} // namespace core::account
