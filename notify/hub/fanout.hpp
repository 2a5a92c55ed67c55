// From outbox rows to deliveries: one to each person who is told, by the first channel that reaches them.
#pragma once
#include "core/db/database.hpp"
#include "notify/hub/audience.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/message/message.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
    // Where one person (0: a group) can be reached, in the kind's order of channels.
    struct person {
        std::int64_t login_id = 0;
        std::vector<std::pair<channel*, way>> reach;
    };
    void put_words(core::db::write_tx& tx, delivery& d, const channel& c) const;
    std::vector<channel*> order_of(const channel_orders& orders, std::string_view kind) const;
    // Those of them that this person wants the kind by, in their own order.
    std::vector<channel*> as_wanted(core::db::read_view& view, std::vector<channel*> order,
                                    std::int64_t login, const core::outbox::kind& kind) const;
    std::vector<person> people_of(core::db::read_view& view, const core::outbox::pending& event,
                                  const std::vector<channel*>& order) const;
    planned plan(core::db::read_view& view, const channel_orders& orders, core::outbox::pending event) const;
    // The addresses of the first channel that this person wants, has and is open to. False: they want to be
    // told, and there is none.
    bool choose(core::db::read_view& view, const core::outbox::kind& kind, const std::vector<channel*>& order,
                const person& who, std::vector<std::pair<channel*, way>>& chosen) const;
    delivery draft(core::db::read_view& view, const core::outbox::pending& event, const channel& c,
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
