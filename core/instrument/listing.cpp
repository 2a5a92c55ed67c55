#include "core/instrument/listing.hpp"

#include "core/base/text.hpp"
#include "core/db/search_index.hpp"
#include "core/instrument/listing_store.hpp"
#include "core/instrument/searched.hpp"

#include <algorithm>
#include <limits>

namespace core::instrument {
namespace {

class pager {
  public:
    pager(db::read_view& view, const actor& who, const filter& f, int limit)
        : view_(&view), who_(&who), filter_(f), limit_(static_cast<std::size_t>(limit)) {
        if (filter_.bookable) {
            filter_.status = "filed";
            filter_.process = "bookable";
        }
        key_ = db::search_key(filter_.text);
        limits_ = store::limits_of(filter_, view.today(), lead_days(view), prefix_of(filter_.region));
    }

    result<page> read(page_key after) {
        if (!who_->is_applicant() && !is_staff_with_rows()) return page{};
        if (key_.empty() && !split_words(filter_.text).empty()) return page{}; // signs only: nothing has them
        const bool search = finds_by_grams();
        if (search) add_filters();
        const bool only_short = !key_.empty() && terms_.empty();
        if (search && !who_->is_applicant() && only_short) return error(errc::invalid, "search.short", "q");
        const bool by_grams = search && has_text_gram_or_is_staff();
        if (by_grams) add_scope();
        return collect(std::move(after), by_grams);
    }

  private:
    bool is_staff_with_rows() const {
        return who_->is_platform() || who_->is_regulator() || who_->institution_id != 0;
    }
    bool has_filters() const {
        return !filter_.status.empty() || !filter_.process.empty() || !filter_.l1.empty() ||
               filter_.catalogue_id != 0 || !filter_.method.empty() || !filter_.region.empty() ||
               !filter_.tag.empty() || !filter_.due.empty() || filter_.dropped;
    }
    // A company's rows are few enough to be read in any order; a text is looked up, newest first.
    bool finds_by_grams() const {
        if (who_->is_applicant())
            return !key_.empty() && filter_.order == sort::newest && !has_part_without_gram();
        const bool regions_rows = who_->is_regulator() && !who_->is_platform();
        return !key_.empty() || has_filters() || regions_rows;
    }
    // One or two letters or digits are found by grams at the beginning of a word only.
    bool has_part_without_gram() const {
        const auto words = split_words(key_);
        return std::any_of(words.begin(), words.end(), [](const std::string& w) {
            return w.size() < 3 && static_cast<unsigned char>(w[0]) < 0x80;
        });
    }
    bool has_text_gram_or_is_staff() const { return !who_->is_applicant() || !terms_.empty(); }

    void add_filters() {
        terms_.need_text(filter_.text);
        if (who_->is_applicant()) return; // the rest of a company's filters are looked at row by row
        if (!key_.empty() && terms_.empty()) return;
        if (filter_.status == "in_review")
            terms_.need_any({db::label_gram("s", "submitted"), db::label_gram("s", "dispatched")});
        else if (!filter_.status.empty())
            terms_.need(db::label_gram("s", filter_.status));
        if (!filter_.l1.empty()) terms_.need(db::label_gram("u", filter_.l1));
        if (filter_.catalogue_id != 0) terms_.need(db::label_gram("c", std::to_string(filter_.catalogue_id)));
        if (!filter_.method.empty()) terms_.need(db::label_gram("m", filter_.method));
        if (!filter_.region.empty()) terms_.need(db::label_gram("r", prefix_of(filter_.region)));
        for (const auto& tag : split_words(filter_.tag))
            terms_.need(db::label_gram("t", tag));
    }
    void add_scope() {
        if (who_->is_applicant())
            terms_.need(db::label_gram("a", std::to_string(who_->applicant_id)));
        else if (who_->is_platform())
            need_any_status();
        else if (who_->is_regulator())
            terms_.need(db::label_gram("r", prefix_of(who_->region_code)));
        else
            terms_.need(db::label_gram("i", std::to_string(who_->institution_id)));
    }

    // Every row that is not deleted: needed only where nothing else is.
    void need_any_status() {
        if (!terms_.empty()) return;
        terms_.need_any({db::label_gram("s", "unfiled"), db::label_gram("s", "submitted"),
                         db::label_gram("s", "dispatched"), db::label_gram("s", "filed"),
                         db::label_gram("s", "returned")});
    }

    std::vector<instrument> next_rows(const page_key& after, bool by_grams) {
        if (!by_grams)
            return store::list_rows(*view_, *who_, filter_, limits_, after,
                                    key_.empty() ? size() : search_batch);
        std::vector<instrument> rows;
        const auto before = after.id == 0 ? std::numeric_limits<std::int64_t>::max() : after.id;
        // Each a lookup by primary key in the same snapshot.
        for (const auto id : search_table().find(*view_, terms_, before, std::max(size(), search_batch / 2)))
            if (auto one = store::find(*view_, id)) rows.push_back(std::move(*one));
        return rows;
    }
    int size() const { return static_cast<int>(limit_) + 1; }

    page collect(page_key at, bool by_grams) {
        page p;
        for (int scanned = 0; scanned < most_scanned;) {
            auto rows = next_rows(at, by_grams);
            if (rows.empty()) return p;
            for (auto& one : rows) {
                ++scanned;
                const bool fits = (key_.empty() || db::has_words(searched_texts(one), key_)) &&
                                  (!by_grams || store::passes(one, filter_, limits_));
                if (fits && p.rows.size() == limit_) {
                    p.next = key_of(p.rows.back());
                    return p;
                }
                at = key_of(one);
                if (fits) p.rows.push_back(std::move(one));
            }
            if (!by_grams && key_.empty()) return p; // all filters were the query's: this was the end
        }
        p.next = at;
        return p;
    }
    page_key key_of(const instrument& i) const {
        if (filter_.order == sort::name) return {i.name, i.id};
        if (filter_.order == sort::validity)
            return {i.valid_until ? to_text(*i.valid_until) : "9999-12-31", i.id};
        return {"", i.id};
    }

    db::read_view* view_;
    const actor* who_;
    filter filter_;
    std::size_t limit_;
    std::string key_; // of the text
    store::limits limits_;
    db::search_terms terms_;
};

} // namespace

result<page> list_page(db::read_view& view, const actor& who, const filter& f, const page_key& after,
                       int limit) {
    return pager(view, who, f, limit).read(after);
}

std::vector<instrument> list(db::read_view& view, const actor& who, const filter& f, std::int64_t after,
                             int limit) {
    filter newest = f;
    newest.order = sort::newest;
    std::vector<instrument> all;
    page_key at{"", after};
    for (int rounds = 0; rounds < 16; ++rounds) {
        auto p = list_page(view, who, newest, at, limit - static_cast<int>(all.size()));
        if (!p) return all;
        std::move(p->rows.begin(), p->rows.end(), std::back_inserter(all));
        if (!p->next || static_cast<int>(all.size()) >= limit) return all;
        at = *p->next;
    }
    return all;
}

counts count(db::read_view& view, const actor& who) {
    counts c;
    const auto add = [&](std::string_view status, int n) {
        if (status == "deleted") return;
        c.total += n;
        if (status == "unfiled") c.unfiled += n;
        if (status == "submitted" || status == "dispatched") c.in_review += n;
        if (status == "returned") c.returned += n;
        if (status == "filed") c.filed += n;
    };
    if (who.is_applicant()) {
        store::count_own(view, who.applicant_id, add);
        c.due_soon = store::count_due(view, who.applicant_id, add_days(view.today(), lead_days(view)));
    } else if (who.is_platform()) {
        store::count_region(view, "", add);
    } else if (who.is_regulator()) {
        store::count_region(view, prefix_of(who.region_code), add);
    } else if (who.kind == actor_kind::staff && who.institution_id != 0) {
        store::count_institution(view, who.institution_id, add);
    }
    return c;
}

listed listed_of(const instrument& i) {
    listed l{.id = i.id,
             .institution_id = i.institution_id,
             .applicant_id = i.applicant_id,
             .region_code = i.region_code,
             .filing_status = i.filing_status.empty() ? "unfiled" : i.filing_status};
    const bool waits = l.filing_status == "submitted" || l.filing_status == "dispatched";
    if (waits || l.filing_status == "returned") l.handler_id = i.handler_id;
    if (waits && i.origin_handler_id != i.handler_id) l.outgoing_of = i.origin_handler_id;
    l.due = {i.due_kind, i.valid_until ? to_text(*i.valid_until) : "", i.method, !i.line_status.empty()};
    if (l.filing_status == "deleted") return l;
    l.grams = db::grams_of(searched_text(i));
    const auto add = [&](std::string_view kind, std::string_view value) {
        l.grams.append(" ").append(db::label_gram(kind, value));
    };
    add("a", std::to_string(i.applicant_id));
    if (i.institution_id != 0) add("i", std::to_string(i.institution_id));
    if (i.handler_id != 0) add("h", std::to_string(i.handler_id));
    if (l.outgoing_of != 0) add("o", std::to_string(l.outgoing_of));
    // Only staff look for companies, and they see nothing that was never handed in.
    if (i.handler_id != 0) l.grams.append(" ").append(db::grams_of(i.search_name, "n"));
    for (const std::size_t n : {2u, 4u, 6u})
        if (i.region_code.size() >= n) add("r", i.region_code.substr(0, n));
    if (i.region_code.size() > 6) add("r", i.region_code);
    add("s", l.filing_status);
    add("m", i.method);
    add("u", i.l1);
    add("c", std::to_string(i.catalogue_id));
    for (const auto& tag : split_words(i.tags))
        add("t", tag);
    return l;
}

std::vector<listed> list_listed(db::read_view& view, std::int64_t applicant) {
    std::vector<listed> all;
    for (const auto& one : store::list_all_of(view, applicant))
        all.push_back(listed_of(one));
    return all;
}

std::optional<listed> read_listed(db::read_view& view, std::int64_t id) {
    const auto found = store::find(view, id);
    return found ? std::optional(listed_of(*found)) : std::nullopt;
}

void put_listed(db::write_tx& tx, const listed& now) {
    search_table().add(tx, now.id, now.grams);
    store::tally(tx, now, 1);
    store::tally_desk(tx, now, 1);
    store::count_in(tx, now.institution_id, now.due);
    if (now.institution_id != 0) keep_client(tx, now.institution_id, now.applicant_id);
}

void relist(db::write_tx& tx, const listed& before) {
    const auto now = read_listed(tx, before.id);
    if (!now) return;
    if (now->grams != before.grams) {
        if (!before.grams.empty()) search_table().remove(tx, before.id, before.grams);
        if (!now->grams.empty()) search_table().add(tx, now->id, now->grams);
    }
    const bool same_place = now->institution_id == before.institution_id;
    if (!same_place || now->region_code != before.region_code || now->filing_status != before.filing_status) {
        store::tally(tx, before, -1);
        store::tally(tx, *now, 1);
    }
    if (now->handler_id != before.handler_id || now->outgoing_of != before.outgoing_of ||
        now->filing_status != before.filing_status) {
        store::tally_desk(tx, before, -1);
        store::tally_desk(tx, *now, 1);
    }
    if (now->due.kind != before.due.kind) store::set_due_kind(tx, now->id, now->due.kind);
    if (!same_place && now->institution_id != 0) keep_client(tx, now->institution_id, now->applicant_id);
    if (same_place && now->due == before.due) return;
    store::count_out(tx, before.institution_id, before.due);
    store::count_in(tx, now->institution_id, now->due);
}

void relist_booked(db::write_tx& tx, std::int64_t id, bool booked) {
    auto at = store::find_placed(tx, id);
    if (!at) return;
    at->due.booked = !booked;
    store::count_out(tx, at->institution_id, at->due);
    at->due.booked = booked;
    store::count_in(tx, at->institution_id, at->due);
}

} // namespace core::instrument
