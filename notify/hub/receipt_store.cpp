// The receipts' part of delivery_store.hpp.
#include "notify/hub/delivery_store.hpp"

namespace notify::store {
namespace {

std::optional<delivery> found(core::db::read_view& view, std::int64_t id) {
    return id == 0 ? std::nullopt : find(view, id);
}

} // namespace

std::optional<delivery> find_by_msgid(core::db::read_view& view, std::int64_t msgid,
                                      std::string_view address) {
    return found(view, view.query_number(R"sql(SELECT id FROM delivery WHERE msgid = $1 AND address = $2)sql",
                                         msgid, address));
}

std::optional<delivery> find_accepted(core::db::read_view& view, std::string_view address,
                                      core::instant since) {
    return found(view, view.query_number(
                           R"sql(SELECT id FROM delivery
                  WHERE address = $1 AND channel = 'wechat' AND status = 'accepted' AND status_at >= $2
                  ORDER BY id DESC LIMIT 1)sql",
                           address, since));
}

std::optional<delivery> find_refused_in_doubt(core::db::read_view& view, std::string_view address,
                                              core::instant since) {
    return found(view, view.query_number(
                           R"sql(SELECT id FROM delivery
                  WHERE address = $1 AND channel = 'wechat' AND may_repeat = 1 AND msgid IS NULL
                    AND status IN ('blocked', 'failed', 'parked') AND status_at >= $2
                  ORDER BY id DESC LIMIT 1)sql",
                           address, since));
}

std::optional<delivery> find_head(core::db::read_view& view, std::string_view address) {
    return found(
        view, view.query_number(
                  R"sql(SELECT id FROM delivery WHERE channel = 'wechat' AND address = $1 AND lane = 2)sql",
                  address));
}

void keep_receipt(core::db::write_tx& tx, std::string_view address, std::int64_t msgid,
                  std::string_view status) {
    tx.exec(
        R"sql(INSERT INTO receipt (msgid, openid, status, at) VALUES ($1, $2, $3, $4)
              ON CONFLICT (openid, msgid, status) DO UPDATE SET at = excluded.at)sql",
        msgid, address, status, tx.now());
}

// Any success counts before any failure (N9).
std::optional<kept_receipt> take_receipt(core::db::write_tx& tx, std::string_view address,
                                         std::int64_t msgid) {
    auto kept = tx.query_one(
        [](core::db::row r) {
            return kept_receipt{r.number(0), r.text(1)};
        },
        R"sql(SELECT msgid, status FROM receipt WHERE openid = $1 AND msgid = $2 ORDER BY status DESC LIMIT 1)sql",
        address, msgid);
    if (kept) tx.exec(R"sql(DELETE FROM receipt WHERE openid = $1 AND msgid = $2)sql", address, msgid);
    return kept;
}

std::optional<kept_receipt> take_any_receipt(core::db::write_tx& tx, std::string_view address,
                                             core::instant since) {
    auto kept = tx.query_one(
        [](core::db::row r) {
            return kept_receipt{r.number(0), r.text(1)};
        },
        R"sql(SELECT msgid, status FROM receipt WHERE openid = $1 AND at >= $2 ORDER BY status DESC, at LIMIT 1)sql",
        address, since);
    if (kept) tx.exec(R"sql(DELETE FROM receipt WHERE openid = $1 AND msgid = $2)sql", address, kept->msgid);
    return kept;
}

int purge_receipts(core::db::write_tx& tx, core::instant before) {
    return tx.exec(R"sql(DELETE FROM receipt WHERE at < $1)sql", before);
}

} // namespace notify::store
