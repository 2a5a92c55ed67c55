#include "notify/hub/inbox_store.hpp"

#include "core/base/json.hpp"

#include <algorithm>
#include <limits>

namespace notify::store {
namespace {

constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();

inbox_row row_of(core::db::row r) {
    inbox_row one;
    one.event.id = r.number(0);
    one.event.at = r.time(1);
    one.event.kind = r.text(2);
    one.event.facts = core::parse_json(r.view(3)).value_or(core::value::object());
    one.is_read = r.flag(4);
    return one;
}

std::vector<inbox_row> all_of(core::db::rows found) {
    std::vector<inbox_row> all;
    for (const auto r : found)
        all.push_back(row_of(r));
    return all;
}

} // namespace

std::int64_t read_to(core::db::read_view& view, const reader& r) {
    const auto kept =
        view.query_one([](core::db::row row) { return row.number(0); },
                       R"sql(SELECT read_to FROM inbox_mark WHERE login_id = $1 AND applicant_id = $2)sql",
                       r.login_id, r.applicant_id);
    // Ids sort by time, and the account's own id was made with it.
    return kept.value_or(r.login_id);
}

std::vector<inbox_row> list_inbox(core::db::read_view& view, const reader& r, std::int64_t before,
                                  int limit) {
    const auto below = before == 0 ? newest : before;
    const auto mark = read_to(view, r);
    if (r.applicant_id != 0)
        return all_of(view.query(
            R"sql(SELECT o.id, o.at, o.kind, o.facts, coalesce(x.is_read, CASE WHEN o.id <= $1 THEN 1 ELSE 0 END)
                  FROM outbox o LEFT JOIN inbox_exception x ON x.login_id = $2 AND x.applicant_id = $3 AND x.outbox_id = o.id
                  WHERE o.to_company = 1 AND o.applicant_id = $4 AND o.login_id IN (0, $5) AND o.id < $6
                  ORDER BY o.id DESC LIMIT $7)sql",
            mark, r.login_id, r.applicant_id, r.applicant_id, r.login_id, below, limit));
    return all_of(view.query(
        R"sql(SELECT o.id, o.at, o.kind, o.facts, coalesce(x.is_read, CASE WHEN o.id <= $1 THEN 1 ELSE 0 END)
              FROM outbox o LEFT JOIN inbox_exception x ON x.login_id = $2 AND x.applicant_id = 0 AND x.outbox_id = o.id
              WHERE o.to_staff > 0 AND o.institution_id = $3 AND (o.to_staff & $4) <> 0 AND o.login_id IN (0, $5) AND o.id < $6
              ORDER BY o.id DESC LIMIT $7)sql",
        mark, r.login_id, r.institution_id, static_cast<std::int64_t>(r.roles), r.login_id, below, limit));
}

int count_unread(core::db::read_view& view, const reader& r, int most) {
    const auto mark = read_to(view, r);
    const auto above =
        r.applicant_id != 0
            ? view.query_number(
                  R"sql(SELECT count(*) FROM (SELECT o.id FROM outbox o
                          WHERE o.to_company = 1 AND o.applicant_id = $1 AND o.id > $2 AND o.login_id IN (0, $3)
                            AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $4 AND x.applicant_id = $5
                                              AND x.outbox_id = o.id)
                          LIMIT $6) AS some)sql",
                  r.applicant_id, mark, r.login_id, r.login_id, r.applicant_id, most)
            : view.query_number(
                  R"sql(SELECT count(*) FROM (SELECT o.id FROM outbox o
                          WHERE o.to_staff > 0 AND o.institution_id = $1 AND o.id > $2 AND (o.to_staff & $3) <> 0
                            AND o.login_id IN (0, $4)
                            AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $5 AND x.applicant_id = 0
                                              AND x.outbox_id = o.id)
                          LIMIT $6) AS some)sql",
                  r.institution_id, mark, static_cast<std::int64_t>(r.roles), r.login_id, r.login_id, most);
    const auto again = view.query_number(
        R"sql(SELECT count(*) FROM (SELECT outbox_id FROM inbox_exception
                WHERE is_read = 0 AND login_id = $1 AND applicant_id = $2 LIMIT $3) AS some)sql",
        r.login_id, r.applicant_id, most);
    return static_cast<int>(std::min<std::int64_t>(above + again, most));
}

std::optional<std::int64_t> first_unread(core::db::read_view& view, const reader& r) {
    const auto mark = read_to(view, r);
    const auto number = [](core::db::row row) { return row.number(0); };
    if (r.applicant_id != 0)
        return view.query_one(number,
                              R"sql(SELECT o.id FROM outbox o
                  WHERE o.to_company = 1 AND o.applicant_id = $1 AND o.id > $2 AND o.login_id IN (0, $3)
                    AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $4 AND x.applicant_id = $5
                                      AND x.outbox_id = o.id)
                  ORDER BY o.id LIMIT 1)sql",
                              r.applicant_id, mark, r.login_id, r.login_id, r.applicant_id);
    return view.query_one(number,
                          R"sql(SELECT o.id FROM outbox o
              WHERE o.to_staff > 0 AND o.institution_id = $1 AND o.id > $2 AND (o.to_staff & $3) <> 0 AND o.login_id IN (0, $4)
                AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $5 AND x.applicant_id = 0
                                  AND x.outbox_id = o.id)
              ORDER BY o.id LIMIT 1)sql",
                          r.institution_id, mark, static_cast<std::int64_t>(r.roles), r.login_id, r.login_id);
}

bool is_in_inbox(core::db::read_view& view, const reader& r, std::int64_t id) {
    const auto all = list_inbox(view, r, id + 1, 1);
    return !all.empty() && all.front().event.id == id;
}

std::int64_t newest_in_inbox(core::db::read_view& view, const reader& r) {
    const auto all = list_inbox(view, r, 0, 1);
    return all.empty() ? 0 : all.front().event.id;
}

void set_read_to(core::db::write_tx& tx, const reader& r, std::int64_t id) {
    tx.exec(R"sql(INSERT INTO inbox_mark (login_id, applicant_id, read_to) VALUES ($1, $2, $3)
                  ON CONFLICT (login_id, applicant_id) DO UPDATE SET read_to = excluded.read_to)sql",
            r.login_id, r.applicant_id, id);
    tx.exec(
        R"sql(DELETE FROM inbox_exception WHERE login_id = $1 AND applicant_id = $2 AND outbox_id <= $3 AND is_read = 1)sql",
        r.login_id, r.applicant_id, id);
}

void set_exception(core::db::write_tx& tx, const reader& r, std::int64_t id, bool is_read) {
    tx.exec(
        R"sql(INSERT INTO inbox_exception (login_id, applicant_id, outbox_id, is_read) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (login_id, applicant_id, outbox_id) DO UPDATE SET is_read = excluded.is_read)sql",
        r.login_id, r.applicant_id, id, is_read);
}

void drop_exception(core::db::write_tx& tx, const reader& r, std::int64_t id) {
    tx.exec(
        R"sql(DELETE FROM inbox_exception WHERE login_id = $1 AND applicant_id = $2 AND outbox_id = $3)sql",
        r.login_id, r.applicant_id, id);
}

void drop_unread_exceptions(core::db::write_tx& tx, const reader& r, std::int64_t up_to) {
    tx.exec(
        R"sql(DELETE FROM inbox_exception WHERE login_id = $1 AND applicant_id = $2 AND outbox_id <= $3 AND is_read = 0)sql",
        r.login_id, r.applicant_id, up_to);
}

} // namespace notify::store
