// SQL of staff's bindings and the staff tag.
#pragma once
#include "core/account/staff_wechat.hpp"

namespace core::account::store {

std::optional<staff_binding> find_staff_binding(db::read_view& view, std::int64_t id); // open ones only

} // namespace core::account::store
