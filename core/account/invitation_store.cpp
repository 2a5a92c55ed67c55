#include "core/account/invitation_store.hpp"

namespace core::account::store {
namespace {

invitation invitation_of(db::row r) {
    return {r.number(0),
            r.number(1),
            r.text(2),
            r.text(3),
            role_set::from_bits(static_cast<unsigned>(r.number(4))),
            r.time(5),
            r.time(6)};
}

} // namespace

void insert_invitation(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view code_hash,
                       role_set roles, std::string_view note, instant expires_at) {
    tx.exec(
        R"sql(INSERT INTO invitation (id, code_hash, applicant_id, roles, note, created_by, created_at, expires_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8))sql",
        id, code_hash, who.applicant_id, static_cast<std::int64_t>(roles.bits()), note, who.login_id,
        tx.now(), expires_at);
}

std::optional<invitation> find_invitation(db::read_view& view, std::string_view code_hash) {
    return view.query_one(
        invitation_of,
        R"sql(SELECT i.id, i.applicant_id, a.name, i.note, i.roles, i.created_at, i.expires_at
              FROM invitation i JOIN applicant a ON a.id = i.applicant_id
              WHERE i.code_hash = $1 AND i.closed_at IS NULL AND i.expires_at > $2 AND a.status <> 'suspended')sql",
        code_hash, view.now());
}

std::vector<invitation> list_invitations(db::read_view& view, std::int64_t applicant_id) {
    std::vector<invitation> all;
    for (const auto r : view.query(
             R"sql(SELECT i.id, i.applicant_id, a.name, i.note, i.roles, i.created_at, i.expires_at
                   FROM invitation i JOIN applicant a ON a.id = i.applicant_id
                   WHERE i.applicant_id = $1 AND i.closed_at IS NULL AND i.expires_at > $2 ORDER BY i.id)sql",
             applicant_id, view.now()))
        all.push_back(invitation_of(r));
    return all;
}

bool close_invitation(db::write_tx& tx, std::int64_t id, std::int64_t applicant_id, std::int64_t used_by) {
    const auto by = used_by == 0 ? std::nullopt : std::optional(used_by);
    return tx.exec(R"sql(UPDATE invitation SET closed_at = $1, used_by = $2
                         WHERE id = $3 AND applicant_id = $4 AND closed_at IS NULL AND expires_at > $1)sql",
                   tx.now(), by, id, applicant_id) == 1;
}

} // namespace core::account::store
