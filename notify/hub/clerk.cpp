#include "notify/hub/clerk.hpp"

#include "core/account/binding.hpp"
#include "core/account/contact.hpp"
#include "core/account/member.hpp"
#include "core/base/ids.hpp"
#include "core/base/log.hpp"
#include "core/db/connection.hpp"
#include "notify/hub/delivery_store.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/retry.hpp"
#include "notify/hub/settle.hpp"
#include "notify/hub/unreached_store.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace notify {
namespace {

using core::outbox::urgency;
constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

delivery ended(delivery d, std::string_view status, std::string why) {
    d.status = status;
    d.errmsg = std::move(why);
    d.doubt_since.reset();
    return d;
}

delivery park_too(delivery d) {
    d.follow_up = follow_up::park;
    return ended(std::move(d), "parked", "template refused");
}

delivery later(delivery d, core::instant when) {
    d.status = "queued";
    d.next_at = when;
    return d;
}

// Takes its place among what waits there, and is looked at again.
delivery moved_to(core::db::write_tx& tx, delivery d, std::string_view openid) {
    if (store::readdress(tx, d, openid)) return d;
    return ended(std::move(d), "dropped", "sent to their other openid");
}

void warn(const delivery& d) {
    core::log::error("notify", "a message is refused for good",
                     core::value::object()
                         .set("delivery", std::to_string(d.id))
                         .set("kind", d.kind)
                         .set("status", d.status)
                         .set("errcode", d.errcode)
                         .set("why", d.errmsg));
}

} // namespace

clerk::clerk(core::db::database& db, const channel& c, fanout& f, const preferences& prefs,
             const hub_settings& settings)
    : db_(&db), channel_(&c), fanout_(&f), prefs_(&prefs), settings_(&settings), name_(c.name()) {}

void clerk::recover() {
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           store::recover_sending(tx, name_, channel_->remembers());
           return {};
       })
        .value();
}

bool clerk::is_unwanted(core::db::read_view& view, const delivery& d) const {
    const auto* kind = core::outbox::find_kind(d.kind);
    if (d.login_id == 0 || kind == nullptr || kind->always) return false;
    return !prefs_->wants(view, d.login_id, d.kind) ||
           core::account::is_muted(view, d.login_id, d.applicant_id);
}

std::optional<delivery> clerk::reason_not_to(core::db::write_tx& tx, delivery& d, const hindrances& h) const {
    const auto now = tx.now();
    const auto staff = core::outbox::staff_of(d.kind); // roles may be lost meanwhile
    if (d.binding_id != 0) {
        const auto openid = core::account::find_reachable(tx, d.binding_id, d.institution_id, staff);
        if (!openid) {
            d.follow_up = follow_up::fall_back; // the person may have another address
            return ended(std::move(d), "dropped", "unbound or not following");
        }
        // Moved while this was on its way or behind something that was. In doubt it stays where it was begun.
        if (*openid != d.address && !d.doubt_since) return moved_to(tx, std::move(d), *openid);
    }
    if (const auto how = contact_of(channel_->needs())) {
        auto target =
            core::account::find_contact(tx, d.login_id, d.applicant_id, d.institution_id, staff, *how);
        if (!target) {
            d.follow_up = follow_up::fall_back;
            return ended(std::move(d), "dropped", "no such address of theirs any more");
        }
        d.target = *std::move(target);
    }
    const auto& only = settings_->only_to;
    const auto is_listed = [&](const std::string& a) {
        return std::find(only.begin(), only.end(), a) != only.end();
    };
    if (!only.empty() && !is_listed(d.address) && !is_listed(d.target))
        return ended(std::move(d), "dropped", "test mode: not a listed address");
    if (d.doubt_since && now - *d.doubt_since >= memory) return after_memory(std::move(d));
    if (d.doubt_since) return std::nullopt; // begun is begun
    if (d.expires_at && *d.expires_at <= now) return ended(std::move(d), "dropped", "expired");
    if (is_unwanted(tx, d)) return ended(std::move(d), "dropped", "switched off by the person");
    if (h.refusals && store::is_refused(tx, name_, d.address, d.kind, now - believe_refusal)) {
        d.follow_up = follow_up::fall_back;
        return ended(std::move(d), "blocked", "refused on the platform's side");
    }
    if (!channel_->may_go(tx, d.address)) {
        d.follow_up = follow_up::fall_back;
        return ended(std::move(d), "blocked", "not open to this person now");
    }
    if (std::find(h.parked.begin(), h.parked.end(), d.kind) != h.parked.end()) return park_too(std::move(d));
    if (d.urgency == urgency::reminder && !prefs_->still_true(tx, d.outbox_id))
        return ended(std::move(d), "dropped", "no longer true");
    // It may have waited for a quota or a pause until now (N13).
    if (d.urgency == urgency::reminder)
        if (const auto then = prefs_->not_before(tx, d.login_id, now); then > now)
            return later(std::move(d), then);
    const auto quota = settings_->kind_per_day.find(d.kind);
    const auto taken = h.taken.find(d.kind);
    if (quota != settings_->kind_per_day.end() &&
        store::count_calls(tx, name_, tx.today(), d.kind) + (taken == h.taken.end() ? 0 : taken->second) >=
            quota->second)
        return later(std::move(d), next_midnight(now));
    return std::nullopt;
}

std::int64_t clerk::left_today(core::db::read_view& view, urgency u) const {
    const auto per_day = settings_->limits_of(name_).per_day;
    if (per_day == 0) return no_limit;
    const auto reserve = u == urgency::reminder ? per_day * settings_->reserve_percent / 100 : 0; // N8
    return per_day - reserve - store::count_calls(view, name_, view.today(), "");
}

std::vector<delivery> clerk::candidates(core::db::write_tx& tx, const allowance& a) const {
    const auto now = tx.now();
    std::vector<delivery> all;
    if (a.only_doubtful) all = store::list_ready_doubtful(tx, name_, now, a.limit);
    for (const auto u : {urgency::status, urgency::reminder}) {
        const auto room = static_cast<std::int64_t>(a.only_doubtful ? (a.probe ? 1 : 0) : a.limit) -
                          static_cast<std::int64_t>(a.only_doubtful ? 0 : all.size());
        const auto most = std::min(room, left_today(tx, u) - static_cast<std::int64_t>(all.size()));
        if (most <= 0) continue;
        auto some = store::list_ready(tx, name_, u, now, static_cast<int>(most));
        const bool found = !some.empty();
        std::move(some.begin(), some.end(), std::back_inserter(all));
        if (a.only_doubtful && found) break;
    }
    return all;
}

std::vector<delivery> clerk::claim(const allowance& a) {
    const auto nothing = [&] {
        return db_->read([&](core::db::read_view& v) {
            const auto due = store::next_due(v, name_);
            return !due || *due > v.now() || store::is_held(v, name_);
        });
    };
    std::vector<delivery> claimed;
    bool any_held_back = false;
    // What turns out not to go makes room for the next of its address: looked at again at once.
    for (bool again = a.limit > 0; again && !nothing();)
        again = db_->write([&](core::db::write_tx& tx) -> core::result<bool> {
                       claimed.clear();
                       const bool held_back = claim_some(tx, a, claimed);
                       any_held_back = any_held_back || held_back;
                       return held_back && claimed.empty();
                   })
                    .value();
    if (any_held_back) follow_up();
    return claimed;
}

// True when some that might have gone did not.
bool clerk::claim_some(core::db::write_tx& tx, const allowance& a, std::vector<delivery>& claimed) {
    if (store::is_held(tx, name_)) return false;
    bool held_back = false;
    hindrances h{store::list_parked_kinds(tx, name_), store::has_refusals(tx, name_), {}};
    for (auto& d : candidates(tx, a)) {
        if (auto instead = reason_not_to(tx, d, h)) {
            store::save(tx, *instead, "queued");
            held_back = true;
            continue;
        }
        if (!store::begin_try(tx, d)) continue; // listed twice, or something came before it
        d.status = "sending";
        d.status_at = tx.now();
        ++d.attempts;
        ++h.taken[d.kind];
        claimed.push_back(std::move(d));
    }
    for (const auto& [kind, n] : h.taken)
        store::add_calls(tx, name_, tx.today(), kind, n);
    return held_back;
}

void clerk::record_one(core::db::write_tx& tx, const outcome& o) {
    if (!o.result) {
        delivery back = o.sent;
        --back.attempts;
        back.next_at = tx.now();
        back.status = "queued";
        store::save(tx, back, "sending");
        store::take_back_call(tx, name_, tx.today(), back.kind);
        return;
    }
    const auto& r = *o.result;
    delivery d = after_try(o.sent, r, tx.now(), core::random_below(100), channel_->remembers());
    if (r.result != verdict::accepted || d.attempts > 1) store::add_try(tx, d, name_of(r.result), r);
    const bool told_at_last =
        r.result == verdict::accepted && (d.attempts > 1 || !o.sent.errmsg.empty()); // it was parked untried
    if (told_at_last) store::close_reached(tx, d.outbox_id, d.login_id);
    const auto kept = !channel_->has_receipts() ? std::nullopt
                      : d.msgid != 0            ? store::take_receipt(tx, d.address, d.msgid)
                      : r.result == verdict::in_doubt || r.result == verdict::accepted
                          ? store::take_any_receipt(tx, d.address, o.sent.status_at)
                          : std::nullopt;
    if (kept) {
        d.status_at = tx.now(); // of the answer
        store::add_receipt_steps(tx, d, kept->status);
        d = after_receipt(std::move(d), kept->msgid, kept->status);
    }
    if (store::save(tx, d, "sending")) {
        if (d.status == "failed" || d.status == "parked") tx.after_commit([d] { warn(d); });
    } else if (r.msgid != 0) {
        store::keep_msgid(tx, d.id, r.msgid); // a receipt was faster than this answer
    }
}

clerk::written clerk::try_record(std::span<const outcome> some) {
    std::string why = "refused";
    bool never = false;
    try {
        const auto done = db_->write([&](core::db::write_tx& tx) -> core::result<> {
            for (const auto& o : some)
                record_one(tx, o);
            return {};
        });
        if (done) return written::yes;
    } catch (const core::db::db_error& e) {
        never = e.is_constraint();
        why = e.what();
    } catch (const std::exception& e) {
        why = e.what();
    }
    core::log::error("notify", "outcomes could not be written; tried again",
                     core::value::object().set("why", why));
    return never ? written::never : written::not_now;
}

// What came of it stays unknown here, so it is neither sent again nor handed to another channel: staff see it
// among the dead ones, and decide. A message that was taken is taken, whatever else cannot be written of it.
bool clerk::set_aside(const outcome& o) {
    const bool taken = o.result && o.result->result == verdict::accepted;
    try {
        db_->write([&](core::db::write_tx& tx) -> core::result<> {
               delivery d = ended(o.sent, taken ? "accepted" : "dead", "its outcome could not be recorded");
               if (taken) d.msgid = o.result->msgid;
               if (store::save(tx, d, "sending")) tx.after_commit([d] { warn(d); });
               return {};
           })
            .value();
        return true;
    } catch (const std::exception& e) {
        core::log::error("notify", "an outcome could not be set aside; tried again",
                         core::value::object().set("why", e.what()));
        return false;
    }
}

std::vector<outcome> clerk::record(std::vector<outcome> all) {
    if (all.empty() || try_record(all) == written::yes) return {};
    std::erase_if(all, [&](const outcome& o) {
        const auto one = try_record(std::span(&o, 1));
        return one == written::yes || (one == written::never && set_aside(o));
    });
    return all;
}

void clerk::settle_doubts() {
    using namespace std::chrono_literals;
    const auto now = db_->time().now();
    const auto [forgotten, silent, astray] = db_->read([&](core::db::read_view& v) {
        return std::tuple(
            store::list_doubtful(v, name_, "queued", now - memory, now + 1s),
            store::list_doubtful(v, name_, "uncertain", now - verdict_after, now + longest_wait),
            store::has_astray(v, name_, now + longest_wait));
    });
    if (forgotten.empty() && silent.empty() && !astray) return;
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           if (astray) store::recall_astray(tx, name_, now + longest_wait); // D5
           for (const auto& d : forgotten) {
               auto next = after_memory(d);
               store::save(tx, next, "queued");
           }
           for (const auto& d : silent) {
               auto next = after_silence(d, now);
               send_result said;
               said.errmsg = next.errmsg;
               if (store::save(tx, next, "uncertain"))
                   store::add_try(tx, next, next.status == "dead" ? "given_up" : "repeated", said);
           }
           return {};
       })
        .value();
}

void clerk::follow_up_one(core::db::write_tx& tx, delivery d) {
    if (!store::end_follow_up(tx, d.id)) return; // the clerk of another channel was faster
    switch (d.follow_up) {
    case follow_up::gone:
        core::account::record_unfollow(tx, d.address, tx.now()); // N7
        break;
    case follow_up::mark_kind:
        store::put_refusal(tx, d.channel, d.address, d.kind, d.errcode);
        break;
    case follow_up::mark_all:
        store::put_refusal(tx, d.channel, d.address, "", d.errcode);
        break;
    case follow_up::park:
        store::park(tx, d.channel, d.kind, d.errmsg);
        break;
    case follow_up::fall_back:
    case follow_up::nothing:
        break;
    }
    const bool told = fanout_->fall_back(tx, d);
    if (!told || d.status != "parked") return;
    // Not to be sent again when the template is mended: another channel has it.
    d.follow_up = follow_up::nothing;
    d = ended(std::move(d), "dropped", "template refused; sent by another channel");
    store::save(tx, d, "parked");
}

void clerk::follow_up() {
    for (bool any = false;; any = true) {
        const auto due = db_->read([&](core::db::read_view& v) { return store::list_follow_ups(v, 200); });
        if (due.empty()) {
            if (any && passed_on_) passed_on_();
            return;
        }
        db_->write([&](core::db::write_tx& tx) -> core::result<> {
               for (const auto& d : due)
                   follow_up_one(tx, d);
               return {};
           })
            .value();
    }
}

void clerk::pause(core::instant until, std::string_view reason) {
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           store::set_pause(tx, name_, until, reason);
           return {};
       })
        .value();
}

std::optional<core::instant> clerk::paused_until() const {
    const auto until = db_->read([&](core::db::read_view& v) { return store::find_pause(v, name_); });
    return until && is_astray(*until, db_->time().now()) ? std::nullopt : until;
}

std::optional<core::instant> clerk::released_at() const {
    return db_->read([](core::db::read_view& v) { return store::released_at(v); });
}

std::optional<core::instant> clerk::next_due() const {
    return db_->read([&](core::db::read_view& v) {
        auto first = store::next_due(v, name_);
        const auto sooner = [&](std::optional<core::instant> since, std::chrono::minutes after) {
            if (since && (!first || *since + after < *first)) first = *since + after;
        };
        sooner(store::first_doubt(v, name_, "queued"), memory);
        sooner(store::first_doubt(v, name_, "uncertain"), verdict_after);
        return first;
    });
}

int release_kind(core::db::write_tx& tx, std::string_view channel, std::string_view kind) {
    store::unpark(tx, channel, kind);
    constexpr int group = 1000;
    int n = 0;
    for (;;) {
        auto some = store::list_parked(tx, channel, kind, group);
        for (auto& d : some) {
            d.client_msg_id = next_client_id(d); // what was refused is not sent again under its old id (N7)
            d.status = "queued";
            d.next_at = tx.now();
            d.follow_up = follow_up::nothing;
            n += store::save(tx, d, "parked") ? 1 : 0;
        }
        if (some.size() < group) return n;
    }
}

} // namespace notify
