#include "core/account/session.hpp"

#include "core/account/binding.hpp"
#include "core/account/member.hpp"
#include "core/account/second_factor.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"

namespace core::account {

namespace {

factor_need need_of(db::read_view& view, role_set staff_roles, bool confirmed, bool passed) {
    if (confirmed) return passed ? factor_need::none : factor_need::code;
    return needs_second_factor(view, staff_roles) ? factor_need::set_up : factor_need::none;
}

// With everything the person is; find_session takes away what a waiting session is not good for.
std::optional<session> load(db::read_view& view, std::string_view token_hash) {
    const instant now = view.now();
    return view
        .query_one(
            [&](db::row r) -> std::optional<session> {
                session s;
                s.token_hash = std::string(token_hash);
                s.csrf = r.text(0);
                s.openid = r.text(1);
                s.seen_at = r.time(2);
                s.who.login_id = r.number(3);
                s.who.name = r.text(4);
                const bool staff = r.view(5) == "staff";
                s.who.kind = staff ? actor_kind::staff : actor_kind::applicant;
                s.who.applicant_id = r.number(6);
                s.who.roles = role_set::from_bits(static_cast<unsigned>(staff ? r.number(8) : r.number(7)));
                s.who.institution_id = r.number(9);
                s.applicant_status = r.text(10);
                s.must_change = r.flag(11);
                s.who.region_code = r.text(12);
                if (staff) s.factor = need_of(view, s.who.roles, r.flag(13), r.flag(14));
                const auto idle = staff ? idle_staff : idle_applicant;
                if (now - s.seen_at > idle || s.who.roles.empty()) return std::nullopt;
                return s;
            },
            R"sql(SELECT s.csrf, coalesce(s.openid, ''), s.seen_at, l.id, l.display_name, l.kind, coalesce(s.applicant_id, 0),
                coalesce(m.roles, 0), coalesce(f.roles, 0), coalesce(f.institution_id, 0), coalesce(a.status, ''), l.must_change, coalesce(f.region_code, ''),
                x.confirmed_at IS NOT NULL, s.factor_at IS NOT NULL
              FROM session s JOIN login l ON l.id = s.login_id
              LEFT JOIN applicant_member m ON m.login_id = l.id AND m.applicant_id = s.applicant_id
              LEFT JOIN applicant a ON a.id = s.applicant_id
              LEFT JOIN staff_member f ON f.login_id = l.id
              LEFT JOIN second_factor x ON x.login_id = l.id
              WHERE s.token_hash = $1 AND s.expires_at > $2 AND l.status = 'active'
                AND s.created_at >= l.password_changed_at AND coalesce(a.status, '') <> 'suspended')sql",
            token_hash, now)
        .value_or(std::nullopt);
}

} // namespace

new_session begin_session(db::write_tx& tx, const session_start& s) {
    const new_session made{random_hex(32), random_hex(16)};
    const std::optional<std::int64_t> applicant =
        s.applicant_id == 0 ? std::nullopt : std::optional(s.applicant_id);
    const std::optional<std::string> openid = s.openid.empty() ? std::nullopt : std::optional(s.openid);
    const instant now = tx.now();
    tx.exec(
        R"sql(INSERT INTO session (token_hash, login_id, applicant_id, csrf, via, openid, source, created_at, seen_at,
                    expires_at, factor_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql",
        sha256_hex(made.token), s.login_id, applicant, made.csrf, s.via, openid, s.source, now, now,
        now + longest_session, s.factor_passed ? std::optional(now) : std::nullopt);
    actor signer = load(tx, sha256_hex(made.token)).value_or(session{}).who;
    signer.login_id = s.login_id;
    signer.source = s.source;
    audit::append(tx, signer,
                  {.verb = "sign_in",
                   .subject_kind = "login",
                   .subject_id = s.login_id,
                   .note = s.via,
                   .applicant_id = s.applicant_id,
                   .institution_id = signer.institution_id});
    return made;
}

std::optional<session> find_session(db::read_view& view, std::string_view token_hash) {
    auto found = load(view, token_hash);
    if (!found || found->factor == factor_need::none) return found;
    found->who.roles = {};
    found->who.institution_id = 0;
    found->who.region_code.clear();
    return found;
}

void end_session(db::write_tx& tx, const actor& who, std::string_view token_hash) {
    if (tx.exec(R"sql(DELETE FROM session WHERE token_hash = $1)sql", token_hash) == 0) return;
    audit::append(tx, who,
                  {.verb = "sign_out",
                   .subject_kind = "login",
                   .subject_id = who.login_id,
                   .applicant_id = who.applicant_id});
}

void drop_session(db::write_tx& tx, std::string_view token_hash) {
    tx.exec(R"sql(DELETE FROM session WHERE token_hash = $1)sql", token_hash);
}

int end_sessions_of(db::write_tx& tx, std::int64_t login_id) {
    return tx.exec(R"sql(DELETE FROM session WHERE login_id = $1)sql", login_id);
}

int end_wechat_sessions(db::write_tx& tx, std::string_view openid, std::int64_t login_id,
                        std::int64_t applicant_id) {
    return tx.exec(
        R"sql(DELETE FROM session WHERE openid = $1 AND login_id = $2 AND coalesce(applicant_id, 0) = $3)sql",
        openid, login_id, applicant_id);
}

int end_wechat_sessions(db::write_tx& tx, std::string_view openid) {
    return tx.exec(R"sql(DELETE FROM session WHERE openid = $1)sql", openid);
}

result<new_session> switch_company(db::write_tx& tx, const actor& who, std::string_view token_hash,
                                   std::int64_t applicant_id) {
    const auto start = tx.query_one(
        [&](db::row r) {
            return session_start{r.number(0), applicant_id, r.text(1), r.text(2), r.text(3)};
        },
        R"sql(SELECT s.login_id, s.via, coalesce(s.openid, ''), s.source
              FROM session s JOIN applicant_member m ON m.login_id = s.login_id AND m.applicant_id = $1
              JOIN applicant a ON a.id = m.applicant_id AND a.status <> 'suspended'
              WHERE s.token_hash = $2)sql",
        applicant_id, token_hash);
    if (!start || start->login_id != who.login_id) return error(errc::not_found);
    if (was_unbound(tx, start->openid, applicant_id)) return error(errc::not_allowed, "binding.undone");
    end_session(tx, who, token_hash);
    return begin_session(tx, *start);
}

std::vector<open_session> list_sessions(db::read_view& view, const actor& who, std::int64_t login_id) {
    std::vector<open_session> all;
    const auto person = get_login(view, login_id);
    if (!person || !may_administer(view, who, *person)) return all;
    for (const auto r : view.query(R"sql(SELECT token_hash, via, source, created_at, seen_at FROM session
                                         WHERE login_id = $1 AND expires_at > $2 ORDER BY created_at DESC, token_hash)sql",
                                   login_id, view.now()))
        all.push_back({r.text(0), r.text(1), r.text(2), r.time(3), r.time(4)});
    return all;
}

result<> end_other_session(db::write_tx& tx, const actor& who, std::string_view token_hash) {
    const int ended = tx.exec(R"sql(DELETE FROM session WHERE token_hash = $1 AND login_id = $2)sql",
                              token_hash, who.login_id);
    if (ended == 0) return error(errc::not_found);
    audit::append(tx, who, {.verb = "end_session", .subject_kind = "login", .subject_id = who.login_id});
    return {};
}

int end_other_sessions(db::write_tx& tx, const actor& who, std::string_view kept_token_hash) {
    const int ended = tx.exec(R"sql(DELETE FROM session WHERE login_id = $1 AND token_hash <> $2)sql",
                              who.login_id, kept_token_hash);
    if (ended > 0)
        audit::append(tx, who, {.verb = "end_sessions", .subject_kind = "login", .subject_id = who.login_id});
    return ended;
}

int purge_sessions(db::write_tx& tx) {
    return tx.exec(R"sql(DELETE FROM session WHERE expires_at < $1)sql", tx.now());
}

} // namespace core::account
