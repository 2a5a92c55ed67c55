#include "core/account/binding_store.hpp"

#include "core/base/ids.hpp"

#include <algorithm>

namespace core::account {
namespace {

using namespace std::chrono_literals;

std::string_view code_of(oauth_purpose p) {
    return p == oauth_purpose::account ? "account" : "website";
}

std::vector<binding> read(db::rows found) {
    std::vector<binding> all;
    for (const auto r : found)
        all.push_back({r.number(0), r.text(1), r.number(2), r.number(3), r.text(4), r.text(5), r.time(6)});
    return all;
}

} // namespace

std::vector<binding> list_by_openid(db::read_view& view, std::string_view openid) {
    return read(
        view.query(R"sql(SELECT b.id, b.openid, b.login_id, b.applicant_id, l.display_name, a.name, b.bound_at
                                 FROM binding b JOIN login l ON l.id = b.login_id JOIN applicant a ON a.id = b.applicant_id
                                 WHERE b.openid = $1 AND b.unbound_at IS NULL ORDER BY b.id)sql",
                   openid));
}

std::vector<binding> list_acting(db::read_view& view, std::string_view openid) {
    return read(
        view.query(R"sql(SELECT b.id, b.openid, b.login_id, b.applicant_id, l.display_name, a.name, b.bound_at
                                 FROM binding b JOIN login l ON l.id = b.login_id JOIN applicant a ON a.id = b.applicant_id
                                 WHERE b.openid = $1 AND b.unbound_at IS NULL AND l.status = 'active' AND a.status <> 'suspended'
                                 ORDER BY b.id)sql",
                   openid));
}

std::vector<binding> list_by_login(db::read_view& view, std::int64_t login_id, std::int64_t applicant_id) {
    return read(
        view.query(R"sql(SELECT b.id, b.openid, b.login_id, b.applicant_id, l.display_name, a.name, b.bound_at
                                 FROM binding b JOIN login l ON l.id = b.login_id JOIN applicant a ON a.id = b.applicant_id
                                 WHERE b.login_id = $1 AND b.applicant_id = $2 AND b.unbound_at IS NULL ORDER BY b.id)sql",
                   login_id, applicant_id));
}

std::vector<binding> list_by_applicant(db::read_view& view, std::int64_t applicant_id) {
    return read(
        view.query(R"sql(SELECT b.id, b.openid, b.login_id, b.applicant_id, l.display_name, a.name, b.bound_at
                                 FROM binding b JOIN login l ON l.id = b.login_id JOIN applicant a ON a.id = b.applicant_id
                                 WHERE b.applicant_id = $1 AND b.unbound_at IS NULL AND l.status = 'active'
                                 ORDER BY b.id)sql",
                   applicant_id));
}

std::optional<binding> find_binding(db::read_view& view, std::int64_t id) {
    auto found = read(
        view.query(R"sql(SELECT b.id, b.openid, b.login_id, b.applicant_id, l.display_name, a.name, b.bound_at
                                 FROM binding b JOIN login l ON l.id = b.login_id JOIN applicant a ON a.id = b.applicant_id
                                 WHERE b.id = $1 AND b.unbound_at IS NULL)sql",
                   id));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<binding> list_acting_by_unionid(db::read_view& view, std::string_view unionid) {
    return read(
        view.query(R"sql(SELECT b.id, b.openid, b.login_id, b.applicant_id, l.display_name, a.name, b.bound_at
                                 FROM binding b JOIN login l ON l.id = b.login_id JOIN applicant a ON a.id = b.applicant_id
                                 WHERE b.unionid = $1 AND b.unbound_at IS NULL AND l.status = 'active' AND a.status <> 'suspended'
                                 ORDER BY b.id)sql",
                   unionid));
}

std::vector<std::string> list_without_unionid(db::read_view& view, int most) {
    std::vector<std::string> all;
    for (const auto r : view.query(R"sql(SELECT openid FROM binding
                                         WHERE unbound_at IS NULL AND unionid IS NULL AND union_asked_at < $1
                                         ORDER BY union_asked_at, id LIMIT $2)sql",
                                   view.now() - 24h, most))
        if (std::find(all.begin(), all.end(), r.view(0)) == all.end()) all.push_back(r.text(0));
    return all;
}

unionid_count count_unionids(db::read_view& view) {
    unionid_count n;
    n.asked = static_cast<int>(view.query_number(
        R"sql(SELECT count(DISTINCT openid) FROM binding WHERE unbound_at IS NULL AND union_asked_at > 0)sql"));
    n.known = static_cast<int>(view.query_number(
        R"sql(SELECT count(DISTINCT openid) FROM binding WHERE unbound_at IS NULL AND unionid IS NOT NULL)sql"));
    return n;
}

void record_unionid(db::write_tx& tx, std::string_view openid, std::string_view unionid) {
    const auto known = unionid.empty() ? std::nullopt : std::optional(std::string(unionid));
    tx.exec(R"sql(UPDATE binding SET union_asked_at = $1, unionid = coalesce($2, unionid)
                  WHERE openid = $3 AND unbound_at IS NULL)sql",
            tx.now(), known, openid);
}

bool was_unbound(db::read_view& view, std::string_view openid, std::int64_t applicant_id) {
    return view.query_number(
               R"sql(SELECT count(*) FROM binding WHERE openid = $1 AND applicant_id = $2 AND unbound_at IS NOT NULL
                       AND NOT EXISTS (SELECT 1 FROM binding o WHERE o.openid = binding.openid
                                       AND o.applicant_id = binding.applicant_id AND o.unbound_at IS NULL))sql",
               openid, applicant_id) > 0;
}

bool is_open(db::read_view& view, std::int64_t id) {
    return view.query_number(R"sql(SELECT count(*) FROM binding WHERE id = $1 AND unbound_at IS NULL)sql",
                             id) == 1;
}

std::optional<std::string> find_reachable(db::read_view& view, std::int64_t id, std::int64_t institution_id,
                                          role_set roles) {
    return view.query_one([](db::row r) { return r.text(0); },
                          R"sql(SELECT b.openid FROM binding b JOIN login l ON l.id = b.login_id
                LEFT JOIN follower f ON f.openid = b.openid
              WHERE b.id = $1 AND b.unbound_at IS NULL AND l.status = 'active' AND coalesce(f.is_following, 1) = 1
                AND (EXISTS (SELECT 1 FROM applicant_member m
                             WHERE m.applicant_id = b.applicant_id AND m.login_id = b.login_id)
                     OR b.applicant_id IS NULL AND EXISTS (
                       SELECT 1 FROM staff_member s WHERE s.login_id = b.login_id
                         AND coalesce(s.institution_id, 0) = $2 AND (s.roles & $3) <> 0)))sql",
                          id, institution_id, static_cast<std::int64_t>(roles.bits()));
}

std::vector<binding> list_staff_bindings(db::read_view& view, std::int64_t institution_id, role_set roles) {
    return read(view.query(
        R"sql(SELECT b.id, b.openid, b.login_id, 0, l.display_name, '', b.bound_at
              FROM staff_member s JOIN login l ON l.id = s.login_id
                JOIN binding b ON b.login_id = s.login_id AND b.unbound_at IS NULL AND b.applicant_id IS NULL
              WHERE coalesce(s.institution_id, 0) = $1 AND (s.roles & $2) <> 0 AND l.status = 'active' ORDER BY b.id)sql",
        institution_id, static_cast<std::int64_t>(roles.bits())));
}

std::optional<std::string> find_staff_openid(db::read_view& view, std::int64_t login_id) {
    return view.query_one([](db::row r) { return r.text(0); },
                          R"sql(SELECT openid FROM binding
                                WHERE login_id = $1 AND applicant_id IS NULL AND unbound_at IS NULL
                                ORDER BY id DESC LIMIT 1)sql",
                          login_id);
}

bool has_staff_binding(db::read_view& view, std::int64_t login_id) {
    return view.query_number(
               R"sql(SELECT count(*) FROM binding WHERE login_id = $1 AND unbound_at IS NULL AND applicant_id IS NULL)sql",
               login_id) > 0;
}

std::string begin_oauth(db::write_tx& tx, oauth_purpose purpose, std::string_view browser,
                        std::string_view target, int tries) {
    std::string state = random_hex(24);
    const instant now = tx.now();
    tx.exec(
        R"sql(INSERT INTO oauth_state (state_hash, purpose, browser_hash, target, tries, created_at, expires_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7))sql",
        sha256_hex(state), code_of(purpose), sha256_hex(browser), target, tries, now, now + 10min);
    return state;
}

result<oauth_trip> use_oauth(db::write_tx& tx, oauth_purpose purpose, std::string_view state,
                             std::string_view browser) {
    const std::string hash = sha256_hex(state);
    const instant now = tx.now();
    const int found = tx.exec(R"sql(UPDATE oauth_state SET used_at = $1
                                    WHERE state_hash = $2 AND purpose = $3 AND browser_hash = $4 AND used_at IS NULL
                                      AND expires_at > $5)sql",
                              now, hash, code_of(purpose), sha256_hex(browser), now);
    auto trip = tx.query_one(
        [&](db::row r) {
            return oauth_trip{r.text(0), r.small(1), found == 0, r.text(2), r.text(3)};
        },
        R"sql(SELECT target, tries, coalesce(openid, ''), coalesce(unionid, '') FROM oauth_state
              WHERE state_hash = $1 AND purpose = $2 AND browser_hash = $3 AND expires_at > $4)sql",
        hash, code_of(purpose), sha256_hex(browser), now);
    if (!trip) return error(errc::invalid, "oauth.state");
    return std::move(*trip);
}

void reopen_oauth(db::write_tx& tx, std::string_view state) {
    tx.exec(R"sql(UPDATE oauth_state SET used_at = NULL WHERE state_hash = $1 AND openid IS NULL)sql",
            sha256_hex(state));
}

void keep_openid(db::write_tx& tx, std::string_view state, std::string_view openid,
                 std::string_view unionid) {
    tx.exec(
        R"sql(UPDATE oauth_state SET openid = $1, unionid = $2 WHERE state_hash = $3 AND used_at IS NOT NULL)sql",
        openid, unionid, sha256_hex(state));
}

std::optional<proven_openid> find_proven_openid(db::read_view& view, std::string_view browser) {
    return view.query_one(
        [](db::row r) {
            return proven_openid{r.text(0), r.text(1), r.text(2)};
        },
        R"sql(SELECT openid, coalesce(unionid, ''), target FROM oauth_state
              WHERE browser_hash = $1 AND purpose = 'account' AND openid IS NOT NULL AND expires_at > $2
              ORDER BY created_at DESC, used_at DESC LIMIT 1)sql",
        sha256_hex(browser), view.now());
}

void forget_proven_openid(db::write_tx& tx, std::string_view browser) {
    tx.exec(R"sql(UPDATE oauth_state SET openid = NULL, unionid = NULL WHERE browser_hash = $1)sql",
            sha256_hex(browser));
}

int purge_oauth(db::write_tx& tx) {
    return tx.exec(R"sql(DELETE FROM oauth_state WHERE expires_at < $1)sql", tx.now());
}

namespace store {

std::optional<binding> find_staff_binding(db::read_view& view, std::string_view openid) {
    auto found = read(view.query(R"sql(SELECT b.id, b.openid, b.login_id, 0, l.display_name, '', b.bound_at
                         FROM binding b JOIN login l ON l.id = b.login_id
                         WHERE b.openid = $1 AND b.applicant_id IS NULL AND b.unbound_at IS NULL)sql",
                                 openid));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::int64_t insert_binding(db::write_tx& tx, std::string_view openid, std::string_view unionid,
                            std::int64_t login, std::int64_t applicant) {
    const auto id = tx.new_id();
    const std::optional<std::string> union_id =
        unionid.empty() ? std::nullopt : std::optional(std::string(unionid));
    tx.exec(
        R"sql(INSERT INTO binding (id, openid, unionid, login_id, applicant_id, bound_at, union_asked_at)
              VALUES ($1, $2, $3, $4, $5, $6, 0))sql",
        id, openid, union_id, login, applicant == 0 ? std::nullopt : std::optional(applicant), tx.now());
    return id;
}

void want_tag(db::write_tx& tx, std::string_view openid, bool wanted) {
    tx.exec(
        R"sql(INSERT INTO staff_tag (openid, is_wanted, is_put, tries, next_at, why) VALUES ($1, $2, 0, 0, $3, '')
                  ON CONFLICT (openid) DO UPDATE SET is_wanted = excluded.is_wanted, tries = 0,
                    next_at = excluded.next_at, why = '')sql",
        openid, wanted, tx.now());
}

bool close_binding(db::write_tx& tx, std::int64_t id) {
    return tx.exec(R"sql(UPDATE binding SET unbound_at = $1 WHERE id = $2 AND unbound_at IS NULL)sql",
                   tx.now(), id) == 1;
}

value facts_of(db::read_view& view, const actor& who) {
    value facts = value::object();
    const auto company =
        view.query_one([](db::row r) { return r.text(0); },
                       R"sql(SELECT name FROM applicant WHERE id = $1)sql", who.applicant_id);
    return facts.set("applicant", company.value_or(""))
        .set("person", who.name)
        .set("at", moment_text(view.now()));
}

} // namespace store
} // namespace core::account
