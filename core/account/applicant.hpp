// The company or other unit whose instruments are verified (申请方), and its standing (R1-R4).
#pragma once
#include "core/base/result.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>

namespace core::account {

struct applicant {
    std::int64_t id = 0;
    std::string uscc, name, status, region_code, address, contact_name, contact_phone; // phone in clear here
    instant created_at;
};

std::optional<applicant> find_applicant(db::read_view& view, std::int64_t id);
std::optional<applicant> find_applicant_by_uscc(db::read_view& view, std::string_view uscc);

struct registration {
    std::string uscc, name, region_code, address, contact_name, contact_phone;
};
// R1. Refuses invalid (uscc.*, phone.*, applicant.name, applicant.region …, all fields at once) and conflict
// (applicant.taken).
result<std::int64_t> register_applicant(db::write_tx& tx, const actor& who, const registration& r);
// R2. Refuses stale_state, not_allowed.
result<> approve_applicant(db::write_tx& tx, const actor& who, std::int64_t id);

std::span<const transition<std::string_view>> applicant_transitions();
status_tag applicant_status(std::string_view status);

} // namespace core::account
