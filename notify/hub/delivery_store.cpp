#include "notify/hub/delivery_store.hpp"

namespace notify {
namespace {

delivery delivery_of(core::db::row r) {
    delivery d;
    d.id = r.number(0);
    d.outbox_id = r.number(1);
    d.binding_id = r.number(2);
    d.openid = r.text(3);
    d.kind = r.text(4);
    d.client_msg_id = r.text(5);
    d.body = r.text(6);
    d.status = r.text(7);
    d.attempts = r.small(8);
    d.next_at = r.time(9);
    d.doubt_since = r.maybe_time(10);
    d.may_repeat = r.flag(11);
    d.msgid = r.number(12);
    d.errcode = r.small(13);
    d.errmsg = r.text(14);
    d.created_at = r.time(15);
    d.status_at = r.time(16);
    return d;
}

std::vector<delivery> all_of(core::db::rows found) {
    std::vector<delivery> all;
    for (const auto r : found)
        all.push_back(delivery_of(r));
    return all;
}

} // namespace

std::vector<delivery> list_deliveries(core::db::read_view& view, const delivery_filter& f,
                                      std::int64_t institution, std::int64_t after, int limit) {
    std::vector<delivery> all;
    for (
        const auto r : view.query(
            R"sql(SELECT d.id, d.outbox_id, d.binding_id, d.openid, d.kind, d.client_msg_id, d.body, d.status,
                                           d.attempts, d.next_at, d.doubt_since, d.may_repeat, d.msgid, coalesce(d.errcode, 0),
                                           d.errmsg, d.created_at, d.status_at, a.name
                                         FROM delivery d JOIN outbox o ON o.id = d.outbox_id JOIN applicant a ON a.id = o.applicant_id
                                         WHERE ($1 = '' OR d.status = $2) AND ($3 = 0 OR o.institution_id = $4)
                                           AND ($5 = 0 OR d.id < $6)
                                         ORDER BY d.id DESC LIMIT $7)sql",
            f.status, f.status, institution, institution, after, after, limit)) {
        all.push_back(delivery_of(r));
        all.back().applicant_name = r.text(17);
    }
    return all;
}

std::vector<try_row> list_tries(core::db::read_view& view, std::int64_t id) {
    std::vector<try_row> all;
    for (
        const auto r : view.query(
            R"sql(SELECT number, coalesce(errcode, 0), at, outcome, errmsg, rid FROM delivery_attempt WHERE delivery_id = $1 ORDER BY number)sql",
            id))
        all.push_back({r.small(0), r.small(1), r.time(2), r.text(3), r.text(4), r.text(5)});
    return all;
}

namespace store {

void insert(core::db::write_tx& tx, const delivery& d) {
    tx.exec(
        R"sql(INSERT INTO delivery (id, outbox_id, binding_id, openid, kind, client_msg_id, body, status, attempts, next_at,
                    may_repeat, errmsg, created_at, status_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $8, $9, '', $10, $11)
                  ON CONFLICT (outbox_id, binding_id, may_repeat) DO NOTHING)sql",
        d.id, d.outbox_id, d.binding_id, d.openid, d.kind, d.client_msg_id, d.body, d.next_at, d.may_repeat,
        tx.now(), tx.now());
}

std::optional<delivery> find(core::db::read_view& view, std::int64_t id) {
    return view.query_one(
        delivery_of,
        R"sql(SELECT id, outbox_id, binding_id, openid, kind, client_msg_id, body, status, attempts, next_at,
                                  doubt_since, may_repeat, msgid, coalesce(errcode, 0), errmsg, created_at, status_at
                                FROM delivery WHERE id = $1)sql",
        id);
}

bool requeue(core::db::write_tx& tx, std::int64_t id, std::string_view client_msg_id) {
    return tx.exec(
               R"sql(UPDATE delivery SET status = 'queued', client_msg_id = $1, next_at = $2, doubt_since = NULL, msgid = NULL,
                           status_at = $3
                         WHERE id = $4 AND status IN ('failed', 'uncertain'))sql",
               client_msg_id, tx.now(), tx.now(), id) == 1;
}

std::vector<delivery> list_due(core::db::read_view& view, core::instant now, int limit) {
    return all_of(view.query(
        R"sql(SELECT d.id, d.outbox_id, d.binding_id, d.openid, d.kind, d.client_msg_id, d.body, d.status,
                                     d.attempts, d.next_at, d.doubt_since, d.may_repeat, d.msgid, coalesce(d.errcode, 0), d.errmsg,
                                     d.created_at, d.status_at
                                   FROM delivery d
                                   WHERE d.status = 'queued' AND d.next_at <= $1
                                     AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.openid = d.openid AND e.id < d.id
                                                       AND e.status IN ('queued', 'sending'))
                                   ORDER BY d.id LIMIT $2)sql",
        now, limit));
}

std::vector<delivery> list_sending(core::db::read_view& view) {
    return all_of(view.query(
        R"sql(SELECT id, outbox_id, binding_id, openid, kind, client_msg_id, body, status, attempts, next_at,
                                     doubt_since, may_repeat, msgid, coalesce(errcode, 0), errmsg, created_at, status_at
                                   FROM delivery WHERE status = 'sending' ORDER BY id)sql"));
}

std::vector<delivery> list_silent(core::db::read_view& view, core::instant before) {
    return all_of(view.query(
        R"sql(SELECT id, outbox_id, binding_id, openid, kind, client_msg_id, body, status, attempts, next_at,
                                     doubt_since, may_repeat, msgid, coalesce(errcode, 0), errmsg, created_at, status_at
                                   FROM delivery WHERE status = 'uncertain' AND next_at <= $1 ORDER BY id LIMIT 200)sql",
        before));
}

bool claim(core::db::write_tx& tx, std::int64_t id) {
    return tx.exec(R"sql(UPDATE delivery SET status = 'sending', attempts = attempts + 1, status_at = $1
                         WHERE id = $2 AND status = 'queued')sql",
                   tx.now(), id) == 1;
}

void set_status(core::db::write_tx& tx, const delivery& d, std::string_view status) {
    const std::optional<std::int64_t> msgid = d.msgid == 0 ? std::nullopt : std::optional(d.msgid);
    const std::optional<int> errcode = d.errcode == 0 ? std::nullopt : std::optional(d.errcode);
    // A receipt may have settled it meanwhile: that stands.
    tx.exec(
        R"sql(UPDATE delivery SET status = $1, next_at = $2, doubt_since = $3, msgid = coalesce($4, msgid), errcode = $5,
                    errmsg = $6, status_at = $7
                  WHERE id = $8 AND status NOT IN ('delivered', 'blocked', 'dropped'))sql",
        status, d.next_at, d.doubt_since, msgid, errcode, d.errmsg, tx.now(), d.id);
}

void add_try(core::db::write_tx& tx, const delivery& d, std::string_view outcome, const send_result& r) {
    const std::optional<int> errcode = r.errcode == 0 ? std::nullopt : std::optional(r.errcode);
    tx.exec(R"sql(INSERT INTO delivery_attempt (delivery_id, number, at, outcome, errcode, errmsg, rid)
                  VALUES ($1, (SELECT coalesce(max(number), 0) + 1 FROM delivery_attempt WHERE delivery_id = $2), $3, $4, $5, $6, $7))sql",
            d.id, d.id, tx.now(), outcome, errcode, r.errmsg, r.rid);
}

std::optional<core::instant> next_due(core::db::read_view& view) {
    return view
        .query_one([](core::db::row r) { return r.maybe_time(0); },
                   R"sql(SELECT min(next_at) FROM delivery WHERE status IN ('queued', 'uncertain'))sql")
        .value_or(std::nullopt);
}

std::optional<delivery> find_by_msgid(core::db::read_view& view, std::int64_t msgid,
                                      std::string_view openid) {
    return view.query_one(
        delivery_of,
        R"sql(SELECT id, outbox_id, binding_id, openid, kind, client_msg_id, body, status, attempts, next_at,
                                  doubt_since, may_repeat, msgid, coalesce(errcode, 0), errmsg, created_at, status_at
                                FROM delivery WHERE msgid = $1 AND openid = $2)sql",
        msgid, openid);
}

std::optional<delivery> find_unanswered(core::db::read_view& view, std::string_view openid) {
    return view.query_one(
        delivery_of,
        R"sql(SELECT id, outbox_id, binding_id, openid, kind, client_msg_id, body, status, attempts, next_at,
                                  doubt_since, may_repeat, msgid, coalesce(errcode, 0), errmsg, created_at, status_at
                                FROM delivery WHERE openid = $1 AND msgid IS NULL AND doubt_since IS NOT NULL
                                  AND status IN ('queued', 'sending', 'uncertain') ORDER BY id LIMIT 1)sql",
        openid);
}

void keep_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid,
                  std::string_view status) {
    tx.exec(
        R"sql(INSERT INTO receipt (msgid, openid, status, at) VALUES ($1, $2, $3, $4) ON CONFLICT (openid, msgid, status) DO NOTHING)sql",
        msgid, openid, status, tx.now());
}

std::optional<std::string> take_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid) {
    auto found = tx.query_one(
        [](core::db::row r) { return r.text(0); },
        R"sql(SELECT status FROM receipt WHERE openid = $1 AND msgid = $2 ORDER BY status DESC LIMIT 1)sql",
        openid, msgid);
    if (found) tx.exec(R"sql(DELETE FROM receipt WHERE openid = $1 AND msgid = $2)sql", openid, msgid);
    return found;
}

int purge_receipts(core::db::write_tx& tx, core::instant before) {
    return tx.exec(R"sql(DELETE FROM receipt WHERE at < $1)sql", before);
}

} // namespace store
} // namespace notify
