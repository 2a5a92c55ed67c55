#include "core/account/contact_store.hpp"

#include "core/base/ids.hpp"

namespace core::account {
namespace {

std::vector<reachable> read(db::rows found) {
    std::vector<reachable> all;
    for (const auto r : found)
        all.push_back({r.number(0), r.text(1)});
    return all;
}

} // namespace

std::vector<reachable> list_reachable(db::read_view& view, std::int64_t applicant_id, contact how) {
    if (how == contact::email)
        return read(view.query(
            R"sql(SELECT m.login_id, e.tag FROM applicant_member m JOIN login l ON l.id = m.login_id
                    JOIN email e ON e.login_id = m.login_id
                  WHERE m.applicant_id = $1 AND l.status = 'active' ORDER BY m.login_id)sql",
            applicant_id));
    return read(view.query(
        R"sql(SELECT m.login_id, '' FROM applicant_member m JOIN login l ON l.id = m.login_id
              WHERE m.applicant_id = $1 AND l.status = 'active' AND ($2 = 0 OR length(l.phone) > 0)
              ORDER BY m.login_id)sql",
        applicant_id, how == contact::phone));
}

std::vector<reachable> list_reachable_staff(db::read_view& view, std::int64_t institution_id, role_set roles,
                                            contact how) {
    const auto bits = static_cast<std::int64_t>(roles.bits());
    if (how == contact::email)
        return read(view.query(
            R"sql(SELECT s.login_id, e.tag FROM staff_member s JOIN login l ON l.id = s.login_id
                    JOIN email e ON e.login_id = s.login_id
                  WHERE coalesce(s.institution_id, 0) = $1 AND (s.roles & $2) <> 0 AND l.status = 'active'
                  ORDER BY s.login_id)sql",
            institution_id, bits));
    return read(view.query(
        R"sql(SELECT s.login_id, '' FROM staff_member s JOIN login l ON l.id = s.login_id
              WHERE coalesce(s.institution_id, 0) = $1 AND (s.roles & $2) <> 0 AND l.status = 'active'
                AND ($3 = 0 OR length(l.phone) > 0) ORDER BY s.login_id)sql",
        institution_id, bits, how == contact::phone));
}

std::optional<std::string> find_contact(db::read_view& view, std::int64_t login_id, std::int64_t applicant_id,
                                        std::int64_t institution_id, role_set roles, contact how) {
    struct found {
        std::string email, phone;
    };
    const auto sealed = view.query_one(
        [](db::row r) {
            return found{r.blob(0), r.blob(1)};
        },
        R"sql(SELECT e.sealed, l.phone FROM login l LEFT JOIN email e ON e.login_id = l.id
              WHERE l.id = $1 AND l.status = 'active'
                AND (EXISTS (SELECT 1 FROM applicant_member m WHERE m.login_id = l.id AND m.applicant_id = $2)
                     OR EXISTS (SELECT 1 FROM staff_member s WHERE s.login_id = l.id
                                AND coalesce(s.institution_id, 0) = $3 AND (s.roles & $4) <> 0)))sql",
        login_id, applicant_id, institution_id, static_cast<std::int64_t>(roles.bits()));
    if (!sealed) return std::nullopt;
    const std::string& wanted = how == contact::email ? sealed->email : sealed->phone;
    const auto plain = wanted.empty() ? std::nullopt : view.vault().open(wanted);
    if (!plain && how != contact::any) return std::nullopt;
    return plain.value_or("");
}

namespace store {

std::optional<std::string> find_email(db::read_view& view, std::int64_t login) {
    const auto sealed = view.query_one([](db::row r) { return r.blob(0); },
                                       R"sql(SELECT sealed FROM email WHERE login_id = $1)sql", login);
    return sealed ? view.vault().open(*sealed) : std::nullopt;
}

void put_email(db::write_tx& tx, std::int64_t login, std::string_view address) {
    const std::string sealed = tx.vault().seal(address);
    tx.exec(R"sql(INSERT INTO email (login_id, sealed, tag, verified_at) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (login_id) DO UPDATE SET sealed = excluded.sealed, tag = excluded.tag,
                    verified_at = excluded.verified_at)sql",
            login, db::blob_view{sealed}, random_hex(4), tx.now());
}

bool remove_email(db::write_tx& tx, std::int64_t login) {
    return tx.exec(R"sql(DELETE FROM email WHERE login_id = $1)sql", login) == 1;
}

std::optional<email_check> find_email_check(db::read_view& view, std::int64_t login) {
    return view.query_one(
        [&](db::row r) {
            email_check c;
            c.address = r.is_null(0) ? "" : view.vault().open(r.blob(0)).value_or("");
            c.code_hash = r.text(1);
            c.tries = r.small(2);
            c.sent = r.small(3);
            c.expires_at = r.time(4);
            c.window_at = r.time(5);
            return c;
        },
        R"sql(SELECT sealed, code_hash, tries, sent, expires_at, window_at FROM email_check WHERE login_id = $1)sql",
        login);
}

void put_email_check(db::write_tx& tx, std::int64_t login, const email_check& c) {
    const std::string sealed = tx.vault().seal(c.address);
    tx.exec(
        R"sql(INSERT INTO email_check (login_id, sealed, code_hash, tries, sent, expires_at, window_at)
              VALUES ($1, $2, $3, 0, $4, $5, $6)
              ON CONFLICT (login_id) DO UPDATE SET sealed = excluded.sealed, code_hash = excluded.code_hash, tries = 0,
                sent = excluded.sent, expires_at = excluded.expires_at, window_at = excluded.window_at)sql",
        login, db::blob_view{sealed}, c.code_hash, c.sent, c.expires_at, c.window_at);
}

void count_email_try(db::write_tx& tx, std::int64_t login) {
    tx.exec(R"sql(UPDATE email_check SET tries = tries + 1 WHERE login_id = $1)sql", login);
}

void end_email_check(db::write_tx& tx, std::int64_t login) {
    tx.exec(
        R"sql(UPDATE email_check SET sealed = NULL, code_hash = '', expires_at = 0 WHERE login_id = $1)sql",
        login);
}

} // namespace store
} // namespace core::account
