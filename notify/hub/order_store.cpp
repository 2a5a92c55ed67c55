#include "notify/hub/order_store.hpp"

#include "core/base/text.hpp"

namespace notify {

channel_orders list_channel_orders(core::db::read_view& view) {
    channel_orders all;
    for (const auto r : view.query(R"sql(SELECT kind, channels FROM channel_order ORDER BY kind)sql"))
        all[r.text(0)] = core::split_words(r.view(1));
    return all;
}

namespace store {

void put_order(core::db::write_tx& tx, std::string_view kind, std::string_view channels) {
    tx.exec(R"sql(INSERT INTO channel_order (kind, channels) VALUES ($1, $2)
                  ON CONFLICT (kind) DO UPDATE SET channels = excluded.channels)sql",
            kind, channels);
}

void drop_order(core::db::write_tx& tx, std::string_view kind) {
    tx.exec(R"sql(DELETE FROM channel_order WHERE kind = $1)sql", kind);
}

} // namespace store
} // namespace notify
