#include "notify/hub/fanout.hpp"

#include "notify/hub/delivery_store.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/settle.hpp"
#include "notify/hub/unreached_store.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace notify {
namespace {

constexpr int group = 128; // outbox rows in one transaction: a status change waits for one group at most

} // namespace

fanout::fanout(core::db::database& db, const message_book& book, std::span<channel* const> channels,
               const preferences& prefs)
    : db_(&db), book_(&book), channels_(channels.begin(), channels.end()), prefs_(&prefs) {}

std::vector<channel*> fanout::order_of(const channel_orders& orders, std::string_view kind) const {
    auto at = orders.find(kind);
    if (at == orders.end()) at = orders.find("");
    std::vector<channel*> all;
    if (at == orders.end())
        all = channels_;
    else
        for (const auto& name : at->second)
            for (channel* c : channels_)
                if (c->name() == name) all.push_back(c);
    std::erase_if(all, [&](const channel* c) { return !c->carries(kind); });
    return all;
}

delivery fanout::draft(core::db::read_view& view, const core::outbox::pending& event, const channel& c,
                       const way& w) const {
    delivery d;
    d.outbox_id = event.id;
    d.applicant_id = event.applicant_id;
    d.institution_id = event.institution_id;
    d.login_id = w.login_id;
    d.binding_id = w.binding_id;
    d.channel = c.name();
    d.address = w.address;
    d.kind = event.kind;
    d.urgency = event.urgency;
    d.expires_at = event.expires_at;
    d.next_at = view.now();
    if (event.urgency == core::outbox::urgency::reminder)
        d.next_at = std::max(d.next_at, prefs_->not_before(view, w.login_id, view.now()));
    return d;
}

std::vector<channel*> fanout::as_wanted(core::db::read_view& view, std::vector<channel*> order,
                                        std::int64_t login, const core::outbox::kind& kind) const {
    const auto own = login == 0 ? std::nullopt : prefs_->ways(view, login, kind.name);
    if (!own) return order;
    const auto middle = [&](auto from, std::string_view way) {
        return std::stable_partition(from, order.end(),
                                     [&](const channel* c) { return way_of(c->name()) == way; });
    };
    auto end = order.begin();
    for (const auto& way : *own)
        end = middle(end, way);
    if (!kind.always) order.erase(end, order.end()); // a notice of safety has the others too, last
    return order;
}

std::vector<fanout::person> fanout::people_of(core::db::read_view& view, const core::outbox::pending& event,
                                              const std::vector<channel*>& order) const {
    std::vector<person> people;
    for (channel* c : order)
        for (auto& w : list_ways(view, event, c->needs())) {
            auto at = std::find_if(people.begin(), people.end(),
                                   [&](const person& p) { return p.login_id == w.login_id; });
            if (at == people.end()) at = people.insert(at, person{w.login_id, {}});
            at->reach.emplace_back(c, std::move(w));
        }
    return people;
}

bool fanout::choose(core::db::read_view& view, const core::outbox::kind& kind,
                    const std::vector<channel*>& order, const person& who,
                    std::vector<std::pair<channel*, way>>& chosen) const {
    if (!prefs_->wants(view, who.login_id, kind.name)) return true;
    const auto wanted = as_wanted(view, order, who.login_id, kind);
    bool is_left_alone = wanted.empty();
    const auto first = chosen.size();
    for (const channel* c : wanted) {
        const auto before = chosen.size();
        for (const auto& [by, w] : who.reach) {
            if (by != c) continue;
            is_left_alone = is_left_alone || w.is_muted;
            if (!w.is_muted && c->may_go(view, w.address)) chosen.emplace_back(by, w);
        }
        // A group is nobody's: each has every event.
        if (chosen.size() > before && who.login_id != 0) break;
    }
    return is_left_alone || chosen.size() > first;
}

// Reads and renders with no transaction of the writer open.
fanout::planned fanout::plan(core::db::read_view& view, const channel_orders& orders,
                             core::outbox::pending event) const {
    planned p{std::move(event), {}};
    const auto* words = book_->find(p.event.kind);
    if (words == nullptr) return p; // tested: every kind has a message
    const auto* kind = core::outbox::find_kind(p.event.kind);
    const auto order = order_of(orders, p.event.kind);
    std::vector<std::pair<channel*, way>> chosen;
    bool company_has_way = false;
    for (const auto& who : people_of(view, p.event, order)) {
        const bool has = choose(view, *kind, order, who, chosen);
        if (has && who.login_id != 0 && who.reach.front().second.side == side::company)
            company_has_way = true;
    }
    std::map<std::pair<const channel*, side>, std::pair<std::string, std::string>> made; // title, body
    for (const auto& [c, w] : chosen) {
        const auto [at, is_new] = made.try_emplace({c, w.side});
        if (is_new) {
            const auto m = message_book::fill(*words, p.event.facts, w.side);
            at->second = {m.title, c->compose(m)};
        }
        delivery d = draft(view, p.event, *c, w);
        std::tie(d.title, d.body) = at->second;
        p.deliveries.push_back(std::move(d));
    }
    p.nobody = !company_has_way && kind->to_company && kind->urgency == core::outbox::urgency::status &&
               p.event.applicant_id != 0;
    if (p.nobody) p.title = words->title;
    return p;
}

bool fanout::insert(core::db::write_tx& tx, delivery d) const {
    d.id = tx.new_id();
    d.client_msg_id = "qj" + std::to_string(d.id); // at most 21 characters
    return store::insert(tx, d);
}

int fanout::run_once() {
    const auto plans = db_->read([&](core::db::read_view& v) {
        std::vector<planned> all;
        auto pending = core::outbox::list_pending(v, group);
        if (pending.empty()) return all;
        const auto orders = prefs_->orders(v);
        for (auto& event : pending)
            all.push_back(plan(v, orders, std::move(event)));
        return all;
    });
    if (plans.empty()) return 0;
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           for (const auto& p : plans) {
               if (!core::outbox::claim(tx, p.event.id)) continue;
               for (const auto& d : p.deliveries)
                   insert(tx, d);
               if (p.nobody) store::put_unreached(tx, p.event, 0, 0, p.title);
           }
           return {};
       })
        .value();
    return static_cast<int>(plans.size());
}

// What it would say if it were made now; as it was when its way is no longer open.
void fanout::put_words(core::db::write_tx& tx, delivery& d, const channel& c) const {
    const auto event = core::outbox::find(tx, d.outbox_id);
    const auto* words = event ? book_->find(event->kind) : nullptr;
    if (words == nullptr) return;
    const auto ways = list_ways(tx, *event, c.needs());
    const auto at =
        std::find_if(ways.begin(), ways.end(), [&](const way& w) { return w.address == d.address; });
    if (at == ways.end()) return;
    const auto m = message_book::fill(*words, event->facts, at->side);
    store::set_words(tx, d.id, m.title, c.compose(m));
}

int fanout::mend_some(core::db::write_tx& tx, std::string_view kind, int most) {
    int n = 0;
    for (const channel* c : channels_) {
        store::unpark(tx, c->name(), kind);
        for (auto& d : store::list_parked(tx, c->name(), kind, most - n)) {
            put_words(tx, d, *c);
            d.client_msg_id = next_client_id(d);
            d.status = "queued";
            d.next_at = tx.now();
            d.follow_up = follow_up::nothing;
            n += store::save(tx, d, "parked") ? 1 : 0;
        }
        if (n >= most) break;
    }
    return n;
}

bool fanout::fall_back(core::db::write_tx& tx, const delivery& failed) {
    if (failed.login_id == 0) return false;
    if (store::is_told_otherwise(tx, failed)) return true;
    const auto event = core::outbox::find(tx, failed.outbox_id);
    const auto* words = event ? book_->find(event->kind) : nullptr;
    if (words == nullptr || (event->expires_at && *event->expires_at <= tx.now())) return false;
    if (!prefs_->wants(tx, failed.login_id, event->kind)) return false; // switched off since: left alone
    if (pass_on(tx, failed, *event, *words)) return true;
    store::put_unreached(tx, *event, failed.login_id, failed.id, failed.title);
    return false;
}

// The next of their channels that has not tried: they may have changed their order since.
bool fanout::pass_on(core::db::write_tx& tx, const delivery& failed, const core::outbox::pending& event,
                     const message_kind& words) const {
    const auto* kind = core::outbox::find_kind(event.kind);
    const auto tried = store::list_channels_tried(tx, event.id, failed.login_id);
    const auto order = order_of(prefs_->orders(tx), event.kind);
    for (const channel* c : as_wanted(tx, order, failed.login_id, *kind)) {
        if (std::find(tried.begin(), tried.end(), c->name()) != tried.end()) continue;
        bool reached = false;
        for (const auto& w : list_ways(tx, event, c->needs())) {
            if (w.login_id != failed.login_id || w.is_muted || !c->may_go(tx, w.address)) continue;
            const auto m = message_book::fill(words, event.facts, w.side);
            delivery d = draft(tx, event, *c, w);
            d.title = m.title;
            d.body = c->compose(m);
            d.may_repeat =
                failed.status == "dead" || failed.may_repeat; // nobody knows whether the first came
            reached = insert(tx, std::move(d)) || reached;
        }
        if (reached) return true;
    }
    return false;
}

} // namespace notify
