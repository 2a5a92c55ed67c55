// The bookkeeping of one channel: claims what may go, records what became of it, decides what nobody
// answered. Every function is one or a few transactions of its own and never waits for the network.
#pragma once
#include "core/db/database.hpp"
#include "notify/hub/audience.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/hub/fanout.hpp"
#include "notify/hub/settings.hpp"
#include "notify/message/channel.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace notify {

// A claimed delivery that has its answer, or was given back untried.
struct outcome {
    delivery sent;
    std::optional<send_result> result; // nullopt: given back
};

// What may be claimed at this moment; the pump's brakes say so.
struct allowance {
    int limit = 0;
    bool only_doubtful = false; // the breaker is open
    bool probe = false;         // and one fresh message may go to see whether it closes
};

class clerk {
  public:
    clerk(core::db::database& db, const channel& c, fanout& f, const preferences& prefs,
          const hub_settings& settings);

    // After a crash: what was in flight is in doubt, and due at once (N11).
    void recover();
    // Moves what may go now to `sending`. Each is asked again whether it may: binding, follower, refusal,
    // expiry, test mode (N5, N12, N19). Nothing while held or paused.
    std::vector<delivery> claim(const allowance& a);
    // The outcomes first and alone (N10): all in one transaction, each by itself if that fails. Gives back
    // those that could not be written: they are written later, and never sent again for it. One that breaks a
    // rule of the schema never can be: it is set aside as dead with the reason, and the channel goes on.
    std::vector<outcome> record(std::vector<outcome> all);
    // What is in doubt past the platform's memory, and what stayed without a receipt (N3, N6).
    void settle_doubts();
    // What outcomes, receipts and silence entail: people who are gone or refuse, parked kinds, the next
    // channel.
    void follow_up();
    // Called when something was followed up: other channels may have messages now. Set before the first
    // round.
    void on_passed_on(std::function<void()> f) { passed_on_ = std::move(f); }
    // The day's calls are used up: until 00:00 China time, also after a restart (N8).
    void pause(core::instant until, std::string_view reason);
    std::optional<core::instant> paused_until() const;
    std::optional<core::instant> released_at() const; // by the operator
    // When there may be something to do, without anybody telling.
    std::optional<core::instant> next_due() const;

  private:
    struct hindrances { // looked up once a claim: mostly there are none
        std::vector<std::string> parked;
        bool refusals = false;
        std::map<std::string, std::int64_t, std::less<>> taken; // of each kind, by this claim so far
    };
    bool is_unwanted(core::db::read_view& view, const delivery& d) const; // switched off since
    // nullopt: go, and d.target is known. Otherwise what the delivery becomes instead.
    std::optional<delivery> reason_not_to(core::db::write_tx& tx, delivery& d, const hindrances& h) const;
    bool claim_some(core::db::write_tx& tx, const allowance& a, std::vector<delivery>& claimed);
    std::vector<delivery> candidates(core::db::write_tx& tx, const allowance& a) const;
    std::int64_t left_today(core::db::read_view& view, core::outbox::urgency u) const;
    void record_one(core::db::write_tx& tx, const outcome& o);
    enum class written { yes, not_now, never };
    written try_record(std::span<const outcome> some);
    bool set_aside(const outcome& o); // false: not now either
    void follow_up_one(core::db::write_tx& tx, delivery d);

    core::db::database* db_;
    const channel* channel_;
    fanout* fanout_;
    const preferences* prefs_;
    const hub_settings* settings_;
    std::string name_;
    std::function<void()> passed_on_;
};

// Puts the parked messages of a kind back into the queue; how many. The operator has mended the template.
int release_kind(core::db::write_tx& tx, std::string_view channel, std::string_view kind);

} // namespace notify
