#include "notify/hub/receipts.hpp"

#include "notify/hub/delivery_store.hpp"
#include "notify/hub/settle.hpp"
#include "notify/hub/unreached_store.hpp"

#include <stdexcept>

namespace notify {

bool record_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid,
                    std::string_view status) {
    // Without a number it may be the late one of a message that is known to be accepted: taken for that,
    // since the one in doubt, if it was meant, only comes to its next try and the same client_msg_id.
    const auto since = tx.now() - std::chrono::minutes(30);
    auto found =
        msgid == 0 ? store::find_accepted(tx, openid, since) : store::find_by_msgid(tx, msgid, openid);
    if (!found) {
        // One message per person is unsettled at most, so a number nobody knows belongs to the one in doubt.
        // What is on its way without doubt will tell its number itself: until then the receipt is kept. So it
        // is when one that was refused after a doubtful try may be meant as well: a guess would be no news.
        const auto head = store::find_head(tx, openid);
        const auto refused = store::find_refused_in_doubt(tx, openid, since);
        const bool head_was_tried = head && (head->doubt_since || head->status == "sending");
        if (refused && !head_was_tried)
            found = refused;
        else if (!refused && head && head->doubt_since)
            found = head;
        if (!found) {
            store::keep_receipt(tx, openid, msgid, status);
            return false;
        }
    }
    delivery next = after_receipt(*found, msgid, status);
    if (next.status == found->status && next.msgid == found->msgid) return false; // says nothing new
    if (next.status != found->status) store::add_receipt_steps(tx, *found, status);
    if (!store::save(tx, next, found->status)) throw std::logic_error("a delivery changed under its receipt");
    const bool was_given_up = is_settled(found->status) && found->status != "accepted";
    if (was_given_up && next.status == "delivered") store::close_reached(tx, next.outbox_id, next.login_id);
    return next.follow_up != follow_up::nothing;
}

int purge_receipts(core::db::write_tx& tx) {
    return store::purge_receipts(tx, tx.now() - std::chrono::minutes(30));
}

} // namespace notify
