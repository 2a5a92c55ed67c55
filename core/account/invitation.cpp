#include "core/account/invitation.hpp"

#include "core/account/invitation_store.hpp"
#include "core/account/login_store.hpp"
#include "core/account/member.hpp"
#include "core/account/member_store.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::account {
namespace {

bool is_owner(const actor& who) {
    return who.is_applicant() && who.roles.has(role::owner);
}

void enter(db::write_tx& tx, const actor& who, const invitation& i, std::int64_t login) {
    store::close_invitation(tx, i.id, i.applicant_id, login);
    store::put_member(tx, login, i.applicant_id, i.roles);
    audit::append(tx, who,
                  {.verb = "accept_invitation",
                   .subject_kind = "login",
                   .subject_id = login,
                   .after = value::object().set("roles", static_cast<std::int64_t>(i.roles.bits())),
                   .applicant_id = i.applicant_id});
}

} // namespace

result<new_invitation> invite_member(db::write_tx& tx, const actor& who, role_set roles,
                                     std::string_view note) {
    if (!is_owner(who)) return error(errc::not_allowed);
    if (!are_company_roles(roles)) return error(errc::invalid, "member.roles", "roles");
    const std::string text = tidy_line(note);
    if (count_characters(text) > 50) return error(errc::invalid, "invitation.note", "note");
    if (store::list_invitations(tx, who.applicant_id).size() >= most_open_invitations)
        return error(errc::too_many, "invitation.too_many");
    const new_invitation made{tx.new_id(), random_hex(16)};
    store::insert_invitation(tx, who, made.id, sha256_hex(made.code), roles, text,
                             tx.now() + std::chrono::days(invitation_days));
    audit::append(tx, who,
                  {.verb = "invite_member",
                   .subject_kind = "invitation",
                   .subject_id = made.id,
                   .after = value::object().set("roles", static_cast<std::int64_t>(roles.bits())),
                   .note = text,
                   .applicant_id = who.applicant_id});
    return made;
}

result<> revoke_invitation(db::write_tx& tx, const actor& who, std::int64_t id) {
    if (!is_owner(who) || !store::close_invitation(tx, id, who.applicant_id, 0))
        return error(errc::not_found);
    audit::append(tx, who,
                  {.verb = "revoke_invitation",
                   .subject_kind = "invitation",
                   .subject_id = id,
                   .applicant_id = who.applicant_id});
    return {};
}

std::vector<invitation> list_invitations(db::read_view& view, const actor& who) {
    if (!is_owner(who)) return {};
    return store::list_invitations(view, who.applicant_id);
}

result<invitation> find_invitation(db::read_view& view, std::string_view code) {
    auto found = store::find_invitation(view, sha256_hex(code));
    if (!found) return error(errc::invalid, "invitation.over");
    return std::move(*found);
}

result<std::int64_t> accept_invitation(db::write_tx& tx, const actor& who, std::string_view code) {
    if (who.kind != actor_kind::applicant || who.login_id == 0) return error(errc::not_allowed);
    const auto found = find_invitation(tx, code);
    if (!found) return found.error();
    const auto mine = store::companies_of(tx, who.login_id);
    if (std::find(mine.begin(), mine.end(), found->applicant_id) != mine.end())
        return error(errc::conflict, "invitation.member").with("name", found->applicant_name);
    enter(tx, who, *found, who.login_id);
    return found->applicant_id;
}

result<registered> join_by_invitation(db::write_tx& tx, const actor& who, std::string_view code,
                                      const new_person& given, const accepted_password& password) {
    const auto found = find_invitation(tx, code);
    if (!found) return found.error();
    const auto person = check_person(tx, given);
    if (!person) return person.error();
    const auto login = store::add_person(tx, who,
                                         {.username = person->username,
                                          .kind = "applicant",
                                          .display_name = person->display_name,
                                          .password_hash = password.hash(),
                                          .phone = person->phone})
                           .value();
    enter(tx, who, *found, login);
    return registered{found->applicant_id, login};
}

} // namespace core::account
