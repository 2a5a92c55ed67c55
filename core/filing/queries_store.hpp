// SQL of the filing work lists.
#pragma once
#include "core/filing/queries.hpp"

namespace core::filing::store {

std::vector<work_item> list_work(db::read_view& view, std::int64_t institution, const work_filter& f,
                                 work_key after, int limit);
work_counts count_work(db::read_view& view, std::int64_t institution);

struct learned_row {
    std::string city_code;
    std::int64_t catalogue_id = 0, institution_id = 0;
    int period_months = 0, times = 0;
};
std::vector<learned_row> list_learned(db::read_view& view, std::string_view model_key); // at most 500

} // namespace core::filing::store
