#include "wechat/mp/token_store.hpp"

namespace wechat::mp::token_store {

std::optional<kept_token> find(core::db::read_view& view, std::string_view kind) {
    auto row = view.query_one(
        [](core::db::row r) {
            return kept_token{r.blob(0), r.time(1)};
        },
        R"sql(SELECT sealed, expires_at FROM wx_token WHERE kind = $1)sql", kind);
    if (!row) return std::nullopt;
    auto plain = view.vault().open(row->token);
    if (!plain) return std::nullopt; // sealed with another key: fetch anew
    row->token = std::move(*plain);
    return row;
}

void put(core::db::write_tx& tx, std::string_view kind, const kept_token& t) {
    const std::string sealed = tx.vault().seal(t.token);
    tx.exec(R"sql(INSERT INTO wx_token (kind, sealed, fetched_at, expires_at) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (kind) DO UPDATE SET sealed = excluded.sealed, fetched_at = excluded.fetched_at,
                    expires_at = excluded.expires_at)sql",
            kind, core::db::blob_view{sealed}, tx.now(), t.expires_at);
}

} // namespace wechat::mp::token_store
