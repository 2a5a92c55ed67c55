#include "core/account/applicant_store.hpp"

#include "core/base/text.hpp"

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
    a.legal_person = r.text(9);
    a.status_reason = r.text(10);
    a.status_at = r.time(11);
    a.version = r.number(12);
    return a;
}

// What people type is text: % and _ mean themselves.
std::string containing(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

} // namespace

std::optional<applicant> find_applicant(db::read_view& view, std::int64_t id) {
    return view.query_one(
        [&](db::row r) { return applicant_of(view, r); },
        R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at,
                legal_person, status_reason, status_at, version
              FROM applicant WHERE id = $1)sql",
        id);
}

std::optional<applicant> find_applicant_by_uscc(db::read_view& view, std::string_view uscc) {
    const auto id = view.query_number(R"sql(SELECT id FROM applicant WHERE uscc = $1)sql", uscc);
    return id == 0 ? std::nullopt : find_applicant(view, id);
}

namespace store {

int end_sessions(db::write_tx& tx, std::int64_t applicant_id) {
    return tx.exec(R"sql(DELETE FROM session WHERE applicant_id = $1)sql", applicant_id);
}

std::int64_t insert_applicant(db::write_tx& tx, const registration& r) {
    const auto id = tx.new_id();
    const std::string sealed = tx.vault().seal(r.contact_phone);
    tx.exec(
        R"sql(INSERT INTO applicant (id, uscc, name, search_name, status, region_code, address, contact_name,
                contact_phone, legal_person, status_at, status_reason, created_at, version)
              VALUES ($1, $2, $3, $3, 'pending', $4, $5, $6, $7, $8, $9, '', $9, 1))sql",
        id, r.uscc, r.name, r.region_code, r.address, r.contact_name, db::blob_view{sealed}, r.legal_person,
        tx.now());
    return id;
}

bool change_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to,
                   std::string_view reason) {
    return tx.exec(R"sql(UPDATE applicant SET status = $1, status_at = $2, status_reason = $3
                         WHERE id = $4 AND status = $5)sql",
                   to, tx.now(), reason, id, from) == 1;
}

bool update_applicant(db::write_tx& tx, std::int64_t id, std::int64_t version, const registration& r) {
    const std::string sealed = tx.vault().seal(r.contact_phone);
    return tx.exec(
               R"sql(UPDATE applicant SET uscc = $1, name = $2, region_code = $3, address = $4, contact_name = $5,
                       contact_phone = $6, legal_person = $7, version = version + 1
                     WHERE id = $8 AND version = $9)sql",
               r.uscc, r.name, r.region_code, r.address, r.contact_name, db::blob_view{sealed},
               r.legal_person, id, version) == 1;
}

namespace {

// One literal per way into the table: each walks its index in the order shown.
constexpr std::string_view in_any_status =
    R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at,
                 legal_person, status_reason, status_at, version
          FROM applicant
          WHERE (status_at, id) > ($1, $2) AND region_code >= $3 AND region_code < $4
            AND ($5 = '' OR uscc = $5 OR name LIKE $6 ESCAPE '\')
          ORDER BY status_at, id LIMIT $7)sql";
constexpr std::string_view in_one_status =
    R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at,
                 legal_person, status_reason, status_at, version
          FROM applicant
          WHERE (status_at, id) > ($1, $2) AND region_code >= $3 AND region_code < $4
            AND ($5 = '' OR uscc = $5 OR name LIKE $6 ESCAPE '\') AND status = $7
          ORDER BY status_at, id LIMIT $8)sql";

} // namespace

std::vector<applicant> list_in_area(db::read_view& view, std::string_view area, const applicant_filter& f,
                                    applicant_key after, int limit) {
    const std::string last = std::string(area) + ":"; // follows every digit
    const std::string like = containing(f.text);
    std::vector<applicant> all;
    const auto take = [&](db::rows found) {
        for (const auto r : found) {
            all.push_back(applicant_of(view, r));
            all.back().contact_phone = mask_phone(all.back().contact_phone);
        }
    };
    if (f.status.empty())
        take(view.query(in_any_status, after.time, after.id, area, last, f.text, like, limit));
    else
        take(view.query(in_one_status, after.time, after.id, area, last, f.text, like, f.status, limit));
    return all;
}

int count_in_area(db::read_view& view, std::string_view area, std::string_view status) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM applicant WHERE status = $1 AND region_code >= $2 AND region_code < $3)sql",
        status, area, std::string(area) + ":"));
}

} // namespace store
} // namespace core::account
