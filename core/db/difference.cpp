#include "core/db/difference.hpp"

#include <string>

namespace core::db {
namespace {

bool has_more(read_view& view, std::string_view a, std::string_view b) {
    return view.query_number("SELECT count(*) FROM (SELECT * FROM (" + std::string(a) +
                             ") x EXCEPT SELECT * FROM (" + std::string(b) + ") y) d") != 0;
}

} // namespace

bool differ(read_view& view, std::string_view a, std::string_view b) {
    return has_more(view, a, b) || has_more(view, b, a);
}

} // namespace core::db
