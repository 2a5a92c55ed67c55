#include "core/db/holders.hpp"

#include <stdexcept>

namespace core::db {

holders::holders(read_view& view, std::string_view column) {
    if (column.empty() || column.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string_view::npos)
        throw std::invalid_argument("no name of a column");
    for (const auto r : view.query(R"sql(SELECT t.name FROM pragma_table_list t, pragma_table_info(t.name) c
                                         WHERE t.schema = 'main' AND t.type = 'table' AND c.name = $1)sql",
                                   column))
        questions_.push_back("SELECT EXISTS (SELECT 1 FROM " + r.text(0) + " WHERE " + std::string(column) +
                             " = $1)");
}

bool holders::hold(read_view& view, std::string_view text) const {
    for (const auto& question : questions_)
        if (view.query_number(question, text) != 0) return true;
    return false;
}

bool is_held(read_view& view, std::string_view column, std::string_view text) {
    return holders(view, column).hold(view, text);
}

} // namespace core::db
