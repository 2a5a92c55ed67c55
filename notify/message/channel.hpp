// How a message leaves the house. The hub knows only this interface; wechat/mp implements it.
// An implementation never decides about retries: it reports what the other side said, or that nobody knows.
#pragma once
#include "core/base/value.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace notify {

// One template message, final: the same body at every try (guarantees N6).
struct outgoing {
    std::string client_msg_id; // at most 32 ASCII characters; WeChat remembers it for ten minutes
    std::string openid;
    std::string kind; // event kind; the channel knows the template id and field names
    std::string body; // JSON: {"url": "/orders/…", "data": {"thing3": "…"}} as stored with the delivery
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

struct send_result {
    verdict result = verdict::in_doubt;
    std::int64_t msgid = 0;
    int errcode = 0;    // 0 when there was no answer
    std::string errmsg; // without secrets
    std::string rid;    // WeChat's request id
};

class channel {
  public:
    virtual ~channel() = default;
    // Sends all, several at a time; calls `done(index, result)` once for each as answers come, on this
    // thread. Returns when every one has its result. No database transaction is open meanwhile.
    virtual void send(std::span<const outgoing> batch,
                      const std::function<void(std::size_t, send_result)>& done) = 0;
};

} // namespace notify
