#include "notify/hub/wishes.hpp"

#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "core/reminder/reminder.hpp"
#include "notify/hub/wishes_store.hpp"

#include <algorithm>

namespace notify {
namespace {

bool concerns(const core::outbox::kind& k, const core::actor& who) {
    return who.is_applicant() ? k.to_company
                              : who.kind == core::actor_kind::staff && who.roles.any(k.to_staff);
}

} // namespace

core::instant after_quiet_hours(core::db::read_view& view, core::instant now) {
    const int from = core::setting::find_number(view, "notify.quiet_from", 22 * 60, 0, 1439);
    const int until = core::setting::find_number(view, "notify.quiet_until", 8 * 60, 0, 1439);
    const int minute = core::local_minute_of_day(now);
    const core::date today = core::local_date(now);
    const bool over_midnight = from > until;
    const bool quiet = over_midnight ? minute >= from || minute < until : minute >= from && minute < until;
    if (!quiet) return now;
    const bool ends_tomorrow = over_midnight && minute >= from;
    return core::local_instant(ends_tomorrow ? core::add_days(today, 1) : today, until);
}

core::result<> set_wish(core::db::write_tx& tx, const core::actor& who, std::string_view kind, bool wanted) {
    if (who.login_id == 0) return core::error(core::errc::not_allowed);
    const auto* known = core::outbox::find_kind(kind);
    if (known == nullptr || !concerns(*known, who))
        return core::error(core::errc::invalid, "wish.kind", "kind");
    store::put_unwanted(tx, who.login_id, known->name, !wanted);
    core::audit::append(tx, who,
                        {.verb = "set_wish",
                         .subject_kind = "login",
                         .subject_id = who.login_id,
                         .after = core::value::object().set("kind", known->name).set("wanted", wanted),
                         .applicant_id = who.applicant_id,
                         .institution_id = who.institution_id});
    return {};
}

std::vector<wish> list_wishes(core::db::read_view& view, const core::actor& who) {
    const auto unwanted = store::list_unwanted(view, who.login_id);
    std::vector<wish> all;
    for (const auto& k : core::outbox::kinds)
        if (concerns(k, who))
            all.push_back({k.name, std::find(unwanted.begin(), unwanted.end(), k.name) == unwanted.end()});
    return all;
}

preferences wishes_of_people() {
    preferences p;
    p.wants = [](core::db::read_view& view, std::int64_t login, std::string_view kind, std::string_view) {
        return !store::is_unwanted(view, login, kind);
    };
    p.not_before = [](core::db::read_view& view, std::int64_t, core::instant now) {
        return after_quiet_hours(view, now);
    };
    p.still_true = core::reminder::is_still_true;
    return p;
}

} // namespace notify
