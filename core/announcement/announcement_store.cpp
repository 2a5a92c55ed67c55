#include "core/announcement/announcement_store.hpp"

#include "core/base/actor.hpp"
#include "core/base/codes.hpp"

#include <limits>
#include <utility>

namespace core::announcement {
namespace {

using s = announcement_status;
constexpr code_table codes{coded{s::none, "none"},         coded{s::draft, "draft"},
                           coded{s::sending, "sending"},   coded{s::sent, "sent"},
                           coded{s::recalled, "recalled"}, coded{s::removed, "removed"}};

announcement row_of(db::row r) {
    announcement a;
    a.id = r.number(0);
    a.title = r.text(1);
    a.text = r.text(2);
    a.audience = *parse_audience(r.view(3));
    a.region_code = r.text(4);
    a.institution_id = r.number(5);
    a.by_wechat = r.flag(6);
    a.status = codes.stored(r.view(7));
    a.version = r.number(8);
    a.created_by = r.number(9);
    a.author = r.text(10);
    a.region_name = r.text(11);
    a.institution_name = r.text(12);
    a.changed_at = r.time(13);
    a.sent_at = r.maybe_time(14);
    a.finished_at = r.maybe_time(15);
    a.recalled_at = r.maybe_time(16);
    a.told = r.number(17);
    a.cursor = r.number(18);
    return a;
}

std::optional<std::string> region_of(const draft& d) {
    return d.audience == audience::region ? std::optional(d.region_code) : std::nullopt;
}

std::optional<std::int64_t> institution_of(const draft& d) {
    return d.audience == audience::institution ? std::optional(d.institution_id) : std::nullopt;
}

// Of the codes of all places of the audience; % for everywhere.
std::string place_pattern(const draft& d) {
    return d.audience == audience::region ? std::string(region_prefix(d.region_code)) + "%" : "%";
}

std::int64_t institution_or_none(const draft& d) {
    return d.audience == audience::institution ? d.institution_id : 0;
}

} // namespace

std::string_view code_of(announcement_status status) {
    return codes.code_of(status);
}

namespace store {

std::int64_t insert(db::write_tx& tx, const draft& d, std::int64_t author) {
    const auto id = tx.new_id();
    const instant now = tx.now();
    tx.exec(
        R"sql(INSERT INTO announcement (id, title, text, audience, region_code, institution_id, by_wechat, status,
                    version, created_by, created_at, changed_at, told, cursor)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', 1, $8, $9, $10, 0, 0))sql",
        id, d.title, d.text, code_of(d.audience), region_of(d), institution_of(d), d.by_wechat, author, now,
        now);
    return id;
}

bool rewrite(db::write_tx& tx, std::int64_t id, std::int64_t version, const draft& d) {
    return tx.exec(R"sql(UPDATE announcement SET title = $1, text = $2, audience = $3, region_code = $4,
                           institution_id = $5, by_wechat = $6, changed_at = $7, version = version + 1
                         WHERE id = $8 AND status = 'draft' AND version = $9)sql",
                   d.title, d.text, code_of(d.audience), region_of(d), institution_of(d), d.by_wechat,
                   tx.now(), id, version) == 1;
}

bool move(db::write_tx& tx, std::int64_t id, announcement_status from, announcement_status to) {
    const std::optional<instant> now = tx.now(), never;
    return tx.exec(R"sql(UPDATE announcement SET status = $1, version = version + 1, changed_at = $2,
                           sent_at = coalesce($3, sent_at), finished_at = coalesce($4, finished_at),
                           recalled_at = coalesce($5, recalled_at)
                         WHERE id = $6 AND status = $7)sql",
                   code_of(to), tx.now(), to == announcement_status::sending ? now : never,
                   to == announcement_status::sent ? now : never,
                   to == announcement_status::recalled ? now : never, id, code_of(from)) == 1;
}

bool remove(db::write_tx& tx, std::int64_t id, announcement_status from) {
    return tx.exec(R"sql(DELETE FROM announcement WHERE id = $1 AND status = $2)sql", id, code_of(from)) == 1;
}

std::optional<announcement> find(db::read_view& view, std::int64_t id) {
    return view.query_one(
        row_of,
        R"sql(SELECT a.id, a.title, a.text, a.audience, coalesce(a.region_code, ''), coalesce(a.institution_id, 0),
                a.by_wechat, a.status, a.version, a.created_by, l.display_name, coalesce(r.name, ''), coalesce(n.name, ''),
                a.changed_at, a.sent_at, a.finished_at, a.recalled_at, a.told, a.cursor
              FROM announcement a JOIN login l ON l.id = a.created_by LEFT JOIN region r ON r.code = a.region_code
                LEFT JOIN institution n ON n.id = a.institution_id
              WHERE a.id = $1)sql",
        id);
}

std::vector<announcement> list(db::read_view& view, std::int64_t before, int limit) {
    std::vector<announcement> all;
    for (
        const auto r : view.query(
            R"sql(SELECT a.id, a.title, a.text, a.audience, coalesce(a.region_code, ''), coalesce(a.institution_id, 0),
                     a.by_wechat, a.status, a.version, a.created_by, l.display_name, coalesce(r.name, ''),
                     coalesce(n.name, ''), a.changed_at, a.sent_at, a.finished_at, a.recalled_at, a.told, a.cursor
                   FROM announcement a JOIN login l ON l.id = a.created_by LEFT JOIN region r ON r.code = a.region_code
                     LEFT JOIN institution n ON n.id = a.institution_id
                   WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2)sql",
            before == 0 ? std::numeric_limits<std::int64_t>::max() : before, limit))
        all.push_back(row_of(r));
    return all;
}

std::optional<announcement> find_sending(db::read_view& view) {
    const auto id =
        view.query_one([](db::row r) { return r.number(0); },
                       R"sql(SELECT id FROM announcement WHERE status = 'sending' ORDER BY id LIMIT 1)sql");
    return id ? find(view, *id) : std::nullopt;
}

void advance(db::write_tx& tx, std::int64_t id, std::int64_t cursor, std::int64_t told) {
    tx.exec(R"sql(UPDATE announcement SET cursor = $1, told = $2 WHERE id = $3)sql", cursor, told, id);
}

std::vector<std::int64_t> list_audience(db::read_view& view, const draft& d, std::int64_t after, int most) {
    std::vector<std::int64_t> all;
    const auto institution = institution_or_none(d);
    for (const auto r : view.query(
             R"sql(SELECT a.id FROM applicant a
                   WHERE a.id > $1 AND a.status = 'active' AND a.region_code LIKE $2
                     AND ($3 = 0 OR a.id IN (SELECT applicant_id FROM instrument WHERE institution_id = $4
                                             UNION SELECT applicant_id FROM appointment_order WHERE institution_id = $5))
                   ORDER BY a.id LIMIT $6)sql",
             after, place_pattern(d), institution, institution, institution, most))
        all.push_back(r.number(0));
    return all;
}

bool is_in_audience(db::read_view& view, const draft& d, std::int64_t applicant) {
    const auto next = list_audience(view, d, applicant - 1, 1);
    return !next.empty() && next.front() == applicant;
}

audience_size count_audience(db::read_view& view, const draft& d) {
    const auto institution = institution_or_none(d);
    return *view.query_one(
        [](db::row r) {
            return audience_size{r.number(0), r.number(1)};
        },
        R"sql(SELECT count(DISTINCT a.id),
                count(DISTINCT CASE WHEN coalesce(f.is_following, 1) = 1 THEN b.openid END)
              FROM applicant a LEFT JOIN binding b ON b.applicant_id = a.id AND b.unbound_at IS NULL
                LEFT JOIN follower f ON f.openid = b.openid
              WHERE a.status = 'active' AND a.region_code LIKE $1
                AND ($2 = 0 OR a.id IN (SELECT applicant_id FROM instrument WHERE institution_id = $3
                                        UNION SELECT applicant_id FROM appointment_order WHERE institution_id = $4)))sql",
        place_pattern(d), institution, institution, institution);
}

bool has_staff_binding(db::read_view& view, std::int64_t login) {
    return view.query_number(
               R"sql(SELECT count(*) FROM binding WHERE login_id = $1 AND applicant_id IS NULL AND unbound_at IS NULL)sql",
               login) > 0;
}

std::optional<announcement_status> status_behind(db::read_view& view, std::int64_t outbox_id) {
    return view.query_one([](db::row r) { return codes.stored(r.view(0)); },
                          R"sql(SELECT a.status FROM outbox o JOIN announcement a ON a.id = o.subject_id
                                WHERE o.id = $1 AND o.kind = 'announcement')sql",
                          outbox_id);
}

} // namespace store
} // namespace core::announcement
