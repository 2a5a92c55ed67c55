#include "notify/hub/settle.hpp"

#include "notify/hub/retry.hpp"

#include <algorithm>

namespace notify {
namespace {

using namespace std::chrono_literals;

// Ends the doubt, if any: it is known now that the platform has or refuses it.
void end(delivery& d, std::string_view status) {
    d.status = status;
    d.doubt_since.reset();
}

void doubt(delivery& d, core::instant now, unsigned jitter, bool remembered) {
    if (!d.doubt_since) d.doubt_since = now;
    const auto wait = after_doubt(now - *d.doubt_since, jitter);
    if (!wait || !remembered) {
        d = after_memory(std::move(d));
        return;
    }
    d.status = "queued";
    d.next_at = now + *wait;
}

// Certainly not sent this time. An earlier doubtful try keeps its schedule (N6).
void wait(delivery& d, core::instant now, std::chrono::milliseconds pause, unsigned jitter) {
    d.status = "queued";
    if (!d.doubt_since) {
        d.next_at = now + pause;
        return;
    }
    const auto by_schedule = after_doubt(now - *d.doubt_since, jitter);
    if (!by_schedule) {
        d = after_memory(std::move(d));
        return;
    }
    d.next_at = now + *by_schedule;
}

follow_up follow_up_of(refusal r) {
    switch (r) {
    case refusal::kind:
        return follow_up::mark_kind;
    case refusal::all:
        return follow_up::mark_all;
    case refusal::gone:
        return follow_up::gone;
    case refusal::message:
    case refusal::unlikely:
        break;
    }
    return follow_up::fall_back;
}

} // namespace

delivery after_try(delivery d, const send_result& r, core::instant now, unsigned jitter, bool remembered) {
    d.errcode = r.errcode;
    d.errmsg = r.errmsg;
    const bool is_refusal = r.result == verdict::user_refused || r.result == verdict::data_refused ||
                            r.result == verdict::template_refused;
    // An earlier try may have been executed all the same: what follows may be seen a second time.
    if (is_refusal && d.doubt_since) d.may_repeat = true;
    switch (r.result) {
    case verdict::accepted:
        d.msgid = r.msgid;
        d.errmsg.clear();
        end(d, "accepted");
        break;
    case verdict::in_doubt:
        doubt(d, now, jitter, remembered);
        break;
    case verdict::not_sent:
        wait(d, now, after_not_sent(d.attempts, jitter), jitter);
        break;
    case verdict::user_refused:
        if (r.refused == refusal::unlikely && d.attempts <= 1) {
            wait(d, now, 60s, jitter);
            break;
        }
        end(d, "blocked");
        d.follow_up = follow_up_of(r.refused);
        break;
    case verdict::data_refused:
        end(d, "failed");
        d.follow_up = follow_up::fall_back;
        break;
    case verdict::template_refused:
        end(d, "parked");
        d.follow_up = follow_up::park;
        break;
    case verdict::quota:
        wait(d, now, next_midnight(now) - now, jitter);
        break;
    case verdict::slow_down:
        wait(d, now, slow_pause, jitter);
        break;
    case verdict::account_down:
        wait(d, now, account_pause, jitter);
        break;
    }
    return d;
}

delivery after_receipt(delivery d, std::int64_t msgid, std::string_view status) {
    if (d.status == "delivered") return d;
    if (d.msgid == 0) d.msgid = msgid;
    if (status.starts_with("success")) {
        d.errmsg.clear();
        d.errcode = 0;
        d.follow_up = follow_up::nothing;
        end(d, "delivered");
        return d;
    }
    if (is_settled(d.status) && d.status != "accepted") return d; // a second failure says nothing new
    d.errmsg = std::string(status);
    d.follow_up = follow_up::fall_back;
    end(d, status.find("block") != std::string_view::npos ? "blocked" : "failed");
    return d;
}

delivery after_memory(delivery d) {
    d.status = "uncertain";
    d.next_at = *d.doubt_since + verdict_after;
    return d;
}

delivery after_silence(delivery d, core::instant now) {
    d.errmsg = "no answer and no receipt";
    d.errcode = 0;
    if (d.urgency == core::outbox::urgency::status && !d.may_repeat) {
        d.client_msg_id = next_client_id(d);
        d.may_repeat = true;
        d.next_at = now;
        end(d, "queued");
    } else {
        d.follow_up = follow_up::fall_back;
        end(d, "dead");
    }
    return d;
}

std::string next_client_id(const delivery& d) {
    return "qj" + std::to_string(d.id) + "-" + std::to_string(d.attempts + 1);
}

bool is_settled(std::string_view s) {
    return s != "queued" && s != "sending" && s != "uncertain";
}

std::string_view delivery_word(std::string_view s) {
    if (s == "queued") return "排队";
    if (s == "sending") return "发送中";
    if (s == "accepted") return "已发送";
    if (s == "delivered") return "已送达";
    if (s == "uncertain") return "结果待定";
    if (s == "blocked") return "对方收不到"; // does not follow, or refuses
    if (s == "dropped") return "不再发送";
    if (s == "parked") return "模板停用";
    if (s == "dead") return "结果不明";
    return "失败";
}

} // namespace notify
