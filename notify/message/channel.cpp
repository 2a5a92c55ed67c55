#include "notify/message/channel.hpp"

#include "core/base/log.hpp"
#include "notify/message/log_channel.hpp"

namespace notify {

std::string_view name_of(verdict v) {
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

void log_channel::send(const source& next, const sink& done) {
    while (const auto m = next()) {
        core::log::info("notify", "message not sent: WeChat is switched off",
                        core::value::object().set("kind", m->kind).set("id", m->client_msg_id));
        send_result accepted;
        accepted.result = verdict::accepted;
        done(*m, std::move(accepted));
    }
}

} // namespace notify
