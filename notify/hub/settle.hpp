// What becomes of a delivery: pure functions from what is known to its next state. Nothing here reads or
// writes; retry.hpp has the figures. The whole table is in notify/README.md and tested as such (N6, N7).
#pragma once
#include "notify/hub/delivery.hpp"
#include "notify/message/channel.hpp"

#include <string_view>

namespace notify {

// After a try. `jitter` 0..99. `remembered`: the channel knows a client_msg_id again (channel::remembers).
delivery after_try(delivery d, const send_result& r, core::instant now, unsigned jitter,
                   bool remembered = true);
// A receipt for it: believed whenever it comes; a success is never undone (N9).
delivery after_receipt(delivery d, std::int64_t msgid, std::string_view status);
// In doubt past the platform's memory, between tries or because nobody asked: a receipt decides from now on.
delivery after_memory(delivery d);
// No receipt 30 minutes after the first doubt: a status message is repeated once, marked; a reminder is not
// (N3).
delivery after_silence(delivery d, core::instant now);

// client_msg_id of the n-th sending of a delivery that a person may see twice.
std::string next_client_id(const delivery& d);

} // namespace notify
