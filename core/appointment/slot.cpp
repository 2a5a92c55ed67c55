#include "core/appointment/slot.hpp"

#include "core/appointment/slot_store.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/groups.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>

namespace core::appointment {
namespace {

constexpr int any = std::numeric_limits<int>::max() / 2;

// What every day of one institution is judged by; computed once a week shown.
struct calendar {
    catalogue::institution where;
    date today, first, last; // first and last bookable day
    int minute = 0;          // of today
    catalogue::groups kin;
};

calendar calendar_of(db::read_view& view, const catalogue::institution& where) {
    const date today = view.today();
    return {where,
            today,
            catalogue::add_working_days(view, today, where.lead_days),
            add_days(today, where.horizon_days),
            local_minute_of_day(view.now()),
            catalogue::groups(view)};
}

slot_day judge(db::read_view& view, const calendar& c, std::string_view method, date day) {
    const int weekday = pattern_weekday(view, c.where.id, method, day);
    slot_day d{day, day_state::open, "", store::list_slots(view, c.where.id, method, day, weekday)};
    const auto closed = [&](day_state s, std::string why) {
        d.state = s;
        d.why = std::move(why);
    };
    if (day < c.today)
        closed(day_state::past, "已过");
    else if (auto reason = store::find_exception(view, c.where.id, day))
        closed(day_state::rest, *reason);
    else if (!catalogue::is_working_day(view, day) &&
             store::list_special(view, c.where.id, method, day).empty())
        closed(day_state::rest, "休息日不收检");
    else if (day < c.first)
        closed(day_state::too_early, "请至少提前 " + std::to_string(c.where.lead_days) + " 个工作日预约");
    else if (day > c.last)
        closed(day_state::too_far, "尚未开放，可预约 " + std::to_string(c.where.horizon_days) + " 天以内");
    else if (d.slots.empty())
        closed(day_state::unused, "当天不收检");
    return d;
}

slot_state judge_slot(const calendar& c, const slot_day& d, const slot& s, int pieces, bool group_is_full) {
    if (d.day < c.today || (d.day == c.today && s.starts <= c.minute)) return slot_state::past;
    if (d.state != day_state::open) return slot_state::closed;
    if (s.left() == 0) return slot_state::full;
    if (s.left() < pieces || group_is_full) return slot_state::short_of;
    return s.left() * 10 <= s.capacity * 3 ? slot_state::few : slot_state::ample;
}

// The room for one more order under the group limits: what would pass one of them.
const store::group_state* find_full_group(const catalogue::groups& kin,
                                          std::span<const store::group_state> limits, int starts,
                                          const load& what) {
    for (const auto& g : limits) {
        if (g.starts != starts) continue;
        int brought = 0;
        for (const auto& l : what.groups)
            if (kin.holds(g.l1, g.l2, l.l1, l.l2)) brought += l.pieces;
        if (brought > 0 && g.taken + brought > g.limit) return &g;
    }
    return nullptr;
}

// Capacity is kept for the 种别 and for the whole 项别.
std::vector<group_load> rows_of(const load& what) {
    std::vector<group_load> all = what.groups;
    for (const auto& g : what.groups) {
        const auto whole =
            std::find_if(all.begin(), all.end(), [&](const auto& x) { return x.l1 == g.l1 && x.l2.empty(); });
        if (whole == all.end())
            all.push_back({g.l1, "", g.pieces});
        else
            whole->pieces += g.pieces;
    }
    return all;
}

int limit_of(std::span<const store::group_state> limits, int starts, const group_load& g) {
    for (const auto& l : limits)
        if (l.starts == starts && l.l1 == g.l1 && l.l2 == g.l2) return l.limit;
    return any;
}

// Somebody came outside every period: half an hour of which nothing is offered.
std::optional<slot> walk_in_slot(std::span<const slot> of_day, int starts) {
    constexpr int lasts = 30;
    const bool is_within = std::any_of(of_day.begin(), of_day.end(),
                                       [&](const slot& s) { return s.starts <= starts && starts < s.ends; });
    if (is_within || starts < 0 || starts >= 24 * 60) return std::nullopt; // the period itself is to be named
    return slot{.starts = starts, .ends = std::min(starts + lasts, 24 * 60)};
}

error full(const slot& s, int pieces) {
    return error(errc::full, "slot.full", "slot")
        .with("time", range_text(s.starts, s.ends))
        .with("left", std::to_string(s.left()))
        .with("pieces", std::to_string(pieces));
}

error group_full(const slot& s, const store::group_state& g, int pieces) {
    return error(errc::full, "slot.group_full", "slot")
        .with("time", range_text(s.starts, s.ends))
        .with("group", g.l2.empty() ? g.l1 : g.l2)
        .with("left", std::to_string(std::max(0, g.limit - g.taken)))
        .with("pieces", std::to_string(pieces));
}

slot_day judged_day(db::read_view& view, const calendar& c, std::string_view method, date day,
                    const load& what) {
    slot_day d = judge(view, c, method, day);
    std::vector<store::group_state> limits;
    if (!what.groups.empty() && d.state == day_state::open)
        limits = limits_on(view, c.where.id, method, day, c.kin);
    for (auto& s : d.slots)
        s.state = judge_slot(c, d, s, what.pieces, find_full_group(c.kin, limits, s.starts, what) != nullptr);
    return d;
}

} // namespace

status_tag slot_tag(slot_state s) {
    switch (s) {
    case slot_state::ample:
        return {"ok", "充足"};
    case slot_state::few:
        return {"warn", "紧张"};
    case slot_state::short_of:
        return {"bad", "不足"};
    case slot_state::full:
        return {"bad", "已满"};
    case slot_state::past:
        return {"mute", "已过"};
    case slot_state::closed:
        break;
    }
    return {"mute", "不开放"};
}

std::vector<slot_day> list_week(db::read_view& view, std::int64_t institution, std::string_view method,
                                date monday, const load& what) {
    std::vector<slot_day> week;
    const auto where = catalogue::find_institution(view, institution);
    if (!where || !monday.ok()) return week;
    const auto c = calendar_of(view, *where);
    for (int i = 0; i < 7; ++i)
        week.push_back(judged_day(view, c, method, add_days(monday, i), what));
    return week;
}

date first_open_monday(db::read_view& view, std::int64_t institution, std::string_view method,
                       const load& what) {
    const date here = add_days(view.today(), 1 - iso_weekday(view.today()));
    const auto where = catalogue::find_institution(view, institution);
    if (!where) return here;
    const auto c = calendar_of(view, *where);
    for (date day = c.first; day <= c.last; day = add_days(day, 1)) {
        const auto d = judged_day(view, c, method, day, what);
        if (std::any_of(d.slots.begin(), d.slots.end(), [](const slot& s) { return s.may_be_chosen(); }))
            return add_days(day, 1 - iso_weekday(day));
    }
    return here;
}

void load::add(std::string_view l1, std::string_view l2) {
    ++pieces;
    const auto same =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.l1 == l1 && g.l2 == l2; });
    if (same == groups.end())
        groups.push_back({std::string(l1), std::string(l2), 1});
    else
        ++same->pieces;
}

std::vector<slot_time> list_free(db::read_view& view, std::int64_t institution, std::string_view method,
                                 const load& what, date from, std::size_t most) {
    std::vector<slot_time> all;
    const auto where = catalogue::find_institution(view, institution);
    if (!where || !from.ok()) return all;
    const auto c = calendar_of(view, *where);
    for (date day = std::max(from, c.first); day <= c.last && all.size() < most; day = add_days(day, 1))
        for (const auto& s : judged_day(view, c, method, day, what).slots)
            if (s.may_be_chosen() && all.size() < most) all.push_back({day, s.starts, s.ends});
    return all;
}

std::vector<slot> list_day_slots(db::read_view& view, std::int64_t institution, std::string_view method,
                                 date day) {
    return store::list_slots(view, institution, method, day, pattern_weekday(view, institution, method, day));
}

std::optional<slot> find_slot(db::read_view& view, std::int64_t institution, std::string_view method,
                              date day, int starts) {
    for (const auto& s : list_day_slots(view, institution, method, day))
        if (s.starts == starts) return s;
    return std::nullopt;
}

result<slot> check_slot(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                        int starts, chooser by) {
    const auto where = catalogue::find_institution(view, institution);
    if (!where || !day.ok()) return error(errc::invalid, "slot.none", "slot");
    const auto c = calendar_of(view, *where);
    const auto d = judged_day(view, c, method, day, load(1));
    const auto s =
        std::find_if(d.slots.begin(), d.slots.end(), [&](const slot& each) { return each.starts == starts; });
    if (by == chooser::knowing && day == c.today) {
        const auto any_time = s != d.slots.end() ? std::optional(*s) : walk_in_slot(d.slots, starts);
        if (any_time) return *any_time;
        return error(errc::invalid, "slot.none", "slot");
    }
    const bool in_reach = d.state == day_state::too_early || d.state == day_state::too_far;
    if (d.state != day_state::open && !(in_reach && by != chooser::company))
        return error(errc::invalid, "slot.closed", "slot").with("why", d.why);
    if (s == d.slots.end() || s->orders == 0) return error(errc::invalid, "slot.none", "slot");
    const bool under_way = by != chooser::company && day == c.today && c.minute < s->ends;
    if (s->state == slot_state::past && !under_way)
        return error(errc::too_late, "slot.past", "slot").with("time", range_text(s->starts, s->ends));
    return *s;
}

result<> check_room(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                    const slot& s, const load& what) {
    if (s.left() < what.pieces) return full(s, what.pieces);
    const catalogue::groups kin(view);
    const auto limits = limits_on(view, institution, method, day, kin);
    if (const auto* g = find_full_group(kin, limits, s.starts, what)) return group_full(s, *g, what.pieces);
    return {};
}

result<taken_slot> take_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                             int starts, const load& what, bool knowingly) {
    auto s = find_slot(tx, institution, method, day, starts);
    if (!s && knowingly && day == tx.today())
        s = walk_in_slot(list_day_slots(tx, institution, method, day), starts);
    if (!s) return error(errc::invalid, "slot.none", "slot");
    const auto room = check_room(tx, institution, method, day, *s, what);
    if (!room && !knowingly) return room.error();
    const auto limits = limits_on(tx, institution, method, day, catalogue::groups(tx));
    const store::slot_key key{institution, method, day, starts};
    if (!store::take(tx, key, s->ends, what.pieces, knowingly ? any : s->capacity,
                     knowingly ? any : s->orders))
        return full(*s, what.pieces);
    for (const auto& g : rows_of(what))
        if (!store::take_group(tx, key, g, knowingly ? any : limit_of(limits, starts, g)))
            return full(*s, what.pieces);
    return taken_slot{*s, room.has_error()};
}

void free_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               const load& what) {
    const store::slot_key key{institution, method, day, starts};
    bool had = store::give_back(tx, key, what.pieces);
    for (const auto& g : rows_of(what))
        had = store::give_back_group(tx, key, g) && had;
    if (!had) throw std::logic_error("capacity given back that was never taken");
}

} // namespace core::appointment
