#include "core/trip/queries.hpp"

#include "core/appointment/queries.hpp"
#include "core/base/text.hpp"
#include "core/trip/trip_store.hpp"

#include <algorithm>

namespace core::trip {
namespace {

struct named_state {
    trip_status status;
    std::string_view code;
    status_tag tag;
};
constexpr std::array<named_state, 5> names = {{
    {trip_status::none, "", {"mute", ""}},
    {trip_status::planned, "planned", {"info", "已计划"}},
    {trip_status::under_way, "under_way", {"move", "进行中"}},
    {trip_status::done, "done", {"ok", "已完成"}},
    {trip_status::cancelled, "cancelled", {"mute", "已取消"}},
}};

bool may_read(db::read_view& view, const actor& who, const trip& t) {
    return catalogue::readable_institution(view, who, t.institution_id) != 0;
}

// Who needs to call the contact: schedulers of the institution, and those who go there.
bool may_call(const actor& who, const trip& t) {
    return who.is_staff_of(t.institution_id) && (who.roles.has(role::scheduler) || t.has(who.login_id));
}

stop_state state_of(const trip& t, const appointment::order& o) {
    using appointment::order_status;
    switch (o.status) {
    case order_status::received:
        return stop_state::under_way;
    case order_status::completed:
    case order_status::order_returned:
        return stop_state::done;
    case order_status::confirmed:
        return o.day == t.day ? stop_state::waiting : stop_state::gone;
    default:
        return stop_state::gone;
    }
}

std::optional<trip> load(db::read_view& view, const actor& who, std::int64_t id) {
    auto t = store::find(view, id);
    if (!t || !may_read(view, who, *t)) return std::nullopt;
    std::vector<std::int64_t> ids;
    for (const auto& s : t->stops)
        ids.push_back(s.order_id);
    auto orders = appointment::read_orders(view, ids);
    for (auto& s : t->stops) {
        s.order = std::move(
            *std::find_if(orders.begin(), orders.end(), [&](const auto& o) { return o.id == s.order_id; }));
        s.state = state_of(*t, s.order);
        if (!may_call(who, *t)) s.order.contact_phone = mask_phone(s.order.contact_phone);
    }
    return t;
}

std::vector<trip> load_all(db::read_view& view, const actor& who, std::span<const std::int64_t> ids) {
    std::vector<trip> all;
    for (const auto id : ids)
        if (auto t = load(view, who, id)) all.push_back(std::move(*t));
    return all;
}

} // namespace

std::string_view code_of(trip_status s) {
    return names[static_cast<std::size_t>(s)].code;
}

status_tag trip_tag(trip_status s) {
    return names[static_cast<std::size_t>(s)].tag;
}

std::string_view code_of(window w) {
    return w == window::morning ? "morning" : "afternoon";
}

std::string_view text_of(window w) {
    return w == window::morning ? "上午" : "下午";
}

std::optional<window> parse_window(std::string_view code) {
    for (const auto w : {window::morning, window::afternoon})
        if (code_of(w) == code) return w;
    return std::nullopt;
}

std::string_view text_of(stop_state s) {
    constexpr std::array<std::string_view, 4> texts = {"待检", "检定中", "已完成", "已取消或改期"};
    return texts[static_cast<std::size_t>(s)];
}

std::string stop::place() const {
    if (!detail.place.empty()) return detail.place;
    std::string all = order.applicant_address;
    std::vector<std::string_view> said;
    for (const auto& l : order.lines) {
        if (l.location_text.empty() || std::find(said.begin(), said.end(), l.location_text) != said.end())
            continue;
        all += (all.empty() ? "" : said.empty() ? "，" : "、") + l.location_text;
        said.push_back(l.location_text);
    }
    return all;
}

bool trip::has(std::int64_t login) const {
    return std::any_of(team.begin(), team.end(), [&](const auto& m) { return m.login_id == login; });
}

result<trip> get_trip(db::read_view& view, const actor& who, std::int64_t id) {
    auto t = load(view, who, id);
    if (!t) return error(errc::not_found);
    return std::move(*t);
}

std::vector<summary> list_trips(db::read_view& view, const actor& who, date from, date to, const key& after,
                                int limit, std::int64_t institution) {
    const auto where = catalogue::readable_institution(view, who, institution);
    if (where == 0) return {};
    return store::list_of_institution(view, where, {after.day.value_or(from), after.id}, to, limit);
}

std::vector<trip> list_my_trips(db::read_view& view, const actor& who, date day) {
    if (who.kind != actor_kind::staff || who.institution_id == 0) return {};
    return load_all(view, who, store::list_of_member(view, who.login_id, who.institution_id, day));
}

std::vector<county_group> propose_stops(db::read_view& view, const actor& who, date day) {
    std::vector<county_group> all;
    if (who.kind != actor_kind::staff || who.institution_id == 0) return all;
    for (auto& c : store::list_candidates(view, who.institution_id, day)) {
        auto at = std::find_if(all.begin(), all.end(), [&](const auto& g) { return g.code == c.county; });
        if (at == all.end()) {
            const auto place = catalogue::find_region(view, c.county);
            all.push_back({c.county, place ? place->name : c.county});
            at = all.end() - 1;
        }
        at->pieces += c.pieces;
        at->orders.push_back(std::move(c));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.orders.size() > b.orders.size(); });
    return all;
}

std::optional<visit> find_visit(db::read_view& view, const actor& who, std::int64_t order) {
    if (!who.is_applicant()) return std::nullopt;
    const auto own = appointment::get_order(view, who, order);
    if (!own) return std::nullopt;
    const auto v = store::find_visit(view, order);
    const bool told = v && v->told == to_text(v->day) + " " + v->when;
    if (!told || v->day != own->day) return std::nullopt; // moved away from the day that was told
    return visit{v->day, parse_window(v->when).value(), v->status == trip_status::under_way};
}

} // namespace core::trip
