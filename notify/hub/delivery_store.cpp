#include "notify/hub/delivery_store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace notify {
namespace {

// Column order of the table.
delivery delivery_of(core::db::row r) {
    delivery d;
    d.id = r.number(0);
    d.outbox_id = r.number(1);
    d.applicant_id = r.number(2);
    d.institution_id = r.number(3);
    d.login_id = r.number(4);
    d.binding_id = r.number(5);
    d.channel = r.text(6);
    d.address = r.text(7);
    d.kind = r.text(8);
    d.urgency = static_cast<core::outbox::urgency>(r.small(9));
    d.title = r.text(10);
    d.client_msg_id = r.text(11);
    d.body = r.text(12);
    d.status = r.text(13);
    d.lane = r.small(14);
    d.attempts = r.small(15);
    d.next_at = r.time(16);
    d.expires_at = r.maybe_time(17);
    d.doubt_since = r.maybe_time(18);
    d.may_repeat = r.flag(19);
    d.follow_up = static_cast<follow_up>(r.small(20));
    d.msgid = r.number(21);
    d.errcode = r.small(22);
    d.errmsg = r.text(23);
    d.created_at = r.time(24);
    d.status_at = r.time(25);
    return d;
}

delivery listed(core::db::row r) {
    delivery d = delivery_of(r);
    d.applicant_name = r.text(26);
    return d;
}

std::vector<delivery> all_of(core::db::rows found) {
    std::vector<delivery> all;
    for (const auto r : found)
        all.push_back(delivery_of(r));
    return all;
}

std::vector<delivery> all_listed(core::db::rows found) {
    std::vector<delivery> all;
    for (const auto r : found)
        all.push_back(listed(r));
    return all;
}

constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();

bool is_trouble(std::string_view status) {
    return status == "uncertain" || status == "blocked" || status == "failed" || status == "dead" ||
           status == "parked";
}

} // namespace

// One statement per filter, so that each is answered from an index by key.
std::vector<delivery> list_deliveries(core::db::read_view& view, const core::actor& who,
                                      const delivery_filter& f, std::int64_t before, int limit) {
    if (who.kind != core::actor_kind::staff) return {};
    const bool everything = who.roles.has(core::role::platform_admin);
    if (!everything && who.institution_id == 0) return {};
    const auto below = before == 0 ? newest : before;
    if (is_trouble(f.status))
        return all_listed(everything ? view.query(R"sql(SELECT * FROM delivery_with_names
                                   WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked')
                                     AND status = $1 AND id < $2 ORDER BY id DESC LIMIT $3)sql",
                                                  f.status, below, limit)
                                     : view.query(R"sql(SELECT * FROM delivery_with_names
                                   WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked')
                                     AND institution_id = $1 AND status = $2 AND id < $3 ORDER BY id DESC LIMIT $4)sql",
                                                  who.institution_id, f.status, below, limit));
    return all_listed(
        everything
            ? view.query(R"sql(SELECT * FROM delivery_with_names WHERE id < $1 AND ($2 = '' OR status = $3)
                               ORDER BY id DESC LIMIT $4)sql",
                         below, f.status, f.status, limit)
            : view.query(R"sql(SELECT * FROM delivery_with_names
                               WHERE institution_id = $1 AND id < $2 AND ($3 = '' OR status = $4)
                               ORDER BY id DESC LIMIT $5)sql",
                         who.institution_id, below, f.status, f.status, limit));
}

std::vector<try_row> list_tries(core::db::read_view& view, const delivery& d) {
    std::vector<try_row> all;
    for (
        const auto r : view.query(
            R"sql(SELECT number, coalesce(errcode, 0), at, outcome, errmsg, rid FROM delivery_attempt WHERE delivery_id = $1 ORDER BY number)sql",
            d.id))
        all.push_back({r.small(0), r.small(1), r.time(2), r.text(3), r.text(4), r.text(5)});
    // Accepted at once: no row of its own until a receipt comes.
    const bool has_row =
        std::any_of(all.begin(), all.end(), [](const try_row& t) { return t.outcome == "accepted"; });
    if (!has_row && d.attempts == 1 && (d.status == "accepted" || d.status == "delivered"))
        all.push_back({static_cast<int>(all.size()) + 1, 0, d.status_at, "accepted", "", ""});
    return all;
}

std::int64_t count_handed_over(core::db::read_view& view, std::string_view channel, std::string_view address,
                               core::instant since) {
    return view.query_number(
        R"sql(SELECT count(*) FROM delivery
              WHERE address = $1 AND channel = $2 AND status_at >= $3
                AND status IN ('sending', 'uncertain', 'accepted', 'delivered'))sql",
        address, channel, since);
}

namespace store {
namespace {

struct head {
    std::int64_t id = 0;
    std::string status;
    int urgency = 0;
    bool in_doubt = false;
};

std::optional<head> head_of(core::db::read_view& view, std::string_view channel, std::string_view address) {
    return view.query_one(
        [](core::db::row r) {
            return head{r.number(0), r.text(1), r.small(2), !r.is_null(3)};
        },
        R"sql(SELECT id, status, urgency, doubt_since FROM delivery WHERE channel = $1 AND address = $2 AND lane = 2)sql",
        channel, address);
}

// Where something with this urgency and id belongs now. A status change goes before a reminder that has not
// been tried, and an older one before a newer; nothing goes before what is on its way or in doubt.
int enter_lane(core::db::write_tx& tx, std::string_view channel, std::string_view address, int urgency,
               std::int64_t id) {
    const auto now = head_of(tx, channel, address);
    if (!now) return 2;
    const bool passes = now->status == "queued" && !now->in_doubt &&
                        std::pair(urgency, id) < std::pair(now->urgency, now->id);
    if (!passes) return 1;
    tx.exec(R"sql(UPDATE delivery SET lane = 1 WHERE id = $1)sql", now->id);
    return 2;
}

void let_next_go(core::db::write_tx& tx, std::string_view channel, std::string_view address) {
    const auto next = tx.query_number(
        R"sql(SELECT id FROM delivery WHERE channel = $1 AND address = $2 AND lane > 0 ORDER BY urgency, id LIMIT 1)sql",
        channel, address);
    if (next != 0) tx.exec(R"sql(UPDATE delivery SET lane = 2 WHERE id = $1)sql", next);
}

bool is_known(core::db::read_view& view, std::int64_t outbox, std::string_view channel,
              std::string_view address) {
    return view.query_number(
               R"sql(SELECT count(*) FROM delivery WHERE outbox_id = $1 AND channel = $2 AND address = $3)sql",
               outbox, channel, address) != 0;
}

bool stays_open(std::string_view status) {
    return status == "queued" || status == "sending" || status == "uncertain";
}

template<class T>
std::optional<T> unless_zero(T v) {
    return v == 0 ? std::nullopt : std::optional(v);
}

} // namespace

bool insert(core::db::write_tx& tx, delivery& d) {
    if (is_known(tx, d.outbox_id, d.channel, d.address)) return false;
    const int u = static_cast<int>(d.urgency);
    d.lane = enter_lane(tx, d.channel, d.address, u, d.id);
    d.status = "queued";
    tx.exec(
        R"sql(INSERT INTO delivery (id, outbox_id, applicant_id, institution_id, login_id, binding_id, channel, address, kind,
                    urgency, title, client_msg_id, body, status, lane, attempts, next_at, expires_at, may_repeat, follow_up,
                    errmsg, created_at, status_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued', $14, 0, $15, $16, $17, 0, '', $18, $19))sql",
        d.id, d.outbox_id, d.applicant_id, d.institution_id, unless_zero(d.login_id),
        unless_zero(d.binding_id), d.channel, d.address, d.kind, u, d.title, d.client_msg_id, d.body, d.lane,
        d.next_at, d.expires_at, d.may_repeat, tx.now(), tx.now());
    return true;
}

std::optional<delivery> find(core::db::read_view& view, std::int64_t id) {
    return view.query_one(delivery_of, R"sql(SELECT * FROM delivery WHERE id = $1)sql", id);
}

std::optional<delivery> find_with_names(core::db::read_view& view, std::int64_t id) {
    return view.query_one(listed, R"sql(SELECT * FROM delivery_with_names WHERE id = $1)sql", id);
}

std::vector<delivery> list_ready(core::db::read_view& view, std::string_view channel, core::outbox::urgency u,
                                 core::instant now, int limit) {
    return all_of(view.query(
        R"sql(SELECT * FROM delivery
                   WHERE channel = $1 AND urgency = $2 AND lane = 2 AND status = 'queued' AND next_at <= $3
                   ORDER BY next_at, id LIMIT $4)sql",
        channel, static_cast<int>(u), now, limit));
}

std::vector<delivery> list_ready_doubtful(core::db::read_view& view, std::string_view channel,
                                          core::instant now, int limit) {
    return all_of(view.query(
        R"sql(SELECT * FROM delivery
                   WHERE lane = 2 AND doubt_since IS NOT NULL AND status = 'queued' AND channel = $1 AND next_at <= $2
                   ORDER BY doubt_since LIMIT $3)sql",
        channel, now, limit));
}

std::optional<core::instant> next_due(core::db::read_view& view, std::string_view channel) {
    std::optional<core::instant> first;
    for (const int u : {1, 2}) {
        const auto due = view.query_one([](core::db::row r) { return r.maybe_time(0); },
                                        R"sql(SELECT min(next_at) FROM delivery
                                 WHERE channel = $1 AND urgency = $2 AND lane = 2 AND status = 'queued')sql",
                                        channel, u)
                             .value_or(std::nullopt);
        if (due && (!first || *due < *first)) first = due;
    }
    return first;
}

std::optional<core::instant> first_doubt(core::db::read_view& view, std::string_view channel,
                                         std::string_view status) {
    return view
        .query_one([](core::db::row r) { return r.maybe_time(0); },
                   R"sql(SELECT min(doubt_since) FROM delivery
                  WHERE lane = 2 AND doubt_since IS NOT NULL AND channel = $1 AND status = $2)sql",
                   channel, status)
        .value_or(std::nullopt);
}

bool begin_try(core::db::write_tx& tx, const delivery& d) {
    return tx.exec(R"sql(UPDATE delivery SET status = 'sending', attempts = attempts + 1, status_at = $1
                         WHERE id = $2 AND status = 'queued' AND lane = 2)sql",
                   tx.now(), d.id) == 1;
}

bool end_follow_up(core::db::write_tx& tx, std::int64_t id) {
    return tx.exec(R"sql(UPDATE delivery SET follow_up = 0 WHERE id = $1 AND follow_up > 0)sql", id) == 1;
}

bool is_told_otherwise(core::db::read_view& view, const delivery& d) {
    return view.query_number(
               R"sql(SELECT count(*) FROM delivery
                     WHERE outbox_id = $1 AND login_id = $2 AND id <> $3
                       AND status IN ('queued', 'sending', 'uncertain', 'accepted', 'delivered'))sql",
               d.outbox_id, d.login_id, d.id) != 0;
}

std::vector<std::string> list_channels_tried(core::db::read_view& view, std::int64_t outbox,
                                             std::int64_t login) {
    std::vector<std::string> all;
    for (
        const auto r : view.query(
            R"sql(SELECT DISTINCT channel FROM delivery WHERE outbox_id = $1 AND login_id = $2 ORDER BY channel)sql",
            outbox, login))
        all.push_back(r.text(0));
    return all;
}

int hurry(core::db::write_tx& tx, std::string_view channel) {
    return tx.exec(
        R"sql(UPDATE delivery SET next_at = $1
              WHERE channel = $2 AND urgency IN (1, 2) AND lane = 2 AND status = 'queued' AND next_at > $3
                AND attempts > 0 AND doubt_since IS NULL)sql",
        tx.now(), channel, tx.now());
}

bool save(core::db::write_tx& tx, delivery& d, std::string_view from) {
    struct before {
        std::string status;
        int lane = 0;
    };
    const auto was = tx.query_one(
        [](core::db::row r) {
            return before{r.text(0), r.small(1)};
        },
        R"sql(SELECT status, lane FROM delivery WHERE id = $1)sql", d.id);
    if (!was || was->status != from) return false;
    const bool open = stays_open(d.status);
    if (!open)
        d.lane = 0;
    else if (was->lane != 0)
        d.lane = was->lane;
    else
        d.lane = enter_lane(tx, d.channel, d.address, static_cast<int>(d.urgency), d.id);
    tx.exec(
        R"sql(UPDATE delivery SET status = $1, lane = $2, next_at = $3, doubt_since = $4, msgid = $5, errcode = $6,
                    errmsg = $7, follow_up = $8, client_msg_id = $9, may_repeat = $10, attempts = $11, status_at = $12
                  WHERE id = $13)sql",
        d.status, d.lane, d.next_at, d.doubt_since, unless_zero(d.msgid), unless_zero(d.errcode), d.errmsg,
        static_cast<int>(d.follow_up), d.client_msg_id, d.may_repeat, d.attempts, tx.now(), d.id);
    if (was->lane == 2 && d.lane == 0) let_next_go(tx, d.channel, d.address);
    return true;
}

bool readdress(core::db::write_tx& tx, delivery& d, std::string_view to) {
    if (is_known(tx, d.outbox_id, d.channel, to)) return false;
    const std::string from = std::exchange(d.address, std::string(to));
    const auto was = tx.query_number(R"sql(SELECT lane FROM delivery WHERE id = $1)sql", d.id);
    if (was != 0) d.lane = enter_lane(tx, d.channel, to, static_cast<int>(d.urgency), d.id);
    tx.exec(R"sql(UPDATE delivery SET address = $1, lane = $2 WHERE id = $3)sql", to, d.lane, d.id);
    if (was == 2) let_next_go(tx, d.channel, from);
    return true;
}

std::vector<astray> list_astray(core::db::read_view& view) {
    std::vector<astray> all;
    for (const auto r : view.query(
             R"sql(SELECT d.*, b.openid FROM delivery d JOIN binding b ON b.id = d.binding_id
                   WHERE d.lane > 0 AND d.status = 'queued' AND d.doubt_since IS NULL
                     AND b.unbound_at IS NULL AND b.openid <> d.address
                     AND NOT EXISTS (SELECT 1 FROM delivery h WHERE h.channel = d.channel AND h.address = d.address
                                       AND h.lane = 2 AND (h.status <> 'queued' OR h.doubt_since IS NOT NULL))
                   ORDER BY d.channel, d.address, d.urgency, d.id)sql"))
        all.push_back({delivery_of(r), r.text(26)});
    for (const auto r : view.query(
             R"sql(SELECT d.*, b.openid FROM delivery d JOIN binding b ON b.id = d.binding_id
                   WHERE d.status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') AND d.status = 'parked'
                     AND b.unbound_at IS NULL AND b.openid <> d.address ORDER BY d.id)sql"))
        all.push_back({delivery_of(r), r.text(26)});
    return all;
}

int count_astray(core::db::read_view& view) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM delivery d JOIN binding b ON b.id = d.binding_id
              WHERE d.lane > 0 AND b.unbound_at IS NULL AND b.openid <> d.address)sql"));
}

void set_words(core::db::write_tx& tx, std::int64_t id, std::string_view title, std::string_view body) {
    tx.exec(R"sql(UPDATE delivery SET title = $1, body = $2 WHERE id = $3 AND status = 'parked')sql", title,
            body, id);
}

void keep_msgid(core::db::write_tx& tx, std::int64_t id, std::int64_t msgid) {
    tx.exec(R"sql(UPDATE delivery SET msgid = $1 WHERE id = $2 AND msgid IS NULL)sql", msgid, id);
}

void add_try(core::db::write_tx& tx, const delivery& d, std::string_view outcome, const send_result& r) {
    tx.exec(R"sql(INSERT INTO delivery_attempt (delivery_id, number, at, outcome, errcode, errmsg, rid)
                  VALUES ($1, (SELECT coalesce(max(number), 0) + 1 FROM delivery_attempt WHERE delivery_id = $2), $3, $4, $5, $6, $7))sql",
            d.id, d.id, tx.now(), outcome, unless_zero(r.errcode), r.errmsg, r.rid);
}

void add_step(core::db::write_tx& tx, std::int64_t id, core::instant at, std::string_view outcome,
              std::string_view text) {
    tx.exec(R"sql(INSERT INTO delivery_attempt (delivery_id, number, at, outcome, errcode, errmsg, rid)
                  VALUES ($1, (SELECT coalesce(max(number), 0) + 1 FROM delivery_attempt WHERE delivery_id = $2), $3, $4, NULL, $5, ''))sql",
            id, id, at, outcome, text);
}

void add_receipt_steps(core::db::write_tx& tx, const delivery& d, std::string_view status) {
    if (d.status == "accepted" && d.attempts == 1) add_step(tx, d.id, d.status_at, "accepted", "");
    if (!status.starts_with("success")) add_step(tx, d.id, tx.now(), "receipt", status);
}

bool rebind(core::db::write_tx& tx, delivery& d, std::int64_t binding, std::string_view openid) {
    if (openid != d.address && !readdress(tx, d, openid)) return false;
    tx.exec(R"sql(UPDATE delivery SET binding_id = $1 WHERE id = $2)sql", binding, d.id);
    d.binding_id = binding;
    return true;
}

int recover_sending(core::db::write_tx& tx, std::string_view channel, bool remembered) {
    return tx.exec(
        R"sql(UPDATE delivery SET status = $1, doubt_since = coalesce(doubt_since, status_at), next_at = $2,
                    errmsg = 'the program ended while this was in flight', status_at = $3
                  WHERE lane = 2 AND channel = $4 AND status = 'sending')sql",
        remembered ? "queued" : "uncertain", tx.now(), tx.now(), channel);
}

std::vector<delivery> list_doubtful(core::db::read_view& view, std::string_view channel,
                                    std::string_view status, core::instant since, core::instant ahead) {
    return all_of(view.query(
        R"sql(SELECT * FROM delivery
              WHERE lane = 2 AND doubt_since IS NOT NULL AND channel = $1 AND (doubt_since <= $2 OR doubt_since > $3)
                AND status = $4
              ORDER BY doubt_since LIMIT 500)sql",
        channel, since, ahead, status));
}

bool has_astray(core::db::read_view& view, std::string_view channel, core::instant latest) {
    return view.query_number(
               R"sql(SELECT count(*) FROM (SELECT 1 FROM delivery
                     WHERE channel = $1 AND urgency IN (1, 2) AND lane = 2 AND status = 'queued' AND next_at > $2
                     LIMIT 1) AS one)sql",
               channel, latest) != 0;
}

int recall_astray(core::db::write_tx& tx, std::string_view channel, core::instant latest) {
    return tx.exec(
        R"sql(UPDATE delivery SET next_at = $1
              WHERE channel = $2 AND urgency IN (1, 2) AND lane = 2 AND status = 'queued' AND next_at > $3)sql",
        tx.now(), channel, latest);
}

std::vector<delivery> list_follow_ups(core::db::read_view& view, int limit) {
    return all_of(
        view.query(R"sql(SELECT * FROM delivery WHERE follow_up > 0 ORDER BY id LIMIT $1)sql", limit));
}

std::vector<delivery> list_parked(core::db::read_view& view, std::string_view channel, std::string_view kind,
                                  int limit) {
    return all_of(view.query(
        R"sql(SELECT * FROM delivery
                   WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') AND status = 'parked'
                     AND channel = $1 AND kind = $2 ORDER BY id LIMIT $3)sql",
        channel, kind, limit));
}

} // namespace store
} // namespace notify
