#include "core/due/due.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/due/due_store.hpp"
#include "core/instrument/instrument.hpp"

#include <algorithm>
#include <array>

namespace core::due {
namespace {

constexpr std::array<std::string_view, tab_count> codes = {"soon", "overdue", "replace", "barred", "never"};
constexpr int most_months = 36;

// The first day of the month `n` months later.
date first_of_month(date d, int n) {
    return add_months(d.year() / d.month() / std::chrono::day(1), n);
}

// None: nobody's lists.
std::optional<store::side> side_of(db::read_view& view, const actor& who, std::int64_t institution) {
    if (who.is_applicant()) return store::side{true, who.applicant_id};
    const auto where = catalogue::readable_institution(view, who, institution);
    return where == 0 ? std::nullopt : std::optional(store::side{false, where});
}

} // namespace

std::string_view code_of(tab t) {
    return codes[static_cast<std::size_t>(t)];
}

std::optional<tab> parse_tab(std::string_view code) {
    const auto at = std::find(codes.begin(), codes.end(), code);
    if (at == codes.end()) return std::nullopt;
    return static_cast<tab>(at - codes.begin());
}

int lead_days(db::read_view& view) {
    return instrument::lead_days(view);
}

key key_of(const item& i) {
    return {i.valid_until, i.id};
}

std::vector<item> list_due(db::read_view& view, const actor& who, const filter& f, key after, int limit) {
    const auto side = side_of(view, who, f.institution);
    if (!side) return {};
    auto all = store::list_due(view, *side, f, {view.today(), lead_days(view)}, after, limit);
    const std::chrono::sys_days today = view.today();
    for (auto& i : all)
        if (i.valid_until)
            i.days_left = static_cast<int>((std::chrono::sys_days(*i.valid_until) - today).count());
    return all;
}

int counts::of(tab t) const {
    const std::array<int, tab_count> all = {soon, overdue, replace, barred, never};
    return all[static_cast<std::size_t>(t)];
}

counts count_due(db::read_view& view, const actor& who, std::int64_t institution) {
    const auto side = side_of(view, who, institution);
    return side ? store::count_due(view, *side, {view.today(), lead_days(view)}) : counts{};
}

std::vector<institution_due> list_region_due(db::read_view& view, const actor& who) {
    if (!who.is_platform() && !who.is_regulator()) return {};
    auto all = store::count_region(view, who.is_platform() ? "" : region_prefix(who.region_code),
                                   {view.today(), lead_days(view)});
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.of.overdue > b.of.overdue; });
    return all;
}

std::vector<month_load> forecast(db::read_view& view, const actor& who, int months,
                                 std::int64_t institution) {
    const auto where = catalogue::readable_institution(view, who, institution);
    if (where == 0) return {};
    months = std::clamp(months, 1, most_months);
    const date today = view.today();
    std::vector<month_load> all;
    for (int n = 0; n < months; ++n)
        all.push_back({to_text(first_of_month(today, n)).substr(0, 7)});
    store::add_loads(view, where, today, add_days(first_of_month(today, months), -1), all);
    return all;
}

} // namespace core::due
