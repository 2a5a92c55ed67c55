#include "core/account/member.hpp"

#include "core/account/binding.hpp"
#include "core/account/login_store.hpp"
#include "core/account/member_store.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace core::account {
namespace {

constexpr std::array<std::pair<role, std::string_view>, 9> names = {{
    {role::owner, "企业管理员"},
    {role::operator_, "经办人"},
    {role::filing_reviewer, "备案审核"},
    {role::scheduler, "预约管理"},
    {role::front_desk, "前台"},
    {role::verifier, "检定员"},
    {role::institution_admin, "机构管理员"},
    {role::regulator, "监管人员"},
    {role::platform_admin, "平台管理员"},
}};

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

std::string role_names(role_set roles) {
    std::string all;
    for (const auto& [one, name] : names)
        if (roles.has(one)) all.append(all.empty() ? "" : "、").append(name);
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

result<> remove_member(db::write_tx& tx, const actor& who, std::int64_t applicant_id, std::int64_t login_id) {
    if (!who.is_platform() && !(who.is_applicant() && who.applicant_id == applicant_id))
        return error(errc::not_found);
    if (!who.is_platform() && !is_owner_of(who, applicant_id)) return error(errc::not_allowed);
    const auto all = list_members(tx, applicant_id);
    const auto of = [&](const company_person& p) { return p.login_id == login_id; };
    if (std::none_of(all.begin(), all.end(), of)) return error(errc::not_found);
    const bool owner_stays = std::any_of(all.begin(), all.end(), [&](const company_person& p) {
        return !of(p) && p.active && p.roles.has(role::owner);
    });
    if (!owner_stays) return error(errc::conflict, "member.last_owner");
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
