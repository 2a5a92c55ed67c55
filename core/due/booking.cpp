#include "core/due/booking.hpp"

#include <algorithm>

namespace core::due {
namespace {

using appointment::slot_time;

appointment::load load_of(const appointment::order_plan& p) {
    appointment::load all;
    for (const auto& i : p.items)
        all.add(i.l1, i.l2);
    return all;
}

error no_slot(const appointment::order_plan& p) {
    return error(errc::full, "due.no_slot").with("institution", p.institution_name);
}

// Finds the first free periods of one institution and method, as if what it has given out were booked.
class placement {
  public:
    placement(db::read_view& view, const appointment::order_plan& p)
        : view_(&view), applicant_(p.applicant_id), institution_(p.institution_id), method_(p.method) {}

    // Instruments that one of the next free periods holds at most; 0: none is free.
    std::size_t biggest() {
        constexpr std::size_t looked_at = 10;
        int most = 0;
        for (const auto& t : free_for(appointment::load(1), looked_at))
            most = std::max(most, slot_at(t).capacity);
        return static_cast<std::size_t>(most);
    }

    // Refuses due.no_slot, and what the institution's rules say to one more order of this company.
    result<slot_time> find(const appointment::order_plan& part) {
        constexpr std::size_t looked_at = 200;
        const auto what = load_of(part);
        std::optional<date> full_day; // has as many of the company's orders as are allowed
        for (const auto& t : free_for(what, looked_at)) {
            const auto at =
                std::find_if(given_.begin(), given_.end(), [&](const auto& g) { return g.when == t; });
            if (t.day == full_day || (at != given_.end() && !has_room(*at, part))) continue;
            const auto fine = appointment::check_limits(*view_, applicant_, institution_, t.day,
                                                        count_given(), count_given(t.day));
            if (fine) {
                give(t, part);
                return t;
            }
            if (fine.error().detail != "order.most_per_day") return fine.error(); // holds for every day
            full_day = t.day;
        }
        return no_slot(part);
    }

  private:
    struct given {
        slot_time when;
        std::vector<instrument::instrument> items;
        int orders = 1;
    };

    void give(const slot_time& t, const appointment::order_plan& part) {
        const auto at =
            std::find_if(given_.begin(), given_.end(), [&](const auto& g) { return g.when == t; });
        if (at == given_.end()) {
            given_.push_back({t, part.items});
            return;
        }
        at->items.insert(at->items.end(), part.items.begin(), part.items.end());
        ++at->orders;
    }
    int count_given(std::optional<date> day = {}) const {
        int n = 0;
        for (const auto& g : given_)
            n += !day || g.when.day == *day ? g.orders : 0;
        return n;
    }
    std::vector<slot_time> free_for(const appointment::load& what, std::size_t most) {
        return appointment::list_free(*view_, institution_, method_, what, view_->today(), most);
    }
    appointment::slot slot_at(const slot_time& t) {
        return appointment::find_slot(*view_, institution_, method_, t.day, t.starts).value();
    }
    bool has_room(const given& before, const appointment::order_plan& part) {
        const auto s = slot_at(before.when);
        if (s.orders - s.orders_taken <= before.orders) return false;
        appointment::load both = load_of(part);
        for (const auto& i : before.items)
            both.add(i.l1, i.l2);
        return appointment::check_room(*view_, institution_, method_, before.when.day, s, both).has_value();
    }

    db::read_view* view_;
    std::int64_t applicant_, institution_;
    std::string method_;
    std::vector<given> given_;
};

std::vector<std::int64_t> all_due(db::read_view& view, const actor& who) {
    std::vector<std::int64_t> ids;
    filter f;
    f.free_only = true;
    for (const tab t : {tab::overdue, tab::soon}) {
        f.of = t;
        for (const auto& i : list_due(view, who, f, {}, most_planned - static_cast<int>(ids.size())))
            ids.push_back(i.id);
    }
    return ids;
}

// Parts of at most `size` instruments, in order.
std::vector<appointment::order_plan> split(const appointment::order_plan& whole, std::size_t size) {
    std::vector<appointment::order_plan> parts;
    for (const auto& i : whole.items) {
        if (parts.empty() || parts.back().items.size() >= size) {
            parts.push_back(whole);
            parts.back().items.clear();
        }
        parts.back().items.push_back(i);
    }
    return parts;
}

// What finds no time is told in one piece, not once an order.
void leave(appointment::order_plan part, error why, std::vector<planned_order>& all) {
    if (!all.empty() && all.back().why && all.back().why->detail == why.detail &&
        all.back().what.institution_id == part.institution_id && all.back().what.method == part.method) {
        auto& items = all.back().what.items;
        items.insert(items.end(), part.items.begin(), part.items.end());
        return;
    }
    planned_order order;
    order.what = std::move(part);
    order.why = std::move(why);
    all.push_back(std::move(order));
}

std::size_t count_placed(const std::vector<planned_order>& all) {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const planned_order& o) { return o.is_placed(); }));
}

// Halves what fits nowhere, until it does; limits of catalogue groups may allow less than a period holds.
// No more orders than are booked at once.
void place(placement& at, appointment::order_plan part, std::vector<planned_order>& all) {
    if (count_placed(all) >= appointment::most_orders)
        return leave(std::move(part),
                     error(errc::too_many, "order.too_many_orders")
                         .with("most", std::to_string(appointment::most_orders)),
                     all);
    const auto t = at.find(part);
    if (!t && t.error().detail == "due.no_slot" && part.items.size() > 1) {
        for (auto& half : split(part, (part.items.size() + 1) / 2))
            place(at, std::move(half), all);
        return;
    }
    if (!t) return leave(std::move(part), t.error(), all);
    planned_order order;
    order.day = t->day;
    order.starts = t->starts;
    order.ends = t->ends;
    order.what = std::move(part);
    all.push_back(std::move(order));
}

} // namespace

plan plan_booking(db::read_view& view, const actor& who, std::span<const std::int64_t> ids) {
    plan all;
    if (!who.is_applicant()) return all;
    const auto due = ids.empty() ? all_due(view, who) : std::vector<std::int64_t>(ids.begin(), ids.end());
    auto chosen = appointment::plan_orders(view, who, due);
    all.others = std::move(chosen.others);
    for (auto& whole : chosen.plans) {
        placement at(view, whole);
        const auto biggest = at.biggest();
        if (biggest == 0) {
            auto why = no_slot(whole);
            leave(std::move(whole), std::move(why), all.orders);
            continue;
        }
        for (auto& part : split(whole, std::min(biggest, appointment::most_pieces)))
            place(at, std::move(part), all.orders);
    }
    return all;
}

std::vector<appointment::booked> book_planned(db::write_tx& tx, const actor& who,
                                              std::span<const chosen_order> orders, const contact& person) {
    std::vector<appointment::booking> all;
    for (const auto& o : orders) {
        appointment::booking b;
        b.instruments = o.instruments;
        b.day = o.day;
        b.starts = o.starts;
        b.contact_name = person.name;
        b.contact_phone = person.phone;
        b.note = person.note;
        all.push_back(std::move(b));
    }
    return appointment::book_orders(tx, who, all);
}

} // namespace core::due
