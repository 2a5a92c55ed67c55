#include "core/appointment/slot.hpp"

#include "core/appointment/appointment_store.hpp"

namespace core::appointment {

slot_state state_of(const slot& s, int pieces) {
    if (s.left() == 0) return slot_state::full;
    if (s.left() < pieces) return slot_state::short_of;
    return s.left() * 10 <= s.capacity * 3 ? slot_state::few : slot_state::open;
}

std::vector<slot_day> list_week(db::read_view& view, const catalogue::institution& where,
                                std::string_view method, date monday) {
    const date today = view.today();
    const date first = catalogue::add_working_days(view, today, where.lead_days);
    const date last = add_days(today, where.horizon_days);
    std::vector<slot_day> week;
    for (int i = 0; i < 7; ++i) {
        slot_day d{add_days(monday, i), "", {}};
        if (d.day < today)
            d.closed = "已过";
        else if (auto reason = store::find_exception(view, where.id, d.day))
            d.closed = *reason;
        else if (!catalogue::is_working_day(view, d.day))
            d.closed = "休息日不收检";
        else if (d.day < first)
            d.closed = "请至少提前 " + std::to_string(where.lead_days) + " 个工作日";
        else if (d.day > last)
            d.closed = "尚未开放预约";
        else
            d.slots = store::list_slots(view, where.id, method, d.day);
        if (d.closed.empty() && d.slots.empty()) d.closed = "当天不收检";
        week.push_back(std::move(d));
    }
    return week;
}

std::optional<slot> find_slot(db::read_view& view, std::int64_t institution, std::string_view method,
                              date day, int starts) {
    for (const auto& s : store::list_slots(view, institution, method, day))
        if (s.starts == starts) return s;
    return std::nullopt;
}

result<slot> take_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day,
                       int starts, int pieces, bool knowingly) {
    const auto s = find_slot(tx, institution, method, day, starts);
    if (!s) return error(errc::invalid, "slot.none", "slot");
    const int most = knowingly ? 1'000'000 : s->capacity;
    const int most_orders = knowingly ? 1'000'000 : s->orders;
    if (pieces > most || most_orders == 0 ||
        !store::take(tx, institution, method, day, starts, pieces, most, most_orders))
        return error(errc::full, "slot.full", "slot").with("time", range_text(s->starts, s->ends));
    return *s;
}

void free_slot(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces) {
    store::give_back(tx, institution, method, day, starts, pieces);
}

void set_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                 const slot& s) {
    store::put_pattern(tx, institution, method, weekday, s);
}

} // namespace core::appointment
