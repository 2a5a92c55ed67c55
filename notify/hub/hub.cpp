#include "notify/hub/hub.hpp"

#include "core/account/binding.hpp"
#include "core/base/ids.hpp"
#include "core/base/log.hpp"
#include "core/journal/outbox.hpp"
#include "notify/hub/receipts.hpp"
#include "notify/hub/retry.hpp"

namespace notify {
namespace {

constexpr int fan_out_batch = 100;
constexpr int send_batch = 256;

std::string client_id(std::int64_t delivery) {
    return "qj" + std::to_string(delivery);
} // ≤ 21 characters

std::string_view text_of(verdict v) {
    switch (v) {
    case verdict::accepted:
        return "accepted";
    case verdict::not_sent:
        return "not_sent";
    case verdict::in_doubt:
        return "in_doubt";
    case verdict::user_refused:
        return "user_refused";
    case verdict::data_refused:
        return "data_refused";
    case verdict::template_refused:
        return "template_refused";
    case verdict::quota:
        return "quota";
    case verdict::slow_down:
        return "slow_down";
    case verdict::account_down:
        return "account_down";
    }
    return "unknown";
}

} // namespace

hub::hub(core::db::database& db, const message_book& book, channel& out)
    : db_(&db), book_(&book), channel_(&out) {}

void hub::recover() {
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           for (auto d : store::list_sending(tx)) {
               if (!d.doubt_since) d.doubt_since = d.status_at;
               d.next_at = tx.now();
               d.errmsg = "the program ended while this was in flight";
               store::set_status(tx, d, "queued");
           }
           return {};
       })
        .value();
}

void hub::fan_out() {
    const auto pending =
        db_->read([](core::db::read_view& v) { return core::outbox::list_pending(v, fan_out_batch); });
    if (pending.empty()) return;
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           for (const auto& event : pending) {
               if (!core::outbox::claim(tx, event.id)) continue;
               const auto* kind = book_->find(event.kind);
               if (kind == nullptr) continue; // tested: every kind has a message
               for (const auto& b : core::account::list_by_applicant(tx, event.applicant_id)) {
                   delivery d;
                   d.id = tx.new_id();
                   d.outbox_id = event.id;
                   d.binding_id = b.id;
                   d.openid = b.openid;
                   d.kind = event.kind;
                   d.client_msg_id = client_id(d.id);
                   d.body = book_->body_of(*kind, event.facts);
                   d.next_at = tx.now();
                   store::insert(tx, d);
               }
           }
           return {};
       })
        .value();
}

std::vector<delivery> hub::claim_due() {
    const auto now = db_->time().now();
    if (paused_until_ && now < *paused_until_) return {};
    paused_until_.reset();
    const auto due = db_->read([&](core::db::read_view& v) { return store::list_due(v, now, send_batch); });
    if (due.empty()) return {};
    std::vector<delivery> claimed;
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           for (auto d : due) {
               const bool wanted =
                   core::account::is_open(tx, d.binding_id) && core::account::may_follow(tx, d.openid); // N5
               if (!wanted) {
                   d.errmsg = "unbound or not following";
                   store::set_status(tx, d, "dropped");
               } else if (store::claim(tx, d.id)) {
                   ++d.attempts;
                   claimed.push_back(std::move(d));
               }
           }
           return {};
       })
        .value();
    return claimed;
}

int hub::run_once() {
    fan_out();
    settle_silent();
    const auto batch = claim_due();
    if (batch.empty()) return 0;
    std::vector<outgoing> messages;
    messages.reserve(batch.size());
    for (const auto& d : batch)
        messages.push_back({d.client_msg_id, d.openid, d.kind, d.body});
    channel_->send(messages, [&](std::size_t i, send_result r) { record(batch[i], r); });
    return static_cast<int>(batch.size());
}

// The outcome first and alone, in its own transaction (N10).
void hub::record(const delivery& sent, const send_result& r) {
    const auto jitter = core::random_below(100);
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           delivery d = sent;
           const auto now = tx.now();
           d.errcode = r.errcode;
           d.errmsg = r.errmsg;
           d.next_at = now;
           store::add_try(tx, d, text_of(r.result), r);
           switch (r.result) {
           case verdict::accepted:
               d.msgid = r.msgid;
               d.doubt_since.reset();
               d.errmsg.clear();
               store::set_status(tx, d, "accepted");
               if (const auto early = store::take_receipt(tx, d.openid, d.msgid))
                   record_receipt(tx, d.openid, d.msgid, *early);
               break;
           case verdict::in_doubt: {
               if (!d.doubt_since) d.doubt_since = now;
               const auto wait = after_doubt(now - *d.doubt_since);
               d.next_at = wait ? now + *wait : *d.doubt_since + verdict_after;
               store::set_status(tx, d, wait ? "queued" : "uncertain");
               break;
           }
           case verdict::not_sent:
               d.next_at = now + after_not_sent(d.attempts, jitter);
               if (d.doubt_since && d.next_at > *d.doubt_since + std::chrono::minutes(9)) {
                   d.next_at =
                       *d.doubt_since + verdict_after; // past WeChat's memory: only a receipt may decide now
                   store::set_status(tx, d, "uncertain");
               } else {
                   store::set_status(tx, d, "queued");
               }
               break;
           case verdict::user_refused:
               store::set_status(tx, d, "blocked");
               if (r.errcode == 43004) core::account::record_unfollow(tx, d.openid); // N7
               break;
           case verdict::data_refused:
           case verdict::template_refused:
               store::set_status(tx, d, "failed");
               break;
           case verdict::quota:
           case verdict::slow_down:
           case verdict::account_down:
               store::set_status(tx, d, "queued");
               break;
           }
           return {};
       })
        .value();
    const auto now = db_->time().now();
    if (r.result == verdict::quota) paused_until_ = next_midnight(now);
    if (r.result == verdict::slow_down) paused_until_ = now + slow_down;
    if (r.result == verdict::account_down) paused_until_ = now + breaker;
    if (r.result == verdict::data_refused || r.result == verdict::template_refused)
        core::log::error("notify", "WeChat refuses a message for good",
                         core::value::object()
                             .set("delivery", sent.client_msg_id)
                             .set("errcode", r.errcode)
                             .set("why", r.errmsg));
}

// No receipt thirty minutes after the first doubt: a status message is repeated once, marked (N3).
void hub::settle_silent() {
    const auto now = db_->time().now();
    const auto silent = db_->read([&](core::db::read_view& v) { return store::list_silent(v, now); });
    if (silent.empty()) return;
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           for (auto d : silent) {
               const auto original = d;
               d.errmsg = "no answer and no receipt";
               store::set_status(tx, d, "failed");
               if (original.may_repeat) continue;
               delivery again = original;
               again.id = tx.new_id();
               again.client_msg_id = client_id(again.id);
               again.may_repeat = true;
               again.next_at = tx.now();
               store::insert(tx, again);
           }
           return {};
       })
        .value();
}

void hub::poke() {
    {
        const std::lock_guard<std::mutex> hold(guard_);
        poked_ = true;
    }
    wake_.notify_one();
}

void hub::run(const std::stop_token& stop) {
    recover();
    while (!stop.stop_requested()) {
        try {
            while (!stop.stop_requested() && run_once() > 0) {
            }
        } catch (const std::exception& e) {
            core::log::error("notify", "a round of the hub failed",
                             core::value::object().set("why", e.what()));
        }
        const auto due = db_->read([](core::db::read_view& v) { return store::next_due(v); });
        const auto now = db_->time().now();
        auto wait = std::chrono::milliseconds(std::chrono::seconds(30));
        if (due)
            wait = std::min(wait,
                            std::max<std::chrono::milliseconds>(*due - now, std::chrono::milliseconds(200)));
        std::unique_lock<std::mutex> hold(guard_);
        wake_.wait_for(hold, stop, wait, [&] { return poked_; });
        poked_ = false;
    }
}

std::string_view delivery_word(std::string_view s) {
    if (s == "queued") return "排队";
    if (s == "sending") return "发送中";
    if (s == "accepted") return "已发送";
    if (s == "delivered") return "已送达";
    if (s == "uncertain") return "未确认";
    if (s == "blocked") return "用户拒收";
    if (s == "dropped") return "不再发送";
    return "失败";
}

} // namespace notify
