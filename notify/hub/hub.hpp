// The notification hub: turns outbox rows into deliveries, gives each channel a pump that sends them, and
// says how it stands. Guarantees N1-N20; the life of a message is in notify/README.md.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/database.hpp"
#include "notify/hub/audience.hpp"
#include "notify/hub/fanout.hpp"
#include "notify/hub/flow_store.hpp"
#include "notify/hub/pump.hpp"
#include "notify/hub/settings.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

class hub {
  public:
    // The channels in the order in which they are tried.
    hub(core::db::database& db, const message_book& book, std::vector<channel*> channels,
        hub_settings settings = {}, preferences prefs = {});

    // One round: fan out, then every channel in turn. Gives how many calls were made. Repeat until 0.
    int run_once();
    // What a killed process left in flight is in doubt: tried again at once with the same client_msg_id
    // (N11).
    void recover();
    // Recovers, then works until asked to stop; wakes when poked or when something falls due. Starts a thread
    // for the fan-out and two for each channel.
    void run(const std::stop_token& stop);
    void poke(); // new events, or messages to send again, may be there; any thread
    std::vector<pump::state> channels() const; // any thread
    // Ways (order.hpp) by which people can be told here, in the order in which they are tried; groups are
    // nobody's.
    const std::vector<std::string>& ways() const { return ways_; }
    // The template or the words of a kind were mended: its parked messages get the words in force and go,
    // under new ids, since what was refused is not sent again unchanged (N7). How many. Any thread,
    // transactions of its own.
    int mend(std::string_view kind);
    const hub_settings& settings() const { return settings_; }

  private:
    bool recover_at_last(const std::stop_token& stop);
    void run_fanout(const std::stop_token& stop);

    core::db::database* db_;
    hub_settings settings_;
    preferences prefs_;
    fanout fanout_;
    std::vector<std::string> ways_;
    std::vector<std::unique_ptr<pump>> pumps_;
    std::mutex guard_;
    std::condition_variable_any wake_;
    bool poked_ = true;
};

// ---- how it stands, for the metrics page and `hub status`; from the database, so any process may ask ----
struct hub_status {
    store::waiting waiting;
    std::int64_t unreached = 0;               // people whom no channel reached, not yet phoned
    std::vector<store::channel_state> states; // held and paused channels; '*': everything
    std::vector<store::parked_kind> parked;
    struct use {
        std::string channel;
        std::int64_t calls_today = 0;
    };
    std::vector<use> used;
    std::vector<store::kind_use> used_by_kind; // the same calls, by kind
};
hub_status status_of(core::db::read_view& view);
// What is in trouble, by state and the other side's code, most first: for the operator's command, which may
// look at all of them.
std::vector<store::trouble_count> count_errors(core::db::read_view& view);

// Nothing is sent by any channel until released; fan-out and in-site inboxes go on. For the operator, and
// after a restore (N18). The running hub notices at its next claim. Refuses conflict hub.held: since when and
// why stays as it was.
core::result<> hold(core::db::write_tx& tx, const core::actor& who, std::string_view reason);
// The same without an audit row, for `restore`: it brings the copy back as it was, journal and all.
void hold_restored(core::db::write_tx& tx);
// Ends the hold, pauses until midnight, and the parking of kinds: their messages go again.
core::result<> release(core::db::write_tx& tx, const core::actor& who);

} // namespace notify
