// SQL of applicants, and the halves of verbs that nobody but this slice may use alone.
#pragma once
#include "core/account/applicant.hpp"

namespace core::account::store {

// R1 without the papers: register_company keeps them in the same transaction. As check_registration, and
// conflict (applicant.taken).
result<std::int64_t> register_applicant(db::write_tx& tx, const actor& who, const registration& r);
// R2 for the demonstration, whose companies come without files.
result<> approve_without_papers(db::write_tx& tx, const actor& who, std::int64_t id);
std::int64_t insert_applicant(db::write_tx& tx, const registration& r);
int end_sessions(db::write_tx& tx, std::int64_t applicant_id);
bool change_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to,
                   std::string_view reason);
bool update_applicant(db::write_tx& tx, std::int64_t id, std::int64_t version, const registration& r);
// Of places whose code begins with `area` ("" all).
std::vector<applicant> list_in_area(db::read_view& view, std::string_view area, const applicant_filter& f,
                                    applicant_key after, int limit);
int count_in_area(db::read_view& view, std::string_view area, std::string_view status);

} // namespace core::account::store
