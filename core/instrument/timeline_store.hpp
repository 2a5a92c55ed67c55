// SQL of the timeline: four sources, each newest first below an id.
#pragma once
#include "core/base/value.hpp"
#include "core/instrument/timeline.hpp"

namespace core::instrument::store {

struct happened {
    std::int64_t id = 0, institution_id = 0;
    instant at;
    happening what{};
    std::string verb, note, actor_kind, actor_name, institution, order_number, certificate_no;
    value before, after;
};
// `whose`: only rows of this institution and of none; 0: all.
std::vector<happened> list_changes(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                   std::int64_t before, int limit);
std::vector<happened> list_orders(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                  std::int64_t before, int limit);
std::vector<happened> list_results(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                   std::int64_t before, int limit);
std::vector<happened> list_messages(db::read_view& view, std::int64_t instrument, std::int64_t whose,
                                    std::int64_t before, int limit);

} // namespace core::instrument::store
