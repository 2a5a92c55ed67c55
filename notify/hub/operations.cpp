// What people do to the hub: staff send again, the operator holds and releases; and how it stands.
#include "core/account/binding.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "notify/hub/audience.hpp"
#include "notify/hub/clerk.hpp"
#include "notify/hub/delivery_store.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/settle.hpp"
#include "notify/hub/unreached_store.hpp"

namespace notify {
namespace {

bool may_operate(const core::actor& who) {
    return who.kind == core::actor_kind::system ||
           (who.kind == core::actor_kind::staff && who.roles.has(core::role::platform_admin));
}

// Where it goes when it is sent again: the person may have bound another WeChat since, or the same one anew.
core::result<> find_way_anew(core::db::write_tx& tx, delivery& d) {
    const auto staff = core::outbox::staff_of(d.kind);
    const auto is_open = [&](std::int64_t binding) {
        return core::account::find_reachable(tx, binding, d.institution_id, staff).has_value();
    };
    if (d.binding_id == 0 || is_open(d.binding_id)) return {};
    const auto event = core::outbox::find(tx, d.outbox_id);
    for (const auto& w : event ? list_ways(tx, *event, address_kind::openid) : std::vector<way>())
        if (w.login_id == d.login_id && is_open(w.binding_id) &&
            store::rebind(tx, d, w.binding_id, w.address))
            return {};
    return core::error(core::errc::stale_state, "delivery.no_way");
}

} // namespace

bool may_resend(std::string_view status) {
    return status == "failed" || status == "dead" || status == "uncertain" || status == "blocked" ||
           status == "parked";
}

core::result<delivery> get_delivery(core::db::read_view& view, const core::actor& who, std::int64_t id) {
    auto found = store::find_with_names(view, id);
    const bool theirs = found && who.kind == core::actor_kind::staff &&
                        (who.roles.has(core::role::platform_admin) || who.is_staff_of(found->institution_id));
    if (!theirs) return core::error(core::errc::not_found);
    return *std::move(found);
}

core::result<> resend(core::db::write_tx& tx, const core::actor& who, std::int64_t id) {
    auto found = get_delivery(tx, who, id);
    if (!found) return found.error();
    if (!may_resend(found->status)) return core::error(core::errc::stale_state, "delivery.state");
    delivery d = *found;
    if (auto way = find_way_anew(tx, d); !way) return way.error();
    // The receiver may have it already: nobody can say.
    d.may_repeat = d.may_repeat || d.status == "uncertain" || d.status == "dead";
    d.client_msg_id = next_client_id(d);
    d.status = "queued";
    d.next_at = tx.now();
    d.doubt_since.reset();
    d.msgid = 0;
    d.follow_up = follow_up::nothing;
    if (!store::save(tx, d, found->status)) return core::error(core::errc::stale_state, "delivery.state");
    store::forget_refusals(tx, d.channel, d.address);
    store::add_step(tx, d.id, tx.now(), "resent", who.name);
    core::audit::append(tx, who,
                        {.verb = "resend",
                         .subject_kind = "delivery",
                         .subject_id = id,
                         .before = core::value::object().set("status", found->status),
                         .after = core::value::object().set("client_msg_id", d.client_msg_id),
                         .applicant_id = d.applicant_id,
                         .institution_id = d.institution_id});
    return {};
}

core::result<> hold(core::db::write_tx& tx, const core::actor& who, std::string_view reason) {
    if (!may_operate(who)) return core::error(core::errc::not_allowed);
    if (store::is_held(tx, "*")) return core::error(core::errc::conflict, "hub.held");
    store::set_held(tx, "*", true, reason);
    core::audit::append(tx, who, {.verb = "hold", .subject_kind = "hub", .note = std::string(reason)});
    return {};
}

void hold_restored(core::db::write_tx& tx) {
    store::set_held(tx, "*", true, "the database was restored from a backup");
}

core::result<> release(core::db::write_tx& tx, const core::actor& who) {
    if (!may_operate(who)) return core::error(core::errc::not_allowed);
    store::set_held(tx, "*", false, "");
    for (const auto& s : store::list_states(tx))
        if (s.paused_until) store::set_pause(tx, s.channel, std::nullopt, "");
    for (const auto& channel : store::list_channels_ever(tx)) // also what has sent nothing yet today
        store::hurry(tx, channel);
    for (const auto& p : store::list_parked_kinds(tx))
        release_kind(tx, p.channel, p.kind);
    core::audit::append(tx, who, {.verb = "release", .subject_kind = "hub"});
    return {};
}

hub_status status_of(core::db::read_view& view) {
    hub_status s;
    s.waiting = store::count_waiting(view);
    s.unreached = store::count_unreached(view);
    s.states = store::list_states(view);
    s.parked = store::list_parked_kinds(view);
    for (const auto& c : store::list_channels_used(view, view.today()))
        s.used.push_back({c, store::count_calls(view, c, view.today(), "")});
    s.used_by_kind = store::list_kinds_used(view, view.today());
    return s;
}

std::vector<store::trouble_count> count_errors(core::db::read_view& view) {
    return store::count_trouble(view);
}

} // namespace notify
