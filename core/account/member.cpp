#include "core/account/member.hpp"

#include "core/account/binding.hpp"
#include "core/account/login_store.hpp"
#include "core/account/member_store.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::account {
namespace {

bool is_owner_of(const actor& who, std::int64_t applicant_id) {
    return who.is_applicant() && who.applicant_id == applicant_id && who.roles.has(role::owner);
}

result<> turn(db::write_tx& tx, const actor& who, std::int64_t login_id, std::string_view verb,
              std::string_view from, std::string_view to, std::string_view reason) {
    const auto found = get_login(tx, login_id);
    if (!found || !may_administer(tx, who, *found)) return error(errc::not_found);
    if (login_id == who.login_id) return error(errc::not_allowed, "login.oneself");
    if (!store::set_status(tx, login_id, from, to)) return error(errc::stale_state);
    end_sessions_of(tx, login_id);
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "login",
                   .subject_id = login_id,
                   .before = value::object().set("status", from),
                   .after = value::object().set("status", to),
                   .note = tidy_text(reason),
                   .applicant_id = who.applicant_id,
                   .institution_id = who.institution_id});
    return {};
}

} // namespace

std::optional<role> find_role(std::string_view code) {
    for (const auto& r : all_roles)
        if (r.code == code) return r.one;
    return std::nullopt;
}

std::string role_names(role_set roles) {
    std::string all;
    for (const auto& r : all_roles)
        if (roles.has(r.one)) all.append(all.empty() ? "" : "、").append(r.name);
    return all;
}

bool may_administer(db::read_view& view, const actor& who, const login& person) {
    if (who.is_platform() || (who.login_id != 0 && who.login_id == person.id)) return true;
    if (who.kind == actor_kind::staff && who.roles.has(role::institution_admin)) {
        const auto staff = find_staff(view, person.id);
        return staff && who.is_staff_of(staff->institution_id);
    }
    if (!who.is_applicant() || !is_owner_of(who, who.applicant_id)) return false;
    const auto companies = store::companies_of(view, person.id); // also suspended ones
    return companies.size() == 1 && companies.front() == who.applicant_id;
}

// The company's people, when `who` may manage them and this one is among them and an owner stays without
// them.
result<> check_leaving(db::read_view& view, const actor& who, std::int64_t applicant_id,
                       std::int64_t login_id) {
    const bool own = who.is_applicant() && who.applicant_id == applicant_id;
    if (!who.is_platform() && !own) return error(errc::not_found);
    if (!who.is_platform() && !is_owner_of(who, applicant_id)) return error(errc::not_allowed);
    const auto all = store::list_members(view, applicant_id);
    const auto of = [&](const company_person& p) { return p.login_id == login_id; };
    if (std::none_of(all.begin(), all.end(), of)) return error(errc::not_found);
    const bool owner_stays = std::any_of(all.begin(), all.end(), [&](const company_person& p) {
        return !of(p) && p.active && p.roles.has(role::owner);
    });
    if (!owner_stays) return error(errc::conflict, "member.last_owner");
    return {};
}

std::vector<company_person> list_members(db::read_view& view, const actor& who, std::int64_t applicant_id) {
    if (!who.is_platform() && !(who.is_applicant() && who.applicant_id == applicant_id)) return {};
    return store::list_members(view, applicant_id);
}

std::vector<staff_person> list_staff(db::read_view& view, const actor& who, std::int64_t institution_id) {
    if (!who.is_platform() && !who.is_staff_of(institution_id)) return {};
    return store::list_staff(view, institution_id);
}

result<> change_roles(db::write_tx& tx, const actor& who, std::int64_t applicant_id, std::int64_t login_id,
                      role_set roles) {
    auto may = check_leaving(tx, who, applicant_id, login_id);
    const bool stays_owner = roles.has(role::owner) && may.has_error() && may.error().code == errc::conflict;
    if (!may && !stays_owner) return may;
    if (!are_company_roles(roles)) return error(errc::invalid, "member.roles", "roles");
    const auto all = store::list_members(tx, applicant_id);
    const auto old =
        std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.login_id == login_id; });
    store::put_member(tx, login_id, applicant_id, roles);
    audit::append(tx, who,
                  {.verb = "change_roles",
                   .subject_kind = "login",
                   .subject_id = login_id,
                   .before = value::object().set("roles", role_names(old->roles)),
                   .after = value::object().set("roles", role_names(roles)),
                   .applicant_id = applicant_id});
    return {};
}

result<> mute_notifications(db::write_tx& tx, const actor& who, bool muted) {
    if (!who.is_applicant()) return error(errc::not_found);
    store::put_muted(tx, who.login_id, who.applicant_id, muted);
    audit::append(tx, who,
                  {.verb = "mute_notifications",
                   .subject_kind = "login",
                   .subject_id = who.login_id,
                   .after = value::object().set("muted", muted),
                   .applicant_id = who.applicant_id});
    return {};
}

result<> remove_member(db::write_tx& tx, const actor& who, std::int64_t applicant_id, std::int64_t login_id) {
    if (auto may = check_leaving(tx, who, applicant_id, login_id); !may) return may;
    store::remove_member(tx, applicant_id, login_id);
    for (const auto& b : list_by_login(tx, login_id, applicant_id))
        unbind_wechat(tx, who, b.id).value();
    audit::append(tx, who,
                  {.verb = "remove_member",
                   .subject_kind = "login",
                   .subject_id = login_id,
                   .applicant_id = applicant_id});
    return {};
}

result<> disable_login(db::write_tx& tx, const actor& who, std::int64_t login_id, std::string_view reason) {
    return turn(tx, who, login_id, "disable", "active", "disabled", reason);
}

result<> enable_login(db::write_tx& tx, const actor& who, std::int64_t login_id) {
    return turn(tx, who, login_id, "enable", "disabled", "active", "");
}

} // namespace core::account
