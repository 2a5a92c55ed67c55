#include "core/privacy/privacy_store.hpp"

#include "core/appointment/appointment.hpp"

namespace core::privacy::store {
namespace {

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> all;
    for (const auto r : found)
        all.push_back(r.number(0));
    return all;
}

std::string moment_or_none(const std::optional<instant>& at) {
    return at ? moment_text(*at) : std::string();
}

template<class Make>
value list_of(db::rows found, Make make) {
    value all = value::array();
    for (const auto r : found)
        all.push(make(r));
    return all;
}

// What people type is text: % and _ mean themselves.
std::string ending_with(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern;
}

} // namespace

std::optional<person> find_person(db::read_view& view, std::int64_t login) {
    return view.query_one(
        [&](db::row r) {
            person p{r.number(0), r.text(1), r.text(2), r.text(3), r.text(4), "", "", r.time(6)};
            if (!r.is_null(5)) p.phone = view.vault().open(r.blob(5)).value_or("");
            if (!r.is_null(7)) p.email = view.vault().open(r.blob(7)).value_or("");
            return p;
        },
        R"sql(SELECT l.id, l.username, l.display_name, l.kind, l.status, l.phone, l.created_at, e.sealed
              FROM login l LEFT JOIN email e ON e.login_id = l.id WHERE l.id = $1)sql",
        login);
}

value list_companies(db::read_view& view, std::int64_t login) {
    return list_of(
        view.query(R"sql(SELECT a.uscc, a.name, m.roles FROM applicant_member m
                                      JOIN applicant a ON a.id = m.applicant_id
                                    WHERE m.login_id = $1 ORDER BY a.id)sql",
                   login),
        [](db::row r) {
            return value::object().set("uscc", r.view(0)).set("name", r.view(1)).set("roles", r.number(2));
        });
}

value list_bindings(db::read_view& view, std::int64_t login) {
    return list_of(
        view.query(
            R"sql(SELECT b.openid, coalesce(b.unionid, ''), coalesce(a.name, ''), b.bound_at, b.unbound_at
                                    FROM binding b LEFT JOIN applicant a ON a.id = b.applicant_id
                                    WHERE b.login_id = $1 ORDER BY b.id)sql",
            login),
        [](db::row r) {
            value one = value::object();
            one.set("openid", r.view(0)).set("unionid", r.view(1)).set("company", r.view(2));
            return one.set("bound_at", moment_text(r.time(3)))
                .set("unbound_at", moment_or_none(r.maybe_time(4)));
        });
}

value list_sessions(db::read_view& view, std::int64_t login) {
    return list_of(
        view.query(
            R"sql(SELECT via, source, created_at, seen_at FROM session WHERE login_id = $1 ORDER BY created_at)sql",
            login),
        [](db::row r) {
            return value::object()
                .set("via", r.view(0))
                .set("source", r.view(1))
                .set("created_at", moment_text(r.time(2)))
                .set("seen_at", moment_text(r.time(3)));
        });
}

value list_wishes(db::read_view& view, std::int64_t login) {
    value all = list_of(
        view.query(R"sql(SELECT kind, at FROM unwanted_kind WHERE login_id = $1 ORDER BY kind)sql", login),
        [](db::row r) {
            return value::object().set("unwanted", r.view(0)).set("at", moment_text(r.time(1)));
        });
    for (const auto r :
         view.query(R"sql(SELECT quiet_from, quiet_until FROM person_quiet WHERE login_id = $1)sql", login))
        all.push(value::object()
                     .set("quiet_from", to_minute_text(r.small(0)))
                     .set("quiet_until", to_minute_text(r.small(1))));
    for (const auto r :
         view.query(R"sql(SELECT kind, ways FROM person_ways WHERE login_id = $1 ORDER BY kind)sql", login))
        all.push(value::object().set("ways", r.view(1)).set("of_kind", r.view(0)));
    return all;
}

value list_acts(db::read_view& view, std::int64_t login, int most) {
    return list_of(view.query(R"sql(SELECT at, verb, subject_kind, subject_id, source, note FROM audit
                                    WHERE actor_id = $1 AND actor_id <> 0 ORDER BY at DESC, id DESC LIMIT $2)sql",
                              login, most),
                   [](db::row r) {
                       value one = value::object();
                       one.set("at", moment_text(r.time(0))).set("verb", r.view(1)).set("subject", r.view(2));
                       return one.set("subject_id", std::to_string(r.number(3)))
                           .set("source", r.view(4))
                           .set("note", r.view(5));
                   });
}

std::optional<std::string> find_orphaned_company(db::read_view& view, std::int64_t login) {
    return view.query_one(
        [](db::row r) { return r.text(0); },
        R"sql(SELECT a.name FROM applicant_member m JOIN applicant a ON a.id = m.applicant_id
                                WHERE m.login_id = $1 AND (m.roles & 1) <> 0 AND a.status IN ('pending', 'active')
                                  AND NOT EXISTS (SELECT 1 FROM applicant_member o JOIN login l ON l.id = o.login_id
                                                  WHERE o.applicant_id = a.id AND o.login_id <> m.login_id
                                                    AND (o.roles & 1) <> 0 AND l.status = 'active')
                                ORDER BY a.id LIMIT 1)sql",
        login);
}

bool is_last_admin(db::read_view& view, std::int64_t login) {
    return view.query_number(
               R"sql(SELECT (SELECT count(*) FROM staff_member s JOIN login l ON l.id = s.login_id
                                           WHERE l.id = $1 AND (s.roles & 256) <> 0 AND l.status = 'active')
                                        - (SELECT count(*) FROM staff_member s JOIN login l ON l.id = s.login_id
                                           WHERE (s.roles & 256) <> 0 AND l.status = 'active'))sql",
               login) == 0 &&
           view.query_number(R"sql(SELECT count(*) FROM staff_member s JOIN login l ON l.id = s.login_id
                                   WHERE l.id = $1 AND (s.roles & 256) <> 0 AND l.status = 'active')sql",
                             login) == 1;
}

std::vector<std::string> list_openids(db::read_view& view, std::int64_t login) {
    std::vector<std::string> all;
    for (const auto r : view.query(R"sql(SELECT DISTINCT openid FROM binding WHERE login_id = $1)sql", login))
        all.push_back(r.text(0));
    return all;
}

void blank_contacts_of(db::write_tx& tx, const person& p) {
    appointment::forget_contacts(tx, ids_of(tx.query(
                                         R"sql(SELECT id FROM appointment_order
                      WHERE closed_at IS NOT NULL AND contact_name = $1
                        AND applicant_id IN (SELECT applicant_id FROM applicant_member WHERE login_id = $2))sql",
                                         p.display_name, p.id)));
}

void blank_person(db::write_tx& tx, const person& p, std::string_view name) {
    tx.exec(
        R"sql(UPDATE login SET username = $1, display_name = $2, phone = NULL, password_hash = '!', status = 'disabled',
                    must_change = 0, password_changed_at = $3 WHERE id = $4)sql",
        "erased-" + std::to_string(p.id), name, tx.now(), p.id);
    tx.exec(R"sql(UPDATE invitation SET note = '' WHERE used_by = $1)sql", p.id);
}

void drop_traces(db::write_tx& tx, std::int64_t login) {
    tx.exec(R"sql(DELETE FROM password_history WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM password_reset WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM recovery_code WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM second_factor WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM session WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM scan WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM applicant_member WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM staff_member WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM notification_preference WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM unwanted_kind WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM person_quiet WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM person_ways WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM email WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM email_check WHERE login_id = $1)sql", login);
    tx.exec(R"sql(UPDATE unreached SET note = '' WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM inbox_exception WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM inbox_mark WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM done_request WHERE login_id = $1)sql", login);
    tx.exec(R"sql(UPDATE delivery SET body = '' WHERE login_id = $1 AND lane = 0)sql", login);
}

void replace_openid(db::write_tx& tx, std::string_view openid, std::string_view by) {
    tx.exec(
        R"sql(UPDATE binding SET openid = $1, unionid = NULL WHERE openid = $2 AND unbound_at IS NOT NULL)sql",
        by, openid);
    tx.exec(R"sql(UPDATE delivery SET address = $1, body = replace(body, $2, $1) WHERE address = $2)sql", by,
            openid);
    tx.exec(R"sql(DELETE FROM channel_refusal WHERE address = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM receipt WHERE openid = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM wx_inbox WHERE openid = $1 AND state = 'done')sql", openid);
    tx.exec(R"sql(DELETE FROM follower WHERE openid = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM follower WHERE moved_to = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM oauth_state WHERE openid = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM scan WHERE openid = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM password_reset WHERE openid = $1)sql", openid);
    tx.exec(R"sql(DELETE FROM attempt WHERE key LIKE $1 ESCAPE '\')sql", ending_with(openid));
}

bool has_open_orders(db::read_view& view, std::int64_t applicant) {
    return view.query_number(
               R"sql(SELECT count(*) FROM appointment_order WHERE applicant_id = $1 AND closed_at IS NULL)sql",
               applicant) > 0;
}

std::vector<std::int64_t> list_only_here(db::read_view& view, std::int64_t applicant) {
    std::vector<std::int64_t> all;
    for (const auto r : view.query(R"sql(SELECT m.login_id FROM applicant_member m
                                         WHERE m.applicant_id = $1 AND NOT EXISTS
                                           (SELECT 1 FROM applicant_member o WHERE o.login_id = m.login_id
                                              AND o.applicant_id <> m.applicant_id)
                                         ORDER BY m.login_id)sql",
                                   applicant))
        all.push_back(r.number(0));
    return all;
}

void blank_company(db::write_tx& tx, std::int64_t applicant, std::string_view name) {
    const std::string none = tx.vault().seal("");
    tx.exec(
        R"sql(UPDATE applicant SET contact_name = $1, contact_phone = $2, legal_person = '', version = version + 1
                  WHERE id = $3)sql",
        name, db::blob_view{none}, applicant);
    appointment::forget_contacts(
        tx, ids_of(tx.query(R"sql(SELECT id FROM appointment_order WHERE applicant_id = $1)sql", applicant)));
    tx.exec(R"sql(DELETE FROM applicant_document WHERE applicant_id = $1)sql", applicant);
    tx.exec(R"sql(DELETE FROM invitation WHERE applicant_id = $1)sql", applicant);
    tx.exec(R"sql(DELETE FROM session WHERE applicant_id = $1)sql", applicant);
    tx.exec(R"sql(DELETE FROM notification_preference WHERE applicant_id = $1)sql", applicant);
    tx.exec(R"sql(UPDATE binding SET unbound_at = $1 WHERE applicant_id = $2 AND unbound_at IS NULL)sql",
            tx.now(), applicant);
    tx.exec(R"sql(DELETE FROM applicant_member WHERE applicant_id = $1)sql", applicant);
}

value list_orders(db::read_view& view, std::int64_t applicant, std::int64_t after, int limit) {
    value all = value::array();
    value* lines = nullptr;
    std::int64_t last = 0;
    for (
        const auto r : view.query(
            R"sql(SELECT o.id, o.number, n.name, o.method, o.day, o.starts, o.status, o.contact_name, o.note, o.reason,
                     i.name, i.serial_no, l.status, coalesce(v.certificate_no, ''), coalesce(v.valid_until, '')
                   FROM (SELECT * FROM appointment_order WHERE applicant_id = $1 AND id > $2 ORDER BY id LIMIT $3) o
                     JOIN institution n ON n.id = o.institution_id
                     JOIN appointment_line l ON l.order_id = o.id JOIN instrument i ON i.id = l.instrument_id
                     LEFT JOIN verification_result v ON v.line_id = l.id AND v.version =
                       (SELECT max(w.version) FROM verification_result w WHERE w.line_id = l.id)
                   ORDER BY o.id, l.id)sql",
            applicant, after, limit)) {
        if (r.number(0) != last) {
            last = r.number(0);
            value& o = all.push(value::object());
            o.set("id", std::to_string(last)).set("number", r.view(1)).set("institution", r.view(2));
            o.set("method", r.view(3))
                .set("day", r.view(4))
                .set("starts", r.number(5))
                .set("status", r.view(6));
            o.set("contact", r.view(7)).set("note", r.view(8)).set("reason", r.view(9));
            lines = &o["lines"];
        }
        value line = value::object();
        line.set("instrument", r.view(10)).set("serial_no", r.view(11)).set("status", r.view(12));
        lines->push(line.set("certificate_no", r.view(13)).set("valid_until", r.view(14)));
    }
    return all;
}

std::vector<std::string> list_unbound(db::read_view& view, instant before, int most) {
    std::vector<std::string> all;
    for (const auto r : view.query(R"sql(SELECT DISTINCT b.openid FROM binding b
                                         WHERE b.unbound_at IS NOT NULL AND b.unbound_at < $1 AND b.openid NOT LIKE 'gone-%'
                                           AND NOT EXISTS (SELECT 1 FROM binding o WHERE o.openid = b.openid
                                                             AND (o.unbound_at IS NULL OR o.unbound_at >= $1))
                                         LIMIT $2)sql",
                                   before, most))
        all.push_back(r.text(0));
    return all;
}

int drop_followers(db::write_tx& tx, instant before, int most) {
    return tx.exec(R"sql(DELETE FROM follower WHERE openid IN
                           (SELECT openid FROM follower WHERE is_following = 0 AND changed_at < $1 LIMIT $2))sql",
                   before, most);
}

int blank_old_contacts(db::write_tx& tx, instant closed_before, int most) {
    const auto old = ids_of(tx.query(R"sql(SELECT id FROM appointment_order
                                           WHERE closed_at IS NOT NULL AND closed_at < $1 AND contact_name <> ''
                                           ORDER BY closed_at LIMIT $2)sql",
                                     closed_before, most));
    appointment::forget_contacts(tx, old);
    return static_cast<int>(old.size());
}

} // namespace core::privacy::store
