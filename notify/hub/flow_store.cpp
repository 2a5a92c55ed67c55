#include "notify/hub/flow_store.hpp"

#include "core/journal/outbox.hpp"

namespace notify::store {

std::vector<channel_state> list_states(core::db::read_view& view) {
    std::vector<channel_state> all;
    for (
        const auto r : view.query(
            R"sql(SELECT channel, held, paused_until, reason, changed_at FROM channel_state ORDER BY channel)sql"))
        all.push_back({r.text(0), r.flag(1), r.maybe_time(2), r.text(3), r.time(4)});
    return all;
}

bool is_held(core::db::read_view& view, std::string_view channel) {
    return view.query_number(
               R"sql(SELECT count(*) FROM channel_state WHERE channel IN ('*', $1) AND held = 1)sql",
               channel) != 0;
}

std::optional<core::instant> released_at(core::db::read_view& view) {
    return view.query_one([](core::db::row r) { return r.time(0); },
                          R"sql(SELECT changed_at FROM channel_state WHERE channel = '*' AND held = 0)sql");
}

std::optional<core::instant> find_pause(core::db::read_view& view, std::string_view channel) {
    return view
        .query_one([](core::db::row r) { return r.maybe_time(0); },
                   R"sql(SELECT paused_until FROM channel_state WHERE channel = $1)sql", channel)
        .value_or(std::nullopt);
}

void set_held(core::db::write_tx& tx, std::string_view channel, bool held, std::string_view reason) {
    tx.exec(R"sql(INSERT INTO channel_state (channel, held, reason, changed_at) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (channel) DO UPDATE SET held = excluded.held, reason = excluded.reason,
                    changed_at = excluded.changed_at)sql",
            channel, held, reason, tx.now());
}

void set_pause(core::db::write_tx& tx, std::string_view channel, std::optional<core::instant> until,
               std::string_view reason) {
    tx.exec(
        R"sql(INSERT INTO channel_state (channel, held, paused_until, reason, changed_at) VALUES ($1, 0, $2, $3, $4)
                  ON CONFLICT (channel) DO UPDATE SET paused_until = excluded.paused_until, reason = excluded.reason,
                    changed_at = excluded.changed_at)sql",
        channel, until, reason, tx.now());
}

std::int64_t count_calls(core::db::read_view& view, std::string_view channel, core::date day,
                         std::string_view kind) {
    if (kind.empty())
        return view.query_number(
            R"sql(SELECT coalesce(sum(calls), 0) FROM channel_use WHERE channel = $1 AND day = $2)sql",
            channel, day);
    return view.query_number(
        R"sql(SELECT calls FROM channel_use WHERE channel = $1 AND day = $2 AND kind = $3)sql", channel, day,
        kind);
}

std::vector<std::string> list_channels_used(core::db::read_view& view, core::date day) {
    std::vector<std::string> all;
    for (
        const auto r : view.query(
            R"sql(SELECT channel, sum(calls) FROM channel_use WHERE day = $1 GROUP BY channel ORDER BY channel)sql",
            day))
        all.push_back(r.text(0));
    return all;
}

std::vector<std::string> list_channels_ever(core::db::read_view& view) {
    std::vector<std::string> all;
    for (const auto r : view.query(R"sql(SELECT DISTINCT channel FROM channel_use ORDER BY channel)sql"))
        all.push_back(r.text(0));
    return all;
}

std::vector<kind_use> list_kinds_used(core::db::read_view& view, core::date day) {
    std::vector<kind_use> all;
    for (
        const auto r : view.query(
            R"sql(SELECT channel, kind, calls FROM channel_use WHERE day = $1 AND calls > 0 ORDER BY channel, kind)sql",
            day))
        all.push_back({r.text(0), r.text(1), r.number(2)});
    return all;
}

std::vector<trouble_count> count_trouble(core::db::read_view& view) {
    std::vector<trouble_count> all;
    for (const auto r : view.query(
             R"sql(SELECT status, coalesce(errcode, 0), count(*) FROM delivery
                   WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked')
                   GROUP BY status, coalesce(errcode, 0) ORDER BY count(*) DESC LIMIT 100)sql"))
        all.push_back({r.text(0), r.small(1), r.number(2)});
    return all;
}

void add_calls(core::db::write_tx& tx, std::string_view channel, core::date day, std::string_view kind,
               std::int64_t n) {
    tx.exec(R"sql(INSERT INTO channel_use (channel, day, kind, calls) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (channel, day, kind) DO UPDATE SET calls = calls + excluded.calls)sql",
            channel, day, kind, n);
}

void take_back_call(core::db::write_tx& tx, std::string_view channel, core::date day, std::string_view kind) {
    tx.exec(
        R"sql(UPDATE channel_use SET calls = calls - 1 WHERE channel = $1 AND day = $2 AND kind = $3 AND calls > 0)sql",
        channel, day, kind);
}

void park(core::db::write_tx& tx, std::string_view channel, std::string_view kind, std::string_view reason) {
    tx.exec(R"sql(INSERT INTO channel_parked (channel, kind, since, reason) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (channel, kind) DO NOTHING)sql",
            channel, kind, tx.now(), reason);
}

bool unpark(core::db::write_tx& tx, std::string_view channel, std::string_view kind) {
    return tx.exec(R"sql(DELETE FROM channel_parked WHERE channel = $1 AND kind = $2)sql", channel, kind) ==
           1;
}

std::vector<std::string> list_parked_kinds(core::db::read_view& view, std::string_view channel) {
    std::vector<std::string> all;
    for (const auto r :
         view.query(R"sql(SELECT kind FROM channel_parked WHERE channel = $1 ORDER BY kind)sql", channel))
        all.push_back(r.text(0));
    return all;
}

std::vector<parked_kind> list_parked_kinds(core::db::read_view& view) {
    std::vector<parked_kind> all;
    for (const auto r : view.query(
             R"sql(SELECT channel, kind, reason, since FROM channel_parked ORDER BY channel, kind)sql"))
        all.push_back({r.text(0), r.text(1), r.text(2), r.time(3)});
    return all;
}

void put_refusal(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                 std::string_view kind, int errcode) {
    tx.exec(
        R"sql(INSERT INTO channel_refusal (channel, address, kind, at, errcode) VALUES ($1, $2, $3, $4, $5)
                  ON CONFLICT (channel, address, kind) DO UPDATE SET at = excluded.at, errcode = excluded.errcode)sql",
        channel, address, kind, tx.now(), errcode);
}

bool has_refusals(core::db::read_view& view, std::string_view channel) {
    return view.query_number(
               R"sql(SELECT count(*) FROM (SELECT 1 FROM channel_refusal WHERE channel = $1 LIMIT 1) AS one)sql",
               channel) != 0;
}

bool is_refused(core::db::read_view& view, std::string_view channel, std::string_view address,
                std::string_view kind, core::instant since) {
    return view.query_number(
               R"sql(SELECT count(*) FROM channel_refusal
                     WHERE channel = $1 AND address = $2 AND kind IN ('', $3) AND at >= $4)sql",
               channel, address, kind, since) != 0;
}

void forget_refusal(core::db::write_tx& tx, std::string_view channel, std::string_view address,
                    std::string_view kind) {
    tx.exec(R"sql(DELETE FROM channel_refusal WHERE channel = $1 AND address = $2 AND kind = $3)sql", channel,
            address, kind);
}

void forget_refusals(core::db::write_tx& tx, std::string_view channel, std::string_view address) {
    tx.exec(R"sql(DELETE FROM channel_refusal WHERE channel = $1 AND address = $2)sql", channel, address);
}

waiting count_waiting(core::db::read_view& view) {
    waiting w;
    for (const auto r : view.query(
             R"sql(SELECT status, urgency, count(*),
                    min(CASE WHEN next_at > $1 AND attempts = 0 AND urgency = 2 THEN NULL ELSE created_at END)
                  FROM delivery WHERE lane > 0 GROUP BY status, urgency)sql",
             view.now())) {
        const auto status = r.view(0);
        const auto n = r.number(2);
        if (status == "sending") w.in_flight += n;
        if (status == "uncertain") w.uncertain += n;
        if (status != "queued") continue;
        (r.small(1) == 1 ? w.status : w.reminders) += n;
        if (const auto oldest = r.maybe_time(3); oldest && (!w.oldest || *oldest < *w.oldest))
            w.oldest = oldest;
    }
    for (const auto r : view.query(
             R"sql(SELECT status, count(*) FROM delivery
                   WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked') GROUP BY status)sql")) {
        const auto status = r.view(0);
        if (status == "blocked") w.blocked = r.number(1);
        if (status == "failed") w.failed = r.number(1);
        if (status == "dead") w.dead = r.number(1);
        if (status == "parked") w.parked = r.number(1);
    }
    w.to_fan_out = core::outbox::count_pending(view);
    return w;
}

} // namespace notify::store
