// The people of a company and of an institution, as their administrators see them. Signing in is in
// login.hpp.
#pragma once
#include "core/account/login.hpp"
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

inline constexpr role_set institution_roles{role::filing_reviewer, role::scheduler, role::front_desk,
                                            role::verifier, role::institution_admin};
std::string role_names(role_set roles); // 备案审核、前台; "" for none

struct company_person {
    std::int64_t login_id = 0;
    std::string username, display_name;
    role_set roles;
    bool active = true;
};
std::vector<company_person> list_members(db::read_view& view, std::int64_t applicant_id);
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
std::vector<staff_person> list_staff(db::read_view& view, std::int64_t institution_id); // 0: the platform

// Oneself; anybody for the system and the platform's administrator; their own institution's people for its
// administrator; people who are of one's company only for its owner.
bool may_administer(db::read_view& view, const actor& who, const login& person);
// All sessions end at once (S5). Refuses not_found, stale_state, not_allowed (oneself).
result<> disable_login(db::write_tx& tx, const actor& who, std::int64_t login_id, std::string_view reason);
result<> enable_login(db::write_tx& tx, const actor& who, std::int64_t login_id);

} // namespace core::account
