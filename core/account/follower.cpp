#include "core/account/follower.hpp"

#include "core/account/binding.hpp"
#include "core/account/binding_store.hpp"
#include "core/account/follower_store.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace core::account {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t longest_openid = 64, longest_trouble = 200;

// WeChat's clock in events goes by seconds.
instant whole_second(instant t) {
    return std::chrono::floor<std::chrono::seconds>(t);
}

follower_sync get_open(db::read_view& view, const follower_sync& s) {
    const auto now = store::find_sync(view, s.id);
    return now ? *now : s;
}

void progress(db::write_tx& tx, follower_sync s) {
    s.trouble.clear();
    s.try_at.reset();
    store::save_sync(tx, s);
}

bool is_openid(std::string_view text) {
    return !text.empty() && text.size() <= longest_openid;
}

bool may_move(const actor& who) {
    return who.kind == actor_kind::system || who.is_platform();
}

// The same person of the same company is bound under both: the old one ends.
bool is_doubled(const std::vector<store::held_binding>& there, const store::held_binding& b) {
    return std::any_of(there.begin(), there.end(), [&](const auto& t) {
        return t.login_id == b.login_id && t.applicant_id == b.applicant_id;
    });
}

void move_binding(db::write_tx& tx, const actor& who, const store::held_binding& b, const openid_move& m,
                  bool doubled) {
    if (doubled)
        store::close_binding(tx, b.id);
    else
        store::set_openid(tx, b.id, m.to);
    // Without the openids: they never stand in the journal (core/privacy).
    audit::append(tx, who,
                  {.verb = doubled ? "unbind" : "move_openid",
                   .subject_kind = "binding",
                   .subject_id = b.id,
                   .applicant_id = b.applicant_id});
}

} // namespace

void record_follow(db::write_tx& tx, std::string_view openid, std::string_view scene, instant said_at) {
    store::put_follower(tx, openid, true, scene, whole_second(std::min(said_at, tx.now())));
}

void record_presence(db::write_tx& tx, std::string_view openid, bool wrote, instant said_at) {
    const auto known = store::find_presence(tx, openid);
    if (known ? !known->is_following : wrote) record_follow(tx, openid, "", said_at);
    if (!wrote) return;
    const instant at = whole_second(std::min(said_at, tx.now()));
    if (!known || !known->wrote_at || at - *known->wrote_at >= std::chrono::hours(1))
        store::put_wrote(tx, openid, at);
}

bool may_follow(db::read_view& view, std::string_view openid) {
    const auto known = store::find_presence(view, openid);
    return !known || known->is_following;
}

std::optional<instant> last_wrote(db::read_view& view, std::string_view openid) {
    const auto known = store::find_presence(view, openid);
    return known ? known->wrote_at : std::nullopt;
}

void record_unfollow(db::write_tx& tx, std::string_view openid, instant said_at) {
    // Late news: the person has come back since.
    if (!store::put_follower(tx, openid, false, "", whole_second(std::min(said_at, tx.now())))) return;
    forget_wechat_user(tx, openid);
}

follower_sync begin_sync(db::write_tx& tx, std::string_view asked_by) {
    if (const auto open = find_open_sync(tx)) return *open;
    follower_sync s;
    s.id = tx.new_id();
    s.begun_at = whole_second(tx.now());
    store::insert_sync(tx, s, asked_by);
    return s;
}

bool is_sync_due(db::read_view& view) {
    const instant now = view.now();
    const int minute = setting::number(view, "followers.sync_at");
    date day = local_date(now);
    if (local_instant(day, minute) > now) day = add_days(day, -1);
    const auto last = find_last_sync(view);
    return !last || (last->finished_at && last->begun_at < local_instant(day, minute));
}

result<> request_sync(db::write_tx& tx, const actor& who) {
    if (!who.is_platform()) return error(errc::not_allowed);
    auto s = begin_sync(tx, "page");
    s.try_at.reset();
    store::save_sync(tx, s);
    audit::append(tx, who, {.verb = "request_sync", .subject_kind = "follower_sync", .subject_id = s.id});
    return {};
}

void take_followers(db::write_tx& tx, const follower_sync& s, std::span<const std::string> openids) {
    follower_sync now = get_open(tx, s);
    for (const auto& openid : openids) {
        if (!is_openid(openid)) continue;
        const auto how = store::see_follower(tx, now, openid);
        now.added += how == store::seen::added ? 1 : 0;
        now.returned += how == store::seen::returned ? 1 : 0;
    }
    progress(tx, now);
}

void turn_page(db::write_tx& tx, const follower_sync& s, std::string_view next_openid, std::int64_t total) {
    follower_sync now = get_open(tx, s);
    now.next_openid = next_openid;
    now.total = total;
    progress(tx, now);
}

void end_list(db::write_tx& tx, const follower_sync& s) {
    follower_sync now = get_open(tx, s);
    now.seen = store::count_seen(tx, s.id);
    now.complete = now.seen >= now.total;
    now.stage = now.complete ? sync_stage::gone : sync_stage::details;
    // Bound through the web without ever following: still bound, but no message can reach them.
    if (now.complete)
        for (const auto& openid : store::list_strangers(tx, now))
            store::put_follower(tx, openid, false, "", now.begun_at);
    progress(tx, now);
}

bool mark_gone(db::write_tx& tx, const follower_sync& s, int most) {
    follower_sync now = get_open(tx, s);
    const auto gone = store::list_gone(tx, now, most);
    for (const auto& openid : gone) {
        record_unfollow(tx, openid, now.begun_at);
        ++now.gone;
    }
    const bool more = static_cast<int>(gone.size()) == most;
    if (!more) now.stage = sync_stage::details;
    progress(tx, now);
    return more;
}

void take_details(db::write_tx& tx, const follower_sync& s, std::span<const std::string> asked,
                  std::span<const follower_detail> found) {
    follower_sync now = get_open(tx, s);
    for (const auto& d : found)
        store::put_detail(tx, d);
    for (const auto& openid : asked)
        store::mark_detailed(tx, openid);
    now.detailed += static_cast<std::int64_t>(found.size());
    progress(tx, now);
}

void end_sync(db::write_tx& tx, const follower_sync& s) {
    follower_sync now = get_open(tx, s);
    now.stage = sync_stage::done;
    now.finished_at = tx.now();
    progress(tx, now);
}

void hold_sync(db::write_tx& tx, const follower_sync& s, std::string_view trouble, instant try_at) {
    follower_sync now = get_open(tx, s);
    now.trouble = cut_characters(trouble, longest_trouble);
    now.try_at = try_at;
    store::save_sync(tx, now);
}

result<move_report> move_openids(db::write_tx& tx, const actor& who, std::span<const openid_move> moves) {
    if (!may_move(who)) return error(errc::not_allowed);
    std::set<std::string_view> old_ones, new_ones;
    for (const auto& m : moves)
        if (!is_openid(m.from) || !is_openid(m.to) || !old_ones.insert(m.from).second ||
            !new_ones.insert(m.to).second)
            return error(errc::invalid, "followers.move");
    move_report report;
    for (const auto& m : moves) {
        if (m.from == m.to) continue;
        const auto held = store::list_held(tx, m.from);
        const auto there = store::list_held(tx, m.to);
        const bool foreign = std::any_of(there.begin(), there.end(), [&](const auto& t) {
            return std::any_of(held.begin(), held.end(),
                               [&](const auto& h) { return h.login_id != t.login_id; });
        });
        if (foreign) { // an openid is never taken over (S4)
            report.conflicts.push_back(m.from);
            continue;
        }
        for (const auto& b : held)
            move_binding(tx, who, b, m, is_doubled(there, b));
        const bool followed = store::move_follower(tx, m);
        report.bindings += static_cast<int>(held.size());
        report.sessions += store::move_sessions(tx, m);
        report.tags += store::move_tag(tx, m) ? 1 : 0;
        report.people += followed || !held.empty() ? 1 : 0;
    }
    return report;
}

} // namespace core::account
