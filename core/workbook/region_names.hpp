// Places as workbooks write them: 广东省/广州市/白云区. Loaded once for many rows.
#pragma once
#include "core/db/transaction.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core::workbook {

class region_names {
  public:
    explicit region_names(db::read_view& view);
    std::string path_of(std::string_view code) const; // the code itself, when nobody knows it
    std::vector<std::string> list_places() const;     // where 所在地 may stop (M11), by code

  private:
    struct place {
        std::string path;
        bool is_end = true; // nothing is below it
    };
    std::map<std::string, place, std::less<>> places_;
};

} // namespace core::workbook
