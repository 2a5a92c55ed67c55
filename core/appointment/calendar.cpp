#include "core/appointment/calendar.hpp"

#include "core/appointment/rule.hpp"
#include "core/appointment/slot_store.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <cstdlib>

namespace core::appointment {
namespace {

bool may_set(const actor& who, std::int64_t institution) {
    return who.kind == actor_kind::system ||
           (who.is_staff_of(institution) && who.roles.any({role::scheduler, role::institution_admin}));
}

// Of another institution it does not exist (S1).
result<> check_setter(const actor& who, std::int64_t institution, std::string_view method) {
    if (who.kind != actor_kind::system && !who.is_staff_of(institution)) return error(errc::not_found);
    if (!may_set(who, institution)) return error(errc::not_allowed);
    if (!method.empty() && !is_code_of(methods, method)) return error(errc::invalid, "slot.method", "method");
    return {};
}

result<std::vector<period>> check_periods(std::span<const period> periods) {
    std::vector<period> sorted(periods.begin(), periods.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.starts < b.starts; });
    int free_from = 0;
    for (const auto& p : sorted) {
        const bool in_day = p.starts >= free_from && p.ends > p.starts && p.ends <= 24 * 60;
        const bool counted =
            p.instruments >= 0 && p.instruments <= 10'000 && p.orders >= 0 && p.orders <= 1'000;
        if (!in_day || !counted) return error(errc::invalid, "slot.period", "periods");
        free_from = p.ends;
    }
    return sorted;
}

value words_of(std::span<const period> periods) {
    value all = value::array();
    for (const auto& p : periods)
        all.push(range_text(p.starts, p.ends) + " " + std::to_string(p.instruments) + "/" +
                 std::to_string(p.orders));
    return all;
}

void note(db::write_tx& tx, const actor& who, std::int64_t institution, std::string_view verb, value before,
          value after, std::string_view reason) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "institution",
                   .subject_id = institution,
                   .before = std::move(before),
                   .after = std::move(after),
                   .note = std::string(reason),
                   .institution_id = institution});
}

value closing(date day, const std::optional<std::string>& reason) {
    value all = value::object().set("day", to_text(day)).set("closed", reason.has_value());
    return reason ? all.set("reason", *reason) : all;
}

std::vector<overbooked_slot> of_weekday(std::vector<overbooked_slot> all, int weekday) {
    std::erase_if(all, [&](const auto& s) { return iso_weekday(s.day) != weekday; });
    return all;
}

const period* find_like(std::span<const period> pattern, int starts) {
    const period* nearest = nullptr;
    for (const auto& p : pattern) {
        if (p.starts <= starts && starts < p.ends) return &p;
        if (nearest == nullptr || std::abs(p.starts - starts) < std::abs(nearest->starts - starts))
            nearest = &p;
    }
    return nearest;
}

// A period that begins at another minute now is still the same bench: its limits go along.
void carry_limits(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                  std::span<const period> before, std::span<const period> after) {
    const auto begins = [](std::span<const period> all, int starts) {
        return std::any_of(all.begin(), all.end(), [&](const period& p) { return p.starts == starts; });
    };
    for (const auto& was : before) {
        if (begins(after, was.starts)) continue;
        const auto limits = store::list_limits(tx, institution, method, weekday, was.starts);
        if (limits.empty()) continue;
        for (const auto& is : after) {
            const bool overlaps = is.starts < was.ends && was.starts < is.ends;
            if (!overlaps || begins(before, is.starts)) continue;
            store::clear_limits(tx, institution, method, weekday, is.starts); // of an earlier one of two
            for (const auto& g : limits)
                store::add_limit(tx, institution, method, weekday, is.starts, g);
        }
    }
    store::drop_stray_limits(tx, institution, method, weekday);
}

value words_of(std::span<const group_limit> limits) {
    value all = value::array();
    for (const auto& g : limits)
        all.push(g.l1 + (g.l2.empty() ? "" : " / " + g.l2) + " " + std::to_string(g.instruments));
    return all;
}

bool is_group(db::read_view& view, const group_limit& g) {
    const auto rows = catalogue::list_entries(view);
    return std::any_of(rows.begin(), rows.end(), [&](const catalogue::entry& e) {
        return e.l1 == g.l1 && (g.l2.empty() || e.l2 == g.l2);
    });
}

} // namespace

int pattern_weekday(db::read_view& view, std::int64_t institution, std::string_view method, date day) {
    const int own = iso_weekday(day);
    if (own < 6 || !catalogue::is_working_day(view, day)) return own;
    if (!store::list_pattern(view, institution, method, own).empty()) return own;
    return rule_at(view, institution, "slots.makeup_weekday");
}

namespace {

std::vector<store::group_state> limits_by_words(db::read_view& view, std::int64_t institution,
                                                std::string_view method, date day) {
    int weekday = pattern_weekday(view, institution, method, day);
    const auto special = store::list_special(view, institution, method, day);
    if (special.empty()) return store::list_groups(view, institution, method, day, weekday);
    auto pattern = store::list_pattern(view, institution, method, weekday);
    if (pattern.empty()) { // a day of rest worked once: as make-up days
        weekday = rule_at(view, institution, "slots.makeup_weekday");
        pattern = store::list_pattern(view, institution, method, weekday);
    }
    std::vector<store::group_state> all;
    for (const auto& p : special) {
        const auto* like = find_like(pattern, p.starts);
        if (like == nullptr) continue;
        for (auto& g : store::list_limits(view, institution, method, weekday, like->starts)) {
            const int taken = store::group_taken(view, institution, method, day, p.starts, g.l1, g.l2);
            all.push_back({p.starts, std::move(g.l1), std::move(g.l2), g.instruments, taken});
        }
    }
    return all;
}

} // namespace

std::vector<store::group_state> limits_on(db::read_view& view, std::int64_t institution,
                                          std::string_view method, date day, const catalogue::groups& kin) {
    auto all = limits_by_words(view, institution, method, day);
    if (all.empty() || !kin.any_renamed()) return all;
    const auto usage = store::list_group_usage(view, institution, method, day);
    for (auto& g : all) {
        g.taken = 0;
        for (const auto& u : usage)
            if (u.starts == g.starts && kin.holds(g.l1, g.l2, u.l1, u.l2)) g.taken += u.taken;
    }
    return all;
}

std::vector<overbooked_slot> list_overbooked(db::read_view& view, std::int64_t institution,
                                             std::string_view method) {
    std::vector<overbooked_slot> all;
    const catalogue::groups kin(view);
    for (const date day : store::list_taken_days(view, institution, method, view.today())) {
        const int weekday = pattern_weekday(view, institution, method, day);
        for (const auto& s : store::list_slots(view, institution, method, day, weekday))
            if (s.is_overbooked())
                all.push_back({day, s.starts, s.ends, s.taken, s.capacity, s.orders_taken, s.orders, ""});
        for (const auto& g : limits_on(view, institution, method, day, kin))
            if (g.taken > g.limit)
                all.push_back({day, g.starts, 0, g.taken, g.limit, 0, 0, g.l2.empty() ? g.l1 : g.l2});
    }
    return all;
}

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday) {
    return store::list_pattern(view, institution, method, weekday);
}

result<std::vector<overbooked_slot>> set_pattern(db::write_tx& tx, const actor& who, std::int64_t institution,
                                                 std::string_view method, int weekday,
                                                 std::span<const period> periods) {
    if (auto fine = check_setter(who, institution, method); !fine) return fine.error();
    if (weekday < 1 || weekday > 7) return error(errc::invalid, "slot.weekday", "weekday");
    const auto sorted = check_periods(periods);
    if (!sorted) return sorted.error();
    const auto before = store::list_pattern(tx, institution, method, weekday);
    store::clear_pattern(tx, institution, method, weekday);
    for (const auto& p : *sorted)
        store::add_period(tx, institution, method, weekday, p);
    carry_limits(tx, institution, method, weekday, before, *sorted);
    const auto told = [&](std::span<const period> list) {
        return value::object().set("method", method).set("weekday", weekday).set("periods", words_of(list));
    };
    note(tx, who, institution, "set_pattern", told(before), told(*sorted), "");
    return of_weekday(list_overbooked(tx, institution, method), weekday);
}

std::vector<period> list_special(db::read_view& view, std::int64_t institution, std::string_view method,
                                 date day) {
    return store::list_special(view, institution, method, day);
}

result<std::vector<overbooked_slot>> set_special(db::write_tx& tx, const actor& who, std::int64_t institution,
                                                 std::string_view method, date day,
                                                 std::span<const period> periods) {
    if (auto fine = check_setter(who, institution, method); !fine) return fine.error();
    if (!day.ok() || day < tx.today()) return error(errc::invalid, "slot.day", "day");
    const auto sorted = check_periods(periods);
    if (!sorted) return sorted.error();
    const auto before = store::list_special(tx, institution, method, day);
    store::clear_special(tx, institution, method, day);
    for (const auto& p : *sorted)
        store::add_special(tx, institution, method, day, p);
    const auto told = [&](std::span<const period> list) {
        return value::object().set("method", method).set("day", to_text(day)).set("periods", words_of(list));
    };
    note(tx, who, institution, "set_special", told(before), told(*sorted), "");
    auto all = list_overbooked(tx, institution, method);
    std::erase_if(all, [&](const auto& s) { return s.day != day; });
    return all;
}

std::vector<group_limit> list_group_limits(db::read_view& view, std::int64_t institution,
                                           std::string_view method, int weekday, int starts) {
    return store::list_limits(view, institution, method, weekday, starts);
}

result<std::vector<overbooked_slot>> set_group_limits(db::write_tx& tx, const actor& who,
                                                      std::int64_t institution, std::string_view method,
                                                      int weekday, int starts,
                                                      std::span<const group_limit> limits) {
    if (auto fine = check_setter(who, institution, method); !fine) return fine.error();
    const auto periods = store::list_pattern(tx, institution, method, weekday);
    if (std::none_of(periods.begin(), periods.end(), [&](const period& p) { return p.starts == starts; }))
        return error(errc::invalid, "slot.none", "slot");
    for (auto g = limits.begin(); g != limits.end(); ++g) {
        const bool twice = std::any_of(limits.begin(), g, [&](const group_limit& other) {
            return other.l1 == g->l1 && other.l2 == g->l2;
        });
        if (twice || g->instruments < 0 || g->instruments > 10'000 || !is_group(tx, *g))
            return error(errc::invalid, "slot.group", "groups").with("group", g->l2.empty() ? g->l1 : g->l2);
    }
    const auto before = store::list_limits(tx, institution, method, weekday, starts);
    store::clear_limits(tx, institution, method, weekday, starts);
    for (const auto& g : limits)
        store::add_limit(tx, institution, method, weekday, starts, g);
    const auto told = [&](std::span<const group_limit> list) {
        return value::object()
            .set("method", method)
            .set("weekday", weekday)
            .set("from", to_minute_text(starts))
            .set("groups", words_of(list));
    };
    note(tx, who, institution, "set_group_limits", told(before), told(limits), "");
    return of_weekday(list_overbooked(tx, institution, method), weekday);
}

std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from) {
    return store::list_exceptions(view, institution, from);
}

result<> close_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day,
                   std::string_view reason) {
    if (auto fine = check_setter(who, institution, ""); !fine) return fine.error();
    const std::string text = tidy_line(reason);
    if (text.empty() || !is_utf8(text) || count_characters(text) > 40)
        return error(errc::invalid, "slot.reason", "reason");
    if (!day.ok() || day < tx.today()) return error(errc::invalid, "slot.day", "day");
    const auto before = store::find_exception(tx, institution, day);
    store::put_exception(tx, institution, day, text);
    note(tx, who, institution, "close_day", closing(day, before), closing(day, text), text);
    return {};
}

result<> open_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day) {
    if (auto fine = check_setter(who, institution, ""); !fine) return fine.error();
    const auto before = store::find_exception(tx, institution, day);
    if (!store::drop_exception(tx, institution, day)) return error(errc::not_found);
    note(tx, who, institution, "open_day", closing(day, before), closing(day, std::nullopt), "");
    return {};
}

} // namespace core::appointment
