#include "notify/hub/search_store.hpp"

namespace notify::store {
namespace {

found_delivery found_of(core::db::row r) {
    found_delivery d;
    d.id = r.number(0);
    d.outbox_id = r.number(1);
    d.kind = r.text(2);
    d.title = r.text(3);
    d.channel = r.text(4);
    d.status = r.text(5);
    d.attempts = r.small(6);
    d.errcode = r.small(7);
    d.may_repeat = r.flag(8);
    d.created_at = r.time(9);
    d.status_at = r.time(10);
    d.applicant_name = r.text(11);
    d.person_name = r.text(12);
    d.errmsg = r.text(13);
    return d;
}

void walk(core::db::rows all, const seen_fn& seen) {
    for (const auto r : all)
        if (!seen(found_of(r))) return;
}

std::vector<std::string> texts_of(core::db::rows found) {
    std::vector<std::string> all;
    for (const auto r : found)
        all.push_back(r.text(0));
    return all;
}

// The first text that does not begin so: U+10FFFF is the last character there is.
std::string beyond(std::string_view beginning) {
    return std::string(beginning) + "\xF4\x8F\xBF\xBF";
}

} // namespace

void walk_newest(core::db::read_view& view, std::int64_t institution, std::int64_t below, int most,
                 const seen_fn& seen) {
    if (institution < 0)
        return walk(
            view.query(
                R"sql(SELECT id, outbox_id, kind, title, channel, status, attempts, errcode, may_repeat,
                                 created_at, status_at, applicant_name, person_name, errmsg
                               FROM delivery_found WHERE id < $1 ORDER BY id DESC LIMIT $2)sql",
                below, most),
            seen);
    walk(view.query(R"sql(SELECT id, outbox_id, kind, title, channel, status, attempts, errcode, may_repeat,
                        created_at, status_at, applicant_name, person_name, errmsg
                      FROM delivery_found WHERE institution_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3)sql",
                    institution, below, most),
         seen);
}

void walk_trouble(core::db::read_view& view, std::int64_t institution, std::string_view status,
                  std::int64_t below, int most, const seen_fn& seen) {
    if (institution < 0)
        return walk(
            view.query(
                R"sql(SELECT id, outbox_id, kind, title, channel, status, attempts, errcode, may_repeat,
                                 created_at, status_at, applicant_name, person_name, errmsg
                               FROM delivery_found
                               WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') AND status = $1
                                 AND id < $2 ORDER BY id DESC LIMIT $3)sql",
                status, below, most),
            seen);
    walk(view.query(R"sql(SELECT id, outbox_id, kind, title, channel, status, attempts, errcode, may_repeat,
                        created_at, status_at, applicant_name, person_name, errmsg
                      FROM delivery_found
                      WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') AND institution_id = $1
                        AND status = $2 AND id < $3 ORDER BY id DESC LIMIT $4)sql",
                    institution, status, below, most),
         seen);
}

void walk_address(core::db::read_view& view, std::int64_t institution, std::string_view address,
                  std::int64_t below, int most, const seen_fn& seen) {
    walk(view.query(R"sql(SELECT id, outbox_id, kind, title, channel, status, attempts, errcode, may_repeat,
                        created_at, status_at, applicant_name, person_name, errmsg
                      FROM delivery_found WHERE address = $1 AND id < $2 AND ($3 < 0 OR institution_id = $4)
                      ORDER BY id DESC LIMIT $5)sql",
                    address, below, institution, institution, most),
         seen);
}

void walk_order(core::db::read_view& view, std::int64_t institution, std::string_view number,
                const seen_fn& seen) {
    walk(
        view.query(
            R"sql(SELECT d.id, d.outbox_id, d.kind, d.title, d.channel, d.status, d.attempts, d.errcode, d.may_repeat,
                        d.created_at, d.status_at, d.applicant_name, d.person_name, d.errmsg
                      FROM appointment_order o JOIN outbox e ON e.subject_kind = 'order' AND e.subject_id = o.id
                        JOIN delivery_found d ON d.outbox_id = e.id
                      WHERE o.number = $1 AND ($2 < 0 OR d.institution_id = $3)
                      ORDER BY e.id DESC, d.id DESC LIMIT 500)sql",
            number, institution, institution),
        seen);
}

void walk_company(core::db::read_view& view, std::int64_t institution, std::int64_t applicant,
                  std::int64_t below, int most, const seen_fn& seen) {
    walk(
        view.query(
            R"sql(SELECT d.id, d.outbox_id, d.kind, d.title, d.channel, d.status, d.attempts, d.errcode, d.may_repeat,
                        d.created_at, d.status_at, d.applicant_name, d.person_name, d.errmsg
                      FROM outbox e JOIN delivery_found d ON d.outbox_id = e.id
                      WHERE e.to_company = 1 AND e.applicant_id = $1 AND e.id < $2 AND ($3 < 0 OR d.institution_id = $4)
                      ORDER BY e.id DESC LIMIT $5)sql",
            applicant, below, institution, institution, most),
        seen);
}

std::vector<std::int64_t> companies_named(core::db::read_view& view, std::string_view beginning, int most) {
    std::vector<std::int64_t> all;
    for (const auto r :
         view.query(R"sql(SELECT id FROM applicant WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3)sql",
                    beginning, beyond(beginning), most))
        all.push_back(r.number(0));
    return all;
}

std::vector<std::string> addresses_of_person(core::db::read_view& view, std::string_view name, int most) {
    return texts_of(view.query(
        R"sql(SELECT DISTINCT b.openid FROM login l JOIN binding b ON b.login_id = l.id AND b.unbound_at IS NULL
              WHERE l.display_name = $1 LIMIT $2)sql",
        name, most));
}

std::vector<std::int64_t> people_named(core::db::read_view& view, std::string_view name, int most) {
    std::vector<std::int64_t> all;
    for (const auto r :
         view.query(R"sql(SELECT id FROM login WHERE display_name = $1 ORDER BY id LIMIT $2)sql", name, most))
        all.push_back(r.number(0));
    return all;
}

std::vector<std::string> addresses_beginning(core::db::read_view& view, std::string_view text, int most) {
    return texts_of(view.query(
        R"sql(SELECT DISTINCT address FROM delivery WHERE address >= $1 AND address < $2 ORDER BY address LIMIT $3)sql",
        text, beyond(text), most));
}

int count_of(core::db::read_view& view, std::int64_t institution, std::string_view status, int most) {
    if (institution < 0)
        return static_cast<int>(view.query_number(
            R"sql(SELECT count(*) FROM (SELECT id FROM delivery
                    WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') AND status = $1 LIMIT $2) AS some)sql",
            status, most));
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM (SELECT id FROM delivery
                WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') AND institution_id = $1
                  AND status = $2 LIMIT $3) AS some)sql",
        institution, status, most));
}

} // namespace notify::store
