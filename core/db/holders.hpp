// Asks the schema itself which tables keep something in a column of a name, so that a table made later is not
// forgotten.
#pragma once
#include "core/db/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::db {

// The tables that have a column of this name (letters and _ only, else throws); asks the schema once.
class holders {
  public:
    holders(read_view& view, std::string_view column);
    // Whether a row of any of them has this text in it.
    bool hold(read_view& view, std::string_view text) const;

  private:
    std::vector<std::string> questions_; // one statement a table
};

// The same for one text.
bool is_held(read_view& view, std::string_view column, std::string_view text);

} // namespace core::db
