#include "core/due/search_store.hpp"

#include "core/account/applicant.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"
#include "core/instrument/listing.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace core::due::store {
namespace {

enum class scope { company, institution, rows };

// $1 whose, $2 kind, $3 to $6 from and to, $7 and $8 the filter, a company's $9 institution, of rows $9 the
// text; the limit. One text a scope and kind of list, so that each walks its index.
// tests/core/due_test.cpp prepares and explains them all.
std::string statement_of(scope s, bool dated) {
    std::string sql = "SELECT coalesce(i.valid_until, ''), i.id, i.applicant_id FROM instrument i";
    if (s == scope::rows) sql += " JOIN applicant a ON a.id = i.applicant_id";
    sql += s == scope::company ? " WHERE i.applicant_id = $1" : " WHERE i.institution_id = $1";
    sql += dated ? " AND i.due_kind = $2 AND (i.valid_until, i.id) > ($3, $4) AND (i.valid_until, i.id) <= "
                   "($5, $6)"
                 : " AND i.due_kind = $2 AND i.valid_until IS NULL AND $3 = '' AND i.id > $4 AND $5 = '' AND "
                   "i.id <= $6";
    sql += " AND ($7 = 0 OR NOT EXISTS (SELECT 1 FROM appointment_line l"
           " WHERE l.instrument_id = i.id AND l.is_open = 1)) AND ($8 = '' OR i.method = $8)";
    if (s == scope::company) sql += " AND +i.institution_id = $9";
    if (s == scope::rows) {
        sql += " AND (i.name LIKE $9 ESCAPE '\\'";
        for (const auto* column : {"i.model", "i.manufacturer", "i.location_text", "i.serial_no", "i.own_no",
                                   "i.tags", "i.used_by", "a.name", "a.search_name"})
            sql += " OR " + std::string(column) + " LIKE $9 ESCAPE '\\'";
        sql += ")";
    }
    sql += dated ? " ORDER BY i.valid_until, i.id" : " ORDER BY i.id";
    return sql + (s == scope::institution ? " LIMIT $9" : " LIMIT $10");
}

const std::string& statement(scope s, bool dated) {
    static const auto all = [] {
        std::array<std::string, 6> made;
        for (const auto one : {scope::company, scope::institution, scope::rows})
            for (const bool d : {false, true})
                made[static_cast<std::size_t>(one) * 2 + (d ? 1u : 0u)] = statement_of(one, d);
        return made;
    }();
    return all[static_cast<std::size_t>(s) * 2 + (dated ? 1u : 0u)];
}

// For LIKE: whatever has the characters of the longest word in this order, whatever stands between them. Who
// is found so is looked at again; full-width letters are not found by half-width ones here.
std::string pattern_of(std::string_view search_key) {
    std::string longest;
    for (auto& word : split_words(search_key))
        if (word.size() > longest.size()) longest = std::move(word);
    std::string pattern;
    for (const char c : longest) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) pattern += '%'; // a character begins
        pattern += c;
    }
    return pattern + "%";
}

using id_set = std::unordered_set<std::int64_t>;

class text_finder {
  public:
    text_finder(db::read_view& view, std::int64_t institution, const filter& f, const range& r, int limit,
                const search_limits& most)
        : view_(&view), institution_(institution), f_(&f), r_(&r),
          limit_(static_cast<std::size_t>(limit)), search_{.institution = institution, .text = f.text},
          at_most_(most), read_to_(r.from) {}

    std::vector<std::int64_t> find() {
        if (db::search_key(f_->text).empty()) return {};
        if (!instrument::is_searchable(search_)) {
            read_rows(at_most_.one_sign);
            return ids();
        }
        const bool one_word = split_words(f_->text).size() == 1;
        const auto named = account::find_named_word(*view_, f_->text,
                                                    one_word ? at_most_.companies : at_most_.few_companies);
        // A company's name is no part of what is looked for when the companies are gone through.
        auto others = search_;
        std::vector<std::int64_t> companies;
        if (one_word || !named.companies.empty()) {
            others.own = one_word ? f_->text : named.word;
            others.text = named.others;
            if (one_word) others.text.clear();
        }
        if (one_word && named.companies.empty())
            companies =
                account::list_possibly_named(*view_, f_->text, static_cast<int>(at_most_.some_companies));
        if (companies.size() <= at_most_.companies) companies.clear(); // none is so named in fact
        auto found = instrument::list_possible(*view_, others, static_cast<int>(at_most_.lookups));
        const bool many = found.size() == at_most_.lookups || !companies.empty();
        if (many && read_rows(at_most_.probed) && is_full()) return ids();
        bool all_known = found.size() < at_most_.lookups;
        if (!all_known) std::tie(found, all_known) = list_more(others);
        if (!all_known || companies.size() == at_most_.some_companies)
            read_rows(at_most_.read);
        else if (!companies.empty())
            pass_by(id_set(found.begin(), found.end()), id_set(companies.begin(), companies.end()));
        else if (found.size() <= at_most_.few || !pass_by(id_set(found.begin(), found.end()), {}))
            look_up(found);
        add_companies(named);
        return ids();
    }

  private:
    // Most instruments carry the label of a big institution: leaving out the few without it costs a multiple
    // of passing them by. Whether these are all is told beside them.
    std::pair<std::vector<std::int64_t>, bool> list_more(instrument::desk_search s) const {
        const auto own = s;
        s.institution = 0;
        auto all = instrument::list_possible(*view_, s, static_cast<int>(at_most_.anywhere));
        if (all.size() < at_most_.anywhere) return {std::move(all), true};
        all = instrument::list_possible(*view_, own, static_cast<int>(at_most_.some));
        const bool all_known = all.size() < at_most_.some;
        return {std::move(all), all_known};
    }

    bool is_full() const { return spots_.size() >= limit_; }
    std::vector<std::int64_t> ids() const {
        std::vector<std::int64_t> all;
        for (const auto& s : spots_)
            all.push_back(s.id);
        return all;
    }
    bool fits(std::int64_t id) { return instrument::fits_at_desk(*view_, id, search_); }

    void order_and_cut() {
        std::sort(spots_.begin(), spots_.end());
        spots_.erase(std::unique(spots_.begin(), spots_.end()), spots_.end());
        if (is_full()) spots_.resize(limit_);
    }

    db::rows list(const spot& from, int most) {
        return view_->query(statement(scope::institution, r_->dated), institution_, r_->kind, from.day,
                            from.id, r_->to.day, r_->to.id, f_->free_only, f_->method, most);
    }

    // The next `most` of the list, row by row. True: the page is full, or the list ends.
    bool read_rows(int most) {
        const std::string like = pattern_of(db::search_key(f_->text));
        for (; most > 0; most -= at_most_.probed) {
            const spot from = read_to_;
            int n = 0;
            for (const auto r : list(from, at_most_.probed)) {
                read_to_ = {r.text(0), r.number(1)};
                ++n;
            }
            if (n == 0) return true;
            for (const auto r :
                 view_->query(statement(scope::rows, r_->dated), institution_, r_->kind, from.day, from.id,
                              read_to_.day, read_to_.id, f_->free_only, f_->method, like, at_most_.probed)) {
                if (!fits(r.number(1))) continue;
                spots_.push_back({r.text(0), r.number(1)});
                if (is_full()) return true;
            }
            if (n < at_most_.probed) return true;
        }
        return false;
    }

    // Through the list by index entries, for those of the set and those of the companies. False: there may be
    // more behind what was looked at.
    bool pass_by(const id_set& found, const id_set& companies) {
        spots_.clear();
        int n = 0;
        const int most = companies.empty() ? at_most_.walked / 2 : at_most_.walked;
        for (const auto r : list(r_->from, most)) {
            ++n;
            if (!found.contains(r.number(1)) && !companies.contains(r.number(2))) continue;
            if (!fits(r.number(1))) continue;
            spots_.push_back({r.text(0), r.number(1)});
            if (is_full()) return true;
        }
        return n < most;
    }

    void look_up(const std::vector<std::int64_t>& found) {
        spots_.clear();
        std::vector<spot> all;
        for (const auto id : found)
            for (const auto r : view_->query(
                     R"sql(SELECT coalesce(i.valid_until, '') FROM instrument i
                           WHERE i.id = $1 AND i.due_kind = $2 AND ($3 = '' OR i.method = $3)
                             AND ($4 = 0 OR NOT EXISTS (SELECT 1 FROM appointment_line l
                                                        WHERE l.instrument_id = i.id AND l.is_open = 1))
                             AND i.institution_id = $5)sql",
                     id, r_->kind, f_->method, f_->free_only, institution_)) {
                spot s{r.text(0), id};
                if (s > r_->from && s <= r_->to) all.push_back(std::move(s));
            }
        std::sort(all.begin(), all.end());
        for (auto& s : all) {
            if (is_full()) return;
            if (fits(s.id)) spots_.push_back(std::move(s));
        }
    }

    // Each one's from its own index, no further than the page is full by now.
    void add_companies(const account::named_word& named) {
        auto others = search_;
        others.text = named.others;
        for (const auto company : named.companies) {
            const spot to = is_full() ? spots_.back() : r_->to;
            std::size_t taken = 0;
            for (const auto r :
                 view_->query(statement(scope::company, r_->dated), company, r_->kind, r_->from.day,
                              r_->from.id, to.day, to.id, f_->free_only, f_->method, institution_,
                              others.text.empty() ? static_cast<int>(limit_) : at_most_.one_company)) {
                if (!others.text.empty() && !instrument::fits_at_desk(*view_, r.number(1), others)) continue;
                spots_.push_back({r.text(0), r.number(1)});
                if (++taken == limit_) break;
            }
            if (taken > 0) order_and_cut();
        }
    }

    db::read_view* view_;
    std::int64_t institution_;
    const filter* f_;
    const range* r_;
    std::size_t limit_;
    instrument::desk_search search_;
    search_limits at_most_;
    spot read_to_;            // row by row
    std::vector<spot> spots_; // of the page, in order
};

} // namespace

std::vector<std::int64_t> find_text(db::read_view& view, std::int64_t institution, const filter& f,
                                    const range& r, int limit, const search_limits& most) {
    return text_finder(view, institution, f, r, limit, most).find();
}

std::vector<std::string> list_search_statements() {
    std::vector<std::string> all;
    for (const auto s : {scope::company, scope::institution, scope::rows})
        for (const bool dated : {false, true})
            all.push_back(statement(s, dated));
    return all;
}

} // namespace core::due::store
