#include "wechat/mp/callback_store.hpp"

#include <algorithm>

namespace wechat::mp::inbox {

std::string key_of_time(std::int64_t create_time) {
    const std::string digits = std::to_string(std::max<std::int64_t>(create_time, 0));
    return std::string(10 - std::min<std::size_t>(digits.size(), 10), '0') + digits;
}

bool insert(core::db::write_tx& tx, const entry& e) {
    return tx.exec_last(
               R"sql(INSERT INTO wx_inbox (key, signature, is_signed, openid, kind, state, text, reply, received_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO NOTHING)sql",
               e.key, e.signature, e.is_signed, e.openid, e.kind, e.state, e.text, e.reply, tx.now()) == 1;
}

std::optional<std::string> reply_of(core::db::read_view& view, std::string_view key) {
    return view.query_one([](core::db::row r) { return r.text(0); },
                          R"sql(SELECT reply FROM wx_inbox WHERE key = $1)sql", key);
}

bool is_of_another(core::db::read_view& view, std::string_view signature, std::string_view key) {
    return view
        .query_one(
            [](core::db::row) { return true; },
            R"sql(SELECT 1 FROM wx_inbox WHERE is_signed = 0 AND signature = $1 AND key <> $2 LIMIT 1)sql",
            signature, key)
        .value_or(false);
}

// `state <> 'done'` beside the state asked for: the words of the partial index wx_inbox_open, which has few
// rows.
std::optional<waiting_row> oldest_waiting(core::db::read_view& view) {
    return view.query_one(
        [](core::db::row r) {
            return waiting_row{r.text(0), r.text(1)};
        },
        R"sql(SELECT key, text FROM wx_inbox WHERE state <> 'done' AND state = 'waiting'
                    ORDER BY received_at, key LIMIT 1)sql");
}

void settle(core::db::write_tx& tx, std::string_view key, std::string_view reply) {
    tx.exec(
        R"sql(UPDATE wx_inbox SET state = 'done', text = '', reply = $1 WHERE key = $2 AND state = 'waiting')sql",
        reply, key);
}

void mark_failed(core::db::write_tx& tx, std::string_view key) {
    tx.exec(R"sql(UPDATE wx_inbox SET state = 'failed' WHERE key = $1 AND state = 'waiting')sql", key);
}

std::int64_t count_failed(core::db::read_view& view) {
    return view.query_number(
        R"sql(SELECT count(*) FROM wx_inbox WHERE state <> 'done' AND state = 'failed')sql");
}

int purge(core::db::write_tx& tx, core::instant before, int most) {
    return tx.exec(
        R"sql(DELETE FROM wx_inbox WHERE key IN
                (SELECT key FROM wx_inbox WHERE key < $1 AND received_at < $2 ORDER BY key LIMIT $3))sql",
        key_of_time(core::to_ms(before) / 1000), before, most);
}

} // namespace wechat::mp::inbox
