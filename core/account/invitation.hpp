// Invitations: an owner makes a link, one person comes by it, as somebody new or with the login of another
// company. Nobody is put into a company without doing something for it.
#pragma once
#include "core/account/registering.hpp"
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::account {

inline constexpr int most_open_invitations = 20; // of a company
inline constexpr int invitation_days = 7;

struct invitation {
    std::int64_t id = 0, applicant_id = 0;
    std::string applicant_name, note;
    role_set roles; // of owner, operator_
    instant created_at, expires_at;
};
struct new_invitation {
    std::int64_t id = 0;
    std::string code; // for the link, shown once; only its hash is kept
};
// By an owner, for his company. `note`: for whom, at most 50 characters. Refuses not_allowed, member.roles,
// invitation.note, too_many invitation.too_many.
result<new_invitation> invite_member(db::write_tx& tx, const actor& who, role_set roles,
                                     std::string_view note);
// Refuses not_found: closed, over, or another company's. By any owner of the company.
result<> revoke_invitation(db::write_tx& tx, const actor& who, std::int64_t id);
std::vector<invitation> list_invitations(db::read_view& view,
                                         const actor& who); // open ones of an owner's company

// What the page behind the link shows. Refuses invalid invitation.over: unknown, used, revoked, over, or the
// company is suspended.
result<invitation> find_invitation(db::read_view& view, std::string_view code);
// With one's own login, signed in for another company. Gives the company. Refuses invitation.over,
// conflict invitation.member.
result<std::int64_t> accept_invitation(db::write_tx& tx, const actor& who, std::string_view code);
// As somebody new. Refuses invitation.over, and what check_person does.
result<registered> join_by_invitation(db::write_tx& tx, const actor& who, std::string_view code,
                                      const new_person& person, const accepted_password& password);

} // namespace core::account
