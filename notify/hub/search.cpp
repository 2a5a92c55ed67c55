#include "notify/hub/search.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "notify/hub/search_store.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace notify {
namespace {

constexpr std::array<std::string_view, 5> trouble = {"uncertain", "blocked", "failed", "dead", "parked"};
constexpr int most_matches = 10; // companies or addresses that one word may mean
constexpr std::size_t least_address = 6;

// -1: everything; nullopt: nothing.
std::optional<std::int64_t> scope_of(const core::actor& who) {
    if (who.is_platform()) return -1;
    if (who.kind != core::actor_kind::staff || who.institution_id == 0) return std::nullopt;
    return who.institution_id;
}

bool is_trouble(std::string_view status) {
    return std::find(trouble.begin(), trouble.end(), status) != trouble.end();
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Takes what fits the filter until the page is full; remembers how far it looked.
class collector {
  public:
    collector(const delivery_search& s, int limit) : search_(&s), limit_(limit) {
        if (s.from) earliest_ = core::local_instant(*s.from, 0);
        if (s.to) end_ = core::local_instant(core::add_days(*s.to, 1), 0);
    }

    // One walk in falling order of `key`.
    store::seen_fn begin(bool by_event) {
        looked_ = taken_ = 0;
        by_event_ = by_event;
        return [this](found_delivery d) { return see(std::move(d)); };
    }
    found_page finish() {
        const auto key = [this](const found_delivery& d) { return by_event_ ? d.outbox_id : d.id; };
        std::sort(page_.items.begin(), page_.items.end(), [&](const auto& a, const auto& b) {
            return std::pair(key(a), a.id) > std::pair(key(b), b.id);
        });
        std::erase_if(page_.items, [&](const auto& d) { return key(d) < stopped_at_; });
        page_.next = stopped_at_;
        if (static_cast<int>(page_.items.size()) <= limit_) return std::move(page_);
        // Cut, but not through the messages of one event.
        auto last = static_cast<std::size_t>(limit_);
        if (by_event_)
            while (last < page_.items.size() && key(page_.items[last]) == key(page_.items[last - 1]))
                ++last;
        if (last < page_.items.size()) {
            page_.items.resize(last);
            page_.next = key(page_.items.back());
        }
        return std::move(page_);
    }

  private:
    bool see(found_delivery d) {
        const std::int64_t key = by_event_ ? d.outbox_id : d.id;
        // A walk ends between two events, never within one.
        const bool full = taken_ > limit_ || looked_ >= deliveries_looked_at;
        if (full && key != last_) {
            stopped_at_ = std::max(stopped_at_, last_);
            return false;
        }
        if (earliest_ && d.created_at < *earliest_) return false;
        last_ = key;
        ++looked_;
        if (!fits(d)) return true;
        page_.items.push_back(std::move(d));
        ++taken_;
        return true;
    }
    bool fits(const found_delivery& d) const {
        return (search_->status.empty() || d.status == search_->status) &&
               (search_->kind.empty() || d.kind == search_->kind) && (!end_ || d.created_at < *end_);
    }

    const delivery_search* search_;
    int limit_, looked_ = 0, taken_ = 0;
    bool by_event_ = false;
    std::int64_t last_ = 0, stopped_at_ = 0;
    std::optional<core::instant> earliest_, end_;
    found_page page_;
};

// Openids of the people of this name, and what audience.cpp makes for their e-mail and telephone.
std::vector<std::string> ways_to(core::db::read_view& view, std::string_view name) {
    auto all = store::addresses_of_person(view, name, most_matches);
    for (const auto id : store::people_named(view, name, most_matches)) {
        const std::string own = "login:" + std::to_string(id);
        all.push_back(own);
        for (auto& tagged : store::addresses_beginning(view, own + ":", most_matches))
            all.push_back(std::move(tagged));
    }
    return all;
}

found_page found(collector& c, found_page::by how) {
    auto page = c.finish();
    page.found_by = how;
    return page;
}

} // namespace

found_page search_deliveries(core::db::read_view& view, const core::actor& who, const delivery_search& s,
                             std::int64_t before, int limit) {
    using by = found_page::by;
    const auto scope = scope_of(who);
    if (!scope) return {};
    const auto below = before > 0 ? before : std::numeric_limits<std::int64_t>::max();
    constexpr int most = deliveries_looked_at + 1;
    collector all(s, limit);
    const std::string text = core::tidy_line(s.text);
    if (text.empty()) {
        if (is_trouble(s.status))
            store::walk_trouble(view, *scope, s.status, below, most, all.begin(false));
        else
            store::walk_newest(view, *scope, below, most, all.begin(false));
        return found(all, by::nothing);
    }
    if (const auto number = core::find_order_number(text)) {
        store::walk_order(view, *scope, *number, all.begin(false));
        return found(all, by::order);
    }
    if (is_ascii(text)) {
        const auto addresses = text.size() < least_address
                                   ? std::vector<std::string>{}
                                   : store::addresses_beginning(view, text, most_matches);
        for (const auto& a : addresses)
            store::walk_address(view, *scope, a, below, most, all.begin(false));
        return found(all, addresses.empty() ? by::unknown : by::address);
    }
    if (const auto addresses = ways_to(view, text); !addresses.empty()) {
        for (const auto& a : addresses)
            store::walk_address(view, *scope, a, below, most, all.begin(false));
        return found(all, by::people);
    }
    const auto companies = store::companies_named(view, text, most_matches);
    for (const auto id : companies)
        store::walk_company(view, *scope, id, below, most, all.begin(true));
    return found(all, companies.empty() ? by::unknown : by::company);
}

std::map<std::string, int> count_trouble(core::db::read_view& view, const core::actor& who) {
    std::map<std::string, int> all;
    if (const auto scope = scope_of(who))
        for (const auto status : trouble)
            all[std::string(status)] = store::count_of(view, *scope, status, counted_most);
    return all;
}

} // namespace notify
