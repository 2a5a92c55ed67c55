// Whether a group of the catalogue, a row or all of an upper level, holds a row, by their words: what was
// stated or filed under a name goes on meaning the same row when a later version calls it otherwise
// (domain.md 13.3).
#pragma once
#include "core/db/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::catalogue {

struct renamed_row {
    std::string was_l1, was_l2; // of an earlier version
    std::string l1, l2;         // of the row in force that it goes on as
};

class groups {
  public:
    explicit groups(db::read_view& view); // asks once
    bool any_renamed() const { return !renamed_.empty(); }
    // `group_l2` empty: all of the upper level.
    bool holds(std::string_view group_l1, std::string_view group_l2, std::string_view l1,
               std::string_view l2) const;

  private:
    struct names {
        std::string_view l1, l2;
        bool operator==(const names&) const = default;
    };
    names in_force(std::string_view l1, std::string_view l2) const;

    std::vector<renamed_row> renamed_;
};

} // namespace core::catalogue
