#include "core/account/member_store.hpp"

namespace core::account {
namespace {

role_set roles_of(db::row r, int column) {
    return role_set::from_bits(static_cast<unsigned>(r.number(column)));
}

staff_person staff_of(db::row r) {
    return {r.number(0), r.text(1), r.text(2), r.number(3), r.text(4), roles_of(r, 5), r.view(6) == "active"};
}

} // namespace

std::optional<staff_person> find_staff(db::read_view& view, std::int64_t login_id) {
    return view.query_one(staff_of,
                          R"sql(SELECT l.id, l.username, l.display_name, coalesce(s.institution_id, 0),
                                  coalesce(s.region_code, ''), s.roles, l.status
                                FROM staff_member s JOIN login l ON l.id = s.login_id WHERE l.id = $1)sql",
                          login_id);
}

bool is_muted(db::read_view& view, std::int64_t login_id, std::int64_t applicant_id) {
    return view.query_number(
               R"sql(SELECT muted FROM notification_preference WHERE login_id = $1 AND applicant_id = $2)sql",
               login_id, applicant_id) == 1;
}

namespace store {

std::vector<company_person> list_members(db::read_view& view, std::int64_t applicant_id) {
    std::vector<company_person> all;
    for (const auto r : view.query(R"sql(SELECT l.id, l.username, l.display_name, m.roles, l.status
                                         FROM applicant_member m JOIN login l ON l.id = m.login_id
                                         WHERE m.applicant_id = $1 ORDER BY l.id)sql",
                                   applicant_id))
        all.push_back({r.number(0), r.text(1), r.text(2), roles_of(r, 3), r.view(4) == "active"});
    return all;
}

std::vector<staff_person> list_staff(db::read_view& view, std::int64_t institution_id) {
    std::vector<staff_person> all;
    for (const auto r :
         view.query(R"sql(SELECT l.id, l.username, l.display_name, coalesce(s.institution_id, 0),
                                           coalesce(s.region_code, ''), s.roles, l.status
                                         FROM staff_member s JOIN login l ON l.id = s.login_id
                                         WHERE coalesce(s.institution_id, 0) = $1 ORDER BY l.id)sql",
                    institution_id))
        all.push_back(staff_of(r));
    return all;
}

void put_muted(db::write_tx& tx, std::int64_t login_id, std::int64_t applicant_id, bool muted) {
    tx.exec(R"sql(INSERT INTO notification_preference (login_id, applicant_id, muted) VALUES ($1, $2, $3)
                  ON CONFLICT (login_id, applicant_id) DO UPDATE SET muted = excluded.muted)sql",
            login_id, applicant_id, muted);
}

std::vector<std::int64_t> companies_of(db::read_view& view, std::int64_t login_id) {
    std::vector<std::int64_t> all;
    for (const auto r : view.query(
             R"sql(SELECT applicant_id FROM applicant_member WHERE login_id = $1 ORDER BY applicant_id)sql",
             login_id))
        all.push_back(r.number(0));
    return all;
}

void remove_member(db::write_tx& tx, std::int64_t applicant_id, std::int64_t login_id) {
    tx.exec(R"sql(DELETE FROM applicant_member WHERE applicant_id = $1 AND login_id = $2)sql", applicant_id,
            login_id);
    tx.exec(R"sql(DELETE FROM session WHERE applicant_id = $1 AND login_id = $2)sql", applicant_id, login_id);
}

} // namespace store
} // namespace core::account
