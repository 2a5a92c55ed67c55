#include "core/announcement/announcement_store.hpp"

#include "core/account/search_store.hpp"
#include "core/base/actor.hpp"
#include "core/base/codes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>
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

namespace {

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> all;
    for (const auto r : found)
        all.push_back(r.number(0));
    return all;
}

// Whom messages of these companies reach.
void add_people(db::read_view& view, std::span<const std::int64_t> companies,
                std::unordered_set<std::string>& people) {
    constexpr std::size_t batch = 10; // a statement is asked for this many at once
    for (std::size_t at = 0; at < companies.size(); at += batch) {
        std::array<std::int64_t, batch> k{};
        std::copy_n(companies.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min(batch, companies.size() - at), k.begin());
        for (const auto r : view.query(
                 R"sql(SELECT b.openid FROM binding b LEFT JOIN follower f ON f.openid = b.openid
                       WHERE b.applicant_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AND b.unbound_at IS NULL
                         AND coalesce(f.is_following, 1) = 1)sql",
                 k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9]))
            people.insert(r.text(0));
    }
}

} // namespace

std::vector<std::int64_t> list_audience(db::read_view& view, const draft& d, std::int64_t after, int most) {
    const auto before = after == 0 ? std::numeric_limits<std::int64_t>::max() : after;
    switch (d.audience) {
    case audience::region:
        return account::store::find_in_area(view, region_prefix(d.region_code), {.status = "active"}, before,
                                            most);
    case audience::institution:
        return ids_of(view.query(
            R"sql(SELECT a.id FROM institution_client c JOIN applicant a ON a.id = c.applicant_id
                  WHERE c.institution_id = $1 AND c.applicant_id < $2 AND a.status = 'active'
                  ORDER BY c.applicant_id DESC LIMIT $3)sql",
            d.institution_id, before, most));
    case audience::all:
        break;
    }
    return ids_of(view.query(
        R"sql(SELECT id FROM applicant WHERE id < $1 AND status = 'active' ORDER BY id DESC LIMIT $2)sql",
        before, most));
}

bool is_in_audience(db::read_view& view, const draft& d, std::int64_t applicant) {
    const auto next = list_audience(view, d, applicant + 1, 1);
    return !next.empty() && next.front() == applicant;
}

audience_size count_audience(db::read_view& view, const draft& d) {
    audience_size n;
    if (d.audience == audience::institution) {
        n.companies = static_cast<std::int64_t>(list_audience(view, d, 0, most_counted + 1).size());
        n.has_more = n.companies > most_counted;
        if (n.has_more) n.companies = most_counted;
    } else {
        const std::string place(d.audience == audience::region ? region_prefix(d.region_code) : "");
        n.companies = view.query_number(
            R"sql(SELECT coalesce(sum(companies), 0) FROM applicant_tally
                  WHERE region_code >= $1 AND region_code < $2 AND status = 'active')sql",
            place, place + ":"); // follows the digits
    }
    std::unordered_set<std::string> people;
    add_people(view, list_audience(view, d, 0, most_asked), people);
    n.people = static_cast<std::int64_t>(people.size());
    n.is_estimated = n.companies > most_asked;
    if (n.is_estimated) n.people = n.people * n.companies / most_asked;
    return n;
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
