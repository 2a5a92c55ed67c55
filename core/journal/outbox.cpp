#include "core/journal/outbox.hpp"

#include "core/base/json.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::outbox {

std::int64_t append(db::write_tx& tx, const event& e) {
    if (std::find(kinds.begin(), kinds.end(), e.kind) == kinds.end())
        throw std::logic_error("no such event kind: " + std::string(e.kind));
    const std::int64_t id = tx.new_id();
    const std::string facts = to_json(e.facts);
    tx.exec(
        R"sql(INSERT INTO outbox (id, at, kind, subject_kind, subject_id, applicant_id, institution_id, facts)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8))sql",
        id, tx.now(), e.kind, e.subject_kind, e.subject_id, e.applicant_id, e.institution_id, facts);
    tx.exec(R"sql(INSERT INTO outbox_pending (outbox_id) VALUES ($1))sql", id);
    return id;
}

std::vector<pending> list_pending(db::read_view& view, int limit) {
    std::vector<pending> all;
    for (const auto r :
         view.query(R"sql(SELECT o.id, o.at, o.kind, o.subject_kind, o.subject_id, o.applicant_id,
                                           o.institution_id, o.facts
                                         FROM outbox_pending p JOIN outbox o ON o.id = p.outbox_id
                                         ORDER BY p.outbox_id LIMIT $1)sql",
                    limit)) {
        pending one;
        one.id = r.number(0);
        one.at = r.time(1);
        one.kind = r.text(2);
        one.subject_kind = r.text(3);
        one.subject_id = r.number(4);
        one.applicant_id = r.number(5);
        one.institution_id = r.number(6);
        one.facts = parse_json(r.view(7)).value_or(value::object());
        all.push_back(std::move(one));
    }
    return all;
}

bool claim(db::write_tx& tx, std::int64_t id) {
    return tx.exec(R"sql(DELETE FROM outbox_pending WHERE outbox_id = $1)sql", id) == 1;
}

} // namespace core::outbox
