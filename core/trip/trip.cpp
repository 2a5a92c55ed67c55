// Planning: the team, and which stops in which order.
#include "core/trip/trip.hpp"

#include "core/account/member.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/trip/trip_step.hpp"

#include <algorithm>

namespace core::trip {
namespace {

result<std::string> check_line(std::string_view text, std::size_t most, std::string_view field,
                               std::string_view label) {
    std::string tidy = tidy_line(text);
    if (is_utf8(tidy) && count_characters(tidy) <= most) return tidy;
    return error(errc::invalid, "field.long", std::string(field))
        .with("label", std::string(label))
        .with("most", std::to_string(most));
}

result<equipment> check_equipment(db::read_view& view, const actor& who, const equipment& with) {
    equipment checked;
    checked.team = with.team;
    std::sort(checked.team.begin(), checked.team.end());
    checked.team.erase(std::unique(checked.team.begin(), checked.team.end()), checked.team.end());
    const error team(errc::invalid, "trip.team", "team");
    if (checked.team.empty() || checked.team.size() > most_people) return team;
    const auto people = account::list_staff(view, who, who.institution_id);
    bool verifies = false;
    for (const auto login : checked.team) {
        const auto p = std::find_if(people.begin(), people.end(),
                                    [&](const auto& each) { return each.login_id == login; });
        if (p == people.end() || !p->active) return team;
        verifies = verifies || p->roles.has(role::verifier);
    }
    if (!verifies) return team;
    auto vehicle = check_line(with.vehicle, 30, "vehicle", "车辆");
    if (!vehicle) return vehicle.error();
    auto standards = check_line(with.standards, 500, "standards", "携带标准器");
    if (!standards) return standards.error();
    checked.vehicle = std::move(*vehicle);
    checked.standards = std::move(*standards);
    return checked;
}

// A confirmed on-site order of this institution for this day, on no other trip of that day.
result<appointment::order> check_order(db::write_tx& tx, const actor& who, const trip& t, std::int64_t id) {
    auto o = appointment::get_order(tx, who, id);
    if (!o) return o.error();
    const bool fits = o->institution_id == t.institution_id && o->method == "onsite" && o->day == t.day &&
                      o->status == appointment::order_status::confirmed;
    if (!fits) return error(errc::invalid, "trip.order", "order").with("number", o->number);
    const auto other = store::find_open_stop(tx, id);
    if (!other) return std::move(*o);
    if (other->day == t.day) return error(errc::conflict, "trip.taken", "order").with("number", o->number);
    store::drop_stop(tx, other->trip_id, id); // it was moved away from that trip's day
    return std::move(*o);
}

value order_detail(const appointment::order& o) {
    return value::object().set("order", std::to_string(o.id)).set("number", o.number);
}

const stop* find_stop(const trip& t, std::int64_t order) {
    for (const auto& s : t.stops)
        if (s.order_id == order) return &s;
    return nullptr;
}

} // namespace

window window_of(const appointment::order& o) {
    constexpr int noon = 12 * 60;
    return o.starts < noon ? window::morning : window::afternoon;
}

result<std::int64_t> plan_trip(db::write_tx& tx, const actor& who, date day, const equipment& with,
                               std::span<const std::int64_t> orders) {
    const auto& row = transitions().front();
    if (!row.who.allows(who) || who.institution_id == 0) return error(errc::not_allowed);
    if (!day.ok() || day < tx.today()) return error(errc::invalid, "trip.day", "day");
    auto checked = check_equipment(tx, who, with);
    if (!checked) return checked.error();
    if (orders.size() > most_stops) return error(errc::too_many, "trip.full", "orders");
    trip t;
    t.id = tx.new_id();
    t.institution_id = who.institution_id;
    t.day = day;
    t.vehicle = std::move(checked->vehicle);
    t.standards = std::move(checked->standards);
    std::vector<appointment::order> stops;
    for (const auto id : orders) {
        auto o = check_order(tx, who, t, id);
        if (!o) return o.error();
        const bool twice = std::any_of(stops.begin(), stops.end(), [&](const auto& s) { return s.id == id; });
        if (!twice) stops.push_back(std::move(*o));
    }
    store::insert(tx, t, who.login_id);
    store::set_team(tx, t.id, checked->team);
    value numbers = value::array();
    for (const auto& o : stops) {
        store::add_stop(tx, t.id, static_cast<int>(&o - stops.data()) + 1, o.id, window_of(o));
        numbers.push(o.number);
    }
    audit::append(tx, who,
                  {.verb = row.verb,
                   .subject_kind = "trip",
                   .subject_id = t.id,
                   .after = value::object()
                                .set("status", code_of(row.to))
                                .set("day", to_text(day))
                                .set("vehicle", t.vehicle)
                                .set("orders", std::move(numbers)),
                   .institution_id = t.institution_id});
    return t.id;
}

result<> change_trip(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version,
                     const equipment& with) {
    auto s = begin(tx, who, id, "change");
    if (!s) return s.error();
    if (s->what.version != version) return error(errc::stale_state, "trip.edited");
    auto checked = check_equipment(tx, who, with);
    if (!checked) return checked.error();
    store::change c;
    c.vehicle = checked->vehicle;
    c.standards = checked->standards;
    if (auto done = finish(tx, who, *s, c, "", value::object().set("vehicle", checked->vehicle)); !done)
        return done;
    store::set_team(tx, id, checked->team);
    return {};
}

result<> add_stop(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t order) {
    auto s = begin(tx, who, id, "add_stop");
    if (!s) return s.error();
    if (s->what.stops.size() >= most_stops) return error(errc::too_many, "trip.full", "orders");
    const auto o = check_order(tx, who, s->what, order);
    if (!o) return o.error();
    if (auto done = finish(tx, who, *s, {}, "", order_detail(*o)); !done) return done;
    const int last = s->what.stops.empty() ? 0 : s->what.stops.back().seq;
    store::add_stop(tx, id, last + 1, order, window_of(*o));
    return {};
}

result<> remove_stop(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t order) {
    auto s = begin(tx, who, id, "remove_stop");
    if (!s) return s.error();
    const auto* at = find_stop(s->what, order);
    if (at == nullptr) return error(errc::not_found);
    if (auto done = finish(tx, who, *s, {}, "", order_detail(at->order)); !done) return done;
    store::drop_stop(tx, id, order);
    call_off(tx, *s, *at, "");
    return {};
}

result<> reorder_stops(db::write_tx& tx, const actor& who, std::int64_t id,
                       std::span<const std::int64_t> orders) {
    auto s = begin(tx, who, id, "reorder_stops");
    if (!s) return s.error();
    std::vector<std::int64_t> given(orders.begin(), orders.end());
    std::vector<std::int64_t> known;
    for (const auto& each : s->what.stops)
        known.push_back(each.order_id);
    std::sort(given.begin(), given.end());
    std::sort(known.begin(), known.end());
    if (given != known) return error(errc::invalid, "trip.order_of", "orders");
    value numbers = value::array();
    for (const auto order : orders)
        numbers.push(find_stop(s->what, order)->order.number);
    if (auto done = finish(tx, who, *s, {}, "", value::object().set("orders", std::move(numbers))); !done)
        return done;
    for (std::size_t n = 0; n < orders.size(); ++n)
        store::set_place_in_order(tx, id, orders[n], static_cast<int>(n) + 1);
    return {};
}

result<> set_stop(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t order,
                  const stop_detail& d) {
    auto s = begin(tx, who, id, "set_stop");
    if (!s) return s.error();
    const auto* at = find_stop(s->what, order);
    if (at == nullptr) return error(errc::not_found);
    auto place = check_line(d.place, 200, "place", "地点");
    if (!place) return place.error();
    auto access = check_line(d.access_note, 200, "access_note", "现场条件");
    if (!access) return access.error();
    value detail = order_detail(at->order);
    detail.set("window", code_of(d.when)).set("place", *place).set("access_note", *access);
    if (auto done = finish(tx, who, *s, {}, "", std::move(detail)); !done) return done;
    store::set_stop(tx, id, order, {d.when, std::move(*place), std::move(*access)});
    return {};
}

} // namespace core::trip
