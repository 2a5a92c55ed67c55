// SQL of the people whom no channel reached.
#pragma once
#include "core/journal/outbox.hpp"
#include "notify/hub/unreached.hpp"

#include <limits>

namespace notify::store {

// Kept once an event and person; `login` 0: nobody of the company has an address. Only for people of the
// event's company: staff have their pages.
void put_unreached(core::db::write_tx& tx, const core::outbox::pending& event, std::int64_t login,
                   std::int64_t delivery, std::string_view title);
// Reached after all.
void close_reached(core::db::write_tx& tx, std::int64_t outbox, std::int64_t login);
bool close(core::db::write_tx& tx, std::int64_t id, std::int64_t by, std::string_view note); // false: was
struct unreached_head {
    std::int64_t applicant_id = 0, institution_id = 0;
    bool is_open = false;
};
std::optional<unreached_head> find_unreached(core::db::read_view& view, std::int64_t id);
std::string company_of(core::db::read_view& view, std::int64_t id); // its name
// `institution` nullopt: all.
std::vector<unreached> list_unreached(core::db::read_view& view, std::optional<std::int64_t> institution,
                                      std::int64_t below, int limit);
std::vector<unreached> list_closed(core::db::read_view& view, std::optional<std::int64_t> institution,
                                   closed_key below, int limit);
std::int64_t count_unreached(core::db::read_view& view, std::optional<std::int64_t> institution = {},
                             int most = std::numeric_limits<int>::max());

} // namespace notify::store
