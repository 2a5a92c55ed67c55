#include "notify/hub/receipts.hpp"

#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "notify/hub/delivery_store.hpp"
#include "notify/hub/hub.hpp"

namespace notify {

void record_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid,
                    std::string_view status) {
    auto found = msgid == 0 ? std::nullopt : store::find_by_msgid(tx, msgid, openid);
    // One message per person is in flight at most, so a number nobody knows belongs to the one in doubt.
    if (!found) found = store::find_unanswered(tx, openid);
    if (!found) return store::keep_receipt(tx, openid, msgid, status);
    if (found->status == "delivered") return; // a success is never undone
    delivery d = *found;
    if (d.msgid == 0) d.msgid = msgid;
    d.doubt_since.reset();
    if (status.starts_with("success")) return store::set_status(tx, d, "delivered");
    d.errmsg = std::string(status);
    store::set_status(tx, d, status.find("block") != std::string_view::npos ? "blocked" : "failed");
}

core::result<> resend(core::db::write_tx& tx, const core::actor& who, std::int64_t id) {
    auto found = store::find(tx, id);
    if (!found) return core::error(core::errc::not_found);
    if (found->status != "failed" && found->status != "uncertain")
        return core::error(core::errc::stale_state, "delivery.state");
    if (!store::requeue(tx, id, "qj" + std::to_string(tx.new_id())))
        return core::error(core::errc::stale_state, "delivery.state");
    core::audit::append(tx, who, {.verb = "resend", .subject_kind = "delivery", .subject_id = id});
    return {};
}

} // namespace notify
