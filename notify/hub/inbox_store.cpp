#include "notify/hub/inbox_store.hpp"

#include "core/base/json.hpp"

#include <algorithm>
#include <limits>

namespace notify::store {
namespace {

constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();

// The audiences of staff that this reader belongs to: the values of outbox.to_staff that a kind writes.
std::vector<std::int64_t> audiences_of(const reader& r) {
    std::vector<std::int64_t> all;
    for (const auto& k : core::outbox::kinds) {
        const std::int64_t bits = k.to_staff.bits();
        const bool new_one = std::find(all.begin(), all.end(), bits) == all.end();
        if ((k.to_staff.bits() & r.roles) != 0 && new_one) all.push_back(bits);
    }
    return all;
}

// One range: a company's events, or an institution's for one audience, addressed to all of them or to one.
struct range {
    bool of_company = false;
    std::int64_t of = 0, to_staff = 0, login_id = 0;
};
std::vector<range> ranges_of(const reader& r) {
    if (r.applicant_id != 0) return {{true, r.applicant_id, 0, r.login_id}};
    std::vector<range> all;
    for (const auto bits : audiences_of(r))
        for (const std::int64_t login : {std::int64_t{0}, r.login_id})
            all.push_back({false, r.institution_id, bits, login});
    return all;
}

core::db::rows rows_of(core::db::read_view& view, const reader& r, const range& part, std::int64_t mark,
                       std::int64_t below, int most) {
    if (part.of_company)
        return view.query(
            R"sql(SELECT o.id, o.at, o.kind, o.facts, coalesce(x.is_read, CASE WHEN o.id <= $1 THEN 1 ELSE 0 END)
                  FROM outbox o LEFT JOIN inbox_exception x ON x.login_id = $2 AND x.applicant_id = $3 AND x.outbox_id = o.id
                  WHERE o.to_company = 1 AND o.applicant_id = $4 AND o.login_id IN (0, $5) AND o.id < $6
                  ORDER BY o.id DESC LIMIT $7)sql",
            mark, r.login_id, r.applicant_id, part.of, part.login_id, below, most);
    return view.query(
        R"sql(SELECT o.id, o.at, o.kind, o.facts, coalesce(x.is_read, CASE WHEN o.id <= $1 THEN 1 ELSE 0 END)
              FROM outbox o LEFT JOIN inbox_exception x ON x.login_id = $2 AND x.applicant_id = 0 AND x.outbox_id = o.id
              WHERE o.to_staff <> 0 AND o.institution_id = $3 AND o.to_staff = $4 AND o.login_id = $5 AND o.id < $6
              ORDER BY o.id DESC LIMIT $7)sql",
        mark, r.login_id, part.of, part.to_staff, part.login_id, below, most);
}

inbox_row row_of(core::db::row r) {
    inbox_row one;
    one.event.id = r.number(0);
    one.event.at = r.time(1);
    one.event.kind = r.text(2);
    one.event.facts = core::parse_json(r.view(3)).value_or(core::value::object());
    one.is_read = r.flag(4);
    return one;
}

bool is_newer(const inbox_row& a, const inbox_row& b) {
    return a.event.id > b.event.id;
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

inbox_rows list_inbox(core::db::read_view& view, const reader& r, const wanted_fn& wanted,
                      std::int64_t before, int limit, int looked_at) {
    inbox_rows page;
    const auto below = before == 0 ? newest : before;
    const auto mark = read_to(view, r);
    std::int64_t seen_down_to = 0; // below it some range has not been looked at
    for (const auto& part : ranges_of(r)) {
        int looked = 0, taken = 0;
        for (const auto row : rows_of(view, r, part, mark, below, looked_at)) {
            ++looked;
            if (wanted(row.view(2), row.flag(4))) {
                page.rows.push_back(row_of(row));
                ++taken;
            }
            if (taken > limit || looked == looked_at) {
                seen_down_to = std::max(seen_down_to, row.number(0));
                break;
            }
        }
    }
    std::sort(page.rows.begin(), page.rows.end(), is_newer);
    std::erase_if(page.rows, [&](const inbox_row& row) { return row.event.id < seen_down_to; });
    page.next = seen_down_to;
    if (static_cast<int>(page.rows.size()) > limit) {
        page.rows.resize(static_cast<std::size_t>(limit));
        page.next = page.rows.back().event.id;
    }
    return page;
}

int count_unread(core::db::read_view& view, const reader& r, int most) {
    const auto mark = read_to(view, r);
    std::int64_t n = view.query_number(R"sql(SELECT count(*) FROM (SELECT outbox_id FROM inbox_exception
                WHERE is_read = 0 AND login_id = $1 AND applicant_id = $2 LIMIT $3) AS some)sql",
                                       r.login_id, r.applicant_id, most);
    if (r.applicant_id != 0)
        n += view.query_number(R"sql(SELECT count(*) FROM (SELECT o.id FROM outbox o
                WHERE o.to_company = 1 AND o.applicant_id = $1 AND o.id > $2 AND o.login_id IN (0, $3)
                  AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $4 AND x.applicant_id = $5
                                    AND x.outbox_id = o.id)
                LIMIT $6) AS some)sql",
                               r.applicant_id, mark, r.login_id, r.login_id, r.applicant_id, most);
    else
        for (const auto bits : audiences_of(r))
            n += view.query_number(R"sql(SELECT count(*) FROM (SELECT o.id FROM outbox o
                WHERE o.to_staff <> 0 AND o.institution_id = $1 AND o.to_staff = $2 AND o.login_id IN (0, $3) AND o.id > $4
                  AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $5 AND x.applicant_id = 0
                                    AND x.outbox_id = o.id)
                LIMIT $6) AS some)sql",
                                   r.institution_id, bits, r.login_id, mark, r.login_id, most);
    return static_cast<int>(std::min<std::int64_t>(n, most));
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
    std::optional<std::int64_t> first;
    for (const auto& part : ranges_of(r)) {
        const auto id = view.query_one(number,
                                       R"sql(SELECT o.id FROM outbox o
              WHERE o.to_staff <> 0 AND o.institution_id = $1 AND o.to_staff = $2 AND o.login_id = $3 AND o.id > $4
                AND NOT EXISTS (SELECT 1 FROM inbox_exception x WHERE x.login_id = $5 AND x.applicant_id = 0
                                  AND x.outbox_id = o.id)
              ORDER BY o.id LIMIT 1)sql",
                                       part.of, part.to_staff, part.login_id, mark, r.login_id);
        if (id && (!first || *id < *first)) first = id;
    }
    return first;
}

std::optional<inbox_row> find_in_inbox(core::db::read_view& view, const reader& r, std::int64_t id) {
    if (id <= 0 || id == newest) return std::nullopt; // an address may name any number
    const auto mark = read_to(view, r);
    for (const auto& part : ranges_of(r))
        for (const auto row : rows_of(view, r, part, mark, id + 1, 1))
            if (row.number(0) == id) return row_of(row);
    return std::nullopt;
}

std::int64_t newest_in_inbox(core::db::read_view& view, const reader& r) {
    std::int64_t id = 0;
    for (const auto& part : ranges_of(r))
        for (const auto row : rows_of(view, r, part, 0, newest, 1))
            id = std::max(id, row.number(0));
    return id;
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
