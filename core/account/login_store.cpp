#include "core/account/login_store.hpp"

#include "core/base/text.hpp"

namespace core::account {
namespace {

void keep_old_password(db::write_tx& tx, std::int64_t id, std::string_view hash) {
    if (hash.size() < 2) return; // none set
    tx.exec(R"sql(INSERT INTO password_history (login_id, changed_at, hash) VALUES ($1, $2, $3)
                  ON CONFLICT (login_id, changed_at) DO UPDATE SET hash = excluded.hash)sql",
            id, tx.now(), hash);
}

login login_of(db::row r) {
    return {r.number(0), r.text(1), r.text(2), r.text(3), r.text(4), r.text(5), r.flag(6), r.time(7)};
}

} // namespace

std::optional<login> get_login(db::read_view& view, std::int64_t id) {
    return view.query_one(
        login_of,
        R"sql(SELECT id, username, kind, display_name, password_hash, status, must_change, password_changed_at
              FROM login WHERE id = $1)sql",
        id);
}

std::vector<membership> list_companies(db::read_view& view, std::int64_t login) {
    std::vector<membership> all;
    for (const auto r : view.query(R"sql(SELECT a.id, a.name, m.roles, a.status FROM applicant_member m
                                         JOIN applicant a ON a.id = m.applicant_id
                                         WHERE m.login_id = $1 AND a.status <> 'suspended' ORDER BY a.id)sql",
                                   login))
        all.push_back(
            {r.number(0), r.text(1), role_set::from_bits(static_cast<unsigned>(r.number(2))), r.text(3)});
    return all;
}

namespace store {

std::optional<login> find_login(db::read_view& view, std::string_view username) {
    return view.query_one(
        login_of,
        R"sql(SELECT id, username, kind, display_name, password_hash, status, must_change, password_changed_at
              FROM login WHERE username = $1)sql",
        username);
}

std::int64_t insert_login(db::write_tx& tx, std::string_view username, const new_login& l) {
    const auto id = tx.new_id();
    const instant now = tx.now();
    const std::string sealed = l.phone.empty() ? "" : tx.vault().seal(l.phone);
    const auto phone = l.phone.empty() ? std::nullopt : std::optional(db::blob_view{sealed});
    tx.exec(
        R"sql(INSERT INTO login (id, username, kind, display_name, phone, password_hash, status, must_change, created_at,
                    password_changed_at)
                  VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $8))sql",
        id, username, l.kind, tidy_line(l.display_name), phone, l.password_hash, l.must_change, now);
    keep_old_password(tx, id, l.password_hash);
    return id;
}

bool update_password(db::write_tx& tx, std::int64_t id, std::string_view hash, bool must_change) {
    keep_old_password(tx, id, hash);
    return tx.exec(
               R"sql(UPDATE login SET password_hash = $1, password_changed_at = $2, must_change = $3 WHERE id = $4)sql",
               hash, tx.now(), must_change, id) == 1;
}

std::vector<std::string> list_old_passwords(db::read_view& view, std::int64_t id, int most) {
    std::vector<std::string> all;
    for (
        const auto r : view.query(
            R"sql(SELECT hash FROM password_history WHERE login_id = $1 ORDER BY changed_at DESC LIMIT $2)sql",
            id, most))
        all.push_back(r.text(0));
    return all;
}

void forget_old_passwords(db::write_tx& tx, std::int64_t id, int keep) {
    tx.exec(R"sql(DELETE FROM password_history WHERE login_id = $1 AND changed_at NOT IN
                    (SELECT changed_at FROM password_history WHERE login_id = $1 ORDER BY changed_at DESC LIMIT $2))sql",
            id, keep);
}

void mark_must_change(db::write_tx& tx, std::int64_t id) {
    tx.exec(R"sql(UPDATE login SET must_change = 1 WHERE id = $1)sql", id);
}

void replace_hash(db::write_tx& tx, std::int64_t id, std::string_view hash) {
    tx.exec(R"sql(UPDATE login SET password_hash = $1 WHERE id = $2)sql", hash, id);
}

bool set_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to) {
    return tx.exec(R"sql(UPDATE login SET status = $1 WHERE id = $2 AND status = $3)sql", to, id, from) == 1;
}

void put_member(db::write_tx& tx, std::int64_t login, std::int64_t applicant, role_set roles) {
    tx.exec(R"sql(INSERT INTO applicant_member (login_id, applicant_id, roles) VALUES ($1, $2, $3)
                  ON CONFLICT (login_id, applicant_id) DO UPDATE SET roles = excluded.roles)sql",
            login, applicant, static_cast<std::int64_t>(roles.bits()));
}

void put_staff(db::write_tx& tx, std::int64_t login, std::int64_t institution, role_set roles,
               std::string_view region_code) {
    const std::optional<std::int64_t> where = institution == 0 ? std::nullopt : std::optional(institution);
    const std::optional<std::string_view> region =
        region_code.empty() ? std::nullopt : std::optional(region_code);
    tx.exec(
        R"sql(INSERT INTO staff_member (login_id, institution_id, region_code, roles) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (login_id) DO UPDATE SET institution_id = excluded.institution_id,
                    region_code = excluded.region_code, roles = excluded.roles)sql",
        login, where, region, static_cast<std::int64_t>(roles.bits()));
}

instant locked_until(db::read_view& view, std::string_view key) {
    return from_ms(view.query_number(R"sql(SELECT locked_until FROM attempt WHERE key = $1)sql", key));
}

int failures(db::read_view& view, std::string_view key) {
    return static_cast<int>(view.query_number(R"sql(SELECT failures FROM attempt WHERE key = $1)sql", key));
}

void count_failure(db::write_tx& tx, std::string_view key, int most, std::chrono::minutes window) {
    const instant now = tx.now();
    const auto known = tx.query_one([](db::row r) { return std::pair(r.small(0), r.time(1)); },
                                    R"sql(SELECT failures, window_at FROM attempt WHERE key = $1)sql", key);
    const bool fresh = !known || now - known->second >= window;
    const int count = fresh ? 1 : known->first + 1;
    const instant began = fresh ? now : known->second;
    const std::int64_t until = count >= most ? to_ms(now + window) : 0;
    tx.exec(R"sql(INSERT INTO attempt (key, failures, window_at, locked_until) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, window_at = excluded.window_at,
                    locked_until = excluded.locked_until)sql",
            key, count, began, until);
}

void forget(db::write_tx& tx, std::string_view key) {
    tx.exec(R"sql(DELETE FROM attempt WHERE key = $1)sql", key);
}

} // namespace store
} // namespace core::account
