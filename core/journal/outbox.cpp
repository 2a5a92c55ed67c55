#include "core/journal/outbox.hpp"

#include "core/base/json.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::outbox {
namespace {

pending pending_of(db::row r) {
    pending one;
    one.id = r.number(0);
    one.at = r.time(1);
    one.kind = r.text(2);
    one.subject_kind = r.text(3);
    one.subject_id = r.number(4);
    one.applicant_id = r.number(5);
    one.institution_id = r.number(6);
    one.login_id = r.number(7);
    one.urgency = static_cast<urgency>(r.small(8));
    one.expires_at = r.maybe_time(9);
    one.facts = parse_json(r.view(10)).value_or(value::object());
    return one;
}

} // namespace

const kind* find_kind(std::string_view name) {
    const auto at = std::find_if(kinds.begin(), kinds.end(), [&](const kind& k) { return k.name == name; });
    return at == kinds.end() ? nullptr : &*at;
}

role_set staff_of(std::string_view name) {
    const kind* k = find_kind(name);
    return k == nullptr ? role_set() : k->to_staff;
}

std::int64_t append(db::write_tx& tx, const event& e) {
    const kind* k = find_kind(e.kind);
    if (k == nullptr) throw std::logic_error("no such event kind: " + std::string(e.kind));
    const std::int64_t id = tx.new_id();
    tx.exec(
        R"sql(INSERT INTO outbox (id, at, kind, subject_kind, subject_id, applicant_id, institution_id, login_id,
                    to_company, to_staff, urgency, expires_at, facts)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13))sql",
        id, tx.now(), e.kind, e.subject_kind, e.subject_id, e.applicant_id, e.institution_id, e.login_id,
        k->to_company, static_cast<std::int64_t>(k->to_staff.bits()), static_cast<int>(k->urgency),
        e.expires_at, to_json(e.facts));
    tx.exec(R"sql(INSERT INTO outbox_pending (outbox_id, urgency) VALUES ($1, $2))sql", id,
            static_cast<int>(k->urgency));
    return id;
}

std::vector<pending> list_pending(db::read_view& view, int limit) {
    std::vector<pending> all;
    for (const auto r : view.query(
             R"sql(SELECT o.id, o.at, o.kind, o.subject_kind, o.subject_id, o.applicant_id, o.institution_id,
                                           o.login_id, o.urgency, o.expires_at, o.facts
                                         FROM outbox_pending p JOIN outbox o ON o.id = p.outbox_id
                                         ORDER BY p.urgency, p.outbox_id LIMIT $1)sql",
             limit))
        all.push_back(pending_of(r));
    return all;
}

std::int64_t count_pending(db::read_view& view) {
    return view.query_number(R"sql(SELECT count(*) FROM outbox_pending)sql");
}

std::optional<pending> find(db::read_view& view, std::int64_t id) {
    return view.query_one(
        pending_of,
        R"sql(SELECT id, at, kind, subject_kind, subject_id, applicant_id, institution_id, login_id, urgency,
                                  expires_at, facts
                                FROM outbox WHERE id = $1)sql",
        id);
}

std::optional<pending> find_latest(db::read_view& view, std::string_view kind) {
    return view.query_one(
        pending_of,
        R"sql(SELECT id, at, kind, subject_kind, subject_id, applicant_id, institution_id, login_id, urgency,
                                  expires_at, facts
                                FROM (SELECT * FROM outbox ORDER BY id DESC LIMIT 5000) AS recent
                                WHERE kind = $1 ORDER BY id DESC LIMIT 1)sql",
        kind);
}

bool claim(db::write_tx& tx, std::int64_t id) {
    return tx.exec(R"sql(DELETE FROM outbox_pending WHERE outbox_id = $1)sql", id) == 1;
}

} // namespace core::outbox
