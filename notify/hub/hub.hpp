// The notification hub: a loop around run_once(). Turns outbox rows into deliveries, sends them through a
// channel, and settles what became of each. Guarantees N1-N11; the life of a message is in notify/README.md.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/database.hpp"
#include "notify/hub/delivery_store.hpp"
#include "notify/message/channel.hpp"
#include "notify/message/message.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>

namespace notify {

class hub {
  public:
    hub(core::db::database& db, const message_book& book, channel& out);

    // One round: fan out, claim, send, record. Gives how many were sent. Repeat until 0.
    int run_once();
    // What a killed process left in flight is in doubt: tried again at once with the same client_msg_id
    // (N11).
    void recover();
    // Runs rounds until asked to stop; wakes when poked or when something falls due.
    void run(const std::stop_token& stop);
    void poke(); // new work may be there; any thread
    std::optional<core::instant> paused_until() const { return paused_until_; }

  private:
    void fan_out();
    std::vector<delivery> claim_due();
    void record(const delivery& d, const send_result& r);
    void settle_silent();

    core::db::database* db_;
    const message_book* book_;
    channel* channel_;
    std::optional<core::instant> paused_until_; // breaker, quota
    std::mutex guard_;
    std::condition_variable_any wake_;
    bool poked_ = true;
};

std::string_view delivery_word(std::string_view status); // 排队 …, for the staff page
// Puts a failed or uncertain message back into the queue once, under a new client_msg_id, with an audit row
// (N17).
core::result<> resend(core::db::write_tx& tx, const core::actor& who, std::int64_t delivery);

} // namespace notify
