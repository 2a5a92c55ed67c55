#include "wechat/mp/callback_store.hpp"

namespace wechat::mp::inbox {

bool insert(core::db::write_tx& tx, const entry& e) {
    return tx.exec(R"sql(INSERT INTO wx_inbox (key, content_hash, signature, openid, kind, reply, received_at)
                         VALUES ($1, $2, $3, $4, $5, '', $6) ON CONFLICT (key) DO NOTHING)sql",
                   e.key, e.content_hash, e.signature, e.openid, e.kind, tx.now()) == 1;
}

std::string reply_of(core::db::read_view& view, std::string_view key) {
    return view
        .query_one([](core::db::row r) { return r.text(0); },
                   R"sql(SELECT reply FROM wx_inbox WHERE key = $1)sql", key)
        .value_or("");
}

void set_reply(core::db::write_tx& tx, std::string_view key, std::string_view reply) {
    tx.exec(R"sql(UPDATE wx_inbox SET reply = $1 WHERE key = $2)sql", reply, key);
}

int purge(core::db::write_tx& tx, core::instant before, int most) {
    return tx.exec(R"sql(DELETE FROM wx_inbox WHERE key IN
                           (SELECT key FROM wx_inbox WHERE received_at < $1 ORDER BY received_at LIMIT $2))sql",
                   before, most);
}

} // namespace wechat::mp::inbox
