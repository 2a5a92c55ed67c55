#include "wechat/inbox/settings.hpp"

#include "core/account/binding.hpp"
#include "core/account/contact.hpp"
#include "core/account/member.hpp"
#include "core/base/clock.hpp"
#include "notify/hub/wishes.hpp"
#include "notify/message/message.hpp"
#include "wechat/inbox/ways.hpp"
#include "wechat/server/form.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wechat::inbox {
namespace {

std::string text(const services& s, const std::string& key) {
    return s.problems->text_of(core::error(core::errc::invalid, key));
}

core::value groups_of(const request& r, core::db::read_view& view, services& s) {
    std::map<notify::topic, core::value> rows;
    for (const auto& w : notify::list_wishes(view, r.actor)) {
        const bool on = r.form.empty() ? w.is_wanted : [&] {
            for (const auto k : r.form.all("k"))
                if (k == w.kind) return true;
            return w.is_always;
        }();
        rows[w.of].push(core::value::object()
                            .set("kind", w.kind)
                            .set("label", wish_words(s, r.actor, w.kind))
                            .set("on", on)
                            .set("always", w.is_always)
                            .set("why", w.is_always ? text(s, "wish.always." + std::string(w.kind)) : ""));
    }
    core::value groups = core::value::array();
    for (auto& [topic, list] : rows)
        groups.push(core::value::object()
                        .set("label", text(s, "wish.topic." + std::string(notify::code_of(topic))))
                        .set("rows", std::move(list)));
    return groups;
}

std::string range_words(const notify::quiet_hours& q) {
    if (q.from == q.until) return "不设勿扰时段";
    return core::to_minute_text(q.from) + (q.from > q.until ? " 至次日 " : " 至 ") +
           core::to_minute_text(q.until);
}

void put_quiet(core::value& model, const request& r, core::db::read_view& view) {
    const auto platform = notify::find_quiet_hours(view, 0);
    const auto now = notify::find_quiet_hours(view, r.actor.login_id);
    const auto typed = [&](std::string_view field, int fallback) {
        return r.form.find(field) ? std::string(r.field(field)) : core::to_minute_text(fallback);
    };
    std::string mode = !now.is_own ? "platform" : now.from == now.until ? "none" : "own";
    if (r.form.find("quiet")) mode = r.field("quiet");
    const auto& proposed = now.from == now.until ? platform : now;
    model.set("platform_range", range_words(platform))
        .set("quiet_platform", mode == "platform")
        .set("quiet_none", mode == "none")
        .set("quiet_own", mode == "own");
    model.set("quiet_from", typed("quiet_from", proposed.from))
        .set("quiet_until", typed("quiet_until", proposed.until));
}

core::value refusals_of(const request& r, core::db::read_view& view, services& s) {
    core::value rows = core::value::array();
    for (const auto& f : notify::list_refusals(view, r.actor)) {
        const auto* kind = s.messages->find(f.kind);
        core::value v = core::value::object();
        const std::string until = core::short_moment_text(f.until);
        v.set("title", kind != nullptr ? "“" + kind->title + "”" : std::string("全部通知"))
            .set("at", core::short_moment_text(f.at))
            .set("says",
                 f.channel == "subscription"
                     ? "没有订阅，或订阅已用完或关闭；再次订阅后马上恢复，否则 " + until + " 前不再尝试"
                     : "微信告知拒收，" + until + " 前不再尝试");
        rows.push(std::move(v));
    }
    return rows;
}

std::optional<notify::quiet_hours> own_hours(const request& r) {
    if (r.field("quiet") == "none") return notify::quiet_hours{0, 0, true};
    return notify::quiet_hours{core::parse_minute(r.field("quiet_from")).value_or(-1),
                               core::parse_minute(r.field("quiet_until")).value_or(-1), true};
}

} // namespace

std::string wish_words(const services& s, const core::actor& who, std::string_view kind) {
    const std::string side = who.is_applicant() ? "company." : "staff.";
    return text(s, "wish." + side + std::string(kind));
}

// Bound, and all of what is bound is known not to follow: no message of WeChat's can reach the person.
bool is_unreachable(core::db::read_view& view, const core::actor& who) {
    std::vector<std::string> openids;
    if (who.is_applicant())
        for (const auto& b : core::account::list_by_login(view, who.login_id, who.applicant_id))
            openids.push_back(b.openid);
    else if (auto own = core::account::find_staff_openid(view, who.login_id))
        openids.push_back(*std::move(own));
    return !openids.empty() && std::none_of(openids.begin(), openids.end(), [&](const std::string& o) {
        return core::account::may_follow(view, o);
    });
}

core::value settings_model(const request& r, core::db::read_view& view, services& s, std::string_view base,
                           const core::error* wrong) {
    const bool is_company = r.actor.is_applicant();
    const bool bound =
        is_company ? !core::account::list_by_login(view, r.actor.login_id, r.actor.applicant_id).empty()
                   : core::account::has_staff_binding(view, r.actor.login_id);
    const bool muted =
        is_company && (r.form.empty() ? core::account::is_muted(view, r.actor.login_id, r.actor.applicant_id)
                                      : r.form.find("mute").has_value());
    const auto email = core::account::find_own_email(view, r.actor).address;
    core::value model = core::value::object();
    model.set("groups", groups_of(r, view, s))
        .set("is_company", is_company)
        .set("bound", bound)
        .set("unreachable", is_unreachable(view, r.actor))
        .set("has_email", !email.empty())
        .set("may_add_email", email.empty() && static_cast<bool>(s.mail_code))
        .set("no_email", email.empty() && !s.mail_code)
        .set("email", core::account::mask_email(email))
        .set("muted", muted)
        .set("action", std::string(base) + "/settings")
        .set("back", base);
    put_quiet(model, r, view);
    put_ways(model, r, view, s, {bound, !email.empty()}, wrong);
    core::value refused = refusals_of(r, view, s);
    model.set("has_refusals", !refused.as_list()->empty())
        .set("refusals", std::move(refused))
        .set("forget_action", std::string(base) + "/refusals/forget");
    const bool quiet_wrong = wrong != nullptr && wrong->field != "ways";
    return model.set("quiet_wrong", quiet_wrong)
        .set("quiet_error", quiet_wrong ? s.problems->text_of(*wrong) : "");
}

core::result<> save_settings(const request& r, core::db::write_tx& tx, const services& s) {
    const std::vector<std::string_view> wanted = r.form.all("k");
    if (auto done = notify::set_wishes(tx, r.actor, wanted); !done) return done;
    if (auto done = save_ways(r, tx, s); !done) return done;
    const bool own = r.field("quiet") == "own" || r.field("quiet") == "none";
    if (auto done = notify::set_quiet_hours(tx, r.actor, own ? own_hours(r) : std::nullopt); !done)
        return done;
    if (!r.actor.is_applicant()) return {};
    const bool mute = r.form.find("mute").has_value();
    if (mute == core::account::is_muted(tx, r.actor.login_id, r.actor.applicant_id)) return {};
    return core::account::mute_notifications(tx, r.actor, mute);
}

core::result<response> forget_refusals(const request& r, core::db::write_tx& tx, std::string_view base) {
    if (auto done = notify::forget_refusals(tx, r.actor); !done) return done.error();
    return see_other(std::string(base) + "/settings?done=refusals_forgotten");
}

} // namespace wechat::inbox
