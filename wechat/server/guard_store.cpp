#include "wechat/server/guard_store.hpp"

namespace wechat::guard_store {

void touch_session(core::db::write_tx& tx, std::string_view token_hash) {
    const core::instant now = tx.now();
    tx.exec(R"sql(UPDATE session SET seen_at = $1 WHERE token_hash = $2 AND seen_at < $3)sql", now,
            token_hash, now);
}

std::optional<done_request> find_done(core::db::read_view& view, std::int64_t login, std::string_view key) {
    return view.query_one(
        [](core::db::row r) {
            return done_request{r.small(0), r.text(1), r.text(2)};
        },
        R"sql(SELECT status, location, body FROM done_request WHERE login_id = $1 AND key = $2)sql", login,
        key);
}

void add_done(core::db::write_tx& tx, std::int64_t login, std::string_view key, const done_request& done) {
    tx.exec(R"sql(
        INSERT INTO done_request (login_id, key, status, location, body, done_at)
        VALUES ($1, $2, $3, $4, $5, $6))sql",
            login, key, done.status, done.location, done.body, tx.now());
}

int purge_done(core::db::write_tx& tx, core::instant before) {
    return tx.exec(R"sql(DELETE FROM done_request WHERE done_at < $1)sql", before);
}

} // namespace wechat::guard_store
