#include "core/account/applicant_store.hpp"

namespace core::account {
namespace {

applicant applicant_of(db::read_view& view, db::row r) {
    applicant a;
    a.id = r.number(0);
    a.uscc = r.text(1);
    a.name = r.text(2);
    a.status = r.text(3);
    a.region_code = r.text(4);
    a.address = r.text(5);
    a.contact_name = r.text(6);
    a.contact_phone = view.vault().open(r.blob(7)).value_or("");
    a.created_at = r.time(8);
    return a;
}

} // namespace

std::optional<applicant> find_applicant(db::read_view& view, std::int64_t id) {
    return view.query_one(
        [&](db::row r) { return applicant_of(view, r); },
        R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at
                                FROM applicant WHERE id = $1)sql",
        id);
}

std::optional<applicant> find_applicant_by_uscc(db::read_view& view, std::string_view uscc) {
    const auto id = view.query_number(R"sql(SELECT id FROM applicant WHERE uscc = $1)sql", uscc);
    return id == 0 ? std::nullopt : find_applicant(view, id);
}

std::vector<applicant> list_applicants(db::read_view& view, std::string_view status, std::int64_t after_id,
                                       int limit) {
    std::vector<applicant> all;
    for (
        const auto r : view.query(
            R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at
                   FROM applicant WHERE id > $1 AND ($2 = '' OR status = $2) ORDER BY id LIMIT $3)sql",
            after_id, status, limit))
        all.push_back(applicant_of(view, r));
    return all;
}

namespace store {

int end_sessions(db::write_tx& tx, std::int64_t applicant_id) {
    return tx.exec(R"sql(DELETE FROM session WHERE applicant_id = $1)sql", applicant_id);
}

std::int64_t insert_applicant(db::write_tx& tx, const registration& r) {
    const auto id = tx.new_id();
    const std::string sealed = tx.vault().seal(r.contact_phone);
    tx.exec(
        R"sql(INSERT INTO applicant (id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at)
                  VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8))sql",
        id, r.uscc, r.name, r.region_code, r.address, r.contact_name, db::blob_view{sealed}, tx.now());
    return id;
}

bool change_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to) {
    return tx.exec(R"sql(UPDATE applicant SET status = $1 WHERE id = $2 AND status = $3)sql", to, id, from) ==
           1;
}

} // namespace store
} // namespace core::account
