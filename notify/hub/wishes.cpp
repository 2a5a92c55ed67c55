#include "notify/hub/wishes.hpp"

#include "core/announcement/announcement.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "core/reminder/reminder.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/retry.hpp"
#include "notify/hub/ways.hpp"
#include "notify/hub/wishes_store.hpp"

#include <algorithm>

namespace notify {
namespace {

constexpr int last_minute = 24 * 60 - 1;

void record(core::db::write_tx& tx, const core::actor& who, std::string_view verb, core::value after) {
    core::audit::append(tx, who,
                        {.verb = verb,
                         .subject_kind = "login",
                         .subject_id = who.login_id,
                         .after = std::move(after),
                         .applicant_id = who.applicant_id,
                         .institution_id = who.institution_id});
}

bool is_minute(int n) {
    return n >= 0 && n <= last_minute;
}

} // namespace

bool concerns(const core::outbox::kind& k, const core::actor& who) {
    return who.is_applicant() ? k.to_company
                              : who.kind == core::actor_kind::staff && who.roles.any(k.to_staff);
}

quiet_hours find_quiet_hours(core::db::read_view& view, std::int64_t login) {
    if (const auto own = store::find_quiet_hours(view, login)) return *own;
    return {core::setting::number(view, "notify.quiet_from"),
            core::setting::number(view, "notify.quiet_until"), false};
}

core::instant after_quiet_hours(core::db::read_view& view, std::int64_t login, core::instant now) {
    const auto [from, until, is_own] = find_quiet_hours(view, login);
    const int minute = core::local_minute_of_day(now);
    const core::date today = core::local_date(now);
    const bool over_midnight = from > until;
    const bool quiet = over_midnight ? minute >= from || minute < until : minute >= from && minute < until;
    if (!quiet) return now;
    const bool ends_tomorrow = over_midnight && minute >= from;
    return core::local_instant(ends_tomorrow ? core::add_days(today, 1) : today, until);
}

core::result<> set_quiet_hours(core::db::write_tx& tx, const core::actor& who,
                               std::optional<quiet_hours> own) {
    if (who.login_id == 0) return core::error(core::errc::not_allowed);
    if (own && !(is_minute(own->from) && is_minute(own->until)))
        return core::error(core::errc::invalid, "quiet.range", "quiet_from");
    const auto before = find_quiet_hours(tx, who.login_id);
    const bool same =
        own ? before.is_own && before.from == own->from && before.until == own->until : !before.is_own;
    if (same) return {};
    store::put_quiet_hours(tx, who.login_id, own);
    core::value after = core::value::object().set("own", own.has_value());
    if (own)
        after.set("from", core::to_minute_text(own->from)).set("until", core::to_minute_text(own->until));
    record(tx, who, "set_quiet_hours", std::move(after));
    return {};
}

core::result<> set_wish(core::db::write_tx& tx, const core::actor& who, std::string_view kind, bool wanted) {
    if (who.login_id == 0) return core::error(core::errc::not_allowed);
    const auto* known = core::outbox::find_kind(kind);
    if (known == nullptr || !concerns(*known, who))
        return core::error(core::errc::invalid, "wish.kind", "kind");
    if (known->always && !wanted) return core::error(core::errc::invalid, "wish.always", "kind");
    store::put_unwanted(tx, who.login_id, known->name, !wanted);
    record(tx, who, "set_wish", core::value::object().set("kind", known->name).set("wanted", wanted));
    return {};
}

core::result<> set_wishes(core::db::write_tx& tx, const core::actor& who,
                          std::span<const std::string_view> wanted) {
    if (who.login_id == 0) return core::error(core::errc::not_allowed);
    core::value on = core::value::array(), off = core::value::array();
    for (const auto& w : list_wishes(tx, who)) {
        const bool want = w.is_always || std::find(wanted.begin(), wanted.end(), w.kind) != wanted.end();
        if (want == w.is_wanted) continue;
        store::put_unwanted(tx, who.login_id, w.kind, !want);
        (want ? on : off).push(w.kind);
    }
    if (on.as_list()->empty() && off.as_list()->empty()) return {};
    record(tx, who, "set_wish", core::value::object().set("on", std::move(on)).set("off", std::move(off)));
    return {};
}

std::vector<wish> list_wishes(core::db::read_view& view, const core::actor& who) {
    const auto unwanted = store::list_unwanted(view, who.login_id);
    std::vector<wish> all;
    for (const auto& k : core::outbox::kinds) {
        if (!concerns(k, who)) continue;
        const bool off = std::find(unwanted.begin(), unwanted.end(), k.name) != unwanted.end();
        all.push_back({k.name, topic_of(k), k.always || !off, k.always});
    }
    return all;
}

std::vector<refused_kind> list_refusals(core::db::read_view& view, const core::actor& who) {
    if (who.login_id == 0) return {};
    auto all = store::list_refusals(view, who.login_id, who.applicant_id, view.now() - believe_refusal);
    for (auto& r : all)
        r.until = r.at + believe_refusal;
    return all;
}

void record_acceptance(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                       std::string_view kind) {
    store::forget_refusal(tx, channel, address, kind);
}

void record_refusal(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                    std::string_view kind, int errcode) {
    store::put_refusal(tx, channel, address, kind, errcode);
}

core::result<> forget_refusals(core::db::write_tx& tx, const core::actor& who) {
    if (who.login_id == 0) return core::error(core::errc::not_allowed);
    if (store::forget_refusals_of(tx, who.login_id, who.applicant_id) == 0) return {};
    record(tx, who, "forget_refusals", core::value::object());
    return {};
}

preferences wishes_of_people() {
    preferences p;
    p.wants = [](core::db::read_view& view, std::int64_t login, std::string_view kind) {
        return !store::is_unwanted(view, login, kind);
    };
    p.ways = find_ways;
    p.not_before = [](core::db::read_view& view, std::int64_t login, core::instant now) {
        return after_quiet_hours(view, login, now);
    };
    p.still_true = [](core::db::read_view& view, std::int64_t outbox) {
        return core::reminder::is_still_true(view, outbox) && core::announcement::is_still_true(view, outbox);
    };
    p.orders = list_channel_orders;
    return p;
}

} // namespace notify
