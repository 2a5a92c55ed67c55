#include "core/account/applicant_store.hpp"

#include "core/account/search_store.hpp"
#include "core/account/uscc.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"

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
    put_searched(tx, id);
    return id;
}

bool change_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to,
                   std::string_view reason) {
    const std::string before = searched_grams(tx, id);
    const bool changed = tx.exec(R"sql(UPDATE applicant SET status = $1, status_at = $2, status_reason = $3
                                       WHERE id = $4 AND status = $5)sql",
                                 to, tx.now(), reason, id, from) == 1;
    if (changed) put_changed(tx, id, before);
    return changed;
}

bool update_applicant(db::write_tx& tx, std::int64_t id, std::int64_t version, const registration& r) {
    const std::string sealed = tx.vault().seal(r.contact_phone);
    const std::string before = searched_grams(tx, id);
    const bool changed =
        tx.exec(
            R"sql(UPDATE applicant SET uscc = $1, name = $2, region_code = $3, address = $4, contact_name = $5,
                       contact_phone = $6, legal_person = $7, version = version + 1
                     WHERE id = $8 AND version = $9)sql",
            r.uscc, r.name, r.region_code, r.address, r.contact_name, db::blob_view{sealed}, r.legal_person,
            id, version) == 1;
    if (changed) put_changed(tx, id, before);
    return changed;
}

namespace {

// One literal per way into the table: each walks its index in the order shown.
constexpr std::string_view in_any_status =
    R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at,
                 legal_person, status_reason, status_at, version
          FROM applicant
          WHERE (status_at, id) > ($1, $2) AND region_code >= $3 AND region_code < $4
          ORDER BY status_at, id LIMIT $5)sql";
constexpr std::string_view in_one_status =
    R"sql(SELECT id, uscc, name, status, region_code, address, contact_name, contact_phone, created_at,
                 legal_person, status_reason, status_at, version
          FROM applicant
          WHERE (status_at, id) > ($1, $2) AND region_code >= $3 AND region_code < $4 AND status = $5
          ORDER BY status_at, id LIMIT $6)sql";

// Each a lookup by key: few or one page.
std::vector<applicant> read_all(db::read_view& view, const std::vector<std::int64_t>& ids) {
    std::vector<applicant> all;
    for (const auto id : ids)
        if (auto one = find_applicant(view, id)) all.push_back(std::move(*one));
    return all;
}

// The next of the list by time; with a text that can't be looked up those of them whose name has it.
std::vector<applicant> walk_area(db::read_view& view, std::string_view area, const applicant_filter& f,
                                 applicant_key after, int limit) {
    const std::string key = db::search_key(f.text);
    if (key.empty() && !f.text.empty()) return {};    // signs only
    const std::string last = std::string(area) + ":"; // follows every digit
    const int read = key.empty() ? limit : most_looked_at;
    std::vector<applicant> all;
    const auto take = [&](db::rows found) {
        for (const auto r : found) {
            if (all.size() == static_cast<std::size_t>(limit)) return;
            if (key.empty() || db::has_words({r.view(2)}, key)) all.push_back(applicant_of(view, r));
        }
    };
    if (f.status.empty())
        take(view.query(in_any_status, after.time, after.id, area, last, read));
    else
        take(view.query(in_one_status, after.time, after.id, area, last, f.status, read));
    return all;
}

std::vector<applicant> of_code(db::read_view& view, std::string_view code, std::string_view area,
                               const applicant_filter& f) {
    auto found = find_applicant_by_uscc(view, code);
    if (!found || !found->region_code.starts_with(area)) return {};
    if (!f.status.empty() && f.status != found->status) return {};
    return {std::move(*found)};
}

} // namespace

std::vector<applicant> list_in_area(db::read_view& view, std::string_view area, const applicant_filter& f,
                                    applicant_key after, int limit) {
    std::vector<applicant> all;
    if (const auto code = check_uscc(f.text))
        all = after.id == 0 ? of_code(view, *code, area, f) : std::vector<applicant>();
    else if (db::is_searchable(f.text))
        all = read_all(view, find_in_area(view, area, f, after.id, limit));
    else
        all = walk_area(view, area, f, after, limit);
    for (auto& one : all)
        one.contact_phone = mask_phone(one.contact_phone);
    return all;
}

int count_in_area(db::read_view& view, std::string_view area, std::string_view status) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM applicant WHERE status = $1 AND region_code >= $2 AND region_code < $3)sql",
        status, area, std::string(area) + ":"));
}

} // namespace store
} // namespace core::account
