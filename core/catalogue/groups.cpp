#include "core/catalogue/groups.hpp"

#include "core/catalogue/version_store.hpp"

#include <algorithm>

namespace core::catalogue {

groups::groups(db::read_view& view) : renamed_(store::list_renamed(view)) {}

groups::names groups::in_force(std::string_view l1, std::string_view l2) const {
    for (const auto& r : renamed_)
        if (r.was_l1 == l1 && r.was_l2 == l2) return {r.l1, r.l2};
    return {l1, l2};
}

bool groups::holds(std::string_view group_l1, std::string_view group_l2, std::string_view l1,
                   std::string_view l2) const {
    const auto row = in_force(l1, l2);
    if (!group_l2.empty()) return in_force(group_l1, group_l2) == row;
    if (group_l1 == l1 || group_l1 == row.l1) return true;
    return std::any_of(renamed_.begin(), renamed_.end(), [&](const renamed_row& r) {
        return r.was_l1 == group_l1 && names{r.l1, r.l2} == row; // the row came from there
    });
}

} // namespace core::catalogue
