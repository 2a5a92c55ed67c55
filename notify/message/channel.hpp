// How a message leaves the house. The hub knows only this interface; wechat/mp implements it for WeChat.
// An implementation never decides about retries: it reports what the other side said, or that nobody knows.
#pragma once
#include "core/db/transaction.hpp"
#include "notify/message/message.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace notify {

// One message to one address, final: the same at every try (guarantees N6).
struct outgoing {
    std::int64_t delivery = 0;
    std::string client_msg_id; // at most 32 ASCII characters; WeChat remembers it for ten minutes
    std::string address;       // openid, e-mail address, telephone number
    std::string kind;          // event kind; the channel knows the template id
    std::string body;          // what compose() made at the fan-out
};

enum class verdict {
    accepted,         // done, msgid known
    not_sent,         // certainly not sent; try again later (busy, connection refused, breaker open)
    in_doubt,         // nobody knows: timeout, reset, cut or strange answer
    user_refused,     // this person cannot get it (43004 not following, 43101 refused, 48002 …)
    data_refused,     // our data are wrong (47003 …): never retried unchanged
    template_refused, // 40037: park this template
    quota,            // 45009: wait until midnight
    slow_down,        // 45011: per-minute limit
    account_down      // 40164, 40243 …: everything waits for the operator
};
inline constexpr int verdict_count = 9;
std::string_view name_of(verdict v); // accepted, not_sent …: delivery_attempt.outcome

// How far a user_refused reaches.
enum class refusal {
    message,  // only this one
    unlikely, // seen by mistake now and then: one more try, then it is believed
    kind,     // this person does not want this kind
    all,      // this person gets nothing by this channel
    gone      // this person no longer follows
};

struct send_result {
    verdict result = verdict::in_doubt;
    refusal refused = refusal::message;
    std::int64_t msgid = 0;
    int errcode = 0;    // 0 when there was no answer
    std::string errmsg; // without secrets
    std::string rid;    // WeChat's request id
};

// What a channel needs to reach somebody: notify/hub/audience.* finds it.
enum class address_kind {
    openid, // of a binding; claimed only while the binding is open and the person follows
    email,  // of a person, verified; looked up right before it is sent
    phone,  // telephone number of a person, likewise: an SMS gateway
    person, // people, whatever is known of them
    group   // one for everybody: the robot of a chat group
};

class channel {
  public:
    // The next message to send, nullopt when there is none now (send() returns once nothing is under way).
    using source = std::function<std::optional<outgoing>()>;
    using sink = std::function<void(const outgoing&, send_result)>;

    virtual ~channel() = default;
    virtual std::string_view name() const = 0; // delivery.channel: wechat, log …
    virtual address_kind needs() const { return address_kind::openid; }
    // May it carry this kind at all? WeChat: is a template id configured?
    virtual bool carries(std::string_view kind) const { return !kind.empty(); }
    // Does the other side know a client_msg_id again? If not, what is in doubt is never tried again: it would
    // be seen twice. It is uncertain at once.
    virtual bool remembers() const { return true; }
    // Does the other side tell later what became of a message?
    virtual bool has_receipts() const { return true; }
    // May something go to this address now, as far as we know? Asked at the fan-out and right before sending.
    virtual bool may_go(core::db::read_view&, std::string_view) const { return true; }
    // The body stored with every delivery of one event, so everything that is not the person's.
    virtual std::string compose(const message& m) const { return body_of(m); }
    // Keeps as many under way as it can while `next` gives any; calls `done` once for each, as answers come,
    // all on this thread. No database transaction is open meanwhile.
    virtual void send(const source& next, const sink& done) = 0;
    // `next` may have something again: a waiting send() asks it at once. Any thread.
    virtual void wake() {}
    // A waiting send() reports what is under way as in doubt and returns soon. Any thread.
    virtual void give_up() {}
    // The operator has mended what held calls back: brakes of the channel's own are lifted. Any thread.
    virtual void release() {}
};

} // namespace notify
