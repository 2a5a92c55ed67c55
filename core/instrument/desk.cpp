// What staff look for at their institution: the search of work lists and due lists.
#include "core/account/applicant.hpp"
#include "core/base/text.hpp"
#include "core/instrument/listing_store.hpp"
#include "core/instrument/searched.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace core::instrument {
namespace {

// Which gram says that an institution has this to do with an instrument.
std::string_view label_of(desk_part p) {
    return p == desk_part::filed ? "i" : p == desk_part::handled ? "h" : "o";
}

constexpr std::size_t few_named = 20; // whose rows are looked at one by one

// Words of an instrument's own texts, and words of these or of its company's name.
struct words {
    std::string own, any;
};
words words_of(const desk_search& s) {
    return {s.own, s.text};
}

class desk_finder {
  public:
    desk_finder(db::read_view& view, const desk_search& s, std::int64_t before, int limit)
        : view_(&view), search_(s), before_(before == 0 ? std::numeric_limits<std::int64_t>::max() : before),
          limit_(limit) {}

    static db::search_terms terms_of(const desk_search& s, const words& w) {
        db::search_terms terms;
        terms.need_text(w.own);
        terms.need_text_or(w.any, "n");
        if ((!s.text.empty() || !s.own.empty()) && terms.empty()) return terms;
        if (!s.l1.empty()) terms.need(db::label_gram("u", s.l1));
        if (!s.region.empty()) terms.need(db::label_gram("r", prefix_of(s.region)));
        return terms;
    }

    std::vector<std::int64_t> find() {
        // What waits elsewhere is little; its gram is rare.
        if (!search_.own.empty() || search_.part == desk_part::handed_on) return by_grams(words_of(search_));
        const auto named =
            account::find_named_word(*view_, search_.text, is_one_word() ? most_named : few_named);
        if (named.companies.empty()) return by_grams(words_of(search_));
        // Among millions of an institution a name's grams cost most: its few companies are gone through
        // instead, and what has the word itself is added.
        auto all = by_grams({named.word, named.others});
        for (const auto company : named.companies) {
            const auto theirs = of_company(company, named.others);
            all.insert(all.end(), theirs.begin(), theirs.end());
        }
        std::sort(all.begin(), all.end(), std::greater<>());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        if (all.size() > static_cast<std::size_t>(limit_)) all.resize(static_cast<std::size_t>(limit_));
        return all;
    }

    db::search_terms all_terms(const words& w) const {
        auto terms = terms_of(search_, w);
        if (search_.institution != 0)
            terms.need(db::label_gram(label_of(search_.part), std::to_string(search_.institution)));
        if (!search_.status.empty()) terms.need(db::label_gram("s", search_.status));
        return terms;
    }
    bool fits(std::int64_t id) { return fits(id, db::search_key(search_.own), db::search_key(search_.text)); }

  private:
    // Whatever the index of a company gives fits: nothing else is asked for.
    bool is_one_word() const {
        return search_.l1.empty() && search_.l2.empty() && search_.region.empty() &&
               split_words(search_.text).size() == 1;
    }
    // What grams have left open, and what they were not asked for.
    bool fits(std::int64_t id, const std::string& own_key, const std::string& any_key) {
        const auto one = store::find_searched(*view_, id);
        if (!one || (!search_.l1.empty() && one->l1 != search_.l1)) return false;
        if (!search_.l2.empty() && one->l2 != search_.l2) return false;
        if (!search_.region.empty() && !one->region_code.starts_with(prefix_of(search_.region))) return false;
        auto texts = searched_texts(*one);
        if (!own_key.empty() && !db::has_words(texts, own_key)) return false;
        if (any_key.empty()) return true;
        texts.insert(texts.begin(), one->search_name); // what staff look for most
        return db::has_words(texts, any_key);
    }

    // At most `limit_` that fit, from `next(before, how many)`, which gives ids going down.
    template<class Next>
    std::vector<std::int64_t> collect(int asked, const words& w, Next next) {
        const std::string own_key = db::search_key(w.own), any_key = db::search_key(w.any);
        std::vector<std::int64_t> all;
        std::int64_t at = before_;
        for (int scanned = 0; scanned < most_scanned;) {
            const std::vector<std::int64_t> ids = next(at, asked);
            for (const auto id : ids) {
                ++scanned;
                if (!fits(id, own_key, any_key)) continue;
                all.push_back(id);
                if (all.size() == static_cast<std::size_t>(limit_)) return all;
            }
            if (ids.size() < static_cast<std::size_t>(asked)) return all;
            at = ids.back();
        }
        return all;
    }

    std::vector<std::int64_t> by_grams(const words& w) {
        const auto terms = all_terms(w);
        return collect(std::max(limit_, search_batch), w, [&](std::int64_t at, int asked) {
            return search_table().find(*view_, terms, at, asked);
        });
    }

    std::vector<std::int64_t> of_company(std::int64_t company, const std::string& others) {
        const auto next = [&](std::int64_t at, int asked) {
            if (search_.part == desk_part::filed)
                return store::list_filed_of(*view_, company, search_.institution, at, asked);
            return store::list_handled_of(*view_, company, search_.status, search_.institution, at, asked);
        };
        return is_one_word() ? next(before_, limit_) : collect(limit_, {"", others}, next);
    }

    db::read_view* view_;
    desk_search search_;
    std::int64_t before_;
    int limit_;
};

} // namespace

bool is_searchable(const desk_search& s) {
    return !desk_finder::terms_of(s, words_of(s)).empty();
}

std::vector<std::int64_t> find_at_desk(db::read_view& view, const desk_search& s, std::int64_t before,
                                       int limit) {
    return desk_finder(view, s, before, limit).find();
}

std::vector<std::int64_t> list_possible(db::read_view& view, const desk_search& s, int most) {
    const auto terms = desk_finder(view, s, 0, most).all_terms(words_of(s));
    return search_table().find(view, terms, std::numeric_limits<std::int64_t>::max(), most);
}

bool fits_at_desk(db::read_view& view, std::int64_t id, const desk_search& s) {
    return desk_finder(view, s, 0, 1).fits(id);
}

} // namespace core::instrument
