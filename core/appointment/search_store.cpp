#include "core/appointment/search_store.hpp"

#include "core/account/applicant.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

namespace core::appointment::store {
namespace {

const db::search_index& index() {
    static const db::search_index one(search_table);
    return one;
}

std::optional<searched_row> find_searched(db::read_view& view, std::int64_t order) {
    return view.query_one(
        searched_of,
        R"sql(SELECT o.number, a.search_name, o.contact_name, o.method, o.status, o.institution_id, o.day
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
    return {r.text(0), r.text(1), r.text(2), r.text(3), r.text(4), r.text(6), r.number(5)};
}

std::string grams_of(const searched_row& r) {
    std::string all = db::grams_of(r.number + "\n" + r.contact);
    if (const std::string name = db::grams_of(r.company, "n"); !name.empty()) all.append(" ").append(name);
    const auto add = [&](std::string_view kind, std::string_view value) {
        all.append(" ").append(db::label_gram(kind, value));
    };
    add("i", std::to_string(r.institution));
    add("m", r.method);
    add("s", r.status);
    add("d", r.day);
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

namespace {

constexpr std::size_t most_named = 500; // companies a word may name, to be gone through one by one
constexpr std::size_t few_named = 20;   // whose orders are looked at, each

// Orders of a company at an institution, in (above, before), newest first.
std::vector<std::int64_t> list_of(db::read_view& view, std::int64_t company, std::int64_t institution,
                                  const order_filter& f, std::int64_t before, std::int64_t above, int limit) {
    return ids_of(view.query(
        R"sql(SELECT id FROM appointment_order
              WHERE applicant_id = $1 AND institution_id = $2 AND id < $3 AND id > $4
                AND ($5 = '' OR status = $5) AND ($6 = '' OR method = $6) AND ($7 = '' OR day = $7)
              ORDER BY id DESC LIMIT $8)sql",
        company, institution, before, above, f.status, f.method, f.day ? to_text(*f.day) : "", limit));
}

class work_finder {
  public:
    work_finder(db::read_view& view, std::int64_t institution, const order_filter& f, std::int64_t before,
                int limit, bool exact)
        : view_(&view), institution_(institution), f_(&f), key_(db::search_key(f.text)),
          before_(before == 0 ? std::numeric_limits<std::int64_t>::max() : before), limit_(limit),
          exact_(exact) {}

    std::vector<std::int64_t> find() {
        const bool one_word = split_words(f_->text).size() == 1;
        const auto named = account::find_named_word(*view_, f_->text, one_word ? most_named : few_named);
        if (named.companies.empty()) return by_grams("", f_->text);
        // A name's grams are the longest lists: its few companies are gone through instead, and what has the
        // word itself is added.
        auto all = by_grams(named.word, named.others);
        const std::string others = db::search_key(named.others);
        for (const auto company : named.companies) {
            for (const auto id : of_company(company, others, full(all) ? all.back() : 0))
                all.push_back(id);
            std::sort(all.begin(), all.end(), std::greater<>());
            all.erase(std::unique(all.begin(), all.end()), all.end());
            if (full(all)) all.resize(static_cast<std::size_t>(limit_));
        }
        return all;
    }

  private:
    bool full(const std::vector<std::int64_t>& all) const {
        return all.size() >= static_cast<std::size_t>(limit_);
    }
    bool has(std::int64_t id, const std::string& key) {
        const auto one = find_searched(*view_, id);
        return one && db::has_words({one->number, one->company, one->contact}, key);
    }
    // `own` words in number or contact, `any` words there or in the company's name.
    std::vector<std::int64_t> by_grams(const std::string& own, const std::string& any) {
        db::search_terms terms;
        terms.need_text(own);
        terms.need_text_or(any, "n");
        terms.need(db::label_gram("i", std::to_string(institution_)));
        if (!f_->status.empty()) terms.need(db::label_gram("s", f_->status));
        if (!f_->method.empty()) terms.need(db::label_gram("m", f_->method));
        if (f_->day) terms.need(db::label_gram("d", to_text(*f_->day)));
        if (!exact_) return index().find(*view_, terms, before_, limit_);
        return index().find_kept(*view_, terms, before_, limit_,
                                 [&](std::int64_t id) { return has(id, key_); });
    }
    std::vector<std::int64_t> of_company(std::int64_t company, const std::string& others,
                                         std::int64_t above) {
        if (others.empty()) return list_of(*view_, company, institution_, *f_, before_, above, limit_);
        std::vector<std::int64_t> all;
        for (std::int64_t at = before_; !full(all);) {
            const auto some = list_of(*view_, company, institution_, *f_, at, above, limit_);
            for (const auto id : some)
                if (!full(all) && has(id, others)) all.push_back(id);
            if (!full(some)) break;
            at = some.back();
        }
        return all;
    }

    db::read_view* view_;
    std::int64_t institution_;
    const order_filter* f_;
    std::string key_;
    std::int64_t before_;
    int limit_;
    bool exact_; // grams alone are not enough
};

} // namespace

std::vector<std::int64_t> find_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                    std::int64_t after, int limit) {
    return work_finder(view, institution, f, after, limit, true).find();
}

std::vector<std::int64_t> list_possible_work(db::read_view& view, std::int64_t institution,
                                             const order_filter& f, int most) {
    return work_finder(view, institution, f, 0, most, false).find();
}

bool fits_work(db::read_view& view, std::int64_t id, const order_filter& f) {
    const auto one = find_searched(view, id);
    return one && db::has_words({one->number, one->company, one->contact}, db::search_key(f.text));
}

std::vector<std::int64_t> find_expected(db::read_view& view, std::int64_t institution, date day,
                                        std::string_view text, int limit) {
    std::vector<std::int64_t> all;
    const auto companies = account::find_named(view, text, most_named);
    for (const auto company : companies)
        for (const auto r : view.query(
                 R"sql(SELECT id FROM appointment_order
                       WHERE applicant_id = $1 AND institution_id = $2 AND day = $3 AND closed_at IS NULL
                         AND status IN ('confirmed', 'received') ORDER BY id LIMIT $4)sql",
                 company, institution, day, limit - static_cast<int>(all.size())))
            all.push_back(r.number(0));
    if (!companies.empty() || !db::is_searchable(text)) return all;
    db::search_terms terms; // of no company, or of too many
    terms.need_text_or(text, "n");
    terms.need(db::label_gram("i", std::to_string(institution)));
    terms.need(db::label_gram("d", to_text(day)));
    terms.need_any({db::label_gram("s", "confirmed"), db::label_gram("s", "received")});
    const std::string key = db::search_key(text);
    return index().find_kept(view, terms, 0, limit, [&](std::int64_t id) {
        const auto one = find_searched(view, id);
        return one && db::has_words({one->company}, key);
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
