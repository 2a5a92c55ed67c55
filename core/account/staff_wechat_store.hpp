// SQL of staff's bindings and the staff tag.
#pragma once
#include "core/account/staff_wechat.hpp"

namespace core::account::store {

std::optional<staff_binding> find_staff_binding(db::read_view& view, std::int64_t id); // open ones only
std::vector<staff_binding> list_colleagues(db::read_view& view, std::int64_t institution, std::int64_t but,
                                           std::int64_t after, int limit);
std::vector<staff_binding> list_others(db::read_view& view, std::int64_t but, std::int64_t after, int limit);

} // namespace core::account::store
