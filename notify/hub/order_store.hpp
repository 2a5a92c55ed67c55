// SQL of the order of channels.
#pragma once
#include "notify/hub/order.hpp"

namespace notify::store {

void put_order(core::db::write_tx& tx, std::string_view kind, std::string_view channels);
void drop_order(core::db::write_tx& tx, std::string_view kind);

} // namespace notify::store
