// From outbox rows to deliveries: one to each person who is told, by the first channel that reaches them.
#pragma once
#include "core/db/database.hpp"
#include "notify/hub/audience.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/message/message.hpp"

#include <span>
#include <vector>

namespace notify {

class fanout {
  public:
    fanout(core::db::database& db, const message_book& book, std::span<channel* const> channels,
           const preferences& prefs);

    // One group of outbox rows, status changes first; how many it took.
    int run_once();
    // The next channel for a person whom `failed` did not reach. True: somebody tells them, or has; false: no
    // channel is left, which is kept for the institution to phone (unreached.hpp).
    bool fall_back(core::db::write_tx& tx, const delivery& failed);
    // At most so many parked messages of a kind, with the words in force, back into the queue; how many.
    int mend_some(core::db::write_tx& tx, std::string_view kind, int most);

  private:
    struct planned {
        core::outbox::pending event;
        std::vector<delivery> deliveries; // without ids
        bool nobody = false;              // no person of the company has an address for it
        std::string title;                // if so, for the list of unreached
    };
    void put_words(core::db::write_tx& tx, delivery& d, const channel& c) const;
    std::vector<channel*> order_of(const channel_orders& orders, std::string_view kind) const;
    planned plan(core::db::read_view& view, const channel_orders& orders, core::outbox::pending event) const;
    delivery draft(core::db::read_view& view, const core::outbox::pending& event, const channel& c,
                   const way& w) const;
    // Wanted by them, and open to them now.
    bool is_for(core::db::read_view& view, const core::outbox::pending& event, const channel& c,
                const way& w) const;
    bool insert(core::db::write_tx& tx, delivery d) const;
    bool pass_on(core::db::write_tx& tx, const delivery& failed, const core::outbox::pending& event,
                 const message_kind& words) const;

    core::db::database* db_;
    const message_book* book_;
    std::vector<channel*> channels_;
    const preferences* prefs_;
};

} // namespace notify
