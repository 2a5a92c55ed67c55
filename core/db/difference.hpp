// Compares what is kept with what the rows say, for `qiangjian db check`.
#pragma once
#include "core/db/transaction.hpp"

#include <string_view>

namespace core::db {

// Whether one of two SELECTs gives a row that the other does not. Their texts are constants of the caller's.
bool differ(read_view& view, std::string_view a, std::string_view b);

} // namespace core::db
