// Asks the schema itself which tables keep something in a column of a name, so that a table made later is not
// forgotten.
#pragma once
#include "core/db/transaction.hpp"

namespace core::db {

// Whether a row of any table has this text in a column of this name (letters and _ only, else throws).
bool is_held(read_view& view, std::string_view column, std::string_view text);

} // namespace core::db
