#include "core/appointment/slot.hpp"

#include "core/appointment/slot_store.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"

#include <limits>
#include <stdexcept>

namespace core::appointment {
namespace {

// What every day of one institution is judged by; computed once a week shown.
struct calendar {
    catalogue::institution where;
    date today, first, last; // first and last bookable day
    int minute = 0;          // of today
};

calendar calendar_of(db::read_view& view, const catalogue::institution& where) {
    const date today = view.today();
    return {where, today, catalogue::add_working_days(view, today, where.lead_days),
            add_days(today, where.horizon_days), local_minute_of_day(view.now())};
}

slot_day judge(db::read_view& view, const calendar& c, std::string_view method, date day) {
    slot_day d{day, day_state::open, "", store::list_slots(view, c.where.id, method, day)};
    const auto closed = [&](day_state s, std::string why) {
        d.state = s;
        d.why = std::move(why);
    };
    if (day < c.today)
        closed(day_state::past, "已过");
    else if (auto reason = store::find_exception(view, c.where.id, day))
        closed(day_state::rest, *reason);
    else if (!catalogue::is_working_day(view, day))
        closed(day_state::rest, "休息日不收检");
    else if (day < c.first)
        closed(day_state::too_early, "请至少提前 " + std::to_string(c.where.lead_days) + " 个工作日预约");
    else if (day > c.last)
        closed(day_state::too_far, "尚未开放，可预约 " + std::to_string(c.where.horizon_days) + " 天以内");
    else if (d.slots.empty())
        closed(day_state::unused, "当天不收检");
    return d;
}

slot_state judge_slot(const calendar& c, const slot_day& d, const slot& s, int pieces) {
    if (d.day < c.today || (d.day == c.today && s.starts <= c.minute)) return slot_state::past;
    if (d.state != day_state::open) return slot_state::closed;
    if (s.left() == 0) return slot_state::full;
    if (s.left() < pieces) return slot_state::short_of;
    return s.left() * 10 <= s.capacity * 3 ? slot_state::few : slot_state::ample;
}

slot_day judged_day(db::read_view& view, const calendar& c, std::string_view method, date day, int pieces) {
    slot_day d = judge(view, c, method, day);
    for (auto& s : d.slots)
        s.state = judge_slot(c, d, s, pieces);
    return d;
}

bool may_set(const actor& who, std::int64_t institution) {
    return who.kind == actor_kind::system ||
           (who.is_staff_of(institution) && who.roles.any({role::scheduler, role::institution_admin}));
}

bool fits(std::span<const period> periods) {
    int free_from = 0;
    for (const auto& p : periods) {
        if (p.starts < free_from || p.ends <= p.starts || p.ends > 24 * 60) return false;
        if (p.instruments < 0 || p.instruments > 10'000 || p.orders < 0 || p.orders > 1'000) return false;
        free_from = p.ends;
    }
    return true;
}

void note(db::write_tx& tx, const actor& who, std::int64_t institution, std::string_view verb, value after,
          std::string_view reason) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "institution",
                   .subject_id = institution,
                   .after = std::move(after),
                   .note = std::string(reason),
                   .institution_id = institution});
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
                                date monday, int pieces) {
    std::vector<slot_day> week;
    const auto where = catalogue::find_institution(view, institution);
    if (!where || !monday.ok()) return week;
    const auto c = calendar_of(view, *where);
    for (int i = 0; i < 7; ++i)
        week.push_back(judged_day(view, c, method, add_days(monday, i), pieces));
    return week;
}

date first_open_monday(db::read_view& view, std::int64_t institution, std::string_view method, int pieces) {
    const date here = add_days(view.today(), 1 - iso_weekday(view.today()));
    const auto where = catalogue::find_institution(view, institution);
    if (!where) return here;
    const auto c = calendar_of(view, *where);
    for (date day = c.first; day <= c.last; day = add_days(day, 1)) {
        const auto d = judged_day(view, c, method, day, pieces);
        if (std::any_of(d.slots.begin(), d.slots.end(), [](const slot& s) { return s.may_be_chosen(); }))
            return add_days(day, 1 - iso_weekday(day));
    }
    return here;
}

std::optional<slot> find_slot(db::read_view& view, std::int64_t institution, std::string_view method,
                              date day, int starts) {
    for (const auto& s : store::list_slots(view, institution, method, day))
        if (s.starts == starts) return s;
    return std::nullopt;
}

result<slot> check_slot(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                        int starts, chooser by) {
    const auto where = catalogue::find_institution(view, institution);
    if (!where || !day.ok()) return error(errc::invalid, "slot.none", "slot");
    const auto d = judged_day(view, calendar_of(view, *where), method, day, 1);
    const auto s =
        std::find_if(d.slots.begin(), d.slots.end(), [&](const slot& each) { return each.starts == starts; });
    const bool in_reach = d.state == day_state::too_early || d.state == day_state::too_far;
    if (d.state != day_state::open && !(in_reach && by == chooser::staff))
        return error(errc::invalid, "slot.closed", "slot").with("why", d.why);
    if (s == d.slots.end() || s->orders == 0) return error(errc::invalid, "slot.none", "slot");
    if (s->state == slot_state::past)
        return error(errc::too_late, "slot.past", "slot").with("time", range_text(s->starts, s->ends));
    return *s;
}

error full(const slot& s, int pieces) {
    return error(errc::full, "slot.full", "slot")
        .with("time", range_text(s.starts, s.ends))
        .with("left", std::to_string(s.left()))
        .with("pieces", std::to_string(pieces));
}

result<slot> take_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                       int starts, int pieces, bool knowingly) {
    constexpr int any = std::numeric_limits<int>::max() / 2;
    const auto s = find_slot(tx, institution, method, day, starts);
    if (!s) return error(errc::invalid, "slot.none", "slot");
    const int most = knowingly ? any : s->capacity;
    const int most_orders = knowingly ? any : s->orders;
    if (!store::take(tx, institution, method, day, starts, pieces, most, most_orders))
        return full(*s, pieces);
    return *s;
}

void free_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces) {
    if (!store::give_back(tx, institution, method, day, starts, pieces))
        throw std::logic_error("capacity given back that was never taken");
}

std::vector<period> list_pattern(db::read_view& view, std::int64_t institution, std::string_view method,
                                 int weekday) {
    return store::list_pattern(view, institution, method, weekday);
}

result<> set_pattern(db::write_tx& tx, const actor& who, std::int64_t institution, std::string_view method,
                     int weekday, std::span<const period> periods) {
    if (!may_set(who, institution)) return error(errc::not_allowed);
    if (!is_code_of(methods, method)) return error(errc::invalid, "slot.method", "method");
    if (weekday < 1 || weekday > 7) return error(errc::invalid, "slot.weekday", "weekday");
    std::vector<period> sorted(periods.begin(), periods.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.starts < b.starts; });
    if (!fits(sorted)) return error(errc::invalid, "slot.period", "periods");
    store::clear_pattern(tx, institution, method, weekday);
    value offered = value::array();
    for (const auto& p : sorted) {
        store::add_period(tx, institution, method, weekday, p);
        offered.push(range_text(p.starts, p.ends) + " " + std::to_string(p.instruments) + "/" +
                     std::to_string(p.orders));
    }
    note(tx, who, institution, "set_pattern",
         value::object().set("method", method).set("weekday", weekday).set("periods", std::move(offered)),
         "");
    return {};
}

std::vector<exception_day> list_exceptions(db::read_view& view, std::int64_t institution, date from) {
    return store::list_exceptions(view, institution, from);
}

result<> close_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day,
                   std::string_view reason) {
    if (!may_set(who, institution)) return error(errc::not_allowed);
    const std::string text = tidy_line(reason);
    if (text.empty() || count_characters(text) > 40) return error(errc::invalid, "slot.reason", "reason");
    if (!day.ok() || day < tx.today()) return error(errc::invalid, "slot.day", "day");
    store::put_exception(tx, institution, day, text);
    note(tx, who, institution, "close_day", value::object().set("day", to_text(day)), text);
    return {};
}

result<> open_day(db::write_tx& tx, const actor& who, std::int64_t institution, date day) {
    if (!may_set(who, institution)) return error(errc::not_allowed);
    if (!store::drop_exception(tx, institution, day)) return error(errc::not_found);
    note(tx, who, institution, "open_day", value::object().set("day", to_text(day)), "");
    return {};
}

} // namespace core::appointment
