// SQL of companies' and institutions' people.
#pragma once
#include "core/account/member.hpp"

namespace core::account::store {

std::vector<company_person> list_members(db::read_view& view, std::int64_t applicant_id);
std::vector<staff_person> list_staff(db::read_view& view, std::int64_t institution_id);
void put_muted(db::write_tx& tx, std::int64_t login_id, std::int64_t applicant_id, bool muted);
std::vector<std::int64_t> companies_of(db::read_view& view, std::int64_t login_id);
void remove_member(db::write_tx& tx, std::int64_t applicant_id, std::int64_t login_id); // and sessions for it

} // namespace core::account::store
