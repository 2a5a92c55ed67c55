// The company or other unit whose instruments are verified (申请方), and its standing (R1-R4).
#pragma once
#include "core/base/result.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
// R2. By the platform, or by reviewers of an institution whose area holds the company; to others it doesn't
// exist. A rejection needs a reason (applicant.reason). Refuses not_found, not_allowed, stale_state.
result<> approve_applicant(db::write_tx& tx, const actor& who, std::int64_t id);
result<> reject_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
// R3, by a person of the company. R4, by the platform: its people are signed out at once.
result<> resubmit_applicant(db::write_tx& tx, const actor& who, std::int64_t id);
result<> suspend_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
result<> resume_applicant(db::write_tx& tx, const actor& who, std::int64_t id);

// By key: those after `after_id`, oldest first, at most `limit`; status "" means any.
std::vector<applicant> list_applicants(db::read_view& view, std::string_view status, std::int64_t after_id,
                                       int limit);
// For verbs that only an approved company may use (filing, booking): not_allowed applicant.not_active.
result<> check_standing(db::read_view& view, std::int64_t applicant_id);

std::span<const transition<std::string_view>> applicant_transitions();
status_tag applicant_status(std::string_view status);

} // namespace core::account
