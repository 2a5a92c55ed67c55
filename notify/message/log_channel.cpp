#include "notify/message/log_channel.hpp"

#include "core/base/log.hpp"

namespace notify {

void log_channel::send(std::span<const outgoing> batch,
                       const std::function<void(std::size_t, send_result)>& done) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        core::log::info("notify", "message not sent: WeChat is switched off",
                        core::value::object().set("kind", batch[i].kind).set("id", batch[i].client_msg_id));
        send_result accepted;
        accepted.result = verdict::accepted;
        done(i, std::move(accepted));
    }
}

} // namespace notify
