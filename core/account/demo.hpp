// Invented companies, people and staff (schema/demo/*.csv), for demonstrations and for tests of the whole.
// Their instruments and orders are made in core/appointment. Never part of a production start.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

inline constexpr std::string_view demo_password = "demo-2026"; // of every demo account; nowhere else

struct demo_accounts {
    std::int64_t city_institution = 0; // 佛山市质量计量监督检测中心
    std::int64_t county_institution = 0; // （示例）佛山市顺德区质量技术监督检测所, in its area
    std::vector<std::int64_t> applicants; // 佛山示例制造有限公司 first; the last one is still pending
    std::vector<std::string> usernames;   // everybody, in the order of the files
};

// Needs the reference data. `password_hash` is of demo_password, made outside the transaction. Refuses
// conflict: demo.real_data (a company that is not of the demonstration exists), demo.loaded (done before).
result<demo_accounts> add_demo_accounts(db::write_tx& tx, std::string_view password_hash);

// A person as after signing in, for the verbs of demonstrations and tests. `applicant_id` 0: the first
// company. Throws for unknown usernames and companies that aren't theirs.
actor acting_as(db::read_view& view, std::string_view username, std::int64_t applicant_id = 0);

} // namespace core::account
