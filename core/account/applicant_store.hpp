// SQL of applicants.
#pragma once
#include "core/account/applicant.hpp"

namespace core::account::store {

std::int64_t insert_applicant(db::write_tx& tx, const registration& r);
int end_sessions(db::write_tx& tx, std::int64_t applicant_id);
bool change_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to);

} // namespace core::account::store
