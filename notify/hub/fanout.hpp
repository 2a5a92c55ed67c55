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
    // The next channel for a person whom `failed` did not reach; nothing if there is none.
    void fall_back(core::db::write_tx& tx, const delivery& failed);

  private:
    struct planned {
        core::outbox::pending event;
        std::vector<delivery> deliveries; // without ids
    };
    std::vector<channel*> order_of(std::string_view kind) const;
    planned plan(core::db::read_view& view, core::outbox::pending event) const;
    delivery draft(core::db::read_view& view, const core::outbox::pending& event, const channel& c,
                   const way& w) const;
    void insert(core::db::write_tx& tx, delivery d) const;

    core::db::database* db_;
    const message_book* book_;
    std::vector<channel*> channels_;
    const preferences* prefs_;
};

} // namespace notify
