// The people of a company and of an institution, as their administrators see them. Signing in is in
// login.hpp.
#pragma once
#include "core/account/login.hpp"
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

inline constexpr role_set institution_roles{role::filing_reviewer, role::scheduler, role::front_desk,
                                            role::verifier, role::institution_admin};
struct named_role {
    role one;
    std::string_view code; // in files and commands: "front_desk"
    std::string_view name; // 前台
};
inline constexpr std::array<named_role, 9> all_roles = {{
    {role::owner, "owner", "企业管理员"},
    {role::operator_, "operator", "经办人"},
    {role::filing_reviewer, "filing_reviewer", "备案审核"},
    {role::scheduler, "scheduler", "预约管理"},
    {role::front_desk, "front_desk", "前台"},
    {role::verifier, "verifier", "检定员"},
    {role::institution_admin, "institution_admin", "机构管理员"},
    {role::regulator, "regulator", "监管人员"},
    {role::platform_admin, "platform_admin", "平台管理员"},
}};
std::optional<role> find_role(std::string_view code);
std::string role_names(role_set roles); // 备案审核、前台; "" for none
constexpr bool are_company_roles(role_set r) {
    return !r.empty() && (r.bits() & ~role_set{role::owner, role::operator_}.bits()) == 0;
}

struct company_person {
    std::int64_t login_id = 0;
    std::string username, display_name;
    role_set roles;
    bool active = true;
};
// Of one's own company; any for the platform. Empty for everybody else.
std::vector<company_person> list_members(db::read_view& view, const actor& who, std::int64_t applicant_id);
// By an owner or the platform. Refuses not_found, not_allowed, invalid member.roles, conflict
// member.last_owner.
result<> change_roles(db::write_tx& tx, const actor& who, std::int64_t applicant_id, std::int64_t login_id,
                      role_set roles);
// The person stays, the company is no longer theirs: sessions for it and bindings end. An owner or the
// platform. Refuses not_found, not_allowed, conflict member.last_owner.
result<> remove_member(db::write_tx& tx, const actor& who, std::int64_t applicant_id, std::int64_t login_id);

struct staff_person {
    std::int64_t login_id = 0;
    std::string username, display_name;
    std::int64_t institution_id = 0; // 0: the platform, or a regulator
    std::string region_code;         // regulators: what they may read
    role_set roles;
    bool active = true;
};
std::optional<staff_person> find_staff(db::read_view& view, std::int64_t login_id);
// 0: the platform. For colleagues and the platform; empty for everybody else.
std::vector<staff_person> list_staff(db::read_view& view, const actor& who, std::int64_t institution_id);

// Oneself; anybody for the system and the platform's administrator; their own institution's people for its
// administrator; people who are of one's company only for its owner.
bool may_administer(db::read_view& view, const actor& who, const login& person);
// All sessions end at once (S5). Refuses not_found, stale_state, not_allowed (oneself).
result<> disable_login(db::write_tx& tx, const actor& who, std::int64_t login_id, std::string_view reason);
result<> enable_login(db::write_tx& tx, const actor& who, std::int64_t login_id);

// Whether a person wants messages about this company; each decides for themselves. Security notices (a new
// binding) are sent all the same. Refuses not_found (not a person of a company).
result<> mute_notifications(db::write_tx& tx, const actor& who, bool muted);
bool is_muted(db::read_view& view, std::int64_t login_id, std::int64_t applicant_id);

} // namespace core::account
