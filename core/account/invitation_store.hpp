// SQL of invitations.
#pragma once
#include "core/account/invitation.hpp"

#include <optional>

namespace core::account::store {

void insert_invitation(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view code_hash,
                       role_set roles, std::string_view note, instant expires_at);
std::optional<invitation> find_invitation(db::read_view& view, std::string_view code_hash);
std::vector<invitation> list_invitations(db::read_view& view, std::int64_t applicant_id);
// `used_by` 0: revoked. False when it is no longer open.
bool close_invitation(db::write_tx& tx, std::int64_t id, std::int64_t applicant_id, std::int64_t used_by);

} // namespace core::account::store
